"""What kcplan's own log-in passes through, field by field: its realm and its client.

A change that certainly ends its access is told apart from one that may. Each rule is about the
value that a field would have; what certainly locks out was tried on a real Keycloak.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path

MASTER: Final = "master"
"""The realm whose administrators administer all realms."""

_SHORT_SECONDS: Final = 15
"""A token that lives no longer than this may end while a request is under way."""

_SHORT_SESSION_SECONDS: Final = 60


@frozen
class Identity:
    """Who kcplan is to Keycloak.

    Attributes:
        realm: The realm that it logs in to.
        client_id: The client that it logs in with.
        username: The user, where it is not the client's own service account.
        url: Where it reaches Keycloak.
        secret: Whether the client has a secret.
        certificate: Whether kcplan shows a client certificate.
    """

    realm: str
    client_id: str
    username: str | None = None
    url: str = ""
    secret: bool = True
    certificate: bool = False

    @property
    def home(self) -> Address:
        """The realm."""
        return Address.of(self.realm)

    @property
    def client(self) -> Address:
        """The client."""
        return self.home.child("clients", self.client_id)

    @property
    def account(self) -> Address:
        """The user, or the client's service account."""
        if self.username is not None:
            return self.home.child("users", self.username.lower())
        return self.client.child("service-account")

    @property
    def console(self) -> Address | None:
        """The client of the console, where the realm is the one that administers all others."""
        is_master = self.realm == MASTER
        return self.home.child("clients", "security-admin-console") if is_master else None


@frozen
class Verdict:
    """What a new value means for kcplan's access.

    Attributes:
        reason: Why, as a clause without a full stop.
        certain: Whether it ends the access for sure.
    """

    reason: str
    certain: bool = True


_Rule = Callable[[Any, Identity, float], Verdict | None]
"""From the value after the change, who kcplan is, and the time (seconds since 1970)."""


def judge(path: Path, value: Any, holder: Address, who: Identity, now: float) -> Verdict | None:
    """What a new value of a field of the own realm or client means; None where nothing."""
    rules = _REALM if holder == who.home else _CLIENT
    rule = rules.get(path) or rules.get((*path[:1], "*", *path[-1:])) or rules.get((*path[:1], "*"))
    return rule(value, who, now) if rule is not None else None


def _is_true(value: Any) -> bool:
    return value is True or value == "true"


def _seconds(value: Any) -> int | None:
    """A number of seconds; None for Keycloak's default."""
    try:
        found = int(value)
    except (TypeError, ValueError):
        return None
    return found if found != -1 else None


def _not_before(value: Any, _: Identity, now: float) -> Verdict | None:
    seconds = _seconds(value)
    if seconds is None or seconds <= now:
        return None
    return Verdict("no token is valid until then")


def _token_lifespan(value: Any, _: Identity, __: float) -> Verdict | None:
    seconds = _seconds(value)
    if seconds is None or seconds > _SHORT_SECONDS:
        return None
    # Even with 0 they are valid until the end of the second.
    return Verdict("its tokens may end before a request does", certain=False)


def _session_lifespan(value: Any, who: Identity, _: float) -> Verdict | None:
    seconds = _seconds(value)
    if who.username is None or not seconds or seconds >= _SHORT_SESSION_SECONDS:
        return None
    return Verdict("its session may end before an apply does", certain=False)


def _ssl_required(value: Any, who: Identity, _: float) -> Verdict | None:
    if not who.url.startswith("http:"):
        return None
    if str(value).lower() == "all":
        return Verdict(f"kcplan reaches Keycloak over plain http ({who.url})")
    if str(value).lower() == "external":
        return Verdict("kcplan reaches Keycloak over plain http", certain=False)
    return None


def _brute_force(value: Any, who: Identity, _: float) -> Verdict | None:
    if who.username is None or not _is_true(value):
        return None
    reason = f"anybody who tries wrong passwords could lock the user {who.username}"
    return Verdict(reason, certain=False)


def _confidential(value: Any, who: Identity, _: float) -> Verdict | None:
    if value is not False or who.username is None:
        return None
    if who.secret:
        return Verdict("its secret must be the one that kcplan logs in with", certain=False)
    return Verdict("kcplan logs in without a secret of the client")


