"""What every resource type can do, checked with its sample; see `samples/` for the exceptions."""

import json
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from conformance.bench import SECRET, Bench
from conformance.change import after_change, before_change, is_killed, make_ready, seen, writes
from conformance.comparing import exactly
from conformance.others import elsewhere, viewer
from conformance.overlays import leaves, outside, overlaid
from conformance.sample import Sample
from kcplan.mirrors import mirrored
from kcplan.path_patterns import path_matches
from kcplan.schema import dotted
from kcplan_keycloak.resources import registry
from support.sabotage import SILENT, WAYS, Saboteur
from support.world import Changes

Test = Callable[..., Any]


def check(name: str, **parts: Iterable[str]) -> Callable[[Test], Test]:
    """Say which check of the kit a test is, and which parts that has, as an argument of it."""

    def mark(test: Test) -> Test:
        test.check, test.parts = name, parts  # type: ignore[attr-defined]
        return test

    return mark


def paths(changes: Any) -> set[str]:
    """The fields of an overlay, as a plan names them."""
    return {_entry(".".join(path)) for path in leaves(changes)}


def fields(changes: Changes, address: str, expected: Any, **of: str) -> set[str]:
    """The changed fields of a resource; those of an entry that comes or goes count as one."""
    entries = paths(expected)
    found = map(_entry, changes.fields(address, **of))

    def entry(path: str) -> str:
        """The nearest entry that a field is in; names of entries may have dots."""
        return max((e for e in entries if f"{path}.".startswith(f"{e}.")), key=len, default=path)

    return set(map(entry, found))


def _entry(path: str) -> str:
    """An entry of a list that is nothing but its name, by the entry or by the name."""
    return path.removesuffix(".name").removesuffix(".id").removesuffix(".alias")


@check("create")
def test_it_is_created(bench: Bench) -> None:
    address, subject = bench.address(), bench.subject()
    assert bench.created is not None
    assert bench.actions(bench.created) == {address: "update", subject: "create"}
    assert bench.lacks(bench.sample.full) == []


@check("empty")
def test_nothing_is_left_to_do(bench: Bench) -> None:
    bench.is_settled()


@check("change")
def test_each_field_is_changed_and_changed_back(bench: Bench) -> None:
    changes, address = bench.sample.changes("change"), bench.address()
    with bench.away():
        bench.declare({bench.sample.name: overlaid(bench.sample.full, changes)})
        plan = bench.plan("--detailed-exitcode", exit_code=2)
        assert bench.actions(plan) == {address: "update"}
        assert fields(plan, address, changes) == paths(changes)
        bench.apply()
        bench.is_settled()
        assert bench.refresh().outside == {}
        assert bench.lacks(overlaid(bench.sample.full, changes)) == []
        bench.declare(bench.home)
        assert fields(bench.plan(), address, changes) == paths(changes)


SEEN = ("drift", "outside", "risks")
"""What a refresh finds."""


@check("drift")
def test_each_field_that_is_changed_by_hand_is_drift_and_repaired(bench: Bench) -> None:
    changes = bench.sample.declared(bench.sample.changes("drift"))
    address = bench.address()
    with bench.away():
        bench.refresh("--quick")
        bench.edit(changes)
        found = bench.refresh("--detailed-exitcode", exit_code=2)
        quick = bench.refresh("--quick")
        assert [quick.document[key] for key in SEEN] == [found.document[key] for key in SEEN]
        assert found.drift == {address: "update"}
        assert fields(found, address, changes, of="drift") == paths(changes)
        plan = bench.plan("--detailed-exitcode", exit_code=2)
        assert bench.actions(plan) == {address: "update"}
        assert fields(plan, address, changes) == paths(changes)
        bench.apply()
        bench.is_settled()


