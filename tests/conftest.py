"""What every test may ask for: a real Keycloak, a realm in it, and kcplan's command line."""

import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from attrs import field, frozen
from click.testing import CliRunner

from kcplan_keycloak.sandbox import Options, running

LEGACY_FEATURES = ("token-exchange", "admin-fine-grained-authz:v1")
_OWN_VARIABLES = ("KCPLAN_", "KEYCLOAK_")


@frozen
class Server:
    """A real Keycloak, and its administrator in the realm master."""

    url: str
    username: str
    password: str = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """What kcplan needs to connect."""
        return {
            "KCPLAN_URL": self.url,
            "KCPLAN_USERNAME": self.username,
            "KCPLAN_PASSWORD": self.password,
        }


class Admin(httpx.Client):
    """The Admin API without kcplan's own client; paths are relative to `/admin/realms/`.

    An answer that is an error raises `httpx.HTTPStatusError`, unless `check=False` is given.
    """

    def __init__(self, server: Server) -> None:
        super().__init__(base_url=f"{server.url}/admin/realms/", timeout=60, auth=_Token(server))

    def request(self, *args: Any, check: bool = True, **kwargs: Any) -> httpx.Response:
        response = super().request(*args, **kwargs)
        if check and response.is_error:
            message = f"{response.request.method} {response.url}: {response.status_code} "
            raise httpx.HTTPStatusError(
                message + response.text, request=response.request, response=response
            )
        return response

    def json(self, path: str, **params: Any) -> Any:
        """GET a path and give its JSON."""
        return self.get(path, params=params).json()

    def create(self, path: str, representation: Mapping[str, Any]) -> str:
        """POST a representation; the id of the new object, from the answer's Location."""
        return self.post(path, json=representation).headers["Location"].rsplit("/", 1)[1]

    def client_id(self, realm: str, client_id: str) -> str:
        """The id of a client by its clientId."""
        found: str = self.json(f"{realm}/clients", clientId=client_id)[0]["id"]
        return found

    def export(self, realm: str) -> dict[str, Any]:
        """The whole realm with clients, groups and roles, as Keycloak exports it."""
        path = f"{quote(realm, safe='')}/partial-export"
        document: dict[str, Any] = self.post(
            path, params={"exportClients": True, "exportGroupsAndRoles": True}
        ).json()
        return document


class _Token(httpx.Auth):
    """A token of the administrator, renewed before its 60 seconds are over."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._token = ""
        self._valid_until = 0.0
        self._lock = threading.Lock()

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        with self._lock:
            if time.monotonic() > self._valid_until:
                self._renew()
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request

    def _renew(self) -> None:
        response = httpx.post(
            f"{self._server.url}/realms/master/protocol/openid-connect/token",
            data={
                "grant_type": "password",
                "client_id": "admin-cli",
                "username": self._server.username,
                "password": self._server.password,
            },
        ).raise_for_status()
        answer = response.json()
        self._token = answer["access_token"]
        self._valid_until = time.monotonic() + answer["expires_in"] - 15


@frozen
class Result:
    """What a run of kcplan left."""

    exit_code: int
    stdout: str
    stderr: str


Run = Callable[..., Result]


@pytest.fixture(scope="session")
def keycloak() -> Iterator[Server]:
    """A Keycloak with its default features, the same for the whole session."""
    with _server("KCPLAN_TEST", ()) as server:
        yield server


@pytest.fixture(scope="session")
def legacy_keycloak() -> Iterator[Server]:
    """A Keycloak with legacy token exchange; started only when a test asks for it."""
    with _server("KCPLAN_TEST_LEGACY", LEGACY_FEATURES) as server:
        yield server


@contextmanager
def _server(prefix: str, features: tuple[str, ...]) -> Iterator[Server]:
    """The server that `PREFIX_URL` names, or one that is started and ended here."""
    url = os.environ.get(f"{prefix}_URL")
    if url:
        username = os.environ.get(f"{prefix}_USERNAME", "admin")
        password = os.environ.get(f"{prefix}_PASSWORD", "admin")
        yield Server(url.rstrip("/"), username, password)
        return
    options = Options(features=features, port=0, docker=False)
    with running(options, lambda line: print(line, file=sys.__stderr__)) as sandbox:
        yield Server(sandbox.url, sandbox.username, sandbox.password.value)


@pytest.fixture(scope="session")
def admin(keycloak: Server) -> Iterator[Admin]:
    """The Admin API of the session's server, as its administrator."""
    with Admin(keycloak) as client:
        yield client


@pytest.fixture(scope="session")
def legacy_admin(legacy_keycloak: Server) -> Iterator[Admin]:
    """The Admin API of the legacy server, as its administrator."""
    with Admin(legacy_keycloak) as client:
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


def _call_main(env: Mapping[str, str | None], stdin: str | None) -> Result:
    """Call the function behind the console script as that script does."""
    from kcplan.cli import main

    with CliRunner().isolation(input=stdin, env=env) as (stdout, stderr, _):
        try:
            outcome: object = main()
        except SystemExit as end:
            outcome = end.code
        sys.stdout.flush()
        sys.stderr.flush()
        code = outcome if isinstance(outcome, int) else int(outcome is not None)
        return Result(code, stdout.getvalue().decode(), stderr.getvalue().decode())


def _new_name() -> str:
    return f"test-{uuid.uuid4().hex[:12]}"
