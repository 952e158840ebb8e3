"""State files of older formats stay readable."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from kcplan_state.file import StateFile
from kcplan_state.migrations import CURRENT, MIGRATIONS, migrate
from support.state_samples import REALM, small_state

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def old(path: Path) -> Path:
    shutil.copy(GOLDEN / "state-v0.json", path)
    return path


def test_format_0_is_read_and_owns_nothing(old: Path) -> None:
    loaded = StateFile(old).load()
    expected = small_state()
    entries = [evolve(e, owned=(), secrets={}) for e in expected.resources.values()]
    assert loaded == evolve(expected.with_resources(entries), serial=7, key=loaded.key)


def test_format_1_has_its_profiles_and_policies_opened_entry_by_entry() -> None:
    realm = StateFile(GOLDEN / "state-v1.json").load().resources[REALM]
    profile = ("clientProfiles", "profiles", "strict")
    steps = [{"executor": "pkce-enforcer", "configuration": {"auto-configure": "true"}}]
    opened = {
        ("enabled",): True,
        (*profile, "name"): "strict",
        (*profile, "description"): "no",
        (*profile, "executors"): steps,
        ("clientPolicies", "policies"): {},
    }
    assert (realm.managed, realm.observed) == (opened, opened)


def test_reading_changes_nothing_and_saving_keeps_the_old_file_as_the_backup(old: Path) -> None:
    content = old.read_bytes()
    file = StateFile(old)
    loaded = file.load()
    assert old.read_bytes() == content
    saved = file.save(loaded)
    assert file.backup.read_bytes() == content
    assert StateFile(old).load() == saved


def test_an_edited_file_of_an_old_format_is_refused_too(old: Path) -> None:
    old.write_text(old.read_text().replace('"serial": 7', '"serial": 8'))
    with pytest.raises(Exception, match="changed by hand or damaged"):
        StateFile(old).load()


def test_every_older_format_has_its_migration_and_its_golden_file() -> None:
    assert sorted(MIGRATIONS) == list(range(CURRENT))
    assert all((GOLDEN / f"state-v{version}.json").exists() for version in MIGRATIONS)


def test_migrations_follow_one_another_up_to_the_current_format() -> None:
    def step(version: int) -> Any:
        return lambda document: {
            "format_version": version + 1,
            "passed": [*document["passed"], version],
        }

    migrations = {version: step(version) for version in range(4)}
    migrated = migrate({"format_version": 1, "passed": []}, migrations, current=4)
    assert migrated == {"format_version": 4, "passed": [1, 2, 3]}
