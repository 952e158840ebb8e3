"""attrs' `define` and `frozen`, with one `__repr__` that all classes share.

attrs writes one for each class and compiles it: a sixth of what a command does before it begins,
and nearly none is ever called.
"""

from collections.abc import Callable
from functools import partial
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    # What type checkers know attrs' classes by.
    from attrs import define, frozen

__all__ = ["define", "frozen"]


@recursive_repr()
def _shared_repr(self: Any) -> str:
    """The class and its attributes, as attrs would write them: without those of `repr=False`."""
    kind = type(self)
    shown = (one.name for one in attrs.fields(kind) if one.repr)
    inner = ", ".join(f"{name}={getattr(self, name, attrs.NOTHING)!r}" for name in shown)
    return f"{kind.__qualname__.rpartition('>.')[2]}({inner})"


def _sharing(decorator: Callable[..., Any]) -> Callable[..., Any]:
    def decorate(kind: type | None = None, /, **options: Any) -> Any:
        if kind is None:
            return partial(decorate, **options)
        if options.get("repr") is None and "__repr__" not in vars(kind):
            kind.__repr__ = _shared_repr  # type: ignore[assignment]
        return decorator(kind, **options)

    return decorate


if not TYPE_CHECKING:
    define, frozen = _sharing(attrs.define), _sharing(attrs.frozen)
