"""Files of one realm are one configuration; a contradiction names both places."""

from collections.abc import Callable
from typing import Any

from inline_snapshot import snapshot

from kcplan.address import Address

Errors = Callable[..., str]


def test_files_of_one_realm_are_merged(
    load_files: Callable[..., Any], leaves: Callable[..., Any]
) -> None:
    config = load_files(
        {
            "a.toml": 'realm = "r"\nenabled = true\n[[clients]]\nclientId = "c"\nenabled = true\n'
            'attributes.a = "1"\nredirectUris = ["x", "y"]',
            "b.json": '{"realm": "r", "enabled": true, "displayName": "R", "clients": [\n'
            '{"clientId": "c", "attributes": {"b": "2"},\n "redirectUris": ["y", "x"]}]}',
            "c.toml": 'realm = "other"\n[[clients]]\nclientId = "c"\nenabled = false',
        }
    )

    assert config.realms == {"r", "other"}
    assert leaves(config, "r") == {("enabled",): True, ("displayName",): "R"}
    assert leaves(config, "r", "clients", "c") == {
        ("enabled",): True,
        ("attributes", "a"): "1",
        ("attributes", "b"): "2",
        ("redirectUris",): ["x", "y"],
    }
    client = config.resources[Address.of("r", "clients", "c")]
    assert str(client.source(("attributes", "b"))) == "b.json:2:34"
    assert str(client.source()) == "a.toml:3:1"


def test_two_files_that_set_one_thing_differently_are_an_error(errors: Errors) -> None:
    assert errors(
        {
            "a.toml": 'realm = "r"\nenabled = true\n[[clients]]\nclientId = "c"\n'
            "redirectUris = []\nattributes = {}\n"
            "[[users]]\nserviceAccountClientId = 'c'\nclientRoles.a = ['x']",
            "b.toml": 'realm = "r"\nenabled = false\n[[clients]]\nclientId = "c"\n'
            "redirectUris = ['x']\nattributes.a = '1'\n"
            "[[users]]\nserviceAccountClientId = 'c'\nclientRoles.b = ['x']",
        }
    ) == snapshot("""\
error duplicate-definition a.toml:9:1
  clientRoles.a is set differently in two files
error duplicate-definition b.toml:2:1
  enabled is set differently in two files
error duplicate-definition b.toml:5:1
  redirectUris is set differently in two files
error duplicate-definition b.toml:6:1
  attributes.a is set differently in two files
error duplicate-definition b.toml:9:1
  clientRoles.b is set differently in two files\
""")


def test_one_resource_twice_in_a_file_is_an_error(errors: Errors) -> None:
    assert errors(
        {
            "r.toml": 'realm = "r"\n[[clients]]\nclientId = "c"\n\n[[clients]]\nclientId = "c"\n'
            '[[roles.realm]]\nname = "a"\n[[roles.realm]]\nname = "${A}"\n'
        },
        environment={"A": "a"},
    ) == snapshot("""\
error duplicate-definition r.toml:5:1
  r/clients/c is defined twice
error duplicate-definition r.toml:9:1
  r/roles/a is defined twice\
""")


def test_documents_of_one_file_are_merged_as_files_are(
    load_files: Callable[..., Any], leaves: Callable[..., Any], errors: Errors
) -> None:
    config = load_files(
        {
            "r.yaml": """\
---
realm: r
displayName: Shop
clients: [{clientId: a, enabled: true}]
---
# nothing
---
realm: r
clients:
- clientId: a
  redirectUris: [x]
---
realm: s
"""
        }
    )
    assert leaves(config, "r", "clients", "a") == {("enabled",): True, ("redirectUris",): ["x"]}
    assert config.realms == {"r", "s"}
    assert str(config.resources[Address.of("r", "clients", "a")].source(("redirectUris",))) == (
        "r.yaml:11:3"
    )
    assert errors(
        {
            "r.yaml": "realm: r\ndisplayName: a\n---\nrealm: r\ndisplayName: b\n"
            "clients: [{clientId: a}, {clientId: a}]"
        }
    ) == snapshot("""\
error duplicate-definition r.yaml:5:1
  displayName is set differently in two files
error duplicate-definition r.yaml:6:26
  r/clients/a is defined twice\
""")


def test_the_same_file_named_twice_is_read_once(
    write: Callable[..., Any], load_paths: Callable[..., Any]
) -> None:
    write("realms/r.toml", 'realm = "r"\n[[clients]]\nclientId = "c"')
    config = load_paths(["realms", "realms/r.toml", "./realms/../realms/*.toml"])
    assert [str(address) for address in config.resources] == ["r", "r/clients/c"]


def test_permissions_are_kept_as_a_document_with_places(load_files: Callable[..., Any]) -> None:
    config = load_files(
        {
            "a.toml": 'realm = "r"\n[[permissions.tokenExchange]]\nrequester = "${A}"\n'
            'subjects = ["x"]',
            "b.json": '{"realm": "r", "permissions": {"tokenExchange": [\n'
            '{"requester": "b"},\n {"requester": "c"}], "admin": {"x": 1}}}',
            "c.json": '{"realm": "s", "permissions": {}}',
            "d.json": '{"realm": "t"}',
        },
        environment={"A": "a"},
    )

    section = config.permissions["r"]
    assert section.data == {
        "tokenExchange": [
            {"requester": "a", "subjects": ["x"]},
            {"requester": "b"},
            {"requester": "c"},
        ],
        "admin": {"x": 1},
    }
    places = [
        (),
        ("tokenExchange", 0, "subjects", 0),
        ("tokenExchange", 1),
        ("tokenExchange", 2, "requester"),
        ("tokenExchange", 2, "missing"),
        ("admin", "x"),
    ]
    assert [str(section.source(place)) for place in places] == [
        "a.toml:2:1",
        "a.toml:4:13",
        "b.json:2:1",
        "b.json:3:3",
        "b.json:3:2",
        "b.json:3:33",
    ]
    assert config.permissions["s"].data == {}
    assert "t" not in config.permissions
    assert set(config.resources) == {Address.of(realm) for realm in "rst"}


def test_permissions_that_contradict_or_are_no_table_are_errors(errors: Errors) -> None:
    assert errors(
        {
            "a.json": '{"realm": "r", "permissions": {"a": {"b": 1, "c": [1]}}}',
            "b.json": '{"realm": "r", "permissions": {"a": {"b": 2, "c": {}}}}',
            "c.json": '{"realm": "r", "permissions": []}',
        }
    ) == snapshot("""\
error duplicate-definition b.json:1:38
  permissions.a.b is set differently in two files
error duplicate-definition b.json:1:46
  permissions.a.c is set differently in two files
error wrong-type c.json:1:16
  permissions must be a table, not a list\
""")
