"""Reading takes work in proportion to the size of the files, and not to its square."""

import json
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
import tomli_w


def _realm(clients: int) -> dict[str, Any]:
    return {
        "realm": "r",
        "clients": [
            {
                "clientId": f"client-{number}",
                "secret": "${CLIENT_SECRET}",
                "redirectUris": [f"https://{number}.example.org/*", "https://example.org/${X}"],
                "attributes": {f"attribute.{key}": "some value" for key in range(8)},
                "protocolMappers": [{"name": "one", "config": {"audience": "x"}}],
            }
            for number in range(clients)
        ],
    }


def _calls(function: Callable[[], object]) -> int:
    """How many calls a function comes to, a measure of work that is the same on every machine."""
    count = 0

    def on_event(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(on_event)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(("name", "dump"), [("r.json", json.dumps), ("r.toml", tomli_w.dumps)])
def test_ten_times_the_clients_are_ten_times_the_work(
    load_files: Callable[..., Any], name: str, dump: Callable[[Any], str]
) -> None:
    environment = {"CLIENT_SECRET": "x" * 30, "X": "x"}

    def calls(clients: int) -> int:
        text = dump(_realm(clients))
        return _calls(lambda: load_files({name: text}, environment))

    assert calls(400) < 11 * calls(40)
