"""Fields that are hard to take back, each of a change that fails after it was written."""

from typing import Any

import pytest

from sabotage import WAYS, Saboteur
from stage import Change, Stage

Json = dict[str, Any]

LAST = {"roles": {"realm": [{"name": "last"}]}}
CHANGE = Change({"enabled": True}, {"enabled": True})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # Keycloak does not tell of an empty list, and ignores a null.
        ({}, {"supportedLocales": ["de", "en"]}),
    ],
    ids=["a list that was empty"],
)
def test_what_was_written_is_taken_back(stage: Stage, before: Json, after: Json) -> None:
    stage.declare(before)
    assert stage.apply().exit_code == 0
    stage.look()
    stage.declare({**after, **LAST})
    result = stage.apply(Saboteur({1: WAYS["status 500"]}))
    assert result.exit_code == 3, result.stderr
    stage.is_as_before(result)
