"""A journal that cannot be used: recover says why, changes nothing, and nothing is lost."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kcplan_state.journal import _FIRST, _checksum
from support.stage import Change, Stage

CHANGE = Change(
    before={"roles": {"realm": [{"name": "kept"}]}},
    after={
        "displayName": "after",
        "roles": {"realm": [{"name": "kept", "description": "still"}, {"name": "new"}]},
    },
)
APPLY = ("apply", "realm.json", "--auto-approve", "--parallelism", "1")
MOMENT = 14
"""The apply is killed at this moment: two of its three steps are done."""

KEY = {"KCPLAN_JOURNAL_KEY": "correct horse"}


@pytest.fixture
def killed(stage: Stage) -> Stage:
    """A stage on which an apply was killed."""
    assert stage.is_killed(MOMENT, *APPLY)
    assert stage.journal.exists()
    assert stage.changes()
    return stage


def refused(stage: Stage, *words: str, env: dict[str, str] | None = None) -> None:
    """Recover refuses, whatever the direction, and all stays as it is."""
    journal, changes = stage.journal.read_bytes(), stage.changes()
    for direction in ([], ["--forward"]):
        result = stage.kcplan("recover", "--auto-approve", *direction, env=env)
        assert result.exit_code == 1, result.stdout
        assert result.stderr.count("Error:") == 1
        for word in words:
            assert word in " ".join(result.stderr.split()), result.stderr
    assert "kcplan recover" in stage.kcplan("plan", "realm.json").stderr
    assert (stage.journal.read_bytes(), stage.changes()) == (journal, changes)


def recovered(stage: Stage, *args: str, env: dict[str, str] | None = None) -> None:
    """Recover brings everything back to what it was."""
    result = stage.kcplan("recover", "--auto-approve", *args, env=env)
    assert result.exit_code == 0, result.stderr
    assert not stage.journal.exists()
    stage.is_as_before(result)


def line_changed(content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join([*lines[:2], lines[2].replace(b"a", b"b", 1), *lines[3:]])


def line_lost(content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    return b"".join([*lines[:2], *lines[3:]])


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (line_changed, "Line 3 of"),
        (line_lost, "Line 3 of"),
        (lambda _: b"", "the journal is damaged"),
        (lambda _: b"hello\n", "the journal is damaged"),
        (lambda _: b'{"lineage":"x"}\n', "the journal is damaged"),
    ],
    ids=["changed", "lost", "empty", "foreign", "foreign JSON"],
)
def test_a_damaged_journal_is_not_used(
    killed: Stage, damage: Callable[[bytes], bytes], message: str
) -> None:
    whole = killed.journal.read_bytes()
    killed.journal.write_bytes(damage(whole))
    refused(killed, "the journal is damaged", message, str(killed.journal.name))
    killed.journal.write_bytes(whole)
    recovered(killed)


def of_another_form(content: bytes) -> bytes:
    """A journal as a later kcplan could write it: whole, and with steps of another form."""
    found, link = [], _FIRST
    for line in content.splitlines():
        document = json.loads(line)
        del document["checksum"]
        if "steps" in document:
            document["steps"] = {"strides": []}
        link = _checksum(document, link)
        found.append(json.dumps({**document, "checksum": link}).encode() + b"\n")
    return b"".join(found)


def test_a_whole_journal_of_another_form_is_not_used(killed: Stage) -> None:
    whole = killed.journal.read_bytes()
    killed.journal.write_bytes(of_another_form(whole))
    refused(killed, "the journal cannot be understood", "Recover with that version")
    killed.journal.write_bytes(whole)
    recovered(killed)


@pytest.mark.parametrize("torn", [b"{", b'{"kind":"done","step":"create', b"\xff"])
def test_a_torn_last_line_is_normal(killed: Stage, torn: bytes) -> None:
    with killed.journal.open("ab") as file:
        file.write(torn)
    recovered(killed)


def test_an_encrypted_journal_needs_its_key(stage: Stage) -> None:
    assert stage.is_killed(MOMENT, *APPLY, env=KEY)
    assert stage.realm.encode() not in stage.journal.read_bytes()
    refused(stage, "the journal is encrypted", "Set KCPLAN_JOURNAL_KEY")
    refused(stage, "KCPLAN_JOURNAL_KEY is not the", env={"KCPLAN_JOURNAL_KEY": "battery staple"})
    recovered(stage, env=KEY)


def test_a_journal_of_another_state_is_not_used(killed: Stage, tmp_path: Path) -> None:
    state = killed.state_file.read_bytes()
    other = tmp_path / "other.json"
    adopted = killed.kcplan("import", killed.realm, "--state", other, "--out", tmp_path / "r.toml")
    assert adopted.exit_code == 0, adopted.stderr
    for content, message in ((None, "older than the journal"), (other, "another state")):
        killed.state_file.unlink(missing_ok=True)
        if content is not None:
            killed.state_file.write_bytes(content.read_bytes())
        result = killed.kcplan("recover", "--auto-approve")
        assert result.exit_code == 1
        assert message in result.stderr
        assert killed.journal.exists()
    killed.state_file.write_bytes(state)
    recovered(killed)


def test_a_journal_of_another_server_is_used_only_when_that_is_allowed(killed: Stage) -> None:
    url = json.loads(killed.state_file.read_text())["server"]["url"]
    other = {"KCPLAN_URL": url.replace("127.0.0.1", "localhost")}
    refused(killed, f"the interrupted apply was one of {url}", "--allow-other-server", env=other)
    recovered(killed, "--allow-other-server", env=other)
