"""The state file: what goes in comes out, and nothing else ever does."""

import errno
import json
import os
import re
import resource
import shutil
import tempfile
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from inline_snapshot import snapshot

from kcplan.errors import StateError
from kcplan.secret import Secret
from kcplan.state import Digest, ResourceState, State
from kcplan_state.file import StateFile
from support.state_samples import CLIENT, REALM, message, small_state, states


@contextmanager
def full_disk(limit: int = 100) -> Iterator[None]:
    """No file may grow beyond `limit` bytes, as on a disk without room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def read_only_folder() -> Iterator[Path]:
    """A folder in which the user may not create files, for root too."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(folder)


def names_in(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def load_error(path: Path) -> str:
    with pytest.raises(StateError) as caught:
        StateFile(path).load()
    return message(caught.value, path.parent)


# --- what goes in comes out


def test_no_file_is_a_new_state_with_a_lineage_and_a_key_of_its_own(path: Path) -> None:
    first, second = StateFile(path).load(), StateFile(path).load()
    assert first.serial == 0
    assert not first.resources
    assert first.lineage != second.lineage
    assert first.key != second.key
    assert not path.exists()


def test_each_save_has_the_next_serial_and_loads_as_it_was_saved(path: Path) -> None:
    file = StateFile(path)
    first = file.save(small_state())
    assert first == evolve(small_state(), serial=1)
    second = file.save(first.without([CLIENT]))
    assert second.serial == 2
    assert StateFile(path).load() == second


def test_a_changed_resource_is_written_and_not_the_one_of_the_save_before(path: Path) -> None:
    file = StateFile(path)
    state = file.save(small_state())
    changed = evolve(state.resources[CLIENT], id="another")
    state = file.save(state.with_resources([changed]))
    assert StateFile(path).load().resources[CLIENT] == changed


@pytest.mark.usefixtures("saved")
def test_the_file_is_readable_line_by_line(path: Path) -> None:
    text = re.sub(r"(_at\": \"|checksum\": \"|version\": \")[^\"]+", r"\1…", path.read_text())
    assert "\n".join(map(wrapped, text.splitlines())) == snapshot("""\
{
  "format_version": 2,
  "kcplan_version": "…",
  "lineage": "7d9be0f2-5d1c-4d3b-9f60-0c8a3e1d2b4f",
  "serial": 1,
  "server": {"url":"https://sso.example","version":"26.7.3"},
  "updated_at": "…",
  "secret_key": "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
  "resources": [
    {"address":"prod", "adopted":true, "depends_on":[], "id":"prod-id",
      "managed":{"enabled":true}, "observed":{}, "owned":[], "secrets":{}, "type":"realm",
      "unobserved":[["enabled"]]},
    {"address":"prod/clients/user-service", "adopted":false, "depends_on":["prod"],
      "id":"6a3b034a-4186-4339-80a7-09b2dd390b6b", "managed":{"attributes":{"=":{},
      "access.token.lifespan":"300"}, "description":null, "publicClient":false,
      "redirectUris":["https://a.example/*"]},
      "observed":{"attributes":{"client.secret.creation.time":"1795509430"},
      "protocolMappers":{"=":{}}, "redirectUris":["https://a.example/*",
      "https://b.example/*"]}, "owned":[["attributes", "access.token.lifespan"]],
      "secrets":{"secret":"hmac-
      sha256:aabbccdd0000000000000000000000000000000000000000000000000000000000000000"},
      "type":"client", "unobserved":[["attributes"], ["description"]]}
  ],
  "checksum": "…"
}\
""")


def wrapped(line: str) -> str:
    """A resource's line, over several."""
    if not line.startswith("    {"):
        return line
    return "\n      ".join(textwrap.wrap(line.replace(",", ", "), 84))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(state=states)
def test_any_state_loads_as_it_was_saved(path: Path, state: State) -> None:
    saved = StateFile(path).save(state)
    loaded = StateFile(path).load()
    assert loaded == saved
    # `==` takes 1, 1.0 and True for the same.
    assert typed(loaded) == typed(saved)


def typed(state: State) -> object:
    return {
        address: [
            sorted((path, repr(value)) for path, value in leaves.items())
            for leaves in (with_sorted_keys(entry.managed), with_sorted_keys(entry.observed))
        ]
        for address, entry in state.resources.items()
    }


def with_sorted_keys(value: object) -> dict[object, object]:
    def ordered(item: object) -> object:
        if isinstance(item, dict):
            return {key: ordered(item[key]) for key in sorted(item)}
        return [ordered(element) for element in item] if isinstance(item, list) else item

    assert isinstance(value, dict)
    return {key: ordered(item) for key, item in value.items()}


def test_what_differs_in_type_alone_is_observed_as_it_is(path: Path) -> None:
    applied = {("a",): 1, ("b",): [1], ("c",): [{"k": 1}]}
    observed = {("a",): True, ("b",): [1.0], ("c",): [{"k": True}]}
    entry = ResourceState(CLIENT, "client", "id", managed=applied, observed=observed)
    StateFile(path).save(small_state().with_resources([entry]))
    loaded = StateFile(path).load().resources[CLIENT]
    assert repr(sorted(loaded.observed.items())) == repr(sorted(observed.items()))


def test_a_large_realm_stays_under_4_megabytes(path: Path) -> None:
    StateFile(path).save(large_state())
    assert path.stat().st_size < 4_000_000


def large_state() -> State:
    """1,000 clients as Keycloak returns them, each with five smaller resources."""
    fields = json.loads((Path(__file__).parent / "golden" / "client-leaves.json").read_text())
    observed = {tuple(path): value for path, value in fields}
    managed = dict(list(observed.items())[:8])
    entries = {}
    for number in range(1000):
        address = REALM.child("clients", f"service-{number:04}")
        entries[address] = ResourceState(
            address=address,
            type="client",
            id="6a3b034a-4186-4339-80a7-09b2dd390b6b",
            depends_on=(REALM,),
            managed=managed,
            observed=observed,
            owned=tuple(path for path in observed if path[0] == "attributes"),
            secrets={("secret",): Digest("hmac-sha256", "0" * 72)},
        )
        for role in range(5):
            below = address.child("roles", f"role-{role}")
            entries[below] = ResourceState(
                address=below,
                type="client-role",
                id="13faafee-fe42-497c-8941-3a6d83f224c1",
                depends_on=(address,),
                managed={("description",): "May read the things that there are"},
                observed={
                    ("description",): "May read the things that there are",
                    ("composite",): False,
                    ("clientRole",): True,
                    ("containerId",): "6a3b034a-4186-4339-80a7-09b2dd390b6b",
                },
            )
    return evolve(small_state(), resources=entries)


# --- where it goes


def test_the_file_is_for_its_owner_only_and_nothing_else_stays(saved: State, path: Path) -> None:
    path.chmod(0o644)
    StateFile(path).save(saved)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.with_name("kcplan.state.json.backup").stat().st_mode & 0o777 == 0o600
    assert names_in(path.parent) == ["kcplan.state.json", "kcplan.state.json.backup"]


def test_the_backup_is_the_state_before_the_command(saved: State, path: Path) -> None:
    command = StateFile(path)
    during = command.save(command.load())
    command.save(during)
    assert StateFile(command.backup).load() == saved


def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "state.json", tmp_path / "link.json"
    link.symlink_to(target)
    first = StateFile(link).save(small_state())
    second = StateFile(link).save(first)
    assert link.is_symlink()
    assert StateFile(target).load() == second
    assert (tmp_path / "real" / "state.json.backup").exists()


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "state.json"
    assert load_error(path) == snapshot("""\
the folder of the state file does not exist
DIR/state.json cannot be there, because DIR is not a folder. Create the folder, or name
another file with --state.\
""")
    with pytest.raises(StateError, match="does not exist"):
        StateFile(path).save(small_state())


def test_a_folder_in_place_of_the_file_is_a_clear_error(tmp_path: Path) -> None:
    assert load_error(tmp_path / ".") == snapshot("""\
cannot read the state
DIR/test_a_folder_in_place_of_the_0: Is a directory.\
""")


def test_a_read_only_folder_is_a_clear_error() -> None:
    with read_only_folder() as folder, pytest.raises(StateError) as caught:
        StateFile(folder / "state.json").save(small_state())
    assert message(caught.value, folder) == snapshot("""\
cannot write the state
DIR/state.json: Permission denied. kcplan must be able to read and write there, and to
create files in DIR. The state file is as it was before.\
""")


def test_a_full_disk_leaves_the_state_as_it_was(saved: State, path: Path) -> None:
    with full_disk(), pytest.raises(StateError) as caught:
        StateFile(path).save(saved)
    assert message(caught.value, path.parent) == snapshot("""\
cannot write the state
DIR/kcplan.state.json: File too large. Make room there first. The state file is as it
was before.\
""")
    assert StateFile(path).load() == saved
    assert names_in(path.parent) == ["kcplan.state.json"]


def test_a_write_that_does_not_reach_the_disk_leaves_the_state_as_it_was(
    saved: State, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StateError, match="cannot write the state"):
        StateFile(path).save(saved)
    assert StateFile(path).load() == saved
    assert names_in(path.parent) == ["kcplan.state.json"]


# --- what never goes in


@pytest.mark.parametrize("value", [Secret("s3cret"), ["a", Secret("s3cret")], {"k": Secret("x")}])
@pytest.mark.parametrize("where", ["managed", "observed"])
def test_a_secret_is_never_written(path: Path, value: object, where: str) -> None:
    entry = ResourceState(CLIENT, "client", "id", **{where: {("secret",): value}})
    with pytest.raises(TypeError, match="a Secret is never written to the state"):
        StateFile(path).save(small_state().with_resources([entry]))
    assert not path.exists()


# --- the key of the digests


def test_the_key_of_the_digests_is_kept_and_not_shown(saved: State, path: Path) -> None:
    assert StateFile(path).load().key == saved.key == bytes(range(32))
    assert "key" not in repr(saved)


def test_a_passphrase_gives_the_same_key_each_time_and_is_not_stored(path: Path) -> None:
    file = StateFile(path, passphrase="correct horse")
    saved = file.save(file.load())
    assert saved.key is not None
    assert json.loads(path.read_text())["secret_key"] is None
    assert StateFile(path, passphrase="correct horse").load() == saved
    assert StateFile(path, passphrase="battery staple").load().key != saved.key


def test_a_stored_key_goes_away_once_there_is_a_passphrase(saved: State, path: Path) -> None:
    file = StateFile(path, passphrase="correct horse")
    loaded = file.load()
    assert loaded.key != saved.key
    file.save(loaded)
    assert saved.key is not None
    assert saved.key.hex() not in path.read_text()


def test_an_empty_passphrase_is_a_variable_that_was_not_filled(path: Path) -> None:
    with pytest.raises(StateError, match="KCPLAN_STATE_KEY is empty"):
        StateFile(path, passphrase="").load()


def test_what_many_resources_have_is_there_once(tmp_path: Path) -> None:
    client = small_state().resources[CLIENT]
    other = evolve(client, address=REALM.child("clients", "other"), id="another")
    StateFile(tmp_path / "s.json").save(small_state().with_resources([other]))

    read = StateFile(tmp_path / "s.json").load().resources

    one, two = read[CLIENT], read[other.address]
    assert one.type is two.type
    assert one.declared is two.declared
    assert one.managed["redirectUris",][0] is two.managed["redirectUris",][0]
    assert [*map(id, one.managed)] == [*map(id, two.managed)]
