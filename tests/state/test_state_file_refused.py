"""Whatever is not exactly what kcplan wrote is refused, with the way out."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from kcplan.errors import StateError
from kcplan.state import State
from kcplan_state.document import canonical, checksum
from kcplan_state.file import StateFile
from support.state_samples import message, small_state


def resealed(path: Path, **changes: object) -> None:
    """Change fields of a state file, with a checksum that fits."""
    document = json.loads(path.read_text()) | changes
    del document["checksum"]
    path.write_text(json.dumps({**document, "checksum": checksum(canonical(document))}))


def error_of(path: Path) -> str:
    with pytest.raises(StateError) as caught:
        StateFile(path).load()
    return message(caught.value, path.parent)


def test_an_empty_file_is_refused(path: Path) -> None:
    path.touch()
    assert error_of(path) == snapshot("""\
the state file is empty
DIR/kcplan.state.json: It has 0 bytes. There is no usable backup beside it. Bring the
file back from where you keep copies of it. Without a state, kcplan takes what is in
Keycloak for somebody else's: it adopts what the files declare, and deletes nothing.\
""")


def test_a_binary_file_is_refused(path: Path) -> None:
    path.write_bytes(b"\x00\xff\xfe\x80")
    assert error_of(path).splitlines()[0] == snapshot("the state file is not text")


@pytest.mark.usefixtures("saved")
def test_a_truncated_file_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])
    assert error_of(path) == snapshot("""\
the state file is not valid JSON
DIR/kcplan.state.json: It was cut off or edited: Unterminated string starting at: line
13 column 15 (char 1168). There is no usable backup beside it. Bring the file back from
where you keep copies of it. Without a state, kcplan takes what is in Keycloak for
somebody else's: it adopts what the files declare, and deletes nothing.\
""")


@pytest.mark.parametrize("content", ["[]", "null", "7", '{"version": 4, "resources": []}'])
def test_foreign_json_is_refused(path: Path, content: str) -> None:
    path.write_text(content)
    assert error_of(path).splitlines()[0] == snapshot("the state file is not a state of kcplan")


def test_json_that_nests_without_end_is_refused(path: Path) -> None:
    path.write_text("[" * 200_000)
    assert error_of(path).splitlines()[0] == snapshot("the state file is not valid JSON")


@pytest.mark.usefixtures("saved")
def test_an_edited_file_is_refused(path: Path) -> None:
    path.write_text(path.read_text().replace("300", "301"))
    assert error_of(path) == snapshot("""\
the state file was changed by hand or damaged
DIR/kcplan.state.json: Its content does not fit its checksum. Use `kcplan state rm` and
`kcplan state mv` to change a state. There is no usable backup beside it. Bring the file
back from where you keep copies of it. Without a state, kcplan takes what is in Keycloak
for somebody else's: it adopts what the files declare, and deletes nothing.\
""")


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize(
    ("line", "edited"),
    [
        ('"checksum": "(.*)"', r'"checksum": "\1", "serial": 99, "resources": []'),
        ('"serial": ', r'"serial": 5, "lineage": "other",\n  "serial": '),
        ('"checksum": ', r'"checksum": 1, "serial": 98,\n  "checksum": '),
        ("{\n", r'{"own_accounts": [],\n'),
    ],
)
def test_what_stands_beside_a_line_or_twice_is_refused(path: Path, line: str, edited: str) -> None:
    text = path.read_text()
    changed = re.sub(line, edited, text, count=1)
    assert changed != text
    path.write_text(changed)
    assert error_of(path).startswith("the state file was changed by hand or damaged")


@pytest.mark.usefixtures("saved")
def test_a_newer_format_is_refused(path: Path) -> None:
    resealed(path, format_version=3, kcplan_version="9.0.0")
    assert re.sub(r"this is kcplan [\d.]+", "this is kcplan …", error_of(path)) == snapshot("""\
the state file was written by a newer kcplan
DIR/kcplan.state.json: It has format 3, written by kcplan 9.0.0; this is kcplan …,
which knows formats up to 2. Use that version.\
""")


@pytest.mark.parametrize("version", [-1, True, "1", 1.0, None])
@pytest.mark.usefixtures("saved")
def test_a_format_that_never_was_is_refused(path: Path, version: object) -> None:
    resealed(path, format_version=version)
    assert "format" in error_of(path)


@pytest.mark.parametrize(
    "changes",
    [
        {"serial": "1"},
        {"serial": True},
        {"lineage": None},
        {"extra": 1},
        {"resources": {}},
        {"server": "https://sso.example"},
        {"resources": ["x"]},
        {"server": {"url": "x", "version": None, "realm": "y"}},
        {"secret_key": "no hexadecimal"},
    ],
)
@pytest.mark.usefixtures("saved")
def test_content_of_another_kind_is_refused(path: Path, changes: dict[str, object]) -> None:
    resealed(path, **changes)
    assert error_of(path).splitlines()[0] == "the state file is damaged"


@pytest.mark.usefixtures("saved")
def test_the_error_names_the_place(path: Path) -> None:
    resources = json.loads(path.read_text())["resources"]
    resources[1]["adopted"] = "false"
    resealed(path, resources=resources)
    assert error_of(path).split(" There is no")[0] == snapshot("""\
the state file is damaged
DIR/kcplan.state.json: Its checksum fits, its content does not: resource 2: invalid
value for type, expected bool at adopted.\
""")


@pytest.mark.parametrize(
    "change",
    [
        {"address": "prod//x"},
        {"address": "prod"},
        {"managed": {"a": {}}},
        {"managed": {"=a": 1}},
        {"secrets": {"secret": "no digest"}},
        {"depends_on": "prod"},
        {"owned": ["attributes"]},
    ],
)
@pytest.mark.usefixtures("saved")
def test_a_resource_of_another_kind_is_refused(path: Path, change: dict[str, object]) -> None:
    resources = json.loads(path.read_text())["resources"]
    resources[1] |= change
    resealed(path, resources=resources)
    assert error_of(path).splitlines()[0] == "the state file is damaged"


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300
)
@given(data=st.data())
def test_no_changed_byte_makes_another_state(path: Path, data: st.DataObject) -> None:
    saved = StateFile(path).save(small_state())
    content = bytearray(path.read_bytes())
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        loaded = StateFile(path).load()
    except StateError:
        return
    # White space between the values may differ (a formatter was at work), and nothing else.
    assert loaded == saved
    assert content[position : position + 1].isspace()


# --- the way out


def test_a_usable_backup_is_the_way_out(saved: State, path: Path) -> None:
    StateFile(path).save(saved)
    path.write_text("")
    assert error_of(path) == snapshot("""\
the state file is empty
DIR/kcplan.state.json: It has 0 bytes. The state before it (serial 1) is in
DIR/kcplan.state.json.backup. To go back to it, run `cp DIR/kcplan.state.json.backup
DIR/kcplan.state.json`, then `kcplan plan` to see what it does not know of.\
""")


def test_a_damaged_backup_is_not_offered(saved: State, path: Path) -> None:
    StateFile(path).save(saved)
    path.write_text("")
    path.with_name("kcplan.state.json.backup").write_text("{}")
    assert "There is no usable backup" in error_of(path)
