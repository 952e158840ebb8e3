"""kcplan.toml: how kcplan itself is to work.

    [keycloak]      the connection; flags and environment variables go before it
    [config]        files, substitution, ignore_unsupported
    [variables]     variables for placeholders, after those of the environment
    [state]         path, lock_timeout
    [refresh]       full_every
    [[realms]]      a file, and tenants for each of which it is read
    [[lifecycle]]   rules for resources
    [[moved]]       renames
    [[lint]]        other weights for risks, each with a reason
    [variables]     values for placeholders
    [environments]  other values of these settings, by name; see kcplan.config.environments

Paths in it start at its own folder. No placeholder is substituted in it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import field

from kcplan.classes import frozen
from kcplan.config.model import LIMITS, Lifecycle, Lint, Moved, Tenants
from kcplan.diagnostics import Diagnostic, Source
from kcplan.secret import Secret

VERSION: Final = r"^[0-9]{1,9}(\.[0-9]{1,9}){1,2}$"
"""What `[keycloak] version` looks like."""

ENVIRONMENT: Final = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"
"""What names of environments look like."""

FULL_EVERY: Final = 24.0
"""The default of `[refresh] full_every`, in hours."""

KEYCLOAK_CONFIG_CLI: Final = "keycloak-config-cli"
"""The value of `[config] substitution` that also substitutes `$(…)`."""


_PATHS: Final = {LIMITS: {"items": {"type": "string", "minLength": 1}}}
"""That a list holds PATHs."""


@frozen
class KeycloakSettings:
    """`[keycloak]`: the connection. None is "not set here".

    Attributes:
        url: Where Keycloak answers.
        auth_realm: The realm to log in to.
        client_id: The client to log in with.
        client_secret: Its secret.
        client_secret_file: A file with that secret.
        username: The user to log in as.
        password: The password.
        password_file: A file with the password.
        ca_file: Certificates to trust.
        client_cert: A client certificate.
        client_key: The key of that certificate.
        insecure: Whether TLS is left unverified.
        timeout: Seconds that a request may take, from the connection to the end of its answer.
        parallelism: How many requests may run at a time.
        max_answer_mib: The largest answer that is read, in MiB, unpacked.
        version: Keycloak's version, to judge fields where the server does not tell.
    """

    url: str | None = None
    auth_realm: str | None = None
    client_id: str | None = None
    client_secret: Secret | None = None
    client_secret_file: Path | None = None
    username: str | None = None
    password: Secret | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    insecure: bool | None = None
    timeout: float | None = field(default=None, metadata={LIMITS: {"exclusiveMinimum": 0}})
    parallelism: int | None = field(default=None, metadata={LIMITS: {"minimum": 1}})
    max_answer_mib: int | None = field(default=None, metadata={LIMITS: {"minimum": 1}})
    version: str | None = field(default=None, metadata={LIMITS: {"pattern": VERSION}})


@frozen
class ConfigSettings:
    """`[config]`: which files, and how they are read.

    Attributes:
        files: PATHs, for commands that are given none.
        overlays: PATHs of files that win over those; each is a layer, and later ones win.
        substitution: `kcplan`, or `keycloak-config-cli` for its placeholders as well.
        ignore_unsupported: Sections that kcplan cannot manage, and that are left out.
    """

    files: tuple[str, ...] = field(default=(), metadata=_PATHS)
    overlays: tuple[str, ...] = field(default=(), metadata=_PATHS)
    substitution: str = field(
        default="kcplan", metadata={LIMITS: {"enum": ["kcplan", KEYCLOAK_CONFIG_CLI]}}
    )
    ignore_unsupported: tuple[str, ...] = ()


@frozen
class StateSettings:
    """`[state]`: where the state lives. None is "not set here".

    Attributes:
        path: The state file.
        lock_timeout: Seconds to wait for another kcplan to be done.
    """

    path: Path | None = None
    lock_timeout: float | None = field(default=None, metadata={LIMITS: {"minimum": 0}})


@frozen
class RefreshSettings:
    """`[refresh]`: how `refresh --quick` works.

    Attributes:
        full_every: So many hours after a reading of everything the next one is due.
    """

    full_every: float = field(default=FULL_EVERY, metadata={LIMITS: {"exclusiveMinimum": 0}})


@frozen
class Environment(KeycloakSettings):
    """`[environments.NAME]`: settings that go before those of the top level. None is "as there".

    It has all keys of `[keycloak]` itself, and these:

    Attributes:
        state: The state file.
        lock_timeout: As in `[state]`.
        files: As in `[config]`.
        overlays: As in `[config]`.
        substitution: As in `[config]`.
        ignore_unsupported: As in `[config]`.
        full_every: As in `[refresh]`.
        variables: Values for placeholders, before those of the top level.
        protect: Whether only a saved plan can be applied.
        lifecycle: Rules, before those of the top level.
        lint: Rules, before those of the top level.
        variable_sources: The places of the variables in kcplan.toml; no key.
    """

    state: Path | None = None
    lock_timeout: float | None = field(default=None, metadata={LIMITS: {"minimum": 0}})
    files: tuple[str, ...] | None = field(default=None, metadata=_PATHS)
    overlays: tuple[str, ...] | None = field(default=None, metadata=_PATHS)
    substitution: str | None = field(
        default=None, metadata={LIMITS: {"enum": ["kcplan", KEYCLOAK_CONFIG_CLI]}}
    )
    ignore_unsupported: tuple[str, ...] | None = None
    full_every: float | None = field(default=None, metadata={LIMITS: {"exclusiveMinimum": 0}})
    variables: Mapping[str, str] = field(factory=dict, repr=False)
    protect: bool = False
    lifecycle: tuple[Lifecycle, ...] = ()
    lint: tuple[Lint, ...] = ()
    variable_sources: Mapping[str, Source] = field(factory=dict)


@frozen
class Settings:
    """All of kcplan.toml.

    Attributes:
        environments: The environments, by name.
        environment: The name of the one that these settings are for; None where there is none.
        protect: Whether only a saved plan can be applied.
        folder: The folder of kcplan.toml, where the paths in it start.
        variables: `[variables]`: variables for placeholders in realm files.
        variable_sources: The places of these in kcplan.toml.
        diagnostics: Warnings about it.
        own_files: Files that no realm file may substitute: what kcplan logs in with, kcplan.toml
            itself, the state.
        alone: Whether files are read without overlays, and an overlay that is named as what it is.
        listed: Where kcplan.toml lists its environments.
        set_aside: PATHs of overlays that are not read, and are no plain files either.
        file_folders: Folders whose files realm files may substitute. Whoever runs kcplan says so,
            never a file.
    """

    keycloak: KeycloakSettings = field(factory=KeycloakSettings)
    config: ConfigSettings = field(factory=ConfigSettings)
    state: StateSettings = field(factory=StateSettings)
    refresh: RefreshSettings = field(factory=RefreshSettings)
    realms: tuple[Tenants, ...] = ()
    lifecycle: tuple[Lifecycle, ...] = ()
    moved: tuple[Moved, ...] = ()
    lint: tuple[Lint, ...] = ()
    variables: Mapping[str, str] = field(factory=dict, repr=False)
    variable_sources: Mapping[str, Source] = field(factory=dict)
    environments: Mapping[str, Environment] = field(
        factory=dict, metadata={LIMITS: {"propertyNames": {"pattern": ENVIRONMENT}}}
    )
    environment: str | None = None
    protect: bool = False
    folder: Path = Path()
    diagnostics: tuple[Diagnostic, ...] = ()
    own_files: tuple[Path, ...] = ()
    set_aside: tuple[str, ...] = ()
    alone: bool = False
    listed: Source | None = None
    file_folders: tuple[Path, ...] = ()

    @property
    def foreign(self) -> bool:
        """Whether the placeholders of keycloak-config-cli are replaced."""
        return self.config.substitution == KEYCLOAK_CONFIG_CLI

    def paths(self) -> list[Path]:
        """`[config] files`, as paths from the current folder."""
        return [self.folder / name for name in self.config.files]
