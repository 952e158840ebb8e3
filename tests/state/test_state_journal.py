"""The journal: what was written to it is there after a crash, and nothing else is believed."""

import errno
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from kcplan.errors import StateError
from kcplan.secret import Secret
from kcplan_state import disk, journal
from kcplan_state.journal import Journal, Writer
from kcplan_state.records import (
    Done,
    Failed,
    Header,
    Intent,
    Record,
    Undoing,
    Undone,
)
from support.state_samples import json_values, message, texts

HEADER = Header(
    lineage="7d9be0f2-5d1c-4d3b-9f60-0c8a3e1d2b4f",
    serial=3,
    server="https://sso.example",
    operation="apply",
    started="2026-01-05T09:00:00Z",
    steps=[{"id": "create prod/clients/a"}],
    kcplan_version="0.1.0",
)
RECORDS: list[Record] = [
    Intent("delete prod/roles/r", {"name": "r", "password": "in clear"}),
    Done("delete prod/roles/r"),
    Intent("create prod/clients/a"),
    Done("create prod/clients/a", "6a3b034a"),
    Intent("create prod/clients/b"),
    Failed("create prod/clients/b"),
    Undoing("delete prod/roles/r"),
    Undone("delete prod/roles/r", {"prod/roles/r": "13faafee"}),
]
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

records = st.one_of(
    st.builds(Intent, texts, st.none() | st.dictionaries(texts, json_values, max_size=3)),
    st.builds(Done, texts, st.none() | texts),
    st.builds(Failed, texts),
    st.builds(Undoing, texts),
    st.builds(Undone, texts, st.dictionaries(texts, texts, max_size=3)),
)


@pytest.fixture
def journal_file(path: Path) -> Path:
    return path.with_name("kcplan.state.json.journal")


@pytest.fixture
def written(path: Path) -> None:
    with journal.begin(path, HEADER) as writer:
        writer.append(RECORDS[:4])
        writer.append(RECORDS[4:])


@contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """No file may grow beyond `limit` bytes, as on a disk without room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def read_error(path: Path, passphrase: str | None = None) -> str:
    with pytest.raises(StateError) as caught:
        journal.read(path, passphrase)
    return message(caught.value, path.parent)


# --- what goes in comes out


@pytest.mark.usefixtures("written")
def test_a_journal_reads_as_it_was_written(path: Path) -> None:
    assert journal.read(path) == Journal(HEADER, tuple(RECORDS))


@UNHURRIED
@given(steps=json_values, groups=st.lists(st.lists(records, max_size=3), max_size=3))
def test_any_journal_reads_as_it_was_written(
    path: Path, steps: object, groups: list[list[Record]]
) -> None:
    header = evolve(HEADER, steps=steps)
    with journal.begin(path, header) as writer:
        for group in groups:
            writer.append(group)
        written = tuple(record for group in groups for record in group)
        assert journal.read(path) == Journal(header, written)
        writer.remove()


@pytest.mark.usefixtures("written")
def test_a_line_is_an_object_with_a_checksum(journal_file: Path) -> None:
    lines = journal_file.read_text().splitlines()
    assert [json.loads(line)["kind"] for line in lines[:3]] == ["header", "intent", "done"]
    assert lines[4] == snapshot(
        '{"came":false,"checksum":"9726f727dbe04f788ff62ce672c73964","kind":"done","object_id":"6a3b034a","step":"create prod/clients/a"}'
    )


def test_it_is_for_its_owner_only_and_goes_away(path: Path, journal_file: Path) -> None:
    assert not disk.journal_exists(path)
    writer = journal.begin(path, HEADER)
    assert disk.journal_exists(path)
    assert journal_file.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == [journal_file.name]
    writer.remove()
    assert not disk.journal_exists(path)


def test_it_lies_beside_the_file_that_a_link_points_to(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "real" / "state.json")
    journal.begin(link, HEADER).close()
    assert (tmp_path / "real" / "state.json.journal").exists()
    assert disk.journal_exists(link)


def test_a_group_of_records_costs_one_sync(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    with journal.begin(path, HEADER) as writer:
        monkeypatch.setattr(os, "fsync", synced.append)
        writer.append(RECORDS)
    assert len(synced) == 1


def test_what_was_appended_survives_the_process(path: Path) -> None:
    code = """
import os, signal, sys
from kcplan_state import journal, records
header = records.Header("l", 1, "u", "apply", "t", [])
writer = journal.begin(sys.argv[1], header)
writer.append([records.Intent("one")])
writer.append([records.Done("one", None)], sync=False)
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert journal.read(path).records == (Intent("one"), Done("one", None))


