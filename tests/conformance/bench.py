"""A bench for one type: a realm with an object of it at home, and kcplan between it and a file.

A check takes the object away from home (`declare`), looks, and brings it home again. One that fails
leaves the bench in another state; the next check gets a new one.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import reduce
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
from attrs import define, field

from conformance.comparing import lacking, same
from conformance.overlays import Json, joined, overlaid
from conformance.sample import Hand, Sample
from support.harness import Admin, Result, Run, Server
from support.local_admin import LocalAdmin
from support.sabotage import sent_through
from support.stage import entries
from support.whole_realm import differences, whole_realm
from support.world import Changes

SECRET = "distinctive-secret-of-the-kit-0001"

Objects = dict[str, Json]
"""Fields of objects by their names."""

Variables = dict[str, str | None]
"""Environment variables; None removes one."""


@define
class Bench:
    """One type's realm and folder.

    Attributes:
        created: The plan that created the object.
        outputs: What kcplan printed, of each command that ran.
    """

    sample: Sample
    server: Server
    master: Admin
    folder: Path
    run: Run
    realm: str = field(factory=lambda: f"test-{uuid4().hex[:12]}")
    at_home: bool = False
    created: Changes | None = None
    local: Admin | None = None
    environment: Variables = field(factory=dict, repr=False)
    variables: Variables = field(factory=dict)
    outputs: list[str] = field(factory=list, repr=False)
    moments: list[str] = field(factory=list, repr=False)

    # -- the realm -----------------------------------------------------------------------------

    @property
    def hand(self) -> Hand:
        """Somebody at the console."""
        assert self.local is not None
        return Hand(self.local, self.realm)

    @property
    def home(self) -> Objects:
        """What the files have, between checks."""
        return {self.sample.name: self.sample.full}

    def set_up(self) -> None:
        """Make a realm with what the object needs, then, by kcplan, the object."""
        self.strike()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.files.mkdir(parents=True)
        self.variables = {**self.sample.secrets, "KIT_SECRET": SECRET}
        if self.sample.is_realm:
            self.local, self.environment = self.master, dict(self.server.environment)
        else:
            realm = {"realm": self.realm, "enabled": True, "adminEventsEnabled": True}
            self.master.post("", json=realm)
            self.local = LocalAdmin(self.server, self.master, self.realm)
            self.environment = self.local.environment
        self.sample.furnish(self.hand)
        self.declare({})
        if not self.sample.is_realm:
            self.apply()
        self.declare(self.home)
        self.created = self.plan()
        self.apply()
        self.at_home = True

    def strike(self) -> None:
        """Remove the realm, and those that are objects."""
        self.at_home = False
        if self.local is None:
            return
        # Its own administrator is quicker at it.
        for realm in self._realms():
            self.local.delete(quote(realm), check=False)
        if self.local is not self.master:
            self.local.close()
        self.local = None

    @property
    def home_realm(self) -> str:
        """The realm that the object is, or lies in."""
        return f"{self.realm}-{self.sample.name}" if self.sample.is_realm else self.realm

    def _realms(self) -> list[str]:
        names = (self.sample.name, self.sample.other_name)
        return [f"{self.realm}-{n}" for n in names] if self.sample.is_realm else [self.realm]

    @contextmanager
    def away(self) -> Iterator[None]:
        """Take the object away from home, and bring it back if all goes well."""
        self.at_home = False
        before = self.look()
        yield
        (self.folder / "kcplan.toml").unlink(missing_ok=True)
        self.declare(self.home)
        self.apply()
        after = self.look()
        found = self.unlike(before, after)
        assert not found, "\n".join(["the object did not come home as it was", *found])
        self.at_home = True
        if self.sample.is_realm and self.look(self.sample.other_name) is not None:
            # Removing it from the files is not enough.
            self.strike()

    def look(self, name: str = "", hand: Hand | None = None) -> Any:
        """The object as Keycloak has it."""
        by = hand or self.hand
        at = self.sample.where(by, name or self.sample.name)
        return None if at is None else self.sample.look(by, at)

    def edit(self, changes: Json) -> None:
        """Somebody changes fields of the object at the console."""
        at = self.sample.where(self.hand, self.sample.name)
        assert at is not None
        self.sample.edit(self.hand, at, self.clear(changes))

    def lacks(self, fields: Json, name: str = "") -> list[str]:
        """The fields that Keycloak does not have as they are declared."""
        return list(lacking(self.clear(fields), self.look(name)))

    def clear(self, fields: Json) -> Json:
        """Fields with the values of variables."""
        text = json.dumps(fields).replace("REALM", self.realm)
        for name, value in self.variables.items():
            text = text.replace(f"${{{name}}}", str(value))
        document: Json = json.loads(text)
        return document

    def address(self, name: str = "") -> str:
        """The address of the object with this name."""
        return self.sample.local(name or self.sample.name).replace("REALM", self.realm)

    def subject(self, name: str = "") -> str:
        """The address of what is created and deleted, with the object or around it."""
        return self.sample.subject(name or self.sample.name).replace("REALM", self.realm)

    def actions(self, changes: Changes) -> dict[str, str]:
        """What a plan does, but for what may change along with objects of the type."""
        names = (self.sample.name, self.sample.other_name)
        along = {address for name in names for address in self.sample.companions(name)}
        return {address: what for address, what in changes.actions.items() if address not in along}

    # -- files ---------------------------------------------------------------------------------

    @property
    def files(self) -> Path:
        return self.folder / "realms"

    @property
    def state_file(self) -> Path:
        return self.folder / "kcplan.state.json"

    def declare(self, objects: Objects) -> None:
        """Let the file have these objects, and what they refer to."""
        documents = [
            self.sample.declare(name, overlaid(self.sample.minimal, fields))
            for name, fields in objects.items()
        ]
        if not self.sample.is_realm:
            documents = [reduce(joined, documents, {"realm": "REALM", **self.sample.around})]
        for file in self.files.iterdir():
            file.unlink()
        for number, document in enumerate(documents):
            text = json.dumps(document, ensure_ascii=False).replace("REALM", self.realm)
            (self.files / f"{number}.json").write_text(text, encoding="utf-8")

    def declare_role(self, role: str | None, beside: str) -> None:
        """Let one more file have this role, or none, in the realm of an object."""
        realm = f"{self.realm}-{beside}" if self.sample.is_realm else self.realm
        roles = [] if role is None else [{"name": role}]
        document = {"realm": realm, "roles": {"realm": roles}}
        (self.files / "role.json").write_text(json.dumps(document), encoding="utf-8")

    def move(self, old: str, new: str) -> None:
        """Say in kcplan.toml that an object has a new name."""
        addresses = [self.subject(name) for name in (old, new)]
        if not self.sample.is_realm:
            addresses = [f"{self.realm}/{address}" for address in addresses]
        text = "[[moved]]\nfrom = {}\nto = {}\n".format(*map(json.dumps, addresses))
        (self.folder / "kcplan.toml").write_text(text, encoding="utf-8")

    # -- kcplan --------------------------------------------------------------------------------

    def kcplan(
        self,
        *args: object,
        exit_code: int | None = 0,
        through: httpx.BaseTransport | None = None,
        env: Variables | None = None,
    ) -> Result:
        """Run a command as the realm's administrator, and expect its exit code."""
        environment = {**self.environment, **self.variables, **(env or {})}
        with sent_through(through) if through else nullcontext():
            result = self.run(*args, cwd=self.folder, env=environment)
        self.outputs.append(result.stdout + result.stderr)
        if exit_code is not None:
            assert result.exit_code == exit_code, f"{args}\n{result.stdout}\n{result.stderr}"
        return result

    def plan(self, *args: object, exit_code: int = 0, **more: Any) -> Changes:
        result = self.kcplan(
            "plan", self.files, "--format", "json", *args, exit_code=exit_code, **more
        )
        return Changes(json.loads(result.stdout), self.realm, result)

    def refresh(self, *args: object, exit_code: int = 0) -> Changes:
        result = self.kcplan("refresh", "--format", "json", *args, exit_code=exit_code)
        return Changes(json.loads(result.stdout), self.realm, result)

    def apply(
        self,
        *args: object,
        through: httpx.BaseTransport | None = None,
        exit_code: int | None = 0,
        **more: Any,
    ) -> Result:
        return self.kcplan(
            *("apply", self.files, "--auto-approve", "--allow-mass-delete", *args),
            exit_code=exit_code,
            through=through,
            **more,
        )

    def is_settled(self) -> None:
        """Nothing is left to do, and nothing has drifted."""
        assert self.plan("--detailed-exitcode").actions == {}
        assert self.refresh("--detailed-exitcode").drift == {}

    # -- secrets -------------------------------------------------------------------------------

    def secret(self, value: str) -> Json:
        """The sample's secret field with a value."""
        field: Json = json.loads(json.dumps(self.sample.secret).replace("SECRET", value))
        return field

    def show_everything(self) -> None:
        """Have kcplan say all that it can say of files, plan, state and drift."""
        self.kcplan("validate", self.files)
        self.kcplan("plan", self.files, "--out", "the.kcplan")
        for form in ("text", "markdown", "json", "html"):
            self.kcplan("plan", self.files, "--format", form)
            self.kcplan("show", "the.kcplan", "--format", form)
        for form in ("text", "markdown", "json"):
            self.kcplan("refresh", "--unmanaged", "--format", form)
        self.kcplan("show", "--format", "json")
        kept = [file for file in self.folder.iterdir() if file.is_file()]
        self.outputs += [file.read_text(errors="replace") for file in kept]

    # -- comparing -----------------------------------------------------------------------------

    def everything(self) -> Json:
        """The whole realm, and the state."""
        found = {
            realm: whole_realm(self.hand.admin, quote(realm))
            for realm in self._realms()
            if self.hand.get(quote(realm)) is not None
        }
        return {"realms": found, "state": self.state()}

    def state(self) -> Json:
        """The entries of the state."""
        return entries(json.loads(self.state_file.read_text()))

    def changes_since(self, before: Json) -> list[str]:
        """How realm and state differ from what they were."""
        return list(differences(before, self.everything()))

    def unlike(self, one: Any, other: Any) -> list[str]:
        """How two objects differ, apart from ids, times, secrets, and the realm's name."""
        return same(one, other, self.realm, (SECRET, *self.sample.secrets.values()))
