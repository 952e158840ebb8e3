"""Starting and ending sandboxes."""

import http.client
import os
import secrets
import shutil
import socket
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve

from kcplan.secret import Secret
from kcplan_keycloak.sandbox import container, distribution, process, record, server
from kcplan_keycloak.sandbox.distribution import Distribution
from kcplan_keycloak.sandbox.model import (
    ADMIN,
    DEFAULT_VERSION,
    Options,
    Progress,
    Sandbox,
    SandboxError,
)

_LOG_LINES = 20
_PROGRESS_SECONDS = 5.0


def silent(_: str) -> None:
    """Progress for those who do not want to hear of it."""


def ensure(options: Options, folder: Path, progress: Progress = silent) -> tuple[Sandbox, bool]:
    """The sandbox of the folder, started unless it runs. Tells whether it was started now.

    Raises SandboxError where it cannot be started, or runs in another way than asked for.
    """
    with record.locked(folder):
        present = record.load(folder)
        if present and alive(present):
            _refuse_another(present, options)
            _wait(present, options.timeout, progress)
            return present, False
        if present:
            stop(present)
        return start(options, folder, progress), True


def start(options: Options, folder: Path, progress: Progress = silent) -> Sandbox:
    """Start a server that keeps all it writes in `folder`, and wait until it answers.

    A start that fails or is interrupted leaves nothing behind. Raises SandboxError.
    """
    port = _port(options.port)
    sandbox = Sandbox(
        folder=folder,
        url=f"http://127.0.0.1:{port}",
        username=ADMIN,
        password=Secret(secrets.token_urlsafe(18)),
        features=options.features,
    )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        found = distribution.local(options.version)
        if found is None and options.docker and container.available():
            return _start_container(sandbox, options, port, progress)
        found = found or distribution.fetch(options.version, progress)
        return _start_process(
            evolve(sandbox, version=found.version), found, options, port, progress
        )
    except BaseException:
        stop(record.load(folder) or sandbox)
        raise


def record_external(
    folder: Path, url: str, username: str, password: Secret, timeout: float
) -> Sandbox:
    """Record a server that somebody else runs, which `stop` will only forget.

    Raises SandboxError where it does not answer, or where a sandbox runs already.
    """
    sandbox = Sandbox(folder=folder, url=url.rstrip("/"), username=username, password=password)
    with record.locked(folder):
        present = record.load(folder)
        if present and present.url != sandbox.url and alive(present):
            raise SandboxError(
                f"a sandbox is recorded already: {present.url}", "Run `kcplan sandbox down` first."
            )
        _wait(sandbox, timeout, silent)
        record.save(sandbox)
    return sandbox


def stop(sandbox: Sandbox) -> None:
    """End the server with all its children and remove its data. Raises SandboxError."""
    if sandbox.process:
        process.end(sandbox.process, _marker(sandbox))
    if sandbox.container:
        container.end(sandbox.container)
    shutil.rmtree(sandbox.folder, ignore_errors=True)


def alive(sandbox: Sandbox) -> bool:
    """Whether the server still runs; one that somebody else runs counts while it answers."""
    if sandbox.process:
        return process.alive(sandbox.process, _marker(sandbox))
    if sandbox.container:
        return container.alive(sandbox.container)
    return _ready(sandbox)


@contextmanager
def running(options: Options, progress: Progress = silent) -> Iterator[Sandbox]:
    """A server for the time of a `with` block; it ends even when the caller is killed.

    Raises SandboxError where it cannot be started.
    """
    folder = Path(tempfile.mkdtemp(prefix="kcplan-sandbox-"))
    with process.guarded(folder):
        sandbox = start(options, folder, progress)
        try:
            yield sandbox
        finally:
            stop(sandbox)