def test_a_record_without_a_sync_goes_to_the_disk_with_the_next(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    with journal.begin(path, HEADER) as writer:
        monkeypatch.setattr(os, "fsync", synced.append)
        writer.append([Done("one", None)], sync=False)
        assert synced == []
        writer.append([Intent("two")])
    assert len(synced) == 1


def test_who_syncs_does_so_for_all_that_wait(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    begun, goes_on = threading.Event(), threading.Event()
    file = disk.beside(path, disk.JOURNAL)

    def slow(_: int) -> None:
        synced.append(file.read_bytes().count(b"\n"))
        begun.set()
        assert goes_on.wait(10)

    with (
        journal.begin(path, HEADER) as writer,
        ThreadPoolExecutor(3) as pool,
        monkeypatch.context() as patched,
    ):
        patched.setattr(os, "fsync", slow)
        writer.append([Intent("one")], sync=False)
        first = pool.submit(writer.sync)
        assert begun.wait(10)
        writer.append([Intent("two"), Intent("three")], sync=False)
        others = [pool.submit(writer.sync) for _ in range(2)]
        goes_on.set()
        for future in (first, *others):
            future.result()
        writer.sync()
    # The first came too early for the second line, which the others had synced once.
    assert synced == [2, 4]


def test_a_sync_that_fails_is_told_and_tried_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    synced: list[int] = []
    with journal.begin(path, HEADER) as writer:
        writer.append([Intent("one")], sync=False)
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", fail)
            with pytest.raises(StateError, match="cannot write the journal"):
                writer.sync()
        monkeypatch.setattr(os, "fsync", synced.append)
        writer.sync()
    assert len(synced) == 1


def test_a_secret_that_is_still_wrapped_is_not_written(path: Path) -> None:
    with journal.begin(path, HEADER) as writer, pytest.raises(TypeError):
        writer.append([Intent("a", {"secret": Secret("s3cret")})])
    assert journal.read(path).records == ()


# --- one at a time


@pytest.mark.usefixtures("written")
def test_a_second_journal_is_refused(path: Path) -> None:
    with pytest.raises(StateError) as caught:
        journal.begin(path, HEADER)
    assert message(caught.value, path.parent) == snapshot("""\
an apply did not end
Its journal is still there: DIR/kcplan.state.json.journal. Run `kcplan recover` to take
back what it did, or `kcplan recover --forward` to finish it.\
""")
    assert journal.read(path).records == tuple(RECORDS)


def test_a_journal_without_hard_links_is_exclusive_too(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    journal.begin(path, HEADER).close()
    with pytest.raises(StateError, match="an apply did not end"):
        journal.begin(path, HEADER)
    assert journal.read(path) == Journal(HEADER)


def test_without_a_journal_there_is_nothing_to_read(path: Path) -> None:
    assert read_error(path) == snapshot("""\
there is no journal
DIR/kcplan.state.json.journal does not exist.\
""")


def test_a_folder_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="does not exist"):
        journal.begin(tmp_path / "missing" / "state.json", HEADER)


# --- after a crash


@pytest.mark.usefixtures("written")
def test_any_prefix_reads_as_a_prefix(path: Path, journal_file: Path) -> None:
    content = journal_file.read_bytes()
    header = content.index(b"\n") + 1
    for size in range(header, len(content)):
        journal_file.write_bytes(content[:size])
        whole = content[:size].count(b"\n") - 1
        assert journal.read(path) == Journal(HEADER, tuple(RECORDS[:whole]))
    for size in range(header):
        journal_file.write_bytes(content[:size])
        assert "the journal is damaged" in read_error(path)


@pytest.mark.parametrize("encrypted", [False, True])
def test_one_may_go_on_after_a_torn_line(
    path: Path, journal_file: Path, *, encrypted: bool
) -> None:
    passphrase = "correct horse" if encrypted else None
    with journal.begin(path, HEADER, passphrase) as writer:
        writer.append(RECORDS[:3])
    journal_file.write_bytes(journal_file.read_bytes()[:-10])
    found, writer = journal.resume(path, passphrase)
    assert found == Journal(HEADER, tuple(RECORDS[:2]))
    writer.append(RECORDS[4:6])
    writer.append(RECORDS[6:])
    writer.close()
    assert journal.read(path, passphrase).records == (*RECORDS[:2], *RECORDS[4:])


def test_nothing_of_a_torn_line_stays_behind_a_shorter_one(path: Path, journal_file: Path) -> None:
    with journal.begin(path, HEADER) as writer:
        writer.append([Intent("a", {"name": "x" * 500})])
    journal_file.write_bytes(journal_file.read_bytes()[:-10])
    _, writer = journal.resume(path)
    writer.append([Intent("b")])
    writer.close()
    assert journal.read(path).records == (Intent("b"),)
    assert b"xxx" not in journal_file.read_bytes()


@UNHURRIED
@given(data=st.data())
def test_no_changed_byte_makes_another_journal(
    path: Path, journal_file: Path, data: st.DataObject
) -> None:
    journal_file.unlink(missing_ok=True)
    with journal.begin(path, HEADER) as writer:
        writer.append(RECORDS)
    content = bytearray(journal_file.read_bytes())
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    journal_file.write_bytes(content)
    try:
        found = journal.read(path)
    except StateError:
        return
    # The very last newline is gone: its line is as good as torn.
    assert position == len(content) - 1
    assert found == Journal(HEADER, tuple(RECORDS[:-1]))


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("order", [[0, 1, 3, 4], [0, 2, 1, 3], [0, 1, 1, 2], [1, 2, 3], [0, 0, 1]])
def test_lines_that_are_lost_or_put_elsewhere_are_seen(
    path: Path, journal_file: Path, order: list[int]
) -> None:
    lines = journal_file.read_bytes().splitlines(keepends=True)
    journal_file.write_bytes(b"".join(lines[number] for number in order))
    assert "the journal is damaged" in read_error(path)


@pytest.mark.usefixtures("written")
def test_damage_in_the_middle_says_where_and_what_to_do(path: Path, journal_file: Path) -> None:
    journal_file.write_bytes(journal_file.read_bytes().replace(b"in clear", b"in cloud"))
    assert read_error(path) == snapshot("""\
the journal is damaged
Line 2 of DIR/kcplan.state.json.journal cannot be used: it does not fit its checksum.
kcplan cannot tell from it what the interrupted apply did. Move the file away, and see
with `kcplan plan` how Keycloak differs from the files.\
""")


@pytest.mark.parametrize("content", ["", "{}", "{}\n", "[]\n", "\n\n", '{"kind": "done"}\n'])
def test_a_file_that_is_no_journal_is_refused(path: Path, journal_file: Path, content: str) -> None:
    journal_file.write_text(content)
    assert "the journal is damaged" in read_error(path)


def test_a_newer_journal_is_for_a_newer_kcplan(path: Path) -> None:
    journal.begin(path, evolve(HEADER, format_version=2, kcplan_version="9.0.0")).close()
    assert read_error(path).splitlines()[0] == snapshot("the journal was written by a newer kcplan")


# --- a disk that fails


def test_a_full_disk_is_a_clear_error_and_adds_nothing(path: Path, journal_file: Path) -> None:
    with journal.begin(path, HEADER) as writer:
        writer.append(RECORDS[:1])
        with full_disk(journal_file.stat().st_size + 30), pytest.raises(StateError) as caught:
            writer.append(RECORDS[1:])
        assert message(caught.value, path.parent) == snapshot("""\
cannot write the journal
DIR/kcplan.state.json.journal: File too large. Make room there first.\
""")
        assert journal.read(path).records == tuple(RECORDS[:1])
        writer.append(RECORDS[1:])
    assert journal.read(path).records == tuple(RECORDS)


def test_records_that_did_not_reach_the_disk_are_not_there(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with journal.begin(path, HEADER) as writer, monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        with pytest.raises(StateError, match="cannot write the journal"):
            writer.append(RECORDS)
    assert journal.read(path).records == ()


def test_a_journal_that_cannot_begin_does_not_stay(path: Path) -> None:
    with full_disk(10), pytest.raises(StateError, match="cannot write the journal"):
        journal.begin(path, HEADER)
    assert list(path.parent.iterdir()) == []


# --- encryption


@pytest.fixture
def encrypted(path: Path) -> Iterator[Writer]:
    with journal.begin(path, HEADER, "correct horse") as writer:
        writer.append(RECORDS)
        yield writer


@pytest.mark.usefixtures("encrypted")
def test_an_encrypted_journal_reads_with_its_passphrase_only(path: Path) -> None:
    assert journal.read(path, "correct horse") == Journal(HEADER, tuple(RECORDS))
    assert read_error(path) == snapshot("""\
the journal is encrypted
Set KCPLAN_JOURNAL_KEY to the passphrase of the apply that wrote it.\
""")
    assert read_error(path, "battery staple") == snapshot("""\
the journal cannot be decrypted
KCPLAN_JOURNAL_KEY is not the passphrase that DIR/kcplan.state.json.journal was written
with, or its beginning is damaged.\
""")


@pytest.mark.usefixtures("encrypted")
def test_nothing_of_it_can_be_read_without(journal_file: Path) -> None:
    content = journal_file.read_bytes()
    for clear in (b"in clear", b"sso.example", b"prod", b"intent", b"correct horse"):
        assert clear not in content


@pytest.mark.usefixtures("encrypted")
def test_damage_in_an_encrypted_journal_is_seen(path: Path, journal_file: Path) -> None:
    lines = journal_file.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3][:40] + lines[4][40:]
    journal_file.write_bytes(b"".join(lines))
    assert "Line 4" in read_error(path, "correct horse").replace("\n", " ")


def test_a_journal_in_clear_reads_where_there_is_a_passphrase(path: Path) -> None:
    journal.begin(path, HEADER).close()
    assert journal.read(path, "correct horse") == Journal(HEADER)


def test_an_empty_passphrase_is_a_variable_that_was_not_filled(path: Path) -> None:
    with pytest.raises(StateError, match="KCPLAN_JOURNAL_KEY is empty"):
        journal.begin(path, HEADER, "")
    assert not disk.journal_exists(path)


def test_without_the_package_it_says_what_to_install(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.fernet", None)
    with pytest.raises(StateError) as caught:
        journal.begin(path, HEADER, "correct horse")
    assert message(caught.value, path.parent) == snapshot("""\
KCPLAN_JOURNAL_KEY needs the package cryptography
The journal can only be encrypted and read with it. Install it with `pip install
'kcplan[encryption]'`.\
""")
    assert not disk.journal_exists(path)
