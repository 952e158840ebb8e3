"""The lock: one at a time, and a clear word to everybody else."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.errors import StateError
from kcplan_state import processes
from kcplan_state.lock import UNKNOWN, holder, lock, unlock
from support.state_samples import message

HOLD = """
import sys, time
from kcplan_state.lock import lock
with lock(sys.argv[1], "apply"):
    print("held", flush=True)
    time.sleep(60)
"""

RACE = """
import sys, time
from kcplan.errors import StateError
from kcplan_state.lock import lock
print("ready", flush=True)
sys.stdin.readline()
try:
    with lock(sys.argv[1], "apply"):
        print("won", flush=True)
        sys.stdin.readline()
except StateError:
    print("lost", flush=True)
"""


@pytest.fixture
def lock_file(path: Path) -> Path:
    return path.with_name("kcplan.state.json.lock")


def python(code: str, path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def held_elsewhere(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process holds the lock."""
    with python(HOLD, path) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def left_behind(lock_file: Path, **changes: Any) -> None:
    """A lock file as a process left it that is gone, with some of its fields changed."""
    with held_elsewhere(lock_file.with_suffix("")):
        document = json.loads(lock_file.read_text())
    lock_file.write_text(json.dumps(document | changes))


def test_a_lock_says_whose_it_is_and_goes_away(path: Path, lock_file: Path) -> None:
    with lock(path, "apply") as mine:
        document = json.loads(lock_file.read_text())
        assert document["pid"] == os.getpid()
        assert document["host"] == processes.host()
        assert {"who", "since", "operation"} <= document.keys()
        assert lock_file.stat().st_mode & 0o777 == 0o600
        assert holder(path) == mine
    assert not lock_file.exists()
    assert holder(path) is None


def test_a_lock_goes_away_where_the_command_fails(path: Path, lock_file: Path) -> None:
    with pytest.raises(RuntimeError), lock(path, "apply"):
        raise RuntimeError
    assert not lock_file.exists()


def test_somebody_else_is_told_who_where_since_when_and_what(path: Path) -> None:
    with held_elsewhere(path) as process:
        found = holder(path)
        assert found
        with pytest.raises(StateError) as caught, lock(path, "plan"):
            pass
    volatile = f"{found.who} on {found.host} (process {process.pid}"
    text = f"{caught.value.summary}\n{caught.value.detail}"
    text = text.replace(volatile, "WHO on HOST (process PID").replace(found.since, "SINCE")
    assert message(StateError(*text.split("\n")), path.parent) == snapshot("""\
the state is locked
WHO on HOST (process PID, `kcplan apply`) holds it since SINCE. Wait until it ends, or
let this command wait for it with --lock-timeout.\
""")


def test_the_same_process_does_not_get_it_twice(path: Path, lock_file: Path) -> None:
    with lock(path, "apply"):
        with pytest.raises(StateError, match="the state is locked"), lock(path, "apply"):
            pass
        assert lock_file.exists()


