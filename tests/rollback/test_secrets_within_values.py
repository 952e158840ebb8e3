"""Secrets in lists, tables and JSON texts: an apply of others is killed and recovered, or saved.

The files say the same before and after; only the variable has another value.
"""

import json

import httpx
import pytest

from support import killing
from support.stage import Change, Stage

FIRST, SECOND = "the-first-token-of-all-0001", "the-second-token-of-all-0002"
_CONDITION = {
    "condition": "client-roles",
    "configuration": {"roles": ["open", "${env:X_TOKEN}"]},
}
_FILES = {
    "clientPolicies": {
        "policies": [
            {"name": "p", "enabled": True, "conditions": [_CONDITION], "profiles": []},
        ]
    },
    "clients": [
        {
            "clientId": "c",
            "redirectUris": ["https://x/${env:X_TOKEN}", "https://a/*", "https://z/*"],
            "webOrigins": ["https://${env:X_TOKEN}", "https://a"],
            "attributes": {"note": '{"key": ["${env:X_TOKEN}"]}'},
        },
        {"clientId": "other", "redirectUris": ["${env:X_TOKEN}"]},
    ],
}
CHANGE = Change(before=_FILES, after=_FILES)
APPLY = ("apply", "realm.json", "--auto-approve", "--parallelism", "1")
OTHER = {"X_TOKEN": SECOND}


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_TOKEN", FIRST)


def moments(stage: Stage) -> list[str]:
    """The moments of the change; the stage is as before then."""
    assert not stage.is_killed(-1, *APPLY, env=OTHER)
    found = (stage.folder / killing.MOMENTS).read_text().splitlines()
    assert stage.apply().exit_code == 0
    stage.look()
    return found


def killed(stage: Stage, when: str, what: str) -> None:
    """An apply of the other token, killed at the last write of this kind."""
    all_of_them = moments(stage)
    fitting = [n for n, line in enumerate(all_of_them) if line.startswith(when) and what in line]
    assert fitting, all_of_them
    assert stage.is_killed(fitting[-1], *APPLY, env=OTHER)
    assert stage.journal.exists()


def is_settled(stage: Stage, token: str) -> None:
    for command in (("plan", "realm.json"), ("refresh",)):
        result = stage.kcplan(*command, "--detailed-exitcode", env={"X_TOKEN": token})
        assert result.exit_code == 0, result.stdout


def leaks(text: str) -> bool:
    return FIRST in text or SECOND in text


WRITES = [
    ("before PUT", "/clients/"),
    ("after PUT", "/clients/"),
    ("before PUT", "/client-policies/policies"),
    ("after PUT", "/client-policies/policies"),
]


@pytest.mark.parametrize(("when", "what"), WRITES)
def test_a_killed_change_of_secrets_within_values_is_taken_back(
    stage: Stage, when: str, what: str
) -> None:
    killed(stage, when, what)
    result = stage.kcplan("recover", "--auto-approve", env=OTHER)
    assert result.exit_code == 0, f"{result.stdout}{result.stderr}"
    assert not leaks(result.stdout + result.stderr)
    stage.is_as_before(result)
    is_settled(stage, FIRST)


@pytest.mark.parametrize(("when", "what"), WRITES)
def test_a_killed_change_of_secrets_within_values_is_finished(
    stage: Stage, when: str, what: str
) -> None:
    killed(stage, when, what)
    result = stage.kcplan("recover", "--forward", "--auto-approve", env=OTHER)
    assert result.exit_code == 0, f"{result.stdout}{result.stderr}"
    assert not leaks(result.stdout + result.stderr)
    is_settled(stage, SECOND)
    assert stage.apply().exit_code == 0
    stage.look()


def test_another_secret_within_a_list_is_refused_by_a_recovery_that_finishes(stage: Stage) -> None:
    killed(stage, "before PUT", "/clients/")
    env = {"X_TOKEN": "a-third-token-that-nobody-planned"}
    result = stage.kcplan("recover", "--forward", "--auto-approve", env=env)
    assert result.exit_code == 1
    assert "is another one now" in result.stderr
    result = stage.kcplan("recover", "--auto-approve", env=env)
    assert result.exit_code == 0, result.stderr
    stage.is_as_before(result)


def test_a_saved_plan_with_secrets_within_values_is_applied(stage: Stage) -> None:
    assert stage.kcplan("plan", "realm.json", "--out", "p", env=OTHER).exit_code == 0
    assert not leaks((stage.folder / "p").read_text())
    result = stage.kcplan("apply", "p", env=OTHER)
    (stage.folder / "p").unlink()
    assert result.exit_code == 0, result.stderr
    is_settled(stage, SECOND)
    assert stage.apply().exit_code == 0
    stage.look()


def test_a_saved_plan_whose_secrets_within_values_are_others_now_is_refused(stage: Stage) -> None:
    assert stage.kcplan("plan", "realm.json", "--out", "p", env=OTHER).exit_code == 0
    result = stage.kcplan("apply", "p")
    (stage.folder / "p").unlink()
    assert result.exit_code == 1
    assert "is another one now" in result.stderr
    stage.is_as_before(result)


class Refusing(httpx.BaseTransport):
    """The real transport, but the second client cannot be written."""

    def __init__(self, client: str) -> None:
        self._inner = httpx.HTTPTransport()
        self._client = client

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT" and request.url.path.endswith(f"/clients/{self._client}"):
            return httpx.Response(400, json={"error": "no"})
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def test_a_saved_plan_that_fails_is_undone_to_the_secrets_before(stage: Stage) -> None:
    assert stage.kcplan("plan", "realm.json", "--out", "p", env=OTHER).exit_code == 0
    at = f"{stage.realm}/clients"
    other = next(c for c in stage.admin.get(at).json() if c["clientId"] == "other")
    result = stage.kcplan(
        "apply", "p", "--parallelism", "1", through=Refusing(other["id"]), env=OTHER
    )
    (stage.folder / "p").unlink()
    assert result.exit_code == 3, result.stderr
    stage.is_as_before(result)


def test_a_list_with_a_secret_drifts_and_comes_back(stage: Stage) -> None:
    is_settled(stage, FIRST)
    at = f"{stage.realm}/clients"
    client = next(c for c in stage.admin.get(at).json() if c["clientId"] == "c")
    uris = [*client["redirectUris"], "https://by-hand/*"]
    stage.admin.put(f"{at}/{client['id']}", json={**client, "redirectUris": uris})
    plan = json.loads(stage.kcplan("plan", "realm.json", "--format", "json").stdout)
    changes = [i for i in plan["resource_changes"] if i["action"] != "noop"]
    [change] = [item for found in changes for item in found["changes"]]
    assert (change["path"], change["origin"]) == (["redirectUris"], "drift")
    refresh = stage.kcplan("refresh", "--detailed-exitcode")
    assert refresh.exit_code == 2
    assert not leaks(refresh.stdout)
    assert stage.apply().exit_code == 0
    is_settled(stage, FIRST)
    stage.look()
