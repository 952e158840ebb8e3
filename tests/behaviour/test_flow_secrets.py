"""Secrets of flows in a plan: told again with a flow that is made anew, and lost when they change."""

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from conformance.flows import in_file
from kcplan.secret import MASK, conceal
from kcplan.state import Digest, ResourceState
from support.planning import plan, step, there

Json = dict[str, Any]
CAPTCHA = "registration-recaptcha-action"
SECRET = ("authenticationExecutions", CAPTCHA, "config", "secret.key")


def flow(*others: str, secret: str, last: bool = False, **required: str) -> Json:
    """A flow with an execution that has a secret, before others or after them."""
    own = {
        "authenticator": CAPTCHA,
        "requirement": "REQUIRED",
        "authenticatorConfig": "captcha",
        "config": {"site.key": "open", "secret.key": secret},
    }
    found: Json = {
        name: {"authenticator": name, "requirement": required.get(name, "REQUIRED")}
        for name in others
    }
    entries = {**found, CAPTCHA: own} if last else {CAPTCHA: own, **found}
    return {
        "providerId": "basic-flow",
        "authenticationExecutions": entries,
        "order": list(entries),
    }


BEFORE = flow("a", "b", secret=MASK)


def planned(tmp_path: Path, wanted: Json, name: str = "staff", **more: Any) -> Any:
    """The plan for a flow that kcplan made, and whose secret was `old`."""
    live = there("flows/staff", BEFORE)
    hidden = {p: conceal(v) if v == MASK else v for p, v in live.leaves.items()}
    known = {p: v for p, v in live.leaves.items() if p != SECRET}
    secrets = {SECRET: Digest("plain", "old")}
    state = ResourceState(live.address, live.type, str(live.id), managed=known, secrets=secrets)
    return plan(tmp_path, in_file(name, wanted), [state], [evolve(live, leaves=hidden)], **more)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (flow("a", "b", secret="old", last=True), True),
        (flow("a", secret="old"), True),
        (flow("a", "b", "c", secret="old"), True),
        ({**flow("a", "b", secret="old"), "description": "another"}, False),
        (flow("a", "b", secret="old", a="DISABLED"), False),
        (flow("a", "b", secret="old", a="DISABLED", b="DISABLED"), True),
    ],
    ids=["reordered", "one goes", "one comes", "a description", "a requirement", "two"],
)
def test_a_secret_is_told_again_where_the_flow_is_made_anew(
    tmp_path: Path, wanted: Json, *, told: bool
) -> None:
    written = step(planned(tmp_path, wanted), "update flows/staff")
    assert (SECRET in written.after) is told
    assert written.lossy == ()


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({**flow("a", "b", secret="old"), "description": "another"}, False),
        (flow("a", "b", secret="old", a="DISABLED"), True),
    ],
    ids=["a description", "a requirement"],
)
def test_a_secret_is_told_again_where_a_flow_is_renamed_and_changes(
    tmp_path: Path, wanted: Json, *, told: bool
) -> None:
    made = planned(tmp_path, wanted, "team", moved=[("flows/staff", "flows/team")])
    assert (SECRET in made.steps[-1].after) is told


LOST = ("the old secret.key is lost: Keycloak does not give it back",)


def test_a_plan_says_that_the_old_secret_is_lost_where_a_flow_gets_another(tmp_path: Path) -> None:
    alone = step(planned(tmp_path, flow("a", "b", secret="new")), "update flows/staff")
    assert (set(alone.after), alone.lossy) == ({SECRET}, LOST)


def test_a_plan_says_that_a_secret_is_lost_with_the_execution_that_has_it(tmp_path: Path) -> None:
    wanted = flow("a", "b", secret="old")
    del wanted["authenticationExecutions"][CAPTCHA]
    wanted["order"] = ["a", "b"]
    assert step(planned(tmp_path, wanted), "update flows/staff").lossy == LOST
