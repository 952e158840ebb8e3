"""One small change of a type: an object gets other values, one comes, and two go."""

import os
import subprocess
import sys
from typing import Any

from conformance.bench import Bench, Objects
from conformance.overlays import overlaid
from support import killing

GOING = ("going", "going-too")
"""The names of what goes: where one cannot go, the other has to come back."""

_WRITES = ("after POST", "after PUT", "after DELETE")


def before_change(bench: Bench, check: str = "undo") -> Objects:
    """What there is before the change; parts that a check leaves out are not there."""
    going = GOING if bench.sample.can(f"{check} delete") else ()
    return {**bench.home, **dict.fromkeys(going, bench.sample.another)}


def after_change(bench: Bench, check: str = "undo") -> Objects:
    """What there is after it."""
    sample = bench.sample
    coming = {sample.other_name: sample.another} if sample.can(f"{check} create") else {}
    return {sample.name: overlaid(sample.full, sample.changes(check)), **coming}


def make_ready(bench: Bench) -> None:
    """Have the realm as it is before the change, and the files as they are after it.

    The first time, the change is also made and undone, to learn which writes it takes.
    """
    if not bench.moments:
        _apply(bench, before_change(bench))
        _point(bench)
        bench.declare(after_change(bench))
        assert not is_killed(bench, -1)
        bench.moments = (bench.folder / killing.MOMENTS).read_text().splitlines()
        if not bench.sample.can("delete"):
            bench.set_up()
    _apply(bench, before_change(bench))
    _point(bench)
    bench.declare(after_change(bench))


def _apply(bench: Bench, objects: Objects) -> None:
    bench.declare(objects)
    bench.apply()


def _point(bench: Bench) -> None:
    for name in before_change(bench).keys() & set(GOING):
        at = bench.sample.where(bench.hand, name)
        assert at is not None
        bench.sample.point(bench.hand, at)


def writes(bench: Bench) -> list[int]:
    """The moments after the writes of the change."""
    return [n for n, what in enumerate(bench.moments) if what.startswith(_WRITES)]


def is_killed(bench: Bench, moment: int) -> bool:
    """Apply in a process that is killed at a moment; whether that came."""
    variables = {**os.environ, **bench.environment, **bench.variables}
    program = (sys.executable, str(killing.__file__), str(moment))
    ended = subprocess.run(
        (*program, "apply", "realms", "--auto-approve", "--allow-mass-delete", "--parallelism=1"),
        check=False,
        cwd=bench.folder,
        env={name: value for name, value in variables.items() if value},
        capture_output=True,
        text=True,
    )
    bench.outputs.append(ended.stdout + ended.stderr)
    assert ended.returncode in {0, -9}, ended.stderr
    return ended.returncode == -9


def seen(bench: Bench) -> dict[str, Any]:
    """The objects of the change, as Keycloak has them, and the state."""
    names = (bench.sample.name, *GOING, bench.sample.other_name)
    return {"objects": {name: bench.look(name) for name in names}, "state": bench.state()}
