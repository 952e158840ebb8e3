"""Attributes that only repeat a field: which they are, and that files with them can be applied."""

import json
from typing import Any

import pytest

from kcplan.mirrors import mirrored
from kcplan_keycloak.realm_attributes import INTERNAL
from kcplan_keycloak.resources import registry
from support.importing import forget, imported
from support.world import Json, World

_REALM = registry()["realm"]
_HIDDEN = sorted(
    pattern[1]
    for pattern, mirror in _REALM.mirrors.items()
    if not mirror.kept and "*" not in pattern[1]
)


def test_keycloak_keeps_each_attribute_that_is_not_known_to_repeat_a_field(world: World) -> None:
    """With all other fields sent along, as kcplan sends them, exactly those are not kept."""
    world.declare(enabled=True, displayName="Shop", displayNameHtml="<b>Shop</b>")
    world.apply()
    there = world.admin.json(world.realm)
    passwordless = [
        name.replace("Passwordless", "") + "Passwordless"
        for name in _REALM.schema.fields
        if name.startswith("webAuthnPolicyPasswordless")
    ]
    headers = [f"_browser_header.{name}" for name in there["browserSecurityHeaders"]]
    names = {
        *_REALM.schema.fields,
        *(pattern[1] for pattern in _REALM.mirrors if "*" not in pattern[1]),
        *(path[1] for path in INTERNAL),
        *passwordless,
        *headers,
    }
    attributes = {name: _another_value(name, there) for name in names}
    world.admin.put(
        world.realm, json={**there, "attributes": {**there["attributes"], **attributes}}
    )
    after = world.admin.json(world.realm)

    lost = {name for name in names if after["attributes"].get(name) != attributes[name]}
    repeated = {name for name in names if mirrored(_REALM.mirrors, ("attributes", name))}
    assert lost == repeated | {path[1] for path in INTERNAL}
    # Nor did one of them change a field.
    assert {**after, "attributes": None} == {**there, "attributes": None}


def _another_value(attribute: str, there: Json) -> str:
    """A text that the field of an attribute could have, and has not."""
    mirror = mirrored(_REALM.mirrors, ("attributes", attribute))
    field = mirror.path[0] if mirror else attribute
    value = there.get(field)
    if isinstance(value, bool):
        return str(not value).lower()
    if isinstance(value, int):
        return str(value + 7)
    return json.dumps({attribute: []}) if attribute.startswith("client-policies") else "another"


SET: Json = {
    "bruteForceProtected": True,
    "bruteForceStrategy": "LINEAR",
    "clientSessionIdleTimeout": 70,
    "displayName": "Shop",
    "failureFactor": 7,
    "oauth2DeviceCodeLifespan": 700,
    "organizationsEnabled": True,
    "otpPolicyCodeReusable": True,
    "webAuthnPolicyAcceptableAaguids": ["b6ede29c-3772-412c-8a78-539c1f4c62d2"],
    "webAuthnPolicyExtraOrigins": ["https://b.example", "https://a.example"],
    "webAuthnPolicyPasswordlessExtraOrigins": ["https://b.example"],
    "webAuthnPolicyPasswordlessRpId": "shop.example",
    "webAuthnPolicyRpId": "shop.example",
    "browserSecurityHeaders": {"xFrameOptions": "DENY"},
}
"""Fields with other values than a new realm has."""

AGAIN: Json = {
    "_browser_header.xFrameOptions": "DENY",
    "bruteForceProtected": "true",
    "bruteForceStrategy": "LINEAR",
    "clientSessionIdleTimeout": "70",
    "displayName": "Shop",
    "failureFactor": "7",
    "firstBrokerLoginFlowId": "5c1b7d6e-0000-4000-8000-000000000000",
    "oauth2DeviceCodeLifespan": "700",
    "organizationsEnabled": "true",
    "realmReusableOtpCode": "true",
    "webAuthnPolicyAcceptableAaguids": "b6ede29c-3772-412c-8a78-539c1f4c62d2",
    "webAuthnPolicyExtraOrigins": "https://b.example,https://a.example",
    "webAuthnPolicyExtraOriginsPasswordless": "https://b.example",
    "webAuthnPolicyRpIdPasswordless": "shop.example",
    "webAuthnPolicyRpId": "shop.example",
}
"""What old exports have of these in `attributes`."""


def fields_of(world: World) -> Json:
    there = world.admin.json(world.realm)
    found = {name: there[name] for name in SET}
    headers = there["browserSecurityHeaders"]["xFrameOptions"]
    return {
        **{name: sorted(v) if isinstance(v, list) else v for name, v in found.items()},
        "browserSecurityHeaders": {"xFrameOptions": headers},
    }


WANTED = {name: sorted(v) if isinstance(v, list) else v for name, v in SET.items()}


