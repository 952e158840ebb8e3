"""What exports and older files have in another form than Keycloak keeps, and what is empty."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.config.load import load_text
from kcplan.config.model import Config
from kcplan.diagnostics import Severity
from kcplan.errors import ConfigError
from kcplan.plan import Action
from kcplan_keycloak.resources import registry
from support.planning import entry, plan, there
from support.world import World

REGISTRY = registry()

RESOURCE_SERVER: dict[str, Any] = {
    "clientId": "rs",
    "publicClient": False,
    "serviceAccountsEnabled": True,
    "authorizationServicesEnabled": True,
}

PROVIDER: dict[str, Any] = {
    "alias": "o",
    "providerId": "oidc",
    "config": {"clientId": "x", "authorizationUrl": "https://i/a", "tokenUrl": "https://i/t"},
}


def loaded(file: str, text: str) -> Config:
    return load_text(Path(file), text, REGISTRY, {})


def of_json(**sections: Any) -> Config:
    return loaded("r.json", json.dumps({"realm": "r", **sections}, indent=1))


def said(load: Callable[[], Config]) -> str:
    """What loading says: severity, code, place, summary and detail of each finding."""
    try:
        found = load().diagnostics
    except ConfigError as problem:
        found = problem.diagnostics
    return "\n".join(
        f"{item.severity} {item.code} {item.source}\n  {item.summary}\n{item.detail}"
        for item in found
    )


def leaves(config: Config, *names: str) -> Any:
    return config.resources[Address.of("r", *names)].leaves


# -- empty sections ---------------------------------------------------------------------------


def test_empty_sections_say_nothing() -> None:
    empty = {
        "users": [],
        "groups": [],
        "identityProviderMappers": [],
        "localizationTexts": {},
        "components": {"org.keycloak.keys.KeyProvider": []},
        "defaultRoles": None,
        "privateKey": "",
        "clients": [{"clientId": "a", "defaultRoles": []}],
    }
    assert said(lambda: of_json(**empty)) == snapshot("""\
note empty-section r.json
  sections that kcplan does not manage are empty, and left out: defaultRoles, privateKey
What is in Keycloak stays as it is. Nothing needs to be done.\
""")
    assert leaves(of_json(**empty)) == {}
    assert leaves(of_json(**empty), "clients", "a") == {}


def test_a_section_with_something_in_it_is_an_error() -> None:
    assert said(
        lambda: of_json(protocolMappers=[{}], userFederationMappers={"en": {"a": ""}, "de": {}})
    ) == (
        snapshot("""\
note empty-section r.json
  sections that kcplan does not manage are empty, and left out: userFederationMappers
What is in Keycloak stays as it is. Nothing needs to be done.
error unsupported-section r.json:3:2
  kcplan can't manage `protocolMappers`
Remove it, or use `--ignore-unsupported SECTION`. What exists in Keycloak stays untouched.\
""")
    )


# -- fields of old ----------------------------------------------------------------------------


def test_fields_that_keycloak_no_longer_keeps_are_left_out() -> None:
    provider = {**PROVIDER, "updateProfileFirstLoginMode": "on"}
    client = {"clientId": "a", "useTemplateConfig": False}
    config = of_json(identityProviders=[provider], clients=[client])
    assert said(lambda: config) == snapshot("""\
note obsolete-field r.json
  fields that Keycloak no longer keeps are left out: updateProfileFirstLoginMode, useTemplateConfig
`updateProfileFirstLoginMode`: use the step that reviews the profile in the flow `firstBrokerLoginFlowAlias`.
`useTemplateConfig`: use client scopes.\
""")
    assert leaves(config, "clients", "a") == {}


def test_fields_of_old_change_nothing(world: World) -> None:
    """Keycloak takes them, and the plan after an apply is empty; so it is for an update."""
    for mode in ("on", "missing"):
        world.declare(
            identityProviders=[{**PROVIDER, "updateProfileFirstLoginMode": mode}],
            clients=[{"clientId": "a", "useTemplateConfig": False}],
        )
        world.apply()
        world.is_settled()


# -- words in one spelling --------------------------------------------------------------------


def test_words_are_spelled_as_keycloak_spells_them() -> None:
    settings = {"policyEnforcementMode": "enforcing", "decisionStrategy": "Affirmative"}
    policy = {"name": "p", "type": "role", "logic": "negative", "config": {"roles": "[]"}}
    client = {**RESOURCE_SERVER, "authorizationSettings": {**settings, "policies": [policy]}}
    config = of_json(sslRequired="EXTERNAL", bruteForceStrategy="Linear", clients=[client])
    assert said(lambda: config) == snapshot("""\
