"""A world with the token endpoint of its realm."""

from collections.abc import Callable, Iterator

import pytest

from support.exchanging import PASSWORD, SECRET, Tokens
from support.harness import Server
from support.world import World


@pytest.fixture
def variables() -> dict[str, str | None]:
    """The environment variable that the files of these tests refer to."""
    return {"SECRET": SECRET}


@pytest.fixture
def tokens_of(keycloak: Server) -> Iterator[Callable[[str], Tokens]]:
    """The token endpoint of a realm, closed after the test."""
    opened: list[Tokens] = []

    def of(realm: str) -> Tokens:
        opened.append(Tokens(keycloak, realm))
        return opened[-1]

    yield of
    for tokens in opened:
        tokens.client.close()


@pytest.fixture
def tokens(world: World, tokens_of: Callable[[str], Tokens]) -> Tokens:
    """The token endpoint of the world's realm."""
    return tokens_of(world.realm)


@pytest.fixture
def alice(world: World) -> Callable[[], str]:
    """Makes a user in the world's realm; gives its name."""

    def make() -> str:
        world.admin.post(
            world.path("users"),
            json={
                "username": "alice",
                "enabled": True,
                "email": "alice@example.org",
                "firstName": "Alice",
                "lastName": "Test",
                "credentials": [{"type": "password", "value": PASSWORD}],
            },
        )
        return "alice"

    return make
