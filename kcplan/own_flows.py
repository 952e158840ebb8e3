"""Flows that kcplan logs in through, and people to the console: whether they let them in. Pure.

Only what Keycloak's own steps do is known; a flow with other steps may do anything.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.own_login import MASTER, Identity, Verdict
from kcplan.plan import ResourceChange
from kcplan.schema import Leaves
from kcplan.snapshot import LiveObject

CONSOLE_FLOW: Final = "browserFlow"
"""The field of a realm that binds the flow which people log in to its console through."""

_EXECUTIONS: Final = "authenticationExecutions"
_DISABLED: Final = "DISABLED"
_REQUIRED: Final = "REQUIRED"

_BINDINGS: Final[Mapping[str, str]] = {
    CONSOLE_FLOW: "browser",
    "directGrantFlow": "direct grant",
    "clientAuthenticationFlow": "clients",
}
"""The fields of a realm that bind such flows, each with the flow of a new realm."""

_OWN_GRANT: Final = ("authenticationFlowBindingOverrides", "direct_grant")
"""The field of a client with a flow of its own, in the place of the realm's."""

_FORMS: Final = frozenset(
    """
    auth-username-form auth-username-password-form auth-x509-client-username-form
    webauthn-authenticator-passwordless
    """.split()
)
_HARMLESS: Final = _FORMS | frozenset(
    """
    auth-cookie auth-otp-form auth-password-form auth-recovery-authn-code-form
    client-jwt client-secret client-secret-jwt client-x509 conditional-credential
    conditional-user-configured deny-access-authenticator direct-grant-validate-otp
    direct-grant-validate-password direct-grant-validate-username federated-jwt
    webauthn-authenticator
    """.split()
)
"""Keycloak's own steps that are a log-in page, or are of no use without one.

Kerberos (`auth-spnego`) lets people in by itself, and so does a provider that the redirector leads
to: whether there is one that nobody declares, a plan does not know.
"""
_NEVER_PASSED: Final = frozenset({"deny-access-authenticator", "direct-grant-validate-otp"})
"""What a log-in that sends a username and a password, and nothing else, does not pass."""


def bindings(who: Identity) -> Iterator[str]:
    """The fields of its realm that bind a flow which kcplan, or its administrator, goes through."""
    yield "clientAuthenticationFlow"
    if who.username is not None:
        yield "directGrantFlow"
    if who.realm == MASTER:
        yield CONSOLE_FLOW


@frozen
class OwnFlows:
    """The flows of kcplan's own realm, as they will be.

    Attributes:
        who: Who kcplan is.
        changes: What the plan does.
        live: What is there.
    """

    who: Identity
    changes: Mapping[Address, ResourceChange]
    live: Mapping[Address, LiveObject]

    def bound(self, address: Address) -> Iterable[str]:
        """The fields that bind a flow, once the plan is carried out."""
        home = self._after(self.who.home) or {}
        return [
            name
            for name in bindings(self.who)
            if self._flow(str(home.get((name,)) or _BINDINGS[name])) == address
        ]

    def verdict(self, name: str, alias: str) -> Verdict | None:
        """Why a flow lets nobody in where a field binds it; None where that is not certain."""
        if name == "directGrantFlow" and (self._after(self.who.client) or {}).get(_OWN_GRANT):
            return None
        leaves = self._after(self._flow(alias))
        if leaves is None:
            return None
        reason = _closed(_Steps(leaves), name)
        return None if reason is None else Verdict(reason)

    def _flow(self, alias: str) -> Address:
        return self.who.home.child("flows", alias)

    def _after(self, address: Address) -> Leaves | None:
        """The fields of an object after the plan; None where they are not known."""
        change, there = self.changes.get(address), self.live.get(address)
        if there is None:
            return None if change is None else change.after
        changed = change.changes if change is not None else ()
        return {**there.leaves, **{item.path: item.after for item in changed}}


def is_of_steps(path: tuple[str, ...]) -> bool:
    """Whether a field of a flow says what is executed."""
    return path[:1] == (_EXECUTIONS,)


def _closed(steps: "_Steps", name: str) -> str | None:
    """Why nobody gets through a flow that a field binds."""
    if name == "clientAuthenticationFlow":
        return None if steps.has("client-secret") else "no client could log in with a secret"
    if name == "directGrantFlow":
        if not steps.has("direct-grant-validate-username"):
            return "no user could log in by name and password"
        demanded = sorted(_NEVER_PASSED.intersection(steps.demanded()))
        return f"it would demand {demanded[0]} of each user" if demanded else None
    enabled = set(steps.enabled())
    if enabled <= _HARMLESS and enabled.isdisjoint(_FORMS):
        return "nobody could log in to the console"
    return None


class _Steps:
    """What a flow executes, with the requirements of what each step lies in."""

    def __init__(self, leaves: Leaves) -> None:
        gone = {path[1] for path, value in leaves.items() if len(path) == 2 and value is None}  # noqa: PLR2004
        self._fields: dict[str, dict[str, Any]] = {}
        for path, value in leaves.items():
            if path[:1] == (_EXECUTIONS,) and len(path) > 2 and path[1] not in gone:  # noqa: PLR2004
                self._fields.setdefault(path[1], {})[path[2]] = value

    def has(self, authenticator: str) -> bool:
        """Whether a step may be taken."""
        return authenticator in self.enabled()

    def enabled(self) -> Iterator[str]:
        """The authenticators of the steps that may be taken."""
        return (
            str(self._fields[key]["authenticator"])
            for key in self._fields
            if "authenticator" in self._fields[key] and _DISABLED not in self._requirements(key)
        )

    def demanded(self) -> Iterator[str]:
        """The authenticators of the steps that everybody has to take."""
        return (
            str(self._fields[key]["authenticator"])
            for key in self._fields
            if "authenticator" in self._fields[key] and set(self._requirements(key)) == {_REQUIRED}
        )

    def _requirements(self, key: str) -> list[str]:
        """The requirement of a step, and those of all flows that it lies in."""
        return [
            str(fields.get("requirement", _DISABLED))
            for other, fields in self._fields.items()
            if key == other or key.startswith(f"{other}/")
        ]
