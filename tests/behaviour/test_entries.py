"""Entries of maps and named lists: attributes, mappers, scopes. The files own what they name."""

from typing import Any

from support.sabotage import WAYS, Saboteur, sent_through
from support.world import World


def mapper(name: str, audience: str, **config: str) -> dict[str, Any]:
    return {
        "name": name,
        "protocol": "openid-connect",
        "protocolMapper": "oidc-audience-mapper",
        "config": {"included.custom.audience": audience, **config},
    }


def mappers(world: World, client: str = "a") -> dict[str, str]:
    live = world.client(client) or {}
    return {
        item["name"]: item["config"]["included.custom.audience"]
        for item in live.get("protocolMappers", [])
    }


def attributes(world: World, client: str = "a") -> dict[str, str]:
    made = {"realm_client", "client.secret.creation.time"}
    live = world.client(client) or {}
    return {name: value for name, value in live["attributes"].items() if name not in made}


def foreign_client(world: World) -> None:
    """A client that somebody made in the console, with entries of theirs."""
    world.admin.post(
        world.path("clients"),
        json={
            "clientId": "a",
            "attributes": {"theirs": "1"},
            "protocolMappers": [mapper("theirs", "1")],
        },
    )


def test_entries_that_the_files_do_not_name_are_left_alone(inhabited: World) -> None:
    world = inhabited
    foreign_client(world)
    ours = {"clientId": "a", "attributes": {"ours": "1"}, "protocolMappers": [mapper("ours", "1")]}
    world.declare(clients=[ours])

    plan = world.plan()

    assert plan.actions == {".": "adopt", "clients/a": "adopt"}
    assert set(plan.fields("clients/a")) == {
        "attributes.ours",
        "protocolMappers.ours.protocol",
        "protocolMappers.ours.protocolMapper",
        "protocolMappers.ours.config.included.custom.audience",
    }
    world.apply()
    world.is_settled()
    assert attributes(world) == {"theirs": "1", "ours": "1"}
    assert mappers(world) == {"theirs": "1", "ours": "1"}
    assert world.entry("clients/a")["owned"] == [
        ["attributes", "ours"],
        ["protocolMappers", "ours"],
    ]

    world.edit_client("a", attributes={"theirs": "2", "new": "2"})
    refresh = world.refresh("--detailed-exitcode", exit_code=2)
    assert refresh.drift == {}
    assert refresh.fields("clients/a", of="outside") == {
        "attributes.theirs": ("1", "2", "drift"),
        "attributes.new": (None, "2", "drift"),
    }


def test_an_entry_that_kcplan_brought_goes_when_it_leaves_the_files(inhabited: World) -> None:
    world = inhabited
    foreign_client(world)
    client = {
        "clientId": "a",
        "attributes": {"ours": "1", "theirs": "2"},
        "protocolMappers": [mapper("ours", "1"), mapper("theirs", "2")],
    }
    world.declare(clients=[client])
    world.apply()
    world.is_settled()
    world.declare(clients=[{"clientId": "a"}])

    plan = world.plan()

    assert plan.actions == {"clients/a": "update"}
    assert set(plan.fields("clients/a")) == {"attributes.ours", "protocolMappers.ours"}
    assert ["attributes", "theirs"] in plan.change("clients/a")["left"]
    world.apply()
    world.is_settled()
    # What was theirs before keeps the value that it has.
    assert attributes(world) == {"theirs": "2"}
    assert mappers(world) == {"theirs": "2"}
    assert world.entry("clients/a")["owned"] == []


def test_mappers_are_changed_one_by_one_and_repaired_when_somebody_edits_them(
    world: World,
) -> None:
    world.declare(
        clients=[{"clientId": "a", "protocolMappers": [mapper("x", "1"), mapper("y", "1")]}]
    )
    world.apply()
    ids = {item["name"]: item["id"] for item in (world.client("a") or {})["protocolMappers"]}
    models = world.in_client("a", "protocol-mappers", "models")
    world.admin.put(f"{models}/{ids['x']}", json={**mapper("x", "edited"), "id": ids["x"]})
    world.admin.delete(f"{models}/{ids['y']}")
    world.admin.post(models, json=mapper("somebody's", "1"))

    assert set(world.refresh().fields("clients/a", of="drift")) >= {
        "protocolMappers.x.config.included.custom.audience",
        "protocolMappers.y.protocolMapper",
    }
    plan = world.plan()
    assert plan.fields("clients/a")["protocolMappers.x.config.included.custom.audience"] == (
        "edited",
        "1",
        "drift",
    )
    world.apply()
    world.is_settled()
    assert mappers(world) == {"x": "1", "y": "1", "somebody's": "1"}
    after = {item["name"]: item["id"] for item in (world.client("a") or {})["protocolMappers"]}
    assert after["x"] == ids["x"]


def test_a_mappers_config_entry_that_leaves_the_files_goes(world: World) -> None:
    with_claim = mapper("x", "1", **{"id.token.claim": "true", "access.token.claim": "true"})
    world.declare(clients=[{"clientId": "a", "protocolMappers": [with_claim]}])
    world.apply()
    less = mapper("x", "1", **{"access.token.claim": "true"})
    world.declare(clients=[{"clientId": "a", "protocolMappers": [less]}])

    assert world.plan().fields("clients/a") == {
        "protocolMappers.x.config.id.token.claim": ("true", None, "config")
    }
    world.apply()
    world.is_settled()
    live = (world.client("a") or {})["protocolMappers"][0]["config"]
    assert "id.token.claim" not in live


