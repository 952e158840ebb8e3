"""Callers and objects in a few words."""

from collections.abc import Iterable
from typing import Final

from kcplan_keycloak.admin_proof.conditions import Kind, Literal, Trait

_OBJECTS: Final = {
    "Users": ("user", "users"),
    "Groups": ("group", "groups"),
    "Clients": ("client", "clients"),
    "Roles": ("role", "roles"),
    "Organizations": ("organization", "organizations"),
}

_ORDER: Final = (Kind.USER, Kind.ROLE, Kind.GROUP, Kind.CLIENT)


def object_words(resource_type: str, name: str | None) -> str:
    """An object that a permission names; None for all objects of the type."""
    one, all_of_them = _OBJECTS.get(resource_type, (resource_type, resource_type))
    return f"all {all_of_them}" if name is None else f"{one} {name}"


def callers(way: Iterable[Literal]) -> str:
    """Who meets a condition this way: `role support and group /staff`, or `anyone`."""
    held = [item.leaf for item in way if item.holds and isinstance(item.leaf, Trait)]
    return " and ".join(map(str, sorted(held, key=_place))) or "anyone"


def _place(trait: Trait) -> tuple[int, str]:
    return _ORDER.index(trait.kind), trait.name


def provisos(way: Iterable[Literal]) -> str:
    """What else must be so: `only from 9:00 to 17:59, not role guest`."""
    items = list(way)
    only = [str(item.leaf) for item in items if item.holds and not isinstance(item.leaf, Trait)]
    never = [str(item.leaf) for item in items if not item.holds]
    return ", ".join([f"only {words}" for words in sorted(only)] + _not(sorted(never)))


def _not(words: Iterable[str]) -> list[str]:
    return [f"not {word}" for word in words]


def another_object(resource_type: str) -> str:
    """An object that no permission names."""
    one, _ = _OBJECTS.get(resource_type, (resource_type, resource_type))
    return f"another {one}"
