"""The state after an execution: each resource as far as its steps were performed."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from kcplan.events import Outcome
from kcplan.outcome import not_kept, state_after
from kcplan.plan import Plan
from kcplan.snapshot import LiveObject, Snapshot
from kcplan.state import ResourceState, State
from kcplan_keycloak.resources import registry
from support.planning import SERVER, PlainDigester, at, entry, local, plan, steps, there


def after(
    made: Plan,
    before: Iterable[ResourceState] = (),
    done: Iterable[str] | None = None,
    live: Iterable[LiveObject] = (),
    *,
    settled: bool | None = None,
) -> dict[str, ResourceState]:
    """The state's resources after these steps (all of them, unless said) were performed."""
    names = set(steps(made) if done is None else done)
    performed = tuple(step for step in made.steps if local(step.id) in names)
    complete = len(performed) == len(made.steps)
    state = state_after(
        State("lineage", 1, SERVER, {item.address: item for item in before}),
        made,
        Outcome(done=performed, ids={at("roles/new"): "id of the new role"}),
        Snapshot(SERVER, objects={item.address: item for item in live}),
        registry(),
        settled=complete if settled is None else settled,
    )
    return {local(address): item for address, item in state.resources.items()}


def test_all_that_was_done_is_known_with_its_id(tmp_path: Path) -> None:
    made = plan(tmp_path, {"clients": [{"clientId": "a"}], "roles": {"realm": [{"name": "new"}]}})
    known = after(made)
    assert known["clients/a"].id == "new 1"
    assert known["roles/new"].id == "id of the new role"
    assert known["clients/a"].depends_on == (at("."),)
    assert not known["clients/a"].adopted


def test_a_step_that_was_not_performed_leaves_no_trace(tmp_path: Path) -> None:
    made = plan(tmp_path, {"clients": [{"clientId": "a"}, {"clientId": "b"}]})
    assert set(after(made, done=["create r", "create clients/a"])) == {"r", "clients/a"}


def test_of_a_resource_with_two_steps_only_the_performed_fields_are_known(
    tmp_path: Path,
) -> None:
    roles = [{"name": "x", "description": "d", "composites": {"realm": ["y"]}}, {"name": "y"}]
    made = plan(tmp_path, {"roles": {"realm": roles}})
    known = after(made, done=["create r", "create roles/x", "create roles/y"])["roles/x"]
    assert known.managed[("description",)] == "d"
    assert ("composites", "realm") not in known.managed
    assert known.owned == ()


def test_what_is_deleted_is_forgotten_with_all_that_lies_in_it(tmp_path: Path) -> None:
    names = ("clients/a", "clients/a/roles/r", "clients/b")
    before = [entry("."), *map(entry, names)]
    made = plan(tmp_path, {}, before, [there("."), *map(there, names)])
    assert set(after(made, before)) == {"r"}
    assert set(after(made, before, done=["delete clients/a"])) == {"r", "clients/b"}


def test_adoptions_and_releases_take_effect_with_the_whole(tmp_path: Path) -> None:
    before = [entry("."), entry("clients/theirs", adopted=True)]
    made = plan(
        tmp_path,
        {"clients": [{"clientId": "a"}, {"clientId": "new"}]},
        before,
        [there("."), there("clients/theirs"), there("clients/a")],
    )
    assert set(after(made, before)) == {"r", "clients/a", "clients/new"}
    assert set(after(made, before, done=[])) == {"r", "clients/theirs"}
    # Where what was done is kept on purpose, they count as done.
    assert set(after(made, before, done=[], settled=True)) == {"r", "clients/a"}


