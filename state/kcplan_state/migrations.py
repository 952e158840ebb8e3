"""Older state files: one function for each format, from it to the next.

A format that was ever released stays readable. To change the format: write the function, enter
it here under the old number, raise `CURRENT`, and keep a state file of the old format as a test.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

CURRENT = 1
"""The format that this kcplan writes."""

Document = dict[str, Any]
Migration = Callable[[Document], Document]


def _record_ownership(document: Document) -> Document:
    """Format 0 knew neither who brought an entry nor what a secret looked like.

    Nothing is owned, so nothing is taken away that may have been there before kcplan.
    """
    resources = [{**entry, "owned": [], "secrets": {}} for entry in document["resources"]]
    return {**document, "resources": resources, "format_version": 1}


MIGRATIONS: Mapping[int, Migration] = MappingProxyType({0: _record_ownership})
"""For each older format, how a document of it becomes one of the next."""


def migrate(
    document: Document,
    migrations: Mapping[int, Migration] = MIGRATIONS,
    current: int = CURRENT,
) -> Document:
    """The document in the current format.

    Raises KeyError for a format that never was, and ValueError or TypeError for a document that
    is not what its format says.
    """
    while document["format_version"] != current:
        document = migrations[document["format_version"]](document)
    return document
