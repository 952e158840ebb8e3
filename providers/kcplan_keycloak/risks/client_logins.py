"""How clients prove who they are, and how they get tokens."""

from collections.abc import Iterator
from typing import Final

from kcplan.risk import Level
from kcplan.risk_rules import Found, RiskRule, Subject
from kcplan_keycloak.resources.authorization import SPEC as AUTHORIZATION
from kcplan_keycloak.resources.client import SPEC as CLIENT
from kcplan_keycloak.resources.identity_provider import SPEC as IDENTITY_PROVIDER
from kcplan_keycloak.resources.legacy_exchange import SPEC as LEGACY_EXCHANGE
from kcplan_keycloak.risk_values import changed, either, gained, is_on, switched
from kcplan_keycloak.token_exchange.relevance import ENABLED

_STRENGTHS: Final = {
    "client-secret": 0,
    "client-secret-jwt": 1,
    "client-jwt": 2,
    "client-x509": 2,
    "federated-jwt": 2,
}
_PKCE: Final = ("attributes", "pkce.code.challenge.method")
_ADMIN_CLI: Final = "admin-cli"
"""The client that has the password grant in each realm by itself, as exports say."""
_BINDINGS: Final = ("tls.client.certificate.bound.access.tokens", "dpop.bound.access.tokens")


def _weaker(subject: Subject) -> Iterator[Found]:
    for item in subject.changes(("clientAuthenticatorType",)):
        before, after = (_STRENGTHS.get(str(value)) for value in (item.before, item.after))
        if before is not None and after is not None and after < before:
            yield item.path, f"the client logs in with {item.after}, no longer {item.before}"


def _pkce(subject: Subject) -> Iterator[Found]:
    for item in subject.changes(_PKCE):
        if item.before == "S256" and item.after != "S256":
            yield item.path, "the client no longer needs PKCE (S256) to log users in"


def _targets(subject: Subject) -> Iterator[Found]:
    for item in subject.changes(("requesters",)):
        for client in gained(item):
            yield item.path, f"the client {client} may exchange tokens for this target"


def _enforcement(subject: Subject) -> Iterator[Found]:
    for item in subject.changes(("policyEnforcementMode",)):
        if item.before == "ENFORCING":
            words = "without a policy everybody is let in"
            yield item.path, words if item.after == "PERMISSIVE" else "no policy is looked at"


def _password_grant(subject: Subject) -> Iterator[Found]:
    if subject.is_new and subject.address.name == _ADMIN_CLI:
        return
    yield from switched(
        "directAccessGrantsEnabled", to=True, words="the client may ask users for passwords"
    )(subject)


def _full_scope(subject: Subject) -> Iterator[Found]:
    if is_on(subject.after("bearerOnly")):
        return
    yield from switched(
        "fullScopeAllowed",
        to=True,
        new=False,
        words="the client's tokens have all roles of their users",
    )(subject)


