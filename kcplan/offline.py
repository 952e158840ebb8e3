"""What can be said of a configuration without a server."""

from collections.abc import Callable, Container, Mapping

from attrs import field

from kcplan.address import Address
from kcplan.agreeing import agreed
from kcplan.classes import frozen
from kcplan.config.model import Config
from kcplan.diagnostics import Diagnostic, has_errors
from kcplan.features import missing_offline
from kcplan.graph import build_graph
from kcplan.offered import Seen
from kcplan.references import circles, clashes, unknown_offline, unmet
from kcplan.resource import Registry, Resource
from kcplan.risk import Risk, Silenced
from kcplan.unknown_names import unknown_offline as unknown_names


@frozen
class Validation:
    """What was found in the files.

    Attributes:
        diagnostics: What is wrong, or to be said.
        risks: What is risky.
        silenced: What kcplan.toml says not to name.
        resources: What the files declare; nothing where they are wrong.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    risks: tuple[Risk, ...] = ()
    silenced: tuple[Silenced, ...] = ()
    resources: Mapping[Address, Resource] = field(factory=dict)

    @property
    def valid(self) -> bool:
        """Whether the files can be applied, as far as the files alone can tell."""
        return not has_errors(self.diagnostics)


def offline_diagnostics(
    config: Config,
    registry: Registry,
    known: Callable[[], Container[Address]] = frozenset,
    seen: Seen | None = None,
) -> tuple[Diagnostic, ...]:
    """All findings: of the files themselves, of their references, of what they need.

    Args:
        config: What the files say.
        registry: The resource types.
        known: Gives the addresses of what the state says is there.
        seen: What the server offered when it was asked last; None where nobody knows.
    """
    graph = build_graph(config.resources, registry)
    return (
        *config.diagnostics,
        *circles(graph),
        *clashes(config.resources, registry),
        *unknown_offline(config.resources, graph, registry),
        *unmet(config.resources, registry, None, known),
        *agreed(config.resources, registry, None).diagnostics,
        *unknown_names(config.resources.values(), registry, seen),
        *missing_offline(config.resources.values(), registry, seen),
    )
