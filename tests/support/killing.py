"""A program that runs kcplan's command line and kills itself (SIGKILL) at a certain moment.

    python killing.py MOMENT ARGUMENT...

Moments are numbered from 0: just before and just after each record of the journal, each write to
Keycloak, each saving of the state and each removal of the journal. A run that ends before its
moment comes is not killed. The moments that came are in the file `moments`, one a line.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

MOMENTS = Path("moments")


class Clock:
    """Counts the moments, and kills the process when its own has come."""

    def __init__(self, moment: int) -> None:
        self._left = moment
        self._log = MOMENTS.open("w", buffering=1, encoding="utf-8")

    def tick(self, what: str) -> None:
        self._log.write(f"{what}\n")
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1

    def around(self, holder: Any, name: str, what: str) -> None:
        """Have each call of a function be two moments."""
        original: Callable[..., Any] = getattr(holder, name)

        def timed(*args: Any, **more: Any) -> Any:
            self.tick(f"before {what}")
            result = original(*args, **more)
            self.tick(f"after {what}")
            return result

        setattr(holder, name, timed)


def main() -> None:
    import httpx

    from kcplan.cli import main as kcplan
    from kcplan_keycloak.api import AdminApi
    from kcplan_state import journal
    from kcplan_state.file import StateFile

    clock = Clock(int(sys.argv[1]))

    class Transport(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            path = request.url.raw_path.decode()
            if request.method == "GET" or not path.startswith("/admin/"):
                return super().handle_request(request)
            clock.tick(f"before {request.method} {path}")
            response = super().handle_request(request)
            # The whole answer has come by then, and kcplan still reads it from a stream.
            response.stream = httpx.ByteStream(b"".join(response.stream))
            clock.tick(f"after {request.method} {path}")
            return response

    from kcplan.cli import session

    def connect(connection: Any, **more: Any) -> AdminApi:
        return AdminApi(connection, Transport(), sleep=lambda _: None, **more)

    session.connect = connect
    clock.around(journal, "begin", "the journal begins")
    clock.around(journal.Writer, "append", "a record")
    clock.around(journal.Writer, "remove", "the journal goes")
    clock.around(StateFile, "save", "the state is saved")
    sys.argv[:] = ["kcplan", *sys.argv[2:]]
    kcplan()


if __name__ == "__main__":
    main()
