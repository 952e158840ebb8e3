"""Shapes: what the fields of a representation take. Data, and ways through it."""

from collections.abc import Callable, Container, Mapping
from itertools import chain, count
from typing import Any, Final

from attrs import field

from kcplan import conversion
from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.secret import Secret


@frozen
class Scalar:
    """A single value.

    Attributes:
        word: What it must be, in the words of a message.
        types: The Python types that its JSON form may have.
        convert: The value of these types that another value certainly means, or the value itself;
            see `kcplan.conversion`.
        may_be_empty: Whether an empty text is a value of its own, and not the same as none.
        own: Names of which Keycloak itself replaces `${NAME}` in such a text.
    """

    word: str
    types: tuple[type, ...]
    convert: Callable[[Any], Any] = conversion.unchanged
    may_be_empty: bool = False
    own: frozenset[str] = frozenset()

    def accepts(self, value: object) -> bool:
        """Strict: `true` is no integer, `"false"` no boolean."""
        if isinstance(value, bool):
            return bool in self.types
        return isinstance(value, self.types)

    def spelled(self, value: Any) -> Any:
        """The value as Keycloak spells it."""
        return value


STRING: Final = Scalar("a string", (str, Secret), conversion.text)
TEXT: Final = Scalar("a string", (str, Secret), conversion.text, may_be_empty=True)
BOOLEAN: Final = Scalar("a boolean (true or false)", (bool,), conversion.boolean)
INTEGER: Final = Scalar("an integer", (int,), conversion.integer)
NUMBER: Final = Scalar("a number", (int, float), conversion.number)


@frozen
class _LowerCase(Scalar):
    def spelled(self, value: Any) -> Any:
        """The text in lower case."""
        return value.lower() if isinstance(value, str) else value


def template(names: str) -> Scalar:
    """The shape of a text in which Keycloak replaces `${NAME}` of these names, one after another.

    No variable of the environment does.
    """
    return Scalar("a string", (str, Secret), conversion.text, own=frozenset(names.split()))


LOWER_CASE: Final = _LowerCase("a string", (str, Secret), conversion.text)
"""A text that Keycloak keeps in lower case."""


@frozen(kw_only=True)
class Choice(Scalar):
    """One of a few words, which Keycloak keeps in one spelling."""

    word: str
    types: tuple[type, ...] = (str,)
    values: tuple[str, ...]

    def spelled(self, value: Any) -> Any:
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
        without_empty: Whether Keycloak leaves empty texts out.
        ordered: Whether the order counts.
        owned: Whether kcplan takes back, item by item, what it added (roles, scopes), when the
            resource is released.
    """

    item: "Shape"
    ordered: bool = False
    owned: bool = False
    may_be_one: bool = False
    without_empty: bool = False


@frozen
class MapOf:
    """A map with free keys, managed entry by entry.

    Attributes:
        value: The shape of each entry.
        exhaustive: Whether an entry that is not declared is one that must not be there.
        key: What the keys name, where they are names of objects that the values lie in.
        is_list: Whether a file has the entries as a list without names, which is one value.
    """

    value: "Shape"
    exhaustive: bool = False
    key: Ref | None = None
    is_list: bool = False


@frozen
class Named:
    """A list of objects with names, managed entry by entry.

    Attributes:
        entry: The shape of each entry.
        key: The field with an entry's name. It is a leaf of the entry where `entry` has it, which
            an entry with no other fields needs.
        exhaustive: Whether an entry that is not declared is one that must not be there.
        order: Where the order of the entries counts, the leaf beside the list with their names in
            order; see `kcplan.order`.
        repeats: Whether several entries may have the same name, which is then a field of theirs;
            from the second on they are told apart by a number.
    """

    entry: "Object"
    key: str = "name"
    exhaustive: bool = False
    order: str = ""
    repeats: bool = False

    def name(self, said: str, seen: Container[str]) -> str:
        """What an entry is called that says this of itself, beside others with these names."""
        if not self.repeats:
            return said
        names = chain([said], (f"{said} {number}" for number in count(2)))
        return next(free for free in names if free not in seen)

    def listed(self, name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """An entry as it stands in the list."""
        return {self.key: name, **fields} if self.repeats else {**fields, self.key: name}


@frozen
class Order:
    """The names of a list's entries, in their order. Others may have entries among them."""


