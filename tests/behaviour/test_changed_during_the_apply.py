"""What somebody else changes while an apply runs is said at its end, and stays drift."""

import json
from typing import Any

import pytest
from inline_snapshot import snapshot

from support.faults import Breakage, followed_by
from support.sabotage import Saboteur, sent_through
from support.world import World


def declare(world: World, description: str = "Web", **client: Any) -> None:
    world.declare(enabled=True, clients=[{"clientId": "web", "description": description, **client}])


def beside(world: World, **fields: Any) -> Breakage:
    """The write goes through, and then somebody else writes as well."""
    return followed_by(lambda: world.edit_client("web", **fields))


@pytest.fixture
def settled(world: World) -> World:
    """A client that is as it is declared."""
    declare(world)
    world.apply()
    return world


def test_it_is_said_and_stays_drift(settled: World) -> None:
    world = settled
    declare(world, "Another")
    with sent_through(Saboteur({0: beside(world, implicitFlowEnabled=True, consentRequired=True)})):
        applied = world.apply()
    text = applied.stdout[applied.stdout.index("Changed during") :]
    assert text.replace(world.realm, "REALM") == snapshot("""\
Changed during the apply

Somebody else changed these fields after the plan was made. They are reported as
drift until they are declared, or accepted with `kcplan refresh --accept`.

  # REALM/clients/web has changed
  ~ client "web" {
      ~ consentRequired     = false -> true
      ~ implicitFlowEnabled = false -> true
        # (1 unchanged attribute hidden)
    }

Apply complete! Resources: 0 added, 1 changed, 0 destroyed.
""")
    assert world.refresh().outside == {"clients/web": ["consentRequired"]}
    assert world.refresh().drift == {"clients/web": "update"}
    declare(world, "A third")
    assert "Changed during" not in world.apply().stdout, "the plan knew of it"
    assert world.refresh().outside == {"clients/web": ["consentRequired"]}


def test_programs_get_it_as_events(settled: World) -> None:
    world = settled
    declare(world, "Another")
    with sent_through(Saboteur({0: beside(world, consentRequired=True)})):
        lines = world.apply("--format", "json").stdout.splitlines()
    *_, event, summary = map(json.loads, lines)
    assert (event["type"], event["address"]) == ("changed_meanwhile", f"{world.realm}/clients/web")
    assert [item["path"] for item in event["changes"]] == [["consentRequired"]]
    assert summary["type"] == "change_summary"


def test_what_keycloak_changes_along_with_a_write_is_nobody_elses(settled: World) -> None:
    world = settled
    declare(world, redirectUris=["https://web.example/*"])
    assert "Changed during" not in world.apply().stdout
    assert world.refresh().outside == {}


def test_what_is_ignored_is_not_said(settled: World) -> None:
    world = settled
    world.settings('[[lifecycle]]\nmatch = "REALM/**"\nignore_changes = ["consentRequired"]\n')
    declare(world, "Another")
    with sent_through(Saboteur({0: beside(world, consentRequired=True)})):
        assert "Changed during" not in world.apply().stdout
