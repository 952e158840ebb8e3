"""Admin permissions as values, in the form in which files are read."""

from collections.abc import Mapping
from typing import Any

from kcplan.address import Address
from kcplan.resource import Resource

REALM = "shop"


def policy(name: str, type: str, *, realm: str = REALM, **fields: Any) -> Resource:  # noqa: A002
    """A policy; `config` is opened as a file's would be."""
    leaves: dict[tuple[str, ...], Any] = {("type",): type}
    _open(leaves, (), fields)
    address = Address.of(realm, "permissions", "admin-policies", name)
    return Resource(address, "admin-policy", leaves)


def role(name: str, *roles: str, **more: Any) -> Resource:
    """A policy by roles."""
    return policy(name, "role", config={"roles": {r: {"id": r} for r in roles}}, **more)


def permission(
    name: str,
    kind: str,
    scopes: list[str],
    policies: list[str],
    resources: tuple[str, ...] = (),
    realm: str = REALM,
) -> Resource:
    """A permission."""
    leaves = {
        ("resourceType",): kind,
        ("resources", kind): list(resources),
        ("scopes",): scopes,
        ("policies",): policies,
    }
    address = Address.of(realm, "permissions", "admin", name)
    return Resource(address, "admin-permission", leaves)


def by_address(*resources: Resource) -> dict[Address, Resource]:
    """Resources as a configuration has them."""
    return {resource.address: resource for resource in resources}


def _open(
    leaves: dict[tuple[str, ...], Any], path: tuple[str, ...], table: Mapping[str, Any]
) -> None:
    for key, value in table.items():
        if isinstance(value, dict):
            _open(leaves, (*path, key), value)
        else:
            leaves[*path, key] = value
