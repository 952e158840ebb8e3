"""What can be said of a configuration without a server."""

from kcplan.config.model import Config
from kcplan.diagnostics import Diagnostic
from kcplan.graph import build_graph
from kcplan.references import circles, clashes, unknown_offline, unmet
from kcplan.resource import Registry


def offline_diagnostics(config: Config, registry: Registry) -> tuple[Diagnostic, ...]:
    """All findings: of the files themselves, of their references, of what they need."""
    graph = build_graph(config.resources, registry)
    return (
        *config.diagnostics,
        *circles(graph),
        *clashes(config.resources, registry),
        *unknown_offline(config.resources, graph, registry),
        *unmet(config.resources, registry, None),
    )
