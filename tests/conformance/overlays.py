"""Documents and changes of them: what a realm file says, and what else it may say."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def overlaid(document: Any, changes: Any) -> Any:
    """A document with changes.

    Changes are a map of the fields that change. Maps in a document are changed entry by entry, and
    so are lists of objects with names, as maps by name; None removes. All else is one value.
    """
    if isinstance(changes, dict) and is_named(document):
        key = str(name_key(document[0]))
        entries = overlaid(by_name(document), changes)
        return [{key: name, **entry} for name, entry in entries.items() if entry]
    if isinstance(changes, dict) and isinstance(document, dict):
        kept = [key for key in {**document, **changes} if changes.get(key, ...) is not None]
        return {
            key: overlaid(document.get(key), changes[key]) if key in changes else document[key]
            for key in kept
        }
    return changes


def joined(one: Any, other: Any) -> Any:
    """Two documents in one: maps are joined, lists of objects with names, and lists of texts."""
    if is_named(one) and is_named(other):
        return list(joined(by_name(one), by_name(other)).values())
    if isinstance(one, dict) and isinstance(other, dict):
        both = {key: joined(one[key], other[key]) for key in one if key in other}
        return {**one, **other, **both}
    if isinstance(one, list) and isinstance(other, list):
        return one + [item for item in other if item not in one]
    return other


def leaves(changes: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of the fields that change, as kcplan names them."""
    if isinstance(changes, dict) and changes:
        for key, value in changes.items():
            yield from leaves(value, (*path, key))
    else:
        yield path


def within(changes: Any, document: Any) -> Any:
    """The changes of what the document has."""
    return _some(changes, document, having=True)


def outside(changes: Any, document: Any) -> Any:
    """The changes of what the document has not."""
    return _some(changes, document, having=False)


def _some(changes: Any, document: Any, *, having: bool) -> Any:
    there = by_name(document) if is_named(document) else document
    if not isinstance(changes, dict) or not isinstance(there, dict):
        return changes
    found = {}
    for key, value in changes.items():
        if key not in there:
            if not having:
                found[key] = value
        elif isinstance(value, dict):
            found[key] = _some(value, there[key], having=having)
        elif having:
            found[key] = value
    return found


def name_key(entry: Any) -> str | None:
    """The field with an entry's name; None where it has none."""
    keys = (
        "clientId",
        "serviceAccountClientId",
        "username",
        "identityProvider",
        "alias",
        "name",
        "requester",
        "path",
        "id",
    )
    return next((key for key in keys if isinstance(entry, dict) and key in entry), None)


def is_named(value: Any) -> bool:
    """Whether it is a list of objects with names."""
    return isinstance(value, list) and bool(value) and all(map(name_key, value))


def by_name(entries: list[Json]) -> Json:
    return {entry[str(name_key(entry))]: entry for entry in entries}
