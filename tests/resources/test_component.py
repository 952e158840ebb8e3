"""Components: kinds and settings that the server has, keys, and what cannot be told apart."""

import json

import httpx
import pytest
from inline_snapshot import snapshot

from conformance.samples.component import LDAP
from kcplan.accept import accepted
from kcplan.address import Address
from kcplan.diff import compare
from kcplan.drift import find_drift
from kcplan.lifecycle import Rules
from kcplan.resource import Resource
from kcplan.secret import MASK, Secret
from kcplan.snapshot import LiveObject, Snapshot
from kcplan.state import ResourceState, ServerIdentity, State
from kcplan_keycloak.resources import registry
from support import importing
from support.faults import FaultyTransport
from support.planning import PlainDigester
from support.realm_keys import new_key
from support.sabotage import sent_through
from support.world import Json, World

KEYS = "org.keycloak.keys.KeyProvider"
POLICIES = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy"
FEDERATION = "org.keycloak.storage.UserStorageProvider"
KERBEROS = "kerberos-principal-attribute-mapper"
MAPPER = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper"

LIMIT = {"name": "Max Clients Limit", "subType": "anonymous", "providerId": "max-clients"}
AT_LIMIT = "components/ClientRegistrationPolicy/anonymous/Max Clients Limit"


def key(name: str = "k", provider: str = "hmac-generated", **config: str) -> Json:
    settings = {key: [value] for key, value in config.items()}
    return {KEYS: [{"name": name, "providerId": provider, "config": settings}]}


def ldap_provider() -> Json:
    """An LDAP provider that is never asked."""
    return {"name": "company", "providerId": "ldap", "config": LDAP}


def live(world: World, name: str) -> list[Json]:
    every = world.admin.json(world.path("components"))
    return [item for item in every if item["name"] == name]


def kids(world: World) -> set[str]:
    return {item["kid"] for item in world.admin.json(world.path("keys"))["keys"]}


def said(world: World, *args: object) -> str:
    result = world.kcplan(*args, world.file, exit_code=1)
    return result.stderr.replace(world.realm, "REALM")


def test_what_the_server_does_not_have_is_named(world: World) -> None:
    components = {
        "org.keycloak.keys.KeyProvder": [{"name": "a", "providerId": "aes-generated"}],
        KEYS: [{"name": "b", "providerId": "hmac-genrated"}],
        POLICIES: [{**LIMIT, "config": {"max-client": ["7"]}}],
    }
    world.declare(components=components)
    found = world.plan(exit_code=1).document["diagnostics"]
    assert {
        item["path"][-1]: (item["severity"], item["summary"])
        for item in found
        if item["code"] == "unknown-to-server"
    } == snapshot(
        {
            "providerType": (
                "error",
                "Keycloak 26.7.3 has no type of components `org.keycloak.keys.KeyProvder`; did you mean `org.keycloak.keys.KeyProvider`?",
            ),
            "providerId": (
                "error",
                "Keycloak 26.7.3 has no component provider `hmac-genrated` for org.keycloak.keys.KeyProvider; did you mean `hmac-generated`?",
            ),
            "max-client": (
                "warning",
                "Keycloak 26.7.3 has no component setting `max-client` for max-clients; did you mean `max-clients`?",
            ),
        }
    )


def test_settings_that_keycloak_does_not_list_and_knows_are_no_mistake(world: World) -> None:
    ldap = {"name": "l", "providerId": "ldap", "config": {"fullSyncPeriod": ["-1"]}}
    world.declare(components={FEDERATION: [ldap], **key(kid="x")})
    assert "unknown-to-server" not in world.plan().codes


def test_two_of_one_name_cannot_be_told_apart(inhabited: World) -> None:
    world = inhabited
    made = {"name": "twin", "providerId": "aes-generated", "providerType": KEYS}
    for _ in range(2):
        world.admin.post(world.path("components"), json=made)
    world.declare(components=key("other"))
    world.apply()
    world.declare(components=key("twin", "aes-generated"))
    assert said(world, "plan") == snapshot("""\
Error: REALM/components/KeyProvider/twin stands for several objects in Keycloak

They have the same name, and nothing else tells them apart. Give all but one of them
another name in Keycloak's console, or remove them.
""")


def test_an_import_names_all_that_cannot_be_told_apart_and_goes_on(inhabited: World) -> None:
    world = inhabited
    generated = {"providerId": "aes-generated", "providerType": KEYS}
    alone, twin = ({"name": name, **generated} for name in ("alone", "twin"))
    company = {**ldap_provider(), "providerType": FEDERATION}  # which comes with mappers
    for made in (alone, twin, twin, company, company):
        world.admin.post(world.path("components"), json=made)

    result = world.kcplan("import", world.realm, "--out", "realm.json")

    written = json.loads(world.file.read_text())["components"]
    assert {kind: [item["name"] for item in items] for kind, items in written.items()} == {
        KEYS: ["alone"]
    }
    text = importing.said(world, result.stderr)
    assert "".join(text.partition("Left out, because several")[1:]) == snapshot("""\
Left out, because several objects share each of these names; they stay as they are:
  REALM/components/KeyProvider/twin
  REALM/components/UserStorageProvider/company
To manage one of them, give the others another name in Keycloak's console. Then add it to
the file; or remove the file, run this, and import again:
  kcplan state rm REALM

Next: kcplan plan realm.json
""")
    world.is_settled()


