"""Shapes of representations, and leaves: the flat form in which everything is compared.

A representation (what Keycloak's API takes and gives) is a tree. Comparing, merging, owning and
undoing all happen field by field, so kcplan works on *leaves*: a mapping from path to value, where
maps and named lists are opened entry by entry and plain lists are one value:

    {"clientId": "a", "attributes": {"x": "1"}, "protocolMappers": [{"name": "aud", "config": {…}}]}

    ("clientId",) → "a"
    ("attributes", "x") → "1"
    ("protocolMappers", "aud", "config", "included.client.audience") → "b"

An empty map or named list is the leaf `{}` at its own path: "no entries". A value None means
"absent": an empty string and a missing one are the same thing to Keycloak.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import field, frozen

from kcplan import conversion
from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.secret import Secret

Leaves = Mapping[Path, Any]
"""Flat form of a representation; see the module's docstring."""


@frozen
class Scalar:
    """A single value.

    Attributes:
        word: What it must be, in the words of a message.
        types: The Python types that its JSON form may have.
        convert: The value of these types that another value certainly means, or the value itself;
            see `kcplan.conversion`.
    """

    word: str
    types: tuple[type, ...]
    convert: Callable[[Any], Any] = conversion.unchanged

    def accepts(self, value: object) -> bool:
        """Strict: `true` is no integer, `"false"` no boolean."""
        if isinstance(value, bool):
            return bool in self.types
        return isinstance(value, self.types)


STRING: Final = Scalar("a string", (str, Secret), conversion.text)
BOOLEAN: Final = Scalar("a boolean (true or false)", (bool,), conversion.boolean)
INTEGER: Final = Scalar("an integer", (int,), conversion.integer)
NUMBER: Final = Scalar("a number", (int, float), conversion.number)


@frozen(kw_only=True)
class Choice(Scalar):
    """One of a few words, which Keycloak keeps in one spelling."""

    word: str
    types: tuple[type, ...] = (str,)
    values: tuple[str, ...]

    def spelled(self, value: object) -> object:
        """The word as Keycloak has it, whatever its case; the value itself where it is none."""
        word = str(value.value if isinstance(value, Secret) else value).lower()
        return next((known for known in self.values if known.lower() == word), value)

    def accepts(self, value: object) -> bool:
        """Whether it is one of the words."""
        return value in self.values


def choice(*values: str) -> Choice:
    """The shape of a field that takes one of these words."""
    return Choice(word=f"one of {', '.join(values)}", values=values)


@frozen(kw_only=True)
class Ref(Scalar):
    """The name of another object.

    Attributes:
        type: The word for the type of what it names.
        also: Types whose objects it may name as well, where names are shared.
        spelling: How a text says which object it means; None where it is the object's own name.
        required: Whether Keycloak refuses a text without the object that it names.
        follows: Whether Keycloak keeps the object itself rather than its name, so that a renamed
            object is still named.
        by_id: Whether the Admin API has the object's id in this field; in the field with the name
            of a named list's entry, whether it wants the id beside it.
    """

    word: str = "a string"
    types: tuple[type, ...] = (str, Secret)
    type: str
    also: tuple[str, ...] = ()
    spelling: "Spelling | None" = None
    required: Callable[[str], bool] = lambda _: True
    follows: bool = True
    by_id: bool = False


@frozen
class Spelling:
    """How texts say which objects they mean, where a name alone does not.

    Attributes:
        read: The addresses of what a text may mean, given the address of the resource that it
            stands in.
        write: The text for an address.
    """

    read: Callable[[Address, str], tuple[Address, ...]]
    write: Callable[[Address], str]


@frozen
class Anything:
    """Any JSON value, compared as a whole."""


ANY: Final = Anything()


@frozen
class ListOf:
    """A list that is one value.

    Attributes:
        item: The shape of its items.
        may_be_one: Whether Keycloak takes one item without the list.
        ordered: Whether the order counts.
        owned: Whether kcplan takes back, item by item, what it added (roles, scopes), when the
            resource is released.
    """

    item: "Shape"
    ordered: bool = False
    owned: bool = False
    may_be_one: bool = False


