import json
from typing import Any

from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.diagnostics import Source, error, warning
from kcplan.drift import Drift
from kcplan.plan import Action, ChangeOrigin, Operation, Step
from kcplan.render.json import (
    plan_document,
    refresh_document,
    resource_document,
    state_document,
    validate_document,
)
from kcplan.secret import Origin, Secret
from kcplan.state import Digest, ResourceState, ServerIdentity, State
from support.sample_plans import change, field, plan, update


def keys(document: dict[str, Any]) -> list[str]:
    return list(document)


def only(document: dict[str, Any]) -> dict[str, Any]:
    """The one resource change of a plan's document."""
    [found] = document["resource_changes"]
    return dict(found)


def test_the_keys_of_a_plan() -> None:
    document = plan_document(plan(update(field("name", "a", "b"))))
    assert keys(document) == snapshot(
        [
            "format_version",
            "kcplan_version",
            "environment",
            "server",
            "state",
            "summary",
            "errored",
            "risks",
            "resource_changes",
            "drift",
            "outside",
            "diagnostics",
        ]
    )
    assert document["server"] == {"url": "https://sso.example", "version": "26.7.3"}
    assert document["state"] == {"lineage": "5d1f6f0a-6a0e-4a57-9c0e-0e6f0f9f6a11", "serial": 7}
    assert document["summary"] == snapshot(
        {
            "create": 0,
            "update": 1,
            "replace": 0,
            "delete": 0,
            "adopt": 0,
            "release": 0,
            "move": 0,
            "noop": 0,
        }
    )


def test_an_updated_client() -> None:
    changed = update(
        field(("attributes", "access.token.lifespan"), "60", "300", ChangeOrigin.BOTH),
        field("secret", Secret("old"), Secret("new", Origin("literal", "")), sensitive=True),
        before={
            ("attributes", "access.token.lifespan"): "60",
            ("secret",): Secret("old"),
            ("description",): None,
        },
        after={
            ("attributes",): {},
            ("attributes", "access.token.lifespan"): "300",
            ("secret",): Secret("new"),
        },
        left=(("baseUrl",),),
        notes=("It goes.",),
    )
    assert only(plan_document(plan(changed))) == snapshot(
        {
            "address": "shop/clients/web",
            "type": "client",
            "action": "update",
            "previous_address": None,
            "before": {
                "secret": None,
                "description": None,
                "attributes": {"access.token.lifespan": "60"},
            },
            "after": {"attributes": {"access.token.lifespan": "300"}, "secret": None},
            "before_sensitive": {"secret": True},
            "after_sensitive": {"secret": True},
            "after_unknown": {},
            "changes": [
                {
                    "path": ["attributes", "access.token.lifespan"],
                    "before": "60",
                    "after": "300",
                    "sensitive": False,
                    "origin": "both",
                    "because": "",
                    "forces_replacement": False,
                },
                {
                    "path": ["secret"],
                    "before": None,
                    "after": None,
                    "sensitive": True,
                    "origin": "config",
                    "because": "",
                    "forces_replacement": False,
                },
            ],
            "reason": "",
            "notes": ["It goes."],
            "left": [["baseUrl"]],
        }
    )


def test_a_created_object_has_no_before_and_a_deleted_one_no_after() -> None:
    created = change(
        Action.CREATE, "shop/roles/a", kind="role", before={("a",): 1}, after={("a",): 1}
    )
    deleted = change(
        Action.DELETE, "shop/roles/a", kind="role", before={("a",): 1}, after={("a",): 1}
    )
    assert only(plan_document(plan(created)))["before"] is None
    assert only(plan_document(plan(created)))["after"] == {"a": 1}
    assert only(plan_document(plan(deleted)))["before"] == {"a": 1}
    assert only(plan_document(plan(deleted)))["after"] is None


def test_an_id_that_keycloak_chooses_is_unknown() -> None:
    created = change(Action.CREATE, "shop/roles/reader", kind="role", after={})
    chosen = Step("create shop/roles/reader", Operation.CREATE, created.address, "role", "17")
    left_open = Step("create shop/roles/reader", Operation.CREATE, created.address, "role")
    known = only(plan_document(plan(created, steps=(chosen,))))
    unknown = only(plan_document(plan(created, steps=(left_open,))))
    assert (known["after_unknown"], unknown["after_unknown"]) == ({}, {"id": True})


