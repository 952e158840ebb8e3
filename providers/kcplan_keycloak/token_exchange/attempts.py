"""What is tried to prove permissions, and what must be refused."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from kcplan.classes import frozen
from kcplan_keycloak.token_exchange.declaration import Permission
from kcplan_keycloak.token_exchange.spec import Mode


class Outcome(StrEnum):
    """How an attempt went."""

    PASSED = "passed"
    FAILED = "failed"
    UNPROVEN = "unproven"


class Way(StrEnum):
    """How the new token is asked for; all but the first are legacy."""

    EXCHANGE = "exchange"
    IMPERSONATION = "impersonation"
    USERS = "users"
    EXTERNAL = "external"


@frozen
class Attempt:
    """One exchange that is tried.

    Attributes:
        realm: The realm.
        requester: The client that exchanges.
        subject: The client that obtains the token, or the identity provider that it is from.
        audience: The client that the new token is for; None asks for no audience.
        permission: What declares it; None where nothing does, so that it must fail.
        way: How the new token is asked for.
    """

    realm: str
    requester: str
    subject: str
    audience: str | None = None
    permission: Permission | None = None
    way: Way = Way.EXCHANGE


@frozen
class Verdict:
    """What came of an attempt.

    Attributes:
        attempt: The exchange.
        outcome: How it went.
        problems: What was not as it should be, one sentence each.
        code: The diagnostic that explains it.
        advice: How to mend it.
    """

    attempt: Attempt
    outcome: Outcome
    problems: tuple[str, ...] = ()
    code: str = ""
    advice: str = ""


def attempts(permissions: Iterable[Permission]) -> Iterator[Attempt]:
    """Every exchange that permissions declare: each subject with each audience."""
    for permission in permissions:
        yield from _legacy(permission)
        legacy_only = permission.impersonate or permission.users or permission.subject_issuer
        if permission.mode is Mode.LEGACY and legacy_only and not permission.audiences:
            continue
        for subject in permission.subjects:
            for audience in permission.audiences or (None,):
                yield Attempt(permission.realm, permission.requester, subject, audience, permission)


def _legacy(permission: Permission) -> Iterator[Attempt]:
    ways = (
        (Way.IMPERSONATION, permission.requester if permission.impersonate else None),
        (Way.USERS, "-" if permission.users else None),
        (Way.EXTERNAL, permission.subject_issuer),
    )
    for way, subject in ways:
        if subject is not None:
            yield Attempt(
                permission.realm, permission.requester, subject, None, permission, way=way
            )


def undeclared(
    realm: str, clients: Iterable[str], permissions: Iterable[Permission]
) -> Iterator[Attempt]:
    """Every exchange between these clients that no permission declares, and that must fail.

    Which token a client may exchange, and whom the new one may be for, are two questions to
    Keycloak; so all pairs of each kind are tried, and not all combinations.
    """
    names = sorted(clients)
    subjects = {(p.requester, s) for p in permissions for s in (*p.subjects, p.requester)}
    audiences = {(p.requester, a) for p in permissions for a in (*p.audiences, p.requester)}
    for requester in names:
        for other in names:
            if (requester, other) not in subjects and other != requester:
                yield Attempt(realm, requester, other)
            if (requester, other) not in audiences and other != requester:
                yield Attempt(realm, requester, requester, other)
