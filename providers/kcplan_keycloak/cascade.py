"""What a deletion takes along silently: everything that pointed to an object.

Keycloak removes a role, or a client scope, from wherever it was. The parts of all types say where
they name objects of its type, so that what goes can be put back there.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.errors import NotFoundError
from kcplan_keycloak.parts import put_into

Body = Mapping[str, Any]

LINKED_PROVIDERS: Final = "identity-providers"
"""The path below an organization that takes the aliases of identity providers, as plain texts."""


def pointers_to(api: AdminApi, realm: str, word: str, lost: Sequence[Body]) -> dict[str, list[str]]:
    """For the id of each object that goes, the paths of all that it is in.

    Args:
        api: The server.
        realm: The realm's name.
        word: The type of the objects.
        lost: Their representations, from one reading for all that go together.
    """
    from kcplan_keycloak.resources import resource_types

    found: dict[str, list[str]] = {body["id"]: [] for body in lost}
    for kind in resource_types().values():
        for part in kind.parts if lost else ():
            for object_id, at in part.holders(api, realm, word, lost):
                if at not in found[object_id]:
                    found[object_id].append(at)
    return found


def point_again(api: AdminApi, paths: Iterable[str], body: Body, old: str) -> None:
    """Put an object, whose id was `old`, to where it was. Where the holder has gone, it is left."""
    for at in paths:
        try:
            if at.endswith(f"/{old}"):
                put_into(api, at.removesuffix(old) + body["id"])
            elif at.endswith(f"/{LINKED_PROVIDERS}"):
                api.post(at, body["name"], repeatable=True)
            else:
                api.post(at, [{"id": body["id"], "name": body["name"]}], repeatable=True)
        except NotFoundError:
            continue


def rename_in_policies(api: AdminApi, realm: str, kind: str, new: Mapping[str, str]) -> None:
    """Have authorization policies of a kind (`role`, `group`) name objects by their new ids.

    They hold on to the old ones: Keycloak does not take an object that goes out of them.
    """
    if not new:
        return
    field = f"{kind}s"
    for where, client in all_clients(api, realm):
        if not client.get("authorizationServicesEnabled"):
            continue
        at = f"{where}/authz/resource-server/policy"
        for policy in api.pages(at, type=kind):
            config = policy.get("config", {})
            before = after = config.get(field, "")
            for old, now in new.items():
                after = after.replace(old, now)
            if after != before:
                api.put(
                    f"{at}/{path(policy['id'])}", {**policy, "config": {**config, field: after}}
                )


def all_clients(api: AdminApi, realm: str) -> Iterable[tuple[str, Body]]:
    """The clients of a realm, with their paths."""
    for client in api.pages(path("realms", realm, "clients")):
        yield path("realms", realm, "clients", client["id"]), client


def all_client_scopes(api: AdminApi, realm: str) -> Iterable[tuple[str, Body]]:
    """The client scopes of a realm, with their paths."""
    for scope in api.get(path("realms", realm, "client-scopes")) or []:
        yield path("realms", realm, "client-scopes", scope["id"]), scope
