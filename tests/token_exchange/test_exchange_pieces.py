"""What a permission brings, and that exactly this goes with it."""

from typing import Any

from support.exchanging import Tokens, allow, audience, audience_mapper, permit, refused, service
from support.world import World

TO_B = "kcplan: token exchange to b"
ON = "standard.token.exchange.enabled"


def mappers(world: World, client: str) -> set[str]:
    found = world.client(client)
    assert found is not None
    return {mapper["name"] for mapper in found.get("protocolMappers", ())}


def attribute(world: World, client: str) -> str | None:
    found = world.client(client)
    assert found is not None
    value: str | None = found["attributes"].get(ON)
    return value


def declare(world: World, *entries: dict[str, Any], **clients: dict[str, Any]) -> None:
    """Services a, b and c with these fields and permissions."""
    world.declare(
        enabled=True,
        clients=[service(name, **clients.get(name, {})) for name in "abc"],
        permissions=permit(*entries),
    )


def test_removing_a_permission_removes_exactly_what_it_brought(
    world: World, tokens: Tokens
) -> None:
    own = {
        "attributes": {"access.token.lifespan": "60"},
        "protocolMappers": [audience_mapper("mine", "c")],
    }
    declare(world, allow("a", ["c"], ["b"]), a=own)
    world.apply()
    assert audience(tokens.exchanged("a", tokens.own("c"), "b")) == {"b"}
    declare(world, a=own)
    assert world.plan().actions == {
        "clients/a": "update",
        "clients/c": "update",
        "permissions/token-exchange/standard/a": "delete",
    }
    world.apply()
    assert mappers(world, "a") == {"mine"}
    assert mappers(world, "c") == set()
    assert attribute(world, "a") is None
    found = world.client("a")
    assert found is not None
    assert found["attributes"]["access.token.lifespan"] == "60"
    assert refused(tokens.exchange("a", tokens.own("c"), ["b"]))
    world.is_settled()


def test_a_shared_piece_stays_until_the_last_permission_goes(world: World) -> None:
    declare(world, allow("a", ["c"], ["b"]), allow("b", ["a"], ["c"]))
    world.apply()
    assert mappers(world, "a") == {TO_B}
    declare(world, allow("b", ["a"], ["c"]))
    world.apply()
    assert mappers(world, "a") == {TO_B}
    assert attribute(world, "a") is None
    declare(world)
    world.apply()
    assert mappers(world, "a") == mappers(world, "b") == set()
    world.is_settled()


def test_an_equivalent_in_the_files_is_respected(world: World, tokens: Tokens) -> None:
    own = {"attributes": {ON: "true"}, "protocolMappers": [audience_mapper("mine", "b")]}
    declare(world, allow("a", ["c"], ["b"]), a=own)
    world.apply()
    assert mappers(world, "a") == {"mine"}
    assert audience(tokens.exchanged("a", tokens.own("c"), "b")) == {"b"}
    declare(world, a=own)
    world.apply()
    assert (mappers(world, "a"), attribute(world, "a")) == ({"mine"}, "true")
    world.is_settled()


def test_an_equivalent_in_keycloak_is_respected(world: World, tokens: Tokens) -> None:
    declare(world)
    world.apply()
    at = world.in_client("a", "protocol-mappers", "models")
    world.admin.post(at, json=audience_mapper("by hand", "b"))
    declare(world, allow("a", ["c"], ["b"]))
    world.apply()
    assert mappers(world, "a") == {"by hand"}
    assert audience(tokens.exchanged("a", tokens.own("c"), "b")) == {"b"}
    declare(world)
    world.apply()
    assert mappers(world, "a") == {"by hand"}


def test_an_equivalent_that_somebody_adds_later_changes_nothing(world: World) -> None:
    declare(world, allow("a", ["c"], ["b"]))
    world.apply()
    at = world.in_client("a", "protocol-mappers", "models")
    world.admin.post(at, json=audience_mapper("by hand", "b"))
    world.is_settled()


def test_an_equivalent_in_a_default_client_scope_is_respected(world: World) -> None:
    declare(world)
    world.apply()
    scope = {
        "name": "to-b",
        "protocol": "openid-connect",
        "protocolMappers": [audience_mapper("in the scope", "b")],
    }
    made = world.admin.create(world.path("client-scopes"), scope)
    world.admin.put(world.in_client("a", "default-client-scopes", made))
    declare(world, allow("a", ["c"], ["b"]))
    world.apply()
    assert mappers(world, "a") == set()


