"""Measures kcplan beside the floor, on a real Keycloak: `make bench SIZES="100 300"`.

Starts a sandbox of its own, unless KCPLAN_URL names a server (with KCPLAN_USERNAME and
KCPLAN_PASSWORD). It makes and removes the realm `kcplan-benchmark` there. The result is
docs/performance.md with its plot.

For each size, several times: the floor creates and deletes the realm; kcplan applies it, plans
with nothing to do, plans and applies one change, looks for drift, destroys. Medians count. Sizes
above 1,000 take minutes, and are run once.
"""

import json
import os
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import peers
from attrs import field, frozen
from measure import Cost, run
from proxy import proxy
from report import Result, write

from kcplan_keycloak.sandbox import Options, running

HERE = Path(__file__).parent
KCPLAN = str(Path(sys.executable).with_name("kcplan"))
LATENCY = 0.02
FEW = 5
LARGE = 1000


@frozen
class Bench:
    """A server, and the costs of what was run on it, by size and by what it was."""

    url: str
    login: Mapping[str, str]
    costs: dict[tuple[int, str], list[Cost]] = field(factory=lambda: defaultdict(list))

    def kcplan(self, size: int, what: str, folder: Path, *arguments: str, url: str = "") -> None:
        """Run kcplan in a folder, and note the cost."""
        environment = {**self.login, **peers.SECRET, "KCPLAN_URL": url or self.url}
        self.note(size, what, run([KCPLAN, *arguments], folder, environment))

    def floor(self, size: int, what: str, folder: Path, part: str, url: str = "") -> None:
        """Run the floor of a command, and note the cost."""
        command = [sys.executable, str(HERE / "floor.py"), part, url or self.url, str(size)]
        environment = {**self.login, "BENCHMARK_USERS": " ".join(_users(folder))}
        self.note(size, f"floor: {what}", run(command, folder, environment))

    def note(self, size: int, what: str, cost: Cost) -> None:
        """Keep a cost, and tell of it."""
        self.costs[size, what].append(cost)
        print(f"{size:6} {what:45} {cost.wall:7.2f} s", file=sys.stderr, flush=True)

    def clear_caches(self) -> None:
        """Have Keycloak forget what it has in memory."""
        realm = f"{self.url}/admin/realms/{peers.REALM}"
        for cache in ("clear-realm-cache", "clear-user-cache"):
            httpx.post(f"{realm}/{cache}", headers=self._token()).raise_for_status()

    def remove(self) -> None:
        """Remove the realm, if it is there."""
        httpx.delete(f"{self.url}/admin/realms/{peers.REALM}", headers=self._token(), timeout=600)

    def _token(self) -> dict[str, str]:
        form = {
            "grant_type": "password",
            "client_id": "admin-cli",
            "username": self.login["KCPLAN_USERNAME"],
            "password": self.login["KCPLAN_PASSWORD"],
        }
        at = f"{self.url}/realms/master/protocol/openid-connect/token"
        token = httpx.post(at, data=form).raise_for_status().json()["access_token"]
        return {"Authorization": f"Bearer {token}"}


def _users(folder: Path) -> list[str]:
    """The ids of the service accounts that the state knows."""
    state = folder / "kcplan.state.json"
    if not state.exists():
        return []
    entries = json.loads(state.read_text(encoding="utf-8"))["resources"]
    return [entry["id"] for entry in entries if entry["type"] == "service-account"]


def cycle(bench: Bench, size: int, folder: Path) -> int:
    """Everything once; gives the size of the state in bytes."""
    peers.write(folder, size)
    bench.floor(size, "first apply", folder, "create")
    bench.floor(size, "destroy", folder, "destroy")
    bench.kcplan(size, "first apply", folder, "apply", "--auto-approve", "realm.json")
    for _ in range(2):
        bench.kcplan(size, "plan, nothing to do", folder, "plan", "realm.json")
        bench.floor(size, "plan, nothing to do", folder, "read")
    bench.clear_caches()
    bench.kcplan(size, "plan, nothing to do, cold", folder, "plan", "realm.json")
    bench.clear_caches()
    bench.floor(size, "plan, nothing to do, cold", folder, "read")
    bench.kcplan(size, "refresh", folder, "refresh")
    late(bench, size, folder)
    few(bench, size, folder)
    peers.write(folder, size, changed=True)
    bench.kcplan(size, "plan one change", folder, "plan", "realm.json", "--out", "saved")
    bench.kcplan(size, "apply one change (saved plan)", folder, "apply", "saved")
    weight = (folder / "kcplan.state.json").stat().st_size
    bench.kcplan(size, "destroy", folder, "destroy", "--auto-approve", "--delete-unmanaged")
    return weight


