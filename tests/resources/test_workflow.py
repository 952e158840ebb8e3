"""Workflows: who sees them, what an export has of them, and what Keycloak refuses to change."""

import json
from typing import Any

import httpx
from inline_snapshot import snapshot

from support.faults import FaultyTransport
from support.harness import Run
from support.readers import sign_in
from support.sabotage import sent_through
from support.world import Json, World

STEPS: list[Json] = [
    {"uses": "notify-user", "after": "80d", "with": {"subject": "Hello"}},
    {"uses": "disable-user", "after": "10d"},
]
VIEWS = """
    manage-realm view-authorization view-clients view-identity-providers view-realm view-users
""".split()


def flow(name: str = "leave", **more: Any) -> Json:
    return {"name": name, "on": "user-created", "steps": STEPS, **more}


def said(world: World, text: str) -> str:
    return text.replace(world.realm, "REALM").replace(f"{world.folder}/", "")


def found(world: World) -> list[Json]:
    """The workflows as Keycloak has them, without the ids of their steps."""
    listed: list[Json] = world.admin.json(world.path("workflows"), max=100)
    for step in (step for item in listed for step in item["steps"]):
        del step["id"]
    return listed


def of_workflows(world: World) -> list[Json]:
    """What the state has of them."""
    entries = json.loads(world.state_file.read_text())["resources"]
    return [item for item in entries if "/workflows/" in item["address"]]


def test_who_may_not_see_them_gets_the_rest_of_the_plan_and_one_note(world: World) -> None:
    world.declare(enabled=True, workflows=[flow(), flow("other")])
    world.apply()
    reader = sign_in(world, VIEWS)
    wanted = [flow(enabled=False), flow("new")]
    world.declare(enabled=True, displayName="Shop", workflows=wanted)
    before = of_workflows(world)
    assert world.plan(env=reader).actions == {".": "update"}
    applied = world.apply(env=reader).stderr
    assert said(world, applied).partition("Note:")[2].partition("\n\nREALM:")[0] == snapshot("""\
 the account that kcplan uses may not see workflows, so nothing is planned for: REALM/workflows/leave, REALM/workflows/new, REALM/workflows/other [not-compared]

Keycloak shows a workflow only to accounts that have the role realm-admin. These stay as
they are, whatever the files say. Use an account with the role realm-admin.\
""")
    assert of_workflows(world) == before
    assert [item["name"] for item in found(world)] == ["leave", "other"]
    refreshed = world.refresh("--accept", env=reader)
    assert (refreshed.drift, refreshed.codes) == ({}, ["not-compared"])
    assert of_workflows(world) == before
    changes = {"leave": "update", "new": "create", "other": "delete"}
    assert world.plan().actions == {f"workflows/{name}": to for name, to in changes.items()}


def test_who_looks_for_what_is_new_is_told_that_workflows_are_not_seen(world: World) -> None:
    def told() -> list[str]:
        document = world.refresh("--unmanaged", env=reader).document
        barred = (d for d in document["diagnostics"] if d["code"] == "not-compared")
        return [said(world, item["summary"]) for item in barred]

    world.declare(enabled=True)
    world.apply()
    reader = sign_in(world, VIEWS)
    assert told() == snapshot(
        [
            "the account that kcplan uses may not see workflows, so nothing is planned for: whatever is new in REALM/workflows"
        ]
    )
    world.declare(enabled=True, workflows=[flow()])
    world.apply()
    assert told() == snapshot(
        [
            "the account that kcplan uses may not see workflows, so nothing is planned for: REALM/workflows/leave, whatever is new in REALM/workflows"
        ]
    )


