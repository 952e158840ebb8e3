"""Measures kcplan's own work, without any server: `make bench-engine SIZES="1000 10000"`.

N services with mappers, redirects, attributes and accounts, which may all exchange tokens. They are
read, planned where nothing is there and where all is there, shown, and written to the state; what
Keycloak would have is taken from the types' defaults. Processor time counts, the best of several
runs, so that what else the machine does matters little. The result is a section of
docs/performance.md.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import peers
import realm_files
from attrs import evolve, frozen
from measure import run
from realm_files import Json
from report import write_engine
from run import KCPLAN, fresh

from kcplan import known_secrets, planfile
from kcplan.cli.session import StateDigester
from kcplan.config.document import parse_documents
from kcplan.config.load import load_text
from kcplan.config.model import Config
from kcplan.events import Outcome
from kcplan.graph import build_graph
from kcplan.offline import offline_diagnostics
from kcplan.outcome import state_after
from kcplan.plan import Plan
from kcplan.planner import Inputs, Options, make_plan
from kcplan.snapshot import LiveObject, Snapshot
from kcplan.state import ServerIdentity, State
from kcplan.views import plans
from kcplan_keycloak.resources import registry
from kcplan_keycloak.risks import rules
from kcplan_keycloak.token_exchange.preparing import prepare
from kcplan_state.file import StateFile

Timed = Iterator[tuple[str, float]]

SERVER: Final = ServerIdentity("https://sso.example", "26.7.3")
DIGESTER: Final = StateDigester(b"a key of a benchmark, 32 bytes..")
FORMATS: Final = ("text", "markdown", "html", "json")


def timed(function: Callable[[], Any], runs: int) -> float:
    """The processor time that a function takes, in seconds: the best of several runs."""

    def once() -> float:
        known_secrets.forget()
        began = time.process_time()
        function()
        return time.process_time() - began

    return min(once() for _ in range(runs))


def literal(document: Json) -> Json:
    """The realm with each secret in plain text."""
    clients = document["clients"]
    plain = peers.SECRET["BENCHMARK_SECRET"]
    found = [{**item, "secret": f"{plain}-{number}"} for number, item in enumerate(clients)]
    return {**document, "clients": found}


def variables(document: Json) -> tuple[Json, dict[str, str]]:
    """The realm with a variable of its own for each secret, and the variables."""
    names = [f"SECRET_{number}" for number in range(len(document["clients"]))]
    pairs = zip(document["clients"], names, strict=True)
    found = [{**item, "secret": f"${{env:{name}}}"} for item, name in pairs]
    plain = peers.SECRET["BENCHMARK_SECRET"]
    return {**document, "clients": found}, {
        name: f"{plain}-{number}" for number, name in enumerate(names)
    }


def read(text: str, ending: str, environment: Mapping[str, str]) -> Config:
    """The configuration that a text is."""
    return load_text(Path(f"realm.{ending.lower()}"), text, registry(), environment)


@frozen
class World:
    """A realm of a size: its file, and what a plan for it is made from."""

    config: Config
    nothing: Snapshot
    everything: Snapshot

    def plan(self, state: State, live: Snapshot) -> Plan:
        """The plan, as one that will be saved."""
        options = Options(seal=DIGESTER)
        graph = build_graph(self.config.resources, registry())
        return make_plan(
            Inputs(self.config, state, live, registry(), DIGESTER, options, graph, rules)
        )

    def settled(self, plan: Plan) -> State:
        """The state when a plan is done."""
        done = Outcome(done=plan.steps)
        state = State("lineage", key=DIGESTER.key)
        return state_after(state, plan, done, self.everything, registry(), settled=True)


def world(text: str) -> World:
    """A realm by its file, and a Keycloak that has it."""
    config = prepare(read(text, "JSON", peers.SECRET), State("")).config
    config = evolve(config, diagnostics=())
    return World(config, Snapshot(SERVER, frozenset(config.resources)), there(config))


def there(config: Config) -> Snapshot:
    """What a Keycloak has in which all that is declared is done, in values of their own."""
    objects = {}
    for number, (address, item) in enumerate(config.resources.items()):
        spec = registry()[item.type]
        if not spec.virtual:
            fields = {**spec.defaults(item.leaves), **item.leaves}
            leaves = {(*path,): value for path, value in fields.items()}
            objects[address] = LiveObject(address, spec.name, f"id-{number:032}", leaves)
    return Snapshot(SERVER, frozenset(config.resources), objects)


def files(size: int, runs: int) -> Timed:
    """Reading files: in each format, with secrets in variables and in plain text."""
    document = realm_files.exchanging(size)
    for ending, dump in realm_files.DUMPS.items():
        name = ending.upper()
        text = dump(document)
        [whole] = parse_documents(Path(f"realm.{name.lower()}"), text)
        yield f"{name}: values", timed(partial(parse_documents, Path(whole.file), text), runs)
        yield f"{name}: places", timed(whole.positions.build, runs)
        found, environment = variables(document)
        from_variables = partial(read, dump(found), name, environment)
        yield f"{name}: resources, secrets in variables", timed(from_variables, runs)
        in_clear = partial(read, dump(literal(document)), name, {})
        yield f"{name}: resources, secrets in clear", timed(in_clear, runs)


def planned(size: int, runs: int) -> Timed:
    """From resources to plans and states."""
    text = json.dumps(realm_files.exchanging(size))
    made = world(text)
    config = read(text, "JSON", peers.SECRET)
    yield "token exchange", timed(partial(prepare, config, State("")), runs)
    yield "graph", timed(partial(build_graph, made.config.resources, registry()), runs)
    yield "offline checks", timed(partial(offline_diagnostics, made.config, registry()), runs)
    new = State("lineage", key=DIGESTER.key)
    yield "plan, all is new", timed(partial(made.plan, new, made.nothing), runs)
    first = made.plan(new, made.nothing)
    yield "state after it", timed(partial(made.settled, first), runs)
    state = made.settled(first)
    with fresh() as folder:
        file = StateFile(folder / "state.json")
        yield "state written", timed(lambda: StateFile(file.path).save(state), runs)
        yield "state read", timed(file.load, runs)
        yield "plan, nothing to do", timed(partial(made.plan, state, made.everything), runs)
        saved = folder / "plan"
        yield "plan written", timed(partial(planfile.write, saved, first), runs)
        yield "plan read", timed(partial(planfile.read, saved), runs)
    for output in FORMATS:
        show = plans.view(output, color=False)
        yield f"plan as {output}", timed(lambda show=show: shown(first, show), runs)


def shown(plan: Plan, view: Any) -> str:
    """A plan as it is printed."""
    return known_secrets.hidden("".join(piece.text for piece in view(plan)))


def validated(size: int, runs: int) -> Timed:
    """The whole command, with all that Python takes to start."""
    with fresh() as folder:
        text = json.dumps(realm_files.exchanging(size))
        (folder / "realm.json").write_text(text, encoding="utf-8")
        command = [KCPLAN, "validate", "realm.json"]
        yield "`kcplan validate`", min(run(command, folder, peers.SECRET).cpu for _ in range(runs))


def memory(size: int) -> float:
    """The peak of a plan with nothing to do, in megabytes, in a process of its own.

    Measured before anything else, as a process begins with the peak of the one that starts it.
    """
    with fresh() as folder:
        text = json.dumps(realm_files.exchanging(size))
        (folder / "realm.json").write_text(text, encoding="utf-8")
        program = [sys.executable, __file__]
        run([*program, "all is done"], folder, peers.SECRET)
        return run([*program, "nothing to do"], folder, peers.SECRET).memory


def all_is_done() -> None:
    """Write the state in which all that the file in the folder declares is done."""
    made = world(Path("realm.json").read_text(encoding="utf-8"))
    plan = made.plan(State("lineage", key=DIGESTER.key), made.nothing)
    StateFile("state.json").save(made.settled(plan))


def nothing_to_do() -> None:
    """Plan from the files in the folder, against values that stand for those of Keycloak."""
    gc.set_threshold(500_000, 50, 100)  # as the command line has it
    state = StateFile("state.json").load()
    config = read(Path("realm.json").read_text(encoding="utf-8"), "JSON", os.environ)
    config = evolve(prepare(config, state).config, diagnostics=())
    live = there(config)
    plan = World(config, live, live).plan(state, live)
    if not plan.is_empty:
        sys.exit("the plan is not empty")
    sys.stdout.write(shown(plan, plans.view("text", color=False)))


def tables(sizes: Sequence[int], runs: int) -> Iterator[str]:
    """The section of the page: for each part the seconds, and what a service takes."""
    peaks = [memory(size) for size in sizes]
    rows: dict[str, list[float]] = {}
    for size in sizes:
        for part in (validated, files, planned):
            for what, seconds in part(size, runs):
                rows.setdefault(what, []).append(seconds)
                print(f"{size:6} {what:45} {seconds:8.3f} s", file=sys.stderr, flush=True)
    yield "| seconds |" + "".join(f" N = {size:,} |" for size in sizes) + " a service takes |"
    yield "|---|" + "---|" * len(sizes) + "---|"
    for what, seconds in rows.items():
        growth = seconds[-1] / sizes[-1] / (seconds[0] / sizes[0]) - 1
        cells = "".join(f" {value:.2f} |" for value in seconds)
        yield f"| {what} |{cells} {growth * 100:+.0f} % |"
    cells = "".join(f" {value:.0f} MB |" for value in peaks)
    yield f"| peak memory of a plan, nothing to do |{cells} |"


def main() -> None:
    """Measure, and write the section."""
    parts = {"all is done": all_is_done, "nothing to do": nothing_to_do}
    if part := parts.get(" ".join(sys.argv[1:])):
        part()
        return
    sizes = [int(size) for size in os.environ.get("SIZES", "1000 10000").split()]
    runs = int(os.environ.get("RUNS", "3"))
    gc.set_threshold(500_000, 50, 100)
    weight = len(json.dumps(realm_files.exchanging(sizes[-1])))
    write_engine("\n".join(tables(sizes, runs)), sizes, runs, weight, Path("docs"))


if __name__ == "__main__":
    main()
