"""What Keycloak makes by itself, in words: asked of a type's `Origin`, which is a function."""

import sys
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final

from kcplan import grammar
from kcplan.address import Address
from kcplan.resource import TypeSpec

_REALM: Final = "shop"
_SHARED: Final = "kcplan_keycloak.built_in"
_ANY: Final = "any"
"""A name that nothing has: what is so of it is so of all."""


def built_ins(spec: TypeSpec) -> Iterator[str]:
    """A sentence on what Keycloak makes of a type along with what it lies in, and keeps."""
    slots = len(spec.names(Address(grammar.pattern(spec.pattern).parts))) - 1
    made = [
        names
        for names in product(_candidates(spec), repeat=slots)
        if spec.comes_with(spec.address((_REALM, *names)))
    ]
    if (_ANY,) * slots in made:
        yield f"it comes and goes with what it lies in{_kept(spec, slots)}."
    elif made:
        yield f"{'; '.join(_listed(made))}. They come along with what they lie in, and stay."


def _kept(spec: TypeSpec, slots: int) -> str:
    is_kept = spec.permanent(spec.address((_REALM, *(_ANY,) * slots)))
    return "; kcplan never deletes it by itself" if is_kept else ""


def _listed(made: list[tuple[str, ...]]) -> Iterator[str]:
    """The names, by what the objects lie in."""
    everywhere = {names[-1] for names in made if _ANY in names[:-1]}
    for holder in sorted({names[:-1] for names in made if _ANY not in names[:-1]}):
        own = {names[-1] for names in made if names[:-1] == holder} - everywhere
        if own:
            yield (f"in `{'/'.join(holder)}`: " if holder else "") + _codes(own)
    if everywhere:
        yield f"wherever the settings ask for it: {_codes(everywhere)}"


def _codes(words: set[str]) -> str:
    return ", ".join(f"`{word}`" for word in sorted(words))


def _candidates(spec: TypeSpec) -> list[str]:
    """The texts in what says which objects Keycloak makes: a function, and constants near it."""
    made: Any = spec.origin.made
    values = _values(made.__module__)
    # All combinations are tried, so the names of the other module count only where it is asked.
    if any(getattr(value, "__module__", "") == _SHARED for value in values):
        values += _values(_SHARED)
    texts = {text for value in (*values, made.__code__.co_consts) for text in _texts(value)}
    return sorted({*texts, _ANY, f"default-roles-{_REALM}"})


def _values(module: str) -> list[Any]:
    """What a module has, but for what Python puts into each (all that is built in, for one)."""
    found = vars(sys.modules[module])
    return [value for name, value in found.items() if not name.startswith("__")]


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str() if value and not value.startswith(("/", "_")) and value.isprintable():
            yield value
        case frozenset() | tuple():
            for item in value:
                yield from _texts(item)
        case Mapping():
            for item in (*value.keys(), *value.values()):
                yield from _texts(item)