@check("alone")
def test_a_field_that_the_files_leave_out_stays_as_somebody_set_it(bench: Bench) -> None:
    with bench.away():
        bench.declare({bench.sample.name: {}})
        bench.apply()
        changes = bench.sample.declared(bench.sample.changes("alone"))
        # What is guarded is as if declared, in an object that kcplan created.
        guarded = registry()[bench.sample.type].guarded
        plain = {name: value for name, value in changes.items() if (name,) not in guarded}
        bench.edit(outside(plain, bench.sample.minimal))
        before = bench.look()
        assert bench.plan("--detailed-exitcode").actions == {}
        bench.apply()
        assert bench.look() == before


@check("rename")
def test_it_is_renamed(bench: Bench) -> None:
    other = bench.sample.other_name
    before = bench.look()
    with bench.away():
        bench.declare({other: bench.sample.full})
        bench.move(bench.sample.name, other)
        assert bench.actions(bench.plan()) == {bench.subject(other): "move"}
        bench.apply()
        bench.is_settled()
        assert bench.look() is None
        assert called(bench.sample.name, other, bench.look(other)) == before
        bench.move(other, bench.sample.name)
        bench.declare(bench.home)
        bench.apply()


def called(new: str, old: str, look: Any) -> Any:
    """An object as if it had another name; some names in it are in lower case."""
    text = json.dumps(look, ensure_ascii=False)
    return json.loads(text.replace(old, new).replace(old.lower(), new))


@check("odd name")
def test_it_has_an_odd_name(bench: Bench) -> None:
    odd = bench.sample.odd_name
    with bench.away():
        bench.declare({**bench.home, odd: bench.sample.another})
        assert bench.plan().actions[bench.subject(odd)] == "create"
        bench.apply()
        bench.is_settled()
        assert bench.lacks(bench.sample.another, odd) == []


@check("delete")
def test_it_is_deleted_and_created_again(bench: Bench) -> None:
    address = bench.subject()
    with bench.away():
        bench.declare({})
        assert bench.plan().actions[address] == "delete"
        bench.apply()
        bench.is_settled()
        assert bench.look() is None
        bench.declare(bench.home)
        assert bench.plan().actions[address] == "create"


@check("undo", way=WAYS)
def test_a_failed_write_is_undone(bench: Bench, way: str) -> None:
    with bench.away():
        make_ready(bench)
        before, objects = bench.everything(), seen(bench)
        # Where the answer to the last write is lost, nothing is left that could fail.
        for number in range(len(writes(bench)) - (way in SILENT)):
            saboteur = broken(number, way)
            result = bench.apply("--parallelism", 1, through=saboteur, exit_code=3)
            assert "Keycloak is as it was before" in result.stderr
            assert len(saboteur.writes) > number
            assert bench.unlike(objects, seen(bench)) == [], f"write {number}: {result.stderr}"
        assert bench.changes_since(before) == []


def broken(number: int, way: str) -> Saboteur:
    """Breaks a write so that the change fails."""
    turns = {number: WAYS[way]}
    if way in SILENT:
        # Keycloak acted, and kcplan finds that out and goes on; so the next write fails too.
        turns[number + 1] = WAYS["status 500"]
    return Saboteur(turns)


@check("bare")
def test_a_bare_object_is_as_bare_after_a_failed_change(bench: Bench) -> None:
    """To the last empty text; what Keycloak does not let go of is told."""
    sample, other = bench.sample, bench.sample.other_name
    exempt = {key.removeprefix("bare ") for key in sample.cannot}

    def exactly_there() -> Any:
        at = sample.where(bench.hand, other)
        assert at is not None
        return bench.hand.get(at)

    with bench.away():
        bench.declare({**bench.home, other: {}})
        bench.declare_role("last", other)
        bench.apply()
        before = exactly_there()
        bench.declare({**bench.home, other: sample.another})
        bench.declare_role(None, other)
        told: set[str] = set()
        for turn in count():
            saboteur = Saboteur({turn: WAYS["status 500"]})
            result = bench.apply("--parallelism", 1, through=saboteur, exit_code=None)
            if result.exit_code == 0:
                break
            assert result.exit_code == 3, result.stderr
            told |= traces(result.stderr, bench.address(other))
            found = {_field(sample, path) for path in exactly(before, exactly_there())}
            assert found - exempt <= told, result.stderr
        # The role goes last, so that the whole change was there and was undone.
        assert len(saboteur.writes) == turn > 1
    # What was told is what the type is known for.
    known = registry()[sample.type].keeps_empty
    assert {path for path in told if not path_matches(tuple(path.split(".")), known)} == set()


