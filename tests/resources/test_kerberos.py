"""User federation with Kerberos, and with providers that the server does not have.

No ticket is ever looked at: Keycloak takes the configuration without asking anybody.
"""

import json
from typing import Any

import pytest
from inline_snapshot import snapshot

from conformance.flows import in_file
from conformance.samples.component import LDAP
from kcplan.schema import unflatten
from kcplan_keycloak.flow_leaves import SCHEMA
from kcplan_keycloak.flows_made import made
from kcplan_keycloak.tickets import as_they_were
from support.faults import FaultyTransport, status
from support.sabotage import WAYS, Saboteur, sent_through
from support.world import Json, World

FEDERATION = "org.keycloak.storage.UserStorageProvider"
ADDRESS = "components/UserStorageProvider/tickets"


def kerberos(provider: str = "kerberos", **config: str | None) -> Json:
    """A section with a Kerberos provider that has all of its settings."""
    settings = {
        "enabled": "true",
        "priority": "0",
        "cachePolicy": "DEFAULT",
        "kerberosRealm": "EXAMPLE.ORG",
        "serverPrincipal": "HTTP/sso.example.org@EXAMPLE.ORG",
        "keyTab": "/etc/krb5.keytab",
        "debug": "false",
        "allowPasswordAuthentication": "true",
        "editMode": "UNSYNCED",
        "updateProfileFirstLogin": "false",
        **config,
    }
    found = {key: [value] for key, value in settings.items() if value is not None}
    return {FEDERATION: [{"name": "tickets", "providerId": provider, "config": found}]}


def there(world: World) -> Json:
    """The provider as Keycloak has it."""
    every = world.admin.json(world.path("components"))
    (found,) = (item for item in every if item["name"] == "tickets")
    return dict(found)


def in_flows(world: World, requirement: str | None = None) -> str:
    """Whether people may log in with a ticket, according to the flow `browser`; sets it, too."""
    at = world.path("authentication", "flows", "browser", "executions")
    every = world.admin.json(at)
    (found,) = (item for item in every if item.get("providerId") == "auth-spnego")
    if requirement is not None:
        world.admin.put(at, json={**found, "requirement": requirement})
    return str(requirement or found["requirement"])


def test_keycloak_switches_kerberos_on_and_off_in_flows(world: World) -> None:
    world.declare(components=kerberos())
    assert world.plan().change(ADDRESS)["notes"] == snapshot(
        ["Keycloak enables Kerberos in the flows that have it as a disabled step"]
    )
    world.apply()
    assert in_flows(world) == "ALTERNATIVE"
    second = {**kerberos()[FEDERATION][0], "name": "more"}
    world.declare(components={FEDERATION: [*kerberos()[FEDERATION], second]})
    world.apply()
    world.declare(components=kerberos())
    world.apply()
    assert in_flows(world) == "DISABLED"


def browser(requirement: str) -> Json:
    """The flow `browser`, as Keycloak makes it, with this requirement of tickets."""
    fields = dict(unflatten(SCHEMA, made(SCHEMA, "browser") or {}))
    own = {"authenticator": "auth-spnego", "requirement": requirement}
    fields["authenticationExecutions"] = {**fields["authenticationExecutions"], "auth-spnego": own}
    return in_file("browser", fields)


def test_a_flow_of_the_files_is_as_they_say_though_keycloak_switches_kerberos(
    world: World,
) -> None:
    # In a new realm, then where the provider goes, and comes back.
    for provider, requirement in (
        (kerberos(), "DISABLED"),
        ({}, "REQUIRED"),
        (kerberos(), "DISABLED"),
    ):
        world.declare(components=provider, **browser(requirement))
        world.apply()
        assert in_flows(world) == requirement
        assert world.plan().actions == {}


def test_a_plan_says_why_it_writes_a_flow_again(world: World) -> None:
    world.declare(**browser("DISABLED"))
    world.apply()
    world.declare(components=kerberos(), **browser("DISABLED"))
    (change,) = world.plan().change("flows/browser")["changes"]
    reason = f"Keycloak changes it along with {world.realm}/{ADDRESS}"
    assert (change["before"], change["after"], change["because"]) == (
        "DISABLED",
        "DISABLED",
        reason,
    )
    assert " ".join(reason.split()) in " ".join(world.kcplan("plan", world.file).stdout.split())
    bad = {"clientId": "bad", "redirectUris": ["javascript:alert(1)"]}
    world.declare(components=kerberos(), clients=[bad], **browser("DISABLED"))
    world.apply("--parallelism", "1", exit_code=3)
    assert in_flows(world) == "DISABLED"
    world.declare(components=kerberos(), **browser("DISABLED"))
    world.apply()
    assert in_flows(world) == "DISABLED"
    assert world.plan().actions == {}


