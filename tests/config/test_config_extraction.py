"""A realm file becomes resources: each under its address, with the fields that it declares."""

from collections.abc import Callable
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.config.settings import KeycloakSettings, Settings
from kcplan.errors import ConfigError

REALM = """
realm = "r"
displayName = "The realm"

[[roles.realm]]
name = "admin"
description = "all of it"

[[roles.client."a/b"]]
name = "reader"

[[clients]]
clientId = "a/b"
redirectUris = ["https://b", "https://a", "https://a"]
attributes = { "access.token.lifespan" = "60" }

[[clients.authorizationSettings.policies]]
name = "Only admins"
type = "role"
config = { roles = '[{"id": "admin"}]' }

[[clients.authorizationSettings.policies]]
name = "Read"
type = "scope"

[[users]]
serviceAccountClientId = "a/b"
realmRoles = ["admin"]
"""

JSON = r"""
{
  "realm": "r", "displayName": "The realm",
  "roles": {
    "realm": [{"name": "admin", "description": "all of it"}],
    "client": {"a/b": [{"name": "reader"}]}
  },
  "clients": [{
    "clientId": "a/b", "redirectUris": ["https://b", "https://a", "https://a"],
    "attributes": {"access.token.lifespan": "60"},
    "authorizationSettings": {"policies": [
      {"name": "Only admins", "type": "role", "config": {"roles": "[{\"id\": \"admin\"}]"}},
      {"name": "Read", "type": "scope"}
    ]}
  }],
  "users": [{"serviceAccountClientId": "a/b", "realmRoles": ["admin"]}]
}
"""

YAML = """
realm: r
displayName: The realm
roles:
  realm: [{name: admin, description: all of it}]
  client: {a/b: [{name: reader}]}
clients:
  - clientId: a/b
    redirectUris: ["https://b", "https://a", "https://a"]
    attributes: {access.token.lifespan: "60"}
    authorizationSettings:
      policies:
        - {name: Only admins, type: role, config: {roles: '[{"id": "admin"}]'}}
        - {name: Read, type: scope}
users:
  - {serviceAccountClientId: a/b, realmRoles: [admin]}
"""


@pytest.mark.parametrize(
    ("name", "text"), [("r.toml", REALM), ("r.json", JSON), ("r.yaml", YAML), ("R.YML", YAML)]
)
def test_every_format_gives_the_same_resources(
    load_files: Callable[..., Any], name: str, text: str
) -> None:
    config = load_files({name: text})

    assert {
        f"{resource.type} {address}": {
            ".".join(path): value for path, value in resource.leaves.items()
        }
        for address, resource in config.resources.items()
    } == snapshot(
        {
            "realm r": {"displayName": "The realm"},
            "role r/roles/admin": {"description": "all of it"},
            "client-role r/clients/a%2Fb/roles/reader": {},
            "client r/clients/a%2Fb": {
                "redirectUris": ["https://a", "https://b"],
                "attributes.access.token.lifespan": "60",
            },
            "policy r/clients/a%2Fb/authorization/policies/Only admins": {
                "type": "role",
                "config.roles": [{"id": "admin"}],
            },
            "permission r/clients/a%2Fb/authorization/permissions/Read": {"type": "scope"},
            "service-account r/clients/a%2Fb/service-account": {"realmRoles": ["admin"]},
        }
    )
    assert config.realms == {"r"}
    assert config.diagnostics == ()


def test_every_field_knows_its_place(load_files: Callable[..., Any]) -> None:
    config = load_files({"r.toml": REALM, "folder/other.json": '{"realm": "o",\n "enabled": true}'})
    client = config.resources[Address.of("r", "clients", "a/b")]
    policy = config.resources[
        Address.of("r", "clients", "a/b", "authorization", "policies", "Only admins")
    ]
    other = config.resources[Address.of("o")]

    assert [
        str(client.source()),
        str(client.source(("redirectUris",))),
        str(client.source(("attributes", "access.token.lifespan"))),
        str(policy.source(("config", "roles"))),
        str(other.source(("enabled",))),
    ] == [
        "r.toml:12:1",
        "r.toml:14:1",
        "r.toml:15:16",
        "r.toml:20:12",
        "folder/other.json:2:2",
    ]


def test_a_document_without_names_or_with_wrong_ones_is_told_what_is_missing(
    errors: Callable[..., str],
) -> None:
    assert errors(
        {
            "r.json": """{"realm": "r",
 "roles": {"realm": [{"description": "x"}, {"name": ""}, {"name": 7}, "admin", {"name": null}],
           "client": {"": [], "c": {"name": "x"}}, "users": []},
 "clients": {"clientId": "a"},
 "users": [{"username": "bob"}],
 "groups": [{"name": "g"}],
 "displayNmae": "x"
}""",
            "long.json": '{"realm": "r", "clients": [{"clientId": "' + "x" * 256 + '"}]}',
        }
    ) == snapshot("""\
error name-too-long long.json:1:29
  `clientId` has 256 characters
error missing-name r.json:2:22
  an entry of roles.realm has no `name`
error missing-name r.json:2:45
  `name` is empty
error wrong-type r.json:2:59
  `name` must be a string, not the number 7
error wrong-type r.json:2:71
  roles.realm.3 must be a table, not the string 'admin'
error missing-name r.json:2:80
  an entry of roles.realm has no `name`
error missing-name r.json:3:23
  the key is empty
error wrong-type r.json:3:31
  roles.client.c must be a list of tables, not a table
error unknown-field r.json:3:52
  unknown field `users`
error wrong-type r.json:4:2
  clients must be a list of tables, not a table
error missing-name r.json:5:12
  an entry of users has no `serviceAccountClientId`
error unsupported-section r.json:6:2
  kcplan can't manage `groups`
error unknown-field r.json:7:2
  unknown field `displayNmae`; did you mean `displayName`?\
""")


