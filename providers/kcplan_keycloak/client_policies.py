"""Client profiles and client policies of a realm: named entries, in two lists that a PUT replaces.

They stand in the realm as well. Sent with it, what is wrong with them is an internal error without
a reason, so they are written to their own end points, which give one.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from kcplan.diagnostics import Path
from kcplan.offered import Listed
from kcplan.schema import Leaves
from kcplan.shapes import ANY, BOOLEAN, STRING, STRINGS, ListOf, Named, Object
from kcplan_keycloak.bodies import Absent, written
from kcplan_keycloak.parts import PlainPart
from kcplan_keycloak.resource_type import Writing
from kcplan_keycloak.server_info import CONDITION, EXECUTOR

_STEPS: Final = ListOf(ANY, ordered=True)
_NAMED: Final = {"name": STRING, "description": STRING}
_PROFILE: Final = Object({**_NAMED, "executors": _STEPS})
_POLICY: Final = Object({**_NAMED, "enabled": BOOLEAN, "conditions": _STEPS, "profiles": STRINGS})

SHAPES: Final[Mapping[str, Object]] = {
    "clientProfiles": Object({"profiles": Named(_PROFILE)}),
    "clientPolicies": Object({"policies": Named(_POLICY)}),
}


def _named_by(key: str) -> Callable[[Any], Iterable[str]]:
    """The names in a list of tables that have them in this field."""

    def names(steps: Any) -> Iterable[str]:
        tables = steps if isinstance(steps, list) else ()
        found = (table.get(key) for table in tables if isinstance(table, Mapping))
        return (name for name in found if isinstance(name, str))

    return names


LISTED: Final = (
    Listed(("clientProfiles", "profiles", "*", "executors"), EXECUTOR, names=_named_by("executor")),
    Listed(
        ("clientPolicies", "policies", "*", "conditions"), CONDITION, names=_named_by("condition")
    ),
)
"""What the server lists of what stands in them."""

_SET_BY: Final[Mapping[str, tuple[tuple[str, ...], Any]]] = {
    "consent-required": (("consentRequired",), True),
    "dpop-bind-enforcer": (("attributes", "dpop.bound.access.tokens"), "true"),
    "full-scope-disabled": (("fullScopeAllowed",), False),
    "holder-of-key-enforcer": (
        ("attributes", "tls.client.certificate.bound.access.tokens"),
        "true",
    ),
    "pkce-enforcer": (("attributes", "pkce.code.challenge.method"), "S256"),
}
"""What an executor with `auto-configure` sets in each client that is written."""

_AUTHENTICATOR: Final = "secure-client-authenticator"


def enforced(realm: Leaves) -> Leaves:
    """What the policies of a realm that are on set in clients which are written."""
    policies = ("clientPolicies", "policies")
    switches = {p[2]: v for p, v in realm.items() if p[:2] == policies and p[3:] == ("enabled",)}
    on = {name for name, value in switches.items() if value is True}
    found: dict[tuple[str, ...], Any] = {}
    for path, profiles in realm.items():
        if path[:2] == policies and path[3:] == ("profiles",) and path[2] in on:
            for name in profiles or ():
                place = ("clientProfiles", "profiles", name, "executors")
                found.update(map(_set_by, realm.get(place) or ()))
    found.pop((), None)
    return found


def _set_by(step: Any) -> tuple[tuple[str, ...], Any]:
    """The field that a step of a profile sets, and the value; an empty path where it sets none."""
    settings = step.get("configuration") if isinstance(step, Mapping) else None
    if not isinstance(settings, Mapping):
        return (), None
    executor = step.get("executor")
    chosen = settings.get("default-client-authenticator")
    if executor == _AUTHENTICATOR and chosen:
        return ("clientAuthenticatorType",), chosen
    if settings.get("auto-configure") in (True, "true") and isinstance(executor, str):
        return _SET_BY.get(executor, ((), None))
    return (), None


_PATHS: Final = {
    "clientProfiles": "client-policies/profiles",
    "clientPolicies": "client-policies/policies",
}
"""Profiles come first: a policy must find those that it uses."""


class ClientPolicies(PlainPart):
    """The two lists, which a change of any entry replaces."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the realm that have them."""
        return tuple(_PATHS)

    def place(self, where: Path) -> str:
        """The path of the list."""
        return _PATHS[where[0]]

    def write(self, writing: Writing, at: str) -> None:
        """Write the lists that change, with all entries that are there."""
        for name, end_point in _PATHS.items():
            changed = {p[1:]: v for p, v in writing.step.after.items() if p[0] == name}
            if () in changed:
                # A plan of kcplan 0.1.0 has the whole value.
                writing.api.put(f"{at}/{end_point}", changed[()])
            elif changed:
                body = writing.api.get(f"{at}/{end_point}") or {}
                lists = written(SHAPES[name], body, changed, Absent.EMPTY_FIELDS)
                writing.api.put(f"{at}/{end_point}", lists)
