"""What cannot be undone: it comes late, ends with exit code 4, and is told exactly."""

import json
from typing import Any

import pytest

from support.sabotage import WAYS, Saboteur
from support.stage import Change, Stage


def _provider(secret: str) -> dict[str, Any]:
    config = {
        "authorizationUrl": "https://partner.example/auth",
        "tokenUrl": "https://partner.example/token",
        "clientId": "kcplan",
        "clientSecret": f"{secret}-secret-of-the-partner",
    }
    return {"alias": "partner", "providerId": "oidc", "config": config}


def _smtp(secret: str) -> dict[str, str]:
    return {
        "host": "mail.example",
        "from": "a@mail.example",
        "auth": "true",
        "user": "a",
        "password": f"{secret}-password-of-mail",
    }


CHANGE = Change(
    before={
        "displayName": "before",
        "smtpServer": _smtp("old"),
        "roles": {"realm": [{"name": "kept"}, {"name": "gone"}]},
        "identityProviders": [_provider("old")],
        "clients": [{"clientId": "c"}],
    },
    after={
        "displayName": "after",
        "smtpServer": _smtp("new"),
        "roles": {"realm": [{"name": "kept", "description": "still"}, {"name": "new"}]},
        "identityProviders": [_provider("new")],
        "clients": [{"clientId": "c"}],
    },
)

REALM, KEPT, NEW, MAIL, PROVIDER, GONE = range(6)
"""The writes: the realm's fields, the roles, then the two secrets, then the deletion."""
_WORDS = {"": "realm", "roles": "role", "roles-by-id": "role", "identity-provider": "provider"}


def writes(transport: Saboteur) -> list[str]:
    """The method of each write, and what it is about."""
    return [
        f"{line.split()[0]} {_WORDS['/'.join(line.split('/')[4:5])]}" for line in transport.writes
    ]


def left(stage: Stage, result: Any) -> list[str]:
    """What the command says it could not roll back."""
    text = result.stderr.split("These could not be rolled back:\n")[1]
    lines = [line for line in text.splitlines() if line.startswith("  ")]
    return [line.strip().replace(stage.realm, "REALM") for line in lines]


def test_secrets_that_nobody_can_restore_come_late_and_deletions_last(stage: Stage) -> None:
    everything = Saboteur()
    result = stage.apply(everything)
    stage.strike()
    assert result.exit_code == 0, result.stderr
    assert writes(everything) == [
        "PUT realm",
        "PUT role",
        "POST role",
        "PUT realm",
        "PUT provider",
        "DELETE role",
    ]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", [REALM, KEPT, NEW])
def test_before_the_secrets_all_is_undone(stage: Stage, number: int, way: str) -> None:
    result = stage.apply(Saboteur({number: WAYS[way], number + 1: WAYS["status 500"]}))
    assert result.exit_code == 3, result.stderr
    stage.is_as_before(result)


def test_a_refused_secret_is_as_it_was(stage: Stage) -> None:
    result = stage.apply(Saboteur({MAIL: WAYS["status 500"]}))
    assert result.exit_code == 3, result.stderr
    stage.is_as_before(result)


@pytest.mark.parametrize("way", ["closed before", "answer lost", "time-out"])
@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (MAIL, ["REALM (update)"]),
        (PROVIDER, ["REALM/identity-providers/partner (update)", "REALM (update)"]),
    ],
)
def test_a_secret_of_which_nothing_is_known_is_told(
    stage: Stage, number: int, expected: list[str], way: str
) -> None:
    """Whether it was written cannot be read, so kcplan does not say that all is as it was."""
    result = stage.apply(Saboteur({number: WAYS[way]}))
    told = left(stage, result)
    stage.strike()
    assert result.exit_code == 4, result.stderr
    assert told == expected


