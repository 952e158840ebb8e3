"""Overlays win over other files, field by field; what they say is at its place in messages."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.config.load import load
from kcplan.config.settings import ConfigSettings, Settings
from kcplan.errors import ConfigError, UsageError
from kcplan.secret import reveal
from kcplan_keycloak.resources import registry

Write = Callable[[str, str | bytes], Path]
Load = Callable[..., Any]
Leaves = Callable[..., Any]

BASE = {
    "realm": "r",
    "enabled": True,
    "displayName": "R",
    "attributes": {"a": "1", "b": "2"},
    "smtpServer": {"host": "mail", "password": "secret"},
    "clients": [
        {
            "clientId": "c",
            "enabled": True,
            "redirectUris": ["x", "y"],
            "attributes": {"a": "1"},
            "protocolMappers": [
                {"name": "m", "config": {"k": "1", "l": "2"}},
                {"name": "n", "config": {"k": "1"}},
            ],
        },
        {"clientId": "d", "enabled": True},
    ],
    "users": [{"serviceAccountClientId": "c", "clientRoles": {"a": ["x"], "b": ["y"]}}],
}


@pytest.fixture
def overlaid(write: Write, load_paths: Load) -> Load:
    """Loads `BASE` with these files over it, each a layer of its own unless layers are named."""

    def overlaid(
        *overlays: object, layers: tuple[str, ...] = (), base: object = BASE, **more: Any
    ) -> Any:
        write("realms/r.json", json.dumps(base, indent=1))
        names = [f"over/{number}.json" for number in range(1, len(overlays) + 1)]
        for name, content in zip(names, overlays, strict=True):
            write(name, content if isinstance(content, str) else json.dumps(content))
        config = ConfigSettings(files=("realms",), overlays=layers or tuple(names))
        return load_paths([], settings=Settings(config=config), **more)

    return overlaid


def client(**fields: object) -> dict[str, object]:
    return {"realm": "r", "clients": [{"clientId": "c", **fields}]}


C = ("r", "clients", "c")
MAPPER = ("protocolMappers", "m", "config")


def test_an_overlay_wins_field_by_field_and_entry_by_entry(overlaid: Load, leaves: Leaves) -> None:
    config = overlaid(
        client(
            redirectUris=["z"],
            attributes={"a": "9", "new": "3"},
            protocolMappers=[{"name": "m", "config": {"k": "9"}}],
        )
    )

    assert leaves(config, *C) == {
        ("enabled",): True,
        ("redirectUris",): ["z"],
        ("attributes", "a"): "9",
        ("attributes", "new"): "3",
        (*MAPPER, "k"): "9",
        (*MAPPER, "l"): "2",
        ("protocolMappers", "n", "config", "k"): "1",
    }


@pytest.mark.parametrize(
    ("fields", "gone"),
    [
        ({"redirectUris": None}, [("redirectUris",)]),
        ({"enabled": None}, [("enabled",)]),
        ({"attributes": {"a": None}}, [("attributes", "a")]),
        ({"attributes": None}, [("attributes", "a")]),
        (
            {"protocolMappers": [{"name": "m", "config": {"k": None}}]},
            [(*MAPPER, "k")],
        ),
        (
            {"protocolMappers": [{"name": "m", "config": None}]},
            [(*MAPPER, "k"), (*MAPPER, "l")],
        ),
    ],
    ids=str,
)
def test_null_takes_a_field_out_of_the_configuration(
    fields: dict[str, object], gone: list[tuple[str, ...]], overlaid: Load, leaves: Leaves
) -> None:
    before = dict(leaves(overlaid(), *C))
    config = overlaid(client(**fields))

    assert leaves(config, *C) == {path: v for path, v in before.items() if path not in gone}
    assert config.diagnostics == ()


def test_an_empty_table_in_an_overlay_leaves_no_entries(overlaid: Load, leaves: Leaves) -> None:
    config = overlaid(client(attributes={}, protocolMappers=[], redirectUris=[]))

    assert leaves(config, *C) == {
        ("enabled",): True,
        ("attributes",): {},
        ("protocolMappers",): {},
        ("redirectUris",): [],
    }


def test_entries_that_are_complete_are_still_entries(overlaid: Load, leaves: Leaves) -> None:
    account = {"serviceAccountClientId": "c", "clientRoles": {"a": ["z"], "b": None}}
    config = overlaid({"realm": "r", "users": [account]})

    assert leaves(config, *C, "service-account") == {
        ("clientRoles",): {},
        ("clientRoles", "a"): ["z"],
    }


def test_an_overlay_may_add_resources_and_realms(overlaid: Load, leaves: Leaves) -> None:
    config = overlaid(
        {"realm": "r", "clients": [{"clientId": "new", "enabled": False}]},
        {"realm": "other", "enabled": True},
    )

    assert leaves(config, "r", "clients", "new") == {("enabled",): False}
    assert leaves(config, "other") == {("enabled",): True}
    assert config.realms == {"r", "other"}


def test_later_layers_win_and_a_file_is_in_the_last_that_matches(
    overlaid: Load, leaves: Leaves
) -> None:
    one, two = {"realm": "r", "displayName": "one"}, {"realm": "r", "displayName": "two"}
    name = ("displayName",)

    assert leaves(overlaid(one, two), "r")[name] == "two"
    assert leaves(overlaid(two, one), "r")[name] == "one"
    layers = ("over/*", "over/1.json")
    assert leaves(overlaid(one, two, layers=layers), "r")[name] == "one"


def test_what_one_layer_takes_out_a_later_one_may_bring_back(
    overlaid: Load, leaves: Leaves
) -> None:
    none, back = {"realm": "r", "attributes": None}, {"realm": "r", "attributes": {"c": "3"}}
    config = overlaid(none, back)

    assert ("attributes", "a") not in leaves(config, "r")
    assert leaves(config, "r")["attributes", "c"] == "3"


def test_a_difference_within_one_layer_is_an_error(overlaid: Load, text_of: Load) -> None:
    one = {"realm": "r", "displayName": "one", "enabled": None, "attributes": {"a": "1"}}
    two = {"realm": "r", "displayName": "two", "enabled": True, "attributes": {"a": "1"}}
    with pytest.raises(ConfigError) as caught:
        overlaid(one, two, layers=("over",))

    assert text_of(caught.value.diagnostics) == snapshot("""\
