"""What is no worse than it was, and could be better: these rules speak only with `--lint`."""

from collections.abc import Callable, Iterator
from typing import Final

from kcplan.risk import Level
from kcplan.risk_rules import Found, RiskRule, Subject
from kcplan_keycloak.built_in import is_built_in_client
from kcplan_keycloak.resources.client import SPEC as CLIENT
from kcplan_keycloak.resources.identity_provider import SPEC as IDENTITY_PROVIDER
from kcplan_keycloak.resources.realm import SPEC as REALM
from kcplan_keycloak.risk_values import Find, is_on, texts
from kcplan_keycloak.risks.addresses import is_anywhere

_OF_OPENID_CONNECT: Final = frozenset({"keycloak-oidc", "oidc"})
_SIGNED: Final = _OF_OPENID_CONNECT | {"saml"}


def _logs_users_in(subject: Subject) -> bool:
    """Whether browsers come to the client by the standard flow of OpenID Connect."""
    return (
        is_on(subject.after("standardFlowEnabled"))
        and not is_on(subject.after("bearerOnly"))
        and subject.after("protocol") == "openid-connect"
    )


def _of_own_clients(find: Find) -> Find:
    """Finds nothing in what Keycloak makes by itself in every realm."""

    def found(subject: Subject) -> Iterator[Found]:
        if not is_built_in_client(subject.address.realm, subject.address.name):
            yield from find(subject)

    return found


def _no_pkce(subject: Subject) -> Iterator[Found]:
    path = ("attributes", "pkce.code.challenge.method")
    if _logs_users_in(subject) and subject.after(*path) != "S256":
        yield path, "the client need not use PKCE"


def _full_scope(subject: Subject) -> Iterator[Found]:
    if is_on(subject.after("fullScopeAllowed")) and not is_on(subject.after("bearerOnly")):
        yield ("fullScopeAllowed",), "the client's tokens have all roles of their users"


def _no_redirect(subject: Subject) -> Iterator[Found]:
    if _logs_users_in(subject) and not texts(subject.after("redirectUris")):
        yield ("standardFlowEnabled",), "users could log in, and there is nowhere to go then"


def _account_beside(subject: Subject) -> Iterator[Found]:
    both = _logs_users_in(subject) and is_on(subject.after("serviceAccountsEnabled"))
    if both and texts(subject.after("redirectUris")):
        yield ("serviceAccountsEnabled",), "one secret serves users' logins and a service account"


def _redirects(test: Callable[[str], bool], words: str) -> Find:
    def find(subject: Subject) -> Iterator[Found]:
        for uri in filter(test, texts(subject.after("redirectUris"))):
            yield ("redirectUris",), f"{words}: {uri}"

    return find


def _relative(subject: Subject) -> Iterator[Found]:
    if not subject.after("rootUrl"):
        yield from _redirects(
            lambda uri: uri.startswith("/"), "it is a path on Keycloak's own server"
        )(subject)


def _is_declared(subject: Subject) -> bool:
    """Whether the files say anything of the realm itself, and not only of what is in it."""
    return bool(subject.change.changes)


def _off(*path: str, words: str) -> Find:
    def find(subject: Subject) -> Iterator[Found]:
        if _is_declared(subject) and not is_on(subject.after(*path)):
            yield path, words

    return find


def _no_policy(subject: Subject) -> Iterator[Found]:
    if _is_declared(subject) and not subject.after("passwordPolicy"):
        yield ("passwordPolicy",), "any password is taken"


def _unsigned(subject: Subject) -> Iterator[Found]:
    path = ("config", "validateSignature")
    if subject.after("providerId") in _SIGNED and subject.after(*path) is None:
        yield path, "the provider's signatures are not checked"


def _without_pkce(subject: Subject) -> Iterator[Found]:
    path = ("config", "pkceEnabled")
    if subject.after("providerId") in _OF_OPENID_CONNECT and subject.after(*path) is None:
        yield path, "logins there go without PKCE"


