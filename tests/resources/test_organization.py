"""Organizations: their identity providers, and what goes along with one."""

from typing import Any

import httpx
import pytest
from inline_snapshot import snapshot

from support.authorization import VIEWS
from support.faults import Breakage, FaultyTransport, status
from support.importing import account
from support.sabotage import WAYS, Saboteur, each_write_fails, sent_through
from support.world import Json, World

PROVIDER: Json = {
    "alias": "company",
    "providerId": "oidc",
    "enabled": True,
    "config": {
        "clientId": "us",
        "authorizationUrl": "https://login.example/auth",
        "tokenUrl": "https://login.example/token",
    },
}


@pytest.fixture
def world(world: World) -> World:
    """A world whose realm has organizations, and is not kcplan's."""
    body = {"realm": world.realm, "enabled": True, "organizationsEnabled": True}
    world.admin.post("", json=body)
    return world


def declare(world: World, *organizations: Json, **more: Any) -> None:
    more = {"organizationsEnabled": True, **more}
    world.declare(organizations=list(organizations), **more)


def found(world: World, alias: str = "acme") -> Json:
    """An organization as Keycloak has it, with the aliases of its providers and its members."""
    listed = world.admin.json(world.path("organizations"), briefRepresentation="false")
    (there,) = (item for item in listed if item["alias"] == alias)
    at = world.path("organizations", there["id"])
    linked = [item["alias"] for item in world.admin.json(f"{at}/identity-providers")]
    members = [item["username"] for item in world.admin.json(f"{at}/members")]
    return {**there, "linked": linked, "members": members}


def said(world: World, text: str) -> str:
    """A text without what is of this run."""
    return text.replace(world.realm, "REALM").replace(f"{world.folder}/", "")


def test_without_an_alias_the_name_is_one(world: World) -> None:
    exported = {
        "id": "0",
        "name": "acme",
        "domains": [{"name": "ACME.Example", "verified": True}],
        "identityProviders": [{"alias": "company", "enabled": True, "config": {}}],
        "members": [{"username": "ann", "membershipType": "UNMANAGED"}],
    }
    declare(world, exported, identityProviders=[PROVIDER])
    world.apply()
    world.is_settled()
    there = found(world)
    assert there["domains"] == [{"name": "acme.example", "verified": True}]
    assert (there["linked"], there["members"]) == (["company"], [])


def test_a_domain_of_a_variable_is_in_lower_case(world: World) -> None:
    declare(world, {"name": "acme", "domains": [{"name": "${DOMAIN}"}]})
    capital = {"DOMAIN": "ACME.Example"}
    refused = world.kcplan("plan", world.file, env=capital, exit_code=1).stderr
    assert said(world, refused) == snapshot("""\
Error: the name of a domain is in lower case in Keycloak, and ACME.Example is not [invalid-name]
  on realm.json:8:11, in REALM/organizations/acme, domains."ACME.Example".name

Write `acme.example` in the variable.
""")
    small = {"DOMAIN": "acme.example"}
    world.apply(env=small)
    assert world.plan(env=small).actions == {}


def test_what_others_have_in_it_stays_and_what_leaves_the_files_goes(world: World) -> None:
    providers = [PROVIDER, {**PROVIDER, "alias": "theirs"}]
    ours = {"name": "acme", "attributes": {"a": ["1"]}, "identityProviders": [{"alias": "company"}]}
    declare(world, ours, identityProviders=providers)
    world.apply()
    at = world.path("organizations", found(world)["id"])
    world.admin.post(f"{at}/identity-providers", json="theirs")
    declare(world, {"name": "acme"}, identityProviders=providers)
    assert world.plan().fields("organizations/acme") == snapshot(
        {
            "attributes.a": (["1"], None, "config"),
            "identityProviders.company": ({"alias": "company"}, None, "config"),
        }
    )
    world.apply()
    world.is_settled()
    assert found(world)["linked"] == ["theirs"]
    assert found(world)["attributes"] == {}


def test_a_plan_says_how_many_members_one_has_that_goes(world: World) -> None:
    declare(world, {"name": "acme"})
    world.apply()
    at = world.path("organizations", found(world)["id"])
    user = world.admin.create(world.path("users"), {"username": "ann"})
    world.admin.post(f"{at}/members", json=user)
    declare(world)
    change = world.plan().change("organizations/acme")
    assert (change["action"], change["notes"]) == snapshot(
        (
            "delete",
            [
                "its invitations are lost",
                "whoever came in through one of its identity providers is deleted",
                "its identity providers lose the domain (`kc.org.domain`) that they serve",
                "brought back, it has another id, and all its members are as if they had been invited",
                "it has one member",
            ],
        )
    )


