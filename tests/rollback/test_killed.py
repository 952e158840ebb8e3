"""kcplan is killed (SIGKILL) at each moment of an apply, and `kcplan recover` puts it right.

Every other moment is recovered backwards and forwards in turn; a sample is also killed while it
recovers. What is alike in the state and in Keycloak afterwards is all of it. `make test` takes every
third moment, and each two moments of apply and recovery together once; `make test-all` takes all.
"""

from typing import Any

import pytest

from support import killing
from support.harness import Result
from support.stage import Change, Stage

_KEY = "a-secret-that-is-long-enough-to-be-strong"
_TOKENS = {
    "TOKEN_BEFORE": "a-token-before-the-change-0001",
    "TOKEN_AFTER": "a-token-after-the-change-0002",
}
_MAPPER = {
    "name": "audience",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-audience-mapper",
    "config": {"included.custom.audience": "x", "access.token.claim": "true"},
}


def _with_token(name: str) -> dict[str, Any]:
    """Fields with a secret in a list, in a table, and in a JSON text."""
    return {
        "redirectUris": [f"https://x/${{env:{name}}}", "https://a/*"],
        "attributes": {"plain": f"${{env:{name}}}", "text": f'{{"key": ["${{env:{name}}}"]}}'},
    }


CHANGE = Change(
    variables=_TOKENS,
    before={
        "displayName": "before",
        "roles": {
            "realm": [{"name": "base"}, {"name": "obsolete"}, {"name": "user"}],
            "client": {"gone": [{"name": "inner"}]},
        },
        "clients": [
            {
                "clientId": "api",
                "secret": _KEY,
                "serviceAccountsEnabled": True,
                **_with_token("TOKEN_BEFORE"),
            },
            {
                "clientId": "gone",
                "secret": _KEY,
                "serviceAccountsEnabled": True,
                **_with_token("TOKEN_BEFORE"),
            },
        ],
        "users": [
            {"serviceAccountClientId": "api", "realmRoles": ["base", "obsolete"]},
            {"serviceAccountClientId": "gone", "clientRoles": {"gone": ["inner"]}},
        ],
    },
    after={
        "displayName": "after",
        "roles": {
            "realm": [
                {"name": "base"},
                {"name": "new"},
                {"name": "user", "composites": {"realm": ["new"]}},
            ],
        },
        "clients": [
            {
                "clientId": "api",
                "secret": f"another-{_KEY}",
                "serviceAccountsEnabled": True,
                "protocolMappers": [_MAPPER],
                **_with_token("TOKEN_AFTER"),
            },
            {"clientId": "fresh", "secret": _KEY, "serviceAccountsEnabled": True},
        ],
        "users": [
            {"serviceAccountClientId": "api", "realmRoles": ["base", "new"]},
            {"serviceAccountClientId": "fresh", "realmRoles": ["new"]},
        ],
    },
)

APPLY = ("apply", "realm.json", "--auto-approve", "--parallelism", "1")
MOMENTS = 64
"""How many moments the change has; the first test pins it."""


def go_back(stage: Stage) -> None:
    """Bring the stage back to what it was before the change, by another apply."""
    stage.declare(CHANGE.before)
    result = stage.apply()
    assert result.exit_code == 0, result.stderr
    stage.declare(CHANGE.after)
    stage.look()


def is_settled(stage: Stage) -> None:
    """State and Keycloak agree."""
    for command in (("plan", "realm.json"), ("refresh",)):
        result = stage.kcplan(*command, "--detailed-exitcode")
        assert result.exit_code == 0, result.stdout


def recover(stage: Stage, *args: str) -> Result:
    """Recover, and expect that it works and leaves no journal."""
    result = stage.kcplan("recover", "--auto-approve", *args)
    if result.exit_code != 0:
        stage.strike()
    assert result.exit_code == 0, f"{result.stdout}{result.stderr}"
    assert not stage.journal.exists()
    return result


def is_before_or_after(stage: Stage, result: Result, *, after: bool) -> None:
    """All is as it was before the change, or the change is made; the stage is as before then."""
    if not after:
        stage.is_as_before(result)
        return
    is_settled(stage)
    go_back(stage)


def test_the_change_has_this_many_moments(stage: Stage) -> None:
    assert not stage.is_killed(-1, *APPLY)
    moments = (stage.folder / killing.MOMENTS).read_text().splitlines()
    go_back(stage)
    assert len(moments) == MOMENTS, "\n".join(moments)


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(moment, marks=() if moment % 3 == 0 else pytest.mark.exhaustive)
        for moment in range(MOMENTS)
    ],
)
def test_a_killed_apply_is_recovered(stage: Stage, moment: int) -> None:
    assert stage.is_killed(moment, *APPLY)
    if not stage.journal.exists():
        assert moment in {0, MOMENTS - 1}
        is_before_or_after(stage, recover(stage), after=moment > 0)
        return
    refused = stage.apply()
    assert refused.exit_code == 1
    assert "kcplan recover" in refused.stderr
    forward = moment % 2 == 1
    result = recover(stage, *(["--forward"] if forward else []))
    is_before_or_after(stage, result, after=forward or "had ended" in result.stdout)


TWICE = [
    pytest.param(
        moment,
        again,
        direction,
        marks=() if (row + 2 * column + turn) % 5 == 0 else pytest.mark.exhaustive,
    )
    for row, moment in enumerate([19, 33, 45, 54, 57])
    for column, again in enumerate([1, 4, 6, 9, 14])
    for turn, direction in enumerate(["back", "forward"])
]


@pytest.mark.parametrize(("moment", "again", "direction"), TWICE)
def test_a_killed_recovery_is_recovered(
    stage: Stage, moment: int, again: int, direction: str
) -> None:
    assert stage.is_killed(moment, *APPLY)
    args = ["--forward"] if direction == "forward" else []
    stage.is_killed(again, "recover", "--auto-approve", *args)
    if stage.journal.exists():
        recover(stage, *args)
    is_before_or_after(stage, Result(0, "", ""), after=direction == "forward")


def test_a_recovery_may_change_its_direction(stage: Stage) -> None:
    assert stage.is_killed(55, *APPLY)
    assert stage.is_killed(9, "recover", "--auto-approve")
    recover(stage, "--forward")
    is_before_or_after(stage, Result(0, "", ""), after=True)
