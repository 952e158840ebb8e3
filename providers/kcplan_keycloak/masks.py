"""Masks: what Keycloak shows of a secret that it does not give back."""

from collections.abc import Iterable
from typing import Any

from kcplan.secret import MASK


def masked(value: Any, where: tuple[str, ...] = ()) -> Iterable[tuple[str, ...]]:
    """The paths of all masks in a representation."""
    match value:
        case dict():
            for key, item in value.items():
                yield from masked(item, (*where, key))
        case list():
            for item in value:
                yield from masked(item, where)
        case str() if value == MASK:
            yield where


def without_masks(value: Any) -> Any:
    """A representation without the secrets that nobody knows."""
    match value:
        case dict():
            return {k: without_masks(v) for k, v in value.items() if v != MASK}
        case list():
            return [without_masks(item) for item in value if item != MASK]
    return value
