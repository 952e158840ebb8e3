"""Planning thousands of resources, and taking them into the state, is linear in their number."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from kcplan.address import Address
from kcplan.config.model import Config
from kcplan.events import Outcome
from kcplan.outcome import not_kept, state_after
from kcplan.planner import Inputs, Options, make_plan
from kcplan.resource import Resource
from kcplan.snapshot import LiveObject, Snapshot
from kcplan.state import Digest, ResourceState, ServerIdentity, State
from kcplan_keycloak.resources import registry
from kcplan_keycloak.token_exchange.checks import Situation, check
from kcplan_keycloak.token_exchange.model import Client, Mapper, Realm
from kcplan_keycloak.token_exchange.relevance import ENABLED

SERVER = ServerIdentity("https://sso.example")
R = Address.of("r")


class PlainDigester:
    """Digests that are the texts themselves."""

    def digest(self, text: str) -> Digest:
        return Digest("plain", text)

    def matches(self, text: str, digest: Digest) -> bool | None:
        return text == digest.value


def resources(services: int) -> dict[Address, Resource]:
    """So many clients, each with two roles, and an account with a role of the next client."""
    made = [Resource(R, "realm", {("displayName",): "Realm"})]
    for number in range(services):
        client = R.child("clients", f"c{number}")
        other = f"c{(number + 1) % services}"
        made += [
            Resource(R.child("roles", f"r{number}"), "role", {("description",): "d"}),
            Resource(client, "client", {("serviceAccountsEnabled",): True, ("name",): "n"}),
            *(Resource(client.child("roles", name), "client-role", {}) for name in ("x", "y")),
            Resource(
                client.child("service-account"),
                "service-account",
                {
                    ("realmRoles",): [f"r{number}"],
                    ("clientRoles",): {},
                    ("clientRoles", other): ["x"],
                },
            ),
        ]
    return {resource.address: resource for resource in made}


def calls(function: Callable[[], object]) -> int:
    """How many calls a function comes to, a measure of work that is the same on every machine."""
    count = 0

    def on_event(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(on_event)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


def create(services: int) -> None:
    """Plan everything anew, and take it into the state as if it had been done."""
    declared = resources(services)
    live = Snapshot(SERVER, frozenset(declared))
    there = {a: LiveObject(a, r.type, f"id {a}", r.leaves) for a, r in declared.items()}
    plan = make_plan(
        Inputs(Config(declared, frozenset({"r"})), State("l"), live, registry(), PlainDigester())
    )
    read_back = Snapshot(SERVER, frozenset(there), there)
    assert not_kept(plan, read_back, registry(), PlainDigester()) == []
    done = Outcome(done=plan.steps)
    state = state_after(State("l"), plan, done, read_back, registry(), settled=True)
    assert state.resources.keys() == declared.keys()


def keep(services: int, *, destroy: bool = False) -> None:
    """Plan where all is there and in the state: with nothing to do, or to destroy it."""
    declared = resources(services)
    there = {a: LiveObject(a, r.type, f"id {a}", r.leaves) for a, r in declared.items()}
    live = Snapshot(SERVER, frozenset(there), there)
    inputs = Inputs(
        Config(declared, frozenset({"r"})), State("l"), live, registry(), PlainDigester()
    )
    adopted = make_plan(inputs)
    state = state_after(State("l"), adopted, Outcome(), live, registry(), settled=True)
    options = Options(destroy=destroy, delete_adopted=True)
    again = make_plan(
        Inputs(inputs.config, state, live, registry(), PlainDigester(), options=options)
    )
    assert again.is_empty is not destroy


def keep_entries(entries: int) -> None:
    """Plan with nothing to do for one object with many entries that kcplan brought to it."""
    leaves = {("attributes", f"a{number}"): "x" for number in range(entries)}
    declared = {R: Resource(R, "realm", {("displayName",): "Realm", **leaves})}
    there = {R: LiveObject(R, "realm", "id", declared[R].leaves)}
    known = ResourceState(R, "realm", "id", managed=declared[R].leaves, owned=tuple(leaves))
    config, live = Config(declared, frozenset({"r"})), Snapshot(SERVER, frozenset(there), there)
    plan = make_plan(
        Inputs(config, State("l", 1, SERVER, {R: known}), live, registry(), PlainDigester())
    )
    assert plan.is_empty


def destroy(services: int) -> None:
    keep(services, destroy=True)


def check_exchanges(services: int) -> None:
    """Check clients that all may exchange tokens, without any permission; none is named."""
    config = {"included.custom.audience": "elsewhere", "access.token.claim": "true"}
    mapper = Mapper("to elsewhere", "oidc-audience-mapper", config)
    clients = {
        name: Client(name, attributes={ENABLED: "true"}, mappers=(mapper,))
        for name in (f"c{number}" for number in range(services))
    }
    declared = {a: r for a, r in resources(services).items() if r.type == "client"}
    situation = Situation(Realm("r", clients=clients), resources=declared, live=True)
    assert len(list(check(situation))) == services


@pytest.mark.parametrize("task", [create, keep, keep_entries, destroy, check_exchanges])
def test_four_times_the_resources_are_four_times_the_work(task: Callable[[int], None]) -> None:
    small, large = calls(lambda: task(100)), calls(lambda: task(400))

    assert large < 4.4 * small
