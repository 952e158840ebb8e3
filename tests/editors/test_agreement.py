"""Editors say of a file what `validate` says of its shape, whatever shape that is."""

import copy
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from conformance.overlays import joined
from conformance.samples import samples
from kcplan.config.document import read_document
from kcplan.config.load import load, load_text
from kcplan.config.settings import ConfigSettings, KeycloakSettings, Settings
from kcplan.config.settings_file import load_settings
from kcplan.editors.files import realm_schema
from kcplan.errors import ConfigError
from kcplan_keycloak.resources import registry
from property.test_misshapen_settings import SETTINGS
from support.agreement import (
    VARIABLES,
    in_editor,
    of_realms,
    of_settings,
    require_agreement,
    settled_by,
    validated,
)
from support.misshapen import ODD, as_text, misshapen, seeded, spots
from support.random_realms import realms

ROOT: Final = Path(__file__).parents[2]
_FILES: Final = sorted(
    path.relative_to(ROOT)
    for folder in ("examples", "tests/realms", "benchmarks")
    for ending in ("json", "toml", "yaml", "yml")
    for path in (ROOT / folder).rglob(f"*.{ending}")
)


def _read(path: Path) -> dict[str, Any]:
    """What a file says; nothing where that is no table, such as a pipeline's steps."""
    with suppress(ConfigError):
        return dict(read_document(ROOT / path).data)
    return {}


_REALMS: Final = [path for path in _FILES if "realm" in _read(path)]
_SETTINGS: Final = [path for path in _FILES if path.suffix == ".toml" and path not in _REALMS]


def everything() -> dict[str, Any]:
    """A realm with an object of each type."""
    document: dict[str, Any] = {}
    for name, sample in samples().items():
        document = joined(document, sample.around)
        document = joined(document, sample.declare(f"a-{name}", dict(sample.full)))
    return {**document, "realm": "r"}


@pytest.mark.parametrize("path", _REALMS, ids=str)
def test_realm_files_that_people_have_are_sound_in_an_editor(path: Path) -> None:
    assert in_editor(of_realms(), _read(path)) == []


@pytest.mark.parametrize("path", _SETTINGS, ids=str)
def test_settings_that_people_have_are_sound_in_an_editor(path: Path) -> None:
    assert in_editor(of_settings(), tomllib.loads((ROOT / path).read_text())) == []


def test_an_object_of_each_type_is_sound_in_an_editor() -> None:
    assert in_editor(of_realms(), everything()) == []


@pytest.mark.parametrize("turn", range(3))
def test_editors_and_validate_agree_on_each_type_of_any_shape(turn: int) -> None:
    document = everything()
    for number in range(turn * 50, turn * 50 + 50):
        changed = misshapen(document, seeded(number))
        require_agreement(of_realms(), changed, validated(changed))


def _has_null(document: Any) -> bool:
    return any(container[key] is None for container, key in spots(document))


def test_editors_and_kcplan_agree_on_settings_of_any_shape(tmp_path: Path) -> None:
    file = tmp_path / "kcplan.json"  # read in the same way as TOML
    for number in range(200):
        changed = misshapen(SETTINGS, seeded(number))
        if not isinstance(changed, dict) or _has_null(changed):
            continue  # TOML has neither
        file.write_text(as_text(changed))
        with suppress(ConfigError), settled_by(of_settings(), {str(file): changed}) as found:
            found.extend(load_settings(file).diagnostics)


_OTHER: Final = [value for value in ODD if value not in ("\0", "\ud800", 10**30)]


@settings(max_examples=60)
@given(realm=realms(), data=st.data())
def test_one_mistake_in_a_sound_realm_is_seen_by_both_or_by_neither(
    realm: dict[str, Any], data: st.DataObject
) -> None:
    sound = {**realm, "realm": "r"}
    assert in_editor(of_realms(), sound) == []
    top = [copy.deepcopy(sound)]
    container, key = data.draw(st.sampled_from(list(spots(top))))
    match data.draw(st.sampled_from(["lost", "called otherwise", "in a list", "another"])):
        case "lost":
            del container[key]
        case "called otherwise" if isinstance(container, dict):
            container["clientID"] = container.pop(key)
        case "in a list":
            container[key] = [container[key]]
        case _:
            container[key] = copy.deepcopy(data.draw(st.sampled_from(_OTHER)))
    for changed in top:
        require_agreement(of_realms(), changed, validated(changed))


