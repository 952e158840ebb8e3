"""`kcplan graph`: the resources and what they need, or who can exchange tokens for whom."""

from typing import TYPE_CHECKING, Any

import click

from kcplan.cli.options import connection_options, format_option, paths_argument, state_options

if TYPE_CHECKING:
    from kcplan.cli.session import Session
    from kcplan.config.model import Config
    from kcplan.render.diagram import Diagram


@click.command()
@paths_argument
@click.option(
    "--token-exchange",
    is_flag=True,
    help="Show who can exchange tokens for whom, read from the live realm.",
)
@format_option("mermaid", "dot", "svg", "html")
@state_options
@connection_options
def graph(paths: tuple[str, ...], output: str, **values: Any) -> None:
    """Draw the graph of the files' resources: who needs whom.

    With --token-exchange, draw what the live realms allow: whose tokens a client can exchange, and
    for whom. What no permission of the files declares stands out.
    """
    from kcplan.cli.session import Session

    session = Session(values)
    config = session.config(paths)
    if values["token_exchange"]:
        diagram = _token_exchange(session, config)
    else:
        diagram = _resources(session, config)
    click.echo(_rendered(diagram, output), nl=False)


def _resources(session: "Session", config: "Config") -> "Diagram":
    from kcplan.graph import build_graph
    from kcplan.render.diagram import Diagram, Edge
    from kcplan.state import State
    from kcplan_keycloak.token_exchange.preparing import prepare

    resources = prepare(config, State("")).config.resources
    found = build_graph(resources, session.registry)
    order = sorted(
        resources.values(), key=lambda item: (session.registry[item.type].rank, item.address)
    )
    nodes = {str(item.address): f"{item.type} {item.address.name}" for item in order}
    edges = [
        Edge(str(needed), str(item.address))
        for item in order
        for needed in sorted(found.needs(item.address))
    ]
    legend = ("An arrow goes from what is needed to what needs it.",)
    return Diagram("Resources", nodes, edges, legend)


def _token_exchange(session: "Session", config: "Config") -> "Diagram":
    from kcplan.errors import UsageError
    from kcplan_keycloak.token_exchange.declaration import declared
    from kcplan_keycloak.token_exchange.graph import diagram
    from kcplan_keycloak.token_exchange.reading import read_realm

    permissions = declared(config).permissions
    with session.api() as api:
        realms = [read_realm(api, name) for name in sorted(config.realms)]
    diagrams = [diagram(realm, permissions) for realm in realms if realm is not None]
    if not diagrams:
        raise UsageError(
            "none of the realms of the files exists in Keycloak", "Apply the files first."
        )
    return diagrams[0] if len(diagrams) == 1 else _together(diagrams)


def _together(diagrams: "list[Diagram]") -> "Diagram":
    """Several realms in one diagram: each client under its realm's name."""
    from attrs import evolve

    from kcplan.render.diagram import Diagram

    nodes: dict[str, str] = {}
    edges = []
    for item in diagrams:
        realm = item.title.rsplit(" ", 1)[-1]
        nodes |= {f"{realm}/{name}": f"{realm}/{text}" for name, text in item.nodes.items()}
        edges += [
            evolve(edge, start=f"{realm}/{edge.start}", end=f"{realm}/{edge.end}")
            for edge in item.edges
        ]
    return Diagram("Token exchange", nodes, edges, diagrams[0].legend)


def _rendered(diagram: "Diagram", output: str) -> str:
    from kcplan.render import diagram as plain
    from kcplan.render import drawing

    formats = {
        "mermaid": plain.mermaid,
        "dot": plain.dot,
        "svg": drawing.svg,
        "html": drawing.html,
    }
    return formats[output](diagram)
