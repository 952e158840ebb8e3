"""What came of trying an admin permission, and why."""

from collections.abc import Sequence

from kcplan.classes import frozen
from kcplan_keycloak.admin_proof.attempts import Attempt, Reason, Scene
from kcplan_keycloak.admin_proof.conditions import Subject
from kcplan_keycloak.admin_proof.deciding import NEEDS
from kcplan_keycloak.admin_proof.declaration import Permission
from kcplan_keycloak.admin_proof.stage import Caller
from kcplan_keycloak.token_exchange.attempts import Outcome


@frozen
class Verdict:
    """What came of an attempt.

    Attributes:
        attempt: What was tried.
        outcome: How it went.
        problems: What was not as it should be, one sentence each.
        advice: How to mend it.
        code: The diagnostic that explains it.
    """

    attempt: Attempt
    outcome: Outcome
    problems: tuple[str, ...] = ()
    advice: str = ""
    code: str = ""


@frozen
class Tried:
    """Keycloak's answer to a request.

    Attributes:
        allowed: Whether it was performed; None where the answer does not tell.
        words: The answer, in words.
    """

    allowed: bool | None
    words: str


def judged(scene: Scene, attempt: Attempt, caller: Caller, tried: Tried) -> Verdict:
    """What an answer says of a permission."""
    declared = attempt.reason is Reason.DECLARED
    if tried.allowed is None:
        return Verdict(
            attempt,
            Outcome.UNPROVEN,
            (f"{tried.words} That does not tell whether the permission is right.",),
        )
    if tried.allowed is declared:
        return Verdict(attempt, Outcome.PASSED)
    if declared:
        code, advice = _why_refused(scene, attempt, caller.subject)
        return Verdict(attempt, Outcome.FAILED, (tried.words,), advice, code)
    advice = _why_allowed(caller)
    return Verdict(attempt, Outcome.FAILED, (tried.words,), advice, "admin-permission-undeclared")


def _why_refused(scene: Scene, attempt: Attempt, subject: Subject) -> tuple[str, str]:
    """The code of what explains it, and the explanation."""
    target = scene.target(attempt.place)
    own = attempt.permission
    others = [
        permission
        for permission in scene.rules.shutting_out(subject, target, attempt.scope)
        if permission != own
    ]
    if others:
        return "admin-permissions-disagree", _shut_out(attempt, others)
    needed = NEEDS.get((own.resource_type, attempt.scope))
    if needed and not scene.rules.allowed(subject, target, needed):
        return "admin-permission-without-view", (
            f"In Keycloak `{attempt.scope}` of {own.resource_type} has no effect without "
            f"`{needed}`. Add `{needed}` to the scopes."
        )
    if own.condition.met(subject, scene.rules.now) is False:
        return "", (
            "The caller does not meet all policies of the permission: a user or client that a "
            "policy names must have the roles and groups that the other policies ask for."
        )
    return "", "Nothing in the files explains it. Look at the permission in the admin console."


def _shut_out(attempt: Attempt, others: Sequence[Permission]) -> str:
    names = " and ".join(permission.name for permission in others)
    does = "does" if len(others) == 1 else "do"
    same = any(attempt.scope in permission.scopes for permission in others)
    if same or attempt.permission.resource_type not in {p.resource_type for p in others}:
        return (
            "Keycloak wants all permissions for the same objects and scope to let the caller in, "
            f"and {names} {does} not. Make one permission of them, with an aggregate policy whose "
            "decisionStrategy is AFFIRMATIVE: it lets in whoever meets one of its policies."
        )
    return (
        "Keycloak wants all permissions for all objects of a type to let the caller in, even "
        f"those for other scopes (its issue 50740), and {names} {does} not. Name the objects of "
        "this permission in `resources`, or let the same callers in by both."
    )


def _why_allowed(caller: Caller) -> str:
    if caller.admin_roles:
        names = ", ".join(caller.admin_roles)
        return (
            f"The caller has the roles {names} of realm-management. They count for the whole "
            "realm, whatever permissions say. Take them away from the role, group or account that "
            "the policy names."
        )
    return (
        "No permission of the files allows it, so something else does: look for permissions that "
        "the files do not declare."
    )
