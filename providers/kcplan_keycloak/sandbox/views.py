"""What `kcplan sandbox` says of a sandbox."""

import shlex
from collections.abc import Iterator

from kcplan.classes import frozen
from kcplan.views.pieces import Err, Out, Piece
from kcplan_keycloak.sandbox.model import Sandbox


@frozen
class Started:
    """A sandbox that runs; `new` tells whether it did not before."""

    name: str
    sandbox: Sandbox
    new: bool


def started(message: Started) -> Iterator[Piece]:
    """Where it is, and how to use it."""
    sandbox = message.sandbox
    what = f"Keycloak {sandbox.version} runs" if sandbox.version else "Keycloak runs"
    yield Err(f"{what} at {sandbox.url}{'' if message.new else ' already'}.\n")
    yield Err(f'For your shell: eval "$(kcplan sandbox env{flag(message.name)})"\n')


def recorded(sandbox: Sandbox) -> Iterator[Piece]:
    """Which server that somebody else started is the sandbox now."""
    yield Err(f"The sandbox is the server at {sandbox.url}.\n")


def ended(sandbox: Sandbox | None) -> Iterator[Piece]:
    """What became of the sandbox; None where there was none."""
    if sandbox is None:
        yield Err("No sandbox runs.\n")
        return
    foreign = sandbox.process is None and sandbox.container is None
    done = "is forgotten; it still runs" if foreign else "has ended, and its data is removed"
    yield Err(f"The sandbox at {sandbox.url} {done}.\n")


def environment(sandbox: Sandbox) -> Iterator[Piece]:
    """What a shell must export so that kcplan uses the sandbox; the password is in clear."""
    variables = {
        "KCPLAN_URL": sandbox.url,
        "KCPLAN_USERNAME": sandbox.username,
        "KCPLAN_PASSWORD": sandbox.password.value,
    }
    for variable, value in variables.items():
        yield Out(f"export {variable}={shlex.quote(value)}\n")


def flag(name: str) -> str:
    """The option that names a sandbox; none for the default one."""
    return "" if name == "default" else f" --name {name}"