def test_those_without_a_name_are_left_alone(inhabited: World) -> None:
    world = inhabited
    profile = world.admin.json(world.path("users", "profile"))
    world.admin.put(
        world.path("users", "profile"), json={**profile, "unmanagedAttributePolicy": "ENABLED"}
    )
    made = {"providerId": "aes-generated", "providerType": KEYS}
    world.admin.post(world.path("components"), json=made)
    world.declare(components=key(priority="7"))
    world.apply()
    world.is_settled()
    world.declare()
    world.apply()
    assert len(world.admin.json(world.path("components"))) == 16


def test_one_that_somebody_made_meanwhile_is_not_made_twice(world: World) -> None:
    world.declare()
    world.apply()
    world.declare(components=key("k", priority="7"))
    saved = world.folder / "the.kcplan"
    world.kcplan("plan", world.file, "--out", saved)
    made = {"name": "k", "providerId": "aes-generated", "providerType": KEYS}
    world.admin.post(world.path("components"), json=made)
    world.kcplan("apply", saved, "--auto-approve", exit_code=1)
    assert [item["providerId"] for item in live(world, "k")] == ["aes-generated"]


class _Refusing(FaultyTransport):
    """Somebody puts a mapper into a component right before its deletion, which Keycloak refuses."""

    def __init__(self, world: World, component: str) -> None:
        super().__init__()
        self.world, self.component = world, component

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "DELETE" or not request.url.path.endswith(self.component):
            return super().handle_request(request)
        mapper = {
            "name": "theirs",
            "parentId": self.component,
            "providerId": "hardcoded-attribute-mapper",
            "providerType": MAPPER,
            "config": {"user.model.attribute": ["a"], "attribute.value": ["b"]},
        }
        self.world.admin.post(self.world.path("components"), json=mapper)
        return httpx.Response(httpx.codes.CONFLICT, json={"error": "refused"})


def test_what_others_put_into_a_component_stays_where_its_deletion_is_refused(world: World) -> None:
    world.declare(components={FEDERATION: [ldap_provider()]})
    world.apply()
    (component,) = live(world, "company")
    world.declare()
    with sent_through(_Refusing(world, component["id"])):
        world.try_apply()
    assert len(live(world, "company")) == 1
    assert len(live(world, "theirs")) == 1


def test_what_keycloak_makes_is_adopted_and_stays(world: World) -> None:
    world.declare(components={POLICIES: [{**LIMIT, "config": {"max-clients": ["7"]}}]})
    assert world.plan().actions[AT_LIMIT] == "update"
    world.apply()
    world.is_settled()
    assert live(world, LIMIT["name"])[0]["config"] == {"max-clients": ["7"]}
    world.declare()
    assert world.plan().actions == {AT_LIMIT: "release"}
    world.apply()
    assert len(live(world, LIMIT["name"])) == 1


def test_a_key_of_the_file_is_used_and_other_changes_keep_it(world: World) -> None:
    secret = {"secret": "A" * 86, "kid": "a-key-of-the-file"}
    world.declare(components=key(priority="7", **secret))
    world.apply()
    world.is_settled()
    assert secret["kid"] in kids(world)
    world.declare(components=key(priority="8", **{**secret, "kid": "another"}))
    assert set(world.plan().fields("components/KeyProvider/k")) == {"config.priority"}
    world.apply()
    world.is_settled()
    assert secret["kid"] in kids(world)


def test_a_private_key_and_its_certificate_change_together(world: World) -> None:
    world.declare(components=key(provider="rsa", priority="7", **new_key()))
    world.apply()
    world.is_settled()
    before = kids(world)
    world.declare(components=key(provider="rsa", priority="7", **new_key()))
    changed = {"config.certificate", "config.privateKey"}
    assert set(world.plan().fields("components/KeyProvider/k")) == changed
    world.apply()
    world.is_settled()
    assert len(before & kids(world)) == len(before) - 1


def test_an_export_of_a_realm_fits_it(world: World) -> None:
    email = {
        "name": "email",
        "providerId": "user-attribute-ldap-mapper",
        "config": {"ldap.attribute": ["otherMail"]},
    }
    ldap = {**ldap_provider(), "subComponents": {MAPPER: [email]}}
    world.declare(components={FEDERATION: [ldap]})
    mapper = "components/UserStorageProvider/company/mappers/email"
    assert world.plan().actions[mapper] == "update"
    world.apply()
    world.is_settled()
    exported = world.admin.export(world.realm)["components"]
    world.declare(components=exported)
    changes = [item for item in world.plan().document["resource_changes"] if item["changes"]]
    assert changes == []
    world.apply()
    world.declare()
    world.apply()
    # What came along with the provider goes with it, and what came with the realm stays.
    assert len(world.admin.json(world.path("components"))) == 14