def test_what_users_are_for_is_said_where_one_has_no_client(
    load_text: Callable[..., Any],
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_text("[[users]]\nusername = 'bob'")
    [finding] = caught.value.diagnostics
    assert finding.detail == "kcplan manages service accounts only, and no other users."


def test_fields_that_are_no_configuration_are_left_out_with_one_note(
    load_text: Callable[..., Any], leaves: Callable[..., Any], text_of: Callable[..., str]
) -> None:
    config = load_text(
        """
        [[clients]]
        clientId = "a"
        id = 5
        protocolMappers = [{ name = "m", id = "x", config.a = "1" }]
        [[clients]]
        clientId = "b"
        id = "y"
        """
    )

    assert leaves(config, "r", "clients", "a") == {("protocolMappers", "m", "config", "a"): "1"}
    assert text_of(config.diagnostics) == snapshot("""\
note ignored-field r.toml
  fields that are not configuration are left out: id\
""")


@pytest.mark.parametrize(
    "text",
    ['{"clients": []}', '{"realm": ""}', '{"realm": 3}', '{"realm": null}', '{"realm": ["a"]}'],
)
def test_a_file_must_say_which_realm_it_is_about(errors: Callable[..., str], text: str) -> None:
    line = errors({"r.json": text})
    assert line.startswith("error ")
    assert "realm" in line
    assert "r.json" in line


def test_wrong_types_and_unknown_fields_are_named_with_their_place(
    errors: Callable[..., str],
) -> None:
    assert errors(
        {
            "r.toml": """realm = "r"
enabled = "yes"
accessTokenLifespan = 5.5
[[clients]]
clientId = "a"
redirectUri = ["https://a"]
redirectUris = "https://a"
attributes = ["x"]
[[clients.authorizationSettings.policies]]
name = "p"
type = "scope"
scope = "typo in a closed table"
"""
        }
    ) == snapshot("""\
error wrong-type r.toml:2:1
  enabled must be a boolean (true or false), not the string 'yes'
error wrong-type r.toml:3:1
  accessTokenLifespan must be an integer, not the number 5.5
error unknown-field r.toml:6:1
  unknown field `redirectUri`; did you mean `redirectUris`?
error wrong-type r.toml:7:1
  redirectUris must be a list, not the string 'https://a'
error wrong-type r.toml:8:1
  attributes must be a table, not a list
error unknown-field r.toml:12:1
  unknown field `scope`\
""")


def test_an_unknown_field_passes_through_where_keycloak_is_newer_than_kcplan(
    load_text: Callable[..., Any], leaves: Callable[..., Any], text_of: Callable[..., str]
) -> None:
    newer = Settings(keycloak=KeycloakSettings(version="99.1"))
    text = "[[clients]]\nclientId = 'a'\nredirectUri = ['https://a']\n"
    config = load_text(text, settings=newer)

    assert leaves(config, "r", "clients", "a") == {("redirectUri",): ["https://a"]}
    assert text_of(config.diagnostics) == snapshot("""\
warning unknown-field r.toml:4:1
  unknown field `redirectUri`; did you mean `redirectUris`?\
""")


def test_empty_says_empty_and_absent_says_nothing(
    load_files: Callable[..., Any], leaves: Callable[..., Any]
) -> None:
    config = load_files(
        {
            "r.json": '{"realm": "r", "attributes": {}, "displayName": null, "roles": null,'
            ' "clients": [{"clientId": "a", "redirectUris": [], "protocolMappers": null,'
            ' "authorizationSettings": null}]}'
        }
    )

    assert leaves(config, "r") == {("attributes",): {}, ("displayName",): None}
    assert leaves(config, "r", "clients", "a") == {
        ("redirectUris",): [],
        ("protocolMappers",): {},
    }


def test_text_that_must_be_json_and_is_not_is_told_so(errors: Callable[..., str]) -> None:
    assert errors(
        {
            "r.toml": """realm = "r"
[[clients]]
clientId = "a"
[[clients.authorizationSettings.policies]]
name = "p"
type = "role"
config.roles = '[{"id": "admin"},]'
"""
        }
    ) == snapshot("""\
error syntax-error r.toml:7:1
  the text of config.roles must be JSON in itself: the JSON is broken: expecting value\
""")


def test_a_types_own_check_is_heard_with_address_and_place(
    load_text: Callable[..., Any], text_of: Callable[..., str]
) -> None:
    config = load_text(
        "[[clients]]\nclientId = 'a'\npublicClient = true\nsecret = '${S}'\n",
        environment={"S": "0123456789-0123456789"},
    )

    assert text_of(config.diagnostics) == snapshot("""\
warning public-secret r.toml:5:1
  a public client has no secret\
""")
    assert config.diagnostics[0].address == Address.of("r", "clients", "a")
