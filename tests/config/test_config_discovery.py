"""Which files a PATH names, and what is said where it names none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.config.discover import discover
from kcplan.config.settings import ConfigSettings, Settings
from kcplan.errors import ConfigError, UsageError

Write = Callable[[str, str | bytes], Path]


def _names(*paths: str | Path) -> list[str]:
    return [str(found.path) for found in discover(paths)]


@pytest.fixture
def tree(write: Write) -> None:
    for name in (
        "kcplan.toml",
        "realms/b.toml",
        "realms/a.JSON",
        "realms/deep/er/c.yaml",
        "realms/deep/d.yml",
        "realms/deep/kcplan.toml",
        "realms/notes.md",
        "realms/.hidden.toml",
        "realms/.git/x.toml",
        "empty/notes.md",
    ):
        write(name, "")


@pytest.mark.usefixtures("tree")
def test_paths_are_files_folders_and_patterns() -> None:
    assert _names("realms/b.toml") == ["realms/b.toml"]
    in_order = ["realms/a.JSON", "realms/b.toml", "realms/deep/d.yml", "realms/deep/er/c.yaml"]
    assert _names("realms") == in_order
    assert _names(Path("realms")) == in_order
    assert _names("realms/*.toml") == ["realms/b.toml"]
    assert _names("realms/*") == in_order
    assert sorted(_names("realms/**/*.y*ml")) == ["realms/deep/d.yml", "realms/deep/er/c.yaml"]
    assert _names("realms/b.toml", "realms") == [
        "realms/b.toml",
        "realms/a.JSON",
        "realms/deep/d.yml",
        "realms/deep/er/c.yaml",
    ]


@pytest.mark.usefixtures("tree")
def test_a_file_reached_twice_is_taken_once() -> None:
    Path("realms/link.toml").symlink_to("b.toml")
    assert _names("realms/b.toml", "realms/../realms", "./realms/*.toml") == [
        "realms/b.toml",
        "realms/../realms/a.JSON",
        "realms/../realms/deep/d.yml",
        "realms/../realms/deep/er/c.yaml",
    ]


@pytest.mark.usefixtures("tree")
def test_a_folder_as_kubernetes_mounts_it_is_read(folder: Path) -> None:
    (folder / "mounted" / "..2026").mkdir(parents=True)
    (folder / "mounted" / "..2026" / "r.toml").write_text("")
    Path("mounted/..data").symlink_to("..2026")
    Path("mounted/r.toml").symlink_to("..data/r.toml")
    Path("mounted/loop").symlink_to("..")
    assert _names("mounted") == ["mounted/r.toml"]


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("path", "summary"),
    [
        ("missing", "'missing' does not exist"),
        ("missing.toml", "'missing.toml' does not exist"),
        ("", "'' does not exist"),
        ("empty", "the folder 'empty' has no configuration files"),
        ("realms/*.xml", "the pattern 'realms/*.xml' matches no configuration file"),
        ("realms/notes.md", "'realms/notes.md' is not a configuration file"),
        ("kcplan.toml", "'kcplan.toml' holds kcplan's own settings and is not a realm file"),
        ("x" * 5000, None),
        ("a\0b", None),
    ],
)
def test_a_path_that_names_no_file_is_told(path: str, summary: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        discover([path])
    assert caught.value.detail
    if summary is not None:
        assert caught.value.summary == summary


@pytest.mark.usefixtures("tree")
def test_all_paths_that_name_no_file_are_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        discover(["missing", "realms", "empty"])
    assert f"{caught.value.summary}\n{caught.value.detail}" == snapshot("""\
2 paths cannot be used
- 'missing' does not exist. Name a file, a folder, or a pattern such as `realms/*.toml`.
- the folder 'empty' has no configuration files. Configuration files end with one of .toml, .json, .yaml, .yml.\
""")


def test_without_a_path_the_settings_say_which_files(
    write: Write, load_paths: Callable[..., Any]
) -> None:
    write("project/realms/a.toml", 'realm = "a"')
    write("project/b.json", '{"realm": "b"}')
    settings = Settings(config=ConfigSettings(files=("realms", "b.json")), folder=Path("project"))
    assert load_paths([], settings=settings).realms == {"a", "b"}

    with pytest.raises(UsageError, match="no realm files found"):
        load_paths([])


def test_paths_that_name_only_some_of_a_realms_files_are_an_error(
    write: Write, load_paths: Callable[..., Any]
) -> None:
    write("a.toml", 'realm = "r"')
    write("b.toml", 'realm = "${REALM}"\n[[clients]]\nclientId = "c"')
    write("other.toml", 'realm = "other"')
    settings = Settings(config=ConfigSettings(files=("*.toml",)))
    environment = {"REALM": "r"}

    with pytest.raises(UsageError) as caught:
        load_paths(["a.toml"], environment, settings)
    assert f"{caught.value.summary}\n{caught.value.detail}" == snapshot("""\
the paths name only some of a realm's files
What the others declare would look deleted. Add b.toml, or name no path at all to take all files of `[config] files`.\
""")
    assert load_paths(["a.toml", "b.toml"], environment, settings).realms == {"r"}
    assert load_paths(["other.toml"], environment, settings).realms == {"other"}

    write("two.yaml", "realm: r\n---\nrealm: r\nenabled: true\n")
    both = Settings(config=ConfigSettings(files=("*.toml", "*.yaml")))
    with pytest.raises(UsageError) as caught:
        load_paths(["a.toml", "b.toml"], environment, both)
    assert "Add two.yaml, or" in caught.value.detail

    write("broken.toml", "realm = ")
    with pytest.raises(ConfigError):
        load_paths(["other.toml"], environment, settings)


def test_states_and_saved_plans_in_a_folder_are_left_out(
    write: Write, load_paths: Callable[..., Any], text_of: Callable[..., str]
) -> None:
    write("all/r.toml", 'realm = "r"')
    write("all/my.state.json", '{"format_version": 1, "lineage": "x", "resources": []}')
    write("all/plan.json", '{"format_version": 1, "resource_changes": []}')
    assert load_paths(["all"]).realms == {"r"}

    with pytest.raises(ConfigError) as caught:
        load_paths(["all/plan.json", "all"])
    assert text_of(caught.value.diagnostics) == snapshot("""\
error missing-realm all/plan.json
  this is a state file or a saved plan, not a realm file\
""")