@frozen
class MapOf:
    """A map with free keys, managed entry by entry.

    Attributes:
        value: The shape of each entry.
        exhaustive: Whether an entry that is not declared is one that must not be there.
        key: What the keys name, where they are names of objects that the values lie in.
    """

    value: "Shape"
    exhaustive: bool = False
    key: Ref | None = None


@frozen
class Named:
    """A list of objects with names, managed entry by entry.

    Attributes:
        entry: The shape of each entry.
        key: The field with an entry's name. It is a leaf of the entry where `entry` has it, which
            an entry with no other fields needs.
        exhaustive: Whether an entry that is not declared is one that must not be there.
    """

    entry: "Object"
    key: str = "name"
    exhaustive: bool = False


@frozen
class Object:
    """An object with known fields. Others pass through, with a diagnostic.

    `closed` objects are sections of kcplan's own, where an unknown field is an error. In an
    `exhaustive` object, a list or map that is not declared is one that must be empty.

    With `others`, the shape of fields that are not known, it is really a map, in which Keycloak
    keeps whatever there is: its fields are managed entry by entry.

    `older` has fields that Keycloak keeps as lists under another name, which takes several.
    """

    fields: Mapping[str, "Shape"] = field(factory=dict)
    closed: bool = False
    exhaustive: bool = False
    others: "Shape | None" = None
    older: Mapping[str, str] = field(factory=dict)

    def at(self, name: str) -> "Shape":
        """The shape of a field; `ANY` where the object does not know it."""
        return self.fields.get(name) or self.others or ANY

    def is_entry(self, name: str) -> bool:
        """Whether a field comes and goes as a whole, although it stands in no map or list."""
        inner = self.at(name)
        return self.others is not None and not isinstance(inner, Object | MapOf | Named)


Shape = Scalar | Ref | Anything | ListOf | MapOf | Named | Object

STRINGS: Final = ListOf(STRING)
ORDERED_STRINGS: Final = ListOf(STRING, ordered=True)
STRING_MAP: Final = MapOf(STRING)


REWRITTEN: Final = "rewritten-value"
"""The code of problems that are none: a value is taken in the form that Keycloak keeps."""


@frozen
class Problem:
    """A value that does not have the shape of its field.

    `place` is its path in the document as written (list items by position), `path` its leaf path.
    """

    code: str
    place: tuple[str | int, ...]
    path: Path
    summary: str
    detail: str = ""


@frozen
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


_Place = tuple[str | int, ...]


def _walk(shape: Shape, value: Any, path: Path, place: _Place, flat: Flat) -> None:
    match shape:
        case Object():
            _walk_object(shape, value, path, place, flat)
        case MapOf():
            _walk_map(shape, value, path, place, flat)
        case Named():
            _walk_named(shape, value, path, place, flat)
        case ListOf():
            _walk_list(shape, value, path, place, flat)
        case Scalar():
            _walk_scalar(shape, value, path, place, flat)
        case Anything():
            _leaf(value, path, place, flat)


def _leaf(value: Any, path: Path, place: _Place, flat: Flat) -> None:
    flat.leaves[path] = value
    flat.places[path] = place


def _wrong_type(wanted: str, value: Any, path: Path, place: _Place, flat: Flat) -> None:
    flat.places[path] = place
    quotes = wanted == STRING.word and isinstance(value, int | float)
    flat.problems.append(
        Problem(
            "wrong-type",
            place,
            path,
            f"{dotted(path) or 'the document'} must be {wanted}, not {describe(value)}",
            "Put it into quotes." if quotes else "",
        )
    )


