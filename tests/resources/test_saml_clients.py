"""SAML clients with all that belongs to them: mappers, keys and certificates, client scopes."""

import json
from typing import Any

import pytest

from support.authorization import viewer
from support.sabotage import WAYS, Saboteur, sent_through
from support.world import Json, World

SP = "https://sp.example/metadata"
AT = "clients/https:%2F%2Fsp.example%2Fmetadata"
SIGNING, ENCRYPTION = "saml.signing", "saml.encryption"


def mapper(name: str, kind: str, **config: str) -> Json:
    return {"name": name, "protocol": "saml", "protocolMapper": kind, "config": config}


def attribute(name: str, **config: str) -> dict[str, str]:
    named = {"attribute.name": name, "attribute.nameformat": "Basic", "friendly.name": name}
    return {**named, **config}


MAPPERS = [
    mapper("mail", "saml-user-property-mapper", **attribute("mail", **{"user.attribute": "email"})),
    mapper("colour", "saml-user-attribute-mapper", **attribute("c", **{"user.attribute": "c"})),
    mapper(
        "origin", "saml-hardcode-attribute-mapper", **attribute("o", **{"attribute.value": "k"})
    ),
    mapper("roles", "saml-role-list-mapper", **attribute("Role", single="true")),
    mapper("groups", "saml-group-membership-mapper", **attribute("g", **{"full.path": "true"})),
    mapper("audience", "saml-audience-mapper", **{"included.custom.audience": "shop"}),
]

ATTRIBUTES = {
    "saml.artifact.binding": "false",
    "saml.assertion.signature": "true",
    "saml.authnstatement": "true",
    "saml.client.signature": "true",
    "saml.encrypt": "true",
    "saml.force.post.binding": "true",
    "saml.onetimeuse.condition": "true",
    "saml.server.signature": "true",
    "saml.server.signature.keyinfo.ext": "false",
    "saml.server.signature.keyinfo.xmlSigKeyInfoKeyNameTransformer": "CERT_SUBJECT",
    "saml.signature.algorithm": "RSA_SHA512",
    "saml_assertion_consumer_url_post": "https://sp.example/acs",
    "saml_force_name_id_format": "true",
    "saml_idp_initiated_sso_url_name": "shop",
    "saml_name_id_format": "email",
    "saml_signature_canonicalization_method": "http://www.w3.org/2001/10/xml-exc-c14n#",
    "saml_single_logout_service_url_redirect": "https://sp.example/slo",
}


@pytest.fixture
def keys(inhabited: World) -> dict[str, str]:
    """Two keys with their certificates as attributes, made by Keycloak."""
    unsigned = {"saml.client.signature": "false"}
    maker = {"clientId": "maker", "protocol": "saml", "attributes": unsigned}
    inhabited.admin.post(inhabited.path("clients"), json=maker)
    found = {}
    for kind in (SIGNING, ENCRYPTION):
        at = inhabited.in_client("maker", "certificates", kind, "generate")
        made = inhabited.admin.post(at).json()
        found[f"{kind}.certificate"] = made["certificate"]
        found[f"{kind}.private.key"] = made["privateKey"]
    inhabited.admin.delete(inhabited.in_client("maker"))
    return found


@pytest.fixture
def world(inhabited: World, keys: dict[str, str]) -> World:
    """A world with the keys in variables."""
    inhabited.variables["SIGNING"] = keys[f"{SIGNING}.private.key"]
    inhabited.variables["ENCRYPTION"] = keys[f"{ENCRYPTION}.private.key"]
    return inhabited


def declare(world: World, keys: dict[str, str], **changes: Any) -> None:
    """A service provider with everything, and a client scope for it."""
    attributes = {
        **ATTRIBUTES,
        f"{SIGNING}.certificate": keys[f"{SIGNING}.certificate"],
        f"{SIGNING}.private.key": "${SIGNING}",
        f"{ENCRYPTION}.certificate": keys[f"{ENCRYPTION}.certificate"],
        f"{ENCRYPTION}.private.key": "${ENCRYPTION}",
        **changes.pop("attributes", {}),
    }
    client = {
        "clientId": SP,
        "protocol": "saml",
        "adminUrl": "https://sp.example/saml",
        "redirectUris": ["https://sp.example/*"],
        "frontchannelLogout": True,
        "fullScopeAllowed": False,
        "attributes": attributes,
        "protocolMappers": MAPPERS,
        "defaultClientScopes": ["role_list", "for-saml"],
        **changes,
    }
    scope = {
        "name": "for-saml",
        "protocol": "saml",
        "attributes": {"consent.screen.text": "x"},
        "protocolMappers": MAPPERS[:1],
    }
    world.declare(clients=[client], clientScopes=[scope])


def outputs(world: World) -> str:
    """All that kcplan says of the world, and all that it keeps."""
    said = [
        world.kcplan("plan", world.file, "--format", form, exit_code=None).stdout
        for form in ("text", "markdown", "json", "html")
    ]
    said += [world.kcplan("refresh", exit_code=None).stdout, world.kcplan("show").stdout]
    return "".join([*said, world.state_file.read_text()])


