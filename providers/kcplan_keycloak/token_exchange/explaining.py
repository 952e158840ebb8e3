"""What a refused exchange means: which rule failed, and what to write instead."""

from collections.abc import Callable
from typing import Final

from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan_keycloak.token_exchange.declaration import Permission
from kcplan_keycloak.token_exchange.model import Client
from kcplan_keycloak.token_exchange.rules import Refusal

NO_CONSENT: Final = "Write `consentRequired = false` for a client that only exchanges."


@frozen
class Explained:
    """A refused exchange in the words of a diagnostic; `path` is a field of the permission."""

    path: Path
    code: str
    summary: str
    detail: str


def explained(
    permission: Permission, subject: str, requester: Client, refusal: Refusal
) -> Explained | None:
    """Why an exchange is refused, and how to mend it; None where there is nothing to say."""
    explain = _BY_RULE.get(refusal.rule)
    return explain(permission, subject, requester.client_id) if explain else None


_Explain = Callable[[Permission, str, str], Explained]


def _confidential(_: Permission, __: str, name: str) -> Explained:
    return Explained(
        ("requester",),
        "token-exchange-public-client",
        f"client {name} is public and cannot exchange tokens",
        "Write `publicClient = false` and give it a secret, or let a confidential backend "
        "exchange the token.",
    )


def _disabled(_: Permission, __: str, name: str) -> Explained:
    return Explained(
        ("requester",),
        "token-exchange-disabled-client",
        f"{name} is disabled and cannot exchange tokens",
        "Enable it, or remove the permission.",
    )


def _audience_disabled(permission: Permission, _: str, name: str) -> Explained:
    return Explained(
        ("audiences",),
        "token-exchange-audience-unavailable",
        f"an audience of {name} is disabled",
        f"Enable it, or take it out of {permission.place}.",
    )


def _subject_audience(_: Permission, subject: str, name: str) -> Explained:
    return Explained(
        ("subjects",),
        "token-exchange-subject-audience",
        f"the tokens of {subject} do not name {name}",
        f"No audience mapper of {subject} writes {name} into its access tokens. Remove what is "
        "declared of such a mapper, so that the permission can make its own, and apply.",
    )


def _audience_available(permission: Permission, _: str, name: str) -> Explained:
    audiences = ", ".join(permission.audiences)
    return Explained(
        ("audiences",),
        "token-exchange-audience-unavailable",
        f"the tokens of {name} cannot be for {audiences}",
        f"Audience mappers of {name} are missing, or do not write into its access tokens. Remove "
        "what is declared of them, so that the permission can make its own, and apply.",
    )


def _scopes(permission: Permission, _: str, name: str) -> Explained:
    return Explained(
        ("scopes",),
        "token-exchange-unknown-scope",
        f"{name} may not ask for the scopes {' '.join(permission.scopes)}",
        "Add them to `optionalClientScopes` of the client, or take them out of the permission.",
    )


def _session(_: Permission, subject: str, name: str) -> Explained:
    return Explained(
        ("refreshToken",),
        "token-exchange-refresh-value",
        f"{name} cannot get a refresh token for tokens of {subject}",
        f"{subject} obtains tokens by its own credentials, and those have no session. Remove "
        "`refreshToken`: the subject can obtain a new token at any time.",
    )


def _refresh(_: Permission, __: str, name: str) -> Explained:
    return Explained(
        ("refreshToken",),
        "token-exchange-refresh-value",
        f"{name} may not ask for refresh tokens",
        "Its attribute `standard.token.exchange.enableRefreshRequestedTokenType` is not "
        "`SAME_SESSION`. Apply the permission.",
    )


def _consent(_: Permission, __: str, name: str) -> Explained:
    return Explained(
        ("requester",),
        "token-exchange-consent",
        f"client {name} requires consent, which nobody can give in an exchange",
        NO_CONSENT,
    )


def _enabled(_: Permission, __: str, name: str) -> Explained:
    return Explained(
        ("requester",),
        "token-exchange-inert-attribute",
        f"token exchange is not switched on for {name}",
        'Its attribute `standard.token.exchange.enabled` is not "true". Apply the permission.',
    )


def _audience_exists(permission: Permission, _: str, name: str) -> Explained:
    return Explained(
        ("audiences",),
        "unknown-reference",
        f"an audience of {name} does not exist: {', '.join(permission.audiences)}",
        "Every audience must be the clientId of a client of the realm.",
    )


def _legacy(permission: Permission, _: str, name: str) -> Explained:
    return Explained(
        ("mode",),
        "token-exchange-unanimous",
        f"Keycloak does not permit {name} what {permission.place} declares",
        "Its policy is missing, does not hang on the target's permission, or another one hangs "
        "beside it; for impersonation, the role `impersonation` is missing. Plan and apply.",
    )


_BY_RULE: Final[dict[str, _Explain]] = {
    "confidential": _confidential,
    "requester-exists": _disabled,
    "audience-enabled": _audience_disabled,
    "audience-exists": _audience_exists,
    "subject-audience": _subject_audience,
    "audience-available": _audience_available,
    "scopes": _scopes,
    "session": _session,
    "refresh": _refresh,
    "consent": _consent,
    "enabled": _enabled,
    "legacy": _legacy,
}