def test_one_with_groups_of_others_is_deleted_only_if_that_is_asked_for(world: World) -> None:
    declare(world, {"name": "acme"})
    world.apply()
    at = world.path("organizations", found(world)["id"])
    world.admin.post(f"{at}/groups", json={"name": "staff"})
    declare(world)
    refused = world.kcplan("plan", world.file, exit_code=1).stderr
    assert said(world, refused) == snapshot("""\
Error: REALM/organizations/acme would be deleted with what kcplan does not manage: 1 organization-group [unmanaged-within]
  in REALM/organizations/acme

They would go along with it. The organization-groups are
REALM/organizations/acme/groups/staff. To delete them too, use
--delete-unmanaged.

""")
    world.apply("--delete-unmanaged")
    assert world.admin.json(world.path("organizations")) == []


def test_a_provider_that_comes_back_is_linked_again(world: World) -> None:
    others = [{**PROVIDER, "alias": "other"}]
    declare(world, {"name": "acme"}, identityProviders=[PROVIDER, *others])
    world.apply()
    at = world.path("organizations", found(world)["id"])
    world.admin.post(f"{at}/identity-providers", json="company")
    declare(world, {"name": "acme"})

    def is_as_before() -> None:
        assert found(world)["linked"] == ["company"]

    each_write_fails(world.try_apply, is_as_before)
    assert found(world)["linked"] == []


def serve(world: World, alias: str, domain: str) -> None:
    """Somebody has a provider serve a domain of its organization."""
    at = world.path("identity-provider", "instances", alias)
    body = world.admin.json(at)
    world.admin.put(at, json={**body, "config": {**body["config"], "kc.org.domain": domain}})


def served(world: World, alias: str) -> Any:
    """Whether a provider is on, and what it serves; None where it is in no organization."""
    body = world.admin.json(world.path("identity-provider", "instances", alias))
    if "organizationId" not in body:
        return None
    return (body["enabled"], body["config"].get("kc.org.domain"))


DOMAINS: Json = {"domains": [{"name": "acme.example"}, {"name": "b.example"}]}
LINKED: Json = {"name": "acme", **DOMAINS, "identityProviders": [{"alias": "company"}]}


def undo(world: World, undoing: Breakage | None = None) -> None:
    """Apply what is one write, of which Keycloak says that it failed; so it is undone.

    `undoing` breaks the second write of the rollback.
    """
    broken = {} if undoing is None else {1: undoing}
    with sent_through(Saboteur({0: status(500, acted=True)}, undoing=broken)):
        world.apply(exit_code=3)


@pytest.mark.parametrize(
    "after",
    [
        [{"name": "acme", **DOMAINS}],
        [{**LINKED, "domains": [{"name": "b.example"}]}],
        [],
    ],
    ids=["unlinked", "without its domain", "deleted"],
)
def test_providers_serve_again_what_they_served(world: World, after: list[Json]) -> None:
    providers = [PROVIDER, {**PROVIDER, "alias": "theirs"}]
    declare(world, LINKED, identityProviders=providers)
    world.apply()
    at = world.path("organizations", found(world)["id"])
    world.admin.post(f"{at}/identity-providers", json="theirs")
    for alias in ("company", "theirs"):
        serve(world, alias, "acme.example")
    declare(world, *after, identityProviders=providers)
    undo(world)
    as_before = (True, "acme.example")
    assert (served(world, "company"), served(world, "theirs")) == (as_before, as_before)
    assert {item["name"] for item in found(world)["domains"]} == {"acme.example", "b.example"}


def test_what_comes_back_into_an_organization_that_is_off_stays_on(world: World) -> None:
    declare(world, LINKED)
    world.admin.post(world.path("identity-provider", "instances"), json=PROVIDER)
    world.apply()
    serve(world, "company", "acme.example")
    at = world.path("organizations", found(world)["id"])
    there = world.admin.json(at)
    world.admin.put(at, json={**there, "enabled": False})
    declare(world)
    undo(world)
    assert served(world, "company") == (False, "acme.example")
    back = world.admin.json(world.path("organizations", found(world)["id"]))
    at = world.path("organizations", back["id"])
    world.admin.put(at, json={**back, "enabled": True})
    assert served(world, "company") == (True, "acme.example")


