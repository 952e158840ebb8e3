"""Whether the answer to an exchange is what the permission promises."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from kcplan_keycloak.claims import claims_of
from kcplan_keycloak.token_exchange.attempts import Attempt, Outcome, Verdict, Way
from kcplan_keycloak.token_exchange.spec import Mode

OK: Final = 200


def judge_undeclared(attempt: Attempt, status: int) -> Verdict:
    """What is not declared must be refused, for whatever reason."""
    if status != OK:
        return Verdict(attempt, Outcome.PASSED)
    return Verdict(
        attempt,
        Outcome.FAILED,
        ("Keycloak granted it, and no permission declares it.",),
        "token-exchange-undeclared",
        "Declare it under `permissions.tokenExchange`, or remove the mapper, scope or role that "
        "makes it possible.",
    )


def problems(
    attempt: Attempt,
    body: Mapping[str, Any],
    *,
    subject: Mapping[str, Any],
    user: str | None,
    refresh: bool,
) -> Iterator[str]:
    """What is wrong with a new token.

    Args:
        attempt: The exchange.
        body: The server's answer.
        subject: What the exchanged token says.
        user: The user whom an impersonation is about.
        refresh: Whether a refresh token was asked for.
    """
    try:
        claims = claims_of(str(body.get("access_token")))
    except ValueError as problem:
        yield f"The new token cannot be read: {problem}."
        return
    audience = claims.get("aud") or []
    audience = [audience] if isinstance(audience, str) else list(audience)
    if not _is_for(attempt, audience):
        yield f"aud is {', '.join(audience) or 'absent'}, and should be {attempt.audience}."
    if claims.get("azp") != attempt.requester:
        yield f"azp is {claims.get('azp')}, and should be {attempt.requester}."
    if attempt.way is Way.EXCHANGE and claims.get("sub") != subject.get("sub"):
        yield "sub is not the subject of the exchanged token."
    if attempt.way in (Way.IMPERSONATION, Way.USERS) and claims.get("preferred_username") != user:
        yield f"The token speaks of {claims.get('preferred_username')}, and should of {user}."
    granted = str(claims.get("scope", "")).split()
    wanted = attempt.permission.scopes if attempt.permission else ()
    missing = [scope for scope in wanted if scope not in granted]
    if missing:
        yield f"scope lacks {' '.join(missing)}."
    if refresh and "refresh_token" not in body:
        yield "There is no refresh token."


def _is_for(attempt: Attempt, audience: list[str]) -> bool:
    """In standard mode the new token is for nobody else; in legacy mode, also for others."""
    if attempt.audience is None:
        return True
    if attempt.permission is not None and attempt.permission.mode is Mode.LEGACY:
        return attempt.audience in audience
    return audience == [attempt.audience]
