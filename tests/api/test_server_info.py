"""What kcplan takes from what a server says of itself: names, where they are listed."""

from typing import Any

import pytest

from kcplan.offered import Offered
from kcplan_keycloak.server_info import server_info

ANSWER: dict[str, Any] = {
    "systemInfo": {"version": "26.7.3"},
    "features": [{"name": "A", "enabled": True}, {"name": "B", "enabled": False}],
    "providers": {
        "identity_provider": {"internal": False, "providers": {"oidc": {"order": 0}}},
        "social": {"providers": {"google": {}}},
        "policy": {"providers": {"role": {}, "scope": {}, "uma": {}}},
    },
    "protocolMapperTypes": {"saml": [{"id": "s", "name": "S"}], "openid-connect": [{"id": "o"}]},
    "enums": {"eventType": ["LOGIN"]},
    "themes": {"login": [{"name": "t", "locales": ["de"]}], "email": [{"name": "u"}]},
}


def names(answer: dict[str, Any]) -> dict[str, set[str]]:
    offered = server_info(answer).offered
    assert offered is not None
    return {kind: set(offered.of(kind) or ()) for kind in offered.names}


def test_names_are_known_by_their_kind() -> None:
    assert names(ANSWER) == {
        "identity provider": {"oidc", "google"},
        "authorization policy type": {"role"},
        "protocol mapper": {"s", "o"},
        "event type": {"LOGIN"},
        "login theme": {"t"},
        "email theme": {"u"},
        "locale": {"de"},
        "feature that is off": {"b"},
    }
    assert server_info(ANSWER).version == "26.7.3"
    assert server_info(ANSWER).features == {"A"}


def test_those_of_a_group_are_told_apart_where_the_group_is_known() -> None:
    offered = server_info(ANSWER).offered
    assert offered is not None
    assert offered.of("protocol mapper", "saml") == {"s"}
    assert offered.of("protocol mapper", "another") == {"s", "o"}
    assert offered.of("protocol mapper") == {"s", "o"}


@pytest.mark.parametrize("part", ["providers", "protocolMapperTypes", "enums", "themes"])
@pytest.mark.parametrize("value", [None, [], {}, "x", 1, [[1]], {"login": [1, {"name": 2}]}])
def test_what_is_missing_or_of_another_shape_is_not_known(part: str, value: object) -> None:
    whole, found = names(ANSWER), names({**ANSWER, part: value})
    assert found.items() < whole.items()
    assert server_info({}).offered == Offered()