def test_a_failure_after_the_secrets_tells_them_and_undoes_the_rest(stage: Stage) -> None:
    result = stage.apply(Saboteur({GONE: WAYS["status 500"]}))
    changes = stage.changes()
    known = {
        item["address"]: item for item in json.loads(stage.state_file.read_text())["resources"]
    }
    again = stage.kcplan("plan", "realm.json", "--format", "json")
    stage.strike()
    assert result.exit_code == 4
    assert sorted(left(stage, result)) == [
        "REALM (update)",
        "REALM/identity-providers/partner (update)",
    ]
    # What can be read is as it was, and the state knows the new secrets: they stand.
    assert {line.split("/")[1] for line in changes} == {stage.realm}
    old = {item["address"]: item for item in stage.state["resources"]}
    for address, path in (
        (stage.realm, "smtpServer"),
        (f"{stage.realm}/identity-providers/partner", "config"),
    ):
        assert known[address]["secrets"] != old[address]["secrets"], path
    assert f"{stage.realm}/roles/new" not in known
    planned = {item["address"]: item for item in json.loads(again.stdout)["resource_changes"]}
    assert planned[f"{stage.realm}/identity-providers/partner"]["action"] == "noop"


def test_a_deleted_provider_comes_back_without_its_secret_and_that_is_told(stage: Stage) -> None:
    stage.declare({**CHANGE.before, "identityProviders": [], "clients": []})
    result = stage.apply(Saboteur({1: WAYS["status 500"]}))
    there = stage.admin.json(f"{stage.realm}/identity-provider/instances")
    told = left(stage, result)
    stage.strike()
    assert result.exit_code == 4, result.stderr
    assert [item["alias"] for item in there] == ["partner"]
    assert told == ["REALM/identity-providers/partner (delete)"]
    assert "is back without its secret (clientSecret)" in result.stderr


FAILING = dict.fromkeys(range(20), WAYS["status 500"])
ALL = ["REALM/roles/new (create)", "REALM/roles/kept (update)", "REALM (update)"]


@pytest.mark.parametrize(
    ("undoing", "expected"),
    [
        (FAILING, ALL),
        # What fails is tried once more after the others, which are undone all the same.
        ({1: WAYS["status 500"], 3: WAYS["status 500"]}, ["REALM/roles/kept (update)"]),
        ({0: WAYS["closed before"], 3: WAYS["time-out"]}, []),
    ],
    ids=["all", "one", "in passing"],
)
def test_what_could_not_be_undone_is_told_and_can_be_recovered(
    stage: Stage, undoing: dict[int, Any], expected: list[str]
) -> None:
    result = stage.apply(Saboteur({MAIL: WAYS["status 500"]}, undoing=undoing))
    if expected:
        assert result.exit_code == 4, result.stderr
        assert left(stage, result) == expected
        assert "kcplan recover" in stage.apply().stderr
        result = stage.kcplan("recover", "--auto-approve")
        assert result.exit_code == 0, result.stderr
    else:
        assert result.exit_code == 3, result.stderr
    assert not stage.journal.exists()
    stage.is_as_before(result)


def test_what_a_recovery_cannot_undo_either_stays_in_the_state(stage: Stage) -> None:
    """What stands is known then, and the next apply goes on from there."""
    stage.apply(Saboteur({MAIL: WAYS["status 500"]}, undoing=FAILING))
    result = stage.kcplan("recover", "--auto-approve", through=Saboteur(undoing=FAILING))
    told = left(stage, result)
    plan = json.loads(stage.kcplan("plan", "realm.json", "--format", "json").stdout)
    known = {item["address"] for item in json.loads(stage.state_file.read_text())["resources"]}
    finished = stage.apply()
    settled = stage.kcplan("plan", "realm.json", "--detailed-exitcode")
    stage.strike()
    assert result.exit_code == 4, result.stderr
    assert told == ALL
    assert f"{stage.realm}/roles/new" in known
    assert plan["drift"] == []
    assert finished.exit_code == 0, finished.stderr
    assert settled.exit_code == 0, settled.stdout


def test_without_rollback_what_was_done_is_kept_and_known(stage: Stage) -> None:
    result = stage.apply(
        Saboteur({GONE: WAYS["status 500"]}), "--parallelism", "1", "--no-rollback"
    )
    plan = json.loads(stage.kcplan("plan", "realm.json", "--format", "json").stdout)
    stage.strike()
    assert result.exit_code == 4
    assert "What was done is kept" in result.stderr
    actions = {item["address"]: item["action"] for item in plan["resource_changes"]}
    assert {a for a, action in actions.items() if action != "noop"} == {f"{stage.realm}/roles/gone"}
    assert plan["drift"] == []
