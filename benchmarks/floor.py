"""The floor: the requests that any tool would have to send, by ten threads, and nothing else.

Run as a program, so that it starts Python and its HTTP client as kcplan does:
`python floor.py create|read URL SIZE`. The file `users` has the ids of the accounts, as a state has
them.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import peers
import realm_files

WIDTH = 10
FRESH = 30.0
"""Seconds for which a token is used; it lives for a minute."""
ACCOUNTS = "users?username=service-account-&"


class Floor:
    """A logged-in client, and ten threads."""

    def __init__(self, url: str, size: int) -> None:
        self.size = size
        self.pool = ThreadPoolExecutor(WIDTH)
        form = {
            "grant_type": "password",
            "client_id": "admin-cli",
            "username": os.environ["KCPLAN_USERNAME"],
            "password": os.environ["KCPLAN_PASSWORD"],
        }
        self.form, self.url = form, url
        self.http = httpx.Client(
            timeout=600, limits=httpx.Limits(max_connections=WIDTH, max_keepalive_connections=WIDTH)
        )
        self.lock = threading.Lock()
        self.login()

    def login(self) -> None:
        """Get a token."""
        at = f"{self.url}/realms/master/protocol/openid-connect/token"
        token = self.http.post(at, data=self.form).raise_for_status().json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.since = time.monotonic()

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """One request below the realm; the JSON of its answer."""
        if time.monotonic() - self.since > FRESH:
            with self.lock:
                if time.monotonic() - self.since > FRESH:
                    self.login()
        answer = self.http.request(method, f"{self.url}/admin/realms/{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def each(self, call: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        """The call for all items, ten at a time."""
        return list(self.pool.map(call, items))

    def pages(self, path: str, count: int, width: int = 50) -> list[Any]:
        """A list of which the length is known."""
        starts = range(0, count + 10, width)
        pages = self.each(lambda at: self.send("GET", f"{path}first={at}&max={width}"), starts)
        return [item for page in pages for item in page]

    def create(self) -> None:
        """Make everything, then read it once."""
        document = realm_files.services(self.size)
        realm = peers.REALM
        self.send("POST", "", {"realm": realm, "enabled": True})
        roles = document["roles"]
        self.each(lambda role: self.send("POST", f"{realm}/roles", role), roles["realm"])
        self.each(lambda item: self.send("POST", f"{realm}/clients", item), document["clients"])
        found = self.pages(f"{realm}/clients?", self.size)
        ids = {client["clientId"]: client["id"] for client in found}
        inner = [(ids[name], role) for name, items in roles["client"].items() for role in items]
        self.each(
            lambda item: self.send("POST", f"{realm}/clients/{item[0]}/roles", item[1]), inner
        )
        role_ids = {role["name"]: role["id"] for role in self.pages(f"{realm}/roles?", self.size)}

        def grant(account: Any) -> str:
            client = ids[account["serviceAccountClientId"]]
            user = self.send("GET", f"{realm}/clients/{client}/service-account-user")
            at = f"{realm}/users/{user['id']}"
            fields = {name: account[name] for name in ("enabled", "attributes")}
            self.send("PUT", at, {**user, **fields})
            names = account["realmRoles"]
            chosen = [{"id": role_ids[name], "name": name} for name in names]
            self.send("POST", f"{at}/role-mappings/realm", chosen)
            ((holder, granted),) = account["clientRoles"].items()
            there = self.send("GET", f"{realm}/clients/{ids[holder]}/roles")
            chosen = [role for role in there if role["name"] in granted]
            self.send("POST", f"{at}/role-mappings/clients/{ids[holder]}", chosen)
            return str(user["id"])

        self.read(self.each(grant, document["users"]))

    def read(self, users: list[str] | None = None) -> None:
        """Read what a plan compares, knowing the ids of the accounts as a state does."""
        users = users or Path("users").read_text(encoding="utf-8").split()
        realm = peers.REALM
        self.send("GET", realm)
        clients = self.pages(f"{realm}/clients?", self.size)
        self.pages(f"{realm}/roles?briefRepresentation=false&", self.size, 200)
        self.pages(f"{realm}/{ACCOUNTS}", self.size, 100)
        ids = [client["id"] for client in clients if client["clientId"].startswith("service-")]
        at = f"{realm}/clients"
        self.each(lambda i: self.send("GET", f"{at}/{i}/roles?briefRepresentation=false"), ids)
        self.each(lambda user: self.send("GET", f"{realm}/users/{user}/role-mappings"), users)


if __name__ == "__main__":
    what, address, number = sys.argv[1:]
    getattr(Floor(address, int(number)), what)()
