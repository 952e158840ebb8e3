"""Leaves: the flat form in which everything is compared, and the check of what a user wrote.

A representation (what Keycloak's API takes and gives) is a tree. Comparing, merging, owning and
undoing all happen field by field, so kcplan works on *leaves*: a mapping from path to value, where
maps and named lists are opened entry by entry and plain lists are one value:

    {"clientId": "a", "attributes": {"x": "1"}, "protocolMappers": [{"name": "aud", "config": {…}}]}

    ("clientId",) → "a"
    ("attributes", "x") → "1"
    ("protocolMappers", "aud", "config", "included.client.audience") → "b"

An empty map or named list is the leaf `{}` at its own path: "no entries". A value None means
"absent": an empty string and a missing one are the same thing to Keycloak. Where they are not, the
shape of the field says so (`Scalar.may_be_empty`), and the empty string stays one.
"""

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from sys import intern
from typing import Any, Final

from attrs import field

from kcplan.classes import define, frozen
from kcplan.diagnostics import Path, Place
from kcplan.order import arranged
from kcplan.secret import Secret
from kcplan.shapes import (
    STRING,
    Anything,
    ListOf,
    MapOf,
    Named,
    Object,
    Order,
    Ref,
    Scalar,
    Shape,
    Whole,
)

Leaves = Mapping[Path, Any]
"""Flat form of a representation; see the module's docstring."""


_TABLES: Final = (dict, Mapping)
"""`dict` first: asking an abstract class takes ten times as long."""

_TEXTS: Final = frozenset({str})

REWRITTEN: Final = "rewritten-value"
"""The code of problems that are none: a value is taken in the form that Keycloak keeps."""


@frozen
class Problem:
    """A value that does not have the shape of its field.

    `place` is its path in the document as written (list items by position), `path` its leaf path.
    `several` and `subject` are as in a `Diagnostic`.
    """

    code: str
    place: Place
    path: Place
    summary: str
    detail: str = ""
    several: str = ""
    subject: str = ""


@define
class Flat:
    """A flattened representation.

    Attributes:
        leaves: The values.
        places: For each leaf, where it stood in the document (list items by position).
        problems: What does not fit the shape; empty where the shape was not enforced.
    """

    leaves: dict[Path, Any] = field(factory=dict)
    places: dict[Path, tuple[str | int, ...]] = field(factory=dict)
    problems: list[Problem] = field(factory=list)


def flatten(shape: Object, document: Mapping[str, Any]) -> Leaves:
    """The leaves of a representation that Keycloak gave; what does not fit is taken as it is."""
    return check(shape, document).leaves


def check(shape: Object, document: Mapping[str, Any]) -> Flat:
    """The leaves of a representation that a user wrote, with every problem in it."""
    flat = Flat()
    _walk(shape, document, (), (), flat)
    return flat


def _walk(shape: Shape, value: Any, path: Path, place: Place, flat: Flat) -> None:
    if shape is STRING and type(value) is str and value:  # most are
        _leaf(intern(value), path, place, flat)
        return
    match shape:
        case Scalar():
            _walk_scalar(shape, value, path, place, flat)
        case Object():
            _walk_object(shape, value, path, place, flat)
        case MapOf():
            _walk_map(shape, value, path, place, flat)
        case Named():
            _walk_named(shape, value, path, place, flat)
        case ListOf():
            _walk_list(shape, value, path, place, flat)
        case Whole():
            _walk_whole(shape, value, path, place, flat)
        case Anything():
            _leaf(value, path, place, flat)
        case Order():
            pass  # that of the list counts


_PATHS: Final[dict[Path, Path]] = {}
_MANY: Final = 20_000
"""More paths than these are not kept, since what has so many names them after its objects."""


def shared(path: Path) -> Path:
    """The one tuple for a path: the same few hundred paths stand in all of thousands of objects."""
    known = _PATHS.get(path)
    if known is not None:
        return known
    if len(_PATHS) < _MANY:
        _PATHS[path] = path
    return path


def shared_texts(value: Any) -> Any:
    """A value with the one text for each text, or for those in a list.

    Names, ids, and what most objects have stand in files, state and Keycloak, and in thousands of
    objects there: each a text of its own, unless somebody sees to it.
    """
    kind = type(value)
    if kind is str:
        return intern(value)
    if kind is list:
        return [intern(item) if type(item) is str else item for item in value]
    return value


def _leaf(value: Any, path: Path, place: Place, flat: Flat) -> None:
    known = _PATHS.get(path) or shared(path)
    flat.leaves[known] = value
    flat.places[known] = known if place is path else place


def _wrong_type(wanted: str, value: Any, path: Path, place: Place, flat: Flat) -> None:
    flat.places[path] = place
    flat.problems.append(_misfit(wanted, value, path, place))


