"""`kcplan state`: the resources that the state knows."""

from typing import Any

import click

from kcplan.cli import completing
from kcplan.cli.command import Command
from kcplan.cli.options import format_option, no_color_option, state_options, use_color


@click.group()
def state() -> None:
    """List, show, forget and rename the resources of the state. Keycloak is not touched."""


@state.command(
    "list",
    cls=Command,
    examples=[
        ("kcplan state list", "all"),
        ("kcplan state list 'shop/clients/*'", "the clients of a realm"),
    ],
)
@click.argument("patterns", nargs=-1, metavar="[ADDRESS]...", shell_complete=completing.addresses)
@format_option("text", "json")
@state_options
def list_resources(patterns: tuple[str, ...], output: str, **values: Any) -> int:
    """List the addresses, or those that match a glob."""
    from kcplan.address import matches_any
    from kcplan.cli.printing import emit
    from kcplan.cli.session import Session
    from kcplan.views import states

    known = sorted(Session(values).load_state().resources)
    chosen = [address for address in known if not patterns or matches_any(address, patterns)]
    emit(states.list_view(output)(chosen))
    return 0


@state.command(
    "show",
    cls=Command,
    examples=[
        ("kcplan state show shop/clients/orders", "what the state knows of a client"),
        ("kcplan state show shop --format json", "for programs"),
    ],
)
@click.argument("address", shell_complete=completing.addresses)
@format_option("text", "json")
@no_color_option
@state_options
def show_resource(address: str, output: str, **values: Any) -> int:
    """Show what the state knows of one resource."""
    from kcplan.cli.printing import emit
    from kcplan.cli.session import Session
    from kcplan.state_edits import find
    from kcplan.views import states

    known = Session(values).load_state()
    view = states.resource_view(output, color=use_color(no_color=values["no_color"]))
    emit(view(known.resources[find(address, known)]))
    return 0


@state.command(
    "rm",
    cls=Command,
    examples=[
        ("kcplan state rm shop/clients/orders", "forgets a client and its roles"),
        ("kcplan state rm shop", "forgets a realm with all that is in it"),
    ],
)
@click.argument(
    "addresses",
    nargs=-1,
    required=True,
    metavar="ADDRESS...",
    shell_complete=completing.addresses,
)
@state_options
def remove(addresses: tuple[str, ...], **values: Any) -> int:
    """Make kcplan forget resources, and all below them. They stay in Keycloak as they are."""
    from kcplan.cli.printing import emit
    from kcplan.cli.session import Session
    from kcplan.state_edits import forget
    from kcplan.views import states

    session = Session(values)
    with session.lock("state rm"):
        session.refuse_journal()
        after, forgotten = forget(session.load_state(), addresses)
        session.state_file.save(after)
    emit(states.forgotten(forgotten))
    return 0


@state.command(
    "mv",
    cls=Command,
    examples=[
        ("kcplan state mv shop/clients/orders shop/clients/sales", "it was renamed in Keycloak"),
        ("kcplan state mv shop store", "so was a whole realm"),
    ],
)
@click.argument("old", shell_complete=completing.addresses)
@click.argument("new", shell_complete=completing.addresses)
@state_options
def move(old: str, new: str, **values: Any) -> int:
    """Give a resource another address in the state, with all below it.

    For an object that was renamed in Keycloak. To rename it there too, write a [[moved]] rule.
    """
    from kcplan import state_edits
    from kcplan.cli.printing import emit
    from kcplan.cli.session import Session
    from kcplan.views import states

    session = Session(values)
    with session.lock("state mv"):
        after, moved = state_edits.move(session.state(), old, new, session.registry)
        session.state_file.save(after)
    emit(states.moved(moved))
    return 0
