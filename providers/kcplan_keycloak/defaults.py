"""What a new object has in its fields without anybody's doing: fields that an import leaves out.

`kcplan_keycloak.comparison` looks at a new realm for that.

Each type knows these values (`TypeSpec.defaults`), but for the client scopes of a new client, which
the realm decides on: where somebody gave the realm other ones, a client in a new realm would not
get them, and the file says those of each client. What is otherwise in older versions is in tables
(`kcplan_keycloak.version_tables`).
"""

from collections.abc import Mapping
from typing import Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diff import same, without_server_made
from kcplan.schema import Leaves
from kcplan.snapshot import LiveObject
from kcplan_keycloak import realm_defaults
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.resources import registry
from kcplan_keycloak.scope_lists import usual_protocol
from kcplan_keycloak.version_tables import NOTHING, Table, table

_LISTINGS: Final = {
    "defaultClientScopes": "default-default-client-scopes",
    "optionalClientScopes": "default-optional-client-scopes",
}
"""For each field with client scopes, where the realm has those for new clients."""
_IN_REALM: Final = {
    "defaultClientScopes": "defaultDefaultClientScopes",
    "optionalClientScopes": "defaultOptionalClientScopes",
}
"""The fields of the realm that have the same."""


@frozen
class Defaults:
    """What new objects of a realm have.

    Attributes:
        scopes: The client scopes that a new client gets, by field and protocol.
        table: What is otherwise in this version of Keycloak.
    """

    scopes: Mapping[tuple[str, str], list[str]]
    table: Table = NOTHING

    @classmethod
    def read(cls, api: AdminApi, realm: str, version: str | None) -> "Defaults":
        """Read what new clients of the realm get.

        Args:
            api: The server.
            realm: The name of the realm.
            version: The server's version; None where nobody tells it.

        Raises:
            ServerError: It could not be read.
        """
        scopes: dict[tuple[str, str], list[str]] = {}
        for field, listing in _LISTINGS.items():
            for scope in api.get(path("realms", realm, listing)) or ():
                # Without a protocol it is no client's.
                protocol = scope.get("protocol") or ""
                scopes.setdefault((field, protocol), []).append(scope["name"])
        return cls({key: sorted(names) for key, names in scopes.items()}, table(version))

    def of(self, live: LiveObject) -> Leaves:
        """The leaves of a new object like this one."""
        spec = registry()[live.type]
        made = spec.born(live.address) if self.tells(live) else None
        usual = {**spec.defaults(live.leaves), **(made or {})}
        return {**usual, **self.table.of(live), **self.scopes_of(live)}

    def makes(self, live: LiveObject) -> bool:
        """Whether Keycloak makes the object along with what it lies in."""
        made = registry()[live.type].comes_with(live.address)
        return made and live.address.segments[1:] not in self.table.not_made

    def tells(self, live: LiveObject) -> bool:
        """Whether it is known what such an object of Keycloak's has by itself."""
        return registry()[live.type].origin.told and self.makes(live)

    def scopes_of(self, live: LiveObject) -> Leaves:
        """The client scopes of a new object like this one."""
        spec = registry()[live.type]
        protocol = str(live.leaves.get(("protocol",)))
        usual: Leaves = {
            (field,): self._in_any_realm(field, protocol)
            for field in _LISTINGS
            if field in spec.schema.fields
        }
        return both_lists(live, usual)

    def _in_any_realm(self, field: str, protocol: str) -> list[str] | None:
        """What a new client gets in this realm, if it gets the same in a new one."""
        here = self.scopes.get((field, protocol), [])
        return here if here == _in_a_new_realm(field, protocol, self.table) else None


_SOME: Final = "some client scope"
"""What stands for the client scopes of new clients where those of another realm are not known."""


def both_lists(live: LiveObject, usual: Leaves) -> Leaves:
    """What a new object has in its lists of client scopes; nothing where one list is another.

    Keycloak fills neither of them in a new client that is told one. Of an object that has no client
    scopes at all, that must be told, so no list is as in a new one.
    """
    spec = registry()[live.type]
    lists: Leaves = {(field,): usual[field,] for field in _LISTINGS if (field,) in usual}
    there = {
        at: without_server_made(spec, live.address, at, live.leaves.get(at) or []) for at in lists
    }
    if not any(there.values()):
        return {at: [_SOME] if value is None else value for at, value in lists.items()}
    are_usual = all(same(there[at], value) for at, value in lists.items())
    return lists if are_usual else dict.fromkeys(lists)


def _in_a_new_realm(field: str, protocol: str, known: Table) -> list[str]:
    """The client scopes of a new client in a realm that was just made."""
    at = (_IN_REALM[field],)
    older = (item.fields[at] for item in known.differences if at in item.fields)
    names = next(older, realm_defaults.DEFAULTS[at[0]])
    return [n for n in names if usual_protocol(Address(("", "client-scopes", n))) == protocol]
