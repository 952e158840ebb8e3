"""What a sandbox is, and where it lives on disk."""

import os
import re
from collections.abc import Callable
from pathlib import Path

from kcplan.classes import frozen
from kcplan.errors import KcplanError, UsageError
from kcplan.secret import Secret

DEFAULT_VERSION = "26.7.3"
DEFAULT_PORT = 8480
ADMIN = "admin"

Progress = Callable[[str], None]
"""Told in one line what is going on."""


class SandboxError(KcplanError):
    """A sandbox cannot be started, found or ended."""


@frozen
class Options:
    """What is asked of a sandbox.

    Attributes:
        version: The Keycloak version; None is what `KCPLAN_KEYCLOAK_HOME` has, or the default.
        features: Names for Keycloak's `--features`.
        port: The port on 127.0.0.1; 0 takes a free one.
        timeout: Seconds that the server may take until it answers.
        docker: Whether a container may be used where no distribution is at hand.
        optimised: Whether Java compiles as for a server that runs for long. It starts slower, and
            is faster once it is warm.
    """

    version: str | None = None
    features: tuple[str, ...] = ()
    port: int = DEFAULT_PORT
    timeout: float = 300.0
    docker: bool = True
    optimised: bool = False


@frozen
class Process:
    """A process, so identified that a later one with the same pid is not mistaken for it.

    Attributes:
        pid: Its id, and that of the process group that it leads.
        started: When it started, as the operating system tells it.
    """

    pid: int
    started: str


@frozen
class Sandbox:
    """A running server. `process` and `container` are None where kcplan did not start it.

    Attributes:
        folder: Holds its record, its log and all its data.
        url: The base address, without a slash at the end.
        username: The administrator in the realm master.
        password: The administrator's password.
        version: The Keycloak version, where it is known.
        features: The features that it was started with.
        process: The server, or the shell that it runs under.
        container: The id of its container.
    """

    folder: Path
    url: str
    username: str
    password: Secret
    version: str | None = None
    features: tuple[str, ...] = ()
    process: Process | None = None
    container: str | None = None

    @property
    def log(self) -> Path:
        """The file with all that the server wrote."""
        return self.folder / "server.log"


def cache_folder() -> Path:
    """Where distributions and their builds are kept."""
    return _xdg("XDG_CACHE_HOME", ".cache") / "kcplan" / "keycloak"


def instance_folder(name: str) -> Path:
    """The folder of the sandbox with this name. Raises UsageError."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", name):
        raise UsageError(
            f"{name!r} is not a name for a sandbox",
            "Use letters, digits, hyphens and underscores, at most 64 of them.",
        )
    return _xdg("XDG_STATE_HOME", ".local/state") / "kcplan" / "sandbox" / name


def _xdg(variable: str, default: str) -> Path:
    """A base folder; the specification says to ignore one that is not absolute."""
    given = Path(os.environ.get(variable, ""))
    return given if given.is_absolute() else Path.home() / default