RULES: Final = (
    RiskRule(
        code="client-made-public",
        level=Level.DANGER,
        on=(CLIENT,),
        title="A client becomes public",
        meaning="A client that had to log in with a secret or a key becomes public.",
        why="Anybody can get tokens as this client then: only the redirect URIs are left to "
        "protect it. Its secret is lost.",
        fix="Leave `publicClient` off, and make another client for the app in the browser.",
        find=switched(
            "publicClient",
            to=True,
            new=False,
            words="anybody can be this client: it no longer logs in",
        ),
    ),
    RiskRule(
        code="client-authentication-weakened",
        level=Level.CAUTION,
        on=(CLIENT,),
        title="A client logs in with less",
        meaning="`clientAuthenticatorType` becomes a weaker one: a secret that is sent instead of "
        "a key or a certificate that stays where it is.",
        why="A secret can be read on the way, in logs and in configuration, and used by others.",
        fix="Stay with `client-jwt` or `client-x509`.",
        find=_weaker,
    ),
    RiskRule(
        code="client-secret-replaced",
        level=Level.CAUTION,
        on=(CLIENT, IDENTITY_PROVIDER),
        title="A secret is replaced",
        meaning="The secret of an existing client, or that of an identity provider, changes.",
        why="From the apply on the old one is refused. Whoever still has it cannot log in.",
        fix="See that the application gets the new secret at the same time.",
        find=changed(
            ("secret",),
            ("config", "clientSecret"),
            words=lambda _: "whoever has the old secret can no longer use it",
        ),
    ),
    RiskRule(
        code="implicit-flow-on",
        level=Level.CAUTION,
        on=(CLIENT,),
        title="The implicit flow is on",
        meaning="`implicitFlowEnabled` is switched on.",
        why="Tokens are in the browser's address: in its history, in logs, and open to be replaced "
        "by others. OAuth 2.1 has no implicit flow any more.",
        fix="Use the standard flow with PKCE.",
        find=switched(
            "implicitFlowEnabled", to=True, words="tokens are in the browser's address bar"
        ),
    ),
    RiskRule(
        code="password-grant-on",
        level=Level.CAUTION,
        on=(CLIENT,),
        title="The client asks for passwords",
        meaning="`directAccessGrantsEnabled` is switched on.",
        why="The application gets the users' passwords, and a second factor is easily left out. "
        "RFC 9700 says that this must not be used.",
        fix="Use the standard flow, or a service account where no user is there.",
        find=_password_grant,
    ),
    RiskRule(
        code="full-scope-on",
        level=Level.CAUTION,
        on=(CLIENT,),
        title="Tokens with all roles",
        meaning="`fullScopeAllowed` is switched on for a client that had it off.",
        why="Each token then has all roles of its user, also those that are for other services. "
        "Whoever gets such a token can use them.",
        fix="Leave it off, and give the client the roles that it needs in `scopeMappings`.",
        find=_full_scope,
    ),
    RiskRule(
        code="pkce-removed",
        level=Level.CAUTION,
        on=(CLIENT,),
        title="PKCE is no longer required",
        meaning="`pkce.code.challenge.method` was `S256`, and is not any more.",
        why="A code that somebody else got hold of can be turned into tokens.",
        fix='Keep `"pkce.code.challenge.method" = "S256"`.',
        find=_pkce,
    ),
    RiskRule(
        code="token-binding-removed",
        level=Level.CAUTION,
        on=(CLIENT,),
        title="Tokens are no longer bound to a key",
        meaning="Tokens of a client were bound to its certificate or to a key (DPoP), and are not "
        "any more.",
        why="A stolen token can be used from anywhere.",
        fix="Keep the attribute on.",
        find=either(
            *(
                switched("attributes", name, to=False, words="a stolen token works anywhere")
                for name in _BINDINGS
            )
        ),
    ),
    RiskRule(
        code="client-flow-changed",
        level=Level.CAUTION,
        on=(CLIENT,),
        title="A client's own login flow changes",
        meaning="The flow that overrides the realm's for an existing client changes.",
        why="Users of this client log in differently from the apply on. With a wrong flow a "
        "factor is missing, or nobody gets in.",
        fix="Try the flow with a test client first.",
        find=changed(
            ("authenticationFlowBindingOverrides",),
            words=lambda item: f"users log in to this client by another flow ({item.path[-1]})",
        ),
    ),
    RiskRule(
        code="token-exchange-opened",
        level=Level.CAUTION,
        on=(CLIENT,),
        title="A client may exchange tokens",
        meaning=f"`{ENABLED}` is switched on for a client.",
        why="It may turn tokens that it was sent into tokens for other services.",
        fix="Check which audiences the client reaches: `kcplan graph` draws them.",
        find=switched(
            "attributes", ENABLED, to=True, words="the client may exchange tokens that it was sent"
        ),
    ),
    RiskRule(
        code="legacy-exchange-opened",
        level=Level.CAUTION,
        on=(LEGACY_EXCHANGE,),
        title="A client may have tokens for a target",
        meaning="A client gets permission for legacy token exchange with a target.",
        why="It may have tokens for the target without the user's doing.",
        fix="Name only the requesters that need it.",
        find=_targets,
    ),
    RiskRule(
        code="authorization-not-enforced",
        level=Level.CAUTION,
        on=(AUTHORIZATION,),
        title="Policies no longer keep anybody out",
        meaning="`policyEnforcementMode` was `ENFORCING`, and is not any more.",
        why="With `PERMISSIVE` everything that has no policy is open, with `DISABLED` all of it.",
        fix="Keep `ENFORCING`.",
        find=_enforcement,
    ),
)
