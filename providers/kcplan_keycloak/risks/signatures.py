"""Who is believed: signatures, and what identity providers say of users."""

from collections.abc import Iterator
from typing import Final

from kcplan.risk import Level
from kcplan.risk_rules import Found, RiskRule, Subject
from kcplan_keycloak.resources.client import SPEC as CLIENT
from kcplan_keycloak.resources.identity_provider import SPEC as IDENTITY_PROVIDER
from kcplan_keycloak.risk_values import either, no_longer, switched
from kcplan_keycloak.risks.addresses import is_plain_http

_ALGORITHMS: Final = (
    ("attributes", "saml.signature.algorithm"),
    ("config", "signatureAlgorithm"),
)
_URLS: Final = frozenset(
    """
    authorizationUrl jwksUrl logoutUrl metadataDescriptorUrl singleLogoutServiceUrl
    singleSignOnServiceUrl tokenIntrospectionUrl tokenUrl userInfoUrl
    """.split()
)
_OF_SAML_CLIENTS: Final = either(
    no_longer(
        "attributes",
        "saml.client.signature",
        words="requests that say they come from the client are not checked",
        new=True,
    ),
    no_longer(
        "attributes",
        "saml.server.signature",
        words="the client cannot tell Keycloak's answers from forged ones",
        new=True,
    ),
    no_longer(
        "attributes",
        "saml.assertion.signature",
        words="what is said of users is no longer signed by itself",
    ),
)
_OF_SAML_PROVIDERS: Final = either(
    no_longer(
        "config",
        "wantAssertionsSigned",
        words="the provider need not sign what it says of users",
    ),
    no_longer(
        "config",
        "wantAuthnRequestsSigned",
        words="requests to the provider are no longer signed",
    ),
)


def _saml(subject: Subject) -> Iterator[Found]:
    # Exports of older versions have attributes of SAML on other clients as well.
    if subject.after("protocol") == "saml":
        yield from _OF_SAML_CLIENTS(subject)


def _sha1(subject: Subject) -> Iterator[Found]:
    for item in subject.changes(*_ALGORITHMS):
        if "SHA1" in str(item.after) and "SHA1" not in str(item.before):
            yield item.path, f"signatures are made with SHA-1 ({item.after})"


def _plain_urls(subject: Subject) -> Iterator[Found]:
    for item in subject.changes(("config",)):
        url = item.after
        if item.path[-1] in _URLS and isinstance(url, str) and is_plain_http(url):
            yield item.path, f"what is said to and by the provider travels without TLS: {url}"


RULES: Final = (
    RiskRule(
        code="provider-signature-unchecked",
        level=Level.DANGER,
        on=(IDENTITY_PROVIDER,),
        title="An identity provider's signatures are not checked",
        meaning="`validateSignature` of an identity provider is switched off, or off in a new one.",
        why="Whoever can send Keycloak an answer in the provider's name logs in as any of its "
        "users.",
        fix='Set `validateSignature` to `"true"`, with the provider\'s keys or `jwksUrl`.',
        find=no_longer(
            "config",
            "validateSignature",
            words="anybody may forge the provider's answers",
            new=True,
        ),
    ),
    RiskRule(
        code="provider-trusts-email",
        level=Level.CAUTION,
        on=(IDENTITY_PROVIDER,),
        title="An identity provider's e-mail addresses are believed",
        meaning="`trustEmail` is switched on.",
        why="Whoever can have any address there can take over the account that has this address "
        "here.",
        fix="Switch it on only for a provider that verifies the addresses itself.",
        find=switched("trustEmail", to=True, words="e-mail addresses from there count as verified"),
    ),
    RiskRule(
        code="provider-without-pkce",
        level=Level.CAUTION,
        on=(IDENTITY_PROVIDER,),
        title="Logins at an identity provider go without PKCE",
        meaning="`pkceEnabled` of an identity provider is switched off, or off in a new one.",
        why="A code that somebody else got hold of can be used to log in as another user.",
        fix='Set `pkceEnabled` to `"true"` and `pkceMethod` to `"S256"`, if the provider knows it.',
        find=no_longer("config", "pkceEnabled", words="logins there go without PKCE", new=True),
    ),
    RiskRule(
        code="provider-without-tls",
        level=Level.CAUTION,
        on=(IDENTITY_PROVIDER,),
        title="An identity provider without TLS",
        meaning="A URL of an identity provider becomes one with `http:`.",
        why="Whoever is on the way can read tokens and the client secret, and change who logs in.",
        fix="Use `https:`.",
        find=_plain_urls,
    ),
    RiskRule(
        code="provider-signatures-off",
        level=Level.CAUTION,
        on=(IDENTITY_PROVIDER,),
        title="SAML with an identity provider goes unsigned",
        meaning="`wantAssertionsSigned` or `wantAuthnRequestsSigned` is switched off.",
        why="Without a signature of its own, what is said of a user may be put into another "
        "answer.",
        fix="Keep both on.",
        find=_OF_SAML_PROVIDERS,
    ),
    RiskRule(
        code="saml-signatures-off",
        level=Level.CAUTION,
        on=(CLIENT,),
        title="SAML with a client goes unsigned",
        meaning="`saml.client.signature` or `saml.server.signature` is switched off, also in a new "
        "SAML client, or `saml.assertion.signature` in one that had it on.",
        why="Unsigned requests and answers can be forged.",
        fix="Keep the signatures on, and give the client's certificate to Keycloak.",
        find=_saml,
    ),
    RiskRule(
        code="signatures-with-sha1",
        level=Level.CAUTION,
        on=(CLIENT, IDENTITY_PROVIDER),
        title="Signatures with SHA-1",
        meaning="The signature algorithm becomes one with SHA-1.",
        why="Two texts with the same SHA-1 can be made, and signatures be moved from one to the "
        "other.",
        fix="Use `RSA_SHA256` or a longer one.",
        find=_sha1,
    ),
)