def attributes(world: World) -> dict[str, str]:
    found: dict[str, str] = (world.client(SP) or {})["attributes"]
    return found


def test_one_with_everything_is_as_declared(world: World, keys: dict[str, str]) -> None:
    declare(world, keys)
    result = world.apply()
    world.is_settled()
    assert {**ATTRIBUTES, **keys}.items() <= attributes(world).items()
    found = (world.client(SP) or {})["protocolMappers"]
    assert {m["name"]: m["config"] for m in found} == {m["name"]: m["config"] for m in MAPPERS}
    assert {"role_list", "for-saml"} == set((world.client(SP) or {})["defaultClientScopes"])
    said = result.stdout + result.stderr + outputs(world)
    assert not any(keys[f"{kind}.private.key"] in said for kind in (SIGNING, ENCRYPTION))


def test_a_key_that_somebody_changes_is_drift_and_in_no_output(
    world: World, keys: dict[str, str]
) -> None:
    declare(world, keys)
    world.apply()
    before = attributes(world)
    made = world.admin.post(world.in_client(SP, "certificates", SIGNING, "generate")).json()
    drift = world.refresh("--detailed-exitcode", exit_code=2).fields(AT, of="drift")
    assert drift.keys() == {
        f"attributes.{SIGNING}.{what}" for what in ("certificate", "private.key")
    }
    assert made["privateKey"] not in outputs(world)
    world.apply()
    world.is_settled()
    assert attributes(world) == before


def test_keys_that_the_files_do_not_mention_stay(world: World) -> None:
    world.declare(clients=[{"clientId": SP, "protocol": "saml", "attributes": ATTRIBUTES}])
    world.apply()
    before = attributes(world)
    assert before[f"{SIGNING}.private.key"]
    changed = {**ATTRIBUTES, "saml.signature.algorithm": "RSA_SHA256"}
    world.declare(clients=[{"clientId": SP, "protocol": "saml", "attributes": changed}])
    world.apply()
    world.is_settled()
    assert attributes(world) == {**before, "saml.signature.algorithm": "RSA_SHA256"}


def test_a_failed_change_of_a_key_brings_the_old_one_back(
    world: World, keys: dict[str, str]
) -> None:
    declare(world, keys)
    world.apply()
    before = attributes(world)
    changed = {
        f"{SIGNING}.certificate": keys[f"{ENCRYPTION}.certificate"],
        f"{SIGNING}.private.key": "${ENCRYPTION}",
    }
    declare(world, keys, attributes=changed, protocolMappers=MAPPERS[:2])
    with sent_through(Saboteur({3: WAYS["status 500"]})):
        result = world.try_apply()
    assert result.exit_code == 3, result.stderr
    assert attributes(world) == before
    world.apply()
    world.is_settled()


def test_an_imported_one_is_the_same_elsewhere(world: World, keys: dict[str, str]) -> None:
    declare(world, keys)
    world.apply()
    before = world.client(SP) or {}
    world.kcplan("import", world.realm, "--out", "imported.json", "--state", "imported.state")
    text = (world.folder / "imported.json").read_text()
    assert not any(keys[f"{kind}.private.key"] in text for kind in (SIGNING, ENCRYPTION))
    document = json.loads(text)
    (client,) = [item for item in document["clients"] if item["clientId"] == SP]
    placeholders = {key: client["attributes"][key] for key in keys if key.endswith("private.key")}
    for key, placeholder in placeholders.items():
        world.variables[placeholder[len("${env:") : -1]] = keys[key]
    secret = client["secret"][len("${env:") : -1]
    world.variables[secret] = before["secret"]
    world.destroy()
    world.state_file.unlink()
    world.declare(clients=[client], clientScopes=document["clientScopes"])
    world.apply()
    world.is_settled()
    assert comparable(world.client(SP) or {}) == comparable(before)


def comparable(client: Json) -> Json:
    """A client without ids and times."""
    mappers = [{k: v for k, v in m.items() if k != "id"} for m in client["protocolMappers"]]
    times = {"client.secret.creation.time"}
    return {
        **client,
        "id": "",
        "attributes": {k: v for k, v in client["attributes"].items() if k not in times},
        "protocolMappers": sorted(mappers, key=lambda item: str(item["name"])),
        "defaultClientScopes": sorted(client["defaultClientScopes"]),
    }


def test_an_account_that_may_only_view_gets_the_same_plan(
    world: World, keys: dict[str, str]
) -> None:
    declare(world, keys)
    world.apply()
    assert world.plan(env=viewer(world)).actions == {}


def test_what_is_no_key_is_kept(world: World) -> None:
    wrong = {f"{SIGNING}.private.key": "no key", f"{SIGNING}.certificate": "no certificate"}
    world.admin.post(
        world.path("clients"), json={"clientId": SP, "protocol": "saml", "attributes": wrong}
    )
    assert wrong.items() <= attributes(world).items()
