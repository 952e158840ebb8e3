"""An account that may only view plans the same as an administrator, and can change nothing."""

import json

import pytest

from support.importing import account
from support.readers import sign_in
from support.world import World

VIEW = (
    "view-realm",
    "view-clients",
    "view-users",
    "view-authorization",
    "view-identity-providers",
)


def declare(world: World, *, changed: bool) -> None:
    """A realm with something of every type; `changed` differs in something of every type."""
    text = "two" if changed else "one"
    world.declare(
        enabled=True,
        displayName=text,
        identityProviders=[
            {
                "alias": "idp",
                "providerId": "oidc",
                "displayName": text,
                "config": {
                    "clientId": text,
                    "clientSecret": "secret-of-the-provider",
                    "tokenUrl": "https://a/t",
                    "authorizationUrl": "https://a/a",
                },
            }
        ],
        roles={
            "realm": [
                {"name": "r", "description": text, "attributes": {"x": [text]}},
                {"name": "all", "composites": {"client": {"a": ["reader"]}}},
            ],
            "client": {"a": [{"name": "reader", "description": text}]},
        },
        clients=[
            {
                "clientId": "a",
                "secret": f"secret-of-the-client-{text}",
                "serviceAccountsEnabled": True,
                "authorizationServicesEnabled": True,
                "attributes": {"x": text},
                "authorizationSettings": {
                    "scopes": [{"name": "s", "displayName": text}],
                    "resources": [{"name": "res", "displayName": text, "scopes": [{"name": "s"}]}],
                    "policies": [
                        {
                            "name": "p",
                            "type": "role",
                            "description": text,
                            "config": {"roles": [{"id": "r", "required": changed}]},
                        },
                        {
                            "name": "may",
                            "type": "scope",
                            "config": {"scopes": ["s"], "applyPolicies": ["p"]},
                        },
                    ],
                },
            }
        ],
        users=[
            {
                "serviceAccountClientId": "a",
                "realmRoles": ["r"] if changed else [],
                "attributes": {"x": [text]},
            }
        ],
    )


def test_a_reader_sees_the_same_plan_and_drift_as_an_administrator(world: World) -> None:
    declare(world, changed=False)
    world.apply()
    reader = sign_in(world, VIEW)
    world.edit_client("a", description="by hand", attributes={"x": "by hand"})
    declare(world, changed=True)

    ours = world.plan("--detailed-exitcode", exit_code=2).document
    theirs = world.plan("--detailed-exitcode", exit_code=2, env=reader).document

    assert ours["server"].pop("version") is not None
    assert theirs["server"].pop("version") is None
    assert theirs == ours
    assert len(ours["resource_changes"]) == 12
    assert world.refresh(env=reader).document == world.refresh().document
    ours = world.refresh("--unmanaged").document
    theirs = world.refresh("--unmanaged", env=reader).document
    # Workflows are shown to those only who may do anything.
    [note] = [item for item in theirs["diagnostics"] if item["code"] == "not-compared"]
    theirs["diagnostics"].remove(note)
    assert theirs == ours


def test_a_reader_sees_that_nothing_is_to_be_done(world: World) -> None:
    declare(world, changed=False)
    world.apply()
    reader = sign_in(world, VIEW)
    assert world.plan("--detailed-exitcode", env=reader).actions == {}
    assert world.refresh("--detailed-exitcode", env=reader).drift == {}


def test_a_plan_that_a_reader_saved_is_applied_by_an_administrator(world: World) -> None:
    declare(world, changed=False)
    world.apply()
    reader = sign_in(world, VIEW)
    declare(world, changed=True)
    world.plan("--out", "the.kcplan", env=reader)
    world.kcplan("apply", "the.kcplan")
    world.is_settled()


def test_an_apply_by_a_reader_changes_nothing(world: World) -> None:
    declare(world, changed=False)
    world.apply()
    reader = sign_in(world, VIEW)
    declare(world, changed=True)
    before = world.export()
    state = world.state_file.read_bytes()

    result = world.apply(exit_code=3, env=reader)

    assert "the account has no right to PUT" in result.stderr
    assert "manage-clients" in result.stderr
    assert "Every completed step was rolled back" in result.stderr
    assert world.export() == before
    assert world.state_file.read_bytes() == state
    assert not list(world.folder.glob("*.journal*"))


@pytest.mark.parametrize("missing", VIEW)
def test_a_reader_with_too_few_rights_is_told_which(world: World, missing: str) -> None:
    declare(world, changed=False)
    world.apply()
    # view-authorization lets a reader see clients, and view-users is what sees accounts.
    rights = [role for role in VIEW if role != missing]
    reader = sign_in(world, rights)

    result = world.kcplan("plan", world.file, exit_code=None, env=reader)

    if result.exit_code == 0:
        # Another of the rights includes it: then nothing may be missing in what is seen.
        assert "No changes" in result.stdout
        return
    assert missing in result.stderr
    assert result.stderr.count("Error:") == 1
    assert result.stdout == ""


def test_a_reader_without_any_right_gets_one_message(inhabited: World) -> None:
    reader = sign_in(inhabited, [])
    inhabited.declare(displayName="x")
    result = inhabited.kcplan("plan", inhabited.file, exit_code=1, env=reader)
    assert "view-realm" in result.stderr
    assert result.stderr.count("Error:") == 1


def test_a_reader_gets_the_version_from_the_settings(world: World) -> None:
    declare(world, changed=False)
    world.apply()
    reader = sign_in(world, VIEW)
    world.settings('[keycloak]\nversion = "26.7.3"\n')
    document = json.loads(world.kcplan("plan", world.file, "--format", "json", env=reader).stdout)
    assert document["server"]["version"] is None


def test_what_is_left_out_of_lists_is_not_missing(inhabited: World) -> None:
    """An account that may only look for clients, users and groups is given lists without them."""
    world = inhabited
    roles = ("view-realm", "query-clients", "query-groups", "query-users")
    sections: dict[str, list[dict[str, object]]] = {
        "clients": [{"clientId": "shop"}],
        "groups": [{"name": "staff"}],
        "users": [{"username": "joan", "enabled": True}],
    }
    for section, objects in sections.items():
        world.admin.post(world.path(section), json=objects[0])
    rights = account(world, *roles)
    for section, objects in sections.items():
        world.declare(**{section: objects})
        for command in (["plan", world.file], ["apply", world.file, "--auto-approve"]):
            told = world.kcplan(*command, exit_code=1, env=rights)
            text = (
                f"Error: the account has no right to see the {section} of the realm {world.realm}"
            )
            assert told.stderr.startswith(text), told.stderr
    refused = world.kcplan("import", world.realm, exit_code=1, env=rights)
    assert refused.stderr.startswith("Error: the account has no right to ")
    world.declare(**sections)
    world.apply()
    world.admin.delete(world.path("clients", str(world.admin.client_id(world.realm, "shop"))))
    assert world.kcplan("refresh", exit_code=1, env=rights).stderr.startswith(
        "Error: the account has no right to see the clients"
    )
