"""The servers of a test session: each is started once, by whoever asks first, and used by all.

A session is one process, or the workers of pytest-xdist and the process that hands tests to them.
That process makes a folder for the servers and removes them in the end; workers start them there.
Who runs one test alone waits for its server; else it starts while tests without one run.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from attrs import define, field, frozen

from kcplan_keycloak.sandbox import Options, ensure, load, stop
from kcplan_keycloak.sandbox.process import guarded
from support.harness import Server


@frozen
class Kind:
    """A server that tests may ask for, and the environment variables that name one that runs."""

    name: str
    variables: str
    features: tuple[str, ...] = ()

    @property
    def given(self) -> Server | None:
        """The server that the environment names."""
        url = os.environ.get(f"{self.variables}_URL")
        if not url:
            return None
        username = os.environ.get(f"{self.variables}_USERNAME", "admin")
        return Server(
            url.rstrip("/"), username, os.environ.get(f"{self.variables}_PASSWORD", "admin")
        )


ORDINARY = Kind("ordinary", "KCPLAN_TEST")
LEGACY = Kind("legacy", "KCPLAN_TEST_LEGACY", ("token-exchange", "admin-fine-grained-authz:v1"))
KINDS = {kind.name: kind for kind in (ORDINARY, LEGACY)}


@define(eq=False)
class Servers:
    """The servers of a session, as one of its processes sees them."""

    folder: Path
    _guards: ExitStack | None = None
    _starting: list["subprocess.Popen[bytes]"] = field(factory=list)

    @classmethod
    def of_session(cls) -> "Servers":
        """For the process that removes them; should it be killed, they end as well."""
        folder, guards = Path(tempfile.mkdtemp(prefix="kcplan-tests-")), ExitStack()
        for name in KINDS:
            guards.enter_context(guarded(folder / name))
        return cls(folder, guards)

    def get(self, kind: Kind) -> Server:
        """A server, once it answers."""
        if server := kind.given:
            return server
        # A session makes hundreds of realms: both compilers are worth their time.
        options = Options(features=kind.features, port=0, docker=False, optimised=True)
        folder = self.folder / kind.name
        sandbox, _ = ensure(options, folder, lambda line: print(line, file=sys.__stderr__))
        return Server(sandbox.url, sandbox.username, sandbox.password.value)

    def start_early(self, kinds: Iterable[Kind]) -> None:
        """Start servers beside the tests that come first and need none."""
        for kind in kinds:
            if kind.given is None:
                program = [sys.executable, "-c", _START, str(self.folder), kind.name]
                environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
                self._starting.append(subprocess.Popen(program, env=environment))

    def log(self, kind: Kind, lines: int) -> str:
        """What a server of this session said at last."""
        sandbox = load(self.folder / kind.name)
        if sandbox is None or kind.given:
            return ""
        return "\n".join(sandbox.log.read_text(errors="replace").splitlines()[-lines:])

    def leave(self) -> None:
        """End what this process has begun; the one that owns the servers ends them too."""
        for process in self._starting:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.wait()
        if self._guards is None:
            return
        for name in KINDS:
            if sandbox := load(self.folder / name):
                stop(sandbox)
        self._guards.close()
        shutil.rmtree(self.folder)


_START = """
import sys
from pathlib import Path
from support.servers import KINDS, Servers
Servers(Path(sys.argv[1])).get(KINDS[sys.argv[2]])
"""
