"""Workflows."""

from conformance.overlays import Json
from conformance.sample import Hand, Sample


def _where(hand: Hand, name: str) -> str | None:
    at = hand.path("workflows")
    found = hand.find(f"{at}?max=100", name=name)
    return f"{at}/{found['id']}" if found else None


def _look(hand: Hand, at: str) -> Json | None:
    """The workflow with its switch, and without the ids of its steps, which are new at each PUT."""
    found = hand.get(at)
    if found is None:
        return None
    steps = [{key: step[key] for key in step if key != "id"} for step in found["steps"]]
    return {"enabled": True, **found, "steps": steps}


SAMPLE = Sample(
    type="workflow",
    address="workflows/NAME",
    declare=lambda name, fields: {"workflows": [{"name": name, **fields}]},
    where=_where,
    minimal={"steps": [{"uses": "disable-user", "after": "90d"}]},
    full={
        "enabled": False,
        "on": "user-created or user-authenticated",
        "if": "has-user-attribute('kind', 'guest')",
        "schedule": {"after": "1d", "batch-size": 50},
        "concurrency": {
            "cancel-in-progress": "user-role-granted(staff)",
            "restart-in-progress": "user-role-revoked(staff)",
        },
        "steps": [
            {"uses": "notify-user", "after": "80d", "with": {"subject": "Are you there?"}},
            {"uses": "set-user-attribute", "after": "5d", "with": {"left": "1"}},
            {"uses": "disable-user", "after": "5d"},
        ],
    },
    changed={
        "enabled": True,
        "on": "user-authenticated",
        "if": "not has-role('staff')",
        "schedule": {"after": "12h", "batch-size": 20},
        "concurrency": {
            "cancel-in-progress": "user-role-granted(boss)",
            "restart-in-progress": "true",
        },
        "steps": [
            {"uses": "disable-user", "after": "60d"},
            {"uses": "set-user-attribute", "with": {"left": ["a", "b"], "sent": "no"}},
        ],
    },
    look=_look,
    odd_name="a/b %é 5%2F",
    secret={"if": "has-user-attribute('key', 'SECRET')"},
    cannot={
        "bare steps.id": "Keycloak gives each step a new id whenever the workflow is written.",
        "reference": "Roles and groups are named in texts that Keycloak reads when a step runs.",
        "viewer": "Keycloak shows workflows only to accounts with the role realm-admin.",
    },
)