error duplicate-definition over/2.json:1:16
  displayName is set differently in two files
error duplicate-definition over/2.json:1:38
  enabled is set differently in two files\
""")


def test_messages_and_secrets_name_the_file_that_won(overlaid: Load, text_of: Load) -> None:
    config = overlaid(client(enabled=False, protocolMappers=[{"name": "m", "config": {"k": "9"}}]))
    resource = config.resources[Address(C)]

    assert str(resource.source()) == snapshot("realms/r.json:14:3")
    assert str(resource.source(("enabled",))) == snapshot("over/1.json:1:46")
    assert str(resource.source(("redirectUris",))) == snapshot("realms/r.json:17:4")
    assert str(resource.source((*MAPPER, "k"))) == snapshot("over/1.json:1:109")
    assert str(resource.source((*MAPPER, "l"))) == snapshot("realms/r.json:29:7")

    with pytest.raises(ConfigError) as caught:
        overlaid(client(enabled="perhaps"))
    assert text_of(caught.value.diagnostics) == snapshot("""\
error wrong-type over/1.json:1:46
  enabled must be a boolean (true or false), not the string 'perhaps'\
""")


def test_placeholders_are_substituted_in_overlays(overlaid: Load, leaves: Leaves) -> None:
    config = overlaid(
        {"realm": "r", "displayName": "${NAME}", "smtpServer": {"password": "${MAIL_PASSWORD}"}},
        environment={"NAME": "shop", "MAIL_PASSWORD": "hidden"},
    )
    password = leaves(config, "r")["smtpServer", "password"]

    assert leaves(config, "r")["displayName",] == "shop"
    assert reveal(password) == "hidden"
    assert password.origin.source.file == "over/1.json"


def test_asterisks_below_an_overlay_that_has_the_value_are_not_missed(overlaid: Load) -> None:
    masked = {"realm": "r", "smtpServer": {"host": "mail", "password": "**********"}}
    given = {"realm": "r", "smtpServer": {"password": "${env:P}"}}

    assert len(overlaid(base=masked).masked) == 1
    assert overlaid(given, base=masked, environment={"P": "x"}).masked == ()
    assert overlaid({"realm": "r", "smtpServer": {"password": None}}, base=masked).masked == ()


def test_lists_in_order_and_flows_in_an_overlay(write: Write) -> None:
    attributes = [{"name": name} for name in ("username", "email", "floor")]
    steps = [{"authenticator": name, "requirement": "REQUIRED"} for name in ("a", "b")]
    flow = {"alias": "f", "topLevel": True, "authenticationExecutions": steps}
    base = {"userProfile": {"attributes": attributes}, "authenticationFlows": [flow]}
    over = {
        "userProfile": {"attributes": [{"name": "floor"}, {"name": "x"}, {"name": "username"}]},
        "authenticationFlows": [{**flow, "authenticationExecutions": steps[1:]}],
    }
    write("base.json", json.dumps({"realm": "r", **base}))
    write("over.json", json.dumps({"realm": "r", **over}))
    settings = Settings(config=ConfigSettings(files=("base.json",), overlays=("over.json",)))
    found = load([], registry(), {}, settings).resources

    profile = found[Address.of("r", "user-profile")].leaves
    assert profile["order of attributes",] == ["floor", "x", "username", "email"]
    changed = found[Address.of("r", "flows", "f")].leaves
    assert changed["order",] == ["b"]
    assert {
        path[1] for path in changed if path[0] == "authenticationExecutions" and len(path) > 1
    } == {"b"}


def test_files_that_match_overlays_are_no_plain_files(
    write: Write, load_paths: Load, leaves: Leaves
) -> None:
    write("realms/r.toml", 'realm = "r"\ndisplayName = "plain"')
    write("realms/env/dev/r.toml", 'realm = "r"\ndisplayName = "dev"')
    write("realms/env/prod/r.toml", 'realm = "r"\ndisplayName = "prod"')
    config = ConfigSettings(files=("realms",), overlays=("realms/env/dev/**",))
    settings = Settings(config=config, set_aside=("realms/env/prod/**", "nowhere/**"))

    assert leaves(load_paths([], settings=settings), "r") == {("displayName",): "dev"}
    assert leaves(load_paths(["realms/r.toml"], settings=settings), "r")["displayName",] == "dev"


def test_paths_take_the_overlays_of_their_realms_only(
    write: Write, load_paths: Load, leaves: Leaves
) -> None:
    write("realms/r.toml", 'realm = "r"\nenabled = true')
    write("realms/s.toml", 'realm = "s"\nenabled = true')
    write("over/r.toml", 'realm = "r"\nenabled = false')
    write("over/s.toml", 'realm = "s"\nenabled = false')
    settings = Settings(config=ConfigSettings(files=("realms",), overlays=("over",)))
    config = load_paths(["realms/r.toml"], settings=settings)

    assert config.realms == {"r"}
    assert leaves(config, "r") == {("enabled",): False}


def test_the_section_permissions_is_overlaid_too(overlaid: Load) -> None:
    base = {
        **BASE,
        "permissions": {"tokenExchange": [{"requester": "a"}], "x": {"k": 1, "l": 2}, "y": 1},
    }
    over = {
        "realm": "r",
        "permissions": {"tokenExchange": [{"requester": "b"}], "x": {"k": 9}, "y": None},
    }
    section = overlaid(over, base=base).permissions["r"]

    assert section.data == {"tokenExchange": [{"requester": "b"}], "x": {"k": 9, "l": 2}}
    assert section.source(("tokenExchange", 0, "requester")).file == "over/1.json"
    assert section.source(("x", "k")).file == "over/1.json"
    assert section.source(("x", "l")).file == "realms/r.json"
    assert section.source().file == "realms/r.json"


WRONG: dict[str, tuple[object, str]] = {
    "a section": (
        {"realm": "r", "clients": None},
        snapshot("""\
