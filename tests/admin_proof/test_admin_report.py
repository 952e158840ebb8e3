"""What `kcplan verify` says of admin permissions, in each format."""

import json
from xml.etree import ElementTree as ET

from inline_snapshot import snapshot

from kcplan.views.pieces import Err
from kcplan_keycloak.admin_proof.attempts import Attempt, Reason
from kcplan_keycloak.admin_proof.conditions import Kind, Trait
from kcplan_keycloak.admin_proof.declaration import permissions_of
from kcplan_keycloak.admin_proof.verdicts import Verdict
from kcplan_keycloak.token_exchange.attempts import Outcome
from kcplan_keycloak.token_exchange.report import Proof, document, junit, markdown, text, view
from kcplan_keycloak.token_exchange.verifying import Verification
from support.admin_permissions import by_address, permission, role

(HELPDESK,) = permissions_of(
    by_address(
        role("support", "support"),
        permission("helpdesk", "Users", ["view", "manage"], ["support"], ("alice",)),
    )
)
SUPPORT = frozenset({Trait(Kind.ROLE, "support")})
PROOF = Proof(
    Verification(()),
    (
        Verdict(Attempt(HELPDESK, SUPPORT, "alice", "view"), Outcome.PASSED),
        Verdict(Attempt(HELPDESK, SUPPORT, "alice", "manage"), Outcome.PASSED),
        Verdict(Attempt(HELPDESK, frozenset(), "alice", "view", Reason.CALLER), Outcome.PASSED),
        Verdict(
            Attempt(HELPDESK, SUPPORT, None, "view", Reason.OBJECT),
            Outcome.FAILED,
            ("Keycloak allowed it.",),
            "Look again.",
        ),
        Verdict(
            Attempt(HELPDESK, SUPPORT, "alice", "impersonate", Reason.SCOPE),
            Outcome.UNPROVEN,
            ("Keycloak answered 404 Not Found.",),
        ),
    ),
)


def test_scopes_that_went_the_same_way_are_one_line() -> None:
    assert text(PROOF) == snapshot("""\
RESULT    PERMISSION  WHO           MAY           WHOM OR WHAT
passed    helpdesk    role support  view, manage  user alice
passed    helpdesk    anybody else  view          user alice    must be refused
failed    helpdesk    role support  view          another user  must be refused
unproven  helpdesk    role support  impersonate   user alice    must be refused

shop: role support must not view another user (helpdesk): failed
  Keycloak allowed it.
  Look again.

shop: role support must not impersonate user alice (helpdesk): unproven
  Keycloak answered 404 Not Found.

5 requests for 1 admin permission: 3 passed, 1 failed, 1 unproven.
""")


def test_a_pull_request_gets_a_table() -> None:
    assert markdown(PROOF) == snapshot("""\
| result | permission | who | may | whom or what | |
|---|---|---|---|---|---|
| passed | `helpdesk` | `role support` | `view, manage` | `user alice` |  |
| passed | `helpdesk` | `anybody else` | `view` | `user alice` | must be refused |
| failed | `helpdesk` | `role support` | `view` | `another user` | must be refused Keycloak allowed it. Look again. |
| unproven | `helpdesk` | `role support` | `impersonate` | `user alice` | must be refused Keycloak answered 404 Not Found. |

5 requests for 1 admin permission: 3 passed, 1 failed, 1 unproven.
""")


def test_programs_get_an_entry_for_each_request() -> None:
    found = document(PROOF)
    assert found["summary"] == {"passed": 3, "failed": 1, "unproven": 1}
    assert [item["reason"] for item in found["adminPermissions"]] == [
        "declared",
        "declared",
        "other-caller",
        "other-object",
        "other-scope",
    ]
    assert json.dumps(found["adminPermissions"][3], indent=2) == snapshot("""\
{
  "realm": "shop",
  "permission": "helpdesk",
  "caller": [
    {
      "kind": "role",
      "name": "support"
    }
  ],
  "resourceType": "Users",
  "resource": null,
  "scope": "view",
  "reason": "other-object",
  "allowed": false,
  "outcome": "failed",
  "problems": [
    "Keycloak allowed it."
  ],
  "code": null,
  "advice": "Look again."
}\
""")


def test_a_test_report_has_a_case_for_each_line() -> None:
    suite = ET.fromstring(junit(PROOF))  # noqa: S314
    assert dict(suite.attrib) == snapshot(
        {"name": "kcplan verify", "tests": "4", "failures": "1", "errors": "1"}
    )
    assert [case.attrib["name"] for case in suite] == snapshot(
        [
            "shop: role support may view, manage user alice (helpdesk)",
            "shop: anybody else must not view user alice (helpdesk)",
            "shop: role support must not view another user (helpdesk)",
            "shop: role support must not impersonate user alice (helpdesk)",
        ]
    )


def test_what_takes_a_sandbox_is_said_to_be_skipped() -> None:
    pieces = list(view("text")(Proof(Verification(()), untried=2)))
    assert [piece.text for piece in pieces if isinstance(piece, Err)] == snapshot(
        ["Skipped: 2 admin permissions. Trying them takes throw-away users: use `--sandbox`.\n"]
    )


def test_what_is_not_proven_is_no_success() -> None:
    assert not PROOF.passed
