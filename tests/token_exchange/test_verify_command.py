"""`kcplan verify`: what it proves, what it says of failures, and what it never prints."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from inline_snapshot import snapshot

from support.exchanging import PASSWORD, SECRET, Tokens, allow, audience_mapper, permit, service
from support.harness import Result
from support.world import World

PAGE = Path(__file__).parents[2] / "docs" / "verify.md"
FRONTEND = {"clientId": "frontend", "publicClient": True, "directAccessGrantsEnabled": True}
Make = Callable[[], str]


def declare(
    world: World, *entries: dict[str, Any], frontend: dict[str, Any] = FRONTEND, **more: Any
) -> None:
    world.declare(
        enabled=True,
        clients=[frontend, *map(service, "abc")],
        permissions={**permit(*entries), **more.pop("permissions", {})},
        **more,
    )


def verify(world: World, *args: object, exit_code: int = 0, **env: str) -> Result:
    result = world.kcplan("verify", world.file, *args, exit_code=exit_code, env=env)
    for text in (SECRET, PASSWORD, "eyJ"):
        assert text not in result.stdout + result.stderr
    return result


def outcomes(result: Result) -> list[tuple[str, str, str, str]]:
    return [
        (item["requester"], item["subject"], item["audience"], item["outcome"])
        for item in json.loads(result.stdout)["exchanges"]
    ]


def test_declared_exchanges_are_proven(world: World) -> None:
    declare(world, allow("a", ["c"], ["b", "c"]), allow("b", ["a"], ["c"]))
    world.apply()
    assert verify(world).stdout == snapshot("""\
RESULT  REQUESTER  TOKEN OF  AUDIENCE
passed  a          c         b
passed  a          c         c
passed  b          a         c

3 exchanges tried: 3 passed.
""")


def test_a_failure_is_explained_by_the_rule_that_failed(world: World) -> None:
    declare(world, allow("a", ["c"], ["b"]), allow("b", ["a"], ["c"]))
    world.apply()
    at = world.in_client("c", "protocol-mappers", "models")
    world.admin.delete(f"{at}/{world.admin.json(at)[0]['id']}")
    text = verify(world, exit_code=1).stdout.replace(world.realm, "shop")
    assert f"$ kcplan verify\n{text}```" in PAGE.read_text()
    assert text == snapshot("""\
RESULT  REQUESTER  TOKEN OF  AUDIENCE
failed  a          c         b
passed  b          a         c

shop: a exchanges a token of c for b: failed
  Keycloak answered 403 access_denied "Client is not within the token audience".
  The tokens of c do not name a. No audience mapper of c writes a into its access
  tokens. Remove what is declared of such a mapper, so that the permission can make its
  own, and apply. [token-exchange-subject-audience]

2 exchanges tried: 1 passed, 1 failed.
""")


def test_what_is_applied_nowhere_fails(world: World) -> None:
    declare(world)
    world.apply()
    declare(world, allow("a", ["c"], ["b"]))
    document = json.loads(verify(world, "--format", "json", exit_code=1).stdout)
    (exchange,) = document["exchanges"]
    (problem,) = exchange["problems"]
    assert problem.startswith('Keycloak answered 400 invalid_request "Standard token exchange is')
    assert document["summary"] == {"passed": 0, "failed": 1, "unproven": 0}


def test_the_token_of_a_user_is_obtained(world: World, alice: Make) -> None:
    declare(world, allow("a", ["frontend"], ["b"], refreshToken=True))
    world.apply()
    user = alice()
    result = verify(world, "--user", user, "--format", "json", KCPLAN_USER_PASSWORD=PASSWORD)
    assert outcomes(result) == [("a", "frontend", "b", "passed")]
    file = world.folder / "password"
    file.write_text(f"{PASSWORD}\n")
    verify(world, "--user", user, "--user-password-file", file)


def test_a_token_from_a_file_is_exchanged(world: World, alice: Make, tokens: Tokens) -> None:
    declare(world, allow("a", ["frontend"], ["b"]))
    world.apply()
    file = world.folder / "token"
    file.write_text(tokens.of_user("frontend", alice(), secret=None))
    verify(world, "--subject-token-file", file)
    file.write_text("no token")
    assert (
        "holds no usable token" in verify(world, "--subject-token-file", file, exit_code=1).stderr
    )


def test_an_exchange_without_a_token_is_not_proven(world: World) -> None:
    declare(world, allow("a", ["frontend"], ["b"]))
    world.apply()
    text = verify(world, exit_code=1).stdout
    assert text.replace(world.realm, "REALM") == snapshot("""\