def _misfit(wanted: str, value: Any, path: Place, place: Place) -> Problem:
    quotes = wanted == STRING.word and isinstance(value, int | float)
    return Problem(
        "wrong-type",
        place,
        path,
        f"{dotted(path) or 'the document'} must be {wanted}, not {describe(value)}",
        "Put it into quotes." if quotes else "",
    )


def _walk_object(shape: Object, value: Any, path: Path, place: Place, flat: Flat) -> None:
    if value is None and path:
        value = {}
    if not isinstance(value, _TABLES):
        _wrong_type("a table", value, path, place, flat)
        return
    if not value and path and not shape.exhaustive:
        _leaf({}, path, place, flat)
    fields, same = shape.fields, place is path
    for key, item in value.items():
        known = fields.get(key)
        if known is not None:
            here = (*path, key)
            _walk(known, item, here, here if same else (*place, key), flat)
        elif key in shape.older:
            _walk_older(shape, value, key, path, place, flat)
        else:
            _unknown(shape, key, path, (*place, key), flat)
            _walk(shape.at(key), item, (*path, key), (*place, key), flat)
    if shape.exhaustive:
        for key, known in shape.fields.items():
            if key not in value:
                _walk(known, None, (*path, key), place, flat)


def _walk_older(
    shape: Object, table: Mapping[str, Any], key: str, path: Path, place: Place, flat: Flat
) -> None:
    """A field in its older form. Beside the newer one it must say the same."""
    item, newer = table[key], shape.older[key]
    here = (*place, key)
    if isinstance(item, list | dict):
        _wrong_type("a string", item, (*path, key), here, flat)
    elif item and newer in table and table[newer] != [item]:
        flat.problems.append(
            Problem(
                "duplicate-definition",
                here,
                (*path, key),
                f"`{key}` and `{newer}` say different things",
                f"`{key}` is the old form of `{newer}`, which is a list. Remove `{key}`.",
            )
        )
    elif item:
        _walk(shape.fields[newer], [item], (*path, newer), here, flat)
        _rewritten(f"the one item of `{newer}`", (*path, key), here, flat)


def _rewritten(form: str, path: Path, place: Place, flat: Flat) -> None:
    """Note that a value is taken in another form: that which Keycloak keeps."""
    field = dotted(path)
    summary = f"{field} is taken as {form}"
    detail = "That is what Keycloak makes of it."
    several, subject = "values are taken in the form that Keycloak keeps", f"{field} as {form}"
    flat.problems.append(Problem(REWRITTEN, place, path, summary, detail, several, subject))


def _order_apart(shape: Object, key: str, path: Path, place: Place) -> Problem:
    """An order as a field, which is kcplan's own notion beside a list."""
    ordered = (k for k, s in shape.fields.items() if isinstance(s, Named) and s.order == key)
    return Problem(
        "wrong-type",
        place,
        (*path, key),
        f"`{key}` is no field of its own",
        f"The order is that of the entries in `{next(ordered)}`. Remove it.",
    )


def _unknown(shape: Object, key: str, path: Path, place: Place, flat: Flat) -> None:
    from difflib import get_close_matches

    if key in shape.orders:
        flat.problems.append(_order_apart(shape, key, path, place))
        return
    close = get_close_matches(key, shape.fields, n=1, cutoff=0.7)
    hint = f"did you mean `{close[0]}`?" if close else ""
    if shape.others is not None:
        if close:
            flat.problems.append(_unlikely(key, close[0], path, place))
        return
    flat.problems.append(
        Problem(
            "unknown-field",
            place,
            (*path, key),
            f"unknown field `{key}`" + (f"; {hint}" if hint else ""),
            "kcplan passes the field on to Keycloak as it is. A Keycloak that does not know it "
            "either refuses the whole request.",
            "unknown fields",
            f"`{key}`" + (f" ({hint})" if hint else ""),
        )
    )


def _unlikely(key: str, close: str, path: Path, place: Place) -> Problem:
    return Problem(
        "unknown-entry",
        place,
        (*path, key),
        f"nothing of Keycloak's own reads `{key}`; did you mean `{close}`?",
        "Keycloak keeps the entry all the same, and an extension may read it.",
        "entries that nothing of Keycloak's own reads",
        f"`{key}` (did you mean `{close}`?)",
    )


def _walk_map(shape: MapOf, value: Any, path: Path, place: Place, flat: Flat) -> None:
    if value is None or (isinstance(value, _TABLES) and not value):
        _leaf({}, path, place, flat)
    elif not isinstance(value, _TABLES):
        _wrong_type("a table", value, path, place, flat)
    else:
        if shape.exhaustive:
            _leaf({}, path, place, flat)
        for key, item in value.items():
            here = (*path, key)
            _walk(shape.value, item, here, here if place is path else (*place, key), flat)