def traces(text: str, address: str) -> set[str]:
    """The fields of an object that a failed apply tells to be empty where they were not there."""
    told = text.partition("which means the same:\n")[2].splitlines()
    found = [line for line in told if address in line]
    return {path for line in found for path in line.rpartition(": ")[2].split(", ")}


def _field(sample: Sample, path: tuple[str, ...]) -> str:
    """A field as kcplan names it: what only repeats a field goes by the name of that."""
    mirror = mirrored(registry()[sample.type].mirrors, path)
    return dotted(mirror.path if mirror else path)


@check("recover", direction=["back", "forward"])
def test_a_killed_apply_is_recovered(bench: Bench, direction: str) -> None:
    """Killed after its first write it is finished, killed after its last one it is undone."""
    with bench.away():
        make_ready(bench)
        before = bench.everything()
        forward = direction == "forward"
        assert is_killed(bench, writes(bench)[0 if forward else -1])
        bench.kcplan("recover", "--auto-approve", *(["--forward"] if forward else []))
        if forward:
            bench.is_settled()
        else:
            assert bench.changes_since(before) == []


@check("viewer")
def test_who_may_only_view_gets_the_same_plan(bench: Bench) -> None:
    with bench.away():
        bench.declare(before_change(bench, "viewer"))
        bench.apply()
        after = after_change(bench, "viewer")
        bench.declare(after)
        ours, theirs = bench.plan(), bench.plan(env=viewer(bench))
        assert theirs.document["server"].pop("version") is None
        assert ours.document["server"].pop("version") is not None
        for made in (ours, theirs):
            # Who lives in the realm may lock itself out of it, and is told so.
            told = made.document.pop("diagnostics")
            made.document["diagnostics"] = [i for i in told if i["code"] != "may-lock-out"]
        assert theirs.document == ours.document
        assert {bench.address(name) for name in after} <= set(ours.actions)


@check("secret")
def test_a_secret_is_in_no_output_and_no_file(bench: Bench) -> None:
    full = bench.sample.full
    with bench.away():
        bench.declare({bench.sample.name: overlaid(full, bench.secret("${KIT_SECRET}"))})
        bench.show_everything()
        bench.apply()
        assert [] in [bench.lacks(bench.secret(value)) for value in (SECRET, "*" * 10)]
        bench.edit(bench.secret(f"{SECRET}-by-hand"))
        bench.show_everything()
    for secret in (SECRET, *bench.sample.secrets.values()):
        assert [text for text in bench.outputs if secret in text] == []


@check("reference")
def test_an_unknown_reference_is_named(bench: Bench) -> None:
    name = bench.sample.name
    realm = bench.subject(name) if bench.sample.is_realm else bench.realm
    for changes, target in bench.sample.references:
        bench.declare({bench.sample.name: overlaid(bench.sample.full, changes)})
        diagnostics = bench.plan(exit_code=1).document["diagnostics"]
        found = [i["summary"] for i in diagnostics if i["code"] == "unknown-reference"]
        assert len(found) == 1
        assert found[0].endswith(f" names {realm}/{target}, which does not exist")
    bench.declare(bench.home)


@check("elsewhere")
def test_it_is_imported_and_applied_to_another_realm(bench: Bench) -> None:
    with elsewhere(bench) as other:
        assert bench.unlike(bench.look(), bench.look(hand=other)) == []
