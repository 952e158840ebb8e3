"""Who may exchange tokens for a target in legacy mode: kcplan's policy on the target's permission.

Switching a target's permissions on makes one permission for each thing that can be permitted. The
policy remembers whether kcplan switched them on, so that they are switched off with it.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.provider import Image
from kcplan.resource import TypeSpec
from kcplan.schema import unordered
from kcplan.shapes import BOOLEAN, ListOf, Object, Ref
from kcplan.snapshot import LiveObject
from kcplan_keycloak.api import path
from kcplan_keycloak.built_in import management_client
from kcplan_keycloak.errors import NotFoundError
from kcplan_keycloak.legacy_services import ONE_AT_A_TIME
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Part, Reading, Writing
from kcplan_keycloak.token_exchange.legacy import Kind
from kcplan_keycloak.token_exchange.targets import Target, policy_name

_ALSO_DISABLE: Final = "Made by kcplan, which also enabled the permissions that it belongs to."
_ONLY: Final = "Made by kcplan."


def _needs(address: Address) -> Iterator[Address]:
    realm, *_, kind, name = address.segments
    if kind != Kind.USERS:
        yield Address.of(realm, kind, name)


_REQUESTERS: Final = ListOf(Ref(type="client", follows=False))


SPEC: Final = TypeSpec(
    name="legacy-exchange",
    pattern="REALM/permissions/legacy/KIND/NAME",
    rank=80,
    where="permissions.legacy",
    told_at="authz",
    schema=Object({"requesters": _REQUESTERS, "linked": BOOLEAN}, closed=True),
    chooses_id=True,
    needs=_needs,
)


@frozen
class LegacyExchangeType:
    """Policies for legacy targets, through the management client's authorization services."""

    spec: TypeSpec = SPEC
    parts: tuple[Part, ...] = ()

    def path_of(self, address: Address, object_id: str | None) -> str:
        """The path of what belongs to the realm: the policy's own depends on its target."""
        return path("realms", address.realm, object_id or "")

    def find(self, names: Names, address: Address) -> None:
        """Nothing refers to such a policy."""

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The wanted policies. Without one, nothing of the legacy end points is asked."""
        realm = reading.realm
        client = Address.of(realm, "clients", management_client(realm))
        if not reading.wanted or reading.names.find(client) is None:
            return []
        found = [_read(reading, address) for address in reading.wanted]
        return [live for live in found if live is not None]

    def create(self, writing: Writing) -> str | None:
        """Switch the target's permissions on, make the policy, hang it on the permission."""
        target = _target(writing)
        switched_on = _switch_on(target)
        body = {
            "id": writing.step.object_id,
            "name": policy_name(writing.address),
            "description": _ALSO_DISABLE if switched_on else _ONLY,
            "logic": "POSITIVE",
            "clients": _clients(writing, writing.step.after["requesters",]),
        }
        made = writing.api.post(f"{target.server()}/policy/client", body)
        _link(target, str(made))
        return made

    def update(self, writing: Writing) -> str | None:
        """Change the requesters, or hang the policy on the permission again."""
        target, policy = _target(writing), writing.object_id()
        if ("requesters",) in writing.step.after:
            at = f"{target.server()}/policy/client/{path(policy)}"
            clients = _clients(writing, writing.step.after["requesters",])
            writing.api.put(at, {**(writing.api.get(at) or {}), "clients": clients})
        if writing.step.after.get(("linked",)):
            _switch_on(target)
            _link(target, policy)
        elif ("linked",) in writing.step.after:
            _unlink(target, policy)
        return policy

    def delete(self, writing: Writing) -> None:
        """Take the policy off the permission and remove it."""
        target, policy = _target(writing), writing.object_id()
        at = f"{target.server()}/policy/client/{path(policy)}"
        found = writing.api.get(at)
        if found is None:
            raise NotFoundError(f"{writing.address} is not there any more", "Run plan again.")
        _unlink(target, policy)
        writing.api.delete(f"{target.server()}/policy/{path(policy)}")
        unused = not any(target.hanging(permission) for permission in _permissions(target))
        if found.get("description") == _ALSO_DISABLE and unused:
            target.switch(on=False)

    def capture(self, writing: Writing) -> Image | None:
        """The policy, and whether the permissions go with it."""
        return {"policy": _target(writing).policy()}

    def restore(self, writing: Writing, image: Image) -> None:
        """Make the policy again, under its old id."""
        target = _target(writing)
        _switch_on(target)
        if target.policy() is None:
            writing.api.post(f"{target.server()}/policy/client", image["policy"])
        _link(target, image["policy"]["id"])


def _switch_on(target: Target) -> bool:
    """Switch the target's permissions on; tells whether they were off."""
    with ONE_AT_A_TIME:
        was_off = target.permission() is None
        if was_off:
            target.switch(on=True)
        return was_off


def _target(writing: Writing) -> Target:
    return Target(writing.api, writing.names, writing.address)


def _read(reading: Reading, address: Address) -> LiveObject | None:
    target = Target(reading.api, reading.names, address)
    policy = target.policy()
    if policy is None:
        return None
    permission = target.permission()
    hanging = target.hanging(permission) if permission else []
    names = (
        reading.names.name_of_client(reading.realm, client) for client in policy.get("clients", ())
    )
    leaves: dict[tuple[str, ...], Any] = {
        ("requesters",): unordered(filter(None, names)),
        ("linked",): any(item["id"] == policy["id"] for item in hanging),
    }
    return LiveObject(address, SPEC.name, policy["id"], leaves)


def _clients(writing: Writing, requesters: Iterable[str]) -> list[str]:
    realm = writing.address.realm
    return [writing.id_of(Address.of(realm, "clients", name)) for name in requesters]


def _permissions(target: Target) -> Iterable[str]:
    return target.permissions().values()


def _link(target: Target, policy: str) -> None:
    permission = target.permission()
    if permission is None:
        raise NotFoundError(f"{target.address} has no permission", "Run plan again.")
    there = [item["id"] for item in target.hanging(permission)]
    if policy not in there:
        target.hang(permission, [*there, policy])


def _unlink(target: Target, policy: str) -> None:
    permission = target.permission()
    if permission is None:
        return
    there = [item["id"] for item in target.hanging(permission)]
    if policy in there:
        target.hang(permission, [item for item in there if item != policy])


TYPES: Final = (LegacyExchangeType(),)
