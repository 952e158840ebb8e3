"""What an import writes, as values: texts, names of variables, and what is left out."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.config.load import load_text
from kcplan.config.settings import ConfigSettings, Settings
from kcplan.destination import Destination
from kcplan.export import Export, export
from kcplan.importing import Imported
from kcplan.schema import Leaves
from kcplan.secret import Secret
from kcplan.snapshot import LiveObject
from kcplan.toml_writer import to_toml
from kcplan.variables import variable_name
from kcplan.views.imports import text
from kcplan_keycloak.resources import registry


def test_a_name_of_the_server_does_not_act_on_the_terminal() -> None:
    strange = (Address.of("r\x1b[31m"), ("attributes", "a\x1b]0;owned\x07"))
    what = Export({}, hidden=(strange,), inexpressible=(strange,))
    found = Imported("r\x1b[31m", Destination(Path("r.toml")), 1, what)
    printed = "".join(piece.text for piece in text(found))
    assert "\x1b" not in printed
    assert "\\u001b]0;owned" in printed


CLIENT = Address.of("shop", "clients", "app")

scalars = st.text() | st.booleans() | st.integers(-(2**53), 2**53)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


tables = st.recursive(
    st.dictionaries(st.sampled_from("abc"), scalars, max_size=2),
    lambda inner: st.dictionaries(
        st.sampled_from("abc"), inner | st.lists(inner, min_size=1, max_size=2), max_size=3
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), values, max_size=4) | tables)
def test_what_is_written_as_toml_is_read_as_the_same(document: dict[str, Any]) -> None:
    assert tomllib.loads(to_toml(document)) == document


def test_short_things_stand_on_a_line_and_long_ones_do_not() -> None:
    assert to_toml(
        {
            "realm": "shop",
            "smtpServer": {"host": "mail.example"},
            "clients": [
                {"clientId": "a", "attributes": {"x.y": "1"}, "redirectUris": ["/a", "/b"]},
                {
                    "clientId": "b",
                    "description": "two\nlines",
                    "attributes": {"long": "x" * 100},
                    "redirectUris": ["/" + "a" * 50, "/" + "b" * 50],
                    "protocolMappers": [
                        {"name": "m"},
                        {"name": "n", "config": {"k": "x" * 80}},
                    ],
                },
            ],
        }
    ) == snapshot('''\
realm = "shop"

[smtpServer]
host = "mail.example"

[[clients]]
clientId = "a"
attributes = { "x.y" = "1" }
redirectUris = ["/a", "/b"]

[[clients]]
clientId = "b"
description = """
two
lines"""
redirectUris = [
    "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
]

[clients.attributes]
long = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

[[clients.protocolMappers]]
name = "m"

[[clients.protocolMappers]]
name = "n"
config = { k = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" }
''')


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("shop", "app", "secret"), "SHOP_APP_SECRET"),
        (("shop-2", "a/b %ü", "saml.private.key"), "SHOP_2_A_B_U_SAML_PRIVATE_KEY"),
        (("2go", "ä", "secret"), "_2GO_A_SECRET"),
        (("店", "客", "secret"), "SECRET"),
        (("shop", "taken", "secret"), "SHOP_TAKEN_SECRET_2"),
        (("kcplan", "client", "secret"), "KCPLAN_CLIENT_SECRET_2"),
    ],
)
def test_variables_are_named_after_what_they_are_for(words: tuple[str, ...], name: str) -> None:
    assert variable_name(words, {"SHOP_TAKEN_SECRET"}) == name


class Nothing:
    """That new objects have nothing in their fields."""

    def of(self, _: LiveObject) -> Leaves:
        return {}

    def makes(self, item: LiveObject) -> bool:
        return registry()[item.type].comes_with(item.address)

    def tells(self, _: LiveObject) -> bool:
        return False


def exported(*objects: LiveObject, foreign: bool = False) -> Export:
    realm = LiveObject(Address.of("shop"), "realm", "1")
    return export("shop", [realm, *objects], registry(), Nothing(), foreign=foreign)


def client(leaves: Leaves) -> LiveObject:
    return LiveObject(CLIENT, "client", "2", leaves)


def fields(found: Export) -> Any:
    (document,) = found.document["clients"]
    return {key: value for key, value in document.items() if key != "clientId"}


TEXTS = [
    "${NAME}",
    "${env:HOME}",
    "${env:HOME:-x}",
    "${file:/etc/hostname}",
    "$${NAME}",
    "$$${NAME}",
    "${role_x} ${NAME}",
    "${client_account}",
    "${authBaseUrl}",
    "${Odd:text}",
    "$ { } $${ ${",
    "$(env:NAME) $$(env:NAME) $(NAME)",
    "${javascript: 1} ${javascript: {1}} $${sys:x}",
    "${base64Decoder:eA==}",
]


FOREIGN = [
    "$(document).ready $(x",
    "$$(NAME) $$$(some.prop) ${role_$(NAME)}",
    "$(env:A) ${file:b} $(c)",
]


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        *((text, "kcplan") for text in [*TEXTS, *FOREIGN]),
        *((text, "keycloak-config-cli") for text in [*TEXTS, *FOREIGN] if "javascript" not in text),
    ],
)
def test_no_text_is_taken_for_a_placeholder(text: str, dialect: str) -> None:
    settings = Settings(config=ConfigSettings(substitution=dialect))
    found = exported(
        client({("description",): text, ("redirectUris",): [text]}), foreign=settings.foreign
    )
    document = json.dumps(found.document)
    config = load_text(Path("shop.json"), document, registry(), {}, settings)
    leaves = config.resources[CLIENT].leaves
    assert leaves == {("description",): text, ("redirectUris",): [text]}
    assert config.diagnostics == ()


def test_names_that_read_as_placeholders_come_back_as_they_are() -> None:
    odd = Address.of("shop", "clients", "${NAME}")
    found = exported(LiveObject(odd, "client", "2", {("enabled",): False}))
    config = load_text(Path("shop.json"), json.dumps(found.document), registry(), {})
    assert set(config.resources) == {Address.of("shop"), odd}


def test_what_no_file_can_say_is_left_out_and_told() -> None:
    found = exported(
        client({("attributes", "${NAME}"): "1", ("registeredNodes", "a"): {"b": None}})
    )
    assert fields(found) == {}
    assert found.inexpressible == (
        (CLIENT, ("attributes", "${NAME}")),
        (CLIENT, ("registeredNodes", "a")),
    )


def test_secrets_become_variables_and_those_in_a_vault_stay() -> None:
    found = exported(
        client(
            {
                ("secret",): Secret("hidden"),
                ("attributes", "client.secret.rotated"): Secret("${vault.old}"),
            }
        )
    )
    assert fields(found) == {
        "secret": "${env:SHOP_APP_SECRET}",
        "attributes": {"client.secret.rotated": "${vault.old}"},
    }
    assert found.environment == {"SHOP_APP_SECRET": "hidden"}


def test_two_secrets_never_share_a_variable() -> None:
    twins = [
        LiveObject(Address.of("shop", "clients", name), "client", "2", {("secret",): Secret(name)})
        for name in ("a-b", "a_b", "a b")
    ]
    found = exported(*twins)
    assert sorted(found.environment) == [
        "SHOP_A_B_SECRET",
        "SHOP_A_B_SECRET_2",
        "SHOP_A_B_SECRET_3",
    ]


def test_what_keycloak_hides_is_left_out_and_told() -> None:
    alias = Address.of("shop", "identity-providers", "x")
    leaves = {("config", "clientSecret"): Secret("**********"), ("config", "clientId"): "us"}
    found = exported(LiveObject(alias, "identity-provider", "3", leaves))
    assert found.document["identityProviders"] == [{"alias": "x", "config": {"clientId": "us"}}]
    assert found.hidden == ((alias, ("config", "clientSecret")),)


def test_ids_and_what_the_server_makes_never_appear() -> None:
    found = exported(
        client(
            {
                ("id",): "2",
                ("attributes", "client.secret.creation.time"): "1",
                ("protocolMappers", "m", "id"): "7",
                ("protocolMappers", "m", "protocolMapper"): "x",
                ("defaultClientScopes",): ["service_account", "web-origins"],
            }
        )
    )
    assert fields(found) == {
        "protocolMappers": [{"name": "m", "protocolMapper": "x"}],
        "defaultClientScopes": ["web-origins"],
    }
