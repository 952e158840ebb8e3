"""attrs' `define` and `frozen`, for classes that cost less to make.

attrs writes `__repr__`, `__eq__` and `__hash__` for each class and compiles them: a quarter of what
a command does before it begins. Here one `__repr__` is for all, and the other two are compiled
when values of a class are first compared or hashed. Most classes never see that.
"""

from collections.abc import Callable, Iterable
from functools import partial
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    # What type checkers know attrs' classes by.
    from attrs import define, frozen

__all__ = ["define", "frozen"]

_OF_COMPARING: Final = frozenset({"eq", "order", "unsafe_hash", "hash", "cache_hash", "frozen"})
"""Options with which attrs does all of that itself."""


@recursive_repr()
def _shared_repr(self: Any) -> str:
    """The class and its attributes, as attrs would write them: without those of `repr=False`."""
    kind = type(self)
    shown = ((one.name, repr if one.repr is True else one.repr) for one in attrs.fields(kind))
    inner = ", ".join(
        f"{name}={show(getattr(self, name, attrs.NOTHING))}" for name, show in shown if show
    )
    return f"{kind.__qualname__.rpartition('>.')[2]}({inner})"


def _cheaper(decorator: Callable[..., Any], *, hashable: bool) -> Callable[..., Any]:
    def decorate(kind: type | None = None, /, **options: Any) -> Any:
        if kind is None:
            return partial(decorate, **options)
        own = vars(kind)
        if options.get("repr") is None and "__repr__" not in own:
            kind.__repr__ = _shared_repr  # type: ignore[assignment]
        if own.keys() & {"__eq__", "__hash__"} or options.keys() & _OF_COMPARING:
            return decorator(kind, **options)
        return _compared_late(decorator(kind, eq=False, **options), hashable=hashable)

    return decorate


def _compared_late(kind: Any, *, hashable: bool) -> Any:
    """The class, with methods that put compiled ones in their place when they are called."""
    if issubclass(kind, BaseException):
        return kind
    if any(one.eq_key is not None for one in attrs.fields(kind)):
        raise TypeError(f"{kind.__qualname__}: fields are compared as they are, without a key")

    def __eq__(self: object, other: object) -> bool:  # noqa: N807
        _compile_methods(kind, hashable=hashable)
        equal: bool = kind.__eq__(self, other)
        return equal

    def __hash__(self: object) -> int:  # noqa: N807
        _compile_methods(kind, hashable=hashable)
        made: int = kind.__hash__(self)
        return made

    kind.__eq__ = __eq__
    kind.__hash__ = __hash__ if hashable else None
    return kind


def _compile_methods(kind: Any, *, hashable: bool) -> None:
    """Give the class its `__eq__` and `__hash__`, of the attributes that are not `eq=False`."""
    fields = attrs.fields(kind)
    names = [one.name for one in fields if one.eq]
    hashed = [one.name for one in fields if (one.eq if one.hash is None else one.hash)]
    methods: dict[str, Any] = {"number": hash(kind.__qualname__)}
    # pytest knows by this name that it may compare attribute by attribute.
    file = f"<attrs generated methods {kind.__module__}.{kind.__qualname__}>"
    exec(compile(_text(names, hashed), file, "exec"), methods)  # noqa: S102 - made of names alone
    kind.__eq__ = methods["eq"]
    if hashable:
        kind.__hash__ = methods["hashed"]


def _text(names: Iterable[str], hashed: Iterable[str]) -> str:
    same = "".join(f" and self.{name} == other.{name}" for name in names)
    inner = "".join(f", self.{name}" for name in hashed)
    return (
        "def eq(self, other):\n"
        "    if other.__class__ is not self.__class__:\n"
        "        return NotImplemented\n"
        f"    return True{same}\n"
        "def hashed(self):\n"
        f"    return hash((number{inner}))\n"
    )


if not TYPE_CHECKING:
    define, frozen = _cheaper(attrs.define, hashable=False), _cheaper(attrs.frozen, hashable=True)