def test_fields_of_a_newer_keycloak_are_let_through_and_mistakes_are_not() -> None:
    judge = Draft202012Validator(realm_schema(registry(), version="99.1"))
    newer = Settings(keycloak=KeycloakSettings(version="99.1"))
    step = {"authenticator": "auth-cookie", "requirement": "REQUIRED", "of99": 1}
    flow = {"alias": "f", "providerId": "basic-flow", "topLevel": True}
    sound = {
        "realm": "r",
        "of99": True,
        "clients": [{"clientId": "a", "of99": {"b": 1}}],
        "authenticationFlows": [{**flow, "authenticationExecutions": [step]}],
    }
    path = Path("r.json")
    load_text(path, as_text(sound), registry(), {}, newer)
    assert in_editor(judge, sound) == []
    for wrong in (
        {"enabled": "maybe"},
        {"roles": {"realms": []}},
        {"roles": {"realm": [{"name": "a", "composites": {"realms": []}}]}},
    ):
        with pytest.raises(ConfigError):
            load_text(path, as_text({"realm": "r", **wrong}), registry(), {}, newer)
        assert in_editor(judge, {"realm": "r", **wrong})


WRONG: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "a field that nobody knows": ({"enabld": True}, "enabld"),
    "a section that nobody knows": ({"permissions": {"tokenExchanges": []}}, "tokenExchanges"),
    "a text for a boolean": ({"enabled": "yes"}, "enabled"),
    "a boolean for a number": ({"accessTokenLifespan": True}, "accessTokenLifespan"),
    "a text for a list": ({"supportedLocales": "de"}, "supportedLocales"),
    "a list for a map": ({"attributes": []}, "attributes"),
    "a word that is none": ({"sslRequired": "sometimes"}, "sslRequired"),
    "no name": ({"roles": {"realm": [{"description": "x"}]}}, "name"),
    "an empty name": ({"roles": {"realm": [{"name": ""}]}}, "name"),
    "a number for a secret": ({"clients": [{"clientId": "a", "secret": 12345}]}, "secret"),
    "a mapper without more": (
        {"clients": [{"clientId": "a", "protocolMappers": [{"name": "m"}]}]},
        "protocolMappers",
    ),
    "a name that is too long": ({"roles": {"realm": [{"name": "x" * 256}]}}, "name"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_mistake_is_found_at_its_place(what: str) -> None:
    wrong, place = WRONG[what]
    document = {"realm": "r", **wrong}
    found = in_editor(of_realms(), document)
    assert place in " ".join(found)
    assert validated(document)


ODD_AND_SOUND: Final[dict[str, dict[str, Any]]] = {
    "texts for other types": {"enabled": "TRUE", "accessTokenLifespan": " 300 "},
    "other types for texts": {"displayName": 7, "attributes": {"a": True, "b": 1.5}},
    "variables": {"enabled": "${env:ON:-true}", "accessTokenLifespan": "${env:L:-300}"},
    "words in another case": {"sslRequired": "EXTERNAL"},
    "nothing": {"roles": None, "clients": None, "displayName": None, "userProfile": None},
    "masks": {"clients": [{"clientId": "a", "secret": "**********"}]},
    "what is no configuration": {"id": 5, "clients": [{"clientId": "a", "access": [1]}]},
    "what nobody keeps any more": {"userCacheEnabled": True},
    "an address of a schema": {"$schema": "../.kcplan/realm.schema.json"},
    "old names": {
        "clientScopes": [{"name": "s"}],
        "scopeMappings": [{"clientTemplate": "s", "roles": ["offline_access"]}],
    },
    "keycloak-config-cli's words": {"messageBundles": {"de": {"a": "b"}}},
    "a list that is a text": {
        "clients": [
            {
                "clientId": "a",
                "serviceAccountsEnabled": True,
                "authorizationServicesEnabled": True,
                "authorizationSettings": {
                    "policies": [
                        {
                            "name": "p",
                            "type": "client",
                            "config": {"clients": '["a"]'},
                        }
                    ]
                },
            }
        ]
    },
}


@pytest.mark.parametrize("what", ODD_AND_SOUND)
def test_what_kcplan_understands_an_editor_takes(what: str) -> None:
    document = {"realm": "r", **ODD_AND_SOUND[what]}
    assert validated(document) == []
    assert in_editor(of_realms(), document) == []


def test_an_overlay_may_take_out_what_is_no_text(tmp_path: Path) -> None:
    base, overlay = everything(), everything()
    taken_out = 0
    for holder in (overlay, *overlay["clients"][:3], *overlay["identityProviders"]):
        for key, value in holder.items():
            if isinstance(value, bool | int | float):
                holder[key] = None
                taken_out += 1
    (tmp_path / "base.json").write_text(as_text(base))
    (tmp_path / "over.json").write_text(as_text(overlay))
    layers = ConfigSettings(
        files=(str(tmp_path / "base.json"),), overlays=(str(tmp_path / "over.json"),)
    )
    assert load([], registry(), VARIABLES, Settings(config=layers)).resources
    assert in_editor(of_realms(), overlay) == []
    assert taken_out > 50


def test_an_entry_of_a_list_is_not_taken_out_with_null() -> None:
    for wrong in ({"supportedLocales": [None]}, {"clients": [None]}):
        assert in_editor(of_realms(), {"realm": "r", **wrong})
