"""Components as an export has them, and as addresses call them."""

import json
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.config.load import load
from kcplan.config.settings import Settings
from kcplan_keycloak.component_sections import gather, scatter
from kcplan_keycloak.resources import registry
from support.harness import Run

KEYS = "org.keycloak.keys.KeyProvider"
WORKFLOWS = "org.keycloak.models.workflow.WorkflowProvider"
POLICIES = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy"
FEDERATION = "org.keycloak.storage.UserStorageProvider"
LDAP_MAPPER = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper"
PROFILE = "org.keycloak.userprofile.UserProfileProvider"

EXPORT: dict[str, Any] = {
    "realm": "shop",
    "components": {
        POLICIES: [
            {
                "name": "Allowed Client Scopes",
                "subType": kind,
                "providerId": "allowed",
                "config": {},
            }
            for kind in ("anonymous", "authenticated")
        ],
        KEYS: [{"name": "aes", "providerId": "aes-generated", "config": {"priority": ["100"]}}],
        FEDERATION: [
            {
                "name": "company",
                "providerId": "ldap",
                "config": {"vendor": ["other"]},
                "subComponents": {
                    LDAP_MAPPER: [{"name": "email", "providerId": "user-attribute-ldap-mapper"}],
                    "com.example.Mapper": [{"name": "a/b", "providerId": "mine"}],
                },
            }
        ],
    },
}


def written(folder: Path, components: Any, **sections: Any) -> Path:
    file = folder / "shop.json"
    file.write_text(json.dumps({"realm": "shop", "components": components, **sections}, indent=1))
    return file


def test_each_has_an_address(tmp_path: Path) -> None:
    file = written(tmp_path, EXPORT["components"])
    config = load([str(file)], registry(), {}, Settings())
    assert {str(a): r.type for a, r in config.resources.items()} == snapshot(
        {
            "shop": "realm",
            "shop/components/ClientRegistrationPolicy/anonymous/Allowed Client Scopes": "registration-policy",
            "shop/components/ClientRegistrationPolicy/authenticated/Allowed Client Scopes": "registration-policy",
            "shop/components/KeyProvider/aes": "component",
            "shop/components/UserStorageProvider/company": "component",
            "shop/components/UserStorageProvider/company/mappers/email": "component-mapper",
            "shop/components/UserStorageProvider/company/mappers/a%2Fb": "component-mapper",
        }
    )


def test_messages_name_the_place_in_the_file(tmp_path: Path, run_offline: Run) -> None:
    mapper = {"name": "email", "providerId": 7, "config": {"read.only": "true"}}
    holder = {"name": "company", "subComponents": {LDAP_MAPPER: [mapper]}}
    written(tmp_path, {FEDERATION: [holder], KEYS: [{"name": "aes", "config": []}]})
    assert run_offline("validate", "shop.json").stderr == snapshot("""\
Error: 2 findings [wrong-type]
  shop.json:13:9: config."read.only" must be a list, not the string 'true'
  shop.json:23:5: config must be a table, not a list

""")


def test_an_export_comes_back_as_it_was() -> None:
    assert scatter(gather(EXPORT).data) == EXPORT


def test_what_lies_deeper_is_refused(tmp_path: Path, run_offline: Run) -> None:
    inner = {"name": "inner", "subComponents": {LDAP_MAPPER: [{"name": "deepest"}]}}
    outer = {"name": "outer", "subComponents": {LDAP_MAPPER: [inner]}}
    written(tmp_path, {FEDERATION: [outer]})
    assert run_offline("validate", "shop.json").stderr == snapshot("""\
Error: kcplan can't manage `subComponents` [unsupported-section]
  on shop.json:11:8

kcplan manages what lies in a component without a subtype, and no deeper.

""")


