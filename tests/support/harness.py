"""What the fixtures give to tests: `from support.harness import Admin, Run, Server`."""

import threading
import time
from collections.abc import Callable, Generator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx
from attrs import field, frozen

_WAITS = (0.0, 0.2, 1.0)
"""Seconds before a request that failed is sent again."""


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


class Admin:
    """The Admin API without kcplan's own client; paths are relative to `/admin/realms/`.

    An answer that is an error raises `httpx.HTTPStatusError` with its text, unless `check=False`
    is given. Other keywords are those of httpx: `json`, `params`, …
    """

    def __init__(self, server: Server) -> None:
        self._client = httpx.Client(
            base_url=f"{server.url}/admin/realms/",
            timeout=60,
            auth=_Token(server),
            # Else workflows come as YAML.
            headers={"Accept": "application/json"},
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, **request: Any) -> httpx.Response:
        return self._request("GET", path, **request)

    def post(self, path: str, **request: Any) -> httpx.Response:
        return self._request("POST", path, **request)

    def put(self, path: str, **request: Any) -> httpx.Response:
        return self._request("PUT", path, **request)

    def delete(self, path: str, **request: Any) -> httpx.Response:
        return self._request("DELETE", path, **request)

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

    def log_in(self, realm: str, **form: str) -> None:
        """Have a realm issue tokens, as to somebody who logs in."""
        at = f"../../realms/{quote(realm, safe='')}/protocol/openid-connect/token"
        self._client.post(at, data=form, auth=None).raise_for_status()

    def _request(
        self, method: str, path: str, *, check: bool = True, **request: Any
    ) -> httpx.Response:
        response = self._client.request(method, path, **request)
        for wait in _WAITS if check else _WAITS[:1]:
            if response.status_code != HTTPStatus.INTERNAL_SERVER_ERROR:
                break
            # Keycloak fails now and then while two requests are the first to read what a role is
            # composed of: somebody at the console would try once more.
            time.sleep(wait)
            response = self._client.request(method, path, **request)
        if check and response.is_error:
            raise httpx.HTTPStatusError(
                f"{method} {path}: {response.status_code} {response.text}",
                request=response.request,
                response=response,
            )
        return response


class _Token(httpx.Auth):
    """A token of the administrator, renewed before its 60 seconds are over."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._token = ""
        self._valid_until = 0.0
        self._lock = threading.Lock()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
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
"""`run_kcplan(*args, env=None, cwd=tmp_path, input=None)`."""