RULES: Final = (
    RiskRule(
        code="pkce-not-required",
        level=Level.CAUTION,
        on=(CLIENT,),
        lint=True,
        title="PKCE is not required",
        meaning="A client with the standard flow has no `pkce.code.challenge.method` of `S256`.",
        why="A code that somebody else got hold of can be turned into tokens. RFC 9700 asks for "
        "PKCE from every client.",
        fix='Set the attribute `"pkce.code.challenge.method"` to `"S256"`. Libraries of today '
        "use PKCE by themselves.",
        find=_of_own_clients(_no_pkce),
    ),
    RiskRule(
        code="full-scope-allowed",
        level=Level.CAUTION,
        on=(CLIENT,),
        lint=True,
        title="Tokens with all roles",
        meaning="`fullScopeAllowed` is on, as it is in a new client.",
        why="Each token has all roles of its user, also those that are for other services. Whoever "
        "gets such a token can use them.",
        fix="Set `fullScopeAllowed` to false, and give the client the roles that it needs in "
        "`scopeMappings`.",
        find=_of_own_clients(_full_scope),
    ),
    RiskRule(
        code="standard-flow-without-redirect",
        level=Level.CAUTION,
        on=(CLIENT,),
        lint=True,
        title="A standard flow that leads nowhere",
        meaning="`standardFlowEnabled` is on, as it is in a new client, and there are no "
        "`redirectUris`.",
        why="Nobody can log in through it. It waits for somebody to add a redirect URI.",
        fix="Set `standardFlowEnabled` to false, or add the redirect URI.",
        find=_of_own_clients(_no_redirect),
    ),
    RiskRule(
        code="service-account-beside-logins",
        level=Level.CAUTION,
        on=(CLIENT,),
        lint=True,
        title="A service account on a client that users log in to",
        meaning="A client has a service account, the standard flow, and redirect URIs.",
        why="Whoever gets the secret of the web application also has the rights of the account.",
        fix="Make a client of its own for the service account.",
        find=_of_own_clients(_account_beside),
    ),
    RiskRule(
        code="redirect-wildcard",
        level=Level.CAUTION,
        on=(CLIENT,),
        lint=True,
        title="Redirects to any page of a site",
        meaning="A redirect URI ends with `*`.",
        why="Any page of the site may get the codes, one with an open redirect or foreign content "
        "as well. RFC 9700 asks for exact addresses.",
        fix="List the addresses that the application uses.",
        find=_of_own_clients(
            _redirects(
                lambda uri: uri.endswith("*") and not is_anywhere(uri),
                "codes may be sent to any page there",
            )
        ),
    ),
    RiskRule(
        code="redirect-relative",
        level=Level.CAUTION,
        on=(CLIENT,),
        lint=True,
        title="A redirect to Keycloak's own server",
        meaning="A redirect URI is a path, and the client has no `rootUrl`.",
        why="It is taken as a path on the server that Keycloak runs on, under each name that this "
        "has.",
        fix="Write the whole address, or set `rootUrl`.",
        find=_of_own_clients(_relative),
    ),
    RiskRule(
        code="no-brute-force-protection",
        level=Level.CAUTION,
        on=(REALM,),
        lint=True,
        title="Passwords can be guessed without end",
        meaning="`bruteForceProtected` is off, as it is in a new realm.",
        why="Nothing stops somebody who tries passwords one after another.",
        fix="Set it to true.",
        find=_off("bruteForceProtected", words="nothing stops who guesses passwords"),
    ),
    RiskRule(
        code="no-password-policy",
        level=Level.CAUTION,
        on=(REALM,),
        lint=True,
        title="No password policy",
        meaning="The realm has no `passwordPolicy`, as a new one.",
        why="Any password is taken, one letter too.",
        fix="Write one: `length(12) and notUsername`, for example.",
        find=_no_policy,
    ),
    RiskRule(
        code="no-events",
        level=Level.CAUTION,
        on=(REALM,),
        lint=True,
        title="No record of changes",
        meaning="`adminEventsEnabled` is off, as it is in a new realm.",
        why="After an incident nobody can tell who changed what.",
        fix="Set `adminEventsEnabled` to true.",
        find=_off("adminEventsEnabled", words="changes by administrators leave no record"),
    ),
    RiskRule(
        code="refresh-tokens-not-rotated",
        level=Level.CAUTION,
        on=(REALM,),
        lint=True,
        title="Refresh tokens can be used again",
        meaning="`revokeRefreshToken` is off, as it is in a new realm.",
        why="When a refresh token is used twice, one of the two has stolen it. Keycloak does not "
        "notice.",
        fix="Set `revokeRefreshToken` to true.",
        find=_off("revokeRefreshToken", words="a stolen refresh token works unnoticed"),
    ),
    RiskRule(
        code="offline-tokens-unlimited",
        level=Level.CAUTION,
        on=(REALM,),
        lint=True,
        title="Offline tokens without end",
        meaning="`offlineSessionMaxLifespanEnabled` is off, as it is in a new realm.",
        why="An offline token that is used from time to time never ends, nor does a stolen one.",
        fix="Set it to true, with `offlineSessionMaxLifespan`.",
        find=_off("offlineSessionMaxLifespanEnabled", words="offline tokens never end"),
    ),
    RiskRule(
        code="provider-signature-not-demanded",
        level=Level.CAUTION,
        on=(IDENTITY_PROVIDER,),
        lint=True,
        title="An identity provider's signatures are not checked",
        meaning="An OpenID Connect or SAML provider has no `validateSignature`.",
        why="Whoever can send Keycloak an answer in the provider's name logs in as any of its "
        "users.",
        fix='Set `validateSignature` to `"true"`, with the provider\'s keys or `jwksUrl`.',
        find=_unsigned,
    ),
    RiskRule(
        code="provider-pkce-not-used",
        level=Level.CAUTION,
        on=(IDENTITY_PROVIDER,),
        lint=True,
        title="Logins at an identity provider go without PKCE",
        meaning="An OpenID Connect provider has no `pkceEnabled`.",
        why="A code that somebody else got hold of can be used to log in as another user.",
        fix='Set `pkceEnabled` to `"true"` and `pkceMethod` to `"S256"`, if the provider knows it.',
        find=_without_pkce,
    ),
)