note rewritten-value r.json:3:2
  sslRequired is taken as `external`
That is what Keycloak makes of it.
note rewritten-value r.json:4:2
  bruteForceStrategy is taken as `LINEAR`
That is what Keycloak makes of it.
note rewritten-value r.json:12:5
  policyEnforcementMode is taken as `ENFORCING`
That is what Keycloak makes of it.
note rewritten-value r.json:13:5
  decisionStrategy is taken as `AFFIRMATIVE`
That is what Keycloak makes of it.
note rewritten-value r.json:18:7
  logic is taken as `NEGATIVE`
That is what Keycloak makes of it.\
""")
    assert leaves(config) == {("sslRequired",): "external", ("bruteForceStrategy",): "LINEAR"}
    assert leaves(config, "clients", "rs", "authorization") == {
        ("policyEnforcementMode",): "ENFORCING",
        ("decisionStrategy",): "AFFIRMATIVE",
    }


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("r.json", '{"realm": "r",\n "sslRequired": "EXTERNAL"}'),
        ("r.yaml", "realm: r\nsslRequired: EXTERNAL\n"),
        ("r.toml", 'realm = "r"\nsslRequired = "${env:NOT_THERE:-EXTERNAL}"\n'),
    ],
)
def test_one_other_spelling_is_a_note_at_its_place(file: str, text: str) -> None:
    config = loaded(file, text)
    [found] = config.diagnostics
    assert (found.severity, found.code, found.summary) == snapshot(
        (Severity.NOTE, "rewritten-value", "sslRequired is taken as `external`")
    )
    assert found.source is not None
    assert found.source.line == 2
    assert leaves(config) == {("sslRequired",): "external"}


def test_another_word_is_an_error() -> None:
    assert said(lambda: of_json(sslRequired="sometimes", bruteForceStrategy=True)) == snapshot("""\
error wrong-type r.json:3:2
  sslRequired must be one of all, external, none, not the string 'sometimes'

error wrong-type r.json:4:2
  bruteForceStrategy must be one of MULTIPLE, LINEAR, not the boolean true
""")


def test_other_spellings_converge(world: World) -> None:
    for ssl, mode, logic in (
        ("EXTERNAL", "permissive", "negative"),
        ("None", "Disabled", "Positive"),
    ):
        policy = {"name": "p", "type": "role", "logic": logic, "config": {"roles": "[]"}}
        settings = {"policyEnforcementMode": mode, "policies": [policy]}
        client = {**RESOURCE_SERVER, "authorizationSettings": settings}
        world.declare(sslRequired=ssl, bruteForceStrategy="linear", clients=[client])
        world.apply()
        world.is_settled()


# -- resources of authorization ---------------------------------------------------------------


def server(**resource: Any) -> dict[str, Any]:
    settings = {"resources": [{"name": "r", **resource}]}
    return {**RESOURCE_SERVER, "authorizationSettings": settings}


def test_a_resources_uri_and_attributes_may_be_texts() -> None:
    config = of_json(clients=[server(uri="/x", attributes={"k": "v", "l": ["a", 5], "n": 5})])
    assert said(lambda: config) == snapshot("""\
note rewritten-value r.json:13:7
  uri is taken as the one item of `uris`
That is what Keycloak makes of it.
note rewritten-value r.json:15:8
  attributes.k is taken as a list with one item
That is what Keycloak makes of it.
note rewritten-value r.json:20:8
  attributes.n is taken as a list with one item
That is what Keycloak makes of it.\
""")
    assert leaves(config, "clients", "rs", "authorization", "resources", "r") == {
        ("uris",): ["/x"],
        ("attributes", "k"): ["v"],
        ("attributes", "l"): ["5", "a"],
        ("attributes", "n"): ["5"],
    }


def test_both_forms_of_a_resources_uris_must_agree() -> None:
    assert said(lambda: of_json(clients=[server(uri="/x", uris=["/x"])])) == snapshot("""\
note rewritten-value r.json:13:7
  uri is taken as the one item of `uris`
That is what Keycloak makes of it.\
""")
    assert said(lambda: of_json(clients=[server(uri="/x", uris=["/y"])])) == snapshot("""\
error duplicate-definition r.json:13:7
  `uri` and `uris` say different things
`uri` is the old form of `uris`, which is a list. Remove `uri`.\
""")


def test_a_list_elsewhere_takes_no_text() -> None:
    assert said(
        lambda: of_json(
            clients=[{"clientId": "a", "redirectUris": "/x"}, server(uris="/x", uri=["/y"])],
            roles={"realm": [{"name": "a", "attributes": {"k": "v"}}]},
        )
    ) == snapshot("""\