def _no_login_by_address(value: Any, who: Identity, _: float) -> Verdict | None:
    if value is not False or "@" not in (who.username or ""):
        return None
    return Verdict("kcplan logs in by what looks like an address", certain=False)


def _authenticator(value: Any, who: Identity, _: float) -> Verdict | None:
    if value in {None, "client-secret"}:
        return None
    if not who.secret and who.username is not None:
        return None  # a public client is not asked to authenticate
    if value == "client-x509" and who.certificate:
        return Verdict("its certificate must be the one that the client expects", certain=False)
    return Verdict("kcplan logs in with the client's secret")


def _bound_to_certificate(value: Any, who: Identity, _: float) -> Verdict | None:
    if not _is_true(value):
        return None
    if who.certificate:
        return Verdict("its tokens are valid with its certificate only", certain=False)
    return Verdict("kcplan shows no client certificate")


def _when(wanted: Callable[[Any], bool], reason: str, *, certain: bool = True) -> _Rule:
    """A rule about the value alone."""

    def rule(value: Any, _: Identity, __: float) -> Verdict | None:
        return Verdict(reason, certain=certain) if wanted(value) else None

    return rule


def _for_users(rule: _Rule) -> _Rule:
    """A rule that counts where kcplan logs in as a user."""
    return lambda value, who, now: rule(value, who, now) if who.username is not None else None


def _anything(_: Any) -> bool:
    return True


def _may(reason: str) -> _Rule:
    """A rule for a field any change of which may matter."""
    return _when(_anything, reason, certain=False)


_POLICY: Final = "client policies may ask more of a client than kcplan's own has"

_FLOW: Final = "the flow must let kcplan in, without a second step"

_REALM: Final[Mapping[Path, _Rule]] = {
    ("notBefore",): _not_before,
    ("accessTokenLifespan",): _token_lifespan,
    ("ssoSessionMaxLifespan",): _session_lifespan,
    ("ssoSessionIdleTimeout",): _session_lifespan,
    ("sslRequired",): _ssl_required,
    ("permanentLockout",): _brute_force,
    ("bruteForceProtected",): _brute_force,
    ("attributes", "frontendUrl"): _may("tokens would name another issuer"),
    ("defaultSignatureAlgorithm",): _may("without a key for it no token can be issued"),
    ("browserFlow",): _may("people log in to the console through it"),
    ("directGrantFlow",): _for_users(_may(_FLOW)),
    ("clientAuthenticationFlow",): _may(_FLOW),
    ("verifyEmail",): _for_users(
        _when(_is_true, "a user without a verified address cannot log in", certain=False)
    ),
    ("loginWithEmailAllowed",): _no_login_by_address,
    ("clientPolicies", "*", "enabled"): _when(_is_true, _POLICY, certain=False),
    ("clientPolicies", "*", "conditions"): _when(bool, _POLICY, certain=False),
    ("clientPolicies", "*", "profiles"): _when(bool, _POLICY, certain=False),
    ("clientProfiles", "*", "executors"): _when(bool, _POLICY, certain=False),
    ("passwordPolicy",): _for_users(_may("its password may not be accepted any more")),
}

_CLIENT: Final[Mapping[Path, _Rule]] = {
    ("fullScopeAllowed",): _when(
        lambda value: value is False, "its tokens would not have its roles any more"
    ),
    ("publicClient",): _confidential,
    ("protocol",): _when(lambda value: value == "saml", "it would give no tokens"),
    ("consentRequired",): _for_users(_when(_is_true, "nobody is there to give the consent")),
    ("clientAuthenticatorType",): _authenticator,
    ("notBefore",): _not_before,
    ("attributes", "dpop.bound.access.tokens"): _when(
        _is_true, "kcplan sends no proofs of possession (DPoP)"
    ),
    ("attributes", "tls.client.certificate.bound.access.tokens"): _bound_to_certificate,
    ("attributes", "access.token.lifespan"): _token_lifespan,
    ("attributes", "access.token.signed.response.alg"): _may(
        "without a key for it no token can be issued"
    ),
    ("authenticationFlowBindingOverrides", "*"): _for_users(_may(_FLOW)),
    ("authenticationFlowBindingOverrides",): _for_users(_may(_FLOW)),
}
