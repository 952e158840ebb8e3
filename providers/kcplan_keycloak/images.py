"""Before-images of clients: all that was in a client, and how it comes back.

A client comes back under its old id, its service account as the same user, its authorization
objects under their old ids. Its roles cannot choose their ids: they come back as roles do.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.plan import Operation, Step
from kcplan.provider import Image, ReadRequest, Wanted
from kcplan.schema import Leaves
from kcplan.secret import reveal
from kcplan.snapshot import LiveObject
from kcplan_keycloak.accounts import account_of
from kcplan_keycloak.api import path
from kcplan_keycloak.authz import AUTHORIZATION
from kcplan_keycloak.cascade import pointers_to
from kcplan_keycloak.parts import role_path
from kcplan_keycloak.resource_type import Writing
from kcplan_keycloak.resources import authorization, client_role, resource_types, service_account
from kcplan_keycloak.resources.client import SPEC as CLIENT
from kcplan_keycloak.resources.group import group_path

_MADE_WITH_CLIENT: Final = ("serviceAccountsEnabled", "authorizationServicesEnabled")

_MADE_WITH_SERVICES: Final = (
    ("policy", "id", ("Default Permission", "Default Policy")),
    ("resource", "_id", ("Default Resource",)),
)
"""What came with authorization services before Keycloak 26.5, by where it is; in the order in
which it can go."""


def _role_images(writing: Writing, roles: Sequence[Mapping[str, Any]]) -> list[Image]:
    """The images of a client's roles, their pointers found in one go."""
    (kind,) = client_role.TYPES
    realm = writing.address.realm
    pointers = pointers_to(writing.api, realm, kind.spec.name, roles)
    return [
        kind.image(
            _beneath(writing, kind.spec.name, role["id"], "roles", role["name"]),
            role_path(realm, role),
            dict(role),
            pointers[role["id"]],
        )
        for role in roles
    ]


def _beneath(writing: Writing, word: str, object_id: str, *segments: str) -> Writing:
    """The creation of an object in the client."""
    address = writing.address.child(*segments)
    step = Step(f"restore {address}", Operation.CREATE, address, word, object_id)
    return evolve(writing, step=step)


def capture_client(writing: Writing) -> Image:
    """The client as Keycloak gives it, its account, its roles, its authorization objects."""
    at = path("realms", writing.address.realm, "clients", writing.object_id())
    representation = writing.api.get(at) or {}
    loses_all = writing.step.operation is Operation.DELETE
    roles = writing.api.get(f"{at}/roles", briefRepresentation="false") or [] if loses_all else []
    return {
        "client": representation,
        "roles": _role_images(writing, roles),
        "scopes": _scope_mappings(writing, at) if loses_all else [],
        "account": _account_image(writing, representation),
        "authorization": _authorization_image(writing, representation),
    }


def _scope_mappings(writing: Writing, at: str) -> list[dict[str, Any]]:
    """The client's own role scope: addresses of roles, by the path that takes them.

    Addresses, since a role may have another id when it is needed.
    """
    found = writing.api.get(f"{at}/scope-mappings") or {}
    realm = Address.of(writing.address.realm)
    batches = [("realm", realm, found.get("realmMappings", ()))]
    batches += [
        (f"clients/{path(item['id'])}", realm.child("clients", name), item["mappings"])
        for name, item in found.get("clientMappings", {}).items()
    ]
    return [
        {
            "at": f"{at}/scope-mappings/{where}",
            "roles": [str(holder.child("roles", role["name"])) for role in roles],
        }
        for where, holder, roles in batches
        if roles
    ]


def _account_image(writing: Writing, client: Mapping[str, Any]) -> dict[str, Any] | None:
    """The service account: the user, and the names of its roles and groups."""
    if not client.get("serviceAccountsEnabled"):
        return None
    realm = writing.address.realm
    name = f"service-account-{client['clientId'].lower()}"
    users = writing.api.get(path("realms", realm, "users"), username=name, exact="true") or []
    if not users:
        return None
    at = path("realms", realm, "users", users[0]["id"])
    mappings = writing.api.get(f"{at}/role-mappings") or {}
    return {
        "user": users[0],
        "realmRoles": [role["name"] for role in mappings.get("realmMappings", ())],
        "clientRoles": {
            holder: [role["name"] for role in item["mappings"]]
            for holder, item in mappings.get("clientMappings", {}).items()
        },
        "groups": [
            group_path(writing.names, realm, found)
            for found in writing.api.get(f"{at}/groups") or []
        ],
    }


