"""Fingerprints: what a saved plan relies on in Keycloak, so that apply can see whether it still is.

For an object that is updated these are the fields that change, for one that is deleted the whole
object and what goes along with it, for one that is created that nothing is there. Secrets enter
by their digest, so that a plan file gives no way to guess them.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.digests import Digester
from kcplan.plan import Action, Plan, ResourceChange
from kcplan.secret import is_sensitive, secret_text
from kcplan.snapshot import Snapshot
from kcplan.state import Digest


def fingerprints(plan: Plan, live: Snapshot, digester: Digester) -> dict[Address, str]:
    """A fingerprint for each live object that the plan changes; empty text for "nothing there"."""
    return {
        change.address: fingerprint(change, live, digester)
        for change in plan.changes
        if change.action is not Action.NOOP
    }


def secret_digests(plan: Plan, digester: Digester) -> dict[tuple[Address, Path], Digest]:
    """What each secret that the plan writes looks like, so that another one is noticed later."""
    return {
        (step.address, path): digester.digest(secret_text(value))
        for step in plan.steps
        for path, value in step.after.items()
        if is_sensitive(value)
    }


def fingerprint(change: ResourceChange, live: Snapshot, digester: Digester) -> str:
    """What a change relies on, in hexadecimal; empty text where nothing is there."""
    current = live.objects.get(change.address)
    if current is None:
        return ""
    paths: Iterable[Path] = sorted(current.leaves)
    if not change.action.takes_away:
        touched = {item.path for item in change.changes}
        paths = [p for p in paths if any(p[: len(t)] == t for t in touched)]
    relied_on = [[list(path), _plain(current.leaves[path], digester)] for path in paths]
    text = json.dumps([current.id, relied_on], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any, digester: Digester) -> Any:
    return digester.digest(secret_text(value)).value if is_sensitive(value) else value
