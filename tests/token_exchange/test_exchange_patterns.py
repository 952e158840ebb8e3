"""Declared exchanges work in reality, and undeclared neighbours fail."""

from collections.abc import Callable, Iterator

import pytest

from support.exchanging import SECRET, Tokens, allow, audience, claims, permit, refused, service
from support.world import World

Make = Callable[[], str]


FRONTEND = {"clientId": "frontend", "publicClient": True, "directAccessGrantsEnabled": True}


def test_one_service_calls_another_on_behalf_of_a_user(
    world: World, tokens: Tokens, alice: Make
) -> None:
    """The first pattern of the guide: its attribute does nothing, a permission does all."""
    world.declare(
        enabled=True,
        clients=[FRONTEND, service("user-service"), service("order-service")],
        permissions=permit(allow("user-service", ["frontend"], ["order-service"])),
    )
    world.apply()
    given = tokens.of_user("frontend", alice(), secret=None)
    new = tokens.exchanged("user-service", given, "order-service")
    assert audience(new) == {"order-service"}
    assert claims(new)["azp"] == "user-service"
    assert claims(new)["sub"] == claims(given)["sub"]
    assert refused(tokens.exchange("order-service", given, ["user-service"]))
    assert refused(tokens.exchange("user-service", given, ["frontend"]))
    world.is_settled()


def test_a_frontend_delegates_to_a_backend(world: World, tokens: Tokens, alice: Make) -> None:
    """The third pattern of the guide, with a refresh token: the user's session allows it."""
    world.declare(
        enabled=True,
        clients=[
            {**FRONTEND, "clientId": "frontend-app"},
            service("backend-api"),
            service("billing"),
            service("bystander"),
        ],
        permissions=permit(
            {**allow("backend-api", ["frontend-app"], ["billing"]), "refreshToken": True}
        ),
    )
    world.apply()
    given = tokens.of_user("frontend-app", alice(), secret=None)
    answer = tokens.exchange(
        "backend-api",
        given,
        ["billing"],
        requested_token_type="urn:ietf:params:oauth:token-type:refresh_token",
    )
    assert answer.status_code == 200, answer.text
    assert audience(answer.json()["access_token"]) == {"billing"}
    assert answer.json()["refresh_token"]
    assert refused(tokens.exchange("bystander", given, ["billing"]))
    assert refused(tokens.exchange("backend-api", given, ["bystander"]))


def test_a_gateway_calls_every_service_behind_it(world: World, tokens: Tokens, alice: Make) -> None:
    """The first complete example of the guide."""
    services = ["user-service", "order-service", "payment-service"]
    world.declare(
        enabled=True,
        clients=[FRONTEND, service("api-gateway"), *map(service, services)],
        permissions=permit(allow("api-gateway", ["frontend"], services)),
    )
    world.apply()
    given = tokens.of_user("frontend", alice(), secret=None)
    for name in services:
        assert audience(tokens.exchanged("api-gateway", given, name)) == {name}
    both = tokens.exchanged("api-gateway", given, "order-service", "payment-service")
    assert audience(both) == {"order-service", "payment-service"}
    for name in services:
        assert refused(tokens.exchange(name, given, ["api-gateway"]))
        assert refused(tokens.exchange(name, tokens.own(name), ["payment-service"]))


CHAIN = [
    allow("a", ["frontend"], ["b"]),
    allow("b", ["a"], ["c"]),
]


def steps(tokens: Tokens, given: str) -> Iterator[str]:
    """The tokens along the chain frontend → a → b → c."""
    for requester, target in (("a", "b"), ("b", "c")):
        given = tokens.exchanged(requester, given, target)
        yield given


@pytest.mark.parametrize("whose", ["its own", "a user's"])
def test_a_token_travels_along_a_chain(
    world: World, tokens: Tokens, alice: Make, whose: str
) -> None:
    frontend = service("frontend", directAccessGrantsEnabled=True)
    world.declare(
        enabled=True,
        clients=[frontend, *map(service, "abc"), service("other")],
        permissions=permit(*CHAIN),
    )
    world.apply()
    given = tokens.own("frontend") if whose == "its own" else tokens.of_user("frontend", alice())
    for_b, for_c = steps(tokens, given)
    assert (audience(for_b), audience(for_c)) == ({"b"}, {"c"})
    assert claims(for_c)["sub"] == claims(given)["sub"]
    for requester, subject, target in (
        ("a", given, "c"),  # not by leaping over b
        ("b", given, "c"),  # not with the frontend's token
        ("a", for_b, "c"),
        ("c", for_c, "a"),  # not at the end of the chain
        ("other", given, "a"),
        ("frontend", given, "a"),
        ("b", tokens.own("other"), "c"),
    ):
        assert refused(tokens.exchange(requester, subject, [target])), (requester, target)
    world.is_settled()


def test_lightweight_tokens_are_provided_for(world: World, tokens: Tokens) -> None:
    light = {"client.use.lightweight.access.token.enabled": "true"}
    world.declare(
        enabled=True,
        clients=[
            service("frontend", attributes=light),
            service("a", attributes=light),
            service("b"),
        ],
        permissions=permit(allow("a", ["frontend"], ["b"])),
    )
    world.apply()
    assert audience(tokens.exchanged("a", tokens.own("frontend"), "b")) == {"b"}


def test_optional_scopes_are_asked_for(world: World, tokens: Tokens) -> None:
    world.declare(
        enabled=True,
        clients=[service("a"), service("b")],
        permissions=permit({"requester": "a", "audiences": ["b"], "scopes": ["address"]}),
    )
    world.apply()
    new = tokens.exchanged("a", tokens.own("a"), "b", scopes=["address"])
    assert "address" in claims(new)["scope"].split()
    assert SECRET not in world.state_file.read_text()
