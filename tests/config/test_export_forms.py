"""What only exports have: paths, data and components in another form than files have them."""

import json
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.config.load import load_text
from kcplan.config.model import Config
from kcplan.errors import ConfigError
from kcplan_keycloak import component_sections
from kcplan_keycloak.resources import registry
from kcplan_keycloak.resources.group import PLAIN_GROUP_PATH
from kcplan_keycloak.resources.role import SPEC as ROLE

REGISTRY = registry()
KEYS = "org.keycloak.keys.KeyProvider"
WORKFLOWS = "org.keycloak.models.workflow.WorkflowProvider"
STEPS = "org.keycloak.models.workflow.WorkflowStepProvider"


def of_json(**sections: Any) -> Config:
    text = json.dumps({"realm": "r", **sections}, indent=1)
    return load_text(Path("r.json"), text, REGISTRY, {})


def said(config: Config) -> str:
    return "\n".join(
        f"{item.severity} {item.code} {item.source}\n  {item.summary}\n{item.detail}"
        for item in config.diagnostics
    )


def leaf(config: Config, address: str, *path: str) -> Any:
    return config.resources[Address.parse(f"r/{address}")].leaves[path]


# -- groups with a slash in their names --------------------------------------------------------


def policy(*paths: str) -> dict[str, Any]:
    text = json.dumps([{"path": path, "extendChildren": False} for path in paths])
    policies = [{"name": "p", "type": "group", "config": {"groups": text}}]
    account = {"serviceAccountsEnabled": True, "authorizationServicesEnabled": True}
    return {"clientId": "c", **account, "authorizationSettings": {"policies": policies}}


def test_a_path_of_a_group_with_a_slash_in_its_name_is_understood() -> None:
    config = of_json(
        groups=[{"name": "arts/crafts", "subGroups": [{"name": "wood"}]}, {"name": "staff"}],
        defaultGroups=["/arts/crafts", "/staff"],
        users=[{"username": "anna", "groups": ["/staff", "/arts/crafts/wood", "/arts/crafts"]}],
        clients=[policy("/arts/crafts/wood")],
    )
    assert config.resources[Address.of("r")].leaves["defaultGroups",] == [
        "/arts~/crafts",
        "/staff",
    ]
    assert leaf(config, "users/anna", "groups") == ["/arts~/crafts", "/arts~/crafts/wood", "/staff"]
    found = config.resources[Address.parse("r/clients/c/authorization/policies/p")].leaves
    assert found["config", "groups", "/arts~/crafts/wood", "extendChildren"] is False
    assert said(config) == snapshot("""\
note rewritten-value r.json:17:3
  the group `/arts/crafts` is taken as `/arts~/crafts`
The file has this group, with a `/` in its name. An export does not tell it from one between names.
note rewritten-value r.json:25:5
  the group `/arts/crafts/wood` is taken as `/arts~/crafts/wood`
The file has this group, with a `/` in its name. An export does not tell it from one between names.\
""")


def test_a_path_that_may_be_of_two_groups_stays_as_it_is() -> None:
    groups = [{"name": "a/b"}, {"name": "a", "subGroups": [{"name": "b"}]}]
    config = of_json(groups=groups, defaultGroups=["/a/b"])
    assert config.resources[Address.of("r")].leaves["defaultGroups",] == ["/a/b"]
    assert said(config) == ""


def test_a_path_that_a_mapper_keeps_may_be_of_any_group_that_reads_so() -> None:
    read = PLAIN_GROUP_PATH.read(Address.of("r", "identity-providers", "i"), "/a/b/c")
    assert list(map(str, read)) == snapshot(
        ["r/groups/a/b/c", "r/groups/a/b%2Fc", "r/groups/a%2Fb/c", "r/groups/a%2Fb%2Fc"]
    )
    assert PLAIN_GROUP_PATH.write(Address.of("r", "groups", "a/b", "c")) == "/a/b/c"


# -- users of a user federation ----------------------------------------------------------------


def test_users_of_a_user_federation_are_left_out() -> None:
    brought = [{"username": f"u{n}", "federationLink": "x"} for n in range(5)]
    own = {"username": "anna", "requiredActions": ["terms_and_conditions"]}
    config = of_json(users=[*brought, own], federatedUsers=[{"id": "f:1:2", "groups": ["/a"]}])
    assert [str(address) for address in config.resources] == ["r", "r/users/anna"]
    assert said(config) == snapshot("""\
note ignored-field r.json
  fields that are not configuration are left out: federatedUsers
Keycloak computes them itself; an export has them. Nothing needs to be done.
note left-out-of-export r.json:4:3
  users who come from a user federation are left out: u0, u1, u2 and 2 more
The federation brings them by itself. Nothing needs to be done.
note rewritten-value r.json:27:5
  requiredActions.0 is taken as `TERMS_AND_CONDITIONS`
That is what Keycloak makes of it.\
""")


