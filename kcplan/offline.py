"""What can be said of a configuration without a server."""

from collections.abc import Callable, Container

from attrs import frozen

from kcplan.address import Address
from kcplan.agreeing import agreed
from kcplan.config.model import Config
from kcplan.diagnostics import Diagnostic, has_errors
from kcplan.graph import build_graph
from kcplan.references import circles, clashes, unknown_offline, unmet
from kcplan.resource import Registry


@frozen
class Validation:
    """What was found in the files."""

    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether the files can be applied, as far as the files alone can tell."""
        return not has_errors(self.diagnostics)


def offline_diagnostics(
    config: Config, registry: Registry, known: Callable[[], Container[Address]] = frozenset
) -> tuple[Diagnostic, ...]:
    """All findings: of the files themselves, of their references, of what they need.

    `known` gives the addresses of what the state says is there.
    """
    graph = build_graph(config.resources, registry)
    return (
        *config.diagnostics,
        *circles(graph),
        *clashes(config.resources, registry),
        *unknown_offline(config.resources, graph, registry),
        *unmet(config.resources, registry, None, known),
        *agreed(config.resources, registry, None).diagnostics,
    )