def test_a_rename_names_the_old_address() -> None:
    moved = change(Action.MOVE, "shop/roles/b", moved_from=Address.parse("shop/roles/a"))
    assert only(plan_document(plan(moved)))["previous_address"] == "shop/roles/a"


def test_what_is_sensitive_is_null_everywhere() -> None:
    changed = update(
        field("plain", "old", "new", sensitive=True),
        field("nested", None, {"a": [Secret("s")]}),
        after={("plain",): "new", ("nested",): {"a": [Secret("s")]}},
    )
    document = only(plan_document(plan(changed)))
    assert document["after"] == {"plain": None, "nested": None}
    assert document["after_sensitive"] == {"plain": True, "nested": True}
    assert [(item["before"], item["after"], item["sensitive"]) for item in document["changes"]] == [
        (None, None, True),
        (None, None, True),
    ]


def test_every_document_is_json() -> None:
    made = plan(update(field("config", {"a": [1, None]}, {"a": True}), after={("x", "y"): [{}]}))
    assert json.loads(json.dumps(plan_document(made))) == plan_document(made)


def test_validation() -> None:
    found = [
        error(
            "unknown-reference",
            "there is no role",
            "Declare it.",
            address=Address.parse("shop/clients/web"),
            path=("attributes", "a.b"),
            source=Source("shop.toml", 3, path=("clients", "0")),
        )
    ]
    assert validate_document(found) == snapshot(
        {
            "valid": False,
            "risks": [],
            "diagnostics": [
                {
                    "severity": "error",
                    "code": "unknown-reference",
                    "summary": "there is no role",
                    "detail": "Declare it.",
                    "address": "shop/clients/web",
                    "path": ["attributes", "a.b"],
                    "source": {
                        "file": "shop.toml",
                        "path": ["clients", "0"],
                        "line": 3,
                        "column": None,
                    },
                }
            ],
        }
    )
    assert validate_document([warning("weak-secret", "short")])["valid"] is True


def test_refresh() -> None:
    drifted = update(field("name", "a", "b", ChangeOrigin.DRIFT))
    appeared = change(Action.CREATE, "shop/roles/x", kind="role", after={("description",): "x"})
    outside = update(field("redirectUris", [], ["*"], ChangeOrigin.DRIFT))
    said = (warning("weak-secret", "short"),)
    found = Drift((drifted,), (outside,), (appeared,), diagnostics=said)
    document = refresh_document(found)
    assert keys(document) == [
        "environment",
        "risks",
        "drift",
        "outside",
        "unmanaged",
        "summary",
        "diagnostics",
    ]
    assert document["outside"][0]["changes"][0]["after"] == ["*"]
    assert plan_document(plan(outside=(outside,)))["outside"] == document["outside"]
    assert document["drift"][0]["changes"][0]["origin"] == "drift"
    assert document["unmanaged"][0]["address"] == "shop/roles/x"
    assert document["summary"]["update"] == 1


def test_the_state() -> None:
    web = ResourceState(
        Address.parse("shop/clients/web"),
        "client",
        "17",
        depends_on=(Address.parse("shop"),),
        managed={("attributes", "a.b"): "1"},
        observed={("attributes", "a.b"): "1", ("name",): "Web"},
        owned=(("attributes", "a.b"),),
        secrets={("secret",): Digest("hmac-sha256", "00ff")},
    )
    state = State("lineage", 3, ServerIdentity("https://sso.example"), {web.address: web})
    assert state_document(state)["resources"] == snapshot(
        [
            {
                "address": "shop/clients/web",
                "type": "client",
                "id": "17",
                "depends_on": ["shop"],
                "managed": {"attributes": {"a.b": "1"}},
                "observed": {"name": "Web", "attributes": {"a.b": "1"}},
                "owned": [["attributes", "a.b"]],
                "secrets": [["secret"]],
                "adopted": False,
            }
        ]
    )
    assert state_document(state)["serial"] == 3


def test_the_state_of_a_client_whose_account_had_roles() -> None:
    granted = {("clientRoles", "orders"): ["read"], ("groups", "/staff", "realmRoles"): ["audit"]}
    web = ResourceState(Address.parse("shop/clients/web"), "client", "17", granted=granted)
    assert resource_document(web)["granted"] == {
        "clientRoles": {"orders": ["read"]},
        "groups": {"/staff": {"realmRoles": ["audit"]}},
    }