def _walk_object(shape: Object, value: Any, path: Path, place: _Place, flat: Flat) -> None:
    if value is None and path:
        value = {}
    if not isinstance(value, Mapping):
        _wrong_type("a table", value, path, place, flat)
        return
    if not value and path and not shape.exhaustive:
        _leaf({}, path, place, flat)
    for key, item in value.items():
        if key in shape.older and key not in shape.fields:
            _walk_older(shape, value, key, path, place, flat)
            continue
        if key not in shape.fields:
            _unknown(shape, key, path, (*place, key), flat)
        _walk(shape.at(key), item, (*path, key), (*place, key), flat)
    if shape.exhaustive:
        for key, known in shape.fields.items():
            if key not in value:
                _walk(known, None, (*path, key), place, flat)


def _walk_older(
    shape: Object, table: Mapping[str, Any], key: str, path: Path, place: _Place, flat: Flat
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


def _rewritten(form: str, path: Path, place: _Place, flat: Flat) -> None:
    """Note that a value is taken in another form: that which Keycloak keeps."""
    summary = f"{dotted(path)} is taken as {form}"
    detail = "That is what Keycloak makes of it."
    flat.problems.append(Problem(REWRITTEN, place, path, summary, detail))


def _unknown(shape: Object, key: str, path: Path, place: _Place, flat: Flat) -> None:
    from difflib import get_close_matches

    close = get_close_matches(key, shape.fields, n=1, cutoff=0.7)
    hint = f" Did you mean `{close[0]}`?" if close else ""
    if shape.others is not None:
        if close:
            flat.problems.append(_unlikely(key, close[0], path, place))
        return
    flat.problems.append(
        Problem(
            "unknown-field",
            place,
            (*path, key),
            f"unknown field `{key}`" + (f"; did you mean `{close[0]}`?" if close else ""),
            "kcplan passes the field on to Keycloak as it is. A Keycloak that does not know it, "
            f"either, refuses the whole request.{hint}",
        )
    )


def _unlikely(key: str, close: str, path: Path, place: _Place) -> Problem:
    return Problem(
        "unknown-entry",
        place,
        (*path, key),
        f"nothing of Keycloak's own reads `{key}`; did you mean `{close}`?",
        "Keycloak keeps the entry all the same, and an extension may read it.",
    )


def _walk_map(shape: MapOf, value: Any, path: Path, place: _Place, flat: Flat) -> None:
    if value is None or (isinstance(value, Mapping) and not value):
        _leaf({}, path, place, flat)
    elif not isinstance(value, Mapping):
        _wrong_type("a table", value, path, place, flat)
    else:
        if shape.exhaustive:
            _leaf({}, path, place, flat)
        for key, item in value.items():
            _walk(shape.value, item, (*path, key), (*place, key), flat)


def _walk_named(shape: Named, value: Any, path: Path, place: _Place, flat: Flat) -> None:
    if value is None or value == []:
        _leaf({}, path, place, flat)
        return
    if not isinstance(value, list):
        _wrong_type("a list of tables", value, path, place, flat)
        return
    if shape.exhaustive:
        _leaf({}, path, place, flat)
    seen: set[str] = set()
    for index, item in enumerate(value):
        here = (*place, index)
        name = item.get(shape.key) if isinstance(item, Mapping) else None
        if not isinstance(item, Mapping):
            _wrong_type("a table", item, (*path, str(index)), here, flat)
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
        elif name in seen:
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
            seen.add(name)
            kept = shape.key in shape.entry.fields
            rest = {key: inner for key, inner in item.items() if kept or key != shape.key}
            _walk(shape.entry, rest, (*path, name), here, flat)


def _walk_list(shape: ListOf, value: Any, path: Path, place: _Place, flat: Flat) -> None:
    if value is None:
        value = []
    elif shape.may_be_one and isinstance(value, str | Secret | int | float):
        _rewritten("a list with one item", path, place, flat)
        value = [value]
    if not isinstance(value, list | tuple):
        _wrong_type("a list", value, path, place, flat)
        return
    items = list(value)
    if isinstance(shape.item, Scalar):
        items = [shape.item.convert(item) for item in items]
        for index, item in enumerate(items):
            if not shape.item.accepts(item):
                _wrong_type(shape.item.word, item, (*path, f"[{index}]"), (*place, index), flat)
    items = items if shape.ordered else unordered(items)
    _leaf(items, path, place, flat)


def _walk_scalar(shape: Scalar, value: Any, path: Path, place: _Place, flat: Flat) -> None:
    value = shape.convert(value)
    if isinstance(shape, Choice) and value and (spelled := shape.spelled(value)) != value:
        _rewritten(f"`{spelled}`", path, place, flat)
        value = spelled
    if str in shape.types and (value is None or value == ""):
        _leaf(None, path, place, flat)
    elif not shape.accepts(value):
        _wrong_type(shape.word, value, path, place, flat)
        if value is not None and not isinstance(value, list | dict):
            flat.leaves[path] = value
    else:
        _leaf(value, path, place, flat)


def unordered(items: Iterable[Any]) -> list[Any]:
    """The items as a set: each once, in a fixed order."""
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
    if isinstance(item, Mapping):
        return ("~", repr(sorted((key, _sort_key(value)) for key, value in item.items())))
    if isinstance(item, list | tuple):
        return ("~", repr([_sort_key(value) for value in item]))
    return ("~", repr(item))


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
        if isinstance(part, str) and not part.startswith("[")
        else str(part)
        for part in path
    )


