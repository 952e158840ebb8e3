"""The mail server of a realm, `smtpServer`: what Keycloak does with its log-in.

It gives its secrets as ten asterisks, and keeps them when it is sent those. But a PUT drops all
that a log-in does not use: with `auth` off the user and every secret, with `authType: token` the
password, and without it all that tokens take. And of a mail server that is not empty it demands a
sender. So changes that drop a secret are written in one request with it.
"""

from collections.abc import Iterator
from typing import Final

from kcplan.diagnostics import Path, Severity
from kcplan.path_patterns import Pattern
from kcplan.resource import (
    SOMETHING,
    Idle,
    Requirement,
    Resource,
)
from kcplan.schema import Leaves, dotted
from kcplan.secret import reveal

_FIELD: Final = "smtpServer"
_EITHER: Final = frozenset({"user", "authType"})
_BY_PASSWORD: Final = _EITHER | {"password"}
_BY_TOKEN: Final = _EITHER.union(
    "authTokenUrl authTokenScope authTokenClientId authTokenClientSecret".split()
)
"""What a log-in uses."""

SECRETS: Final[tuple[Pattern, ...]] = ((_FIELD, "password"), (_FIELD, "authTokenClientSecret"))


def drops_secrets(before: Leaves, after: Leaves) -> tuple[Pattern, ...]:
    """All of the mail server, where a change of it makes Keycloak drop a secret."""
    used = _used(after)
    dropped = any(
        before.get(secret) is not None and (secret[-1] not in used or after.get(secret) is None)
        for secret in SECRETS
    )
    return ((_FIELD,),) if dropped else ()


def idle(resource: Resource) -> Iterator[Idle]:
    """What is declared of a log-in that does not use it."""
    for path in _unused(resource.leaves):
        yield Idle(
            path,
            "unused-field",
            f"{dotted(path)} is left out, since the mail server's log-in does not use it",
            "Keycloak drops such a field with the next update. Remove it, or correct `auth` and "
            "`authType`.",
            "fields are left out that the mail server's log-in does not use",
            Severity.WARNING,
        )


def requires(resource: Resource) -> Iterator[Requirement]:
    """A sender: Keycloak refuses a mail server that has anything else and none."""
    leaves = resource.leaves
    declared = (p for p, value in leaves.items() if p[0] == _FIELD and value not in (None, {}, ""))
    first = next(declared, None)
    if first is not None:
        yield Requirement(
            resource.address,
            (_FIELD, "from"),
            SOMETHING,
            code="mail-without-sender",
            summary=f"the mail server of {resource.address} has no sender",
            detail="Keycloak refuses a mail server without one. Add `from` to `smtpServer`, with "
            "the address that mails come from.",
            source_path=first,
        )


def _unused(leaves: Leaves) -> tuple[Path, ...]:
    if (_FIELD, "auth") not in leaves:
        return ()
    used = _used(leaves)
    if used and _text(leaves, "authType") is None:
        # Keycloak may have one that the files do not mention.
        return ()
    declared = ((_FIELD, name) for name in sorted((_BY_PASSWORD | _BY_TOKEN) - used))
    return tuple(path for path in declared if leaves.get(path) is not None)


def _used(leaves: Leaves) -> frozenset[str]:
    """What the log-in uses."""
    if (_text(leaves, "auth") or "").lower() != "true":
        return frozenset()
    return _BY_TOKEN if (_text(leaves, "authType") or "").lower() == "token" else _BY_PASSWORD


def _text(leaves: Leaves, name: str) -> str | None:
    value = leaves.get((_FIELD, name))
    return None if value is None else str(reveal(value))