def _walk_named(shape: Named, value: Any, path: Path, place: Place, flat: Flat) -> None:
    if value is None or value == []:
        _leaf({}, path, place, flat)
        return
    if not isinstance(value, list):
        _wrong_type("a list of tables", value, path, place, flat)
        return
    if shape.exhaustive:
        _leaf({}, path, place, flat)
    names: list[str] = []
    seen: set[str] = set()
    for index, item in enumerate(value):
        here = (*place, index)
        name = item.get(shape.key) if isinstance(item, Mapping) else None
        if not isinstance(item, Mapping):
            flat.problems.append(_misfit("a table", item, (*path, index), here))
        elif not isinstance(name, str) or not name:
            flat.problems.append(
                Problem(
                    "missing-name",
                    here,
                    path,
                    f"an entry of {dotted(path)} has no `{shape.key}`",
                    f"Each entry is recognised by its `{shape.key}`. Add one.",
                )
            )
        elif name in seen and not shape.repeats:
            flat.problems.append(
                Problem(
                    "duplicate-definition",
                    here,
                    (*path, name),
                    f"{dotted(path)} has two entries with the {shape.key} {name!r}",
                    "Remove one of them, or give it another name.",
                )
            )
        elif len(item) == 1 and shape.key not in shape.entry.fields:
            flat.problems.append(
                Problem(
                    "empty-entry",
                    here,
                    (*path, name),
                    f"the entry {name!r} of {dotted(path)} says nothing but its {shape.key}",
                    "An entry that is only named cannot be created. Say what it is, or remove it.",
                )
            )
        else:
            name = shape.name(name, seen)
            seen.add(name)
            kept = shape.key in shape.entry.fields
            rest = {key: inner for key, inner in item.items() if kept or key != shape.key}
            _walk(shape.entry, rest, (*path, name), here, flat)
            names.append(name)
            if shape.order:
                _leaf(names, (*path[:-1], shape.order), place, flat)


def _walk_whole(shape: Whole, value: Any, path: Path, place: Place, flat: Flat) -> None:
    """A table as one value. `true` and `false` say that it is there, and that it is not."""
    if value is None or value is False:
        _leaf(None, path, place, flat)
        return
    inner = Flat()
    _walk_object(shape.table, {} if value is True else value, path, place, inner)
    flat.problems.extend(inner.problems)
    there = {p[-1]: v for p, v in inner.leaves.items() if p != path and v not in (None, [], {})}
    _leaf(there or True, path, place, flat)


def _walk_list(shape: ListOf, value: Any, path: Path, place: Place, flat: Flat) -> None:
    if value is None:
        value = []
    elif shape.may_be_one and isinstance(value, str | Secret | int | float):
        _rewritten("a list with one item", path, place, flat)
        value = [value]
    if not isinstance(value, list | tuple):
        _wrong_type("a list", value, path, place, flat)
        return
    items = list(value)
    if isinstance(shape.item, Scalar) and not _fits_as_it_is(shape.item, items):
        items = [shape.item.convert(item) for item in items]
        for index, item in enumerate(items):
            if not shape.item.accepts(item):
                problem = _misfit(shape.item.word, item, (*path, index), (*place, index))
                flat.problems.append(problem)
            elif (spelled := shape.item.spelled(item)) != item:
                _rewritten(f"`{spelled}`", (*path, str(index)), (*place, index), flat)
                items[index] = spelled
    if shape.without_empty:
        items = [item for item in items if item != ""]
    items = items if shape.ordered else unordered(items)
    _leaf(shared_texts(items), path, place, flat)


def _fits_as_it_is(shape: Scalar, items: list[Any]) -> bool:
    """Whether all items are texts where any text will do, as most are."""
    return (shape is STRING or type(shape) is Ref) and _are_texts(items)


def _are_texts(items: Iterable[Any]) -> bool:
    return _TEXTS.issuperset(map(type, items))


def _walk_scalar(shape: Scalar, value: Any, path: Path, place: Place, flat: Flat) -> None:
    value = shape.convert(value)
    if value and (spelled := shape.spelled(value)) != value:
        _rewritten(f"`{spelled}`", path, place, flat)
        value = spelled
    if str in shape.types and (value is None or (value == "" and not shape.may_be_empty)):
        _leaf(None, path, place, flat)
    elif not shape.accepts(value):
        _wrong_type(shape.word, value, path, place, flat)
        if value is not None and not isinstance(value, list | dict):
            flat.leaves[path] = value
    else:
        _leaf(shared_texts(value), path, place, flat)


