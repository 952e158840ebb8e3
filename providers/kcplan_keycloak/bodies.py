"""Request bodies: leaves written into a representation.

Keycloak ignores a null in most places. How a field is made absent depends on what a request does
with what it does not name: see `Absent`.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from kcplan.schema import Leaves, without_orders
from kcplan.secret import reveal
from kcplan.shapes import ListOf, MapOf, Named, Object, Scalar, Shape, Whole, shape_at

Body = dict[str, Any]


class Absent(Enum):
    """How a field that is to be absent is sent."""

    LEFT_OUT = "what is not sent goes away"
    EMPTY_FIELDS = "what is not sent stays; maps and named lists are replaced as a whole"
    EMPTY = "what is not sent stays, entries of maps as well"
    EMPTY_OR_NULL = "as EMPTY; only a null takes an entry out of a map"


def written(schema: Object, body: Mapping[str, Any], after: Leaves, absent: Absent) -> Body:
    """A representation with the leaves written into it, secrets in clear.

    Args:
        schema: The shape of the representation.
        body: The representation, or the part of it that is sent back.
        after: The leaves to be written; None is "make it absent".
        absent: How that is done.
    """
    tree: Body = _keyed(schema, body)
    # Without its name an entry is not there, whatever else is said of it.
    nameless = {p[:-1] for p, value in after.items() if value is None and _is_name(schema, p)}
    for where in nameless:
        _node(tree, where[:-1]).pop(where[-1], None)
    for path, value in sorted(after.items(), key=lambda item: len(item[0])):
        if nameless and any(path[:size] in nameless for size in range(1, len(path))):
            continue
        if isinstance(value, Mapping) and not value:
            _node(tree, path)
        elif value is None and _is_left_out(schema, path, absent):
            _node(tree, path[:-1]).pop(path[-1], None)
        else:
            sent = _nothing(schema, path, absent) if value is None else reveal(value)
            _node(tree, path[:-1])[path[-1]] = sent
    listed: Body = _listed(schema, tree)
    return listed


def _is_left_out(schema: Object, path: tuple[str, ...], absent: Absent) -> bool:
    if absent is Absent.EMPTY_FIELDS:
        return len(path) > 1 and isinstance(shape_at(schema, path[:-1]), MapOf | Named)
    return absent is Absent.LEFT_OUT


def _is_name(schema: Object, path: tuple[str, ...]) -> bool:
    """Whether a path is that of an entry's name: without it the entry is not there."""
    holder = shape_at(schema, path[:-2]) if len(path) > 1 else schema
    return isinstance(holder, Named) and path[-1] == holder.key


def _nothing(schema: Object, path: tuple[str, ...], absent: Absent) -> Any:
    shape = shape_at(schema, path)
    if absent is Absent.EMPTY_OR_NULL and isinstance(shape_at(schema, path[:-1]), MapOf):
        return None
    if isinstance(shape, ListOf):
        return []
    return "" if isinstance(shape, Scalar) and str in shape.types else None


def _node(tree: Body, path: tuple[str, ...]) -> Body:
    for part in path:
        inner = tree.get(part)
        if not isinstance(inner, dict):
            inner = tree[part] = {}
        tree = inner
    return tree


def _keyed(shape: Shape, value: Any) -> Any:
    """A copy in which the tables of named lists stand by their names."""
    match shape, value:
        case Object(), dict():
            return {
                k: _keyed(shape.fields[k], v) if k in shape.fields else v for k, v in value.items()
            }
        case MapOf(), dict():
            return {key: _keyed(shape.value, item) for key, item in value.items()}
        case Named(), list():
            entries: Body = {}
            for item in value:
                entries[shape.name(item[shape.key], entries)] = _keyed(shape.entry, item)
            return entries
        case _, list():
            return list(value)
    return value


def _listed(shape: Shape, value: Any) -> Any:
    match shape, value:
        case Object(), dict():
            table = without_orders(shape, value)
            return {
                k: _listed(shape.fields[k], v) if k in shape.fields else v for k, v in table.items()
            }
        case Whole(), True:
            return {}
        case MapOf(), dict():
            return {key: _listed(shape.value, item) for key, item in value.items()}
        case Named(), dict():
            return [shape.listed(n, _listed(shape.entry, item)) for n, item in value.items()]
    return value
