"""A world for behaviour tests: a folder with realm files, a realm, and kcplan between them.

    world.declare(clients=[{"clientId": "a"}])
    world.apply()
    world.admin.put(…)                    # somebody edits in the console
    assert world.plan().fields("clients/a") == {…}

Addresses are given and told without the realm's name, so that tests read the same for all realms.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from attrs import field, frozen

from support.harness import Admin, Result, Run

Json = dict[str, Any]


@frozen
class Changes:
    """A plan or a refresh as JSON, in a form that tests compare."""

    document: Json
    realm: str
    result: Result

    def _local(self, address: str) -> str:
        return address.removeprefix(f"{self.realm}/") if address != self.realm else "."

    @property
    def actions(self) -> dict[str, str]:
        """What happens to what; what stays as it is is left out."""
        return {
            self._local(item["address"]): item["action"]
            for item in self.document["resource_changes"]
            if item["action"] != "noop"
        }

    @property
    def drift(self) -> dict[str, str]:
        """What drifted, and how."""
        return {self._local(item["address"]): item["action"] for item in self.document["drift"]}

    @property
    def outside(self) -> dict[str, list[str]]:
        """The fields that changed and that no file mentions."""
        return {
            self._local(item["address"]): [".".join(change["path"]) for change in item["changes"]]
            for item in self.document["outside"]
        }

    @property
    def codes(self) -> list[str]:
        """The codes of all diagnostics."""
        return [item["code"] for item in self.document["diagnostics"]]

    def change(self, address: str, *, of: str = "resource_changes") -> Json:
        """What the document says of one resource."""
        found: Json = next(i for i in self.document[of] if self._local(i["address"]) == address)
        return found

    def fields(self, address: str, *, of: str = "resource_changes") -> dict[str, tuple[Any, ...]]:
        """The changed fields: before, after and origin by dotted path."""
        return {
            ".".join(item["path"]): (item["before"], item["after"], item["origin"])
            for item in self.change(address, of=of)["changes"]
        }


@frozen
class World:
    """A realm name, a folder, and what works on both."""

    realm: str
    folder: Path
    admin: Admin
    run: Run
    variables: dict[str, str | None] = field(factory=dict)

    # -- files ---------------------------------------------------------------------------------

    @property
    def file(self) -> Path:
        return self.folder / "realm.json"

    @property
    def state_file(self) -> Path:
        return self.folder / "kcplan.state.json"

    def declare(self, **sections: Any) -> None:
        """Let the realm's file say exactly this."""
        document = {"realm": self.realm, **sections}
        self.file.write_text(json.dumps(document, indent=2, ensure_ascii=False), encoding="utf-8")

    def settings(self, text: str) -> None:
        """Write kcplan.toml; `REALM` stands for the realm's name."""
        (self.folder / "kcplan.toml").write_text(text.replace("REALM", self.realm))

    # -- kcplan --------------------------------------------------------------------------------

    def kcplan(self, *args: object, exit_code: int | None = 0, **more: Any) -> Result:
        """Run a command, and expect its exit code."""
        result = self.run(*args, env={**self.variables, **more.pop("env", {})}, **more)
        if exit_code is not None:
            assert result.exit_code == exit_code, f"{result.stdout}\n{result.stderr}"
        return result

    def plan(self, *args: object, exit_code: int = 0, **more: Any) -> Changes:
        result = self.kcplan(
            "plan", self.file, "--format", "json", *args, exit_code=exit_code, **more
        )
        return Changes(json.loads(result.stdout), self.realm, result)

    def apply(self, *args: object, exit_code: int | None = 0, **more: Any) -> Result:
        return self.kcplan("apply", self.file, "--auto-approve", *args, exit_code=exit_code, **more)

    def try_apply(self, *args: object) -> Result:
        """Apply one step at a time, with any outcome."""
        return self.apply("--parallelism", "1", *args, exit_code=None)

    def destroy(self, *args: object, exit_code: int = 0, **more: Any) -> Result:
        return self.kcplan("destroy", "--auto-approve", *args, exit_code=exit_code, **more)

    def refresh(self, *args: object, exit_code: int | None = 0, **more: Any) -> Changes:
        result = self.kcplan("refresh", "--format", "json", *args, exit_code=exit_code, **more)
        return Changes(json.loads(result.stdout), self.realm, result)

    def is_settled(self) -> None:
        """Nothing is left to do, and nothing that the files declare has drifted."""
        plan = self.plan("--detailed-exitcode", exit_code=0)
        assert plan.actions == {}
        found = self.refresh("--detailed-exitcode", "--only-managed")
        assert found.drift == {}, found.document["drift"]

    def entry(self, address: str) -> Json:
        """A resource of the state."""
        name = self.realm if address == "." else f"{self.realm}/{address}"
        entries = json.loads(self.state_file.read_text())["resources"]
        found: Json = next(item for item in entries if item["address"] == name)
        return found

    def known(self) -> set[str]:
        """The addresses in the state."""
        entries = json.loads(self.state_file.read_text())["resources"]
        return {
            "." if i["address"] == self.realm else i["address"].removeprefix(f"{self.realm}/")
            for i in entries
        }

    # -- Keycloak ------------------------------------------------------------------------------

    def path(self, *segments: str) -> str:
        """A path in the realm, for the Admin API."""
        return "/".join(quote(part, safe="") for part in (self.realm, *segments))

    def client(self, client_id: str) -> Json | None:
        """A client as Keycloak has it."""
        found = self.admin.json(self.path("clients"), clientId=client_id)
        return found[0] if found else None

    def in_client(self, client_id: str, *segments: str) -> str:
        """A path in a client, for the Admin API."""
        return self.path("clients", self.admin.client_id(self.realm, client_id), *segments)

    def edit_client(self, client_id: str, **fields: Any) -> None:
        """Somebody changes a client in the console."""
        self.admin.put(self.in_client(client_id), json={"clientId": client_id, **fields})

    def role(self, name: str) -> Json | None:
        answer = self.admin.get(self.path("roles", name), check=False)
        return answer.json() if answer.is_success else None

    def composites(self, *segments: str) -> set[str]:
        """Names of the roles that a role is composed of."""
        return {role["name"] for role in self.admin.json(f"{self.path(*segments)}/composites")}

    def account(self, client_id: str) -> Json | None:
        """A client's service account. Never asks the client for it: that would create it."""
        name = f"service-account-{client_id.lower()}"
        found = self.admin.json(self.path("users"), username=name, exact="true")
        return self.admin.json(self.path("users", found[0]["id"])) if found else None

    def granted(self, client_id: str) -> set[str]:
        """The roles of a client's service account: `role`, or `client/role`."""
        account = self.account(client_id)
        assert account is not None
        mappings = self.admin.json(self.path("users", account["id"], "role-mappings"))
        names = {role["name"] for role in mappings.get("realmMappings", ())}
        for client, item in mappings.get("clientMappings", {}).items():
            names |= {f"{client}/{role['name']}" for role in item["mappings"]}
        return names - {f"default-roles-{self.realm}"}

    def grant(self, client_id: str, role: str) -> None:
        """Somebody gives a realm role, or `client/role`, to a service account."""
        account = self.account(client_id)
        assert account is not None
        user = self.path("users", account["id"], "role-mappings")
        client, _, name = role.rpartition("/")
        if client:
            found = self.admin.json(f"{self.in_client(client)}/roles/{quote(name, safe='')}")
            at = f"{user}/clients/{self.admin.client_id(self.realm, client)}"
        else:
            found, at = self.role(name), f"{user}/realm"
        self.admin.post(at, json=[found])

    def export(self) -> Json:
        """The realm as Keycloak exports it, and what it exports in any order sorted."""
        document = self.admin.export(self.realm)
        for client in document["clients"]:
            for key in ("defaultClientScopes", "optionalClientScopes"):
                client[key] = sorted(client.get(key, ()))
        return document
