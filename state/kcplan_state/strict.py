"""The one converter between this package's documents and its values. It guesses nothing.

cattrs by default turns `"false"` into True and a text into a tuple of characters. Here a value
has the JSON type that its field says, every key is known, and anything else is an error.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_args, get_origin

from cattrs import BaseValidationError, Converter, transform_error

T = TypeVar("T")

_Hook = Callable[[Any, Any], Any]


def structure(document: object, kind: type[T]) -> T:
    """The document as a value of this class. Raises ValueError that says what is wrong, where."""
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - as everything that is wrong
    try:
        return _CONVERTER.structure(document, kind)
    except BaseValidationError as error:
        found = transform_error(error, path="")[:3]
        raise ValueError("; ".join(text.replace(" @ .", " at ") for text in found)) from None


def _exactly(kind: type) -> _Hook:
    def hook(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{type(value).__name__} is not {kind.__name__}")
        return value

    return hook


def _tuple_hook(kind: Any) -> _Hook:
    item = get_args(kind)[0]
    convert = _CONVERTER.get_structure_hook(item)

    def hook(value: Any, _: Any) -> Any:
        if type(value) is not list:
            raise TypeError(f"{type(value).__name__} is not a list")
        return tuple(convert(element, item) for element in value)

    return hook


def _converter() -> Converter:
    converter = Converter(forbid_extra_keys=True)
    for kind in (str, int, bool, float):
        converter.register_structure_hook(kind, _exactly(kind))
    converter.register_structure_hook_func(_is_a(Mapping), _exactly(dict))
    converter.register_structure_hook_factory(_is_a(tuple), _tuple_hook)
    return converter


def _is_a(generic: type) -> Callable[[Any], bool]:
    def check(kind: Any) -> bool:
        origin: object = get_origin(kind)
        return origin is generic

    return check


_CONVERTER = _converter()
