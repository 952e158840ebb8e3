"""Client profiles and client policies of a realm: named entries, in two lists that a PUT replaces.

They stand in the realm as well. Sent with it, what is wrong with them is an internal error without
a reason, so they are written to their own end points, which give one.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from kcplan.diagnostics import Path
from kcplan.offered import Listed
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