def _start_process(
    sandbox: Sandbox, found: Distribution, options: Options, port: int, progress: Progress
) -> Sandbox:
    _require_java()
    home = sandbox.folder / "server"
    built = server.prepare(found, options.features, home)
    once = "" if built else "; its first start with these features takes longer"
    progress(f"Starting Keycloak {found.version} at {sandbox.url}{once}")
    environment = server.environment(sandbox.password, optimised=options.optimised)
    started = process.spawn(server.command(home, options, port), environment, sandbox.log)
    sandbox = evolve(sandbox, process=started, version=found.version)
    record.save(sandbox)
    _wait(sandbox, options.timeout, progress)
    if not built:
        server.keep_build(found, options.features, home)
    return sandbox


def _start_container(sandbox: Sandbox, options: Options, port: int, progress: Progress) -> Sandbox:
    progress(f"Starting {container.IMAGE} at {sandbox.url} with Docker")
    started = container.start(options, port, sandbox.password)
    sandbox = evolve(sandbox, container=started, version=options.version or DEFAULT_VERSION)
    record.save(sandbox)
    _wait(sandbox, options.timeout, progress)
    return sandbox


def _wait(sandbox: Sandbox, timeout: float, progress: Progress) -> None:
    """Wait until the server answers. Raises SandboxError with its last words."""
    began = time.monotonic()
    told = began
    while not _ready(sandbox):
        now = time.monotonic()
        if not sandbox.process and not sandbox.container:
            raise SandboxError(
                f"no Keycloak answers at {sandbox.url}",
                f"GET {sandbox.url}/realms/master must give 200.",
            )
        if not alive(sandbox):
            raise SandboxError("Keycloak ended before it was ready", _last_words(sandbox))
        if now - began > timeout:
            raise SandboxError(
                f"Keycloak was not ready within {timeout:g} seconds", _last_words(sandbox)
            )
        if now - told > _PROGRESS_SECONDS:
            told = now
            progress(f"Waiting for Keycloak ({now - began:.0f} s)")
        time.sleep(0.2)


def _ready(sandbox: Sandbox) -> bool:
    # A proxy, where one is configured, is no way to a server on loopback.
    ours = sandbox.process or sandbox.container
    proxies = urllib.request.ProxyHandler({} if ours else None)
    try:
        with urllib.request.build_opener(proxies).open(
            f"{sandbox.url}/realms/master", timeout=10
        ) as answer:
            return bool(answer.status == http.client.OK)
    except (OSError, http.client.HTTPException):
        return False


def _marker(sandbox: Sandbox) -> str:
    """A text in the command line of the server's processes, in the form that the script uses."""
    return str(sandbox.folder.resolve())


def _last_words(sandbox: Sandbox) -> str:
    if sandbox.container:
        text = container.log(sandbox.container)
    else:
        text = sandbox.log.read_text(errors="replace")
    lines = text.splitlines()[-_LOG_LINES:]
    return "\n".join(["Its log ends with:", *(f"  {line}" for line in lines)])


def _port(wanted: int) -> int:
    """The port, once it is known that nobody listens there. Raises SandboxError."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as problem:
            raise SandboxError(
                f"port {wanted} of 127.0.0.1 cannot be used: {problem.strerror}",
                "Give another one with --port.",
            ) from problem
        return int(probe.getsockname()[1])


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    java = os.environ.get("JAVA") or (f"{home}/bin/java" if home else "java")
    if shutil.which(java) is None:
        raise SandboxError(
            f"Keycloak needs Java, and {java} is not there",
            "Install a JDK of version 17 or later, or start Docker.",
        )


def _refuse_another(present: Sandbox, options: Options) -> None:
    """A sandbox that runs is not what was asked for when version or features differ."""
    if set(options.features) - set(present.features) or (
        options.version and present.version not in (None, options.version)
    ):
        shown = ",".join(present.features) or "the default features"
        raise SandboxError(
            f"another sandbox runs at {present.url}: Keycloak {present.version or ''} with {shown}",
            "Run `kcplan sandbox down` first, or give this one a name of its own with --name.",
        )
