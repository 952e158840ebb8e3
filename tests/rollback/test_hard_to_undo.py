"""What is hard to take back, each in a change that fails after it was written."""

from typing import Any

import pytest

from support.sabotage import WAYS, Saboteur
from support.stage import Change, Stage

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


def test_others_policies_know_a_role_again_that_was_deleted(stage: Stage) -> None:
    """They name it by its id, which is another one when it is back; Keycloak leaves the old one."""
    admin, realm = stage.admin, stage.realm
    stage.declare({"roles": {"realm": [{"name": "gone"}, {"name": "z"}]}})
    assert stage.apply().exit_code == 0
    services = {"serviceAccountsEnabled": True, "authorizationServicesEnabled": True}
    client = admin.create(f"{realm}/clients", {"clientId": "theirs", **services})
    policies = f"{realm}/clients/{client}/authz/resource-server/policy"

    def ids() -> list[str]:
        return [admin.json(f"{realm}/roles/{name}")["id"] for name in ("gone", "theirs")]

    admin.post(f"{realm}/roles", json={"name": "theirs"})
    roles = [{"id": role, "required": True} for role in ids()]
    admin.post(f"{policies}/role", json={"name": "Theirs", "roles": roles})
    stage.look()
    stage.declare({"roles": {"realm": []}})

    result = stage.apply(Saboteur({1: WAYS["status 500"]}))

    assert result.exit_code == 3, result.stderr
    assert "roles/gone: Rolled back" in result.stderr
    found = admin.json(f"{policies}/role/{admin.json(policies, name='Theirs')[0]['id']}")
    assert sorted(role["id"] for role in found["roles"]) == sorted(ids())
    stage.is_as_before(result)


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