def test_data_of_a_service_account_is_left_out() -> None:
    data = {"clientConsents": [{"clientId": "c"}], "federatedIdentities": [{"userId": "1"}]}
    config = of_json(users=[{"serviceAccountClientId": "c", **data}], clients=[{"clientId": "c"}])
    assert said(config) == snapshot("""\
note ignored-field r.json
  fields that are not configuration are left out: clientConsents, federatedIdentities
Keycloak computes them itself; an export has them. Nothing needs to be done.\
""")


# -- components --------------------------------------------------------------------------------


def test_what_a_key_is_used_for_is_left_out_where_its_provider_says_so() -> None:
    config = of_json(
        components={
            KEYS: [
                {"name": "a", "providerId": "rsa-generated", "config": {"keyUse": ["SIG"]}},
                {"name": "b", "providerId": "java-keystore", "config": {"keyUse": ["SIG"]}},
            ]
        }
    )
    found = {str(a): r.leaves for a, r in config.resources.items() if a.name in "ab"}
    assert ("config", "keyUse") not in found["r/components/KeyProvider/a"]
    assert found["r/components/KeyProvider/b"]["config", "keyUse"] == ["SIG"]
    assert said(config) == snapshot("""\
note ignored-field r.json:9:6
  `keyUse` is left out
What such a key is used for follows from its `providerId`: Keycloak writes it into exports, and takes no other. Nothing needs to be done.\
""")


def step(uses: str, priority: int, **config: list[str]) -> dict[str, Any]:
    return {"providerId": uses, "config": {"priority": [str(priority)], **config}}


def test_workflows_among_components_are_the_section_of_workflows() -> None:
    config = {
        "name": ["tidy"],
        "on": ["user-authenticated"],
        "conditions": ["has-role('painter')"],
        "enabled": ["false"],
        "supports": ["USERS"],
        "schedule.after": ["1d"],
        "schedule.batch-size": ["10"],
        "restart-in-progress": ["true"],
    }
    steps = [
        step("disable-user", 2, after=["5d"]),
        step("notify-user", 1, after=["3d"], message=["soon"], custom=["a", "b"]),
    ]
    workflow = {"providerId": "default", "config": config, "subComponents": {STEPS: steps}}
    gathered = component_sections.gather({"realm": "r", "components": {WORKFLOWS: [workflow]}})
    assert gathered.data == snapshot(
        {
            "realm": "r",
            "components": {},
            "workflows": [
                {
                    "name": "tidy",
                    "on": "user-authenticated",
                    "if": "has-role('painter')",
                    "enabled": "false",
                    "schedule": {"after": "1d", "batch-size": "10"},
                    "concurrency": {"restart-in-progress": "true"},
                    "steps": [
                        {
                            "uses": "notify-user",
                            "after": "3d",
                            "with": {"message": ["soon"], "custom": ["a", "b"]},
                        },
                        {"uses": "disable-user", "after": "5d"},
                    ],
                }
            ],
        }
    )
    assert gathered.moved["workflows", 0] == ("components", WORKFLOWS, 0)


def test_workflows_of_a_partial_export_are_left_out() -> None:
    """It has neither their names nor what they do."""
    empty = {"providerId": "default", "config": {}, "subComponents": {STEPS: [step("x", 1)]}}
    config = of_json(components={WORKFLOWS: [empty]})
    assert [str(address) for address in config.resources] == ["r"]
    assert said(config) == snapshot("""\
note workflow-left-out r.json:5:4
  the export has the id of a workflow, and not what it does: it is left out
Exports that the console makes are so. What is in Keycloak stays as it is. `kcplan import` writes workflows into a file, and so does `kc.sh export`.\
""")


def test_a_text_without_brackets_is_as_good_as_one_with() -> None:
    config = of_json(
        components={
            WORKFLOWS: [
                {
                    "config": {"name": "tidy", "on": "user-created", "enabled": False},
                    "subComponents": {
                        STEPS: [
                            {"providerId": "b", "config": {"priority": 2, "message": "soon"}},
                            {"providerId": "a", "config": {"priority": 1, "after": "3d"}},
                        ]
                    },
                }
            ]
        }
    )
    assert said(config) == ""
    assert config.resources[Address.parse("r/workflows/tidy")].leaves == {
        ("on",): "user-created",
        ("enabled",): False,
        ("steps",): [{"uses": "a", "after": "3d"}, {"uses": "b", "with": {"message": "soon"}}],
    }


@pytest.mark.parametrize("steps", [5, True, {"providerId": "x"}, [5, None]])
def test_steps_that_are_none_are_said(steps: Any) -> None:
    workflow = {"config": {"name": ["tidy"]}, "subComponents": {STEPS: steps}}
    with pytest.raises(ConfigError) as caught:
        of_json(components={WORKFLOWS: [workflow]})
    several = isinstance(steps, list)
    summary = f"{'a step' if several else 'the steps'} of a workflow must be a "
    summary += "table" if several else "list"
    found = [(item.code, item.summary) for item in caught.value.diagnostics]
    assert found == [("wrong-type", summary)] * (2 if several else 1)


# -- role scopes of old ------------------------------------------------------------------------