error wrong-type r.json:6:4
  redirectUris must be a list, not the string '/x'

error wrong-type r.json:17:7
  uris must be a list, not the string '/x'

error wrong-type r.json:18:7
  uri must be a string, not a list

error wrong-type r.json:31:6
  attributes.k must be a list, not the string 'v'
""")


def test_texts_in_a_resource_converge(world: World) -> None:
    for uri, value in (("/x", "v"), ("/y", 5)):
        world.declare(clients=[server(uri=uri, attributes={"k": value})])
        world.apply()
        world.is_settled()


# -- default roles of old ---------------------------------------------------------------------

_ROLE: Final = "roles: {realm: [{name: default-roles-r}]}\n"
_ROLE_IN_JSON: Final = '"roles": {"realm": [{"name": "default-roles-r"}]}}'


@pytest.mark.parametrize(
    ("file", "text", "lines"),
    [
        (
            "r.json",
            '{"realm": "R", "clients": [{"clientId": "app", "defaultRoles": ["user"]}], '
            + _ROLE_IN_JSON,
            snapshot("""\
error unsupported-section r.json:1:48
  kcplan can't manage `defaultRoles`
Keycloak ignores it. Declare these roles as composites of the role `default-roles-r`, beside those that Keycloak gives it in a new realm. Instead of the field, write:

  "roles": {
    "realm": [
      {
        "name": "default-roles-r",
        "composites": {
          "realm": [
            "offline_access",
            "uma_authorization"
          ],
          "client": {
            "account": [
              "manage-account",
              "view-profile"
            ],
            "app": [
              "user"
            ]
          }
        }
      }
    ]
  }\
"""),
        ),
        (
            "r.yaml",
            "realm: R\nclients: [{clientId: account, defaultRoles: [view-groups]}]\n" + _ROLE,
            snapshot("""\
error unsupported-section r.yaml:2:31
  kcplan can't manage `defaultRoles`
Keycloak ignores it. Declare these roles as composites of the role `default-roles-r`, beside those that Keycloak gives it in a new realm, but without `manage-account` and `view-profile`, which the list leaves out. Instead of the field, write:

  roles:
    realm:
    - name: default-roles-r
      composites:
        realm:
        - offline_access
        - uma_authorization
        client:
          account:
          - view-groups\
"""),
        ),
        (
            "r.toml",
            'realm = "R"\ndefaultRoles = ["user"]\n[[roles.realm]]\nname = "default-roles-r"\n',
            snapshot("""\
error unsupported-section r.toml:2:1
  kcplan can't manage `defaultRoles`
Keycloak ignores it. Declare these roles as composites of the role `default-roles-r`, beside those that Keycloak gives it in a new realm, but without `offline_access` and `uma_authorization`, which the list leaves out. Instead of the field, write:

  [[roles.realm]]
  name = "default-roles-r"
  composites = { realm = ["user"], client = { account = ["manage-account", "view-profile"] } }\
