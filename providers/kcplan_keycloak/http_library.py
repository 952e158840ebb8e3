"""httpx, without what kcplan does not use of it: imported once, when the first request is made.

httpx brings its own command line where it can, and with it rich and pygments: a sixth of the time
and of the memory that a plan takes. httpcore likewise brings the libraries for its other half.
Both do without what is not there.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

__all__ = ["httpx"]

_UNUSED: Final = ("httpx._main", "anyio", "trio")


@contextmanager
def _hidden(names: tuple[str, ...]) -> Iterator[None]:
    """Have imports of these modules fail, unless somebody has imported them already."""
    absent = [name for name in names if name not in sys.modules]
    # None stands for a module that is not there; the types of the standard library do not say so.
    modules: dict[str, object] = sys.modules  # type: ignore[assignment]
    modules.update(dict.fromkeys(absent))
    try:
        yield
    finally:
        for name in absent:
            del modules[name]


with _hidden(_UNUSED):
    import httpcore  # noqa: F401 - httpx imports it late, when they are not hidden any more
    import httpx
