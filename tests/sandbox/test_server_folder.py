"""A server's own folder, its command line and its environment."""

from pathlib import Path

import pytest
from inline_snapshot import snapshot

from kcplan.secret import Secret
from kcplan_keycloak.sandbox import Options, container, server
from kcplan_keycloak.sandbox.distribution import Distribution


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Distribution:
    """The parts of a distribution that a server's folder is made of."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "dist"
    for name in ("bin", "conf", "providers", "themes", "lib/lib", "lib/app", "lib/quarkus"):
        (folder / name).mkdir(parents=True)
    for name in ("bin/kc.sh", "version.txt", "lib/quarkus-run.jar"):
        (folder / name).touch()
    (folder / "conf/keycloak.conf").write_text("db-url=jdbc:postgresql://production/keycloak")
    (folder / "lib/quarkus/build").write_text("as released")
    return Distribution(folder, "26.7.3")


def test_a_server_writes_nothing_into_the_distribution(
    distribution: Distribution, tmp_path: Path
) -> None:
    home = tmp_path / "home"

    server.prepare(distribution, (), home)
    (home / "lib/quarkus/build").write_text("built")
    (home / "data/h2").touch()

    assert (distribution.folder / "lib/quarkus/build").read_text() == "as released"
    assert not (distribution.folder / "data").exists()


def test_the_archive_by_which_a_server_finds_its_folder_is_its_own(
    distribution: Distribution, tmp_path: Path
) -> None:
    server.prepare(distribution, (), tmp_path / "home")

    archive = tmp_path / "home/lib/quarkus-run.jar"
    assert archive.resolve() == (tmp_path.resolve() / "home/lib/quarkus-run.jar")


def test_the_distribution_s_configuration_is_not_used(
    distribution: Distribution, tmp_path: Path
) -> None:
    server.prepare(distribution, (), tmp_path / "home")

    assert list((tmp_path / "home/conf").iterdir()) == []


def test_a_build_is_kept_for_the_same_features_in_any_order(
    distribution: Distribution, tmp_path: Path
) -> None:
    assert server.prepare(distribution, ("a", "b"), tmp_path / "first") is False
    (tmp_path / "first/lib/quarkus/build").write_text("built for a and b")
    server.keep_build(distribution, ("a", "b"), tmp_path / "first")
    server.keep_build(distribution, ("a", "b"), tmp_path / "first")

    assert server.prepare(distribution, ("b", "a"), tmp_path / "second") is True
    assert (tmp_path / "second/lib/quarkus/build").read_text() == "built for a and b"
    assert server.prepare(distribution, ("a",), tmp_path / "third") is False


def test_another_provider_needs_another_build(distribution: Distribution, tmp_path: Path) -> None:
    server.prepare(distribution, (), tmp_path / "first")
    server.keep_build(distribution, (), tmp_path / "first")

    (distribution.folder / "providers/custom.jar").touch()

    assert server.prepare(distribution, (), tmp_path / "second") is False


def test_a_server_listens_on_loopback() -> None:
    options = Options(features=("token-exchange", "admin-fine-grained-authz:v1"))
    assert server.command(Path("/home"), options, 8480) == snapshot(
        [
            "/home/bin/kc.sh",
            "start-dev",
            "--http-host=127.0.0.1",
            "--http-port=8480",
            "--features=token-exchange,admin-fine-grained-authz:v1",
        ]
    )


def test_a_server_sees_nothing_of_the_user_s_own_keycloak(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KC_DB_URL", "jdbc:postgresql://production/keycloak")
    monkeypatch.setenv("JAVA_OPTS_APPEND", "-Dkc.db.url=jdbc:postgresql://production/keycloak")

    environment = server.environment(Secret("random"), optimised=False)

    assert "production" not in str(environment)
    assert environment["KC_BOOTSTRAP_ADMIN_PASSWORD"] == "random"


def test_a_container_is_published_on_loopback_and_shows_no_password() -> None:
    options = Options(version="26.4.1", features=("token-exchange",))
    assert container.run_arguments(options, 8480) == snapshot(
        [
            "run",
            "--detach",
            "--label=kcplan.sandbox",
            "--publish=127.0.0.1:8480:8080",
            "--env",
            "KC_BOOTSTRAP_ADMIN_USERNAME",
            "--env",
            "KC_BOOTSTRAP_ADMIN_PASSWORD",
            "quay.io/keycloak/keycloak:26.4.1",
            "start-dev",
            "--features=token-exchange",
        ]
    )
