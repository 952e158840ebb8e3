"""Measures kcplan beside the floor, on a real Keycloak: `make bench SIZES="100 300" RUNS=3`.

Starts a sandbox of its own, unless KCPLAN_URL names a server (with KCPLAN_USERNAME and
KCPLAN_PASSWORD). It makes and removes the realm `kcplan-benchmark` there. The result is
docs/performance.md with its plot; sizes that were measured before stay in it, from
build/benchmark.json. With MORE=1 the runs count together with those that were measured before.

What is measured is in `scenarios.py`. A run goes through all of it for each size.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import peers
import realm_files
from attrs import field, frozen
from measure import Cost, run
from proxy import Proxy, proxy
from report import write
from results import Measured, Results
from scenarios import ONCE, SCENARIOS, SMALL, VALIDATE, VALIDATED, Floor, Place, Scenario

from kcplan_keycloak.sandbox import Options, running

HERE = Path(__file__).parent
KCPLAN = str(Path(sys.executable).with_name("kcplan"))
STATE = "kcplan.state.json"
ONCE_TIMES = 7
WARM_UPS = 3

Way = Mapping[str, str]
"""The variables that lead to the server: past a proxy, or through it."""
DIRECT: Way = {"no_proxy": "*"}


@frozen
class Bench:
    """A server, and how to log in to it."""

    url: str
    login: Mapping[str, str]

    def kcplan(self, folder: Path, arguments: Sequence[str], way: Way = DIRECT) -> Cost:
        """Run kcplan in a folder."""
        environment = {**self.login, **peers.SECRET, **way, "KCPLAN_URL": self.url}
        return run([KCPLAN, *arguments], folder, environment)

    def floor(self, folder: Path, part: str, size: int, way: Way = DIRECT) -> Cost:
        """Run a part of the floor."""
        (folder / "users").write_text("\n".join(_users(folder)), encoding="utf-8")
        command = [sys.executable, str(HERE / "floor.py"), part, self.url, str(size)]
        return run(command, folder, {**self.login, **way})

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
    state = folder / STATE
    if not state.exists():
        return []
    entries = json.loads(state.read_text(encoding="utf-8"))["resources"]
    return [entry["id"] for entry in entries if entry["type"] == "service-account"]


def _through(proxy: Proxy) -> Way:
    return {"http_proxy": proxy.url, "no_proxy": ""}


@frozen
class Round:
    """All scenarios once, for a size: where that happens and what it took."""

    bench: Bench
    size: int
    root: Path
    costs: dict[str, list[Cost]] = field(factory=dict)
    requests: dict[str, dict[str, int]] = field(factory=dict)

    def folder(self, place: Place) -> Path:
        """The folder of a place; made when it is needed first."""
        folder = self.root / place.name
        if not folder.exists():
            if place.after is None:
                folder.mkdir()
            else:
                shutil.copytree(self.folder(place.after), folder)
            text = realm_files.DUMPS[place.ending](place.document(self.size))
            (folder / place.file).write_text(text, encoding="utf-8")
            for command in place.prepare:
                self.bench.kcplan(folder, command.split())
        return folder

    def measure(self, scenario: Scenario) -> None:
        """Run a scenario so often as it says, in turn with what it stands beside."""
        folder = self.folder(scenario.place)
        with proxy(self.bench.url, scenario.away) as counting:
            way = _through(counting) if scenario.away else DIRECT
            for _ in range(scenario.times(self.size)):
                match scenario.beside:
                    case Floor(part):
                        self._clear(scenario)
                        cost = self.bench.floor(folder, part, self.size, way)
                        self.note(f"{scenario.name} | beside", cost)
                    case Scenario() as other:
                        self.note(f"{scenario.name} | beside", self.once(other))
                self._clear(scenario)
                self.note(scenario.name, self.once(scenario, way))

    def once(self, scenario: Scenario, way: Way = DIRECT) -> Cost:
        """Run the command of a scenario."""
        arguments = scenario.command.format(file=scenario.place.file).split()
        return self.bench.kcplan(self.folder(scenario.place), arguments, way)

    def count(self, scenario: Scenario) -> None:
        """Run it once more, and count its requests."""
        with proxy(self.bench.url) as counting:
            self.once(scenario, _through(counting))
            self.requests[scenario.name] = dict(sorted(counting.requests.items()))

    def note(self, what: str, cost: Cost) -> None:
        """Keep a cost, and tell of it."""
        self.costs.setdefault(what, []).append(cost)
        line = f"{self.size:6} {what:60} {cost.wall:7.2f} s {cost.memory:5.0f} MB"
        print(line, file=sys.stderr, flush=True)

    def _clear(self, scenario: Scenario) -> None:
        if scenario.fresh:
            self.bench.remove()
        if scenario.cold:
            self.bench.clear_caches()


def measured(bench: Bench, size: int, *, counting: bool) -> Measured:
    """One round; what it took."""
    bench.remove()
    with fresh() as root:
        one = Round(bench, size, root)
        for scenario in SCENARIOS:
            if size <= scenario.largest:
                one.measure(scenario)
                if counting and scenario.requests:
                    one.count(scenario)
        state = (root / "services" / STATE).stat().st_size
    return Measured.of_round(one.costs, one.requests, state)


def warm_up(bench: Bench) -> None:
    """Have Keycloak compile what it runs often; else the first figures are its own."""
    for _ in range(WARM_UPS):
        bench.remove()
        with fresh() as folder:
            bench.floor(folder, "create", SMALL)


def without_server() -> Measured:
    """What Python and click take before anything is done, what kcplan takes, and a file."""
    programs = {
        what: [sys.executable, "-c", "import click"]
        if what.startswith("python")
        else [KCPLAN, what.split()[1]]
        for what in ONCE
    }
    programs[VALIDATE].append("realm.json")
    costs: dict[str, list[Cost]] = {}
    with fresh() as folder:
        text = json.dumps(realm_files.exchanging(VALIDATED))
        (folder / "realm.json").write_text(text, encoding="utf-8")
        for _ in range(ONCE_TIMES):
            for what, command in programs.items():
                costs.setdefault(what, []).append(run(command, folder, peers.SECRET))
    return Measured.of_round(costs, {}, len(text))


@contextmanager
def fresh() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="kcplan-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def a_server() -> Iterator[Bench]:
    """The server that KCPLAN_URL names, or a sandbox."""
    if url := os.environ.get("KCPLAN_URL"):
        login = {name: os.environ[name] for name in ("KCPLAN_USERNAME", "KCPLAN_PASSWORD")}
        yield Bench(url.rstrip("/"), login)
        return
    with running(Options(port=0, optimised=True), print) as server:
        login = {"KCPLAN_USERNAME": server.username, "KCPLAN_PASSWORD": server.password.value}
        yield Bench(server.url, login)


def main() -> None:
    """Measure, and write the page."""
    sizes = [int(size) for size in os.environ.get("SIZES", "100 300").split()]
    runs = int(os.environ.get("RUNS", "3"))
    found = dict(Results.kept().by_size) if os.environ.get("MORE") else {}
    with a_server() as bench:
        try:
            warm_up(bench)
            for number in range(runs):
                found[0] = without_server().after(found.get(0))
                for size in sizes:
                    one = measured(bench, size, counting=number == 0)
                    found[size] = one.after(found.get(size))
        finally:
            bench.remove()
    results = Results.kept().replaced(found)
    results.keep()
    write(results, Path("docs"))


if __name__ == "__main__":
    main()
