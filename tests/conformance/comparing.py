"""Objects as Keycloak has them, compared with each other and with what the files say."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from conformance.overlays import by_name, is_named, name_key
from support.whole_realm import differences


def same(one: Any, other: Any, realm: str, secrets: Iterable[str]) -> list[str]:
    """How two objects differ, apart from ids, times, secrets, and the realm's name."""

    def comparable(value: Any) -> Any:
        text = json.dumps(plain(value, realm))
        for secret in secrets:
            text = text.replace(secret, "SECRET")
        return json.loads(text)

    return list(differences(comparable(one), comparable(other)))


def lacking(declared: Any, live: Any, path: str = "") -> Iterator[str]:
    """Where an object has not what is declared; lists in any order."""
    if isinstance(declared, dict) and is_named(live):
        live = by_name(live)
    if isinstance(declared, dict) and isinstance(live, dict):
        for key, value in declared.items():
            yield from lacking(value, live.get(key), f"{path}.{key}")
    elif isinstance(declared, list) and isinstance(live, list) and len(declared) == len(live):
        for one, other in zip(plain(declared, "-"), plain(live, "-"), strict=True):
            yield from lacking(one, other, path)
    elif declared != live:
        yield f"{path}: {declared!r} declared, {live!r} there"


def exactly(one: Any, other: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths at which an object is not just what it was, what is empty counted."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            if key not in one or key not in other:
                yield (*path, key)
            else:
                yield from exactly(one[key], other[key], (*path, key))
    elif isinstance(one, list) and isinstance(other, list):
        pairs = zip(sorted(one, key=_order), sorted(other, key=_order), strict=False)
        if len(one) != len(other):
            yield path
        for first, second in pairs:
            yield from exactly(first, second, path)
    elif one != other:
        yield path


_OWN = {"id", "_id", "internalId", "containerId", "parentId", "createdTimestamp", "access"}


def plain(value: Any, realm: str) -> Any:
    """A value without ids, times and empty texts, with its lists sorted."""
    if isinstance(value, dict):
        items = {k: plain(item, realm) for k, item in value.items() if k not in _OWN}
        return {key: item for key, item in items.items() if item not in ("", None)}
    if isinstance(value, list):
        return sorted((plain(item, realm) for item in value), key=_order)
    if isinstance(value, str):
        return value.replace(f"{realm}-elsewhere", realm).replace(realm, "REALM")
    return value


def _order(item: Any) -> str:
    return str(item[name_key(item)]) if name_key(item) else json.dumps(item, sort_keys=True)