def test_a_link_and_its_target_have_one_lock(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(path)
    with (
        lock(path, "apply"),
        pytest.raises(StateError, match="the state is locked"),
        lock(link, "apply"),
    ):
        pass


def test_one_may_wait_for_it(path: Path) -> None:
    said: list[str] = []
    with lock(path, "plan") as first:
        seen = threading.Event()

        def wait() -> None:
            with lock(
                path, "apply", timeout=30, notify=lambda text: (said.append(text), seen.set())
            ):
                said.append("got it")

        waiting = threading.Thread(target=wait)
        waiting.start()
        assert seen.wait(10)
    waiting.join(10)
    assert said == [
        f"Waiting for the lock of the state, held by {first} since {first.since}.",
        "got it",
    ]


def test_waiting_ends(path: Path) -> None:
    begun = time.monotonic()
    with lock(path, "plan"), pytest.raises(StateError), lock(path, "apply", timeout=0.3):
        pass
    assert time.monotonic() - begun >= 0.3


# --- a lock whose process is gone


def test_the_lock_of_a_killed_process_is_taken_over_with_a_notice(path: Path) -> None:
    with held_elsewhere(path) as process:
        before = holder(path)
        process.send_signal(signal.SIGKILL)
        process.wait()
        said: list[str] = []
        with lock(path, "apply", notify=said.append) as mine:
            assert holder(path) == mine
    assert before
    assert said == [
        f"Took over the lock of {before}, held since {before.since}: that process is gone."
    ]


def test_a_killed_process_that_nobody_asked_for_yet_is_gone_too(path: Path) -> None:
    with held_elsewhere(path) as process:
        process.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it stays a zombie
        with lock(path, "apply") as mine:
            assert holder(path) == mine


def test_a_number_that_another_process_has_now_does_not_count(path: Path, lock_file: Path) -> None:
    left_behind(lock_file, pid=os.getpid())
    with lock(path, "apply") as mine:
        assert holder(path) == mine


def test_a_lock_with_nothing_but_the_documented_fields_is_understood(
    path: Path, lock_file: Path
) -> None:
    left_behind(lock_file)
    document = json.loads(lock_file.read_text())
    plain = {name: document[name] for name in ("who", "host", "pid", "since", "operation")}
    lock_file.write_text(json.dumps(plain))
    with lock(path, "apply") as mine:
        assert holder(path) == mine


@pytest.mark.parametrize("elsewhere", [{"host": "another-host"}, {"machine": "another machine"}])
def test_nobody_takes_the_lock_of_another_host(
    path: Path, lock_file: Path, elsewhere: dict[str, str]
) -> None:
    left_behind(lock_file, **elsewhere)
    content = lock_file.read_bytes()
    with pytest.raises(StateError) as caught, lock(path, "apply"):
        pass
    assert "`kcplan unlock`" in caught.value.detail
    assert lock_file.read_bytes() == content


@pytest.mark.parametrize("orphaned", [False, True])
def test_of_several_processes_exactly_one_gets_it(
    path: Path, lock_file: Path, *, orphaned: bool
) -> None:
    for _ in range(3):
        if orphaned:
            left_behind(lock_file)
        racers = [python(RACE, path) for _ in range(6)]
        assert [racer.stdout and racer.stdout.readline() for racer in racers] == ["ready\n"] * 6
        for racer in racers:
            assert racer.stdin
            racer.stdin.write("\n")
            racer.stdin.flush()
        results = sorted(racer.stdout.readline() for racer in racers if racer.stdout)
        for racer in racers:
            racer.communicate("\n")
        assert results == ["lost\n"] * 5 + ["won\n"]
        assert not lock_file.exists()


# --- what is no lock


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"pid": 1}',
        "\xff",
        '{"who":"a","host":"b","pid":0,"since":"","operation":""}',
    ],
)
def test_a_damaged_lock_names_the_way_out(path: Path, lock_file: Path, content: str) -> None:
    lock_file.write_text(content, encoding="latin-1")
    with (
        pytest.raises(StateError, match="the lock of the state is damaged") as caught,
        lock(path, "apply"),
    ):
        pass
    assert "run `kcplan unlock`" in caught.value.detail
    assert unlock(path) == UNKNOWN
    assert not lock_file.exists()


def test_an_empty_lock_is_a_clear_error(path: Path, lock_file: Path) -> None:
    lock_file.touch()
    with pytest.raises(StateError) as caught, lock(path, "apply"):
        pass
    assert message(caught.value, path.parent) == snapshot("""\
the lock of the state is damaged
DIR/kcplan.state.json.lock does not say whose it is: it is empty. If no other kcplan is
at work on this state, run `kcplan unlock`.\
""")


def test_a_lock_that_is_just_being_written_is_waited_for(path: Path, lock_file: Path) -> None:
    left_behind(lock_file)
    content = lock_file.read_bytes()
    lock_file.write_bytes(b"")
    writer = threading.Timer(0.1, lock_file.write_bytes, [content])
    writer.start()
    with lock(path, "apply") as mine:
        assert holder(path) == mine
    writer.join()


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "state.json"
    with pytest.raises(StateError, match="does not exist"), lock(missing, "apply"):
        pass


# --- unlock


def test_unlock_removes_a_lock_of_another_host_and_says_whose_it_was(
    path: Path, lock_file: Path
) -> None:
    left_behind(lock_file, host="another-host", who="alice")
    found = unlock(path)
    assert found
    assert (found.who, found.host) == ("alice", "another-host")
    assert not lock_file.exists()
    assert unlock(path) is None


def test_unlock_refuses_while_the_process_runs(path: Path, lock_file: Path) -> None:
    with held_elsewhere(path):
        with pytest.raises(StateError, match="the lock is in use"):
            unlock(path)
        assert lock_file.exists()


def test_a_lock_that_was_taken_away_is_not_removed_from_its_new_owner(
    path: Path, lock_file: Path
) -> None:
    with lock(path, "apply"):
        left_behind_by_another = lock_file.read_text().replace('"apply"', '"plan"')
        lock_file.unlink()
        lock_file.write_text(left_behind_by_another)
    assert lock_file.exists()


def test_the_user_may_have_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 987654)
    assert processes.user() == "987654"