def test_an_import_says_that_it_may_not_see_them(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    imported = world.kcplan("import", world.realm, "--out", "a.toml", env=sign_in(world, VIEWS))
    (line,) = (line for line in imported.stderr.splitlines() if "workflows" in line)
    assert line == snapshot(
        "Left out, because Keycloak shows them only to accounts with the role realm-admin: workflows."
    )


class _Without(httpx.BaseTransport):
    """The real transport to a server whose workflows are off, as `serverinfo` has it."""

    def __init__(self) -> None:
        self.inner = FaultyTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.inner.handle_request(request)
        if not request.url.path.endswith("/serverinfo"):
            return answer
        document = json.loads(answer.read())
        for feature in document["features"]:
            feature["enabled"] = feature["enabled"] and feature["name"] != "WORKFLOWS"
        return httpx.Response(200, json=document)

    def close(self) -> None:
        self.inner.close()


def test_a_server_without_them_is_asked_for_none_and_takes_none(world: World) -> None:
    world.declare(enabled=True)
    with sent_through(transport := _Without()):
        world.apply()
        world.kcplan("refresh", "--unmanaged")
        world.kcplan("import", world.realm, "--out", "a.toml", "--state", "a.json")
    assert transport.inner.count("GET", "/workflows") == 0
    world.declare(enabled=True, workflows=[flow()])
    with sent_through(_Without()):
        refused = world.kcplan("apply", world.file, "--auto-approve", exit_code=1)
    assert said(world, refused.stderr) == snapshot("""\
Error: REALM/workflows/leave needs the feature `workflows`, which the server does not have, or which is off [server-feature-missing]
  on realm.json:5:5, in REALM/workflows/leave

Start the server with `--features=workflows`, if its version knows that, or remove the
resource.

""")
    assert "server-feature-missing" in world.kcplan("validate", world.file).stderr


def test_while_somebody_waits_only_settings_change(world: World) -> None:
    world.declare(workflows=[flow()])
    world.apply()
    world.admin.create(world.path("users"), {"username": "ann", "enabled": True})
    (before,) = found(world)
    world.declare(displayName="Shop", workflows=[flow(steps=STEPS[:1])])
    refused = world.apply(exit_code=3)
    assert "Cannot change the number or order of steps" in " ".join(refused.stderr.split())
    assert found(world) == [before]
    later = [{**STEPS[0], "after": "90d"}, STEPS[1]]
    world.declare(workflows=[flow(enabled=False, steps=later)])
    world.apply()
    world.is_settled()
    assert found(world) == [{**before, "enabled": False, "steps": later}]


def test_settings_are_compared_as_keycloak_keeps_them(world: World) -> None:
    """It makes the text `true` a boolean, one item a text, and forgets the order of several."""
    settings = {"a": ["z", "y", "x"], "b": ["one"], "c": "true", "d": 3, "e": [], "f": True}
    steps = [{"uses": "set-user-attribute", "after": 5, "with": settings, "id": "0"}]
    world.declare(workflows=[flow(steps=steps, concurrency={"cancel-in-progress": True})])
    world.apply()
    world.is_settled()
    world.declare(workflows=[flow(steps=[{**steps[0], "with": {**settings, "c": "false"}}])])
    assert list(world.plan().fields("workflows/leave")) == ["steps"]


def test_several_values_that_are_secret_settle(world: World) -> None:
    env: dict[str, str | None] = {"Z_PASSWORD": "zebra-4711-key", "A_PASSWORD": "ant-0815-key"}
    settings = {"keys": ["${env:Z_PASSWORD}", "${env:A_PASSWORD}"]}
    steps = [{"uses": "set-user-attribute", "with": settings}]
    world.declare(workflows=[flow(steps=steps)])
    world.apply(env=env)
    assert world.plan(env=env).actions == {}
    world.apply(env=env)
    assert world.plan(env={**env, "Z_PASSWORD": "zebra-0000-key"}).actions == {
        "workflows/leave": "update"
    }


def test_what_is_wrong_with_a_step_is_said(world: World) -> None:
    steps: list[Json] = [{"after": "5d"}, {"uses": "disable-user", "subject": "Hello"}]
    world.declare(workflows=[flow(steps=steps)])
    refused = world.kcplan("plan", world.file, exit_code=1).stderr
    assert said(world, refused) == snapshot("""\
Error: step 1 of REALM/workflows/leave does not say what it does [wrong-step]
  on realm.json:7:7, in REALM/workflows/leave, steps

Say it in `uses`.

Error: step 2 of REALM/workflows/leave has the unknown field `subject` [wrong-step]
  on realm.json:7:7, in REALM/workflows/leave, steps

A step has `uses`, `after` and `with`. Settings belong into `with`.
""")


def test_steps_events_and_conditions_that_the_server_does_not_have_are_errors(world: World) -> None:
    """What stands in brackets after a name is none of them."""
    on = "user-crated or (USER_ROLE_GRANTED(a (b)) and not client-created)"
    unknown = flow(on=on, steps=[{"uses": "disable-users"}], **{"if": "has-rule('a (b')"})
    world.declare(workflows=[unknown])
    refused = world.kcplan("plan", world.file, exit_code=1).stderr
    assert said(world, refused) == snapshot("""\
Error: Keycloak 26.7.3 has no workflow event `user-crated`; did you mean `user-created`? [unknown-to-server]
  on realm.json:6:7, in REALM/workflows/leave, on

Correct the name. If an extension or a feature of the server brings it, install or
enable that first. The server has: client-authenticated, client-created,
user-authenticated, user-created, user-federated-identity-added,
user-federated-identity-removed, user-group-membership-added,
user-group-membership-removed, user-role-granted, user-role-revoked.

Error: Keycloak 26.7.3 has no workflow step `disable-users`; did you mean `disable-user`? [unknown-to-server]
  on realm.json:7:7, in REALM/workflows/leave, steps

Correct the name. If an extension or a feature of the server brings it, install or
enable that first. The server has: add-required-action, delete-client, delete-user,
disable-client, disable-user, grant-role, join-group, leave-group, notify-user,
remove-required-action, remove-user-attribute, restart, revoke-role, set-user-attribute,
unlink-user.

Error: Keycloak 26.7.3 has no workflow condition `has-rule`; did you mean `has-role`? [unknown-to-server]
  on realm.json:12:7, in REALM/workflows/leave, if

Correct the name. If an extension or a feature of the server brings it, install or
enable that first. The server has: has-identity-provider-link, has-role,
has-user-attribute, is-member-of.

""")


EXPORTED: Json = {
    "id": "51b7f349-9748-42cc-9e75-92c2c74bd7b8",
    "providerId": "default",
    "subComponents": {
        "org.keycloak.models.workflow.WorkflowStepProvider": [
            {
                "id": "1e6bfae6-daa6-4af6-b364-24c529b06c36",
                "providerId": "notify-user",
                "config": {"after": ["3d"], "priority": ["2"]},
            },
            {
                "id": "71d77990-85d6-4926-9c6f-29282aec9f06",
                "providerId": "set-user-attribute",
                "config": {"a": ["c", "b"], "d": ["true"], "priority": ["1"]},
            },
        ]
    },
    "config": {
        "schedule.batch-size": ["50"],
        "schedule.after": ["1d"],
        "name": ["full"],
        "supports": ["USERS"],
        "cancel-in-progress": ["true"],
        "conditions": ["is-member-of(/g)"],
        "enabled": ["false"],
        "on": ["user-authenticated"],
    },
}
"""As `kc.sh export` of 26.7.3 has a workflow."""


def test_an_export_of_the_server_has_them_as_components(world: World) -> None:
    world.declare(components={"org.keycloak.models.workflow.WorkflowProvider": [EXPORTED]})
    world.apply()
    world.is_settled()
    (there,) = found(world)
    assert {key: value for key, value in there.items() if key != "id"} == {
        "name": "full",
        "enabled": False,
        "on": "user-authenticated",
        "if": "is-member-of(/g)",
        "schedule": {"after": "1d", "batch-size": 50},
        "concurrency": {"cancel-in-progress": "true"},
        "steps": [
            {
                "uses": "set-user-attribute",
                "with": {"a": there["steps"][0]["with"]["a"], "d": True},
            },
            {"uses": "notify-user", "after": "3d"},
        ],
    }
    # One that the console makes has nothing but ids.
    exported = world.export()
    world.file.write_text(json.dumps({**exported, "realm": world.realm}))
    validated = world.kcplan("validate", world.file).stderr
    assert "not what it does: it is left out [workflow-left-out]" in validated


def test_on_is_a_key_in_yaml(tmp_path: Any, run_offline: Run) -> None:
    text = "realm: r\nworkflows:\n- name: w\n  on: user-created\n  steps:\n  - uses: disable-user\n"
    (tmp_path / "r.yaml").write_text(text)
    assert run_offline("validate", "r.yaml").stderr == ""


def test_a_workflow_of_a_file_is_found_by_its_own_name_only(world: World) -> None:
    """A search for a name finds others that begin like it, or are written in other letters."""
    world.declare(workflows=[flow("a"), flow("A"), flow("ab")])
    world.apply()
    world.is_settled()
    assert [item["name"] for item in found(world)] in (["A", "a", "ab"], ["a", "A", "ab"])
