"""The strict converter between a plan and the JSON of a saved one.

Addresses are text, paths are lists of segments, maps whose keys are no strings are lists of pairs,
and a secret is `{"$secret": …}` with where it comes from. Keys of values that begin with `$` get
another `$`, so that no value can pass for a secret. Nothing is coerced: `1` is no string, and
`"false"` no boolean.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override

from kcplan.address import Address
from kcplan.diagnostics import Path, Source
from kcplan.nesting import DEEPEST
from kcplan.plan import Plan
from kcplan.secret import Origin, Secret, Withheld

_MARK = "$secret"


@cache
def converter() -> Converter:
    """The converter of saved plans."""
    made = Converter(forbid_extra_keys=True, detailed_validation=False)
    made.register_structure_hook(int, _strict)
    made.register_structure_hook(bool, _strict)
    made.register_structure_hook(str, _text)
    made.register_structure_hook_func(_is_key, _key)
    without = override(omit_if_default=True)
    made.register_unstructure_hook(Source, make_dict_unstructure_fn(Source, made, tenant=without))
    made.register_unstructure_hook(Address, str)
    made.register_structure_hook(Address, lambda text, _: Address.parse(_strict(text, str)))
    made.register_unstructure_hook_factory(_has_pairs, lambda kind: _pairs_writer(made, kind))
    made.register_structure_hook_factory(_has_pairs, lambda kind: _pairs_reader(made, kind))
    made.register_structure_hook_func(_is_path, lambda path, _: _path(path))
    made.register_unstructure_hook_func(_is_any, lambda value: _written(made, value))
    made.register_structure_hook_func(_is_any, lambda value, _: _read(made, value))
    return made


def written(plan: Plan) -> dict[str, Any]:
    """The fields of a plan as the converter gives them, with an iterator for each long one.

    As tables of JSON a large plan takes several times its own memory.
    """
    made, kinds = converter(), get_type_hints(Plan)
    return {name: _one_by_one(made, getattr(plan, name), kind) for name, kind in kinds.items()}


def _one_by_one(made: Converter, value: Any, kind: Any) -> Any:
    if get_origin(kind) is tuple:
        item_kind = get_args(kind)[0]
        return (made.unstructure(item, item_kind) for item in value)
    return _pairs(made, value, kind) if _has_pairs(kind) else made.unstructure(value, kind)


def _strict(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} expected")
    return value


def _text(value: Any, kind: type[str]) -> str:
    """A text, or the member of a `StrEnum`: cattrs looks hooks up by base class."""
    text: str = _strict(value, str)
    return text if kind is str else kind(text)


def _is_key(kind: Any) -> bool:
    return bool(kind == str | int)


def _key(value: Any, _: Any) -> str | int:
    """A key of a table, or a position in a list."""
    key: str | int = _strict(value, int if type(value) is int else str)
    return key


def _is_path(kind: Any) -> bool:
    return bool(kind == Path)


def _path(segments: Any) -> Path:
    """The path of a field; one of a plan is never as long as no walk down it could end."""
    if len(_strict(segments, list)) > DEEPEST:
        raise ValueError("a path has too many segments")
    return tuple(_strict(segment, str) for segment in segments)


def _is_any(kind: Any) -> bool:
    return kind is Any


def _has_pairs(kind: Any) -> bool:
    return get_origin(kind) is Mapping and get_args(kind)[0] is not str


def _pairs_writer(made: Converter, kind: Any) -> Any:
    return lambda mapping: [*_pairs(made, mapping, kind)]


def _pairs(made: Converter, mapping: Mapping[Any, Any], kind: Any) -> Iterator[list[Any]]:
    key_kind, value_kind = get_args(kind)
    for key, value in mapping.items():
        yield [made.unstructure(key, key_kind), made.unstructure(value, value_kind)]


def _pairs_reader(made: Converter, kind: Any) -> Any:
    key_kind, value_kind = get_args(kind)

    def read(pairs: list[list[Any]], _: Any) -> dict[Any, Any]:
        found = {
            made.structure(key, key_kind): made.structure(value, value_kind)
            for key, value in _strict(pairs, list)
        }
        if len(found) != len(pairs):
            raise ValueError("a key occurs twice")
        return found

    return read


def _written(made: Converter, value: Any) -> Any:
    match value:
        case Secret() | Withheld():
            origin = value.origin
            return {_MARK: None if origin is None else made.unstructure(origin, Origin)}
        case Mapping():
            return {_escaped(key): _written(made, item) for key, item in value.items()}
        case list() | tuple():
            return [_written(made, item) for item in value]
        case None | bool() | int() | float() | str():
            return value
    raise TypeError(f"a plan cannot hold a {type(value).__name__}")


def _read(made: Converter, value: Any) -> Any:
    match value:
        case {"$secret": origin}:
            return Withheld(None if origin is None else made.structure(origin, Origin))
        case dict():
            return {_unescaped(key): _read(made, item) for key, item in value.items()}
        case list():
            return [_read(made, item) for item in value]
    return value


def _escaped(key: str) -> str:
    return f"${key}" if key.startswith("$") else key


def _unescaped(key: str) -> str:
    return key.removeprefix("$")
