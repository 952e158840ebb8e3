"""What every test may ask for: a real Keycloak, a realm in it, and kcplan's command line."""

import os
import sys
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import settings

from kcplan import known_secrets
from support import tiers
from support.harness import Admin, Result, Run, Server
from support.realm_keys import bring_keys
from support.servers import LEGACY, ORDINARY, Servers
from support.times import Times
from support.turns import turn
from support.world import World

# On a busy machine an example may take any time, and another run must give the same examples.
settings.register_profile("unhurried", deadline=None, derandomize=True, database=None)
settings.load_profile("unhurried")

_OWN_VARIABLES = ("KCPLAN_", "KEYCLOAK_")
_LOG_LINES = 60
_SERVERS = pytest.StashKey[Servers]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SERVERS] = (
        Servers(Path(config.workerinput["servers"]))
        if hasattr(config, "workerinput")
        else Servers.of_session()
    )
    config.pluginmanager.register(Times())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of the session's servers."""
    node.workerinput["servers"] = str(node.config.stash[_SERVERS].folder)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tiers.sort(items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the server now, where there is something else to do first."""
    found = [tiers.tier(item) for item in session.items]
    first = getattr(session.config, "workerinput", {"workerid": "gw0"})["workerid"] == "gw0"
    if (
        first
        and "offline" in found
        and "ordinary" in found
        and not session.config.option.collectonly
    ):
        session.config.stash[_SERVERS].start_early([ORDINARY])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let a test that must be alone be alone."""
    with turn(item.config.stash[_SERVERS].folder, alone=tiers.is_alone(item)):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where a test fails, show what Keycloak said meanwhile."""
    report = yield
    kind = {"ordinary": ORDINARY, "legacy": LEGACY}.get(tiers.tier(item))
    if report.failed and kind and (said := item.config.stash[_SERVERS].log(kind, _LOG_LINES)):
        report.sections.append((f"the end of Keycloak's log ({kind.name})", said))
    return report


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_SERVERS].leave()


@pytest.fixture(scope="session", autouse=True)
def _keys_at_hand() -> Iterator[None]:
    """Realms come with keys; what tests state holds for any."""
    with pytest.MonkeyPatch.context() as patch:
        bring_keys(patch)
        yield


@pytest.fixture(scope="session")
def keycloak(pytestconfig: pytest.Config) -> Server:
    """A Keycloak with its default features, the same for the whole session."""
    return pytestconfig.stash[_SERVERS].get(ORDINARY)


@pytest.fixture(scope="session")
def legacy_keycloak(pytestconfig: pytest.Config) -> Server:
    """A Keycloak with legacy token exchange; started only when a test asks for it."""
    return pytestconfig.stash[_SERVERS].get(LEGACY)


@pytest.fixture(scope="session")
def admin(keycloak: Server) -> Iterator[Admin]:
    """The Admin API of the session's server, as its administrator."""
    with closing(Admin(keycloak)) as client:
        yield client


@pytest.fixture(scope="session")
def legacy_admin(legacy_keycloak: Server) -> Iterator[Admin]:
    """The Admin API of the legacy server, as its administrator."""
    with closing(Admin(legacy_keycloak)) as client:
        yield client


@pytest.fixture
def realm_name(admin: Admin) -> Iterator[str]:
    """A name that no realm has yet; a realm of this name is removed after the test."""
    name = _new_name()
    yield name
    admin.delete(name, check=False)


@pytest.fixture
def realm(admin: Admin, realm_name: str) -> str:
    """A fresh realm without anything of its own."""
    admin.post("", json={"realm": realm_name, "enabled": True})
    return realm_name


@pytest.fixture
def legacy_realm_name(legacy_admin: Admin) -> Iterator[str]:
    """As `realm_name`, for the legacy server."""
    name = _new_name()
    yield name
    legacy_admin.delete(name, check=False)


@pytest.fixture
def legacy_realm(legacy_admin: Admin, legacy_realm_name: str) -> str:
    """As `realm`, on the legacy server."""
    legacy_admin.post("", json={"realm": legacy_realm_name, "enabled": True})
    return legacy_realm_name


@pytest.fixture(autouse=True)
def _no_known_secrets() -> None:
    """No test knows the secrets of another one."""
    known_secrets.forget()


@pytest.fixture
def run_kcplan(keycloak: Server, run_offline: Run) -> Run:
    """Run `kcplan ARGS` in this process, connected to the session's server.

    Takes `env` (added to a clean environment; None removes a variable), `cwd` (the test's
    `tmp_path` unless said) and `input` (text for stdin).
    """

    def run(*args: object, env: Mapping[str, str | None] | None = None, **rest: Any) -> Result:
        return run_offline(*args, env={**keycloak.environment, **(env or {})}, **rest)

    return run


@pytest.fixture
def run_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """As `run_kcplan`, without a server in the environment."""

    def run(
        *args: object,
        env: Mapping[str, str | None] | None = None,
        cwd: Path = tmp_path,
        input: str | None = None,  # noqa: A002
    ) -> Result:
        clean: dict[str, str | None] = {
            name: None for name in os.environ if name.startswith(_OWN_VARIABLES)
        }
        with monkeypatch.context() as patch:
            patch.chdir(cwd)
            patch.setattr(sys, "argv", ["kcplan", *map(str, args)])
            return _call_main({**clean, **(env or {})}, input)

    return run


@pytest.fixture
def variables() -> dict[str, str | None]:
    """The environment that a test's `world` runs kcplan in; folders of tests have their own."""
    return {}


@pytest.fixture
def world(
    admin: Admin,
    realm_name: str,
    tmp_path: Path,
    run_kcplan: Run,
    variables: dict[str, str | None],
) -> World:
    """A realm name that is still free, an empty folder, and kcplan between them."""
    return World(realm_name, tmp_path, admin, run_kcplan, variables)


@pytest.fixture
def inhabited(world: World) -> World:
    """A world whose realm exists, and is not kcplan's."""
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    return world


def _call_main(env: Mapping[str, str | None], stdin: str | None) -> Result:
    """Call the function behind the console script as that script does."""
    from kcplan.cli import main

    with CliRunner().isolation(input=stdin, env=env) as (stdout, stderr, _):
        entry: Callable[[], object] = main
        try:
            outcome = entry()
        except SystemExit as end:
            outcome = end.code
        sys.stdout.flush()
        sys.stderr.flush()
        code = outcome if isinstance(outcome, int) else int(outcome is not None)
        return Result(code, stdout.getvalue().decode(), stderr.getvalue().decode())


def _new_name() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"
