"""The state, as `kcplan show` and `kcplan state` show and change it."""

from collections.abc import Iterator, Sequence
from functools import partial

from kcplan.address import Address
from kcplan.errors import UsageError
from kcplan.render.values import safe
from kcplan.state import ResourceState, State
from kcplan.state_edits import Forgotten, Moved
from kcplan.views.pieces import Out, Piece, View, document


def whole_view(output: str, *, color: bool) -> View[State]:
    """The view of a whole state, text or json. Raises UsageError for another format."""
    match output:
        case "text":
            return partial(whole_text, color=color)
        case "json":
            return whole_json
    raise UsageError(f"the state is shown as text or json, not as {output}")


def whole_text(state: State, *, color: bool) -> Iterator[Piece]:
    """All resources for the terminal."""
    from kcplan.render.text import render_state

    yield Out(render_state(state, color=color))


def whole_json(state: State) -> Iterator[Piece]:
    """The state for programs."""
    from kcplan.render.json import state_document

    yield document(state_document(state))


def list_view(output: str) -> View[Sequence[Address]]:
    """The view of a list of addresses: text or json."""
    return list_json if output == "json" else list_text


def list_text(addresses: Sequence[Address]) -> Iterator[Piece]:
    """An address a line."""
    for address in addresses:
        yield Out(f"{safe(str(address))}\n")


def list_json(addresses: Sequence[Address]) -> Iterator[Piece]:
    """The addresses for programs."""
    yield document([str(address) for address in addresses])


def resource_view(output: str, *, color: bool) -> View[ResourceState]:
    """The view of one resource: text or json."""
    return resource_json if output == "json" else partial(resource_text, color=color)


def resource_text(entry: ResourceState, *, color: bool) -> Iterator[Piece]:
    """The resource for the terminal."""
    from kcplan.render.text import render_resource

    yield Out(render_resource(entry, color=color))


def resource_json(entry: ResourceState) -> Iterator[Piece]:
    """The resource for programs."""
    from kcplan.render.json import resource_document

    yield document(resource_document(entry))


def forgotten(message: Forgotten) -> Iterator[Piece]:
    """What the state does not know any more."""
    for address in message.addresses:
        yield Out(f"Forgotten: {safe(str(address))}\n")


def moved(message: Moved) -> Iterator[Piece]:
    """What has another address now."""
    yield Out(f"Moved: {safe(str(message.old))} is now {safe(str(message.new))}\n")