"""),
        ),
    ],
)
def test_default_roles_of_old_beside_the_role_show_what_to_write_instead(
    file: str, text: str, lines: str
) -> None:
    assert said(lambda: loaded(file, text)) == lines


@pytest.mark.parametrize(
    ("sections", "place", "realm", "clients"),
    [
        (
            {
                "defaultRoles": ["offline_access", "uma_authorization"],
                "clients": [{"clientId": "app", "defaultRoles": ["user"]}],
            },
            "r.json:10:4",
            ["offline_access", "uma_authorization"],
            {"account": ["manage-account", "view-profile"], "app": ["user"]},
        ),
        (
            {
                "defaultRoles": ["offline_access", "uma_authorization"],
                "clients": [{"clientId": "account", "defaultRoles": ["view-groups"]}],
            },
            "r.json:10:4",
            ["offline_access", "uma_authorization"],
            {"account": ["view-groups"]},
        ),
        (
            {"defaultRoles": ["user"], "roles": {"realm": [{"name": "user"}]}},
            "r.json:3:2",
            ["user"],
            {"account": ["manage-account", "view-profile"]},
        ),
        (
            {
                "defaultRoles": ["offline_access"],
                "clients": [
                    {"clientId": "account", "defaultRoles": ["view-profile"]},
                    {"clientId": "app", "defaultRoles": []},
                ],
            },
            "r.json:3:2",
            ["offline_access"],
            {"account": ["view-profile"]},
        ),
    ],
)
def test_default_roles_of_old_are_those_of_the_default_role(
    sections: dict[str, Any], place: str, realm: list[str], clients: dict[str, list[str]]
) -> None:
    config = of_json(**sections)
    summary = "defaultRoles is taken as the composites of the role `default-roles-r`"
    told = said(lambda: config)
    assert f"note rewritten-value {place}\n  {summary}\n" in told
    found = leaves(config, "roles", "default-roles-r")
    assert {path[1:]: value for path, value in found.items() if value != {}} == {
        ("realm",): realm,
        **{("client", client): roles for client, roles in clients.items()},
    }
    assert not [line for line in told.splitlines() if line.startswith("error")]


@pytest.mark.parametrize(
    "sections",
    [
        {"clients": [{"clientId": "app", "defaultRoles": ["user"]}]},
        {
            "defaultRoles": ["user"],
            "clients": [{"clientId": "app", "defaultRoles": [name]} for name in "ab"],
        },
    ],
)
def test_default_roles_that_are_not_all_take_no_others_away(sections: dict[str, Any]) -> None:
    told = said(lambda: of_json(**sections))
    assert "error unsupported-section" in told
    assert "is taken as the composites" not in told


def test_default_roles_of_old_are_everybodys(world: World) -> None:
    world.declare()
    world.apply()
    before = world.composites("roles", f"default-roles-{world.realm}")
    world.declare(
        defaultRoles=["offline_access", "uma_authorization", "member"],
        clients=[{"clientId": "app", "publicClient": True, "defaultRoles": ["user"]}],
        roles={"realm": [{"name": "member"}], "client": {"app": [{"name": "user"}]}},
    )
    world.apply()
    world.is_settled()
    found = world.composites("roles", f"default-roles-{world.realm}")
    assert found == before | {"member", "user"}


def test_default_roles_that_the_user_leaves_out_are_left_out(world: World) -> None:
    world.declare(defaultRoles=["nobodys"])
    said = world.kcplan("validate", world.file, "--ignore-unsupported", "defaultRoles").stderr
    assert "`defaultRoles` is left out" in said
    assert "is taken as" not in said


# -- names with ids that keycloak-config-cli writes -------------------------------------------


def test_names_in_which_another_tool_writes_ids_are_named() -> None:
    settings = {
        "resources": [
            {"name": "client.resource.$app"},
            {"name": "idp.resource.$company"},
            {"name": "role.resource.$A Role"},
            {"name": "group.resource.$/staff"},
            {"name": "client.resource.5b0674b7-aaa0-4668-9904-92acc0b03c89"},
            {"name": "price.in.$"},
        ],
        "policies": [
            {"name": "token-exchange.permission.client.$app", "type": "scope"},
            {"name": "map-role.permission.$A Role", "type": "resource"},
            {
                "name": "ours",
                "type": "scope",
                "config": {"resources": '["price.in.$", "client.resource.$app"]'},
            },
            {"name": "all.permission.group.$/staff", "type": "aggregate"},
        ],
    }
    client = {**RESOURCE_SERVER, "authorizationSettings": settings}
    text = said(lambda: of_json(clients=[client]))
    assert [line for line in text.splitlines() if line.startswith(("error", "  "))] == snapshot(
        [
            "error unknown-placeholder r.json:11:6",
            "  `client.resource.$app` has a `$` in the place of an id, which only keycloak-config-cli writes",
            "error unknown-placeholder r.json:14:6",
            "  `idp.resource.$company` has a `$` in the place of an id, which only keycloak-config-cli writes",
            "error unknown-placeholder r.json:17:6",
            "  `role.resource.$A Role` has a `$` in the place of an id, which only keycloak-config-cli writes",
            "error unknown-placeholder r.json:20:6",
            "  `group.resource.$/staff` has a `$` in the place of an id, which only keycloak-config-cli writes",
            "error unknown-placeholder r.json:31:6",
            "  `token-exchange.permission.client.$app` has a `$` in the place of an id, which only keycloak-config-cli writes",
            "error unknown-placeholder r.json:35:6",
            "  `map-role.permission.$A Role` has a `$` in the place of an id, which only keycloak-config-cli writes",
            "error unknown-placeholder r.json:43:8",
            "  `client.resource.$app` has a `$` in the place of an id, which only keycloak-config-cli writes",
            "error unknown-placeholder r.json:46:6",
            "  `all.permission.group.$/staff` has a `$` in the place of an id, which only keycloak-config-cli writes",
        ]
    )


def test_in_the_client_that_administers_a_realm_they_name_what_must_be_there() -> None:
    names = ("client.resource.$app", "idp.resource.$company", "role.resource.$app/clerk")
    names += ("group.resource.$/staff/day", "client.resource.5b0674b7", "Users")
    settings = {
        "resources": [{"name": name} for name in names],
        "policies": [{"name": "manage.permission.users", "type": "scope"}],
    }
    client = {**RESOURCE_SERVER, "clientId": "realm-management", "authorizationSettings": settings}
    config = of_json(clients=[client])
    resources = [r for r in config.resources.values() if r.type == "authorization-resource"]
    spec = registry()["authorization-resource"]
    needed = [str(target) for r in resources for target in spec.needs(r.address)]
    assert needed == snapshot(
        [
            "r/clients/app",
            "r/identity-providers/company",
            "r/clients/app/roles/clerk",
            "r/groups/staff/day",
        ]
    )


@pytest.mark.parametrize(
    "name",
    [
        "group.resource.$/",
        "client.resource.$",
        "idp.resource.$",
        "role.resource.$app/",
        "map-role.permission.$/clerk",
    ],
)
def test_one_that_names_nothing_there_is_an_error(name: str) -> None:
    settings = {"resources": [{"name": name}]}
    client = {**RESOURCE_SERVER, "clientId": "realm-management", "authorizationSettings": settings}
    with pytest.raises(ConfigError) as caught:
        of_json(clients=[client])
    assert [(item.code, item.summary) for item in caught.value.diagnostics] == [
        ("unknown-placeholder", f"`{name}` names nothing behind the `$`")
    ]


# -- what Keycloak has by itself --------------------------------------------------------------


def test_default_roles_that_every_realm_has_are_nothing_to_say() -> None:
    config = of_json(
        defaultRole={"name": "default-roles-r", "composite": True, "containerId": "r"},
        defaultRoles=["uma_authorization", "offline_access"],
        clients=[{"clientId": "account", "defaultRoles": ["view-profile", "manage-account"]}],
    )
    assert said(lambda: config) == snapshot("""\
