"""Entries that only repeat what a field says, in files of every language and in several files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.config.load import load
from kcplan.config.model import Config
from kcplan.diagnostics import Diagnostic
from kcplan_keycloak.resources import registry

Load = Callable[..., Config]


@pytest.fixture(name="load_all")
def load_all_fixture(write: Callable[[str, str], Path]) -> Load:
    """Loads these files with the types of Keycloak."""

    def load_all(environment: dict[str, str] | None = None, **files: str) -> Config:
        paths = [write(name.replace("_", "."), text) for name, text in files.items()]
        return load(paths, registry(), environment or {})

    return load_all


def of_realm(config: Config) -> dict[tuple[str, ...], Any]:
    return dict(config.resources[Address.of("r")].leaves)


def said(config: Config) -> list[str]:
    return [_said(item) for item in config.diagnostics]


def _said(item: Diagnostic) -> str:
    return f"{item.severity} {item.source}: {item.summary}"


LANGUAGES = {
    "r_json": """{
      "realm": "r",
      "bruteForceProtected": true,
      "attributes": {"bruteForceProtected": "true", "own": "1"}
    }""",
    "r_yaml": """\
realm: r
bruteForceProtected: true
attributes:
  bruteForceProtected: "true"
  own: "1"
""",
    "r_toml": """\
realm = "r"
bruteForceProtected = true
[attributes]
bruteForceProtected = "true"
own = "1"
""",
}


@pytest.mark.parametrize("name", LANGUAGES)
def test_what_repeats_a_field_is_left_out_with_a_note(load_all: Load, name: str) -> None:
    config = load_all(**{name: LANGUAGES[name]})
    assert of_realm(config) == {("bruteForceProtected",): True, ("attributes", "own"): "1"}
    [finding] = config.diagnostics
    assert (finding.severity, finding.code) == ("note", "repeated-field")
    assert finding.summary == snapshot(
        "attributes.bruteForceProtected only repeats bruteForceProtected, and is left out"
    )


def test_one_note_for_each_file_names_all_of_them(load_all: Load) -> None:
    config = load_all(
        a_toml='realm = "r"\nfailureFactor = 5\nbrowserSecurityHeaders.xFrameOptions = "DENY"\n',
        b_toml='realm = "r"\n[attributes]\nfailureFactor = "5"\norganizationsEnabled = "false"\n',
        c_toml='realm = "r"\n[attributes]\n"_browser_header.xFrameOptions" = "DENY"\n',
    )
    assert said(config) == snapshot(
        [
            "note b.toml:3:1: attributes.failureFactor only repeats failureFactor, and is left out",
            "note b.toml:4:1: attributes.organizationsEnabled only repeats organizationsEnabled, and is left out",
            'note c.toml:3:1: attributes."_browser_header.xFrameOptions" only repeats browserSecurityHeaders.xFrameOptions, and is left out',
        ]
    )
    assert of_realm(config) == {
        ("failureFactor",): 5,
        ("browserSecurityHeaders", "xFrameOptions"): "DENY",
    }


def test_what_differs_from_the_field_is_a_warning_and_the_field_counts(load_all: Load) -> None:
    config = load_all(
        r_toml="""\
realm = "r"
failureFactor = 5
webAuthnPolicyPasswordlessRpId = "shop.example"
oauth2DeviceCodeLifespan = 700
webAuthnPolicyExtraOrigins = ["https://b.example", "https://a.example"]
[attributes]
failureFactor = "7"
webAuthnPolicyRpIdPasswordless = "other.example"
oauth2DeviceCodeLifespan = "600"
webAuthnPolicyExtraOrigins = "https://a.example,https://b.example"
"""
    )
    assert said(config) == snapshot(
        [
            "warning r.toml:7:1: entries that repeat fields differ from them: attributes.failureFactor (failureFactor), attributes.oauth2DeviceCodeLifespan (oauth2DeviceCodeLifespan), attributes.webAuthnPolicyRpIdPasswordless (webAuthnPolicyPasswordlessRpId)"
        ]
    )
    # Those that Keycloak gives back say what the field says.
    assert {path: v for path, v in of_realm(config).items() if path[0] == "attributes"} == {
        ("attributes", "oauth2DeviceCodeLifespan"): "700",
        ("attributes", "webAuthnPolicyExtraOrigins"): "https://a.example,https://b.example",
    }


def test_a_value_that_no_field_declares_is_a_warning_unless_every_realm_has_it(
    load_all: Load,
) -> None:
    config = load_all(
        r_toml="""\
realm = "r"
[attributes]
displayName = "Shop"
bruteForceProtected = "true"
failureFactor = "30"
clientSessionIdleTimeout = "60"
"""
    )
    assert said(config) == snapshot(
        [
            "warning r.toml:3:1: entries repeat fields that the files do not declare, and are left out: attributes.bruteForceProtected (bruteForceProtected), attributes.displayName (displayName)",
            "note r.toml:5:1: attributes.failureFactor only repeats failureFactor, and is left out",
        ]
    )
    assert of_realm(config) == {("attributes", "clientSessionIdleTimeout"): "60"}


def test_clients_and_identity_providers_have_some_as_well(load_all: Load) -> None:
    config = load_all(
        r_toml="""\
realm = "r"
[[clients]]
clientId = "a"
type = "web"
attributes = { type = "web", own = "1" }
[[identityProviders]]
alias = "p"
hideOnLogin = false
config = { hideOnLoginPage = "true", clientId = "us" }
[[identityProviders]]
alias = "q"
config = { hideOnLoginPage = "true" }
[[identityProviders]]
alias = "s"
config = { hideOnLoginPage = "" }
[[identityProviders]]
alias = "t"
config = { hideOnLoginPage = "false" }
"""
    )
    assert said(config) == snapshot(
        [
            "note r.toml:5:16: attributes.type only repeats type, and is left out",
            "warning r.toml:9:12: entries that repeat fields differ from them: config.hideOnLoginPage (hideOnLogin)",
            "note r.toml:12:12: config.hideOnLoginPage is taken as `hideOnLogin`",
            "note r.toml:15:12: config.hideOnLoginPage only repeats hideOnLogin, and is left out",
            "note r.toml:18:12: config.hideOnLoginPage is taken as `hideOnLogin`",
        ]
    )
    leaves = {str(address): dict(item.leaves) for address, item in config.resources.items()}
    assert leaves["r/clients/a"] == {("type",): "web", ("attributes", "own"): "1"}
    assert leaves["r/identity-providers/p"] == {
        ("hideOnLogin",): False,
        ("config", "clientId"): "us",
    }
    assert leaves["r/identity-providers/q"] == {("hideOnLogin",): True}
    # A provider that is hidden in Keycloak is to be shown, which leaving it out would not do.
    assert leaves["r/identity-providers/t"] == {("hideOnLogin",): False}


def test_no_secret_is_told(load_all: Load) -> None:
    config = load_all(
        {"SHOWN": "a-name-that-nobody-may-see"},
        r_toml="""\
realm = "r"
displayName = "${env:SHOWN}"
[attributes]
displayName = "${env:SHOWN}-and-more"
""",
    )
    assert "nobody-may-see" not in repr(config.diagnostics)
    assert [item.severity for item in config.diagnostics] == ["warning"]
