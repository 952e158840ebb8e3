"""A stage for changes that are interrupted: a realm, a folder, and what both were before."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
from attrs import define, field, frozen

from kcplan_keycloak.resources import registry
from support import killing
from support.harness import Admin, Result, Run, Server
from support.local_admin import LocalAdmin
from support.sabotage import sent_through
from support.whole_realm import differences, whole_realm

Json = dict[str, Any]


def _bare(_: Admin, __: str) -> None:
    """Nobody else has anything in the realm."""


@frozen
class Change:
    """What the files say before a change and after it.

    Attributes:
        before, after: The realm's file.
        settings: kcplan.toml for the change; `REALM` stands for the realm's name.
        furnish: Puts into the realm, by another way, what others have there before the change.
        variables: The environment variables that the files name, with secrets.
    """

    before: Json
    after: Json
    settings: str = ""
    furnish: Callable[[Admin, str], None] = _bare
    variables: Mapping[str, str] = field(factory=dict)


@define
class Stage:
    """A realm as it is before a change, and a folder whose files say how it is to be after it.

    A test that leaves the realm in another state says `strike`; the next one gets a new stage.
    """

    change: Change
    realm: str
    folder: Path
    server: Server
    master: Admin
    run: Run
    original: Json = field(factory=dict)
    state: Json = field(factory=dict)
    local: LocalAdmin | None = None

    @property
    def admin(self) -> LocalAdmin:
        """The realm's own administrator, as who kcplan works too."""
        assert self.local is not None
        return self.local

    @property
    def state_file(self) -> Path:
        return self.folder / "kcplan.state.json"

    @property
    def journal(self) -> Path:
        return self.folder / "kcplan.state.json.journal"

    def declare(self, document: Json) -> None:
        """Let the files say this."""
        text = json.dumps({"realm": self.realm, **document})
        (self.folder / "realm.json").write_text(text, encoding="utf-8")

    def set_up(self) -> None:
        """Make the realm as it is before the change, and declare what it is to be after it."""
        self.strike()
        for file in self.folder.iterdir():
            file.unlink()
        self.master.post("", json={"realm": self.realm, "enabled": True})
        self.local = LocalAdmin(self.server, self.master, self.realm)
        self.declare(self.change.before)
        assert self.kcplan("apply", "realm.json", "--auto-approve").exit_code == 0
        self.change.furnish(self.admin, self.realm)
        (self.folder / "kcplan.toml").write_text(self.change.settings.replace("REALM", self.realm))
        self.look()
        self.declare(self.change.after)

    def look(self) -> None:
        """Take what is there now as what was there before."""
        self.original = whole_realm(self.admin, self.realm)
        self.state = json.loads(self.state_file.read_text())

    def strike(self) -> None:
        """Remove the realm: it is not as it was."""
        self.original = {}
        if self.local is not None:
            # It is quicker at it.
            self.local.delete(self.realm, check=False)
            self.local.close()
            self.local = None

    def kcplan(
        self,
        *args: object,
        through: httpx.BaseTransport | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Result:
        """Run a command, its requests through a transport of the test's; it prints no secret."""
        with sent_through(through) if through else nullcontext():
            result = self.run(*args, cwd=self.folder, env=self._environment(env))
        for secret in self.change.variables.values():
            assert secret not in result.stdout + result.stderr
        return result

    def is_killed(self, moment: int, *args: str, env: Mapping[str, str] | None = None) -> bool:
        """Run a command in a process that is killed at a moment; whether that came."""
        variables = {**os.environ, **self._environment(env)}
        ended = subprocess.run(
            [sys.executable, str(Path(killing.__file__)), str(moment), *args],
            check=False,
            cwd=self.folder,
            env={name: value for name, value in variables.items() if value},
            capture_output=True,
            text=True,
        )
        assert ended.returncode in {0, -9}, ended.stderr
        return ended.returncode == -9

    def _environment(self, more: Mapping[str, str] | None) -> Json:
        return {**self.admin.environment, **self.change.variables, **(more or {})}

    def apply(self, through: httpx.BaseTransport | None = None, *more: object) -> Result:
        """Apply the change, one step at a time unless `more` says otherwise."""
        args = ("apply", "realm.json", "--auto-approve", "--allow-mass-delete")
        return self.kcplan(*args, *(more or ("--parallelism", "1")), through=through)

    def changes(self) -> list[str]:
        """How the realm and the state differ from what they were before; empty when not at all."""
        now = whole_realm(self.admin, self.realm)
        state = json.loads(self.state_file.read_text())
        return [
            *differences(self.original, now),
            *differences(entries(self.state), entries(state)),
        ]

    def is_as_before(self, result: Result) -> None:
        """Assert that nothing differs."""
        found = self.changes()
        if found:
            self.strike()
        assert not found, "\n".join([*found, result.stderr])


def entries(state: Json) -> Json:
    """The entries of a state by address, without ids that an object that comes back cannot have."""
    return {
        entry["address"]: {
            key: value for key, value in entry.items() if key != "id" or _keeps_id(entry["type"])
        }
        for entry in state["resources"]
    }


def _keeps_id(word: str) -> bool:
    spec = registry()[word]
    return spec.chooses_id or spec.origin.kept is not None
