"""What most commands begin with: settings, files, state, and the way to Keycloak.

Most imports are late, so that the log-in is under way before them.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from kcplan.address import Address
from kcplan.classes import define
from kcplan.cli.options import Values, make_connection, variables
from kcplan.cli.printing import notify
from kcplan.digests import Digester
from kcplan.errors import StateError, UsageError
from kcplan.secret import Secret

if TYPE_CHECKING:
    from kcplan.config.lints import Known
    from kcplan.config.model import Config
    from kcplan.config.settings import Settings
    from kcplan.config.variables import Given
    from kcplan.offered import Seen
    from kcplan.plan import Plan
    from kcplan.quick import Look
    from kcplan.resource import Registry
    from kcplan.saved_plan import DeclaredSecrets
    from kcplan.state import Digest, State
    from kcplan.transaction import Site
    from kcplan_keycloak.api import AdminApi, Connection
    from kcplan_state.file import StateFile
    from kcplan_state.step_journal import StepJournal

SETTINGS = Path("kcplan.toml")
DEFAULT_STATE = Path("kcplan.state.json")


@define
class StateDigester(Digester):
    """Digests under a state's key."""

    key: bytes

    def digest(self, text: str) -> "Digest":
        """What the secret looks like."""
        from kcplan_state import digests

        return digests.digest(Secret(text), self.key)

    def matches(self, text: str, digest: "Digest") -> bool | None:
        """Whether it is the secret of the digest."""
        from kcplan_state import digests

        return digests.matches(Secret(text), digest, self.key)


def lineage_key(lineage: str) -> bytes:
    """The key of a state that has none yet. A saved plan and the state it begins agree on it."""
    return sha256(f"kcplan {lineage}".encode()).digest()