note ignored-field r.json
  fields that are not configuration are left out: defaultRole, defaultRoles
Keycloak computes them itself; an export has them. Nothing needs to be done.\
""")


@pytest.mark.parametrize(
    "role",
    [
        {"name": "default-roles-r", "composites": {"realm": ["user"]}},
        "default-roles-r",
    ],
)
def test_another_default_role_is_refused(role: Any) -> None:
    assert said(lambda: of_json(defaultRole=role)).splitlines()[1:] == [
        "  kcplan can't manage `defaultRole`",
        "Declare the composites of the role `default-roles-r` in `roles` instead.",
    ]


def test_the_default_roles_may_be_written_with_placeholders() -> None:
    name = "default-roles-${REALM}"
    sections = {"defaultRole": {"name": name}, "defaultRoles": ["${A}", "uma_authorization"]}
    text = json.dumps({"realm": "${REALM}", **sections})
    found = load_text(
        Path("r.json"), text, REGISTRY, {"REALM": "r", "A": "offline_access"}
    ).diagnostics
    assert [item.summary for item in found] == [
        "fields that are not configuration are left out: defaultRole, defaultRoles"
    ]


def test_a_variable_that_is_not_there_is_said_of_the_default_role() -> None:
    told = said(lambda: of_json(defaultRole={"name": "default-roles-${NOT_THERE}"}))
    assert "undefined-variable" in told


def test_a_default_role_of_another_name_gives_it_to_a_new_realm() -> None:
    role = {"id": "1", "name": "everybody", "description": "", "composite": True}
    found = of_json(defaultRole=role).resources[Address.of("r")].leaves
    assert found == {("defaultRole", "name"): "everybody"}


def test_the_parts_of_a_default_role_of_another_name_belong_into_roles() -> None:
    told = said(lambda: of_json(defaultRole={"name": "everybody", "composites": {"realm": ["a"]}}))
    assert told.splitlines()[1:] == snapshot(
        [
            "  kcplan can't manage `defaultRole`",
            "Declare the composites of the role `everybody` in `roles` instead.",
        ]
    )


# -- names that are others now ----------------------------------------------------------------


def test_a_required_action_is_known_by_its_old_name() -> None:
    name = "terms_and_conditions"
    config = of_json(
        requiredActions=[{"alias": name, "providerId": name, "enabled": True}],
        users=[{"username": "ann", "requiredActions": [name, "VERIFY_EMAIL"]}],
    )
    assert said(lambda: config) == snapshot("""\
note rewritten-value r.json:6:4
  providerId is taken as `TERMS_AND_CONDITIONS`
