"""Older state files: one function for each format, from it to the next.

A format that was ever released stays readable. To change the format: write the function, enter
it here under the old number, raise `CURRENT`, and keep a state file of the old format as a test.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from kcplan.diagnostics import Path
from kcplan_state.document import from_tree, to_tree

CURRENT = 2
"""The format that this kcplan writes."""

Document = dict[str, Any]
Migration = Callable[[Document], Document]


def _record_ownership(document: Document) -> Document:
    """Format 0 knew neither who brought an entry nor what a secret looked like.

    Nothing is owned, so nothing is taken away that may have been there before kcplan.
    """
    resources = [{**entry, "owned": [], "secrets": {}} for entry in document["resources"]]
    return {**document, "resources": resources, "format_version": 1}


_ENTRIES = {"clientProfiles": "profiles", "clientPolicies": "policies"}


def _open_named_lists(document: Document) -> Document:
    """Format 1 had the client profiles and policies of a realm as two whole values.

    They are named entries now, one leaf for each field, so that files may share them. Those of a
    realm that kcplan made are kcplan's own.
    """
    resources = [_with_entries(entry) for entry in document["resources"]]
    return {**document, "resources": resources, "format_version": 2}


def _with_entries(entry: Document) -> Document:
    managed, observed = (from_tree(entry[side]) for side in ("managed", "observed"))
    opened = _opened(managed)
    made = [] if entry["adopted"] else [path[:3] for path in opened if path not in managed]
    owned = [list(path) for path in dict.fromkeys(made) if len(path) > len(_PLACE)]
    return {
        **entry,
        "managed": to_tree(opened),
        "observed": to_tree(_opened(observed)),
        "owned": [*entry["owned"], *owned],
    }


_PLACE = ("clientProfiles", "profiles")
"""The path of a list; that of an entry has its name as well."""


def _opened(leaves: Mapping[Path, Any]) -> dict[Path, Any]:
    opened: dict[Path, Any] = {}
    for path, value in leaves.items():
        kind = _ENTRIES.get(path[0]) if len(path) == 1 else None
        if kind is None or not isinstance(value, dict):
            opened[path] = value
            continue
        entries = value.get(kind) or []
        if not entries:
            opened[(*path, kind)] = {}
        for entry in entries:
            opened |= {(*path, kind, entry["name"], key): item for key, item in entry.items()}
    return opened


MIGRATIONS: Mapping[int, Migration] = MappingProxyType({0: _record_ownership, 1: _open_named_lists})
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