@pytest.mark.parametrize("realm_is", ["new", "there"])
def test_an_export_that_has_all_twice_is_applied_and_settled(world: World, realm_is: str) -> None:
    if realm_is == "there":
        world.declare(enabled=True)
        world.apply()
    world.declare(enabled=True, **SET, attributes={**AGAIN, "own": "1"})
    world.apply()
    world.is_settled()
    assert fields_of(world) == WANTED

    # Somebody changes the fields, and leaves what repeats them as it is.
    world.declare(
        enabled=True,
        **SET | {"failureFactor": 9, "clientSessionIdleTimeout": 90, "displayName": "Store"},
        attributes={**AGAIN, "own": "1"},
    )
    world.apply()
    world.is_settled()
    assert fields_of(world) == WANTED | {
        "failureFactor": 9,
        "clientSessionIdleTimeout": 90,
        "displayName": "Store",
    }

    # And drops what repeats them.
    world.declare(enabled=True, **SET, attributes={"own": "1"})
    world.apply()
    world.is_settled()
    assert fields_of(world) == WANTED


def test_fields_stay_as_they_are_where_only_an_attribute_repeats_them(inhabited: World) -> None:
    world = inhabited
    world.admin.put(world.realm, json={**world.admin.json(world.realm), **SET})
    hidden = dict.fromkeys(_HIDDEN, "1")
    world.declare(attributes={**hidden, "_browser_header.xFrameOptions": "ALLOW", "own": "1"})
    assert set(world.plan().codes) == {"repeated-field"}
    world.apply()
    world.is_settled()
    assert fields_of(world) == WANTED


SHOWN: dict[str, tuple[str, str, Any, Any]] = {
    "clientSessionIdleTimeout": ("clientSessionIdleTimeout", "60", 60, 0),
    "oauth2DeviceCodeLifespan": ("oauth2DeviceCodeLifespan", "660", 660, 600),
    "oauth2DevicePollingInterval": ("oauth2DevicePollingInterval", "6", 6, 5),
    "realmReusableOtpCode": ("otpPolicyCodeReusable", "true", True, False),
    "webAuthnPolicyExtraOrigins": (
        "webAuthnPolicyExtraOrigins",
        "https://x.example",
        ["https://x.example"],
        [],
    ),
}
"""Attributes that Keycloak gives back: the field, a text, its value, and what a new realm has."""


def test_attributes_that_keycloak_gives_back_can_be_managed_without_the_field(
    world: World,
) -> None:
    def fields() -> Json:
        there = world.admin.json(world.realm)
        return {name: there[field] for name, (field, *_) in SHOWN.items()}

    world.declare(enabled=True)
    world.apply()
    world.declare(enabled=True, attributes={name: item[1] for name, item in SHOWN.items()})
    world.apply()
    world.is_settled()
    assert fields() == {name: item[2] for name, item in SHOWN.items()}

    # Taken out of the files, those go that kcplan brought; a new realm has the others, too.
    world.declare(enabled=True)
    world.apply()
    world.is_settled()
    brought = ("clientSessionIdleTimeout", "webAuthnPolicyExtraOrigins")
    assert fields() == {
        name: item[3] if name in brought else item[2] for name, item in SHOWN.items()
    }


def test_no_other_entries_leaves_those_that_fields_bring(world: World) -> None:
    world.declare(enabled=True, **SET, attributes={"own": "1"})
    world.apply()
    world.declare(enabled=True, **SET, attributes={})
    assert world.plan().fields(".") == {"attributes.own": ("1", None, "config")}
    world.apply()
    world.is_settled()
    assert fields_of(world) == WANTED


def test_an_import_has_the_fields_only(inhabited: World) -> None:
    world = inhabited
    world.admin.put(world.realm, json={**world.admin.json(world.realm), **SET})
    forget(world)
    document = imported(world, "realm.json")
    assert {name: document[name] for name in SET} == WANTED
    assert "attributes" not in document
    world.is_settled()


def test_an_identity_provider_of_an_old_export_is_settled(world: World) -> None:
    provider = {
        "alias": "p",
        "providerId": "oidc",
        "config": {
            "clientId": "us",
            "authorizationUrl": "https://login.example/auth",
            "tokenUrl": "https://login.example/token",
            "hideOnLoginPage": "true",
        },
    }
    client = {"clientId": "a", "type": "web", "attributes": {"type": "web", "own": "1"}}
    world.declare(identityProviders=[{**provider, "hideOnLogin": True}], clients=[client])
    world.apply()
    world.is_settled()
    there = world.admin.json(world.path("identity-provider", "instances", "p"))
    assert there["hideOnLogin"] is True
    assert "hideOnLoginPage" not in there["config"]