That is what Keycloak makes of it.
note rewritten-value r.json:14:5
  requiredActions.0 is taken as `TERMS_AND_CONDITIONS`
That is what Keycloak makes of it.\
""")
    assert leaves(config, "required-actions", "TERMS_AND_CONDITIONS")["providerId",] == (
        "TERMS_AND_CONDITIONS"
    )
    assert leaves(config, "users", "ann")["requiredActions",] == [
        "TERMS_AND_CONDITIONS",
        "VERIFY_EMAIL",
    ]


# -- texts for lists --------------------------------------------------------------------------


def test_an_attribute_of_a_user_may_be_a_text(inhabited: World) -> None:
    world = inhabited
    profile = world.admin.json(world.path("users", "profile"))
    world.admin.put(
        world.path("users", "profile"), json={**profile, "unmanagedAttributePolicy": "ENABLED"}
    )
    world.declare(
        clients=[{"clientId": "job", "serviceAccountsEnabled": True}],
        users=[
            {"username": "ann", "attributes": {"phone": "123", "floor": 5, "no": [""]}},
            {"serviceAccountClientId": "job", "attributes": {"team": "night"}},
        ],
    )
    world.apply()
    world.is_settled()
    [user] = world.admin.json(world.path("users"), username="ann")
    assert user["attributes"] == {"phone": ["123"], "floor": ["5"]}


# -- what Keycloak takes as understood --------------------------------------------------------


def test_the_path_of_a_group_may_lack_what_is_before_it() -> None:
    config = of_json(
        groups=[{"name": "staff"}],
        defaultGroups=["staff", "/guests"],
        users=[{"username": "ann", "groups": ["staff/it"]}],
    )
    assert said(lambda: config) == snapshot("""\
note rewritten-value r.json:9:3
  defaultGroups.0 is taken as `/staff`
That is what Keycloak makes of it.
note rewritten-value r.json:16:5
  groups.0 is taken as `/staff/it`
That is what Keycloak makes of it.\
""")
    assert leaves(config)["defaultGroups",] == ["/guests", "/staff"]
    assert leaves(config, "users", "ann")["groups",] == ["/staff/it"]


# -- fields of old ----------------------------------------------------------------------------


def test_fields_that_went_are_left_out_and_named() -> None:
    assert said(
        lambda: of_json(
            social=True,
            userCacheEnabled=True,
            passwordCredentialGrantAllowed=True,
            roles={"realm": [{"name": "user", "scopeParamRequired": False}]},
            clients=[{"clientId": "app", "directGrantsOnly": False}],
        )
    ) == snapshot("""\
note ignored-field r.json
  fields that are not configuration are left out: directGrantsOnly
Keycloak computes them itself; an export has them. Nothing needs to be done.
note obsolete-field r.json
  fields that Keycloak no longer keeps are left out: passwordCredentialGrantAllowed, scopeParamRequired, social, userCacheEnabled
`passwordCredentialGrantAllowed`: use `directAccessGrantsEnabled` of each client.
`scopeParamRequired`: use a client scope with the role in its `scopeMappings`, optional for the client.
`social`: use `identityProviders`.
`userCacheEnabled`: caches are configured where the server starts.\
""")
    refused = said(lambda: of_json(clients=[{"clientId": "app", "directGrantsOnly": True}]))
    assert refused.splitlines()[1:] == snapshot(
        [
            "  kcplan can't manage `directGrantsOnly`",
            "It belongs to an old Keycloak. Write `standardFlowEnabled` and `directAccessGrantsEnabled` instead.",
        ]
    )


@pytest.mark.parametrize("off", ["false", "False", "${OFF}"])
def test_a_switch_of_old_may_be_off_as_a_text(off: str) -> None:
    text = json.dumps({"realm": "r", "clients": [{"clientId": "a", "directGrantsOnly": off}]})
    found = load_text(Path("r.json"), text, REGISTRY, {"OFF": "false"}).diagnostics
    assert [item.summary for item in found] == [
        "fields that are not configuration are left out: directGrantsOnly"
    ]
    refused = said(lambda: of_json(clients=[{"clientId": "app", "directGrantsOnly": "true"}]))
    assert refused.splitlines()[1] == "  kcplan can't manage `directGrantsOnly`"


def test_a_provider_that_older_versions_hide_is_hidden() -> None:
    config = of_json(
        identityProviders=[{**PROVIDER, "config": {"hideOnLoginPage": "true", "clientId": "x"}}]
    )
    assert said(lambda: config) == snapshot("""\
note rewritten-value r.json:8:5
  config.hideOnLoginPage is taken as `hideOnLogin`
