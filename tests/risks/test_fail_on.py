"""`plan --fail-on` stops a pipeline, after it has said everything."""

import json

from support.world import World


def tampered(world: World) -> None:
    """A realm whose next plan makes a client worse in two ways."""
    world.declare(enabled=True, clients=[{"clientId": "a", "redirectUris": ["https://a/*"]}])
    world.apply()
    world.declare(
        enabled=True,
        clients=[{"clientId": "a", "redirectUris": ["*"], "implicitFlowEnabled": True}],
    )


def test_a_plan_names_its_risks_in_text_and_json(world: World) -> None:
    tampered(world)
    made = world.plan()
    assert [(r["level"], r["code"], r["path"]) for r in made.document["risks"]] == [
        ("danger", "redirect-anywhere", ["redirectUris"]),
        ("caution", "implicit-flow-on", ["implicitFlowEnabled"]),
    ]
    text = world.kcplan("plan", world.file).stdout
    assert text.startswith("Needs attention\n")
    assert "[redirect-anywhere]" in text
    assert "[redirect-anywhere]" in world.apply().stdout
    assert world.plan().document["risks"] == []


def test_a_danger_fails_after_all_is_printed_and_saved(world: World) -> None:
    tampered(world)
    flags = ("--fail-on", "danger", "--detailed-exitcode", "--out", "the.kcplan")
    made = world.plan(*flags, exit_code=1)
    assert made.actions == {"clients/a": "update"}
    shown = json.loads(world.kcplan("show", "the.kcplan", "--format", "json").stdout)
    assert shown["risks"] == made.document["risks"]
    world.kcplan("apply", "the.kcplan")
    world.plan(*flags, exit_code=0)


def test_a_caution_fails_only_where_that_is_asked(world: World) -> None:
    world.declare(enabled=True, clients=[{"clientId": "a", "implicitFlowEnabled": True}])
    world.plan("--fail-on", "danger", "--detailed-exitcode", exit_code=2)
    world.plan("--fail-on", "caution", "--detailed-exitcode", exit_code=1)


def test_what_somebody_changed_in_keycloak_is_marked(world: World) -> None:
    clients = [{"clientId": "a", "serviceAccountsEnabled": True}]
    account = {"username": "service-account-a", "serviceAccountClientId": "a", "enabled": True}
    world.declare(enabled=True, clients=clients, users=[account])
    world.apply()
    world.edit_client("a", redirectUris=["*"])
    world.grant("a", "realm-management/realm-admin")
    found = world.refresh("--fail-on", "danger", "--detailed-exitcode", exit_code=1)
    expected = {"redirect-anywhere", "admin-for-service-account"}
    assert {risk["code"] for risk in found.document["risks"]} == expected
    assert world.kcplan("refresh").stdout.startswith("Needs attention\n")
    # No file mentions the fields, so that the plan leaves them, and says so.
    made = world.plan("--fail-on", "danger", exit_code=1)
    assert made.actions == {}
    assert {risk["code"] for risk in made.document["risks"]} == expected
    assert all("left so" in risk["summary"] for risk in made.document["risks"])
    world.refresh("--accept")
    assert world.plan("--fail-on", "caution").document["risks"] == []


def test_a_plan_with_errors_still_names_its_risks(world: World) -> None:
    tampered(world)
    broken = {"clientId": "b", "defaultClientScopes": ["basic", "nothing"]}
    risky = {"clientId": "a", "redirectUris": ["*"]}
    world.declare(enabled=True, clients=[risky, broken])
    flags = ("--fail-on", "danger", "--detailed-exitcode", "--out", "the.kcplan")
    made = world.plan(*flags, exit_code=1)
    assert made.codes == ["unknown-reference"]
    assert [risk["code"] for risk in made.document["risks"]] == ["redirect-anywhere"]
    assert world.kcplan("show", "the.kcplan", exit_code=1).stdout == ""


def test_the_level_of_the_settings_counts(world: World) -> None:
    world.declare(enabled=True, clients=[{"clientId": "a", "implicitFlowEnabled": True}])
    world.plan("--fail-on", "danger", exit_code=0)
    world.settings('[[lint]]\ncode = "implicit-flow-on"\nlevel = "danger"\nreason = "a test"\n')
    world.plan("--fail-on", "danger", exit_code=1)


def test_a_saved_plan_is_applied_whatever_it_risks(world: World) -> None:
    tampered(world)
    world.plan("--fail-on", "caution", "--out", "the.kcplan", exit_code=1)
    assert "[redirect-anywhere]" in world.kcplan("show", "the.kcplan").stdout
    world.kcplan("apply", "the.kcplan")
    assert world.plan("--fail-on", "caution").document["risks"] == []


def test_what_is_accepted_fails_once(world: World) -> None:
    world.declare(enabled=True, clients=[{"clientId": "a", "redirectUris": ["https://a/"]}])
    world.apply()
    world.edit_client("a", redirectUris=["*"])
    flags = ("--accept", "--fail-on", "danger", "--detailed-exitcode")
    found = world.refresh(*flags, exit_code=1)
    assert [risk["code"] for risk in found.document["risks"]] == ["redirect-anywhere"]
    assert world.refresh(*flags).document["risks"] == []


def test_files_with_errors_have_no_risks_yet(world: World) -> None:
    world.declare(enabled="perhaps", clients=[{"clientId": "a", "redirectUris": ["*"]}])
    flags = ("--lint", "--fail-on", "danger", "--format", "json")
    found = json.loads(world.kcplan("validate", world.file, *flags, exit_code=1).stdout)
    assert (found["valid"], found["risks"]) == (False, [])
