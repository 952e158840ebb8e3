"""How tokens are got through a client is as if declared, where kcplan created the client."""

from typing import Any

import pytest
from inline_snapshot import snapshot

from support.world import World

DEVICE = "oauth2.device.authorization.grant.enabled"


def declare(world: World, description: str = "Web", **client: Any) -> None:
    world.declare(clients=[{"clientId": "web", "description": description, **client}])


def attributes(world: World, **values: str | None) -> None:
    """Somebody sets attributes of the client in the console."""
    client = world.client("web") or {}
    world.edit_client("web", attributes={**client["attributes"], **values})


@pytest.mark.parametrize(
    ("field", "was", "now"),
    [
        ("publicClient", False, True),
        ("bearerOnly", False, True),
        ("standardFlowEnabled", True, False),
        ("implicitFlowEnabled", False, True),
        ("directAccessGrantsEnabled", False, True),
        ("serviceAccountsEnabled", False, True),
    ],
)
def test_what_somebody_switches_in_a_client_that_kcplan_created_is_repaired(
    world: World, field: str, *, was: bool, now: bool
) -> None:
    declare(world)
    world.apply()
    world.edit_client("web", **{field: now})
    for options in ([], ["--only-managed"]):
        refresh = world.refresh("--detailed-exitcode", *options, exit_code=2)
        assert (refresh.drift, refresh.outside) == ({"clients/web": "update"}, {})
    plan = world.plan()
    assert (plan.fields("clients/web"), plan.outside) == ({field: (now, was, "drift")}, {})
    world.apply()
    assert (world.client("web") or {})[field] is was
    world.is_settled()


@pytest.mark.parametrize(
    "name", [DEVICE, "oidc.ciba.grant.enabled", "standard.token.exchange.enabled"]
)
def test_a_flow_that_is_an_attribute_is_switched_off_again(world: World, name: str) -> None:
    declare(world)
    world.apply()
    attributes(world, **{name: "true"})
    assert world.refresh().drift == {"clients/web": "update"}
    assert world.plan().fields("clients/web") == {f"attributes.{name}": ("true", None, "drift")}
    world.apply()
    assert name not in (world.client("web") or {})["attributes"]
    world.is_settled()


def test_a_console_that_says_of_each_flow_that_it_is_off_changes_nothing(world: World) -> None:
    declare(world)
    world.apply()
    attributes(world, **{DEVICE: "false"})
    plan = world.plan()
    assert (plan.actions, plan.outside) == ({}, {"clients/web": [f"attributes.{DEVICE}"]})


def test_what_somebody_switches_in_a_client_that_was_there_before_stays(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    world.admin.post(world.path("clients"), json={"clientId": "web"})
    declare(world)
    world.apply()
    world.edit_client("web", implicitFlowEnabled=True)
    declare(world, "Another")
    world.apply()
    plan = world.plan()
    assert (plan.actions, plan.outside) == ({}, {"clients/web": ["implicitFlowEnabled"]})


def test_what_is_accepted_stays(world: World) -> None:
    declare(world)
    world.apply()
    world.edit_client("web", implicitFlowEnabled=True)
    world.kcplan("refresh", "--accept")
    assert world.plan().actions == {}
    world.edit_client("web", implicitFlowEnabled=False)
    assert world.plan().fields("clients/web") == {"implicitFlowEnabled": (False, True, "drift")}


def test_what_leaves_the_files_stays_as_they_had_it(world: World) -> None:
    """A client that was public does not get a secret only since a line is gone."""
    declare(world, publicClient=True, attributes={DEVICE: "true"})
    world.apply()
    declare(world, attributes={DEVICE: "true"})
    assert world.plan().fields("clients/web") == {}
    world.apply()
    world.edit_client("web", publicClient=False)
    assert world.plan().fields("clients/web") == {"publicClient": (False, True, "drift")}
    # An attribute that kcplan brought goes, as all of them do.
    world.edit_client("web", publicClient=True)
    declare(world)
    assert world.plan().fields("clients/web") == {f"attributes.{DEVICE}": ("true", None, "config")}
    world.apply()
    world.is_settled()


def test_a_rule_says_that_a_switch_is_somebody_elses(world: World) -> None:
    declare(world)
    world.apply()
    world.settings(
        '[[lifecycle]]\nmatch = "REALM/**"\nignore_changes = ["directAccessGrantsEnabled"]\n'
    )
    world.edit_client("web", directAccessGrantsEnabled=True)
    assert world.plan().actions == {}
    assert world.refresh("--detailed-exitcode").drift == {}


def test_a_secret_is_given_to_a_client_that_the_same_plan_repairs(world: World) -> None:
    secret = "0123456789-0123456789"
    declare(world, secret=secret)
    world.apply()
    world.edit_client("web", publicClient=True)
    assert set(world.plan().fields("clients/web")) == {"publicClient", "secret"}
    world.apply()
    assert (world.client("web") or {})["secret"] == secret
    world.is_settled()


def test_an_account_that_is_declared_needs_its_switch_in_the_files_as_well(world: World) -> None:
    declare(world)
    world.apply()
    world.edit_client("web", serviceAccountsEnabled=True)
    account = {"serviceAccountClientId": "web", "firstName": "Web"}
    world.declare(clients=[{"clientId": "web", "description": "Web"}], users=[account])
    errors = [item["code"] for item in world.plan(exit_code=1).document["diagnostics"]]
    assert "service-account-disabled" in errors


def test_the_plan_says_what_is_lost_with_an_account_that_somebody_switched_on(world: World) -> None:
    declare(world)
    world.apply()
    world.edit_client("web", serviceAccountsEnabled=True)
    text = world.kcplan("plan", world.file, "--no-color").stdout
    lines = [line.strip() for line in text.splitlines() if "serviceAccountsEnabled" in line]
    assert lines[:1] == snapshot(
        [
            "~ serviceAccountsEnabled = true -> false # changed in Keycloak, because of how kcplan created it"
        ]
    )
    assert "the service account goes, with its roles" in text


def test_policies_that_somebody_made_stay_when_the_account_goes(world: World) -> None:
    declare(world)
    world.apply()
    world.edit_client("web", serviceAccountsEnabled=True, authorizationServicesEnabled=True)
    assert world.plan().fields("clients/web") == {"serviceAccountsEnabled": (True, False, "drift")}
    world.apply()
    client = world.client("web") or {}
    assert client["authorizationServicesEnabled"] is True
    assert world.refresh().drift == {}