def test_an_undone_creation_leaves_kerberos_on_in_flows(world: World) -> None:
    world.declare(components=kerberos())
    world.apply()
    second = {**kerberos()[FEDERATION][0], "name": "more"}
    world.declare(
        components={FEDERATION: [*kerberos()[FEDERATION], second]},
        clients=[{"clientId": "bad", "redirectUris": ["javascript:alert(1)"]}],
    )
    world.apply("--parallelism", "1", exit_code=3)
    names = {item["name"] for item in world.admin.json(world.path("components"))}
    assert ("tickets" in names, "more" in names) == (True, False)
    assert in_flows(world) == "ALTERNATIVE"


def own_flow(*authenticators: str) -> Json:
    """A flow of one's own that asks for a ticket, and then for these."""
    entries = {
        name: {"authenticator": name, "requirement": "REQUIRED"}
        for name in ("auth-spnego", *authenticators)
    }
    return in_file("desk", {"authenticationExecutions": entries, "order": list(entries)})


def test_a_flow_that_was_made_anew_asks_for_a_ticket_again_when_all_is_undone(
    world: World,
) -> None:
    world.declare(**own_flow("auth-username-password-form"))
    world.apply()
    bad = {"clientId": "bad", "redirectUris": ["javascript:alert(1)"]}
    more = own_flow("auth-username-password-form", "auth-otp-form")
    world.declare(components=kerberos(), clients=[bad], **more)
    world.apply("--parallelism", "1", exit_code=3)
    items = world.admin.json(world.path("authentication", "flows", "desk", "executions"))
    assert [(item["providerId"], item["requirement"]) for item in items] == [
        ("auth-spnego", "REQUIRED"),
        ("auth-username-password-form", "REQUIRED"),
    ]


def test_steps_that_were_made_anew_are_told_by_their_order() -> None:
    def again(were: Any, *steps: str) -> list[str]:
        found = [{"id": name, "requirement": "DISABLED"} for name in steps]
        return [was for _, was in as_they_were(were, found)]

    pairs = [["z", "REQUIRED"], ["a", "ALTERNATIVE"]]
    assert again(pairs, "a", "z") == ["ALTERNATIVE", "REQUIRED"]
    assert again(pairs, "new", "newer") == ["REQUIRED", "ALTERNATIVE"]
    assert again(pairs, "new", "z", "third") == ["ALTERNATIVE", "REQUIRED", "DISABLED"]
    # As the journal of an older kcplan has it.
    assert again({"z": "REQUIRED"}, "z", "new") == ["REQUIRED", "DISABLED"]


def company(allowed: str) -> Json:
    """An LDAP provider that takes tickets or does not."""
    config = {
        **LDAP,
        "allowKerberosAuthentication": [allowed],
        "kerberosRealm": ["EXAMPLE.ORG"],
        "serverPrincipal": ["HTTP/sso.example.org@EXAMPLE.ORG"],
        "keyTab": ["/etc/krb5.keytab"],
    }
    return {"name": "company", "providerId": "ldap", "config": config}


@pytest.mark.parametrize(
    ("was", "becomes", "in_flow", "note"),
    [
        (
            "false",
            "TRUE",
            "ALTERNATIVE",
            "Keycloak enables Kerberos in the flows that have it as a disabled step",
        ),
        ("false", "true", "DISABLED", None),
        (
            "true",
            "false",
            "ALTERNATIVE",
            "Keycloak disables Kerberos in all flows, also those that need it for another provider",
        ),
    ],
)
def test_an_undone_update_leaves_flows_as_they_were(
    world: World, was: str, becomes: str, in_flow: str, note: str | None
) -> None:
    tickets = kerberos()[FEDERATION]
    world.declare(components={FEDERATION: [*tickets, company(was)]})
    world.apply()
    in_flows(world, in_flow)
    world.declare(components={FEDERATION: [*tickets, company(becomes)]})
    at = "components/UserStorageProvider/company"
    if note is not None:
        assert world.plan().change(at)["notes"] == [note]
    with sent_through(Saboteur({0: status(500, acted=True)})):
        world.apply(exit_code=3)
    assert in_flows(world) == in_flow
    every = world.admin.json(world.path("components"))
    (there,) = (item for item in every if item["name"] == "company")
    assert there["config"]["allowKerberosAuthentication"] == [was]


