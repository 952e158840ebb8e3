"""Admin permissions as the files declare them, with their policies as conditions."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.resource import Resource
from kcplan_keycloak.admin_proof.conditions import (
    Condition,
    Hours,
    Kind,
    Leaf,
    Literal,
    Trait,
    Unknown,
    every,
    most,
    negated,
    some,
)

PERMISSION: Final = "admin-permission"
POLICY: Final = "admin-policy"

_TOGETHER: Final = {"UNANIMOUS": every, "AFFIRMATIVE": some, "CONSENSUS": most}


@frozen
class Permission:
    """That whoever meets a condition may do something to objects of a type.

    Attributes:
        realm: The realm.
        name: Its name.
        resource_type: The type of the objects, as Keycloak calls it: `Users`, `Clients`, …
        resources: The names of the objects; none for all of the type.
        scopes: What may be done: `view`, `manage`, …
        condition: Who may do it.
    """

    realm: str
    name: str
    resource_type: str
    resources: tuple[str, ...]
    scopes: tuple[str, ...]
    condition: Condition


def permissions_of(resources: Mapping[Address, Resource]) -> tuple[Permission, ...]:
    """The admin permissions of resources, in the order of their addresses."""
    found = sorted((r for r in resources.values() if r.type == PERMISSION), key=_order)
    return tuple(_permission(resource, resources) for resource in found)


def _order(resource: Resource) -> tuple[str, ...]:
    return resource.address.segments


def _permission(resource: Resource, known: Mapping[Address, Resource]) -> Permission:
    leaves = resource.leaves
    kind = str(leaves.get(("resourceType",)) or "")
    policies = _Policies(resource.address.realm, known)
    names = _texts(leaves.get(("policies",)))
    together = _TOGETHER.get(str(leaves.get(("decisionStrategy",)) or "UNANIMOUS"), every)
    condition = together(policies.condition(name) for name in names)
    if leaves.get(("logic",)) == "NEGATIVE":
        condition = negated(condition)
    return Permission(
        realm=resource.address.realm,
        name=resource.address.name,
        resource_type=kind,
        resources=_texts(leaves.get(("resources", kind))),
        scopes=_texts(leaves.get(("scopes",))),
        condition=condition,
    )


@frozen
class _Policies:
    """The policies of a realm, by name."""

    realm: str
    known: Mapping[Address, Resource]

    def condition(self, name: str, within: frozenset[str] = frozenset()) -> Condition:
        """What a policy asks for. `within` are the aggregates that it is looked up for."""
        address = Address.of(self.realm, "permissions", "admin-policies", name)
        resource = self.known.get(address)
        if resource is None or name in within:
            return Literal(Unknown(name))
        found = self._of(resource, within | {name})
        return negated(found) if resource.leaves.get(("logic",)) == "NEGATIVE" else found

    def _of(self, resource: Resource, within: frozenset[str]) -> Condition:
        match resource.leaves.get(("type",)):
            case Kind.USER | Kind.CLIENT as kind:
                names = _texts(_config(resource).get(f"{kind}s"))
                return some(Literal(Trait(Kind(kind), name)) for name in names)
            case Kind.ROLE:
                return _roles(_table(_config(resource).get("roles")))
            case Kind.GROUP:
                return some(map(Literal, _groups(_table(_config(resource).get("groups")))))
            case "time":
                texts = {k: str(v) for k, v in _config(resource).items() if v not in (None, "")}
                return Literal(Hours(texts))
            case "aggregate":
                names = _texts(_config(resource).get("applyPolicies"))
                way = str(resource.leaves.get(("decisionStrategy",)) or "UNANIMOUS")
                return _TOGETHER.get(way, every)(self.condition(name, within) for name in names)
        return Literal(Unknown(resource.address.name))


def _roles(roles: Mapping[str, Any]) -> Condition:
    """All required roles, or one of them where none is."""
    required = [name for name, fields in roles.items() if _says(fields, "required")]
    held = [Literal(Trait(Kind.ROLE, name)) for name in required or roles]
    return every(held) if required else some(held)


def _groups(groups: Mapping[str, Any]) -> Iterator[Leaf]:
    for path, fields in groups.items():
        yield Trait(Kind.GROUP, path, below=_says(fields, "extendChildren"))


def _says(fields: Any, key: str) -> bool:
    return isinstance(fields, Mapping) and str(fields.get(key)).lower() == "true"


def _config(resource: Resource) -> dict[str, Any]:
    """What stands below `config`, as a table again."""
    found: dict[str, Any] = {}
    for path, value in resource.leaves.items():
        if path[:1] == ("config",):
            _put(found, path[1:], value)
    return found


def _put(table: dict[str, Any], path: Iterable[str], value: Any) -> None:
    *outer, last = path
    for segment in outer:
        inner = table.setdefault(segment, {})
        if not isinstance(inner, dict):
            return
        table = inner
    # A copy: what lies in a table is put into it, and the leaf is not ours.
    table[last] = {**value} if isinstance(value, Mapping) else value


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
