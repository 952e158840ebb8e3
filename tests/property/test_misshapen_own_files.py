"""A state, saved plan or journal of any shape, with a checksum that fits: used, or a clear error."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from kcplan import planfile
from kcplan.diagnostics import warning
from kcplan.plan import Action, Operation, Plan, Step
from kcplan_state import journal
from kcplan_state.document import canonical, checksum, encode
from kcplan_state.file import StateFile
from kcplan_state.records import Done, Header, Intent, Undoing, to_document
from support.faults import connection_refused
from support.harness import Result, Run
from support.misshapen import as_text, misshapen, seeded
from support.sabotage import sent_through
from support.sample_plans import change, field, plan, update
from support.state_samples import CLIENT, small_state
from support.world import World

AT_ONCE: Final = 100
ALWAYS: Final = 2
ALL: Final = 20
"""2,000 of each kind of file."""

STATE: Final = "kcplan.state.json"

turns = pytest.mark.parametrize(
    "turn",
    [
        pytest.param(turn, marks=() if turn < ALWAYS else pytest.mark.exhaustive)
        for turn in range(ALL)
    ],
)


class Nowhere(httpx.BaseTransport):
    """Nothing listens, whatever the address."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return connection_refused(self, request)


def _changed(document: Any, number: int) -> Any:
    """The document with another shape, as whoever reads the file has it."""
    return json.loads(as_text(misshapen(document, seeded(number))))


def _sealed_state(document: Any) -> bytes:
    if not isinstance(document, dict):
        return encode(json.dumps(document))
    document.pop("checksum", None)
    with suppress(ValueError, RecursionError):  # what no state can have
        document["checksum"] = checksum(canonical(document))
    return encode(json.dumps(document))


def _sealed_plan(document: Any) -> bytes:
    if isinstance(document, dict):
        document.pop("checksum", None)
        document["checksum"] = planfile._checksum(document)
    return json.dumps(document).encode()


def _sealed_journal(document: Any) -> bytes:
    lines, link = [], journal._FIRST
    for record in document if isinstance(document, list) else [document]:
        sealed = record
        if isinstance(record, dict):
            record.pop("checksum", None)
            with suppress(ValueError, RecursionError):  # what no journal can have
                link = journal._checksum(record, link)
            sealed = {**record, "checksum": link}
        lines.append(encode(json.dumps(sealed)) + b"\n")
    return b"".join(lines)


def _ends_in_order(result: Result, told: str) -> None:
    said = f"{told}\n{result.stdout[-1000:]}\n{result.stderr[-3000:]}"
    assert "Traceback" not in result.stderr, said
    assert "failed unexpectedly" not in result.stderr, said
    assert (result.exit_code in {0, 2}) != ("Error:" in result.stderr), said
    assert "\x1b" not in result.stdout + result.stderr, said


def _each(
    turn: int, document: Any, seal: Callable[[Any], bytes], file: Path, run: Callable[[int], Result]
) -> None:
    for number in range(turn * AT_ONCE, (turn + 1) * AT_ONCE):
        content = seal(_changed(document, number))
        file.write_bytes(content)
        with sent_through(Nowhere()):
            result = run(number)
        _ends_in_order(result, f"seed {number}: {content[:3000]!r}")


@turns
def test_a_state_of_any_shape_is_shown_or_refused(
    turn: int, tmp_path: Path, run_offline: Run
) -> None:
    file = tmp_path / STATE
    StateFile(file).save(small_state())
    shown = ("show", "--format")
    commands = (("state", "list"), ("state", "show", CLIENT), (*shown, "text"), (*shown, "json"))

    def run(number: int) -> Result:
        return run_offline(*commands[number % len(commands)], env={"KCPLAN_DEBUG": "1"})

    _each(turn, json.loads(file.read_text()), _sealed_state, file, run)


def _plan() -> Plan:
    """A plan with a little of everything."""
    step = Step(
        "update shop/clients/web",
        Operation.UPDATE,
        CLIENT,
        "client",
        before={("description",): "a"},
        after={("description",): "b"},
        lossy=("its secret",),
    )
    return plan(
        update(field("description", "a", "b"), field("redirectUris", ["a"], ["b"])),
        change(Action.DELETE, "shop/roles/old", kind="role", before={("description",): "x"}),
        steps=(step,),
        diagnostics=(warning("weak-secret", "a short secret", path=("a",)),),
    )


@turns
def test_a_saved_plan_of_any_shape_is_shown_or_refused(
    turn: int, tmp_path: Path, run_offline: Run
) -> None:
    file = tmp_path / "the.kcplan"
    formats = ("text", "markdown", "html", "json")

    def run(number: int) -> Result:
        command = ("show", file, "--format", formats[number % len(formats)])
        if number % 2:
            command = ("apply", file)
        return run_offline(*command, env={"KCPLAN_DEBUG": "1"})

    _each(turn, json.loads(planfile.dump(_plan())), _sealed_plan, file, run)


@turns
def test_a_journal_of_any_shape_is_recovered_from_or_refused(
    turn: int, tmp_path: Path, run_offline: Run
) -> None:
    state = StateFile(tmp_path / STATE).save(small_state())
    steps = json.loads(planfile.dump(_plan()))["execution"]["steps"]
    header = Header(
        state.lineage, state.serial, "https://sso.example", "apply", "2026-01-31", steps
    )
    name = "update shop/clients/web"
    records = [header, Intent(name, {"client": {"id": "a"}}), Done(name, "a"), Undoing(name)]
    document = json.loads(json.dumps([to_document(record) for record in records]))

    def run(number: int) -> Result:
        forward = ["--forward"] if number % 2 else []
        env = {"KCPLAN_DEBUG": "1", "KCPLAN_URL": "https://sso.example"}
        return run_offline("recover", "--auto-approve", *forward, env=env)

    _each(turn, document, _sealed_journal, tmp_path / f"{STATE}.journal", run)


@turns
def test_a_state_of_any_shape_is_planned_with_or_refused(turn: int, world: World) -> None:
    mapper = {
        "name": "m",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-audience-mapper",
        "config": {"included.custom.audience": "x", "access.token.claim": "true"},
    }
    client = {"clientId": "a", "redirectUris": ["https://a/*"], "protocolMappers": [mapper]}
    world.declare(clients=[client], roles={"realm": [{"name": "r"}]})
    world.apply()
    document = json.loads(world.state_file.read_text())
    world.declare(clients=[{**client, "description": "new"}])
    world.variables["KCPLAN_DEBUG"] = "1"
    commands = (("plan", world.file), ("refresh", "--unmanaged"))
    for number in range(turn * 10, (turn + 1) * 10):
        content = _sealed_state(_changed(document, number))
        world.state_file.write_bytes(content)
        result = world.kcplan(*commands[number % len(commands)], exit_code=None)
        _ends_in_order(result, f"seed {number}: {content[:3000]!r}")
