"""A realm as a value: all that Keycloak tells of it, secrets included, fit for comparison.

The ids of roles, groups and what is in flows and workflows, and the times are left out, since
Keycloak lets nobody choose them; so are empty texts, since Keycloak keeps one where a text was
removed. Lists are sorted. All else must be the same for two realms to be equal.
"""

import json
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from support.harness import Admin

_TIMES = {"createdTimestamp", "client.secret.creation.time"}

Json = dict[str, Any]


def whole_realm(admin: Admin, realm: str) -> dict[str, Any]:
    """Everything in the realm, part by part."""
    clients = admin.json(f"{realm}/clients", max=1000)
    return _plain(
        {
            "realm": _without_role_ids(admin.json(realm)),
            "export": _export(admin, realm),
            "clients": {client["clientId"]: client for client in clients},
            "accounts": dict(_accounts(admin, realm, clients)),
            "roles": dict(_roles(admin, realm, clients)),
            "authorization": dict(_authorization(admin, realm, clients)),
            "workflows": _workflows(admin, realm),
            "providers": admin.json(f"{realm}/identity-provider/instances"),
        }
    )


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Where two realms differ, for whoever reads a failed test."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            yield from differences(one.get(key), other.get(key), f"{path}/{key}")
    elif isinstance(one, list) and isinstance(other, list):
        yield from (f"{path} lacks {item}" for item in one if item not in other)
        yield from (f"{path} has also {item}" for item in other if item not in one)
    elif one != other:
        yield f"{path}: {one!r} became {other!r}"


def _export(admin: Admin, realm: str) -> Json:
    document = admin.export(realm)
    for role in [
        *document["roles"]["realm"],
        *(role for roles in document["roles"]["client"].values() for role in roles),
    ]:
        role.pop("id")
    _drop_ids(document.get("groups", ()))
    document["components"].pop("org.keycloak.models.workflow.WorkflowProvider", None)
    for item in (*document["authenticationFlows"], *document["authenticatorConfig"]):
        if not item.get("topLevel"):
            item.pop("id")
    # The users of clients are told below, in full.
    document.pop("users", None)
    return _without_role_ids(document)


def _workflows(admin: Admin, realm: str) -> list[Json]:
    """The workflows, of which the export has no more than ids; older servers have none."""
    answer = admin.get(f"{realm}/workflows", params={"max": 1000}, check=False)
    found: list[Json] = answer.json() if answer.status_code == HTTPStatus.OK else []
    for step in (step for flow in found for step in flow["steps"]):
        step.pop("id")
    # They are in the order in which they are to be done.
    return [{**flow, "steps": json.dumps(flow["steps"])} for flow in found]


def _drop_ids(groups: Iterable[Json]) -> None:
    for group in groups:
        group.pop("id")
        group.pop("parentId", None)
        _drop_ids(group.get("subGroups", ()))


def _without_role_ids(document: Json) -> Json:
    document.get("defaultRole", {}).pop("id", None)
    return document


def _accounts(admin: Admin, realm: str, clients: list[Json]) -> Iterator[tuple[str, Json]]:
    for client in clients:
        name = f"service-account-{client['clientId'].lower()}"
        for user in admin.json(f"{realm}/users", username=name, exact="true"):
            at = f"{realm}/users/{user['id']}"
            mappings = admin.json(f"{at}/role-mappings")
            yield (
                user["username"],
                {
                    "user": {**user, "access": None},
                    "realm": _names(mappings.get("realmMappings", ())),
                    "client": {
                        holder: _names(item["mappings"])
                        for holder, item in mappings.get("clientMappings", {}).items()
                    },
                    "groups": [group["path"] for group in admin.json(f"{at}/groups")],
                },
            )


def _roles(admin: Admin, realm: str, clients: list[Json]) -> Iterator[tuple[str, Json]]:
    """Who has each role; the export does not tell that of users."""
    containers = {"": realm} | {c["clientId"]: f"{realm}/clients/{c['id']}" for c in clients}
    for client, at in containers.items():
        if client in _KEYCLOAKS_OWN:
            continue
        for role in admin.json(f"{at}/roles"):
            users = admin.json(f"{at}/roles/{quote(role['name'], safe='')}/users")
            yield f"{client}/{role['name']}", [user["username"] for user in users]


_KEYCLOAKS_OWN = {
    "account",
    "account-console",
    "admin-cli",
    "broker",
    "realm-management",
    "security-admin-console",
}


def _authorization(admin: Admin, realm: str, clients: list[Json]) -> Iterator[tuple[str, Json]]:
    for client in clients:
        if client.get("authorizationServicesEnabled"):
            at = f"{realm}/clients/{client['id']}/authz/resource-server"
            of_admins = client["clientId"] == "admin-permissions"
            # Keycloak makes the resources of the latter as they are needed.
            kinds = ("scope", "policy") if of_admins else ("scope", "resource", "policy")
            ids = {
                f"{kind} {item['name']}": item.get("id", item.get("_id"))
                for kind in kinds
                for item in admin.json(f"{at}/{kind}", max=1000)
            }
            if of_admins:
                settings = _named(dict(_of_admins(admin, at)), dict(_of_objects(admin, realm)))
            else:
                settings = admin.json(f"{at}/settings")
            yield client["clientId"], {"settings": settings, "ids": ids}


def _of_admins(admin: Admin, at: str) -> Iterator[tuple[str, Json]]:
    """The policies and permissions of administrators, which have no settings that can be read."""
    for policy in admin.json(f"{at}/policy", max=1000):
        parts = ("resources", "scopes", "associatedPolicies")
        named = {part: _names(admin.json(f"{at}/policy/{policy['id']}/{part}")) for part in parts}
        yield policy["name"], {**policy, **named}


def _of_objects(admin: Admin, realm: str) -> Iterator[tuple[str, str]]:
    """The names of what admin permissions are for, by id."""
    for client in admin.json(f"{realm}/clients", max=1000):
        yield client["id"], f"client {client['clientId']}"
        for role in admin.json(f"{realm}/clients/{client['id']}/roles"):
            yield role["id"], f"role {role['name']} of {client['clientId']}"
    for role in admin.json(f"{realm}/roles"):
        yield role["id"], f"role {role['name']}"
    for user in admin.json(f"{realm}/users", max=1000):
        yield user["id"], f"user {user['username']}"
    groups = [*admin.json(f"{realm}/groups")]
    for group in groups:
        groups += admin.json(f"{realm}/groups/{group['id']}/children")
        yield group["id"], f"group {group['path']}"


def _named(value: Json, names: dict[str, str]) -> Json:
    """The value with names in the place of ids, also within texts."""
    text = json.dumps(value)
    for object_id, name in names.items():
        text = text.replace(object_id, json.dumps(json.dumps(name)[1:-1])[1:-1])
    return dict(json.loads(text))


def _names(roles: Any) -> list[str]:
    return [role["name"] for role in roles]


def _plain(value: Any) -> Any:
    """The value with sorted lists, without times and empty texts."""
    if isinstance(value, dict):
        plain = {key: _plain(item) for key, item in value.items() if key not in _TIMES}
        return {key: item for key, item in plain.items() if item not in ("", None)}
    if isinstance(value, list):
        items = [_plain(item) for item in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, str) and value[:1] in "[{" and value[:1]:
        return _plain_text(value)
    return value


def _plain_text(text: str) -> Any:
    """JSON within a text, whose order means nothing either."""
    try:
        return _plain(json.loads(text))
    except ValueError:
        return text