@define(slots=False)
class Session:
    """One run of a command: everything that it was told, read when it is needed."""

    values: Values

    @cached_property
    def settings(self) -> "Settings":
        """What kcplan.toml says; defaults where there is none."""
        from kcplan.config.environments import chosen

        _keep_in_own_credentials()
        settings = chosen(self.all_settings, self.environment)
        ignored = (*settings.config.ignore_unsupported, *self.values.get("ignore_unsupported", ()))
        config = evolve(settings.config, ignore_unsupported=ignored)
        state = state_path(self.values, settings)
        own = (*own_files(self.values, settings, state), *self._variable_files())
        if settings.environment:
            everywhere = self.all_settings
            state = state_path(self.values, everywhere)
            own = (*own, *own_files(self.values, everywhere, state))
        folders = os.environ.get("KCPLAN_FILES", "").split(os.pathsep)
        files = tuple(Path(folder) for folder in folders if folder)
        return evolve(settings, config=config, own_files=own, file_folders=files)

    def _variable_files(self) -> list[Path]:
        """The files of `--var-file`: a variable for one file is not for whoever writes another."""
        return [Path(file) for file in self.values.get("var_files", ())]

    @cached_property
    def all_settings(self) -> "Settings":
        """What kcplan.toml says, whatever the environment."""
        from kcplan.config.settings_file import load_settings

        return load_settings(SETTINGS, known=self._known_to_lint)

    @property
    def environment(self) -> str | None:
        """The environment that the user names: flag over KCPLAN_ENV."""
        return self.values.get("env") or os.environ.get("KCPLAN_ENV") or None

    @property
    def registry(self) -> "Registry":
        """The resource types."""
        from kcplan_keycloak.resources import registry

        return registry()

    def _known_to_lint(self) -> "Known":
        from kcplan.config.lints import Known
        from kcplan_keycloak.risks import explanations

        return Known(explanations(), [spec.pattern for spec in self.registry.values()])

    def config(self, paths: Sequence[str]) -> "Config":
        """The configuration files. Raises ConfigError, UsageError."""
        from kcplan.config.load import load

        given = self.given
        return load(list(paths), self.registry, os.environ, self.settings, given)

    @cached_property
    def given(self) -> "Mapping[str, Given]":
        """The variables of `--var` and `--var-file`. Raises ConfigError, UsageError."""
        from kcplan.config.var_files import given

        return given(variables(self.values), self.values.get("var_files", ()))

    def declared_secrets(self) -> "DeclaredSecrets":
        """The secrets of a saved plan or a journal, read again from the files."""
        from kcplan.saved_plan import DeclaredSecrets

        return DeclaredSecrets(self.registry, self.settings, os.environ, self.given)

    @cached_property
    def state_path(self) -> Path:
        """The state file: flag over environment over kcplan.toml."""
        refuse_other_place(self.values, self.settings)
        return state_path(self.values, self.settings)

    @cached_property
    def state_file(self) -> "StateFile":
        """The state file, with the passphrase for its digests if there is one."""
        from kcplan_state.file import StateFile

        return StateFile(self.state_path, self.state_key)

    @property
    def state_key(self) -> str | None:
        """The passphrase for the digests of the state, and for the signatures of its plans."""
        return os.environ.get("KCPLAN_STATE_KEY")

    def plan_key(self, lineage: str) -> bytes | None:
        """The key that plans are signed with, if the user keeps a passphrase. Raises StateError."""
        from kcplan_state import digests

        passphrase = self.state_key
        return None if passphrase is None else digests.derive_plan_key(passphrase, lineage)

    @property
    def journal_key(self) -> str | None:
        """The passphrase of the journal, if it is to be encrypted."""
        return os.environ.get("KCPLAN_JOURNAL_KEY")

    def state(self) -> "State":
        """The state. Raises StateError, also where a killed apply must be recovered first."""
        from kcplan.known_types import require_known_in_state

        require_known_in_state(self._loaded, self.registry)
        return self._loaded

    @cached_property
    def _loaded(self) -> "State":
        """The state, whatever types it has: to know them takes about as long as to log in."""
        self.refuse_journal()
        return self.load_state()

    def load_state(self, lineage: str | None = None) -> "State":
        """The state, or a new one (of a certain lineage) where there is no file."""
        from kcplan_state import digests

        state = self.state_file.load()
        if state.serial == 0 and not self.state_file.path.exists():
            state = evolve(state, lineage=lineage or state.lineage)
            key = (
                digests.derive_key(self.state_key, state.lineage)
                if self.state_key
                else lineage_key(state.lineage)
            )
            state = evolve(state, key=key)
        return state

    def known(self) -> frozenset[Address]:
        """The addresses in the state; none where there is no state that can be read."""
        try:
            exists = self.state_path.exists()
            return frozenset(self.state_file.load().resources if exists else ())
        except (StateError, OSError):
            return frozenset()

    def digester(self, state: "State") -> StateDigester:
        """Digests under the key of this state."""
        return StateDigester(state.key or lineage_key(state.lineage))

    @property
    def has_journal(self) -> bool:
        """Whether an apply is running, or was killed."""
        from kcplan_state.disk import journal_exists

        return journal_exists(self.state_path)

    def begin_journal(self, plan: "Plan", state: "State", operation: str) -> "StepJournal":
        """Begin the journal of a plan's execution. Raises StateError."""
        from kcplan_state import step_journal

        return step_journal.begin(
            self.state_path, plan, state, operation, self.digester(state), self.journal_key
        )

    def refuse_journal(self) -> None:
        """Raise StateError where a killed apply has left its journal."""
        if self.has_journal:
            raise StateError(
                "an apply did not end",
                "Its journal lies beside the state: it is still running, it was killed, or it "
                "could not be rolled back. If no kcplan is running, `kcplan recover` takes back "
                "what it did, and `kcplan recover --forward` finishes it.",
            )

    @contextmanager
    def lock(self, operation: str) -> Iterator[None]:
        """Hold the state's lock. Raises StateError where somebody else does."""
        from kcplan_state.lock import lock

        timeout = self.values.get("lock_timeout")
        if timeout is None:
            timeout = self.settings.state.lock_timeout or 0.0
        with lock(self.state_path, operation, timeout, notify):
            yield

    @contextmanager
    def api(self, *, log_in: bool = False) -> "Iterator[AdminApi]":
        """The way to Keycloak. Nothing is sent before the first request.

        With `log_in` that is sent at once: logging in takes about as long as all imports. Only to
        the server of the state: kcplan.toml, which a proposed change may edit, can name another.
        """
        refuse_other_place(self.values, self.settings)
        log = notify if self.values.get("verbose") else None
        with connect(make_connection(self.values, self.settings.keycloak), log=log) as api:
            if log_in:
                self.check_server(self._loaded, api.connection.url)
                api.log_in_ahead()
            yield api

    def keep_offered(self, api: "AdminApi") -> None:
        """Keep beside the state which names the server has, for `validate`."""
        from kcplan_state import seen

        offered = api.server_info().offered
        if offered is not None:
            seen.keep(self.state_path, api.connection.url, offered)

    def seen(self) -> "Seen | None":
        """What the server offered when it was asked last; None where that is not known."""
        from kcplan_state import seen

        return seen.load(self.state_path)

    def last_look(self, state: "State") -> "Look | None":
        """What the last full reading saw, and the quick looks since; None where nobody knows."""
        from kcplan_state import look_file

        return look_file.load(self.state_path, self._look_key(state.lineage))

    def keep_look(self, look: "Look") -> None:
        """Keep beside the state what was seen, for the next quick look."""
        from kcplan_state import look_file

        look_file.keep(self.state_path, look, self._look_key(look.lineage))

    def _look_key(self, lineage: str) -> bytes:
        from kcplan_state import digests

        if self.state_key is None:
            return lineage_key(lineage)
        return digests.derive_look_key(self.state_key, lineage)

    def site(self, api: "AdminApi", state: "State") -> "Site":
        """Keycloak, and the place of this state."""
        from kcplan.lifecycle import Rules
        from kcplan.transaction import Site
        from kcplan_keycloak.authorship import own_account
        from kcplan_keycloak.reader import KeycloakReader
        from kcplan_keycloak.writer import KeycloakWriter

        return Site(
            reader=lambda: KeycloakReader(api),
            writer=lambda ids, managed: KeycloakWriter(api, ids, managed),
            store=self.state_file,
            registry=self.registry,
            digester=self.digester(state),
            parallelism=api.connection.parallelism,
            rules=Rules(self.settings.lifecycle),
            account=lambda live: own_account(api, live),
        )

    def check_server(self, state: "State", url: str) -> None:
        """Raise StateError where the state belongs to another server."""
        known = state.server.url if state.server else None
        if known is None or known == url or self.values.get("allow_other_server"):
            return
        raise StateError(
            f"the state belongs to {known}, and this is {url}",
            "Used on another server it would describe objects that are not there. Correct --url "
            "or --state; if the server only moved, add --allow-other-server.",
        )


