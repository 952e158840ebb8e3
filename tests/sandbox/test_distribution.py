"""Where a sandbox gets its Keycloak from."""

import tarfile
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from kcplan.errors import UsageError
from kcplan_keycloak.sandbox import SandboxError, distribution
from kcplan_keycloak.sandbox.distribution import HOME_VARIABLE, Distribution


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and no home that the developer may have set."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(HOME_VARIABLE, raising=False)
    return tmp_path / "cache/kcplan/keycloak"


def _unpacked(folder: Path, version: str = "26.4.1") -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/kc.sh").touch()
    (folder / "version.txt").write_text(f"Keycloak - Version {version}\n")
    return folder


def _archive(tmp_path: Path) -> Path:
    source = _unpacked(tmp_path / "keycloak-26.4.1")
    archive = tmp_path / "keycloak-26.4.1.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(source, source.name)
    return archive


@pytest.mark.usefixtures("cache")
def test_nothing_is_at_hand_at_first() -> None:
    assert distribution.local(None) is None


def test_an_archive_is_unpacked_once_and_found_again(tmp_path: Path, cache: Path) -> None:
    folder = distribution.unpack(_archive(tmp_path), cache / "dist/26.4.1", _quiet)

    assert distribution.local("26.4.1") == Distribution(folder, "26.4.1")
    assert distribution.local(None) is None


def test_an_archive_of_something_else_is_refused(tmp_path: Path, cache: Path) -> None:
    archive = tmp_path / "other.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(__file__, "other/readme")

    with pytest.raises(SandboxError, match=r"other\.tar\.gz holds no Keycloak"):
        distribution.unpack(archive, cache / "dist/26.4.1", _quiet)

    assert not (cache / "dist").exists()


def test_a_home_goes_before_the_cache(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _unpacked(cache / "dist/26.7.3")
    monkeypatch.setenv(HOME_VARIABLE, str(_unpacked(tmp_path / "home")))

    assert distribution.local(None) == Distribution(tmp_path / "home", "26.4.1")


def test_a_home_of_another_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(_unpacked(tmp_path / "home")))

    with pytest.raises(UsageError) as caught:
        distribution.local("26.7.3")

    assert str(caught.value) == snapshot(
        "KCPLAN_KEYCLOAK_HOME holds Keycloak 26.4.1, and version 26.7.3 is asked for"
    )


def test_a_home_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))

    with pytest.raises(UsageError, match="is not the folder of a Keycloak"):
        distribution.local(None)


def test_maven_is_asked_for_the_archive_alone() -> None:
    assert distribution.maven_arguments("26.7.3", Path("/cache")) == snapshot(
        [
            "-q",
            "-B",
            "dependency:copy",
            "-Dartifact=org.keycloak:keycloak-quarkus-dist:26.7.3:tar.gz",
            "-DoutputDirectory=/cache",
        ]
    )


def test_without_maven_the_release_archive_is_downloaded(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases = tmp_path / "releases"
    (releases / "26.4.1").mkdir(parents=True)
    _archive(tmp_path).rename(releases / "26.4.1/keycloak-26.4.1.tar.gz")
    monkeypatch.setattr(distribution, "RELEASES", releases.as_uri())
    monkeypatch.setenv("PATH", str(tmp_path))
    said: list[str] = []

    found = distribution.fetch("26.4.1", said.append)

    assert found == Distribution(cache / "dist/26.4.1", "26.4.1")
    assert said[0].startswith("Downloading file://")
    assert [path.name for path in cache.iterdir()] == ["dist"]


def test_a_download_that_is_no_release_ends(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "26.4.1").mkdir()
    (tmp_path / "26.4.1/keycloak-26.4.1.tar.gz").symlink_to("/dev/zero")
    monkeypatch.setattr(distribution, "RELEASES", tmp_path.as_uri())
    monkeypatch.setattr(distribution, "_LARGEST", 3_000_000)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(SandboxError) as caught:
        distribution.fetch("26.4.1", _quiet)

    assert "more than 2 MiB came" in caught.value.detail
    assert not list(cache.iterdir())


@pytest.mark.usefixtures("cache")
def test_what_was_tried_is_told_when_nothing_can_be_got(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distribution, "RELEASES", "file:///nowhere")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(SandboxError) as caught:
        distribution.fetch("26.4.1", _quiet)

    assert caught.value.summary == snapshot("Keycloak 26.4.1 could not be got")
    assert caught.value.detail == snapshot("""\
- Maven: there is no mvn on the PATH
- file:///nowhere/26.4.1/keycloak-26.4.1.tar.gz: [Errno 2] No such file or directory: '/nowhere/26.4.1/keycloak-26.4.1.tar.gz'
Unpack a distribution yourself and set KCPLAN_KEYCLOAK_HOME to its folder, or give the address of a running server with --url.\
""")


def _quiet(_: str) -> None:
    pass