def late(bench: Bench, size: int, folder: Path) -> None:
    """The plan with nothing to do, over a network."""
    what = "plan, nothing to do, 20 ms away"
    with proxy(bench.url, LATENCY) as way:
        other = "--allow-other-server"
        bench.kcplan(size, what, folder, "plan", "realm.json", other, url=way.url)
        bench.floor(size, what, folder, "read", way.url)


def few(bench: Bench, size: int, folder: Path) -> None:
    """Five managed clients in the realm, all else being somebody else's."""
    inner = write_few(folder, size)
    bench.kcplan(size, "adopt five clients", inner, "apply", "--auto-approve", "realm.json")
    bench.kcplan(size, "plan five clients", inner, "plan", "realm.json")


def write_few(folder: Path, size: int) -> Path:
    """Write a realm file with five of the clients into a folder in this one."""
    inner = folder / "few"
    inner.mkdir()
    document = peers.realm(size)
    document["clients"] = document["clients"][:FEW]
    names = {client["clientId"] for client in document["clients"]}
    roles = {name: items for name, items in document["roles"]["client"].items() if name in names}
    document["roles"] = {"client": roles}
    document.pop("users")
    (inner / "realm.json").write_text(json.dumps(document), encoding="utf-8")
    return inner


def count(bench: Bench, size: int, folder: Path) -> dict[str, dict[str, int]]:
    """The requests of each command, by method and path."""
    counts: dict[str, dict[str, int]] = {}
    peers.write(folder, size)
    with proxy(bench.url) as way:

        def counted(what: str, *arguments: str, at: Path = folder) -> None:
            way.requests.clear()
            environment = {**bench.login, **peers.SECRET, "KCPLAN_URL": way.url}
            run([KCPLAN, *arguments], at, environment)
            counts[what] = dict(sorted(way.requests.items()))

        counted("first apply", "apply", "--auto-approve", "realm.json")
        counted("plan, nothing to do", "plan", "realm.json")
        counted("refresh", "refresh")
        inner = write_few(folder, size)
        counted("adopt five clients", "apply", "--auto-approve", "realm.json", at=inner)
        counted("plan five clients", "plan", "realm.json", at=inner)
        peers.write(folder, size, changed=True)
        counted("plan one change", "plan", "realm.json", "--out", "saved")
        counted("apply one change (saved plan)", "apply", "saved")
        counted("destroy", "destroy", "--auto-approve", "--delete-unmanaged")
    return counts


def start_up(bench: Bench, folder: Path) -> None:
    """What Python and click take before anything is done, and what kcplan takes."""
    programs = {
        "python -c 'import click'": [sys.executable, "-c", "import click"],
        "kcplan --version": [KCPLAN, "--version"],
        "kcplan --help": [KCPLAN, "--help"],
    }
    for _ in range(7):
        for what, command in programs.items():
            bench.note(0, what, run(command, folder, {}))


@contextmanager
def fresh() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="kcplan-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def measure(url: str, login: Mapping[str, str], sizes: list[int], runs: int) -> Result:
    """Measure all sizes on a server."""
    bench = Bench(url, login)
    states: dict[int, int] = {}
    bench.remove()
    try:
        with fresh() as folder:
            start_up(bench, folder)
        with fresh() as folder:
            counts = count(bench, sizes[0], folder)
        for size in sizes:
            for _ in range(runs if size <= LARGE else 1):
                with fresh() as folder:
                    states[size] = cycle(bench, size, folder)
    finally:
        bench.remove()
    return Result(sizes, runs, bench.costs, states, counts)


def main() -> None:
    """Measure, and write the page."""
    sizes = [int(size) for size in os.environ.get("SIZES", "100 300").split()]
    runs = int(os.environ.get("RUNS", "3"))
    if url := os.environ.get("KCPLAN_URL"):
        login = {name: os.environ[name] for name in ("KCPLAN_USERNAME", "KCPLAN_PASSWORD")}
        result = measure(url.rstrip("/"), login, sizes, runs)
    else:
        with running(Options(port=0, optimised=True), print) as server:
            login = {
                "KCPLAN_USERNAME": server.username,
                "KCPLAN_PASSWORD": server.password.value,
            }
            result = measure(server.url, login, sizes, runs)
    write(result, Path("docs"))


if __name__ == "__main__":
    main()
