"""Reading takes work in proportion to the size of the files, and not to its square."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import tomli_w

from kcplan.address import Address
from kcplan.config import json_reader
from kcplan.config.load import load_text
from kcplan.config.model import Config
from kcplan.offline import offline_diagnostics
from kcplan.state import State
from kcplan_keycloak.resources import registry
from kcplan_keycloak.token_exchange.preparing import prepare


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

    calls(1)  # What only the first reading takes: imports, and what is found out once.
    assert calls(400) < 11 * calls(40)


def _read(document: dict[str, Any]) -> Config:
    return load_text(Path("r.json"), json.dumps(document), registry(), {})


def test_the_places_of_a_file_without_a_mistake_are_not_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    marks = json_reader.json_marks
    monkeypatch.setattr(json_reader, "json_marks", lambda *a: asked.append(a) or marks(*a))
    names = ["web", "orders", "stock"]
    clients = [{"clientId": name, "serviceAccountsEnabled": True} for name in names]
    exchange = {"requester": "orders", "subjects": ["web"], "audiences": ["stock"]}
    document = {
        "realm": "r",
        "enabled": True,
        "clients": clients,
        "permissions": {"tokenExchange": [exchange]},
    }

    prepared = prepare(_read(document), State(""))

    assert not prepared.config.diagnostics
    assert prepared.permissions
    assert not asked


def test_the_state_is_read_once_however_many_resources_depend_on_it() -> None:
    clients = [{"clientId": f"c{number}", "secret": "a" * 30} for number in range(5)]
    config = _read({"realm": "r", "clients": clients})
    asked: list[None] = []

    def known() -> frozenset[Address]:
        asked.append(None)
        return frozenset()

    offline_diagnostics(config, registry(), known)

    assert len(asked) == 1


def test_what_many_resources_have_is_there_once() -> None:
    clients = [{"clientId": f"c{n}", "redirectUris": ["https://all.example"]} for n in range(2)]
    config = _read({"realm": "r", "clients": clients})

    one, other = (config.resources[Address.of("r", "clients", f"c{n}")] for n in range(2))

    assert one.leaves["redirectUris",][0] is other.leaves["redirectUris",][0]
    assert [*map(id, one.leaves)] == [*map(id, other.leaves)]


def test_of_a_file_that_was_read_only_the_places_stay() -> None:
    exchange = {"requester": "a", "subjects": ["b"], "audiences": ["c"]}
    permissions = {"tokenExchange": [exchange]}
    config = _read({"realm": "r", "enabled": True, "permissions": permissions})

    [resource], [section] = config.resources.values(), config.permissions.values()

    for document in (resource.sources.document, section.sources.find.__self__):  # type: ignore[attr-defined]
        assert document.data == {}
        assert str(document.source(("enabled",))) == "r.json:1:16"