def test_two_of_one_name_are_refused(tmp_path: Path, run_offline: Run) -> None:
    written(tmp_path, {KEYS: [{"name": "aes"}, {"name": "aes"}]})
    assert run_offline("validate", "shop.json").stderr == snapshot("""\
Error: shop/components/KeyProvider/aes is defined twice [duplicate-definition]
  on shop.json:8:4, in shop/components/KeyProvider/aes

It stands at shop.json:5:4 already. Remove one of them, or merge them.

""")


def test_the_text_of_a_user_profile_is_one(tmp_path: Path, run_offline: Run) -> None:
    def said(text: str) -> str:
        config = {"kc.user.profile.config": [text]}
        profile = {"providerId": "declarative-user-profile", "subComponents": {}, "config": config}
        written(tmp_path, {PROFILE: [profile]})
        return run_offline("validate", "shop.json").stderr

    assert said('{"attributes": [{"name": "username", "validations": {"email": {}}}]}') == ""
    assert said('{"attributes": [{"name": "username", "multivalued": "no"}]}') == snapshot("""\
Error: attributes.username.multivalued must be a boolean (true or false), not the string 'no' [wrong-type]
  on shop.json:5:4, in shop/user-profile, attributes.username.multivalued

""")
    assert said('{"attributes": ') == snapshot("""\
Error: userProfile must be a table, not the string '{"attributes": ' [wrong-type]
  on shop.json:5:4

""")


def test_a_user_profile_that_nobody_changed_says_nothing(tmp_path: Path, run_offline: Run) -> None:
    profile = {"providerId": "declarative-user-profile", "subComponents": {}, "config": {}}
    written(tmp_path, {PROFILE: [profile]})
    result = run_offline("validate", "shop.json")
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_mask_in_a_list_is_not_declared(tmp_path: Path, run_offline: Run) -> None:
    config = {"bindCredential": ["**********"], "vendor": ["other"]}
    file = written(tmp_path, {FEDERATION: [{"name": "company", "config": config}]})
    found = load([str(file)], registry(), {}, Settings())
    (ldap,) = (r for r in found.resources.values() if r.type == "component")
    assert ("config", "vendor") in ldap.leaves
    assert ("config", "bindCredential") not in ldap.leaves
    assert run_offline("validate", "shop.json").stderr == snapshot("""\
Warning: config.bindCredential.0 is masked (`**********`), and left out [masked-value]
  on shop.json:9:7

Keycloak shows these asterisks instead of a secret, and would store them as they are.
Remove the field, or give the value with a placeholder such as `${env:NAME}`.

""")


@pytest.mark.parametrize(
    "section",
    [
        None,
        [],
        {},
        "x",
        {KEYS: None},
        {KEYS: {}},
        {KEYS: "x"},
        {KEYS: [None, 1, "x", []]},
        {KEYS: [{"name": "a", "providerId": ["rsa"], "config": {"keyUse": ["SIG"]}}]},
        {WORKFLOWS: [None, 1, "x", [], {"config": "x", "subComponents": "y"}]},
        {PROFILE: [None, 1, {"config": 1}, {"config": {"kc.user.profile.config": "{"}}]},
        {FEDERATION: [{"name": "a", "subComponents": 7}]},
        {FEDERATION: [{"name": "a", "subComponents": {LDAP_MAPPER: {"name": "x"}}}]},
        {FEDERATION: [{"name": "a", "subComponents": {LDAP_MAPPER: [1, None]}}]},
        {"": [{"name": "a"}], "a.": [{"name": "b"}]},
        {"a.X": "x", "b.X": [{"name": "a"}]},
        {"b.X": [{"name": "a"}], "a.X": "x"},
        {"X": "x", "b.X": [{"name": "a"}]},
    ],
)
def test_what_is_misshapen_gets_findings(tmp_path: Path, run_offline: Run, section: Any) -> None:
    written(tmp_path, section)
    result = run_offline("validate", "shop.json")
    assert "failed unexpectedly" not in result.stderr
    assert result.exit_code in {0, 1}
    has_texts = isinstance(section, dict) and any(isinstance(v, str) for v in section.values())
    assert result.exit_code == 1 or not has_texts