def test_an_empty_map_or_list_removes_all_entries_but_keycloaks_own(inhabited: World) -> None:
    world = inhabited
    foreign_client(world)
    world.declare(
        clients=[
            {
                "clientId": "a",
                "attributes": {},
                "protocolMappers": [],
                "defaultClientScopes": [],
                "optionalClientScopes": [],
                "serviceAccountsEnabled": True,
            }
        ]
    )
    plan = world.plan()
    assert plan.fields("clients/a")["attributes.theirs"] == ("1", None, "config")
    assert plan.fields("clients/a")["protocolMappers.theirs"][1:] == (None, "config")
    world.apply()
    world.is_settled()
    assert attributes(world) == {}
    assert mappers(world) == {}
    live = world.client("a") or {}
    assert (live["defaultClientScopes"], live["optionalClientScopes"]) == (["service_account"], [])

    # Empty is exhaustive: what appears there is drift, and goes again.
    world.edit_client("a", attributes={"new": "1"})
    assert world.refresh("--detailed-exitcode", exit_code=2).fields("clients/a", of="drift") == {
        "attributes.new": (None, "1", "drift")
    }
    assert world.plan().fields("clients/a") == {"attributes.new": ("1", None, "drift")}
    world.apply()
    assert attributes(world) == {}


def test_scopes_are_attached_and_detached_and_may_change_sides(world: World) -> None:
    def scopes(default: list[str], optional: list[str]) -> None:
        client = {
            "clientId": "a",
            "defaultClientScopes": default,
            "optionalClientScopes": optional,
        }
        world.declare(clients=[client])
        world.apply()
        world.is_settled()
        live = world.client("a") or {}
        assert set(live["defaultClientScopes"]) == set(default)
        assert set(live["optionalClientScopes"]) == set(optional)

    scopes(["profile", "email"], ["phone"])
    scopes(["profile", "phone"], ["email", "address"])
    scopes([], ["profile"])


def test_a_scope_leaves_the_list_that_the_files_do_not_mention(world: World) -> None:
    """A client has it in one list only; so that it is attached, it must be detached first."""

    def lists() -> tuple[set[str], set[str]]:
        live = world.client("a") or {}
        return set(live["defaultClientScopes"]), set(live["optionalClientScopes"])

    world.declare(clients=[{"clientId": "a"}], enabled=True)
    world.apply()
    default, optional = lists()
    assert "phone" in optional

    world.declare(clients=[{"clientId": "a", "defaultClientScopes": ["phone"]}], enabled=True)
    assert set(world.plan().fields("clients/a")) == {"defaultClientScopes", "optionalClientScopes"}
    with sent_through(Saboteur({2: WAYS["status 500"], 3: WAYS["status 500"]})):
        assert world.try_apply().exit_code == 3
    assert lists() == (default, optional)

    world.apply()
    world.is_settled()
    assert lists() == ({"phone"}, optional - {"phone"})
    world.declare(clients=[{"clientId": "a", "optionalClientScopes": ["email"]}], enabled=True)
    world.apply()
    world.is_settled()
    assert lists() == (set(), {"email"})


def test_a_scope_attached_by_hand_is_drift_where_the_list_is_declared(world: World) -> None:
    world.declare(
        clients=[{"clientId": "a", "defaultClientScopes": ["profile"]}, {"clientId": "b"}]
    )
    world.apply()
    scopes = {item["name"]: item["id"] for item in world.admin.json(world.path("client-scopes"))}
    world.admin.put(world.in_client("a", "default-client-scopes", scopes["phone"]))
    world.admin.delete(world.in_client("b", "default-client-scopes", scopes["profile"]))

    refresh = world.refresh("--detailed-exitcode", exit_code=2)

    assert refresh.drift == {"clients/a": "update"}
    assert refresh.fields("clients/a", of="drift") == {
        "defaultClientScopes": (["profile"], ["phone", "profile"], "drift")
    }
    assert "defaultClientScopes" in refresh.fields("clients/b", of="outside")
    world.apply()
    world.is_settled()


def test_scopes_that_kcplan_attached_are_detached_when_the_list_leaves_the_files(
    inhabited: World,
) -> None:
    world = inhabited
    world.admin.post(
        world.path("clients"), json={"clientId": "a", "defaultClientScopes": ["profile"]}
    )
    world.declare(clients=[{"clientId": "a", "defaultClientScopes": ["profile", "phone"]}])
    world.apply()
    world.declare(clients=[{"clientId": "a"}])

    assert world.plan().fields("clients/a") == {
        "defaultClientScopes": (["phone", "profile"], ["profile"], "config")
    }
    world.apply()
    world.is_settled()
    assert (world.client("a") or {})["defaultClientScopes"] == ["profile"]


def test_flow_overrides_go_by_alias_and_can_be_taken_back(world: World) -> None:
    override = {"browser": "direct grant"}
    world.declare(clients=[{"clientId": "a", "authenticationFlowBindingOverrides": override}])
    world.apply()
    world.is_settled()
    flows = {
        item["alias"]: item["id"]
        for item in world.admin.json(world.path("authentication", "flows"))
    }
    live = world.client("a") or {}
    assert live["authenticationFlowBindingOverrides"] == {"browser": flows["direct grant"]}
    world.declare(clients=[{"clientId": "a"}])
    world.apply()
    world.is_settled()
    assert (world.client("a") or {})["authenticationFlowBindingOverrides"] == {}