@frozen
class Whole:
    """A table that is one value, with all that is in it. Empty, it is there all the same.

    As a leaf it is True where it has no fields, and None where there is none.

    Attributes:
        table: Its fields, which are single values and lists.
    """

    table: "Object"


@frozen
class Object:
    """An object with known fields. Others pass through, with a diagnostic.

    `closed` objects are sections of kcplan's own, where an unknown field is an error. In an
    `exhaustive` object, a list or map that is not declared is one that must be empty.

    `orders` are the leaves with the order of its lists.

    With `others`, the shape of fields that are not known, it is really a map, in which Keycloak
    keeps whatever there is: its fields are managed entry by entry.

    `older` has fields that Keycloak keeps as lists under another name, which takes several.
    """

    fields: Mapping[str, "Shape"] = field(factory=dict)
    closed: bool = False
    exhaustive: bool = False
    others: "Shape | None" = None
    older: Mapping[str, str] = field(factory=dict)
    orders: Mapping[str, Order] = field(init=False, eq=False, repr=False)
    spots: "dict[Path, Spot]" = field(init=False, eq=False, repr=False, factory=dict)

    @orders.default
    def _orders_of_lists(self) -> Mapping[str, Order]:
        lists = (shape for shape in self.fields.values() if isinstance(shape, Named))
        return {shape.order: Order() for shape in lists if shape.order}

    def at(self, name: str) -> "Shape":
        """The shape of a field; `ANY` where the object does not know it."""
        return self.fields.get(name) or self.orders.get(name) or self.others or ANY

    def is_entry(self, name: str) -> bool:
        """Whether a field comes and goes as a whole, although it stands in no map or list."""
        inner = self.at(name)
        return self.others is not None and not isinstance(inner, Object | MapOf | Named)


Shape = Scalar | Ref | Anything | ListOf | MapOf | Named | Order | Whole | Object

STRINGS: Final = ListOf(STRING)
ORDERED_STRINGS: Final = ListOf(STRING, ordered=True)
STRING_MAP: Final = MapOf(STRING)


def has_refs(shape: Shape) -> bool:
    """Whether something in a value of this shape may name another object."""
    match shape:
        case Ref():
            return True
        case ListOf():
            return has_refs(shape.item)
        case MapOf():
            return shape.key is not None or has_refs(shape.value)
        case Named(entry=inner) | Whole(table=inner):
            return has_refs(inner)
        case Object():
            return any(map(has_refs, shape.fields.values()))
    return False


@frozen
class Spot:
    """What a path leads to.

    Attributes:
        shape: The shape of the value there; `ANY` for what no shape knows.
        entry: How many of the path's segments name the entry of a map or named list that it belongs
            to; 0 where it belongs to none.
        named: Whether one of its segments names another object.
    """

    shape: Shape
    entry: int
    named: bool


_MANY: Final = 5_000
"""More spots than these are not kept, since what has so many names them after its objects."""


def spot_at(shape: Shape, path: Path) -> Spot:
    """What a path leads to. The same few are asked for in all of thousands of objects."""
    if not isinstance(shape, Object):
        return _spot(shape, path)
    found = shape.spots.get(path)
    if found is None:
        found = _spot(shape, path)
        if len(shape.spots) < _MANY:
            shape.spots[path] = found
    return found


def _spot(shape: Shape, path: Path) -> Spot:
    entry, named = 0, False
    for depth, part in enumerate(path, 1):
        match shape:
            case Object():
                entry = entry or (depth if shape.is_entry(part) else 0)
                shape = shape.at(part)
            case MapOf():
                entry, named = entry or depth, named or shape.key is not None
                shape = shape.value
            case Named():
                entry = entry or depth
                named = named or isinstance(shape.entry.fields.get(shape.key), Ref)
                shape = shape.entry
            case Whole():
                shape = shape.table.at(part)
            case _:
                return Spot(ANY, entry, named)
    return Spot(shape, entry, named)


def shape_at(shape: Shape, path: Path) -> Shape:
    """The shape of the value at a path; `ANY` for what the shape does not know."""
    return spot_at(shape, path).shape


def entry_of(shape: Shape, path: Path) -> Path:
    """The entry of a map or named list that a path belongs to, or the path itself.

    An entry is what comes and goes as a whole: one attribute, one protocol mapper.
    """
    return path[: spot_at(shape, path).entry] or path


def is_entry(shape: Shape, path: Path) -> bool:
    """Whether the path is one of, or within, the entries of a map or named list."""
    return spot_at(shape, path).entry > 0