def test_a_rename_takes_along_all_addresses_and_names(tmp_path: Path) -> None:
    def account(client: str) -> dict[str, object]:
        return {"clientRoles": {client: ["reader"]}}

    names = ("clients/old", "clients/old/roles/reader")
    before = [
        entry("."),
        *map(entry, names),
        entry("clients/b", {"serviceAccountsEnabled": True}),
        entry("clients/b/service-account", account("old"), needs=["clients/old/roles/reader"]),
    ]
    on = {"serviceAccountsEnabled": True}
    live = [
        there("."),
        *map(there, names),
        there("clients/b", on),
        there("clients/b/service-account", {**account("old"), "realmRoles": []}),
    ]
    made = plan(
        tmp_path,
        {
            "clients": [{"clientId": "new"}, {"clientId": "b", **on}],
            "roles": {"client": {"new": [{"name": "reader"}]}},
            "users": [{"serviceAccountClientId": "b", **account("new")}],
        },
        before,
        live,
        moved=[("clients/old", "clients/new")],
    )
    known = after(made, before)
    assert set(known) == {
        "r",
        "clients/b",
        "clients/b/service-account",
        "clients/new",
        "clients/new/roles/reader",
    }
    assert known["clients/new"].id == "id of clients/old"
    needed = known["clients/b/service-account"].depends_on
    assert needed == (at("clients/b"), at("clients/new/roles/reader"))
    assert ("clientRoles", "new") in known["clients/b/service-account"].managed
    assert set(after(made, before, done=[])) == {local(item.address) for item in before}


def test_what_was_read_back_becomes_the_baseline_of_what_was_written_only(
    tmp_path: Path,
) -> None:
    before = [entry("."), entry("clients/a", {"name": "1"}), entry("clients/b", {"name": "1"})]
    made = plan(
        tmp_path,
        {"clients": [{"clientId": "a", "name": "2"}, {"clientId": "b", "name": "1"}]},
        before,
        [there("."), there("clients/a", {"name": "1"}), there("clients/b", {"name": "drifted"})],
        targets=("r/clients/a",),
    )
    back = [there("clients/a", {"name": "2", "description": "theirs"})]
    known = after(made, before, live=back)
    assert known["clients/a"].observed[("description",)] == "theirs"
    assert known["clients/a"].managed == {("name",): "2"}
    assert known["clients/b"].managed == {("name",): "1"}
    assert known["clients/b"].observed == {}


def test_no_secret_is_in_an_entry(tmp_path: Path) -> None:
    made = plan(tmp_path, {"clients": [{"clientId": "a", "secret": "distinctive-secret-1"}]})
    back = [there("clients/a", {"secret": "distinctive-secret-1"})]
    known = after(made, live=back)["clients/a"]
    assert "distinctive" not in repr((known.managed, known.observed, known.owned))
    assert set(known.secrets) == {("secret",)}


@pytest.mark.parametrize(
    ("kept", "lost"),
    [
        ({"name": "2", "attributes": {"x": "1"}}, None),
        ({"name": "1", "attributes": {"x": "1"}}, "name"),
        ({"name": "2"}, "attributes.x"),
        ({}, "attributes.x, name"),
    ],
)
def test_what_was_written_and_not_kept_is_a_failure_at_its_field(
    tmp_path: Path, kept: dict[str, object], lost: str | None
) -> None:
    made = plan(
        tmp_path,
        {"clients": [{"clientId": "a", "name": "2", "attributes": {"x": "1"}}]},
        [entry("."), entry("clients/a", {"name": "1"})],
        [there("."), there("clients/a", {"name": "1"})],
    )
    back = there("clients/a", kept)
    live = Snapshot(SERVER, objects={back.address: back})
    failures = not_kept(made, live, registry(), PlainDigester())
    assert [failure.error.summary for failure in failures] == (
        [] if lost is None else [f"not-kept-by-server: r/clients/a: {lost}"]
    )


def test_what_is_not_there_at_all_was_not_kept(tmp_path: Path) -> None:
    made = plan(tmp_path, {"clients": [{"clientId": "a"}]})
    live = Snapshot(SERVER, objects={at("."): there(".")})
    failures = not_kept(made, live, registry(), PlainDigester())
    assert [local(failure.step.id) for failure in failures] == ["create clients/a"]
