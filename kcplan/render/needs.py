"""Which resources need which, as a diagram."""

from collections.abc import Mapping

from kcplan.address import Address
from kcplan.graph import build_graph
from kcplan.render.diagram import Diagram, Edge
from kcplan.resource import Registry, Resource


def needs_diagram(resources: Mapping[Address, Resource], registry: Registry) -> Diagram:
    """The resources in the order of their types, with an arrow to each from what it needs."""
    graph = build_graph(resources, registry)
    order = sorted(resources.values(), key=lambda item: (registry[item.type].rank, item.address))
    nodes = {str(item.address): f"{item.type} {item.address.name}" for item in order}
    edges = [
        Edge(str(needed), str(item.address))
        for item in order
        for needed in sorted(graph.needs(item.address))
    ]
    legend = ("An arrow points from a resource to what needs it.",)
    return Diagram("Resources", nodes, edges, legend)