def test_role_scopes_of_a_client_template_are_those_of_the_client_scope() -> None:
    config = of_json(
        clientScopes=[{"name": "t"}],
        scopeMappings=[{"clientTemplate": "t", "roles": ["a"]}],
        roles={"realm": [{"name": "a"}]},
    )
    assert leaf(config, "client-scopes/t", "scopeMappings", "realm") == ["a"]
    assert said(config) == snapshot("")


def test_client_templates_say_what_to_write() -> None:
    with pytest.raises(ConfigError) as caught:
        of_json(clientTemplates=[{"name": "t"}])
    assert [item.detail for item in caught.value.diagnostics] == snapshot(
        ["It belongs to an old Keycloak. Write `clientScopes` instead."]
    )


# -- older versions ----------------------------------------------------------------------------


def test_what_older_versions_wrote_is_understood_or_left_out() -> None:
    """Flows by id, flows with a misspelt key, paths of groups without a slash, data of users."""
    flow = {
        "id": "4f1c",
        "alias": "mine",
        "providerId": "basic-flow",
        "topLevel": True,
        "builtIn": False,
        "authenticationExecutions": [
            {
                "authenticator": "auth-cookie",
                "requirement": "ALTERNATIVE",
                "autheticatorFlow": False,
            }
        ],
    }
    config = of_json(
        requiredCredentials=["password"],
        userManagedAccessAllowed=True,
        groups=[{"name": "staff", "path": "/staff"}],
        defaultGroups=["staff"],
        authenticationFlows=[flow],
        clients=[
            {
                "clientId": "c",
                "clientTemplate": "t",
                "useTemplateScope": False,
                "authenticationFlowBindingOverrides": {"browser": "4f1c", "direct_grant": ""},
            }
        ],
        clientScopes=[{"name": "s"}],
        clientScopeMappings={"c": [{"clientScope": "s", "roles": ["r"]}]},
        users=[
            {
                "username": "anna",
                "clientConsents": [{"clientId": "c", "grantedRealmRoles": ["a"]}],
                "disableableCredentialTypes": ["password"],
                "socialLinks": [],
                "applicationRoles": {},
            }
        ],
    )
    assert leaf(config, "clients/c", "authenticationFlowBindingOverrides", "browser") == "mine"
    assert leaf(config, "client-scopes/s", "scopeMappings", "client", "c") == ["r"]
    assert config.resources[Address.of("r")].leaves["defaultGroups",] == ["/staff"]
    assert said(config) == snapshot("""\
note ignored-field r.json
  fields that are not configuration are left out: clientConsents, disableableCredentialTypes, id, path
Keycloak computes them itself; an export has them. Nothing needs to be done.
note empty-section r.json
  sections that kcplan does not manage are empty, and left out: applicationRoles, socialLinks
What is in Keycloak stays as it is. Nothing needs to be done.
note obsolete-field r.json
  fields that Keycloak no longer keeps are left out: clientTemplate, useTemplateScope
`clientTemplate`: use client scopes.
`useTemplateScope`: use client scopes.
note rewritten-value r.json:14:3
  defaultGroups.0 is taken as `/staff`
That is what Keycloak makes of it.
note rewritten-value r.json:38:5
  authenticationFlowBindingOverrides.browser is taken as `mine`
An export has the id of the flow there.\
""")


# -- the administrator -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "client", "role", "expected"),
    [
        (("master", "roles", "admin"), "shop-realm", "view-users", True),
        (("master", "roles", "admin"), "shop-realm", ["view-users", "manage-users"], True),
        (("master", "roles", "admin"), "shop-realm", "somebody-s", False),
        (("master", "roles", "admin"), "master-realm", "view-users", False),
        (("master", "roles", "admin"), "shop", "view-users", False),
        (("master", "roles", "other"), "shop-realm", "view-users", False),
        (("shop", "roles", "admin"), "shop-realm", "view-users", False),
    ],
)
def test_the_administrator_s_roles_in_other_realms_come_and_go_with_them(
    address: tuple[str, ...], client: str, role: Any, *, expected: bool
) -> None:
    where = ("composites", "client", client)
    assert ROLE.server_made(Address(address), where, role) is expected


# -- users whom admin permissions name ---------------------------------------------------------


def test_users_whom_permissions_name_are_taken_in_lower_case_as_keycloak_keeps_them() -> None:
    desk = {"name": "desk", "users": ["Bob", "service-account-Batch"]}
    allowed = {"resourceType": "Users", "resources": ["ANNA", "carl"], "scopes": ["view"]}
    config = of_json(
        adminPermissionsEnabled=True,
        permissions={"admin": [{"name": "p", **allowed, "policies": [desk]}]},
    )
    leaves = {str(address): resource.leaves for address, resource in config.resources.items()}
    policy, permission = (
        leaves["r/permissions/admin-policies/desk"],
        leaves["r/permissions/admin/p"],
    )
    assert policy["config", "users"] == ["bob", "service-account-Batch"]
    assert permission["resources", "Users"] == ["anna", "carl"]
    assert said(config) == snapshot("""\
note rewritten-value r.json:10:6
  resources.Users.0 is taken as `anna`
That is what Keycloak makes of it.
note rewritten-value r.json:20:8
  config.users.0 is taken as `bob`
That is what Keycloak makes of it.\
""")
