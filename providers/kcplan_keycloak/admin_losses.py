"""The admin permissions that go with an object, so that a rollback brings them back.

Keycloak takes an object that goes out of the permissions that are for it, and deletes those that
were for nothing else, whoever made them.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from threading import Lock
from typing import Any, Final

from attrs import evolve, field

from kcplan.address import Address
from kcplan.classes import define
from kcplan.moves import moves_of
from kcplan.plan import Action, Operation, Plan, Step
from kcplan.provider import Image
from kcplan.snapshot import Snapshot
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.authz import AUTHORIZATION, client_of, server_path
from kcplan_keycloak.errors import ForbiddenError
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Writing
from kcplan_keycloak.resources.client import SPEC as CLIENT
from kcplan_keycloak.resources.client_role import SPEC as CLIENT_ROLE
from kcplan_keycloak.resources.group import SPEC as GROUP
from kcplan_keycloak.resources.organization import SPEC as ORGANIZATION
from kcplan_keycloak.resources.role import SPEC as ROLE
from kcplan_keycloak.resources.user import SPEC as USER

FIELD: Final = "adminPermissions"
"""Where an image has them."""

_TYPES: Final = frozenset(
    spec.name for spec in (CLIENT, CLIENT_ROLE, GROUP, ORGANIZATION, ROLE, USER)
)

_ALL: Final[Mapping[str, Any]] = {"permission": "true", "type": "scope", "fields": "*"}


# -- what a plan takes along --------------------------------------------------------------------


def with_losses(api: AdminApi, names: Names, live: Snapshot, plan: Plan) -> Plan:
    """The plan with the permissions that objects take along, as far as the account may see that.

    Nothing is asked where no such object goes, or the realm has admin permissions switched off.
    """
    going = {c.address: c for c in plan.changes if c.action.takes_away and c.type in _TYPES}
    realms = {a.realm for a in going if may_be_on(live, a.realm)}
    notes: dict[Address, tuple[str, ...]] = {}
    for realm in sorted(realms):
        with suppress(ForbiddenError):
            notes |= _losses(api, names, live, plan, [a for a in going if a.realm == realm])
    if not notes:
        return plan
    changes = (evolve(c, notes=(*c.notes, *notes.get(c.address, ()))) for c in plan.changes)
    return evolve(plan, changes=tuple(changes))


def may_be_on(live: Snapshot, realm: str) -> bool:
    """Whether a realm has them switched on, as far as that was read: with targets it may not be."""
    there = live.objects.get(Address.of(realm))
    return there is None or there.leaves.get(("adminPermissionsEnabled",)) is True


def _losses(
    api: AdminApi, names: Names, live: Snapshot, plan: Plan, going: list[Address]
) -> dict[Address, tuple[str, ...]]:
    """What is said of each object that goes."""
    moves = moves_of(plan.changes)
    there = {a: live.objects.get(moves.old(a)) for a in going}
    ids = {str(item.id): a for a, item in there.items() if item is not None}
    realm = going[0].realm
    planned = {c.address for c in plan.changes if c.action is not Action.NOOP}
    at = _server(names, realm)
    policies = list(api.pages(f"{at}/policy", **_ALL)) if at is not None else []
    ids |= _in_them(api, realm, live, policies, ids)
    found: dict[Address, tuple[str, ...]] = {}
    for policy in policies:
        objects = _names(policy.get("resourcesData"))
        lost = sorted({ids[item] for item in objects if item in ids})
        if not lost or Address.of(realm, "permissions", "admin", policy["name"]) in planned:
            continue
        whole = all(item in ids for item in objects)
        verb = (
            "takes along the admin permission" if whole else "is taken out of the admin permission"
        )
        for address in lost:
            found[address] = (*found.get(address, ()), f"{verb} {policy['name']}")
    return found


def _in_them(
    api: AdminApi,
    realm: str,
    live: Snapshot,
    policies: Iterable[Mapping[str, Any]],
    going: Mapping[str, Address],
) -> dict[str, Address]:
    """What nobody declares, lies in what goes, and has permissions: each with what it lies in."""
    known = {str(item.id) for item in live.objects.values()}
    unknown = [
        (_kind(policy), name)
        for policy in policies
        for name in _names(policy.get("resourcesData"))
        if name not in known and name != _kind(policy)
    ]
    roles, groups = ({n for kind, n in unknown if kind == word} for word in ("Roles", "Groups"))
    found: dict[str, Address] = {}
    if roles:
        clients = [item for item, address in going.items() if CLIENT.fits(address)]
        of_each = api.map(lambda client: _roles_of(api, realm, client), clients)
        for client, own in zip(clients, of_each, strict=True):
            found |= dict.fromkeys(roles.intersection(own), going[client])
    if groups and any(GROUP.fits(address) for address in going.values()):
        asked = sorted(groups)
        above = api.map(lambda item: _group_above(api, realm, item, going), asked)
        found |= {item: holder for item, holder in zip(asked, above, strict=True) if holder}
    return found


def _roles_of(api: AdminApi, realm: str, client_id: str) -> list[str]:
    """The ids of the roles of a client, as far as the account may see them."""
    with suppress(ForbiddenError):
        return [r["id"] for r in api.pages(path("realms", realm, "clients", client_id, "roles"))]
    return []


def _group_above(
    api: AdminApi, realm: str, group_id: str, going: Mapping[str, Address]
) -> Address | None:
    """The nearest of the groups that go and that a group lies in, as far as the account sees it."""
    above: Any = group_id
    with suppress(ForbiddenError):
        while above is not None and above not in going:
            group: Any = api.get(path("realms", realm, "groups", above))
            above = (group or {}).get("parentId")
        return going.get(above)
    return None


def _kind(policy: Mapping[str, Any]) -> Any:
    """The type of the objects that a permission is for."""
    return (policy.get("config") or {}).get("defaultResourceType")


# -- taking it back -----------------------------------------------------------------------------


def may_lose(step: Step) -> bool:
    """Whether the object of a step is of a type that admin permissions are for, and goes."""
    return step.operation is Operation.DELETE and step.type in _TYPES


@define
class Losses:
    """Admin permissions while an apply runs: each realm's are listed once for all that goes.

    What the apply itself takes out of them meanwhile is thus in the list still, as it is to be
    after a rollback; what it has deleted is left out, as it comes back by itself. May be used from
    several threads.
    """

    _listed: dict[str, list[Any]] = field(factory=dict)
    _lock: Lock = field(factory=Lock)

    def forget(self) -> None:
        """Have them be read again."""
        with self._lock:
            self._listed.clear()

    def with_image(self, writing: Writing, image: Image) -> Image:
        """An image of what is about to go, with the permissions for it and for what it has in it.

        Without any where the account may not see them: such an account could not bring them back.

        Raises:
            ServerError: They could not be read.
        """
        going = {str(writing.object_id()), *_ids(image)}
        with suppress(ForbiddenError):
            at = _server(writing.names, writing.address.realm)
            lost = [
                one
                for policy in (self._permissions(writing, at) if at else ())
                if at and (here := going & set(_names(policy.get("resourcesData"))))
                if (one := _image(writing, at, policy, sorted(here))) is not None
            ]
            return {**image, FIELD: lost} if lost else image
        return image

    def _permissions(self, writing: Writing, at: str) -> list[Any]:
        with self._lock:
            if at not in self._listed:
                self._listed[at] = list(writing.api.pages(f"{at}/policy", **_ALL))
            return self._listed[at]


def _image(
    writing: Writing, at: str, policy: Mapping[str, Any], lost: list[str]
) -> dict[str, Any] | None:
    body = _body(writing, at, policy, _names(policy.get("scopesData")))
    return None if body is None else {"lost": lost, "body": body}


def _body(
    writing: Writing, at: str, policy: Mapping[str, Any], scopes: list[str]
) -> dict[str, Any] | None:
    """A permission as its own end point takes it, but for its resources; None where it is gone."""
    asked: Any = writing.api.get(f"{at}/policy/{path(policy['id'])}/associatedPolicies")
    if asked is None:
        return None
    fields = ("id", "name", "description", "logic", "decisionStrategy")
    body = {key: policy[key] for key in fields if key in policy}
    kind, policies = _kind(policy), [item["id"] for item in asked]
    return {**body, "resourceType": kind, "scopes": scopes, "policies": policies}


def permit_again(writing: Writing, image: Image, ids: Mapping[Address, str]) -> None:
    """Have the permissions of an image be for the object again, which is back.

    What others changed of such a permission meanwhile stays.

    Args:
        writing: The step that took it away.
        image: What is brought back.
        ids: The ids of what could not have its old one.

    Raises:
        ServerError: One could not be written.
    """
    found = image.get(FIELD, ())
    at = _server(writing.names, writing.address.realm) if found else None
    if at is None:
        return
    new = dict(_new_ids(writing, image, ids))
    own = f"{at}/permission/scope"
    for item in found:
        body, back = item["body"], [new.get(lost, lost) for lost in item["lost"]]
        with writing.names.lock(_client(writing.address.realm).child(AUTHORIZATION)):
            there: Any = writing.api.get(f"{at}/policy/{path(body['id'])}")
            present = _names(writing.api.get(f"{at}/policy/{path(body['id'])}/resources"))
            if there is not None and set(back) <= set(present):
                continue
            scopes = _names(writing.api.get(f"{at}/policy/{path(body['id'])}/scopes"))
            now = _body(writing, at, there, scopes) if there is not None else None
            if now is None:
                writing.api.post(own, {**body, "resources": back})
            else:
                everything = sorted({*back, *present})
                writing.api.put(f"{own}/{path(body['id'])}", {**now, "resources": everything})


def _new_ids(
    writing: Writing, image: Image, ids: Mapping[Address, str]
) -> Iterator[tuple[str, str]]:
    """The new ids by the old ones: of the object, and of the roles of a client."""
    if writing.address in ids:
        yield writing.object_id(), ids[writing.address]
    for role in image.get("roles", ()):
        address = writing.address.child("roles", role["body"]["name"])
        if address in ids:
            yield role["body"]["id"], ids[address]


def _client(realm: str) -> Address:
    return client_of(Address.of(realm, "permissions"))


def _server(names: Names, realm: str) -> str | None:
    """The path of the realm's permissions; None where it has none."""
    client = _client(realm)
    if names.facts(client).get(("missing",)):
        return None
    found = names.find(client)
    if found is None:
        names.tell(client, {("missing",): True})
        return None
    return server_path(realm, found)


def _names(items: Any) -> list[str]:
    return [item["name"] for item in items or ()]


def _ids(value: Any) -> Iterable[str]:
    """The ids in an image."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key == "id" and isinstance(item, str):
                yield item
            yield from _ids(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _ids(item)
