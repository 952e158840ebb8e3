"""What is hard to take back, each in a change that fails after it was written."""

from typing import Any

import pytest

from sabotage import WAYS, Saboteur
from stage import Change, Stage

Json = dict[str, Any]

LAST = {"roles": {"realm": [{"name": "last"}]}}
CHANGE = Change({"enabled": True}, {"enabled": True})


def gone(*names: str) -> list[Json]:
    """Clients that the change deletes."""
    secret = "a-secret-that-is-long-enough-to-be-strong"
    return [{"clientId": name, "secret": secret} for name in names]


def inner(client: str, part: str) -> Json:
    """Roles: one of a client, which is composed of one of the realm. Both are deleted."""
    role = {"name": "inner", "composites": {"realm": [part]}}
    return {"realm": [{"name": part}], "client": {client: [role]}}


@pytest.mark.parametrize(
    ("before", "after", "writes"),
    [
        # Keycloak does not tell of an empty list, and ignores a null.
        ({}, {"supportedLocales": ["de", "en"]}, 2),
        # The part goes before what it is a part of; both come back under other ids.
        ({"clients": gone("holder", "z"), "roles": inner("holder", "part")}, {"clients": []}, 4),
    ],
    ids=["a list that was empty", "a part of a role"],
)
def test_what_was_written_is_taken_back(
    stage: Stage, before: Json, after: Json, writes: int
) -> None:
    """The last of the writes fails."""
    stage.declare(before)
    assert stage.apply().exit_code == 0
    stage.look()
    stage.declare({**after, **LAST})
    transport = Saboteur({writes - 1: WAYS["status 500"]})
    result = stage.apply(transport)
    assert len(transport.writes) == writes, transport.writes
    assert result.exit_code == 3, result.stderr
    stage.is_as_before(result)