That is what Keycloak makes of it.\
""")
    found = leaves(config, "identity-providers", "o")
    assert found["hideOnLogin",] is True
    assert ("config", "hideOnLoginPage") not in found


# -- roles that everybody has -----------------------------------------------------------------


def test_the_default_role_may_be_named_wherever_roles_are(world: World) -> None:
    """A user has it anyway; the tokens of a client may have it in them, or not."""
    everybody = f"default-roles-{world.realm}"
    world.declare(
        users=[{"username": "ann", "realmRoles": [everybody, "offline_access"]}],
        groups=[{"name": "staff", "realmRoles": [everybody]}],
        clients=[{"clientId": "app", "publicClient": True, "fullScopeAllowed": False}],
        scopeMappings=[{"client": "app", "roles": [everybody]}],
    )
    world.apply()
    world.is_settled()
    [scope] = world.admin.json(world.in_client("app", "scope-mappings", "realm"))
    assert scope["name"] == everybody


def test_a_default_role_of_another_name_may_be_named_at_a_user(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "defaultRole": {"name": "everybody"}})
    world.declare(
        roles={"realm": [{"name": "reader"}]},
        users=[{"username": "ann", "realmRoles": ["everybody", "reader"]}],
    )
    world.apply()
    world.is_settled()
    assert world.plan("--target", f"{world.realm}/users/ann").actions == {}


# -- placeholders of Keycloak -----------------------------------------------------------------


def test_what_keycloak_replaces_in_usernames_is_no_variable() -> None:
    mapper = {
        "identityProviderAlias": "o",
        "name": "username",
        "identityProviderMapper": "oidc-username-idp-mapper",
        "config": {
            "template": "${ALIAS}.${NAMEID}.${UUID}.${CLAIM.sub}-${STAGE}",
            "target": "${ALIAS}",
        },
    }
    text = json.dumps({"realm": "r", "identityProviderMappers": [mapper]})
    config = load_text(Path("r.json"), text, REGISTRY, {"STAGE": "test", "ALIAS": "of-ours"})
    found = leaves(config, "identity-providers", "o", "mappers", "username")
    assert found["config", "template"] == "${ALIAS}.${NAMEID}.${UUID}.${CLAIM.sub}-test"
    assert found["config", "target"] == "of-ours"


def test_a_random_text_of_a_user_federation_is_no_variable() -> None:
    mapper = {
        "name": "password",
        "providerId": "hardcoded-ldap-attribute-mapper",
        "config": {"ldap.attribute.value": ["${RANDOM}"]},
    }
    within = {"org.keycloak.storage.ldap.mappers.LDAPStorageMapper": [mapper]}
    ldap = {"name": "ldap", "providerId": "ldap", "subComponents": within}
    config = of_json(components={"org.keycloak.storage.UserStorageProvider": [ldap]})
    at = ("components", "UserStorageProvider", "ldap", "mappers", "password")
    assert leaves(config, *at)["config", "ldap.attribute.value"] == ["${RANDOM}"]


# -- empty texts that say something -----------------------------------------------------------


def test_an_empty_header_switches_it_off() -> None:
    config = of_json(browserSecurityHeaders={"xFrameOptions": ""})
    assert leaves(config) == {("browserSecurityHeaders", "xFrameOptions"): ""}


def test_the_consent_to_a_mapper_is_left_out_and_named() -> None:
    entry = {"name": "m", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper"}
    old = {**entry, "consentRequired": True, "consentText": "${givenName}"}
    config = of_json(
        clients=[{"clientId": "app", "protocolMappers": [old]}],
        clientScopes=[
            {
                "name": "s",
                "protocol": "openid-connect",
                "protocolMappers": [{**entry, "consentRequired": False}],
            }
        ],
    )
    assert said(lambda: config) == snapshot("""\
note obsolete-field r.json:11:6
  protocolMappers.m.consentRequired is left out: Keycloak no longer keeps it
Users consent to client scopes: put the mapper into one, with the attributes `display.on.consent.screen` and `consent.screen.text`.
note obsolete-field r.json:12:6
  protocolMappers.m.consentText is left out: Keycloak no longer keeps it
