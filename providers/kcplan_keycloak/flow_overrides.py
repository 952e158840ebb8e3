"""Flows that clients override the realm's with: an export has their ids, files have aliases."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from kcplan.gathered import Place, Unsound
from kcplan.schema import REWRITTEN

CLIENTS: Final = "clients"
OVERRIDES: Final = "authenticationFlowBindingOverrides"


def by_alias(clients: Any, flows: Iterable[Any]) -> tuple[Any, list[Unsound]]:
    """The clients with the aliases of flows where an export has ids, and what is said of it."""
    ids = {text_in(flow, "id"): text_in(flow, "alias") for flow in flows}
    notes: list[Unsound] = []
    found: list[Any] = []
    for index, client in enumerate(clients if isinstance(clients, list) else ()):
        overrides = client.get(OVERRIDES) if isinstance(client, Mapping) else None
        if not isinstance(overrides, Mapping):
            found.append(client)
            continue
        named = dict(overrides)
        for kind in overrides:
            alias = ids.get(text_in(overrides, kind)) if text_in(overrides, kind) else None
            if alias:
                named[kind] = alias
                notes.append(_rewritten((CLIENTS, index, OVERRIDES, kind), kind, alias))
        found.append({**client, OVERRIDES: named})
    return found, notes


def _rewritten(place: Place, kind: str, alias: str) -> Unsound:
    return Unsound(
        place,
        f"{OVERRIDES}.{kind} is taken as `{alias}`",
        "An export has the id of the flow there.",
        REWRITTEN,
        harmless=True,
    )


def text_in(table: Any, key: str) -> str:
    """A text of a table; empty where there is none, or something else."""
    found = table.get(key) if isinstance(table, Mapping) else None
    return found if isinstance(found, str) else ""