def test_a_mapper_of_the_same_name_that_somebody_else_made_is_not_touched(
    world: World, tokens: Tokens
) -> None:
    declare(world)
    world.apply()
    at = world.in_client("a", "protocol-mappers", "models")
    world.admin.post(at, json=audience_mapper(TO_B, "c"))
    declare(world, allow("a", ["c"], ["b"]))
    world.apply()
    assert mappers(world, "a") == {TO_B, f"{TO_B} (2)"}
    assert audience(tokens.exchanged("a", tokens.own("c"), "b")) == {"b"}
    world.is_settled()
    declare(world)
    world.apply()
    assert mappers(world, "a") == {TO_B}


def test_clients_that_the_files_do_not_declare_are_only_borrowed(
    world: World, tokens: Tokens
) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    secret = str(world.variables["SECRET"])
    for name in ("subject", "target"):
        world.admin.post(
            world.path("clients"),
            json={"clientId": name, "secret": secret, "serviceAccountsEnabled": True},
        )
    entry = allow("a", ["subject"], ["target"])
    world.declare(clients=[service("a")], permissions=permit(entry))
    actions = world.plan().actions
    assert actions["clients/subject"] == "adopt"
    assert "clients/target" not in actions
    world.apply()
    assert audience(tokens.exchanged("a", tokens.own("subject"), "target")) == {"target"}
    world.is_settled()
    world.declare(clients=[service("a")])
    assert world.plan().actions["clients/subject"] == "release"
    world.apply()
    assert mappers(world, "subject") == set()
    assert world.client("target") is not None


def test_destroying_takes_the_pieces_back_from_borrowed_clients(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    world.admin.post(world.path("clients"), json={"clientId": "subject"})
    entry = allow("a", ["subject"], [])
    world.declare(clients=[service("a")], permissions=permit(entry))
    world.apply()
    assert mappers(world, "subject") == {"kcplan: token exchange to a"}
    world.destroy()
    assert (mappers(world, "subject"), world.client("a")) == (set(), None)
    assert world.known() == set()


def test_a_client_that_leaves_the_files_cannot_be_named(world: World) -> None:
    declare(world, allow("a", ["c"], ["b"]))
    world.apply()
    world.declare(
        enabled=True,
        clients=[service("a"), service("c")],
        permissions=permit(allow("a", ["c"], ["b"])),
    )
    assert "unknown-reference" in world.plan(exit_code=1).codes


def test_what_somebody_switches_off_is_drift_of_the_permission(world: World) -> None:
    declare(world, allow("a", ["c"], ["b"]))
    world.apply()
    world.edit_client("a", attributes={ON: "false"})
    at = world.in_client("c", "protocol-mappers", "models")
    (mapper,) = world.admin.json(at)
    world.admin.delete(f"{at}/{mapper['id']}")
    found = world.refresh("--detailed-exitcode", exit_code=2)
    assert found.drift == {"clients/a": "update", "clients/c": "update"}
    permission = f"{world.realm}/permissions/token-exchange/standard/a"
    for client in ("clients/a", "clients/c"):
        changes = found.change(client, of="drift")["changes"]
        assert {change["because"] for change in changes} == {permission}
    plan = world.plan()
    assert plan.actions == {"clients/a": "update", "clients/c": "update"}
    assert plan.change("clients/a")["changes"][0]["because"] == "permissions.tokenExchange[0]"
    world.apply()
    world.is_settled()


def test_a_permission_is_in_plan_and_state(world: World) -> None:
    declare(world, allow("a", ["c"], ["b"], description="a calls b"))
    address = "permissions/token-exchange/standard/a"
    assert world.plan().actions[address] == "create"
    world.apply()
    entry = world.entry(address)
    assert entry["managed"]["subjects"] == ["c"]
    assert f"{world.realm}/clients/a" in entry["depends_on"]
    declare(world, allow("a", ["c"], ["b"], description="another word"))
    assert world.plan().actions == {address: "update"}
    world.apply()
    world.is_settled()


def test_a_saved_plan_with_permissions_is_executed(world: World, tokens: Tokens) -> None:
    declare(world, allow("a", ["c"], ["b"]))
    world.plan("--out", "plan.json")
    world.kcplan("apply", "plan.json", "--auto-approve")
    assert audience(tokens.exchanged("a", tokens.own("c"), "b")) == {"b"}
    world.is_settled()


def test_a_failed_apply_leaves_no_permission(world: World) -> None:
    declare(world, allow("a", ["c"], ["b"]), b={"redirectUris": ["javascript:alert(1)"]})
    world.apply(exit_code=3)
    assert not world.state_file.exists() or world.known() == set()