Users consent to client scopes: put the mapper into one, with the attributes `display.on.consent.screen` and `consent.screen.text`.\
""")
    kept = {path[-1] for path in config.resources[Address.of("r", "clients", "app")].leaves}
    assert kept == {"protocol", "protocolMapper"}


def test_a_setting_of_a_mapper_called_like_the_consent_is_kept() -> None:
    config = {"consentText": "Read this", "consentRequired": "true"}
    mapper = {"name": "m", "protocol": "openid-connect", "protocolMapper": "own", "config": config}
    found = of_json(
        clients=[{"clientId": "app", "protocolMappers": [mapper]}],
        clientScopes=[{"name": "s", "protocolMappers": [mapper]}],
    )
    assert said(lambda: found) == ""
    for names in (("clients", "app"), ("client-scopes", "s")):
        kept = {
            path[-1]: v for path, v in leaves(found, *names).items() if path[2:3] == ("config",)
        }
        assert kept == config


@pytest.mark.parametrize("since", [0, 1700000000])
def test_since_when_tokens_of_an_account_count_is_left_out(since: int) -> None:
    account = {"serviceAccountClientId": "a", "notBefore": since, "enabled": True}
    config = of_json(users=[account], clients=[{"clientId": "a", "serviceAccountsEnabled": True}])
    assert said(lambda: config) == snapshot("""\
note ignored-field r.json
  fields that are not configuration are left out: notBefore
Keycloak computes them itself; an export has them. Nothing needs to be done.\
""")
    assert leaves(config, "clients", "a", "service-account") == {("enabled",): True}


def test_ended_sessions_of_an_account_are_no_change(world: World) -> None:
    account = {"serviceAccountClientId": "a", "notBefore": 0, "firstName": "A"}
    world.declare(users=[account], clients=[{"clientId": "a", "serviceAccountsEnabled": True}])
    world.apply()
    user = world.path("users", (world.account("a") or {})["id"])
    world.admin.post(f"{user}/logout")
    assert world.admin.json(user)["notBefore"] > 0
    world.is_settled()


def test_a_field_that_an_older_state_has_and_is_none_any_more_is_no_drift(tmp_path: Path) -> None:
    at, named = "clients/a/service-account", {"firstName": "A"}
    client = {"clientId": "a", "serviceAccountsEnabled": True}
    known = entry(at, adopted=True)
    state = [entry("."), entry("clients/a", client)]
    state += [evolve(known, managed={("firstName",): "A", ("notBefore",): 0})]
    live = [there("."), there("clients/a", client), there(at, named)]
    made = plan(
        tmp_path,
        {"clients": [client], "users": [{"serviceAccountClientId": "a", **named}]},
        state,
        live,
    )
    assert made.drift == ()
    assert {change.action for change in made.changes} == {Action.NOOP}


def test_an_export_of_older_admin_permissions_has_names_for_the_ids_in_it() -> None:
    """The ids mean nothing in another realm. One that the file has no object for stays."""
    ids = {
        "clients": [{"id": "1", "clientId": "app"}, {"id": "6", "clientId": "${APP:-other}"}],
        "roles": {
            "realm": [{"id": "2", "name": "a/b"}],
            "client": {"app": [{"id": "3", "name": "clerk"}]},
        },
        "groups": [
            {"id": "4", "name": "staff", "subGroups": [{"id": "5", "name": "day", "subGroups": []}]}
        ],
        "identityProviders": [
            {"internalId": "7", "alias": "company", "providerId": "oidc", "config": {}}
        ],
    }
    names = ["client.resource.1", "role.resource.2", "role.resource.3", "group.resource.5"]
    names += ["client.resource.6", "idp.resource.7", "client.resource.8", "Users"]
    scoped = {"type": "scope", "config": {"resources": '["group.resource.5", "Users"]'}}
    settings = {
        "resources": [{"name": name} for name in names],
        "policies": [
            {"name": "view.members.permission.group.5", **scoped},
            {"name": "map-role.permission.3", "type": "scope", "config": {"resources": ["1"]}},
            {"name": "manage.permission.users", "type": "scope"},
        ],
    }
    server = {**RESOURCE_SERVER, "authorizationSettings": settings}
    admin = {**server, "clientId": "realm-management"}
    config = of_json(**{**ids, "clients": [*ids["clients"], admin]})
    found = {r.address.name: r for r in config.resources.values() if "authorization-" in r.type}
    assert list(found) == snapshot(
        [
            "client.resource.$app",
            "role.resource.$a%2Fb",
            "role.resource.$app/clerk",
            "group.resource.$/staff/day",
            "client.resource.6",
            "idp.resource.$company",
            "client.resource.8",
            "Users",
            "view.members.permission.group.$/staff/day",
            "map-role.permission.$app/clerk",
            "manage.permission.users",
        ]
    )
    assert found["view.members.permission.group.$/staff/day"].leaves == snapshot(
        {("type",): "scope", ("config", "resources"): ["Users", "group.resource.$/staff/day"]}
    )
