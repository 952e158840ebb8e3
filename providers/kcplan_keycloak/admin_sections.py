"""Who may administer what, as files say it, brought into the form in which it is compared.

    permissions.admin           permissions; their policies stand beside them, or in them
    permissions.adminPolicies   policies

A policy says in one field whom it is about (`roles`, `groups`, …), or has `type` and `config` as an
export does. `gather` makes the latter of the former, takes the policies out of the permissions, and
puts the names of objects below the type that they are of; `scatter` is its inverse.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import field

from kcplan.classes import define, frozen
from kcplan.gathered import Gathered, Place, Unsound
from kcplan.schema import describe
from kcplan_keycloak.admin_export import exported

PERMISSIONS: Final = "permissions"
ADMIN: Final = "admin"
POLICIES: Final = "adminPolicies"

KINDS: Final = ("Clients", "Groups", "Organizations", "Roles", "Users")
"""The resource types."""


@frozen
class _Short:
    """A field of a policy that says whom it is about.

    Attributes:
        type: The type of such a policy.
        config: Where an export has the field in `config`; empty where it is all of that.
        key: The field with the name in an entry; empty where the entry is the name.
        usual: What else an entry has, unless the file says otherwise.
    """

    type: str
    config: str
    key: str = ""
    usual: Mapping[str, Any] = field(factory=dict)


SHORT: Final[Mapping[str, _Short]] = {
    "roles": _Short("role", "roles", "id", {"required": False}),
    "groups": _Short("group", "groups", "path", {"extendChildren": False}),
    "users": _Short("user", "users"),
    "clients": _Short("client", "clients"),
    "clientScopes": _Short("client-scope", "clientScopes", "id", {"required": False}),
    "policies": _Short("aggregate", "applyPolicies"),
    "time": _Short("time", ""),
}

_FIELDS: Final = ", ".join(f"`{name}`" for name in SHORT)


def gather(document: Mapping[str, Any]) -> Gathered:
    """The document with policies and permissions in the form in which they are compared."""
    export = exported(document)
    section = document.get(PERMISSIONS, {})
    has_some = isinstance(section, Mapping) and not section.keys().isdisjoint((ADMIN, POLICIES))
    has_some = has_some or bool(export.policies or export.permissions)
    if not isinstance(section, Mapping) or not has_some:
        return Gathered(export.document, unsound=export.unsound)
    work = _Gathering(unsound=list(export.unsound))
    for where, policy in (*_items(section, POLICIES), *export.policies):
        work.add(policy, where)
    items = enumerate((*_items(section, ADMIN), *export.permissions))
    permissions = [work.permission(index, item, where) for index, (where, item) in items]
    found = {ADMIN: permissions, POLICIES: work.policies}
    odd = {key: section[key] for key in found if not isinstance(section.get(key), list | None)}
    data = {**export.document, PERMISSIONS: {**section, **found, **odd}}
    return Gathered(data, work.moved, unsound=tuple(work.unsound))


def _items(section: Mapping[str, Any], key: str) -> Iterator[tuple[Place, Any]]:
    value = section.get(key)
    for index, item in enumerate(value if isinstance(value, list) else ()):
        yield (PERMISSIONS, key, index), item


@define
class _Gathering:
    """What was made of the sections so far."""

    policies: list[Any] = field(factory=list)
    in_place: list[Any] = field(factory=list)
    moved: dict[Place, Place] = field(factory=dict)
    unsound: list[Unsound] = field(factory=list)

    def add(self, policy: Any, where: Place) -> None:
        """Take a policy up."""
        here = (PERMISSIONS, POLICIES, len(self.policies))
        if where != here:
            self.moved[here] = where
        self.policies.append(self._policy(policy, here, where))

    def _policy(self, policy: Any, here: Place, where: Place) -> Any:
        if not isinstance(policy, Mapping):
            return policy
        if "config" in policy or "type" in policy:
            return _from_the_top(policy)
        said = [name for name in SHORT if name in policy]
        if len(said) != 1:
            self.unsound.append(_not_one(where, policy.get("name"), said))
            return {"name": policy.get("name"), "type": "role", "config": {}}
        name, short = said[0], SHORT[said[0]]
        rest = {key: value for key, value in policy.items() if key != name}
        value, at = policy[name], (*where, name)
        if not short.config:
            self.moved[*here, "config"] = at
            return {**rest, "type": short.type, "config": value}
        self.moved[*here, "config", short.config] = at
        return {
            **rest,
            "type": short.type,
            "config": {short.config: self._entries(short, value, here, at)},
        }

    def _entries(self, short: _Short, value: Any, here: Place, at: Place) -> Any:
        if not short.key or not isinstance(value, list):
            return value
        for index in range(len(value)):
            self.moved[*here, "config", short.config, index, short.key] = (*at, index)
        return [_entry(short, item) for item in value]

    def permission(self, index: int, permission: Any, where: Place) -> Any:
        """A permission, with the policies that it declares taken out of it."""
        if not isinstance(permission, Mapping):
            return permission
        here = (PERMISSIONS, ADMIN, index)
        if where != here:
            self.moved[here] = where
        found = dict(permission)
        if isinstance(found.get("policies"), list):
            found["policies"] = [
                self._named(item, (*where, "policies", place))
                for place, item in enumerate(found["policies"])
            ]
        kind = found.get("resourceType")
        if not isinstance(kind, str) or not kind or "$" in kind:
            if kind is None:
                self.unsound.append(_no_type(where, found.get("name")))
            elif isinstance(kind, str):
                self.unsound.append(_variable_type(where))
            return {key: value for key, value in found.items() if key != "resources"}
        names = found.get("resources")
        if names is not None and not (isinstance(names, list) and names):
            self.unsound.append(_no_resources(where, kind, names))
        elif names is not None:
            self.moved[*here, "resources", kind] = (*where, "resources")
        if names is not None or kind in KINDS:
            found["resources"] = {kind: names if isinstance(names, list) else []}
        return found

    def _named(self, policy: Any, where: Place) -> Any:
        """The name of a policy, which is declared here where it is a table."""
        if not isinstance(policy, Mapping):
            return policy
        if not policy.get("name"):
            self.unsound.append(_nameless(where))
            return ""
        if policy not in self.in_place:
            self.in_place.append(policy)
            self.add(policy, where)
        return policy["name"]


def _entry(short: _Short, said: Any) -> Any:
    """An entry as a table, with what it has unless the file says otherwise."""
    if not isinstance(said, str | Mapping):
        return said
    entry: dict[str, Any] = {short.key: said} if isinstance(said, str) else {**said}
    name = entry.get(short.key)
    if short.key == "path" and isinstance(name, str) and name and not name.startswith(("/", "$")):
        entry[short.key] = f"/{name}"
    return {**entry, **short.usual, **entry}


def _from_the_top(policy: Mapping[str, Any]) -> Mapping[str, Any]:
    """A policy with its groups named from the top, also where they are written as in an export."""
    config = policy.get("config")
    groups = config.get("groups") if isinstance(config, Mapping) else None
    if not isinstance(groups, list):
        return policy
    short = _Short("group", "groups", "path")
    named = [_entry(short, item) if isinstance(item, Mapping) else item for item in groups]
    return {**policy, "config": {**policy["config"], "groups": named}}


def _not_one(where: Place, name: Any, said: Iterable[str]) -> Unsound:
    fields = " and ".join(f"`{field}`" for field in said)
    summary = (
        f"the policy {name!r} has {fields}"
        if fields
        else f"the policy {name!r} does not say whom it is about"
    )
    return Unsound(
        where,
        summary,
        f"A policy has one of {_FIELDS}. To demand several things at once, make a policy for each, "
        "and one with `policies` that names them.",
        code="unknown-type",
    )


def _nameless(where: Place) -> Unsound:
    return Unsound(
        where,
        "a policy in a permission has no `name`",
        "Keycloak knows policies by their names. Give it one, or write the name of a policy of "
        f"`{PERMISSIONS}.{POLICIES}` in its place.",
        code="missing-name",
    )


def _no_type(where: Place, name: Any) -> Unsound:
    return Unsound(
        where,
        f"the admin permission {name!r} has no `resourceType`",
        f"It says what the permission is about: {', '.join(f'`{kind}`' for kind in KINDS)}.",
        code="unknown-type",
    )


def _variable_type(where: Place) -> Unsound:
    return Unsound(
        (*where, "resourceType"),
        "`resourceType` can't be a variable",
        "What `resources` names depends on it. Write the type itself.",
    )


def _no_resources(where: Place, kind: str, said: Any) -> Unsound:
    if not isinstance(said, list):
        summary = f"`resources` must be a list of names, not {describe(said)}"
        return Unsound((*where, "resources"), summary, "")
    return Unsound(
        (*where, "resources"),
        "`resources` of an admin permission is empty",
        f"Leave `resources` out for a permission on all {kind.lower()}. For one on none of them, "
        "remove the permission.",
    )


def scatter(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The inverse of `gather`: policies and permissions as somebody would write them."""
    section = document.get(PERMISSIONS)
    if not isinstance(section, Mapping):
        return document
    writers: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
        ADMIN: _written_permission,
        POLICIES: _written_policy,
    }
    found = {
        key: [writers[key](item) for item in value] if key in writers else value
        for key, value in section.items()
    }
    return {**document, PERMISSIONS: found}


def _written_permission(permission: Mapping[str, Any]) -> Mapping[str, Any]:
    found = dict(permission)
    kinds = found.pop("resources", {})
    names = kinds.get(found.get("resourceType")) or []
    if names:
        found["resources"] = names
    last = [key for key in ("scopes", "policies") if key in found]
    return {key: found[key] for key in (*(key for key in found if key not in last), *last)}


def _written_policy(policy: Mapping[str, Any]) -> Mapping[str, Any]:
    config = policy.get("config", {})
    for name, short in SHORT.items():
        if policy.get("type") != short.type:
            continue
        if short.config and config.keys() != {short.config}:
            break
        rest = {key: value for key, value in policy.items() if key not in ("type", "config")}
        entries = config if not short.config else config[short.config]
        return {**rest, name: [_plain(short, item) for item in entries] if short.config else config}
    return policy


def _plain(short: _Short, entry: Any) -> Any:
    """An entry as its name alone, where it says nothing but what is usual."""
    if not isinstance(entry, Mapping):
        return entry
    more = {key: value for key, value in entry.items() if key != short.key}
    return entry[short.key] if more == short.usual else entry
