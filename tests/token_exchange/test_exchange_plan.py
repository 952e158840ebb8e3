"""What the plan says of token exchange, with the live realm in view."""

import json

from kcplan.address import Address
from kcplan.config.model import Config, Section
from kcplan.state import State
from kcplan_keycloak.token_exchange.preparing import Server, prepare
from support.authorization import viewer
from support.exchanging import SECRET, allow, audience_mapper, permit, service
from support.world import World


def exists(world: World, *clients: dict[str, object]) -> None:
    """A realm with clients that kcplan does not manage."""
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    for client in clients:
        world.admin.post(world.path("clients"), json=client)


def test_what_is_not_declared_is_judged_too(world: World) -> None:
    exists(world, {"clientId": "spa", "publicClient": True}, {"clientId": "off", "enabled": False})
    entries = [allow("spa", ["a"], []), allow("a", ["a"], ["off"])]
    world.declare(clients=[service("a")], permissions=permit(*entries))
    plan = world.plan(exit_code=1)
    assert sorted(code for code in plan.codes if code != "token-exchange-widens-audience") == [
        "token-exchange-audience-unavailable",
        "token-exchange-public-client",
    ]
    world.apply(exit_code=1)
    assert world.client("a") is None


def test_a_scope_that_does_not_exist_is_an_error(world: World) -> None:
    world.declare(
        enabled=True,
        clients=[service("a")],
        permissions=permit(allow("a", ["a"], [], scopes=["address", "nonsense"])),
    )
    assert world.plan(exit_code=1).codes == ["token-exchange-unknown-scope"]


def test_a_client_that_does_not_exist_is_an_error(world: World) -> None:
    world.declare(
        enabled=True,
        clients=[service("a")],
        permissions=permit(allow("a", ["ghost"], ["phantom"])),
    )
    assert world.plan(exit_code=1).codes == ["unknown-reference"] * 2


def test_ordinary_tokens_that_gain_an_audience_are_named_once(world: World) -> None:
    world.declare(
        enabled=True,
        clients=[service(name) for name in "abc"],
        permissions=permit(allow("a", ["c"], ["b"])),
    )
    plan = world.plan()
    assert plan.codes == ["token-exchange-widens-audience"] * 2
    said = [item["summary"] for item in plan.document["diagnostics"]]
    assert said == ["all tokens of c will also be for a", "all tokens of a will also be for b"]
    world.apply()
    assert world.plan().codes == []


def test_who_names_a_client_that_exchanges_is_looked_up(world: World) -> None:
    on = {"standard.token.exchange.enabled": "true"}
    to_b = audience_mapper("aud", "b")
    exists(world, {"clientId": "spa", "protocolMappers": [audience_mapper("aud", "a")]})
    world.declare(
        clients=[service("a", attributes=on, protocolMappers=[to_b]), service("b")],
    )
    assert world.plan().codes == []


def test_roles_that_somebody_granted_count_also_where_the_account_was_made_anew(
    world: World,
) -> None:
    unavailable = "token-exchange-audience-unavailable"
    on = {"standard.token.exchange.enabled": "true"}
    world.declare(
        enabled=True,
        clients=[service("a", attributes=on), service("b")],
        roles={"client": {"b": [{"name": "reader"}]}},
        users=[{"serviceAccountClientId": "a", "enabled": True}],
    )
    world.apply()
    assert unavailable in world.plan().codes
    world.grant("a", "b/reader")
    assert unavailable not in world.plan().codes
    old = world.account("a")
    assert old is not None
    world.admin.delete(world.path("users", old["id"]))
    world.admin.get(world.in_client("a", "service-account-user"))
    assert unavailable in world.plan().codes
    world.grant("a", "b/reader")
    assert unavailable not in world.plan().codes


def test_a_new_realm_that_nobody_enables_gives_no_tokens(world: World) -> None:
    world.declare(clients=[service("a")], permissions=permit(allow("a", ["a"], [])))
    assert world.plan().codes == ["token-exchange-disabled-realm"]


def test_advice_is_given_on_request(world: World) -> None:
    world.declare(enabled=True, clients=[service("a")], permissions=permit(allow("a", ["a"], [])))
    assert world.plan().codes == []
    assert set(world.plan("--lint").codes) == {"token-exchange-advice"}


def test_an_account_that_may_only_view_plans_the_same(world: World) -> None:
    exists(world, {"clientId": "spa", "publicClient": True, "standardFlowEnabled": True})
    world.declare(
        enabled=True,
        clients=[service("a"), service("b")],
        permissions=permit(allow("a", ["spa"], ["b"])),
    )
    first = world.plan()
    env = viewer(world)
    seen = world.plan(env=env)
    assert seen.actions == first.actions
    assert seen.codes == first.codes
    world.apply()
    assert world.plan(env=env).actions == {}
    assert world.refresh(env=env).drift == {}


def test_a_renamed_client_keeps_what_it_may(world: World) -> None:
    def declare(name: str) -> None:
        world.declare(
            enabled=True,
            clients=[service(client) for client in (name, "b", "c")],
            permissions=permit(allow(name, ["c"], ["b"])),
        )

    declare("old")
    world.apply()
    world.settings('[[moved]]\nfrom = "REALM/clients/old"\nto = "REALM/clients/new"\n')
    declare("new")
    world.apply()
    found = world.client("c")
    assert found is not None
    (mapper,) = found["protocolMappers"]
    assert mapper["name"] == "kcplan: token exchange to new"
    world.kcplan("verify", world.file)
    world.is_settled()


def test_a_file_without_token_exchange_asks_for_nothing_more() -> None:
    """The plan of those who do not use it costs no request more."""
    config = Config(realms=frozenset({"shop"}))

    def fail(*_: object) -> None:
        raise AssertionError

    assert prepare(config, State(""), Server(fail, fail)).config.diagnostics == ()  # type: ignore[arg-type]


def test_a_server_without_standard_exchange_is_told() -> None:
    section = Section({"tokenExchange": [{"requester": "a"}]})
    config = Config(realms=frozenset({"shop"}), permissions={"shop": section})
    server = Server(lambda *_: None, lambda: frozenset({"ACCOUNT_V3"}))
    found = prepare(config, State(""), server).config
    assert [item.code for item in found.diagnostics][:1] == ["server-feature-missing"]
    assert Address.of("shop", "permissions", "token-exchange", "standard", "a") in found.resources


def test_no_secret_is_in_any_output(world: World) -> None:
    world.declare(
        enabled=True,
        clients=[service("a"), service("b")],
        permissions=permit(allow("a", ["b"], [])),
    )
    outputs = [world.plan("--out", "plan.json").result.stdout, world.apply().stdout]
    outputs += [(world.folder / "plan.json").read_text(), json.dumps(world.entry("clients/a"))]
    assert not any(SECRET in output for output in outputs)
