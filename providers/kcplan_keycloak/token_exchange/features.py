"""What the server must have for a permission, and what must not stand in its way."""

from collections.abc import Iterable, Iterator

from kcplan.diagnostics import Diagnostic, error
from kcplan.resource import Resource
from kcplan_keycloak.token_exchange.declaration import Permission
from kcplan_keycloak.token_exchange.legacy import FEATURES, NEEDED
from kcplan_keycloak.token_exchange.spec import Mode


def missing_features(
    permissions: Iterable[Permission], features: frozenset[str] | None
) -> Iterator[Diagnostic]:
    """What permissions need and the server does not have, as far as it can be seen."""
    known = list(permissions)
    standard = [p for p in known if p.mode is Mode.STANDARD]
    if features is not None and "TOKEN_EXCHANGE_STANDARD_V2" not in features:
        for permission in standard[:1]:
            yield error(
                "server-feature-missing",
                "this Keycloak has no standard token exchange",
                "It is part of Keycloak since 26.2, and switched off here. Remove "
                "`token-exchange-standard` from --features-disabled, or upgrade the server.",
                address=permission.address,
                source=permission.source(),
            )
    missing = lacking(features)
    for permission in known:
        if permission.mode is Mode.LEGACY and missing is not None:
            yield error(
                "server-feature-missing",
                f"this Keycloak has no legacy token exchange: {missing} is not enabled",
                f"{_alternative(permission)} Otherwise start the server with "
                f"--features={','.join(FEATURES)}.",
                address=permission.address,
                source=permission.source(),
            )


def lacking(features: frozenset[str] | None) -> str | None:
    """What a server lacks for legacy permissions; None where it has all, or that is not known."""
    missing = sorted(NEEDED - features) if features is not None else []
    return " and ".join(missing) or None


def _alternative(permission: Permission) -> str:
    if permission.subject_issuer:
        return (
            "The modern way for tokens of an identity provider is its JWT authorization grant "
            "(feature JWT_AUTHORIZATION_GRANT)."
        )
    if permission.impersonate or permission.users:
        return (
            "Impersonation has no modern counterpart; exchange the user's own token in standard "
            "mode, where there is one."
        )
    return 'Standard token exchange does the same: remove `mode = "legacy"`.'


def unanimous(target: Resource, names: Iterable[str]) -> Diagnostic:
    """That somebody else's policy hangs on the same permission as kcplan's."""
    return error(
        "token-exchange-unanimous",
        f"other policies decide about {target.address}: {', '.join(names)}",
        "Legacy permissions decide unanimously: the other policy would deny kcplan's requesters, "
        "and kcplan's the others. Move its clients into `permissions.tokenExchange`, and take it "
        "off the permission in Keycloak.",
        address=target.address,
        source=target.source(),
    )
