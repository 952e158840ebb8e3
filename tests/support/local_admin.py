"""An administrator of one realm: a client in it, whose service account may do anything there.

The administrator of `master` carries the roles of all realms in each request, which is slow on a
server with many. It cannot tell from its token when somebody else has removed the realm.
"""

import time
from collections.abc import Generator

import httpx

from support.harness import Admin, Server

CLIENT = "operator"
SECRET = "operator-secret-that-is-long-enough"


class LocalAdmin(Admin):
    """The Admin API as a realm's own administrator, which is made here."""

    def __init__(self, server: Server, admin: Admin, realm: str) -> None:
        client = admin.create(
            f"{realm}/clients",
            {"clientId": CLIENT, "secret": SECRET, "serviceAccountsEnabled": True},
        )
        account = admin.json(f"{realm}/clients/{client}/service-account-user")["id"]
        management = admin.client_id(realm, "realm-management")
        role = admin.json(f"{realm}/clients/{management}/roles/realm-admin")
        admin.post(f"{realm}/users/{account}/role-mappings/clients/{management}", json=[role])
        self.environment: dict[str, str | None] = {
            "KCPLAN_URL": server.url,
            "KCPLAN_AUTH_REALM": realm,
            "KCPLAN_CLIENT_ID": CLIENT,
            "KCPLAN_CLIENT_SECRET": SECRET,
            "KCPLAN_USERNAME": None,
            "KCPLAN_PASSWORD": None,
        }
        self._client = httpx.Client(
            base_url=f"{server.url}/admin/realms/",
            timeout=60,
            auth=_Token(server, realm),
            headers={"Accept": "application/json"},
        )


class _Token(httpx.Auth):
    def __init__(self, server: Server, realm: str) -> None:
        self._url = f"{server.url}/realms/{realm}/protocol/openid-connect/token"
        self._token = ""
        self._valid_until = 0.0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        if time.monotonic() > self._valid_until:
            form = {
                "grant_type": "client_credentials",
                "client_id": CLIENT,
                "client_secret": SECRET,
            }
            answer = httpx.post(self._url, data=form).raise_for_status().json()
            self._token = answer["access_token"]
            self._valid_until = time.monotonic() + 30
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request
