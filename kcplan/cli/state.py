"""`kcplan state`: the resources that the state knows."""

from typing import TYPE_CHECKING, Any

import click

from kcplan.cli.options import format_option, no_color_option, state_options, use_color

if TYPE_CHECKING:
    from kcplan.address import Address


@click.group()
def state() -> None:
    """List, show, forget and rename the resources of the state. Keycloak is not touched."""


@state.command("list")
@click.argument("patterns", nargs=-1, metavar="[ADDRESS]...")
@format_option("text", "json")
@state_options
def list_resources(patterns: tuple[str, ...], output: str, **values: Any) -> int:
    """List the addresses, or those that match a glob."""
    from kcplan.address import matches_any
    from kcplan.cli.session import Session, echo_json

    known = sorted(Session(values).load_state().resources)
    chosen = [str(a) for a in known if not patterns or matches_any(a, patterns)]
    if output == "json":
        echo_json(chosen)
    else:
        for address in chosen:
            click.echo(address)
    return 0


@state.command("show")
@click.argument("address")
@format_option("text", "json")
@no_color_option
@state_options
def show_resource(address: str, output: str, **values: Any) -> int:
    """Show what the state knows of one resource."""
    from kcplan.cli.session import Session, echo_json
    from kcplan.render.json import resource_document
    from kcplan.render.text import render_resource

    known = Session(values).load_state().resources
    entry = known[_known(address, known)]
    if output == "json":
        echo_json(resource_document(entry))
    else:
        color = use_color(no_color=values["no_color"])
        click.echo(render_resource(entry, color=color), nl=False)
    return 0


@state.command("rm")
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@state_options
def remove(addresses: tuple[str, ...], **values: Any) -> int:
    """Forget resources, and all below them. They stay in Keycloak as they are."""
    from kcplan.cli.session import Session

    session = Session(values)
    with session.lock("state rm"):
        before = session.state()
        roots = [_known(text, before.resources) for text in addresses]
        gone = [a for a in before.resources if any(a.within(root) for root in roots)]
        session.state_file.save(before.without(gone))
    for address in sorted(gone):
        click.echo(f"Forgotten: {address}")
    return 0


@state.command("mv")
@click.argument("old")
@click.argument("new")
@state_options
def move(old: str, new: str, **values: Any) -> int:
    """Give a resource another address in the state, with all below it.

    For an object that was renamed in Keycloak. To rename it there too, write a [[moved]] rule.
    """
    from kcplan.cli.session import Session
    from kcplan.errors import UsageError
    from kcplan.moves import Moves

    session = Session(values)
    with session.lock("state mv"):
        before = session.state()
        source, target = _known(old, before.resources), _parsed(new)
        if target in before.resources:
            raise UsageError(f"{new} is in the state already", "Forget it first: kcplan state rm.")

        moves = Moves({source: target})
        session.state_file.save(moves.state(before, session.registry))
    click.echo(f"Moved: {old} is now {new}")
    return 0


def _parsed(text: str) -> "Address":
    from kcplan.address import Address
    from kcplan.errors import UsageError

    try:
        return Address.parse(text)
    except ValueError as problem:
        raise UsageError(str(problem)) from None


def _known(text: str, known: "dict[Address, Any] | Any") -> "Address":
    """The address, which must be in the state."""
    from difflib import get_close_matches

    from kcplan.errors import UsageError

    address = _parsed(text)
    if address in known:
        return address
    close = get_close_matches(text, [str(a) for a in known], n=1)
    hint = f"Did you mean `{close[0]}`? " if close else ""
    raise UsageError(f"{text} is not in the state", f"{hint}`kcplan state list` shows all.")
