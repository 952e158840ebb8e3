"""Values of another type than their field takes, where the meaning is certain."""

from collections.abc import Callable
from typing import Any

import pytest
from inline_snapshot import snapshot

Load = Callable[..., Any]
Leaves = Callable[..., Any]

JSON = """{"realm": "r", "enabled": "true", "accessTokenLifespan": " 301 ", "displayName": 5,
"attributes": {"flag": true, "off": false, "port": 587, "ratio": 1.50, "power": 1e3, "none": null},
"smtpServer": {"port": 1025, "auth": false},
"roles": {"realm": [{"name": "a", "attributes": {"level": ["x", 3, true]}}]},
"clients": [{"clientId": "c", "publicClient": "False", "nodes": {"n": "1784000000"},
"redirectUris": [5], "protocolMappers": [{"name": "m", "config": {"claim": true}}]}]}"""

YAML = """
realm: r
enabled: "true"
accessTokenLifespan: " 301 "
displayName: 5
attributes: {flag: True, off: false, port: 587, ratio: 1.50, power: 1e3, none: ~}
smtpServer: {port: 1025, auth: false}
roles: {realm: [{name: a, attributes: {level: [x, 3, true]}}]}
clients:
- clientId: c
  publicClient: "False"
  nodes: {n: "1784000000"}
  redirectUris: [5]
  protocolMappers: [{name: m, config: {claim: true}}]
"""

TOML = """
realm = "r"
enabled = "true"
accessTokenLifespan = " 301 "
displayName = 5
attributes = { flag = true, off = false, port = 587, ratio = 1.50, power = 1e3, none = "" }
smtpServer = { port = 1025, auth = false }
[[roles.realm]]
name = "a"
attributes.level = ["x", 3, true]
[[clients]]
clientId = "c"
publicClient = "False"
nodes.n = "1784000000"
redirectUris = [5]
[[clients.protocolMappers]]
name = "m"
config.claim = true
"""


@pytest.mark.parametrize("file", [("r.json", JSON), ("r.yaml", YAML), ("r.toml", TOML)])
def test_values_take_the_type_of_their_field(
    load_files: Load, leaves: Leaves, file: tuple[str, str]
) -> None:
    config = load_files(dict([file]))
    assert config.diagnostics == ()
    assert leaves(config, "r") == {
        ("enabled",): True,
        ("accessTokenLifespan",): 301,
        ("displayName",): "5",
        ("attributes", "flag"): "true",
        ("attributes", "off"): "false",
        ("attributes", "port"): "587",
        ("attributes", "ratio"): "1.50",
        ("attributes", "power"): "1e3",
        ("attributes", "none"): None,
        ("smtpServer", "port"): "1025",
        ("smtpServer", "auth"): "false",
    }
    assert leaves(config, "r", "roles", "a") == {("attributes", "level"): ["3", "true", "x"]}
    assert leaves(config, "r", "clients", "c") == {
        ("publicClient",): False,
        ("nodes", "n"): 1784000000,
        ("redirectUris",): ["5"],
        ("protocolMappers", "m", "config", "claim"): "true",
    }


def test_what_is_no_certain_value_of_the_type_is_an_error(errors: Callable[..., str]) -> None:
    assert errors(
        {
            "r.json": '{"realm": "r", "enabled": 1,\n"accessTokenLifespan": "301.5",\n'
            '"displayName": ["a"],\n"attributes": {"a": ["x"],\n"b": {"c": "d"}}}',
            "s.yaml": "realm: s\nenabled: yes\naccessTokenLifespan: true\ndisplayName: 0x1F\n"
            "attributes: {phone: +4930123, half: .5}\n",
            "t.toml": 'realm = "t"\nenabled = ""\naccessTokenLifespan = "99999999999999999999"\n'
            'clients = [{clientId = "c", redirectUris = "a"}]',
        }
    ) == snapshot("""\
error wrong-type r.json:1:16
  enabled must be a boolean (true or false), not the number 1
error wrong-type r.json:2:1
  accessTokenLifespan must be an integer, not the string '301.5'
error wrong-type r.json:3:1
  displayName must be a string, not a list
error wrong-type r.json:4:16
  attributes.a must be a string, not a list
error wrong-type r.json:5:1
  attributes.b must be a string, not a table
error wrong-type s.yaml:2:1
  enabled must be a boolean (true or false), not the string 'yes'
error wrong-type s.yaml:3:1
  accessTokenLifespan must be an integer, not the boolean true
error wrong-type s.yaml:4:1
  displayName must be a string, not the number 31
error wrong-type s.yaml:5:14
  attributes.phone must be a string, not the number 4930123
error wrong-type s.yaml:5:31
  attributes.half must be a string, not the number 0.5
error wrong-type t.toml:2:1
  enabled must be a boolean (true or false), not the string ''
error wrong-type t.toml:3:1
  accessTokenLifespan must be an integer, not the string '99999999999999999999'
error wrong-type t.toml:4:29
  redirectUris must be a list, not the string 'a'\
""")


def test_numbers_that_are_whole_are_integers(load_text: Load, leaves: Leaves) -> None:
    config = load_text("accessTokenLifespan = 300.0")
    assert repr(leaves(config, "r")["accessTokenLifespan",]) == "300"


def test_placeholders_give_any_type(load_text: Load, leaves: Leaves) -> None:
    """Whether the variable is there, or its default is taken; whole or in part; secret or not."""
    config = load_text(
        """
        enabled = "${env:NOT_THERE:-false}"
        accessTokenLifespan = "${env:MINUTES}${env:NOT_THERE:-0}"
        attributes.text = "${env:NOT_THERE:-300}"
        [[clients]]
        clientId = "a"
        enabled = "${SOME_TOKEN}"
        publicClient = "${env:OTHER_KEY:-false}"
        nodes.a = "${NODE_KEY}"
        attributes.text = "${SOME_TOKEN}"
        """,
        environment={"MINUTES": "30", "SOME_TOKEN": "true", "NODE_KEY": "5"},
    )
    assert leaves(config, "r") == {
        ("enabled",): False,
        ("accessTokenLifespan",): 300,
        ("attributes", "text"): "300",
    }
    found = dict(leaves(config, "r", "clients", "a"))
    assert found.pop(("attributes", "text")).value == "true"
    assert found == {("enabled",): True, ("publicClient",): False, ("nodes", "a"): 5}


def test_a_file_gives_any_type(
    write: Callable[[str, str], Any], load_paths: Load, leaves: Leaves
) -> None:
    write("lifespan", "300\n")
    file = write("r.yaml", "realm: r\naccessTokenLifespan: ${file:lifespan}\n")
    assert leaves(load_paths([file]), "r") == {("accessTokenLifespan",): 300}


def test_two_files_may_say_the_same_in_two_types(load_files: Load, leaves: Leaves) -> None:
    config = load_files(
        {"a.json": '{"realm": "r", "enabled": "true"}', "b.yaml": "realm: r\nenabled: true\n"}
    )
    assert leaves(config, "r") == {("enabled",): True}