error wrong-type over/1.json:1:16
  clients cannot be taken out: in an overlay, null takes out fields only\
"""),
    ),
    "a section in a resource": (
        {"realm": "r", "roles": {"realm": None}},
        snapshot("""\
error wrong-type over/1.json:1:26
  roles.realm cannot be taken out: in an overlay, null takes out fields only\
"""),
    ),
    "no field at all": (
        {"realm": "r", "displaName": None},
        snapshot("""\
error wrong-type over/1.json:1:16
  displaName cannot be taken out: in an overlay, null takes out fields only
warning nothing-to-take-out over/1.json:1:16
  the overlay takes out displaName, which no file below it declares\
"""),
    ),
    "the name": (
        {"realm": "r", "clients": [{"clientId": None}]},
        snapshot("""\
error missing-name over/1.json:1:28
  an entry of clients has no `clientId`\
"""),
    ),
    "what is in a list": (
        client(redirectUris=["x", None]),
        snapshot("""\
error wrong-type over/1.json:1:68
  redirectUris.1 must be a string, not null\
"""),
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_null_where_it_takes_out_nothing_is_an_error(
    case: str, overlaid: Load, text_of: Load
) -> None:
    over, said = WRONG[case]
    with pytest.raises(ConfigError) as caught:
        overlaid(over)
    assert text_of(caught.value.diagnostics) == said


def test_a_field_that_no_file_declares_cannot_be_taken_out(overlaid: Load, text_of: Load) -> None:
    config = overlaid(client(secret=None, attributes={"aa": None}))

    assert text_of(config.diagnostics) == snapshot("""\
