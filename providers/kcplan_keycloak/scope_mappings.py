"""Role scopes: the roles that tokens of a client, or with a client scope, may have in them.

An export has them apart from the clients and client scopes, and turned around for client roles:

    scopeMappings          [{client | clientScope: NAME, roles: [ROLE]}]
    clientScopeMappings    {CLIENT OF THE ROLES: [{client | clientScope: NAME, roles: [ROLE]}]}

Here they are the field `scopeMappings` of a client or client scope:

    {realm: [ROLE], client: {CLIENT OF THE ROLES: [ROLE]}}
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from kcplan.schema import Object
from kcplan_keycloak.roles import CLIENT_ROLES, REALM_ROLES

FIELD: Final = "scopeMappings"
OF_CLIENTS: Final = "clientScopeMappings"

SCHEMA: Final = Object({"realm": REALM_ROLES, "client": CLIENT_ROLES}, closed=True)

_HOLDERS: Final = {"client": ("clients", "clientId"), "clientScope": ("clientScopes", "name")}

Place = tuple[str | int, ...]


def gather(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[Place, Place]]:
    """The document with role scopes at what has them, and where each stood."""
    if FIELD not in document and OF_CLIENTS not in document:
        return document, {}
    data: dict[str, Any] = dict(document)
    moved: dict[Place, Place] = {}
    for where, client, entry in list(_entries(document)):
        holder = _holder(data, entry)
        if holder is None:
            continue
        place, item = holder
        scope = item[FIELD] = dict(item.get(FIELD, {}))
        if client is None:
            into, key, target = scope, "realm", (*place, FIELD, "realm")
        else:
            into = scope["client"] = dict(scope.get("client", {}))
            key, target = client, (*place, FIELD, "client", client)
        earlier = into.get(key, [])
        into[key] = [*earlier, *entry["roles"]]
        moved[place] = where if place not in moved and set(item) <= {FIELD, *_NAMES} else place
        moved[target] = (*where, "roles")
    return _without_entries(data), moved


_NAMES: Final = tuple(name for _, name in _HOLDERS.values())


def _entries(
    document: Mapping[str, Any],
) -> Iterator[tuple[Place, str | None, Mapping[str, Any]]]:
    """Each sound entry: where it stands, the client of its roles, and what it says."""
    lists: list[tuple[Place, str | None, Any]] = [((FIELD,), None, document.get(FIELD))]
    of_clients = document.get(OF_CLIENTS)
    if isinstance(of_clients, Mapping):
        lists += [((OF_CLIENTS, name), name, items) for name, items in of_clients.items()]
    for place, client, items in lists:
        for index, entry in enumerate(items if isinstance(items, list) else ()):
            if _is_sound(entry):
                yield (*place, index), client, entry


def _is_sound(entry: Any) -> bool:
    return (
        isinstance(entry, Mapping)
        and isinstance(entry.get("roles"), list)
        and sum(isinstance(entry.get(kind), str) for kind in _HOLDERS) == 1
        and entry.keys() <= {"roles", *_HOLDERS}
    )


def _holder(data: dict[str, Any], entry: Mapping[str, Any]) -> tuple[Place, dict[str, Any]] | None:
    """What has the roles of an entry in its scope: where it is now, and its table."""
    kind = next(kind for kind in _HOLDERS if kind in entry)
    section, key = _HOLDERS[kind]
    items = data.get(section) or []
    if not isinstance(items, list):
        return None
    data[section] = items = list(items)
    for index, item in enumerate(items):
        if isinstance(item, Mapping) and item.get(key) == entry[kind]:
            items[index] = dict(item)
            return (section, index), items[index]
    items.append({key: entry[kind]})
    return (section, len(items) - 1), items[-1]


def _without_entries(data: dict[str, Any]) -> dict[str, Any]:
    """The document without what was gathered; what is not sound stays, to be complained of."""
    rest: dict[str, Any] = {}
    if isinstance(data.get(FIELD), list):
        rest[FIELD] = [entry for entry in data[FIELD] if not _is_sound(entry)]
    elif FIELD in data:
        rest[FIELD] = data[FIELD]
    if isinstance(data.get(OF_CLIENTS), Mapping):
        rest[OF_CLIENTS] = {
            client: unsound
            for client, items in data[OF_CLIENTS].items()
            if (
                unsound := [e for e in items if not _is_sound(e)]
                if isinstance(items, list)
                else items
            )
        }
    elif OF_CLIENTS in data:
        rest[OF_CLIENTS] = data[OF_CLIENTS]
    kept = {key: value for key, value in data.items() if key not in (FIELD, OF_CLIENTS)}
    return kept | {key: value for key, value in rest.items() if value}


def scatter(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The inverse of `gather`: a document as an export has it."""
    data: dict[str, Any] = dict(document)
    realm: list[dict[str, Any]] = []
    client: dict[str, list[dict[str, Any]]] = {}
    for kind, (section, key) in _HOLDERS.items():
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
