"""What shapes of fields are called on the page of the resource types."""

from collections.abc import Iterator, Mapping
from typing import Final

from kcplan.diagnostics import Path
from kcplan.shapes import (
    BOOLEAN,
    INTEGER,
    LOWER_CASE,
    NUMBER,
    STRING,
    TEXT,
    Choice,
    ListOf,
    MapOf,
    Named,
    Object,
    Ref,
    Scalar,
    Shape,
    Whole,
    shape_at,
)

_SCALARS: Final[Mapping[Scalar, str]] = {
    STRING: "string",
    LOWER_CASE: "string in lower case",
    TEXT: "string, which may be empty",
    BOOLEAN: "boolean",
    INTEGER: "integer",
    NUMBER: "number",
}


def fields(shape: Object, at: Path = ()) -> Iterator[tuple[Path, str]]:
    """The fields of a representation, those of tables in it too, and what each takes.

    In a path, `*` stands for the name of an entry.
    """
    for name, inner in shape.fields.items():
        path = (*at, name)
        match inner:
            case Object() if inner.fields:
                yield from fields(inner, path)
            case Named():
                yield path, _named(inner)
                entry = {k: v for k, v in inner.entry.fields.items() if k != inner.key}
                yield from fields(Object(entry), (*path, "*"))
            case _:
                yield path, kind(inner)
    if shape.others is not None:
        yield (*at, "*"), kind(shape.others)


def label(path: Path, shape: Shape) -> str:
    """A path as the page has it: `protocolMappers[name].config`."""
    text = ""
    for part in path:
        if part == "*" and isinstance(shape, Named):
            text += f"[{shape.key}]"
        else:
            plain = part == "*" or part.replace("_", "").replace("-", "").isalnum()
            text += ("." if text else "") + (part if plain else f'"{part}"')
        shape = shape_at(shape, (part,))
    return text


def _named(shape: Named) -> str:
    whole = "complete list" if shape.exhaustive else "list"
    key = shape.entry.fields.get(shape.key)
    if isinstance(key, Ref) and len(shape.entry.fields) == 1:
        return f"{whole} of tables with nothing but {_targets(key)} names as `{shape.key}`"
    order = ", in order" if shape.order else ""
    return f"{whole} of tables, each known by its `{shape.key}`{order}"


def kind(shape: Shape) -> str:
    """What a field of this shape takes."""
    match shape:
        case Ref():
            text = f"{_targets(shape)} name"
        case Choice(values=values):
            text = " or ".join(f"`{value}`" for value in values)
        case Scalar(types=types) if types == (dict,):
            text = "table"
        case Scalar():
            text = _SCALARS.get(shape, _SCALARS[STRING])
        case ListOf(item, ordered):
            text = f"complete list of {_several(item)}{', in order' if ordered else ''}"
        case Whole(table) if table.fields:
            names = " and ".join(f"`{name}`" for name in table.fields)
            text = f"table with {names}, one value, which may be empty"
        case MapOf(value, exhaustive, key):
            whole = "complete map" if exhaustive else "map"
            of = f": for each {_targets(key)}, {kind(value)}" if key else f" of {_several(value)}"
            text = whole + of
        case _:
            text = "any value"
    return text


def _several(shape: Shape) -> str:
    """What a list or map of such values has in it."""
    if isinstance(shape, Choice):
        return kind(shape)
    if isinstance(shape, Whole):
        return "tables, each one value, which may be empty"
    text = kind(shape)
    if isinstance(shape, ListOf):
        return text.replace("list of", "lists of", 1)
    return text.replace("string", "strings", 1) if text.startswith("string") else f"{text}s"


def _targets(ref: Ref) -> str:
    return " or ".join(f"`{word}`" for word in (ref.type, *ref.also))


def references(shape: Shape, at: Path = ()) -> dict[str, list[Path]]:
    """The types that fields name, each with the paths of these fields."""
    found: dict[str, list[Path]] = {}
    for word, path in _references(shape, at):
        if path not in found.setdefault(word, []):
            found[word].append(path)
    return found


def _references(shape: Shape, at: Path) -> Iterator[tuple[str, Path]]:
    match shape:
        case Ref():
            yield from ((word, at) for word in (shape.type, *shape.also))
        case ListOf():
            yield from _references(shape.item, at)
        case MapOf():
            if shape.key is not None:
                yield from _references(shape.key, at)
            yield from _references(shape.value, at)
        case Named():
            yield from _references(shape.entry, at)
        case Whole(table):
            yield from _references(table, at)
        case Object():
            for name, inner in shape.fields.items():
                yield from _references(inner, (*at, name))