warning nothing-to-take-out over/1.json:1:46
  the overlay takes out secret, which no file below it declares
warning nothing-to-take-out over/1.json:1:77
  the overlay takes out attributes.aa, which no file below it declares\
""")


@pytest.mark.parametrize(
    ("files", "overlays", "paths", "said"),
    [
        (
            ("realms",),
            ("none/**",),
            (),
            snapshot("""\
the pattern 'none/**' matches no configuration file
Configuration files end with one of .toml, .json, .yaml, .yml.\
"""),
        ),
        (
            ("over",),
            ("over",),
            (),
            snapshot("""\
no realm files found beside overlays
All that the paths name is in `overlays` of kcplan.toml. Name the files that the overlays lie over.\
"""),
        ),
        (
            ("realms",),
            ("over",),
            ("over/r.toml",),
            snapshot("""\
'over/r.toml' is an overlay
It is laid over the other files of its realm by itself. Leave it out of the paths.\
"""),
        ),
    ],
    ids=["matches nothing", "nothing plain", "named"],
)
def test_overlays_that_cannot_be_used(
    files: tuple[str, ...],
    overlays: tuple[str, ...],
    paths: tuple[str, ...],
    said: str,
    write: Write,
    load_paths: Load,
) -> None:
    write("realms/r.toml", 'realm = "r"')
    write("over/r.toml", 'realm = "r"')
    settings = Settings(config=ConfigSettings(files=files, overlays=overlays))
    with pytest.raises(UsageError) as caught:
        load_paths(paths, settings=settings)
    assert f"{caught.value.summary}\n{caught.value.detail}" == said
