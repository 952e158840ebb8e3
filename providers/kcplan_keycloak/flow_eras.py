"""Keycloak's own flows as older versions made them.

Executions can neither be added to such a flow nor taken out of it. So an export of an older
version cannot be applied to a new realm as it is, although it has nothing to say of the flow: a new
realm has it as its own version makes it, and one that was upgraded keeps it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.resource import Bygone, Resource
from kcplan.schema import Leaves, unflatten
from kcplan.secret import reveal
from kcplan.snapshot import Snapshot
from kcplan_keycloak.flow_leaves import SCHEMA
from kcplan_keycloak.flow_tree import EXECUTIONS, ORDER

_WORDS: Final = {"A": "ALTERNATIVE", "C": "CONDITIONAL", "D": "DISABLED", "R": "REQUIRED"}

_CLIENTS: Final = """
A client-secret
A client-jwt
A client-secret-jwt
A client-x509
"""

_COOKIE: Final = """
A auth-cookie
D auth-spnego
A identity-provider-redirector
"""
_ORGANIZATION: Final = """
A Organization
C Organization/Browser - Conditional Organization
R Organization/Browser - Conditional Organization/conditional-user-configured
A Organization/Browser - Conditional Organization/organization
"""
_FORMS: Final = """
A forms
R forms/auth-username-password-form
C forms/Browser - Conditional OTP
R forms/Browser - Conditional OTP/conditional-user-configured
R forms/Browser - Conditional OTP/auth-otp-form
"""

_LINKING: Final = "User creation or linking/Handle Existing Account"
_VERIFYING: Final = f"{_LINKING}/Account verification options"
_AGAIN: Final = f"{_VERIFYING}/Verify Existing Account by Re-authentication"
_BROKER: Final = f"""
R idp-review-profile
R User creation or linking
A User creation or linking/idp-create-user-if-unique
A {_LINKING}
R {_LINKING}/idp-confirm-link
R {_VERIFYING}
A {_VERIFYING}/idp-email-verification
A {_AGAIN}
R {_AGAIN}/idp-username-password-form
C {_AGAIN}/First broker login - Conditional OTP
R {_AGAIN}/First broker login - Conditional OTP/conditional-user-configured
R {_AGAIN}/First broker login - Conditional OTP/auth-otp-form
"""
_JOINING: Final = """
C First Broker Login - Conditional Organization
R First Broker Login - Conditional Organization/conditional-user-configured
R First Broker Login - Conditional Organization/idp-add-organization-member
"""
_REGISTRATION: Final = """
R registration form
R registration form/registration-user-creation
R registration form/registration-password-action
D registration form/registration-recaptcha-action
"""


def _flow(text: str) -> tuple[tuple[str, str], ...]:
    lines = (line.partition(" ") for line in text.split("\n") if line)
    return tuple((name, _WORDS[word]) for word, _, name in lines)


_FLOWS: Final = {
    "browser": {_flow(_COOKIE + _FORMS), _flow(_COOKIE + _ORGANIZATION + _FORMS)},
    "clients": {_flow(_CLIENTS)},
    "first broker login": {_flow(_BROKER), _flow(_BROKER + _JOINING)},
    "registration": {_flow(_REGISTRATION)},
}

_SETTINGS: Final = {
    "update.profile.on.first.login": "missing",
    "require.password.update.after.registration": "false",
}
"""What their configurations have."""


def of_old(address: Address, live: Snapshot, declared: Mapping[Address, Resource]) -> Bygone | None:
    """Whether a flow is as an older version made it, and the realm has or gets another.

    Where the realm has the same executions, the flow is compared as any other.
    """
    if address.name not in _FLOWS or not _is_as_made(address.name, declared[address].leaves):
        return None
    there = live.objects.get(address)
    if there is not None and _ways(there.leaves) == _ways(declared[address].leaves):
        return None
    return Bygone(
        address,
        f"{address} is left out: it is as an older Keycloak makes it",
        "A new realm has it as its Keycloak makes it, and a realm that is there keeps the one that "
        "it has. Nothing needs to be done.",
        code="left-out-of-flows",
        harmless=True,
    )


def _ways(leaves: Leaves) -> set[str]:
    """What is in a flow, by the ways from the top."""
    return {where[1] for where in leaves if where[0] == EXECUTIONS and len(where) > 1}


def _is_as_made(alias: str, leaves: Leaves) -> bool:
    """Whether the fields of a flow are just as an older version made them."""
    fields = unflatten(SCHEMA, {where: reveal(value) for where, value in leaves.items()})
    executions = fields.get(EXECUTIONS) or {}
    made = tuple(
        (way, str(executions.get(way, {}).get("requirement"))) for way in fields.get(ORDER) or ()
    )
    return made in _FLOWS[alias] and all(
        _SETTINGS.get(key) == value for key, value in _settings(executions)
    )


def _settings(executions: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    for entry in executions.values():
        config = entry.get("config")
        if isinstance(config, Mapping):
            yield from config.items()
