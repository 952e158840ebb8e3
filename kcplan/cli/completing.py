"""What a shell completes besides commands and options: addresses, realms, environments and codes.

It is asked while somebody types. So it reads the state and asks no server, and is silent about what
is wrong: the command will say it.
"""

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kcplan.address import Address

_SPECIAL = re.compile(r"[^\w.~-]")
"""What a shell may take for the end of a word, or for something else than itself."""


def addresses(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """The addresses in the state, without those that the command line has already."""
    given = ctx.params.get(parameter.name or "") or ()
    taken = {given} if isinstance(given, str) else set(given)
    words = {"/".join(map(_shell_word, address)) for address in _known(ctx)}
    return sorted(word for word in words - taken if word.startswith(incomplete))


def realms(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The realms in the state."""
    names = {address.realm for address in _known(ctx)}
    return sorted(name for name in names if name.startswith(incomplete))


def environments(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The environments of kcplan.toml."""
    from kcplan.cli.session import Session
    from kcplan.errors import KcplanError

    try:
        names = Session(ctx.params).all_settings.environments
    except KcplanError:
        return []
    return sorted(name for name in names if name.startswith(incomplete))


def codes(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """The codes of diagnostics and risks."""
    from kcplan.cli.explain import every_explanation

    return sorted(code for code in every_explanation() if code.startswith(incomplete))


def _known(ctx: click.Context) -> "Iterable[Address]":
    from kcplan.cli.session import Session
    from kcplan.errors import KcplanError

    try:
        return Session(ctx.params).known()
    except KcplanError:
        return ()


def _shell_word(segment: str) -> str:
    """The segment so that no shell needs quotes for it. Addresses may be encoded further."""
    return _SPECIAL.sub(lambda found: quote(found[0], safe=""), segment)