def unordered(items: Iterable[Any]) -> list[Any]:
    """The items as a set: each once, in a fixed order."""
    items = list(items)
    if _are_texts(items):
        return sorted(set(items))
    # Of a text that is there both openly and as a secret, the secret stays.
    found = sorted(items, key=lambda item: (_sort_key(item), not isinstance(item, Secret)))
    return [
        item
        for index, item in enumerate(found)
        if index == 0
        or (item != found[index - 1] and _sort_key(item) != _sort_key(found[index - 1]))
    ]


def _sort_key(item: object) -> tuple[str, str]:
    """Where an item comes: secrets where their values do, so that the order is Keycloak's too."""
    if isinstance(item, str):
        return ("", item)
    if isinstance(item, Secret):
        return ("", item.value)
    return ("~", json.dumps(item, sort_keys=True, default=_in_clear))


def _in_clear(value: object) -> object:
    """What stands in a text to sort by for what JSON does not have: for secrets their values."""
    return value.value if isinstance(value, Secret) else repr(value)


_SHORT = 40

_WORDS: Final[tuple[tuple[type, str], ...]] = (
    (type(None), "null"),
    (Mapping, "a table"),
    (list, "a list"),
    (tuple, "a list"),
    (Secret, "a secret string"),
)


def describe(value: object) -> str:
    """A value in the words of a message: the kind for containers, the value for the rest."""
    for kind, word in _WORDS:
        if isinstance(value, kind):
            return word
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, str):
        return f"the string {value!r}" if len(value) <= _SHORT else "a string"
    return f"the number {value}" if isinstance(value, int | float) else type(value).__name__


def dotted(path: Iterable[str | int]) -> str:
    """A path as a person reads it: `attributes."access.token.lifespan"`."""
    return ".".join(
        part
        if isinstance(part, str) and part.replace("-", "a").replace("_", "a").isalnum()
        else f'"{part}"'
        if isinstance(part, str)
        else str(part)
        for part in path
    )


def under(leaves: Leaves, prefix: Path) -> Iterator[tuple[Path, Any]]:
    """The leaves at or below a path."""
    size = len(prefix)
    return ((path, value) for path, value in leaves.items() if path[:size] == prefix)


def tops(paths: Iterable[Path]) -> frozenset[str]:
    """The fields of an object that paths lie in."""
    return frozenset(path[0] for path in paths if path)


def beginnings(paths: Iterable[Path]) -> frozenset[Path]:
    """All that these paths are, or lie below. To ask it is to ask whether `under` has something."""
    found = set(paths)
    for path in tuple(found):
        for size in range(len(path)):
            found.add(path[:size])
    return frozenset(found)


def lies_in(path: Path, paths: Container[Path]) -> bool:
    """Whether a path is one of these, or lies below one of them."""
    return any(path[:size] in paths for size in range(1, len(path) + 1))


def without_orders(shape: Object, table: Mapping[str, Any]) -> Mapping[str, Any]:
    """A table whose lists, still by names, are in the order that stands beside them."""
    if not shape.orders:
        return table
    ordered = {k: s.order for k, s in shape.fields.items() if isinstance(s, Named) and s.order}
    found = {key: item for key, item in table.items() if key not in ordered.values()}
    for key, beside in ordered.items():
        entries = found.get(key) or {}
        wanted = [name for name in table.get(beside) or () if name in entries]
        if wanted:
            found[key] = {name: entries[name] for name in arranged(list(entries), wanted)}
    return found


def unflatten(shape: Object, leaves: Leaves) -> dict[str, Any]:
    """The representation with these leaves. Absent values are left out, secrets stay wrapped."""
    root: dict[str, Any] = {}
    for path, value in sorted(leaves.items(), key=lambda item: len(item[0])):
        if value is None:
            continue
        node = root
        for part in path[:-1]:
            node = node.setdefault(part, {})
        if value == {} and isinstance(value, _TABLES):
            node.setdefault(path[-1], {})
        else:
            node[path[-1]] = value
    tree: dict[str, Any] = _named_to_lists(shape, root)
    return tree


def _named_to_lists(shape: Shape, value: Any) -> Any:
    match shape:
        case Object() if isinstance(value, _TABLES):
            table = without_orders(shape, value)
            return {key: _named_to_lists(shape.at(key), item) for key, item in table.items()}
        case Whole() if value is True:
            return {}
        case MapOf() if isinstance(value, _TABLES):
            return {key: _named_to_lists(shape.value, item) for key, item in value.items()}
        case Named() if isinstance(value, _TABLES):
            return [
                shape.listed(name, _named_to_lists(shape.entry, item))
                for name, item in value.items()
            ]
    return value
