"""Plans that would lock kcplan out of Keycloak are refused before the first write."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.lockout import check
from kcplan.own_login import Identity
from kcplan.plan import Action, ChangeOrigin, FieldChange, ResourceChange
from kcplan.resource import spec_at
from kcplan.snapshot import LiveObject, Snapshot
from kcplan.state import ServerIdentity
from kcplan_keycloak.resources import registry
from support.harness import Admin, Server
from support.local_admin import CLIENT, SECRET, LocalAdmin
from support.whole_realm import whole_realm
from support.world import World

NOTHING = Snapshot(ServerIdentity("http://x"))
SERVICE = Identity("prod", "kcplan")
USER = Identity("prod", "kcplan", "admin")
HOME = Address.of("prod")
OWN = HOME.child("clients", "kcplan")
ACCOUNT = OWN.child("service-account")
PERSON = HOME.child("users", "admin")


def word_for(address: Address) -> str:
    spec = spec_at(registry(), address)
    assert spec is not None
    return spec.name


def updated(address: Address, *path: str, before: Any = None, after: Any = None) -> ResourceChange:
    change = FieldChange(path, before, after, ChangeOrigin.CONFIG)
    return ResourceChange(address, word_for(address), Action.UPDATE, changes=(change,))


def gone(address: Address) -> ResourceChange:
    return ResourceChange(address, word_for(address), Action.DELETE)


@pytest.mark.parametrize(
    ("change", "who"),
    [
        (gone(HOME), SERVICE),
        (gone(OWN), SERVICE),
        (gone(OWN), USER),
        (updated(HOME, "enabled", after=False), USER),
        (updated(OWN, "enabled", after=False), SERVICE),
        (updated(OWN, "serviceAccountsEnabled", after=False), SERVICE),
        (updated(OWN, "publicClient", after=True), SERVICE),
        (updated(OWN, "directAccessGrantsEnabled", after=False), USER),
        (updated(OWN, "bearerOnly", after=True), USER),
        (updated(ACCOUNT, "enabled", after=False), SERVICE),
        (gone(PERSON), USER),
        (updated(PERSON, "realmRoles", before=["b"], after=[]), USER),
        (updated(PERSON, "requiredActions", before=[], after=["CONFIGURE_TOTP"]), USER),
        (updated(ACCOUNT, "realmRoles", before=["admin", "b"], after=["b"]), SERVICE),
        (
            updated(ACCOUNT, "clientRoles", "realm-management", before=["realm-admin"]),
            SERVICE,
        ),
        (
            updated(ACCOUNT, "clientRoles", "other-realm", before=["manage-realm"], after=[]),
            SERVICE,
        ),
        (
            ResourceChange(HOME.child("clients", "new"), "client", Action.MOVE, moved_from=OWN),
            SERVICE,
        ),
    ],
    ids=lambda value: str(getattr(value, "address", "")),
)
def test_what_locks_out_is_an_error(change: ResourceChange, who: Identity) -> None:
    assert [item.severity for item in check([change], who, NOTHING, registry())] == ["error"]


@pytest.mark.parametrize(
    ("change", "who"),
    [
        (gone(HOME.child("clients", "another")), SERVICE),
        (gone(Address.of("another")), SERVICE),
        (updated(OWN, "description", after="x"), SERVICE),
        (updated(OWN, "serviceAccountsEnabled", after=False), USER),
        (updated(OWN, "directAccessGrantsEnabled", after=False), SERVICE),
        (updated(ACCOUNT, "realmRoles", before=["a"], after=["a", "b"]), SERVICE),
        (updated(ACCOUNT, "realmRoles", before=["a"], after=[]), USER),
        (updated(ACCOUNT, "clientRoles", "shop", before=["a"], after=[]), SERVICE),
        (gone(OWN), None),
    ],
)
def test_what_does_not_lock_out_is_let_through(
    change: ResourceChange, who: Identity | None
) -> None:
    assert list(check([change], who, NOTHING, registry())) == []


def test_a_console_of_another_name_locks_people_out_of_it() -> None:
    who = Identity("master", "admin-cli", "admin")
    console, other = (Address.of("master", "clients", c) for c in ("security-admin-console", "new"))
    change = ResourceChange(other, "client", Action.MOVE, moved_from=console)
    [found] = check([change], who, NOTHING, registry())
    assert (found.summary, found.detail) == snapshot(
        (
            "the plan would lock people out of the console: master/clients/security-admin-console would have another name",
            "Administrators log in to the console through the realm master. Leave master/clients/new as it is. If you want this, make the change in Keycloak's console first. kcplan then finds nothing to change.",
        )
    )


def test_leaving_a_group_is_a_warning() -> None:
    change = updated(PERSON, "groups", before=["/admins"], after=[])
    [found] = check([change], USER, NOTHING, registry())
    assert (found.severity, found.path) == ("warning", ("groups",))
    assert list(check([change], SERVICE, NOTHING, registry())) == []


def test_a_new_secret_of_its_own_is_a_warning() -> None:
    found = list(check([updated(OWN, "secret", after="new")], SERVICE, NOTHING, registry()))
    assert [item.severity for item in found] == ["warning"]


OPERATOR, POWER = HOME.child("roles", "operator"), HOME.child("roles", "power")
MANAGED = ("composites", "client", "realm-management")


def roles(*held: str) -> Snapshot:
    """`operator` is composed of `power`, and that of administration; the account has these."""
    leaves = {
        OPERATOR: {("composites", "realm"): ["power"]},
        POWER: {MANAGED: ["manage-users", "manage-realm"]},
        ACCOUNT: {("realmRoles",): list(held)},
    }
    there = {
        address: LiveObject(address, word_for(address), "1", found)
        for address, found in leaves.items()
    }
    return Snapshot(ServerIdentity("http://x"), objects=there)


TAKING = [
    gone(OPERATOR),
    gone(POWER),
    updated(OPERATOR, "composites", "realm", before=["power"], after=[]),
    updated(POWER, *MANAGED, before=["manage-users", "manage-realm"], after=["manage-users"]),
    gone(HOME.child("clients", "realm-management", "roles", "of-ours")),
]


@pytest.mark.parametrize("change", TAKING, ids=lambda change: f"{change.action} {change.address}")
def test_a_role_that_gives_administration_may_be_what_kcplan_works_with(
    change: ResourceChange,
) -> None:
    def judged(who: Identity, live: Snapshot) -> list[str]:
        return [item.severity for item in check([change], who, live, registry())]

    is_read = change.address in roles().objects
    assert judged(SERVICE, roles("operator")) == ["error" if is_read else "warning"]
    assert judged(SERVICE, roles()) == ["warning"]
    assert judged(USER, roles("operator")) == ["warning"]
    assert judged(Identity("another", "kcplan"), roles("operator")) == []


STAFF = HOME.child("groups", "ops", "staff")
ADMINISTRATION = ("clientRoles", "realm-management")


@pytest.mark.parametrize("who", [SERVICE, USER])
@pytest.mark.parametrize(
    "change",
    [
        gone(STAFF),
        updated(STAFF, "realmRoles", before=["power", "b"], after=["b"]),
        updated(STAFF, *ADMINISTRATION, before=["manage-realm"], after=[]),
    ],
)
def test_a_group_that_gives_administration_may_be_what_kcplan_works_with(
    change: ResourceChange, who: Identity
) -> None:
    held = {("realmRoles",): ["power", "b"], ADMINISTRATION: ["manage-realm"]}
    group = LiveObject(STAFF, word_for(STAFF), "1", held)
    live = evolve(roles(), objects={**roles().objects, STAFF: group})
    [found] = check([change], who, live, registry())
    assert (found.severity, found.code) == ("warning", "may-lock-out")
    assert str(STAFF) in found.summary
    assert list(check([change], Identity("another", "kcplan"), live, registry())) == []


@pytest.mark.parametrize(
    "change",
    [
        gone(HOME.child("groups", "plain")),
        updated(STAFF, "realmRoles", before=["b"], after=["b", "power"]),
        updated(STAFF, "clientRoles", "shop", before=["admin"], after=[]),
        gone(HOME.child("roles", "plain")),
        gone(HOME.child("clients", "shop", "roles", "admin")),
        updated(POWER, "description", before="a", after="b"),
        updated(POWER, *MANAGED, before=["manage-users"], after=["manage-users", "view-users"]),
        updated(POWER, "composites", "client", "shop", before=["admin"], after=[]),
    ],
)
def test_other_changes_of_roles_are_let_through(change: ResourceChange) -> None:
    assert list(check([change], SERVICE, roles("operator"), registry())) == []


@pytest.fixture
def own_world(world: World, keycloak: Server, admin: Admin) -> World:
    """A world in which kcplan works as a client of the realm itself."""
    admin.post("", json={"realm": world.realm, "enabled": True})
    local = LocalAdmin(keycloak, admin, world.realm)
    local.close()
    world.variables.update(local.environment)
    return world


def _client(**more: Any) -> dict[str, Any]:
    return {"clientId": CLIENT, "secret": SECRET, "serviceAccountsEnabled": True, **more}


DECLARATIONS: list[Callable[[], dict[str, Any]]] = [
    lambda: {"clients": [_client(enabled=False)]},
    lambda: {"clients": [_client(serviceAccountsEnabled=False)]},
    lambda: {
        "clients": [_client()],
        "users": [{"serviceAccountClientId": CLIENT, "clientRoles": {}}],
    },
    lambda: {"enabled": False},
]


@pytest.mark.parametrize("declared", DECLARATIONS)
def test_kcplan_recognises_itself_and_changes_nothing(
    own_world: World, declared: Callable[[], dict[str, Any]]
) -> None:
    before = whole_realm(own_world.admin, own_world.realm)
    own_world.declare(**declared())
    result = own_world.apply(exit_code=1)
    assert "would-lock-out" in result.stderr
    assert whole_realm(own_world.admin, own_world.realm) == before
    assert not own_world.state_file.exists()


def test_kcplan_recognises_a_role_that_it_has_its_own_rights_through(own_world: World) -> None:
    world = own_world
    management = world.admin.client_id(world.realm, "realm-management")
    parts = {"client": {"realm-management": ["realm-admin"]}}
    users = [{"serviceAccountClientId": CLIENT, "realmRoles": ["operators"]}]
    world.declare(
        clients=[_client()],
        roles={"realm": [{"name": "operators", "composites": parts}]},
        users=users,
    )
    world.apply()
    account = (world.account(CLIENT) or {})["id"]
    admin = world.admin.json(f"{world.realm}/clients/{management}/roles/realm-admin")
    at = f"{world.realm}/users/{account}/role-mappings/clients/{management}"
    world.admin.delete(at, json=[admin])
    before = whole_realm(world.admin, world.realm)
    for declared in ([{"name": "operators", "composites": {}}], []):
        world.declare(clients=[_client()], roles={"realm": declared}, users=users[: len(declared)])
        assert "would-lock-out" in world.apply(exit_code=1).stderr
    assert whole_realm(world.admin, world.realm) == before


def test_the_message_says_who_kcplan_is(own_world: World) -> None:
    own_world.declare(clients=[_client(enabled=False)])
    result = own_world.apply(exit_code=1)
    text = result.stderr[result.stderr.index("Error: the plan would") :].split("\n\nWarning")[0]
    assert text.replace(f"{own_world.folder}/", "").replace(own_world.realm, "REALM") == snapshot("""\
Error: the plan would lock kcplan out: REALM/clients/operator would be disabled [would-lock-out]
  on realm.json:8:7, in REALM/clients/operator, enabled

kcplan logs in to the realm REALM with the client operator. Log in as
another client or user, or leave REALM/clients/operator as it is.\
""")