def test_a_mapper_that_comes_along_unexpectedly_is_taken_over(world: World) -> None:
    """Which mappers come with a provider depends on the version of Keycloak."""
    mapper = {"name": "Kerberos principal attribute mapper"}
    ldap = {**ldap_provider(), "subComponents": {MAPPER: [{**mapper, "providerId": KERBEROS}]}}
    world.declare(components={FEDERATION: [ldap]})
    address = f"components/UserStorageProvider/company/mappers/{mapper['name']}"
    assert world.plan().actions[address] == "create"
    world.apply()
    world.is_settled()
    assert len(live(world, mapper["name"])) == 1
    world.declare(components={FEDERATION: [ldap_provider()]})
    assert world.plan().actions == {address: "release"}


def test_new_ones_are_found_and_what_keycloak_makes_is_not(world: World) -> None:
    world.declare(components={FEDERATION: [ldap_provider()]})
    world.apply()
    made = {"name": "new", "providerId": "aes-generated", "providerType": KEYS}
    world.admin.post(world.path("components"), json=made)
    found = world.refresh("--unmanaged").document["unmanaged"]
    assert [item["address"] for item in found if "/components/" in item["address"]] == [
        f"{world.realm}/components/KeyProvider/new"
    ]


def test_an_import_has_providers_with_their_mappers_and_lists_what_is_hidden(
    inhabited: World,
) -> None:
    world = inhabited
    config = {**ldap_provider()["config"], "bindDn": ["cn=x"], "bindCredential": ["hidden"]}
    made = {**ldap_provider(), "config": config, "providerType": FEDERATION}
    world.admin.post(world.path("components"), json=made)
    file = world.folder / "import.json"
    result = world.kcplan("import", world.realm, "--out", file, "--state", world.folder / "s.json")
    (ldap,) = json.loads(file.read_text())["components"][FEDERATION]
    assert ldap["config"]["bindDn"] == ["cn=x"]
    assert "bindCredential" not in ldap["config"]
    assert len(ldap["subComponents"][MAPPER]) == 7
    assert "config.bindCredential" in result.stderr


def test_a_change_without_the_kinds_is_done_and_answered_with_500(inhabited: World) -> None:
    (policy,) = live(inhabited, LIMIT["name"])
    at = inhabited.path("components", policy["id"])
    body = {"config": {"max-clients": ["7"]}}
    assert inhabited.admin.put(at, json=body, check=False).status_code == 500
    assert inhabited.admin.json(at)["config"] == {"max-clients": ["7"]}


def test_settings_that_a_provider_does_not_know_are_in_no_answer(inhabited: World) -> None:
    world = inhabited
    made = {**key(nonesuch="x", priority="7")[KEYS][0], "providerType": KEYS}
    world.admin.post(world.path("components"), json=made)
    assert "nonesuch" not in live(world, "k")[0]["config"]


SPEC = registry()["component"]
ADDRESS = Address.parse("r/components/Custom/c")


@pytest.mark.parametrize(("value", "is_changed"), [("1234", False), ("5678", True)])
def test_a_secret_that_only_the_server_knows_of_is_compared_with_the_last_one(
    value: str,
    is_changed: bool,  # noqa: FBT001 - a case
) -> None:
    pin = ("config", "pin")
    entry = ResourceState(ADDRESS, SPEC.name, "id", managed={pin: ["1234"]})
    found = compare(
        SPEC,
        ADDRESS,
        Resource(ADDRESS, SPEC.name, {pin: [value]}),
        entry,
        {pin: [Secret(MASK)]},
        lambda _, __: None,
    )
    assert bool(found.changes) is is_changed


@pytest.mark.parametrize("is_secret", [False, True])
def test_a_mask_is_neither_drift_nor_a_value_to_accept(is_secret: bool) -> None:  # noqa: FBT001
    """Of a field that no list of kcplan's has for a secret, and the server masks."""
    pin, digester = ("config", "pin"), PlainDigester()
    written = (
        {"secrets": {pin: digester.digest("1234")}} if is_secret else {"managed": {pin: ["1234"]}}
    )
    entry = ResourceState(ADDRESS, SPEC.name, "id", **written)
    state = State("lineage", resources={ADDRESS: entry})
    there = LiveObject(ADDRESS, SPEC.name, "id", {pin: [Secret(MASK)]})
    live = Snapshot(ServerIdentity("https://sso.example", None), objects={ADDRESS: there})

    drift, _ = find_drift(state, live, registry(), digester, Rules(()))
    after = accepted(state, live, registry(), digester).resources[ADDRESS]

    assert drift == ()
    assert (after.managed, after.secrets) == (entry.managed, entry.secrets)