def _authorization_image(writing: Writing, client: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The authorization settings and objects, in the type order."""
    if not client.get("authorizationServicesEnabled"):
        return []
    from kcplan_keycloak.reader import KeycloakReader

    settings = writing.address.child(AUTHORIZATION)
    request = ReadRequest(
        {
            writing.address: Wanted(CLIENT.name),
            settings: Wanted(authorization.SPEC.name),
        },
        beneath=True,
    )
    snapshot = KeycloakReader(writing.api).read(request)
    found = [*snapshot.objects.values(), *snapshot.unmanaged]
    inside = [item for item in found if item.address.within(settings)]
    inside.sort(key=lambda item: resource_types()[item.type].spec.rank)
    return [_object_image(item) for item in inside]


def _object_image(item: LiveObject) -> dict[str, Any]:
    return {
        "address": str(item.address),
        "type": item.type,
        "id": item.id,
        "leaves": [[list(where), reveal(value)] for where, value in item.leaves.items()],
    }


def restore_client(writing: Writing, image: Image) -> Mapping[Address, str]:
    """Bring back what a deletion or a destroying update took, step by step.

    What is there already is left, so that it can be done again after it was itself interrupted.
    """
    ids: dict[Address, str] = {}
    at = path("realms", writing.address.realm, "clients", image["client"]["id"])
    if writing.api.get(at) is None:
        writing.api.post(path("realms", writing.address.realm, "clients"), _bare(image["client"]))
    writing.names.learn(writing.address, image["client"]["id"])
    (kind,) = client_role.TYPES
    for role in image["roles"]:
        body = role["body"]
        ids |= kind.restore(
            _beneath(writing, kind.spec.name, body["id"], "roles", body["name"]), role
        )
    _restore_account(writing, image["account"])
    writing.api.put(at, _restorable(image["client"]))
    _grant_again(writing, image["account"])
    if image["authorization"]:
        ids |= _remove_made(writing, at, image["authorization"])
    for item in image["authorization"]:
        _restore_object(writing, item)
    for batch in image["scopes"]:
        roles = [writing.role(Address.parse(name)) for name in batch["roles"]]
        writing.api.post(batch["at"], roles, repeatable=True)
    return ids


def _remove_made(
    writing: Writing, client: str, images: Sequence[Mapping[str, Any]]
) -> Mapping[Address, str]:
    """Remove what Keycloak before 26.5 makes with authorization services: it permits everything.

    What is there under its old id was brought back already. A policy of the type `js` that the
    client had can be made by nobody else: the new one stays in its place.

    Returns:
        The ids of what stays in the place of something else.
    """
    server = f"{client}/authz/resource-server"
    former = {item["id"] for item in images}
    unmakeable = {
        address.name: address
        for item in images
        if [["type"], "js"] in item["leaves"]
        for address in [Address.parse(item["address"])]
    }
    kept: dict[Address, str] = {}
    for collection, key, names in _MADE_WITH_SERVICES:
        for name in names:
            for made in writing.api.get(f"{server}/{collection}", name=name) or ():
                if made["name"] != name or made[key] in former:
                    continue
                if made.get("type") == "js" and name in unmakeable:
                    kept[unmakeable[name]] = made[key]
                else:
                    writing.api.delete(f"{server}/{collection}/{path(made[key])}")
    for address, object_id in kept.items():
        writing.names.learn(address, object_id)
    return kept


def _bare(client: Mapping[str, Any]) -> dict[str, Any]:
    """A client as it is made first: without services, which would fill it with new objects.

    Nor with a protocol, for which Keycloak would add attributes.
    """
    bare = {**client, **dict.fromkeys(_MADE_WITH_CLIENT, False)}
    scopes = client.get("defaultClientScopes", ())
    bare["defaultClientScopes"] = [name for name in scopes if name != "service_account"]
    bare.pop("protocol", None)
    return bare


def _restorable(client: Mapping[str, Any]) -> dict[str, Any]:
    """A client as a PUT takes it: mappers and scopes have their own endpoints."""
    left_out = {"protocolMappers", "defaultClientScopes", "optionalClientScopes", "access"}
    return {key: value for key, value in client.items() if key not in left_out}


def _restore_account(writing: Writing, account: Mapping[str, Any] | None) -> None:
    """Bring the account back as the same user: only a partial import takes a user's id."""
    if account is None:
        return
    realm, user = writing.address.realm, account["user"]
    if writing.api.get(path("realms", realm, "users", user["id"])) is not None:
        return
    body = {
        **{key: value for key, value in user.items() if key not in {"access", "totp"}},
        "serviceAccountClientId": writing.address.name,
        "realmRoles": account["realmRoles"],
    }
    writing.api.post(
        path("realms", realm, "partialImport"), {"ifResourceExists": "FAIL", "users": [body]}
    )


def _grant_again(writing: Writing, account: Mapping[str, Any] | None) -> None:
    if account is None:
        return
    address = account_of(writing.address)
    user = str(account["user"]["id"])
    after: dict[Path, Any] = {("realmRoles",): account["realmRoles"]}
    after |= {("clientRoles", client): names for client, names in account["clientRoles"].items()}
    if account["groups"]:
        after["groups",] = account["groups"]
    step = Step(
        id=f"restore {address}",
        operation=Operation.UPDATE,
        address=address,
        type=service_account.SPEC.name,
        object_id=user,
        after=after,
    )
    service_account.TYPES[0].update(evolve(writing, step=step))
    writing.names.learn(address, user)


def _restore_object(writing: Writing, item: Mapping[str, Any]) -> None:
    """An authorization object, under its old id; settings are written back."""
    address, kind = Address.parse(item["address"]), resource_types()[item["type"]]
    leaves: Leaves = {tuple(where): value for where, value in item["leaves"]}
    step = Step(
        id=f"restore {address}",
        operation=Operation.CREATE,
        address=address,
        type=item["type"],
        object_id=item["id"],
        after=leaves,
    )
    restoring = evolve(writing, step=step)
    if item["type"] == authorization.SPEC.name:
        kind.update(restoring)
    elif not _is_there(restoring):
        kind.create(restoring)


def _is_there(writing: Writing) -> bool:
    from kcplan_keycloak.writer import KeycloakWriter

    return KeycloakWriter(writing.api).exists(writing.step)
