"""Request bodies: leaves written into a representation.

Keycloak ignores a null in most places. What is to be absent is therefore sent as an empty text or
list, or, in a map that is replaced as a whole, left out.
"""

from collections.abc import Mapping
from typing import Any

from kcplan.schema import STRING, Leaves, ListOf, MapOf, Object, Shape, shape_at
from kcplan.secret import reveal

Body = dict[str, Any]


def merged(schema: Object, there: Mapping[str, Any], after: Leaves, *, drop: bool = True) -> Body:
    """The representation that is there, with the leaves written into it.

    Args:
        schema: The shape of the representation.
        there: The representation, or the part of it that is sent back.
        after: The leaves to be written, secrets included; None is "make it absent".
        drop: Whether absent entries of maps are left out (for maps that are replaced) or sent as
            empty texts (for maps that are merged).
    """
    body: Body = _copy(there)
    for path, value in sorted(after.items(), key=lambda item: len(item[0])):
        if isinstance(value, Mapping) and not value:
            _ensure(body, path)
        elif value is None and drop and _is_map_entry(schema, path):
            _remove(body, path)
        else:
            _put(body, path, _absent(schema, path) if value is None else reveal(value))
    return body


def _is_map_entry(schema: Object, path: tuple[str, ...]) -> bool:
    return len(path) > 1 and isinstance(shape_at(schema, path[:-1]), MapOf)


def _absent(schema: Object, path: tuple[str, ...]) -> Any:
    shape: Shape = shape_at(schema, path)
    if isinstance(shape, ListOf):
        return []
    return "" if shape is STRING else None


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return list(value) if isinstance(value, list | tuple) else value


def _node(body: Body, path: tuple[str, ...]) -> Body:
    for part in path:
        inner = body.get(part)
        if not isinstance(inner, dict):
            inner = body[part] = {}
        body = inner
    return body


def _ensure(body: Body, path: tuple[str, ...]) -> None:
    _node(body, path)


def _put(body: Body, path: tuple[str, ...], value: Any) -> None:
    _node(body, path[:-1])[path[-1]] = value


def _remove(body: Body, path: tuple[str, ...]) -> None:
    _node(body, path[:-1]).pop(path[-1], None)
