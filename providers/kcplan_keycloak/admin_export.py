"""Admin permissions as an export of a realm has them.

There they are among the settings of the client `admin-permissions`, and name the objects that they
are for by ids. An export of a whole realm has those ids at the objects themselves.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import field

from kcplan.address import Address
from kcplan.classes import define, frozen
from kcplan.gathered import Place, Unsound
from kcplan_keycloak.authz import role_text
from kcplan_keycloak.built_in import ADMIN_CLIENT

_CLIENTS: Final = "clients"
_SETTINGS: Final = "authorizationSettings"
_POLICIES: Final = "policies"

_FIELDS: Final = ("name", "description", "logic", "decisionStrategy")

Placed = tuple[Place, Mapping[str, Any]]


@frozen
class Exported:
    """What an export has of admin permissions.

    Attributes:
        document: The document without them.
        policies: The policies, each with its place.
        permissions: The permissions as files have them, each with its place.
        unsound: What could not be understood, and what was left out.
    """

    document: Mapping[str, Any]
    policies: tuple[Placed, ...] = ()
    permissions: tuple[Placed, ...] = ()
    unsound: tuple[Unsound, ...] = ()


def exported(document: Mapping[str, Any]) -> Exported:
    """Take the admin permissions of an export apart from its clients."""
    found = document.get(_CLIENTS)
    clients = found if isinstance(found, list) else []
    for index, client in enumerate(clients):
        if _is_ours(client):
            rest = {key: value for key, value in client.items() if key != _SETTINGS}
            others = [*clients[:index], rest, *clients[index + 1 :]]
            work = _Work(document)
            work.read(client[_SETTINGS], (_CLIENTS, index, _SETTINGS))
            return Exported(
                {**document, _CLIENTS: others},
                tuple(work.policies),
                tuple(work.permissions),
                tuple(work.unsound),
            )
    return Exported(document)


def _is_ours(client: Any) -> bool:
    is_table = isinstance(client, Mapping) and client.get("clientId") == ADMIN_CLIENT
    return is_table and isinstance(client.get(_SETTINGS), Mapping)


@define
class _Work:
    """Reads the settings of the client, with the ids of a document at hand."""

    document: Mapping[str, Any]
    policies: list[Placed] = field(factory=list)
    permissions: list[Placed] = field(factory=list)
    unsound: list[Unsound] = field(factory=list)
    _names: dict[str, str] | None = None

    def read(self, settings: Mapping[str, Any], where: Place) -> None:
        if others := sorted(key for key in settings if key != _POLICIES and settings[key]):
            self.unsound.append(_left_out(where, others))
        found = settings.get(_POLICIES)
        for index, policy in enumerate(found if isinstance(found, list) else ()):
            here = (*where, _POLICIES, index)
            if not isinstance(policy, Mapping) or policy.get("type") != "scope":
                self.policies.append((here, policy))
            elif (permission := self._permission(policy, here)) is not None:
                self.permissions.append((here, permission))

    def _permission(self, policy: Mapping[str, Any], where: Place) -> Mapping[str, Any] | None:
        config = policy.get("config")
        table = config if isinstance(config, Mapping) else {}
        lists = {key: listed(table.get(key)) for key in ("resources", "scopes", "applyPolicies")}
        if broken := [key for key, value in lists.items() if value is None]:
            self.unsound.append(_no_list((*where, "config", broken[0]), broken[0]))
            return None
        kind = table.get("defaultResourceType")
        found = {key: policy[key] for key in _FIELDS if key in policy}
        found |= {"resourceType": kind, "scopes": lists["scopes"]}
        found["policies"] = lists["applyPolicies"]
        ids = lists["resources"]
        if ids and ids != [kind]:
            found["resources"] = [self._name(str(item), where) for item in ids]
        return found

    def _name(self, object_id: str, where: Place) -> str:
        if self._names is None:
            self._names = names_by_id(self.document)
        if object_id not in self._names:
            self.unsound.append(_unknown((*where, "config", "resources"), object_id))
        return self._names.get(object_id, object_id)


def listed(value: Any) -> list[Any] | None:
    """A list, or one that is written as a text; None where it is neither."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):  # the latter where lists are nested without an end
            return None
    return [] if value is None else value if isinstance(value, list) else None


def names_by_id(document: Mapping[str, Any]) -> dict[str, str]:
    """The objects of an export by their ids, as files name them."""
    return dict(_names(document))


def _names(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for section, key in ((_CLIENTS, "clientId"), ("users", "username"), ("organizations", "alias")):
        yield from _named(document.get(section), key)
    yield from _named(document.get("identityProviders"), "alias", "internalId")
    roles = document.get("roles")
    if isinstance(roles, Mapping):
        for object_id, name in _named(roles.get("realm"), "name"):
            yield object_id, role_text(Address.of("", "roles", name))
        of_clients = roles.get("client")
        for client, items in of_clients.items() if isinstance(of_clients, Mapping) else ():
            for object_id, name in _named(items, "name"):
                yield object_id, role_text(Address.of("", "clients", client, "roles", name))
    yield from _groups(document.get("groups"), "")


def _named(items: Any, key: str, id_key: str = "id") -> Iterator[tuple[str, str]]:
    for item in items if isinstance(items, list) else ():
        if isinstance(item, Mapping) and item.get(id_key) and item.get(key):
            yield str(item[id_key]), str(item[key])


def _groups(items: Any, above: str) -> Iterator[tuple[str, str]]:
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, Mapping) or not item.get("name"):
            continue
        path = item.get("path") or f"{above}/{str(item['name']).replace('/', '~/')}"
        if item.get("id"):
            yield str(item["id"]), str(path)
        yield from _groups(item.get("subGroups"), str(path))


def _left_out(where: Place, fields: list[str]) -> Unsound:
    return Unsound(
        where,
        f"settings of the client {ADMIN_CLIENT} are left out: {', '.join(fields)}",
        "Keycloak makes them by itself. Nothing needs to be done.",
        code="ignored-field",
        harmless=True,
    )


def _no_list(where: Place, key: str) -> Unsound:
    return Unsound(
        where, f"`{key}` must be a list", "An export has it as a text with a list in JSON."
    )


def _unknown(where: Place, object_id: str) -> Unsound:
    return Unsound(
        where,
        f"an admin permission is for an object with the id {object_id}, which the file does not "
        "have",
        "Export the whole realm, or write the permission in `permissions.admin`, with the name of "
        "the object.",
        code="unknown-reference",
    )
