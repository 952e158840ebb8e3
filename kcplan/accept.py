"""Accepting drift: the live values become what kcplan last knew."""

from typing import Any

from attrs import evolve

from kcplan.diagnostics import Path
from kcplan.diff import is_hidden, is_marker, is_unseen
from kcplan.digests import Digester
from kcplan.entries import without_secrets
from kcplan.grants import granted_now
from kcplan.resource import Registry, TypeSpec
from kcplan.secret import secret_text
from kcplan.snapshot import LiveObject, Snapshot
from kcplan.state import ResourceState, State


def accepted(state: State, live: Snapshot, registry: Registry, digester: Digester) -> State:
    """The state with every resource that was read as Keycloak has it now.

    Resources that are gone leave the state; recreated ones count as adopted.
    """
    missing = [a for a in state.resources if a in live.asked and a not in live.objects]
    entries = [
        evolve(
            _accepted(entry, live.objects[address], registry, digester),
            granted=granted_now(entry, live),
            since=live.seconds,
        )
        for address, entry in state.resources.items()
        if address in live.objects
    ]
    return state.without(missing).with_resources(entries)


def _stays(spec: TypeSpec, current: LiveObject, path: Path, value: Any) -> bool:
    """Whether nothing that Keycloak says can be a new value of a field."""
    live = current.leaves
    return is_marker(value) or is_hidden(spec, live, path) or is_unseen(spec, live, path)


def _accepted(
    entry: ResourceState, current: LiveObject, registry: Registry, digester: Digester
) -> ResourceState:
    spec = registry[entry.type]
    observed = without_secrets(current.leaves, spec.sensitive, entry.secrets)
    # What Keycloak gives in the place of what it never gives back is no new value of it.
    shown = {p: v for p, v in current.leaves.items() if not is_hidden(spec, current.leaves, p)}
    managed = {
        path: value if _stays(spec, current, path, value) else observed.get(path)
        for path, value in entry.managed.items()
    }
    secrets = {
        path: digest
        if shown.get(path) is None or digester.matches(secret_text(shown[path]), digest)
        else digester.digest(secret_text(shown[path]))
        for path, digest in entry.secrets.items()
    }
    return evolve(
        entry,
        id=current.id,
        managed=managed,
        observed=observed,
        secrets=secrets,
        adopted=entry.adopted or current.id != entry.id,
    )