def test_members_come_back_but_for_those_who_are_gone(world: World) -> None:
    declare(world, {"name": "acme"})
    world.apply()
    at = world.path("organizations", found(world)["id"])
    names = ("ann", "bob", "eve")
    users = [world.admin.create(world.path("users"), {"username": name}) for name in names]
    for user in users:
        world.admin.post(f"{at}/members", json=user)
    (first, *_) = world.admin.json(f"{at}/members")

    def as_before_26_7(inner: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        """Keycloak's answer, with the status that older versions have where nobody is found."""
        world.admin.delete(world.path("users", first["id"]))
        answer = inner.handle_request(request)
        assert answer.status_code == 404
        return httpx.Response(
            400, content=answer.read(), headers={"content-type": "application/json"}
        )

    declare(world)
    undo(world, as_before_26_7)
    assert set(found(world)["members"]) == set(names) - {first["username"]}


def test_a_realm_must_have_organizations(world: World) -> None:
    declare(world, {"name": "acme"}, organizationsEnabled=False)
    refused = world.kcplan("plan", world.file, exit_code=1).stderr
    assert said(world, refused) == snapshot("""\
Error: the realm REALM has no organizations, and the files declare one [organizations-disabled]
  on realm.json:4:5, in REALM/organizations/acme

Set `organizationsEnabled` to true in the realm, or remove the organization.

""")


def test_a_provider_cannot_be_on_while_its_organization_is_off(world: World) -> None:
    organization = {"name": "acme", "identityProviders": [{"alias": "company"}], "enabled": False}
    declare(world, organization, identityProviders=[PROVIDER])
    refused = world.kcplan("plan", world.file, exit_code=1).stderr
    assert said(world, refused) == snapshot("""\
Error: identity provider company is on, and its organization is off [provider-of-disabled-organization]
  on realm.json:8:11, in REALM/organizations/acme, identityProviders.company.alias

Keycloak shows such a provider as off, whatever it is told. Set `enabled` to false in
the provider as well, or switch on the organization.

""")
    declare(world, organization, identityProviders=[{**PROVIDER, "enabled": False}])
    world.apply()
    world.is_settled()
    declare(world, {**organization, "enabled": True}, identityProviders=[PROVIDER])
    world.apply()
    world.is_settled()


def test_who_may_not_see_them_is_told_the_role_that_it_takes(world: World) -> None:
    rights = account(world, *VIEWS)
    refused = world.kcplan("import", world.realm, env=rights, exit_code=1).stderr
    assert said(world, refused) == snapshot("""\
Error: the account has no right to GET /admin/realms/REALM/organizations

Keycloak let it log in and refuses this request. To read the realm it needs the roles
view-realm, view-clients, view-users and view-identity-providers, and view-organizations
for these, of the client realm-management in 'REALM'; an account of the
realm master, those of the client 'REALM-realm' there. New roles count from
the next log-in.
""")
    world.grant("viewer", "realm-management/view-organizations")
    world.kcplan("import", world.realm, env=rights)


def test_domains_and_providers_move_between_organizations(world: World) -> None:
    """Keycloak refuses to a second organization what another one still has; two of them swap."""
    partner = {**PROVIDER, "alias": "partner"}

    def swapped(*names: str) -> None:
        sides = ("company", "a.example"), ("partner", "b.example")
        organizations = [
            {"name": name, "domains": [{"name": domain}], "identityProviders": [{"alias": alias}]}
            for name, (alias, domain) in zip(names, sides, strict=False)
        ]
        declare(world, *organizations, identityProviders=[PROVIDER, partner])

    swapped("acme", "umbrella")
    world.apply()
    before = (found(world), found(world, "umbrella"))
    swapped("umbrella", "acme")
    with sent_through(saboteur := Saboteur({7: WAYS["status 500"]})):
        assert world.try_apply().exit_code == 3
    assert (len(saboteur.writes), found(world), found(world, "umbrella")) == (8, *before)
    world.apply()
    there = {name: found(world, name) for name in ("acme", "umbrella")}
    assert {name: item["linked"] for name, item in there.items()} == {
        "acme": ["partner"],
        "umbrella": ["company"],
    }
    assert [item["name"] for item in there["acme"]["domains"]] == ["b.example"]
    # What goes gives up all that it has, to one that is new as well.
    swapped("new", "acme")
    world.apply()
    world.is_settled()
    assert found(world, "new")["linked"] == ["company"]


def test_providers_serve_what_the_files_say_where_they_move(world: World) -> None:
    """Keycloak takes the domain out of a provider that leaves, and of all where the domain goes."""
    serving = {**PROVIDER, "config": {**PROVIDER["config"], "kc.org.domain": "a.example"}}
    partner = {**PROVIDER, "alias": "partner"}

    def hold(*names: str) -> None:
        sides = ("company", "a.example"), ("partner", "b.example")
        organizations = [
            {"name": name, "domains": [{"name": domain}], "identityProviders": [{"alias": alias}]}
            for name, (alias, domain) in zip(names, sides, strict=False)
        ]
        declare(world, *organizations, identityProviders=[serving, partner])

    hold("acme", "umbrella")
    world.apply()
    world.is_settled()
    for names in (("umbrella", "acme"), ("new", "acme")):
        hold(*names)
        changes = world.plan()
        assert changes.fields("identity-providers/company") == {
            "config.kc.org.domain": ("a.example", "a.example", "config")
        }
        assert "identity-providers/partner" not in changes.actions
        world.apply()
        world.is_settled()
        assert served(world, "company") == (True, "a.example")
    hold("acme", "umbrella")
    with sent_through(transport := FaultyTransport()):
        transport.fail(status(400), method="PUT", path="identity-provider/instances/company")
        assert world.try_apply().exit_code == 3
    assert served(world, "company") == (True, "a.example")


def test_a_provider_that_is_made_anew_is_linked_again(world: World) -> None:
    organization = {"name": "acme", "identityProviders": [{"alias": "company"}]}
    declare(world, organization, identityProviders=[PROVIDER])
    world.apply()
    config = {"clientId": "us", "clientSecret": "12345678"}
    declare(
        world,
        organization,
        identityProviders=[{**PROVIDER, "providerId": "github", "config": config}],
    )
    change = world.plan().change("identity-providers/company")
    assert change["action"] == "replace"
    assert "it leaves its organization" in " ".join(change["notes"])
    world.apply()
    world.is_settled()
    assert found(world)["linked"] == ["company"]


def test_a_switch_that_keycloak_hides_is_never_written(world: World) -> None:
    """While an organization is off its providers are shown as off, whatever they are."""
    without = {key: value for key, value in PROVIDER.items() if key != "enabled"}
    declare(world, identityProviders=[without])
    world.apply()
    at = world.admin.create(world.path("organizations"), {"name": "acme", "enabled": True})
    path = world.path("organizations", at)
    world.admin.post(f"{path}/identity-providers", json="company")
    world.admin.put(path, json={**world.admin.json(path), "enabled": False})
    assert world.plan().actions == {}
    declare(world, identityProviders=[{**without, "displayName": "Company"}])
    refused = world.kcplan("apply", world.file, "--auto-approve", exit_code=1).stderr
    assert said(world, refused) == snapshot("""\
Error: the organization acme of REALM/identity-providers/company is off, so that Keycloak does not show whether the provider is on [provider-of-disabled-organization]
  on realm.json:6:5, in REALM/identity-providers/company, enabled

An update would switch it off or on for good. Switch on the organization first; or set
`enabled` to false in the provider.

""")
    world.admin.put(path, json={**world.admin.json(path), "enabled": True})
    world.apply()
    world.is_settled()
    provider = world.admin.json(world.path("identity-provider", "instances", "company"))
    assert (provider["enabled"], provider["displayName"]) == (True, "Company")


def linked_by_others(world: World, *organizations: Json) -> tuple[Json, str]:
    """A provider whose files do not say that it is on, and the path of its organization."""
    without = {key: value for key, value in PROVIDER.items() if key != "enabled"}
    declare(world, *organizations, identityProviders=[without])
    world.apply()
    if not organizations:
        world.admin.create(world.path("organizations"), {"name": "acme", "enabled": True})
    path = world.path("organizations", found(world)["id"])
    world.admin.post(f"{path}/identity-providers", json="company")
    return without, path


def test_a_provider_is_not_changed_along_with_the_switch_of_its_organization(world: World) -> None:
    """Nothing orders the two, and after the organization Keycloak would say that it is off."""
    provider, path = linked_by_others(world, {"name": "acme"})
    off = {"name": "acme", "enabled": False}
    declare(world, off, identityProviders=[{**provider, "displayName": "Company"}])
    refused = world.kcplan("apply", world.file, "--auto-approve", exit_code=1).stderr
    assert said(world, refused) == snapshot("""\
Error: the plan switches off the organization acme of REALM/identity-providers/company, and Keycloak then no longer shows whether the provider is on [provider-of-disabled-organization]
  on realm.json:11:5, in REALM/identity-providers/company, enabled

If the organization comes first, the update switches off the provider for good. Set
`enabled` to false in the provider, or switch off the organization in a later plan.

""")
    assert world.admin.json(path)["enabled"]
    declare(world, off, identityProviders=[provider])
    world.apply()
    assert world.plan().actions == {}


def test_who_may_not_see_the_organization_changes_no_provider_unseen(world: World) -> None:
    provider, path = linked_by_others(world)
    world.admin.put(path, json={**world.admin.json(path), "enabled": False})
    rights = account(world, *VIEWS)
    changed = {**provider, "displayName": "Company"}
    declare(world, identityProviders=[changed])
    refused = world.kcplan("plan", world.file, env=rights, exit_code=1).stderr
    assert said(world, refused).replace(path.rpartition("/")[2], "ID") == snapshot("""\
Error: the account may not see the organization ID of REALM/identity-providers/company, so kcplan cannot tell whether the provider is on [provider-of-disabled-organization]
  on realm.json:6:5, in REALM/identity-providers/company, enabled

Keycloak shows the provider as off, and does so too while its organization is off. An
update might switch it off for good. Set `enabled` in the provider, or give the account
the role view-organizations.

""")
    declare(world, identityProviders=[{**changed, "enabled": True}])
    assert world.plan(env=rights).actions == {"identity-providers/company": "update"}


def test_an_organization_that_cannot_be_looked_up_is_not_taken_for_one_that_is_on(
    world: World,
) -> None:
    provider, path = linked_by_others(world)
    world.admin.put(path, json={**world.admin.json(path), "enabled": False})
    declare(world, identityProviders=[{**provider, "displayName": "Company"}])
    failing = FaultyTransport()
    failing.fail(status(500), method="GET", path=path.rpartition("/")[2], times=99)
    with sent_through(failing):
        refused = world.kcplan("plan", world.file, exit_code=1).stderr
    assert "500" in refused


def test_groups_of_organizations_have_roles_again_that_come_back(world: World) -> None:
    """Keycloak does not say that they have them."""
    roles = {
        "realm": [{"name": "going"}],
        "client": {"shop": [{"name": "inner"}, {"name": "last"}]},
    }
    declare(world, {"name": "acme"}, roles=roles, clients=[{"clientId": "shop"}])
    world.apply()
    groups = f"{world.path('organizations', found(world)['id'])}/groups"
    above = world.admin.create(groups, {"name": "above"})
    at = f"{groups}/{world.admin.create(f'{groups}/{above}/children', {'name': 'staff'})}"
    client = world.admin.client_id(world.realm, "shop")
    going = world.admin.json(world.path("roles", "going"))
    last = world.admin.json(world.in_client("shop", "roles", "last"))
    inner = world.admin.json(world.in_client("shop", "roles", "inner"))
    world.admin.post(f"{at}/role-mappings/realm", json=[going])
    world.admin.post(f"{at}/role-mappings/clients/{client}", json=[inner])
    before = world.admin.json(at)
    assert (before["realmRoles"], before["clientRoles"]) == (["going"], {"shop": ["inner"]})
    declare(world, {"name": "acme"}, clients=[{"clientId": "shop"}])
    with sent_through(saboteur := Saboteur({2: WAYS["status 500"]})):
        assert world.try_apply().exit_code == 3
    # Both of the others had gone.
    assert [line.rpartition("/")[2] for line in saboteur.writes][2:] == [last["id"]]
    assert world.admin.json(at) == before


def test_roles_go_where_groups_of_organizations_may_not_be_seen(world: World) -> None:
    declare(world, {"name": "acme"}, roles={"realm": [{"name": "going"}]})
    world.apply()
    groups = f"{found(world)['id']}/groups"
    declare(world, {"name": "acme"})
    barred = FaultyTransport()
    barred.fail(status(403), method="GET", path=groups, times=99)
    with sent_through(barred):
        world.apply()
    assert barred.count("GET", groups) > 0
    world.is_settled()


def test_one_request_tells_which_groups_of_an_organization_have_a_role_that_goes(
    world: World,
) -> None:
    declare(world, {"name": "acme"}, roles={"realm": [{"name": "going"}]})
    world.apply()
    groups = f"{world.path('organizations', found(world)['id'])}/groups"
    above = world.admin.create(groups, {"name": "above"})
    world.admin.create(f"{groups}/{above}/children", {"name": "staff"})
    declare(world, {"name": "acme"})
    with sent_through(counting := FaultyTransport()):
        world.apply()
    assert counting.count("GET", groups) == 1
