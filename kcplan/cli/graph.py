"""`kcplan graph`: what needs what, who can exchange tokens for whom, who may administer whom."""

from typing import TYPE_CHECKING, Any

import click

from kcplan.cli.command import Command
from kcplan.cli.options import connection_options, format_option, paths_argument, state_options
from kcplan.errors import UsageError

if TYPE_CHECKING:
    from kcplan.cli.session import Session
    from kcplan.config.model import Config
    from kcplan.render.diagram import Diagram


@click.command(
    cls=Command,
    examples=[
        ("kcplan graph --token-exchange", "who can exchange tokens for whom"),
        ("kcplan graph --format svg >graph.svg", "dependencies, as a picture"),
    ],
)
@paths_argument
@click.option(
    "--token-exchange",
    is_flag=True,
    help="Show who can exchange tokens for whom, read from the live realm.",
)
@click.option(
    "--admin",
    is_flag=True,
    help="Show who may do what to whom by the admin permissions of the files.",
)
@format_option("mermaid", "dot", "svg", "html")
@state_options
@connection_options
def graph(paths: tuple[str, ...], output: str, **values: Any) -> None:
    """Draw the dependencies of the files' resources.

    With --token-exchange, draw what the live realms allow: whose tokens a client can exchange, and
    for whom. What no permission of the files declares is highlighted.

    With --admin, draw who may do what to whom in the Admin API by `permissions.admin`.
    """
    from kcplan.cli.printing import emit
    from kcplan.cli.session import Session
    from kcplan.views import diagrams

    session = Session(values)
    config = session.config(paths)
    if values["token_exchange"] and values["admin"]:
        raise UsageError("--admin and --token-exchange are two graphs", "Ask for one at a time.")
    drawn = _admin if values["admin"] else _resources
    if values["token_exchange"]:
        drawn = _token_exchange
    diagram = drawn(session, config)
    emit(diagrams.view(output)(diagrams.Drawn(diagram, _picture(diagram, output))))


def _picture(diagram: "Diagram", output: str) -> str:
    """The SVG of a diagram, where the format has one; empty for a page that must do without."""
    from kcplan.cli import graphviz
    from kcplan.render import drawing
    from kcplan.render.diagram import dot

    if output not in {"svg", "html"}:
        return ""
    if graphviz.is_installed():
        return graphviz.svg(dot(diagram))
    if len(diagram.nodes) <= drawing.LARGE:
        return drawing.svg(diagram)
    if output == "html":
        return ""
    raise UsageError(
        f"{len(diagram.nodes)} boxes are for Graphviz to lay out, and it is not installed",
        "Install Graphviz, so that `dot` is on the PATH. Or print the graph with `--format dot`, "
        "and have it drawn where Graphviz is: `dot -Tsvg`.",
    )


def _resources(session: "Session", config: "Config") -> "Diagram":
    from kcplan.render.needs import needs_diagram
    from kcplan.state import State
    from kcplan_keycloak.token_exchange.preparing import prepare

    return needs_diagram(prepare(config, State("")).config.resources, session.registry)


def _token_exchange(session: "Session", config: "Config") -> "Diagram":
    from kcplan_keycloak.token_exchange.declaration import declared
    from kcplan_keycloak.token_exchange.graph import diagram_of
    from kcplan_keycloak.token_exchange.reading import read_realm

    permissions = declared(config).permissions
    with session.api() as api:
        realms = [read_realm(api, name) for name in sorted(config.realms)]
    return diagram_of([realm for realm in realms if realm is not None], permissions)


def _admin(_: "Session", config: "Config") -> "Diagram":
    from kcplan_keycloak.admin_proof.declaration import permissions_of
    from kcplan_keycloak.admin_proof.graph import diagram

    return diagram(permissions_of(config.resources))
