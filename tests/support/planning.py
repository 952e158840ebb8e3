"""Planning on values: what a file says, what the state knows and what Keycloak has, as literals.

    made = plan(tmp_path, {"clients": [{"clientId": "a"}]}, state=[entry("clients/a")], live={…})

The realm is called `r`; addresses are told without it.
"""

import json
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from attrs import evolve

from kcplan.address import Address
from kcplan.config.load import load
from kcplan.config.model import Lifecycle, Moved
from kcplan.plan import Plan, Step
from kcplan.planner import Inputs, Options, make_plan
from kcplan.resource import spec_at
from kcplan.schema import flatten
from kcplan.snapshot import LiveObject, Snapshot
from kcplan.state import Digest, ResourceState, ServerIdentity, State
from kcplan_keycloak.resources import registry
from kcplan_keycloak.risks import rules

SERVER = ServerIdentity("https://sso.example", "26.7.3")
R = Address.of("r")


class PlainDigester:
    """Digests that are the texts themselves."""

    def digest(self, text: str) -> Digest:
        return Digest("plain", text)

    def matches(self, text: str, digest: Digest) -> bool | None:
        return text == digest.value


def at(local: str) -> Address:
    """An address in the realm; `.` is the realm itself."""
    return R if local == "." else Address.parse(f"r/{local}")


def type_of(address: Address) -> str:
    spec = spec_at(registry(), address)
    assert spec is not None
    return spec.name


def there(local: str, document: Mapping[str, Any] | None = None, **more: Any) -> LiveObject:
    """An object in Keycloak with these fields, as Keycloak gives them."""
    address = at(local)
    spec = registry()[more.get("type", type_of(address))]
    leaves = flatten(spec.schema, document or {})
    return LiveObject(address, spec.name, more.get("id", f"id of {local}"), leaves)


def entry(
    local: str, managed: Mapping[str, Any] | None = None, needs: Iterable[str] = (), **more: Any
) -> ResourceState:
    """A resource of the state that kcplan created, with these fields."""
    address = at(local)
    spec = registry()[more.pop("type", type_of(address))]
    return ResourceState(
        address=address,
        type=spec.name,
        id=f"id of {local}",
        managed=flatten(spec.schema, managed or {}),
        depends_on=tuple(map(at, needs)),
        **more,
    )


def plan(
    folder: Path,
    document: Mapping[str, Any] | None,
    state: Iterable[ResourceState] = (),
    live: Iterable[LiveObject] = (),
    *,
    lifecycle: Iterable[Lifecycle] = (),
    moved: Iterable[tuple[str, str]] = (),
    server: ServerIdentity = SERVER,
    **options: Any,
) -> Plan:
    """The plan for these values; ids of new objects are `new 0`, `new 1`, …"""
    file = folder / "realm.json"
    file.write_text(json.dumps({"realm": "r", **(document or {})}), encoding="utf-8")
    config = evolve(
        load([file], registry(), {}),
        lifecycle=tuple(lifecycle),
        moved=tuple(Moved(at(old), at(new)) for old, new in moved),
    )
    known = State("lineage", 1, SERVER, {item.address: item for item in state})
    objects = {item.address: item for item in live}
    snapshot = Snapshot(
        server,
        asked=frozenset(objects) | config.resources.keys() | known.resources.keys(),
        objects=objects,
    )
    numbers = count()
    chosen = Options(new_id=lambda: f"new {next(numbers)}", **options)
    inputs = Inputs(config, known, snapshot, registry(), PlainDigester(), chosen)
    return make_plan(evolve(inputs, risk_rules=rules))


def local(text: object) -> str:
    """A text without the realm's name before each address in it."""
    return str(text).replace(" r/", " ").removeprefix("r/")


def steps(made: Plan) -> list[str]:
    """The ids of the steps, in their order."""
    return [local(step.id) for step in made.steps]


def step(made: Plan, name: str) -> Step:
    return next(item for item in made.steps if local(item.id) == name)


def needs(made: Plan, name: str) -> set[str]:
    """What a step waits for."""
    return set(map(local, step(made, name).needs))
