"""Role scopes: the roles that tokens of a client, or with a client scope, may have in them.

An export has them apart from the clients and client scopes, and turned around for client roles:

    scopeMappings          [{client | clientScope: NAME, roles: [ROLE]}]
    clientScopeMappings    {CLIENT OF THE ROLES: [{client | clientScope: NAME, roles: [ROLE]}]}

An old export may have `clientTemplate` for `clientScope`.

Here they are the field `scopeMappings` of a client or client scope:

    {realm: [ROLE], client: {CLIENT OF THE ROLES: [ROLE]}}
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import field

from kcplan.classes import define
from kcplan.gathered import Gathered, Place, Unsound
from kcplan.schema import describe, dotted
from kcplan.shapes import Object
from kcplan_keycloak.roles import CLIENT_ROLES, REALM_ROLES

FIELD: Final = "scopeMappings"
OF_CLIENTS: Final = "clientScopeMappings"

SCHEMA: Final = Object({"realm": REALM_ROLES, "client": CLIENT_ROLES}, closed=True)

HOLDERS: Final = {
    "client": ("clients", "clientId"),
    "clientScope": ("clientScopes", "name"),
    # What client scopes were called before Keycloak 4.
    "clientTemplate": ("clientScopes", "name"),
}


def gather(document: Mapping[str, Any]) -> Gathered:
    """The document with role scopes at what has them, and where each stood."""
    if FIELD not in document and OF_CLIENTS not in document:
        return Gathered(document)
    gathering = _Gathering({k: v for k, v in document.items() if k not in (FIELD, OF_CLIENTS)})
    for where, client, entry in _entries(document, gathering.unsound):
        if (problem := _problem(where, entry)) is not None:
            gathering.unsound.append(problem)
        else:
            gathering.take(where, client, entry)
    return gathering.outcome()


def _entries(
    document: Mapping[str, Any], unsound: list[Unsound]
) -> Iterator[tuple[Place, str | None, Any]]:
    """Each entry: where it stands, the client of its roles, and what it says."""
    lists: list[tuple[Place, str | None, Any]] = [((FIELD,), None, document.get(FIELD))]
    of_clients = document.get(OF_CLIENTS)
    if isinstance(of_clients, Mapping):
        lists += [((OF_CLIENTS, name), name, items) for name, items in of_clients.items()]
    elif of_clients is not None:
        unsound.append(_wrong((OF_CLIENTS,), f"must be a table, not {describe(of_clients)}"))
    for place, client, items in lists:
        if isinstance(items, list):
            for index, entry in enumerate(items):
                yield (*place, index), client, entry
        elif items is not None:
            unsound.append(_wrong(place, f"must be a list of tables, not {describe(items)}"))


def _problem(where: Place, entry: Any) -> Unsound | None:
    """What is wrong with an entry, if anything is."""
    if not isinstance(entry, Mapping):
        return _wrong(where, f"must be a table, not {describe(entry)}")
    if unknown := sorted(entry.keys() - {"roles", *HOLDERS}):
        return _wrong((*where, unknown[0]), f"is not a field of {dotted(where)}", unknown[0])
    kinds = [kind for kind in HOLDERS if entry.get(kind) is not None]
    if len(kinds) != 1:
        word = "both" if kinds else "neither"
        return _wrong(where, f"has {word} `client` {'and' if kinds else 'nor'} `clientScope`")
    if not isinstance(entry[kinds[0]], str):
        said = describe(entry[kinds[0]])
        return _wrong((*where, kinds[0]), f"must be a string, not {said}")
    if not isinstance(entry.get("roles"), list):
        place = (*where, "roles") if "roles" in entry else where
        return _wrong(place, "has no list of `roles`" if place == where else "must be a list")
    return None


def _wrong(place: Place, what: str, field: str = "") -> Unsound:
    return Unsound(
        place,
        f"`{field}` {what}" if field else f"{dotted(place)} {what}",
        "Each entry is a table with `roles`, a list of names, and either `client` or "
        "`clientScope`, which has them in its scope. Correct the entry.",
    )


@define
class _Gathering:
    """A document as far as role scopes were brought to what has them."""

    data: dict[str, Any]
    moved: dict[Place, Place] = field(factory=dict)
    made: set[Place] = field(factory=set)
    unsound: list[Unsound] = field(factory=list)

    def outcome(self) -> Gathered:
        return Gathered(self.data, self.moved, frozenset(self.made), tuple(self.unsound))

    def take(self, where: Place, client: str | None, entry: Mapping[str, Any]) -> None:
        """Bring a sound entry to its holder, whose own roles of the kind come first."""
        holder = self._holder(where, entry)
        if holder is None:
            return
        place, item = holder
        within: tuple[str, ...] = ("realm",) if client is None else ("client", client)
        table, here = item, place
        for key in (FIELD, *within[:-1]):
            here = (*here, key)
            if key not in table:
                self.moved[here] = where
            elif not isinstance(table[key], Mapping):
                return
            inner = table[key] = dict(table.get(key, {}))
            table = inner
        earlier = table.get(within[-1], [])
        if not isinstance(earlier, list):
            return
        target = (*here, within[-1])
        if within[-1] not in table:
            self.moved[target] = (*where, "roles")
        table[within[-1]] = [*earlier, *entry["roles"]]
        for index in range(len(entry["roles"])):
            self.moved[*target, len(earlier) + index] = (*where, "roles", index)

    def _holder(
        self, where: Place, entry: Mapping[str, Any]
    ) -> tuple[Place, dict[str, Any]] | None:
        """What has the roles of an entry in its scope: where it is now, and its table.

        None where the section is no list, which is a mistake of its own.
        """
        kind = next(kind for kind in HOLDERS if entry.get(kind) is not None)
        section, key = HOLDERS[kind]
        found = self.data.get(section)
        found = [] if found is None else found
        if not isinstance(found, list):
            return None
        items = self.data[section] = list(found)
        for index, item in enumerate(items):
            if isinstance(item, Mapping) and item.get(key) == entry[kind]:
                items[index] = dict(item)
                return (section, index), items[index]
        place = (section, len(items))
        items.append({key: entry[kind]})
        self.made.add(place)
        self.moved |= {place: where, (*place, key): (*where, kind)}
        return place, items[-1]


def scatter(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The inverse of `gather`: a document as an export has it."""
    data: dict[str, Any] = dict(document)
    realm: list[dict[str, Any]] = []
    client: dict[str, list[dict[str, Any]]] = {}
    for kind, (section, key) in HOLDERS.items():
        for item in data.get(section, ()):
            scope = item.get(FIELD)
            if scope is None:
                continue
            if "realm" in scope:
                realm.append({kind: item[key], "roles": scope["realm"]})
            for holder, names in scope.get("client", {}).items():
                client.setdefault(holder, []).append({kind: item[key], "roles": names})
        if section in data:
            data[section] = [
                {name: value for name, value in item.items() if name != FIELD}
                for item in data[section]
            ]
    if realm:
        data[FIELD] = realm
    if client:
        data[OF_CLIENTS] = client
    return data
