"""Admin permissions as files say them, and as an export does: the same objects. Values only."""

from typing import Any

import pytest

from kcplan_keycloak.admin_permissions import schema_of
from kcplan_keycloak.admin_sections import gather, scatter

Json = dict[str, Any]

POLICIES: list[Json] = [
    {"name": "desk", "roles": ["helpdesk", "orders/clerk"]},
    {"name": "both", "roles": [{"id": "helpdesk", "required": True}]},
    {"name": "shift", "groups": ["/staff/day"], "logic": "NEGATIVE"},
    {"name": "below", "groups": [{"path": "/staff", "extendChildren": True}]},
    {"name": "anna", "users": ["anna"], "description": "herself"},
    {"name": "tools", "clients": ["cli"]},
    {"name": "hours", "time": {"hour": "8", "hourEnd": "17"}},
    {"name": "any", "policies": ["desk", "anna"], "decisionStrategy": "AFFIRMATIVE"},
    {"name": "fetched", "type": "role", "config": {"roles": [{"id": "a"}], "fetchRoles": "true"}},
    {"name": "claim", "type": "regex", "config": {"targetClaim": "a", "pattern": "b"}},
]
PERMISSIONS: list[Json] = [
    {"name": "all", "resourceType": "Users", "scopes": ["view"], "policies": ["desk"]},
    {"name": "some", "resourceType": "Clients", "resources": ["cli"], "scopes": ["manage"]},
]


def permissions(**lists: Any) -> Json:
    return {"permissions": lists}


def test_what_is_gathered_is_written_as_it_was_said() -> None:
    document = permissions(adminPolicies=POLICIES, admin=PERMISSIONS)
    assert scatter(gather(document).data) == document


def test_a_policy_in_a_permission_is_one_beside_it_and_counts_once() -> None:
    desk, anna = POLICIES[0], {"name": "anna", "users": ["anna"]}
    inside = [{**PERMISSIONS[0], "policies": [item, anna]} for item in (desk, "desk")]
    found = gather(permissions(admin=inside))
    named = [{**PERMISSIONS[0], "policies": ["desk", "anna"]}] * 2
    assert scatter(found.data) == permissions(adminPolicies=[desk, anna], admin=named)
    place = ("permissions", "adminPolicies", 1, "config", "users")
    assert found.moved[place] == ("permissions", "admin", 0, "policies", 1, "users")


def test_a_group_has_a_slash_before_it_in_either_form() -> None:
    for group in ("staff", {"path": "staff"}, {"path": "/staff", "extendChildren": False}):
        found = gather(permissions(adminPolicies=[{"name": "a", "groups": [group]}])).data
        config = found["permissions"]["adminPolicies"][0]["config"]
        assert config == {"groups": [{"path": "/staff", "extendChildren": False}]}
    written: Json = {"name": "a", "type": "group", "config": {"groups": [{"path": "staff"}, 5]}}
    found = gather(permissions(adminPolicies=[written])).data["permissions"]["adminPolicies"][0]
    assert found["config"] == {"groups": [{"path": "/staff"}, 5]}


def test_other_documents_stay_as_they_are() -> None:
    others: list[Json] = [{}, {"permissions": 5}, {"permissions": {"tokenExchange": []}}]
    assert [gather(document).data for document in others] == others
    assert [scatter(document) for document in others] == others


@pytest.mark.parametrize(
    "section",
    [
        {"admin": 5},
        {"adminPolicies": "x"},
        {"admin": [5], "adminPolicies": [5]},
        {"admin": [{"resourceType": 5, "policies": 5, "resources": 5}]},
        {"admin": [{"resourceType": "Clients", "policies": [5], "resources": {"a": 1}}]},
        {"adminPolicies": [{"name": "a", "roles": 5}, {"name": "b", "time": 5}]},
        {"adminPolicies": [{"name": "a", "roles": [5, {"x": 1}], "groups": None}]},
    ],
)
def test_whatever_stands_there_ends_nothing(section: Json) -> None:
    gather({"permissions": section})


def exported(*policies: Json, **more: Any) -> Json:
    client = {"clientId": "admin-permissions", "authorizationSettings": {"policies": [*policies]}}
    return {"clients": [{"clientId": "cli", "id": "11"}, client], **more}


def of_export(kind: str, *ids: str) -> Json:
    quoted = ",".join(f'"{item}"' for item in ids)
    config = {"defaultResourceType": kind, "resources": f"[{quoted}]", "scopes": '["view"]'}
    config["applyPolicies"] = '["desk"]'
    return {"name": kind, "type": "scope", "logic": "POSITIVE", "config": config}


def test_a_list_that_is_nested_without_an_end_is_no_list() -> None:
    permission = of_export("Clients")
    permission["config"]["resources"] = "[" * 100_000
    assert [item.summary for item in gather(exported(permission)).unsound] == [
        "`resources` must be a list"
    ]


def test_a_scope_that_is_no_text_is_passed_over() -> None:
    types = {"Clients": {"scopes": ["view", {"name": "manage"}]}, "Users": {"scopes": 5}}
    assert schema_of({"authorizationSchema": {"resourceTypes": types}}) == {"Clients": ["view"]}


def test_an_export_names_objects_by_ids_that_it_has() -> None:
    group = {"id": "44", "name": "day", "path": "/staff/day"}
    document = exported(
        of_export("Clients", "Clients"),
        of_export("Users", "22"),
        of_export("Groups", "33", "44"),
        of_export("Roles", "55", "66"),
        of_export("Organizations", "77"),
        users=[{"id": "22", "username": "anna"}],
        groups=[{"id": "33", "name": "staff", "subGroups": [group]}],
        roles={
            "realm": [{"id": "55", "name": "helpdesk"}],
            "client": {"cli": [{"id": "66", "name": "clerk"}]},
        },
        organizations=[{"id": "77", "alias": "acme"}],
    )
    found = gather(document)
    assert found.unsound == ()
    written = scatter(found.data)["permissions"]["admin"]
    assert [(item["resourceType"], item.get("resources")) for item in written] == [
        ("Clients", None),
        ("Users", ["anna"]),
        ("Groups", ["/staff", "/staff/day"]),
        ("Roles", ["helpdesk", "cli/clerk"]),
        ("Organizations", ["acme"]),
    ]
    assert "authorizationSettings" not in found.data["clients"][1]


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (of_export("Clients", "99"), "an object with the id 99, which the file does not have"),
        ({"name": "p", "type": "scope", "config": {"scopes": "[view"}}, "`scopes` must be a list"),
        ({"name": "p", "type": "scope", "config": {"scopes": "5"}}, "`scopes` must be a list"),
        ({"name": "p", "type": "scope"}, "has no `resourceType`"),
    ],
)
def test_what_an_export_does_not_tell_is_said(policy: Json, said: str) -> None:
    found = gather(exported(policy))
    assert [said in item.summary for item in found.unsound] == [True]