def connect(connection: "Connection", *, log: Callable[[str], object] | None) -> "AdminApi":
    """A client of the Admin API, which is imported now."""
    from kcplan_keycloak.api import AdminApi

    return AdminApi(connection, log=log)


def state_path(values: Values, settings: "Settings") -> Path:
    """The state file: flag over environment over kcplan.toml."""
    given = values.get("state_path") or os.environ.get("KCPLAN_STATE")
    return Path(given) if given else settings.state.path or DEFAULT_STATE


def _keep_in_own_credentials() -> None:
    """Have nothing that is printed show what the environment has to log in with."""
    from kcplan import known_secrets
    from kcplan.config.substitute import OWN_CREDENTIALS

    for name in OWN_CREDENTIALS:
        known_secrets.note(os.environ.get(name, ""), outside=True)


_OWN_FILES = (
    "password_file",
    "client_secret_file",
    "client_key",
    "client_cert",
    "user_password_file",
    "subject_token_file",
)
"""Options that name files with credentials."""


def own_files(values: Values, settings: "Settings", state: Path) -> tuple[Path, ...]:
    """The files with what kcplan itself logs in with, or knows; some may not exist."""
    from kcplan.config.environments import states
    from kcplan_state.disk import beside

    named = [values.get(name) or os.environ.get(f"KCPLAN_{name.upper()}") for name in _OWN_FILES]
    declared = [
        path
        for some in (settings.keycloak, *settings.environments.values())
        for path in (
            some.password_file,
            some.client_secret_file,
            some.client_key,
            some.client_cert,
        )
    ]
    companions = [
        beside(path, suffix)
        for path in (state, *states(settings))
        for suffix in ("", ".backup", ".journal", ".server", ".look")
    ]
    own = (*named, *declared, settings.folder / SETTINGS, *companions)
    return tuple(Path(path) for path in own if path)


def refuse_other_place(values: Values, settings: "Settings") -> None:
    """Raise UsageError where a variable would take an environment to another server or state.

    Left over from other work, it would have dev's files applied to prod.
    """
    from kcplan.config.environments import bare

    name = settings.environment
    environment = settings.environments.get(name) if name else None
    if name is None or environment is None:
        return
    given, own = os.environ.get("KCPLAN_STATE"), environment.state
    if own and given and not values.get("state_path") and Path(given).resolve() != own.resolve():
        raise _elsewhere("KCPLAN_STATE", given, f"the state of the environment `{name}` is {own}")
    url = environment.url
    for variable in ("KCPLAN_URL", "KEYCLOAK_URL") if url and not values.get("url") else ():
        given = os.environ.get(variable)
        if given and url and given.rstrip("/") != url.rstrip("/"):
            at = f"the environment `{name}` is at {bare(url)}"
            raise _elsewhere(variable, bare(given), at)


def _elsewhere(variable: str, given: str, own: str) -> UsageError:
    flag = f"--{variable.rpartition('_')[2].lower()}"
    return UsageError(
        f"{variable} is {given}, and {own}",
        f"Unset {variable}; or give {flag}, if it is meant.",
    )