RESULT    REQUESTER  TOKEN OF  AUDIENCE
unproven  a          frontend  b

REALM: a exchanges a token of frontend for b: unproven
  frontend obtains no token by itself. Have kcplan try it in a throw-away Keycloak, with
  a user of its own: --sandbox. Or give a token of a user with --subject-token-file, or
  a user with --user where the client has direct access grants.

1 exchange tried: 1 unproven.
""")


def test_what_is_not_declared_must_be_refused(world: World) -> None:
    declare(world, allow("a", ["c"], ["b"]))
    world.apply()
    assert "not declared: must be refused" in verify(world, "--deny").stdout
    at = world.in_client("a", "protocol-mappers", "models")
    world.admin.post(at, json=audience_mapper("by hand", "c"))
    result = verify(world, "--deny", "--format", "json", exit_code=1)
    found = [item for item in outcomes(result) if item[3] != "passed"]
    assert found == [("a", "a", "c", "failed")]


def test_the_verdicts_are_a_junit_report(world: World) -> None:
    declare(world, allow("a", ["c"], ["b"]), allow("b", ["frontend"], ["c"]))
    world.apply()
    suite = ET.fromstring(verify(world, "--format", "junit", exit_code=1).stdout)  # noqa: S314
    assert suite.attrib["tests"] == "2"
    assert [[child.tag for child in case] for case in suite] == [[], ["error"]]


def test_the_verdicts_are_a_markdown_table(world: World) -> None:
    declare(world, allow("a", ["c"], ["b"]))
    world.apply()
    assert verify(world, "--format", "markdown").stdout == snapshot("""\
| result | requester | token of | audience | |
|---|---|---|---|---|
| passed | `a` | `c` | `b` |  |

1 exchange tried: 1 passed.
""")


def test_secrets_that_the_files_do_not_declare_are_read_from_keycloak(world: World) -> None:
    accounts = {"serviceAccountsEnabled": True}
    world.declare(
        enabled=True,
        clients=[{"clientId": name, **accounts} for name in "abc"],
        permissions=permit(allow("a", ["c"], ["b"])),
    )
    world.apply()
    verify(world)


@pytest.mark.own_server
@pytest.mark.long("starts a Keycloak")
def test_everything_is_tried_in_a_sandbox(world: World) -> None:
    """With no server at all: start, apply, verify, stop.

    Users of its own log in, whatever the realm asks of its users.
    """
    declare(
        world,
        allow("a", ["frontend"], ["b"]),
        allow("b", ["a"], ["c"]),
        frontend={**FRONTEND, "directAccessGrantsEnabled": False},
        adminPermissionsEnabled=True,
        roles={"realm": [{"name": "support"}]},
        userProfile={
            "attributes": [
                {
                    "name": "department",
                    "required": {"roles": ["admin", "user"]},
                    "permissions": {"view": ["admin"], "edit": ["admin", "user"]},
                }
            ]
        },
        permissions={
            "admin": [
                {
                    "name": "helpdesk",
                    "resourceType": "Users",
                    "scopes": ["view", "reset-password"],
                    "policies": [{"name": "support", "roles": ["support"]}],
                }
            ]
        },
    )
    result = verify(world, "--sandbox", "--deny", "--format", "json", KCPLAN_URL="")
    assert {item[3] for item in outcomes(result)} == {"passed"}
    permissions = json.loads(result.stdout)["adminPermissions"]
    assert [(i["scope"], i["reason"], i["outcome"]) for i in permissions] == snapshot(
        [
            ("reset-password", "declared", "passed"),
            ("view", "declared", "passed"),
            ("reset-password", "other-caller", "passed"),
            ("view", "other-caller", "passed"),
            ("manage", "other-scope", "passed"),
            ("map-roles", "other-scope", "passed"),
            ("manage-group-membership", "other-scope", "passed"),
            ("impersonate", "other-scope", "passed"),
        ]
    )
    assert not world.state_file.exists()
    assert world.admin.get(world.realm, check=False).status_code == 404


def test_malformed_permissions_are_no_success(world: World) -> None:
    world.declare(permissions=permit({"requester": "a", "audience": ["b"]}))
    assert "unknown field `audience`" in verify(world, exit_code=1).stderr