def test_a_lost_password_is_told_though_flows_cannot_be_put_back_either(world: World) -> None:
    ldap = company("true")
    ldap["config"] |= {
        "bindDn": ["cn=manager"],
        "bindCredential": ["secret"],
        "authType": ["simple"],
    }
    world.declare(components={FEDERATION: [ldap]})
    world.apply()
    in_flows(world, "REQUIRED")
    world.declare()
    faults = FaultyTransport()
    faults.fail(status(500, acted=True), method="DELETE", path="/components/", times=2)
    faults.fail(status(500), method="PUT", path="/executions", times=9)
    with sent_through(faults):
        undone = world.apply("--parallelism", "1", exit_code=None)
    assert "company is back without its secret (bindCredential)" in undone.stderr
    assert "Nor could flows be put back: " in undone.stderr


def test_it_is_made_changed_repaired_and_brings_no_mappers(world: World) -> None:
    world.declare(components=kerberos())
    assert world.plan().actions[ADDRESS] == "create"
    world.apply()
    world.is_settled()
    made = there(world)
    assert made["config"] == kerberos()[FEDERATION][0]["config"]
    inside = world.admin.json(world.path("components"), parent=made["id"])
    assert inside == []

    world.declare(components=kerberos(keyTab="/other", editMode="READ_ONLY"))
    assert set(world.plan().fields(ADDRESS)) == {"config.keyTab", "config.editMode"}
    world.apply()
    world.is_settled()

    changed = {**there(world), "config": {"debug": ["true"], "allowPasswordAuthentication": []}}
    world.admin.put(world.path("components", made["id"]), json=changed)
    assert world.refresh("--detailed-exitcode", exit_code=2).drift == {ADDRESS: "update"}
    world.apply()
    world.is_settled()


def test_its_deletion_is_undone_and_all_of_it_is_imported(world: World) -> None:
    others = {"roles": {"realm": [{"name": "r"}]}, "clients": [{"clientId": "a"}]}
    world.declare(components=kerberos(), **others)
    world.apply()
    before = there(world)
    file = world.folder / "import.json"
    world.kcplan("import", world.realm, "--out", file, "--state", world.folder / "other.json")
    (imported,) = json.loads(file.read_text())["components"][FEDERATION]
    assert imported["config"] == before["config"]

    in_flows(world, "REQUIRED")
    world.declare()
    with sent_through(Saboteur({2: WAYS["status 500"]})):
        world.apply("--parallelism", "1", exit_code=3)
    assert there(world) == before
    assert in_flows(world) == "REQUIRED"
    world.destroy()


def test_a_provider_that_the_server_does_not_have_is_named(world: World) -> None:
    """What runs only where its software is installed is not listed elsewhere."""
    sssd = {"name": "host", "providerId": "sssd", "config": {"enabled": ["true"]}}
    section = kerberos("kerberoz")
    world.declare(components={FEDERATION: [*section[FEDERATION], sssd]})
    found = world.plan(exit_code=1).document["diagnostics"]
    assert [
        (item["severity"], item["summary"]) for item in found if item["code"] == "unknown-to-server"
    ] == snapshot(
        [
            (
                "error",
                "Keycloak 26.7.3 has no component provider `kerberoz` for org.keycloak.storage.UserStorageProvider; did you mean `kerberos`?",
            ),
            (
                "error",
                "Keycloak 26.7.3 has no component provider `sssd` for org.keycloak.storage.UserStorageProvider",
            ),
        ]
    )


def test_its_replacement_says_that_its_users_go(world: World) -> None:
    world.declare()
    world.apply()
    for name in ("ann", "bob"):
        world.admin.post(world.path("users"), json={"username": name})
    world.declare(components=kerberos())
    world.apply()
    ldap = {
        "editMode": ["READ_ONLY"],
        "connectionUrl": ["ldap://ldap.example"],
        "usersDn": ["dc=example"],
        "usernameLDAPAttribute": ["uid"],
        "rdnLDAPAttribute": ["uid"],
        "uuidLDAPAttribute": ["entryUUID"],
        "userObjectClasses": ["inetOrgPerson"],
        "authType": ["none"],
    }
    world.declare(
        components={FEDERATION: [{"name": "tickets", "providerId": "ldap", "config": ldap}]}
    )
    plan = world.plan()
    assert plan.actions[ADDRESS] == "replace"
    assert plan.change(ADDRESS)["notes"] == snapshot(
        [
            "its secrets and its keys are lost, and the users that were imported with it are deleted",
            "each component-mapper in it that no file declares is lost",
            "Keycloak disables Kerberos in all flows, also those that need it for another provider",
            "the realm has 2 users: those who came from there are deleted",
        ]
    )
    world.declare()
    assert world.plan().change(ADDRESS)["notes"] == snapshot(
        [
            "its secrets and its keys are lost, and the users that were imported with it are deleted",
            "Keycloak disables Kerberos in all flows, also those that need it for another provider",
            "the realm has 2 users: those who came from there are deleted",
        ]
    )
