"""The same server as a container, for those who have Docker and no Java.

Each function that makes a command line is pure, so that it can be looked at without Docker.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence

from kcplan.secret import Secret
from kcplan_keycloak.sandbox.model import DEFAULT_VERSION, Options, SandboxError
from kcplan_keycloak.sandbox.server import bootstrap

IMAGE = "quay.io/keycloak/keycloak"
_CONTAINER_PORT = 8080


def available() -> bool:
    """Whether a Docker engine answers."""
    return shutil.which("docker") is not None and _docker(["info"]).returncode == 0


def run_arguments(options: Options, port: int) -> list[str]:
    """The arguments that start a container, reachable from this machine only.

    The administrator's password comes from the environment, so that no process list shows it.
    """
    features = [f"--features={','.join(options.features)}"] if options.features else []
    variables = [part for name in bootstrap(Secret("")) for part in ("--env", name)]
    return [
        "run",
        "--detach",
        "--label=kcplan.sandbox",
        f"--publish=127.0.0.1:{port}:{_CONTAINER_PORT}",
        *variables,
        f"{IMAGE}:{options.version or DEFAULT_VERSION}",
        "start-dev",
        *features,
    ]


def start(options: Options, port: int, password: Secret) -> str:
    """Start a container and give its id. Raises SandboxError."""
    run = _docker(run_arguments(options, port), bootstrap(password))
    if run.returncode != 0:
        raise SandboxError("Docker could not start Keycloak", run.stderr.strip())
    return run.stdout.split()[-1]


def alive(container: str) -> bool:
    """Whether the container still runs."""
    run = _docker(["inspect", "--format={{.State.Running}}", container])
    return run.stdout.strip() == "true"


def end(container: str) -> None:
    """Remove the container with its data. Raises SandboxError."""
    run = _docker(["rm", "--force", "--volumes", container])
    if run.returncode != 0 and "No such container" not in run.stderr:
        raise SandboxError("Docker could not remove the container", run.stderr.strip())


def log(container: str) -> str:
    """What the server wrote."""
    run = _docker(["logs", "--tail=100", container])
    return run.stdout + run.stderr


def _docker(
    arguments: Sequence[str], env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", *arguments],
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