def has_refs(shape: Shape) -> bool:
    """Whether something in a value of this shape may name another object."""
    match shape:
        case Ref():
            return True
        case ListOf():
            return has_refs(shape.item)
        case MapOf():
            return shape.key is not None or has_refs(shape.value)
        case Named():
            return has_refs(shape.entry)
        case Object():
            return any(map(has_refs, shape.fields.values()))
    return False


def shape_at(shape: Shape, path: Path) -> Shape:
    """The shape of the value at a path; `ANY` for what the shape does not know."""
    for part in path:
        match shape:
            case Object():
                shape = shape.at(part)
            case MapOf():
                shape = shape.value
            case Named():
                shape = shape.entry
            case _:
                return ANY
    return shape


def entry_of(shape: Shape, path: Path) -> Path:
    """The entry of a map or named list that a path belongs to, or the path itself.

    An entry is what comes and goes as a whole: one attribute, one protocol mapper.
    """
    for depth, part in enumerate(path):
        match shape:
            case MapOf() | Named():
                return path[: depth + 1]
            case Object() if shape.is_entry(part):
                return path[: depth + 1]
            case Object():
                shape = shape.at(part)
            case _:
                return path
    return path


def is_entry(shape: Shape, path: Path) -> bool:
    """Whether the path is one of, or within, the entries of a map or named list."""
    for part in path:
        match shape:
            case MapOf() | Named():
                return True
            case Object() if shape.is_entry(part):
                return True
            case Object():
                shape = shape.at(part)
            case _:
                return False
    return False


def under(leaves: Leaves, prefix: Path) -> Iterator[tuple[Path, Any]]:
    """The leaves at or below a path."""
    size = len(prefix)
    return ((path, value) for path, value in leaves.items() if path[:size] == prefix)


def unflatten(shape: Object, leaves: Leaves) -> dict[str, Any]:
    """The representation with these leaves. Absent values are left out, secrets stay wrapped."""
    root: dict[str, Any] = {}
    for path, value in sorted(leaves.items(), key=lambda item: len(item[0])):
        if value is None:
            continue
        node = root
        for part in path[:-1]:
            node = node.setdefault(part, {})
        if value == {} and isinstance(value, Mapping):
            node.setdefault(path[-1], {})
        else:
            node[path[-1]] = value
    tree: dict[str, Any] = _named_to_lists(shape, root)
    return tree


def _named_to_lists(shape: Shape, value: Any) -> Any:
    match shape:
        case Object() if isinstance(value, Mapping):
            return {key: _named_to_lists(shape.at(key), item) for key, item in value.items()}
        case MapOf() if isinstance(value, Mapping):
            return {key: _named_to_lists(shape.value, item) for key, item in value.items()}
        case Named() if isinstance(value, Mapping):
            return [
                {**_named_to_lists(shape.entry, item), shape.key: name}
                for name, item in value.items()
            ]
    return value
