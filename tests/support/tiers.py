"""Which tests need what, so that one can run those without a server, and all in a good order.

- `offline`: need no server, and no Java. They come first, while the server starts.
- `ordinary`: ask for the session's server.
- `legacy`: ask for the server with legacy token exchange.
- `own_server`: start one of their own, and say so with a marker.

A test is what it asks for, directly or through other fixtures.
"""

from collections.abc import Iterable

import pytest

TIERS = ("offline", "ordinary", "own_server", "legacy")
"""In the order in which they run."""


def tier(item: pytest.Item) -> str:
    """The tier of a test."""
    fixtures = getattr(item, "fixturenames", ())
    if "legacy_keycloak" in fixtures:
        return "legacy"
    if item.get_closest_marker("own_server"):
        return "own_server"
    return "ordinary" if "keycloak" in fixtures else "offline"


def sort(items: list[pytest.Item]) -> None:
    """Mark each test with its tier, and bring the tests in order.

    Tests that must be alone come last: nobody is kept waiting by them.
    """
    for item in items:
        name = tier(item)
        if not item.get_closest_marker(name):
            item.add_marker(name)
    items.sort(key=lambda item: (is_alone(item), TIERS.index(tier(item))))


def is_alone(item: pytest.Item) -> bool:
    """Whether no other test may run at the same time."""
    return item.get_closest_marker("alone") is not None


def of(markers: Iterable[str]) -> str:
    """The tier among the names of a test's markers."""
    return next((name for name in TIERS if name in markers), "other")
