"""Explanations: token exchange. What they say of Keycloak was tried on a real server."""

from kcplan.catalogue.model import Explanation
from kcplan.diagnostics import Severity

_AUDIENCE_MAPPER = """\
[[clients]]
clientId = "{client}"

[[clients.protocolMappers]]
name = "audience-{audience}"
protocol = "openid-connect"
protocolMapper = "oidc-audience-mapper"
config = {{ "included.client.audience" = "{audience}", "access.token.claim" = "true" }}"""

_REQUESTER = """\
[[clients]]
clientId = "order-service"
publicClient = false
secret = "${env:ORDER_SERVICE_SECRET}"
attributes = { "standard.token.exchange.enabled" = "true" }"""

EXPLANATIONS = (
    Explanation(
        code="token-exchange-inert-attribute",
        title="An attribute that Keycloak never reads",
        severity=Severity.WARNING,
        meaning="A client has the attribute `oauth2.token.exchange.grant.enabled`, which many "
        "guides call required, and not the one that counts.",
        why="Keycloak stores the attribute and never reads it. The deployment succeeds, and every "
        'exchange fails with 400 "Standard token exchange is not enabled for the requested '
        'client".',
        fix='Set `standard.token.exchange.enabled` to `"true"` on the client that performs the '
        "exchange (the requester), and remove the inert attribute. Clients that are only "
        "subject or audience need neither.",
        example='attributes = { "standard.token.exchange.enabled" = "true" }',
    ),
    Explanation(
        code="token-exchange-public-client",
        title="A public client cannot exchange tokens",
        severity=Severity.ERROR,
        meaning="A public client is to exchange tokens: it has "
        "`standard.token.exchange.enabled`, or is named as the requester.",
        why="Keycloak accepts the attribute on a public client without a word, and then answers "
        'each exchange with `invalid_client` "Public client is not allowed to exchange token".',
        fix="Make the client confidential. If it runs in a browser, let a confidential backend "
        "exchange the token on its behalf.",
        example=_REQUESTER,
    ),
    Explanation(
        code="token-exchange-refresh-value",
        title="A value that means no",
        severity=Severity.WARNING,
        meaning="The attribute `standard.token.exchange.enableRefreshRequestedTokenType` has "
        "another value than `SAME_SESSION`, such as `YES` or `true`.",
        why="Keycloak stores any text and takes everything but `SAME_SESSION` as no: an exchange "
        "for a refresh token fails with 400 `requested_token_type unsupported`. Even with "
        "`SAME_SESSION` it fails where the subject token has no session, as a service account's "
        "has none.",
        fix="Write `SAME_SESSION`, or remove the attribute if no refresh tokens are needed.",
        example='attributes = { "standard.token.exchange.enableRefreshRequestedTokenType" = '
        '"SAME_SESSION" }',
    ),
    Explanation(
        code="token-exchange-subject-audience",
        title="The requester is not in the audience of the subject's tokens",
        severity=Severity.ERROR,
        meaning="A client is to exchange tokens that another client obtained, and these tokens do "
        "not name it: it is not in their audience (`aud`), and they were not issued to it (`azp`).",
        why='Keycloak answers 403 `access_denied` "Client is not within the token audience". '
        "The check is made before the requested audience is looked at.",
        fix="Add an audience mapper for the requester to the client that obtains the subject "
        "token, or to a client scope that it has by default. A client role of the requester that "
        "the user holds does it as well, through the `roles` scope. An entry under "
        "`permissions.tokenExchange` makes the mapper by itself.",
        example=_AUDIENCE_MAPPER.format(client="frontend", audience="order-service"),
    ),
    Explanation(
        code="token-exchange-audience-unavailable",
        title="The requested audience is not available to the requester",
        severity=Severity.ERROR,
        meaning="A client is to exchange a token for an audience that its own tokens cannot have.",
        why="Keycloak only narrows or rearranges what the requester may have anyway, and answers "
        "400 `Requested audience not available`. An audience that is no client gives `Audience "
        "not found`, a disabled one `Client disabled`.",
        fix="Add an audience mapper for the audience to the requester, or give it through a "
        "client scope or a client role. An entry under `permissions.tokenExchange` makes the "
        "mapper by itself.",
        example=_AUDIENCE_MAPPER.format(client="order-service", audience="payment-service"),
    ),
    Explanation(
        code="token-exchange-impersonation-unsupported",
        title="Impersonation is not part of standard token exchange",
        severity=Severity.ERROR,
        meaning="An exchange with a requested subject is declared in standard mode.",
        why="Keycloak answers 400 `Parameter 'requested_subject' is not supported for standard "
        "token exchange`. Only legacy token exchange impersonates, on a server with the features "
        "`token-exchange` and `admin-fine-grained-authz:v1`.",
        fix="Exchange the user's own token instead, where there is one. Otherwise declare the "
        "entry in legacy mode and start the server with both features; the subject of the token "
        "then needs the role `impersonation` of `realm-management`.",
        example="bin/kc.sh start --features=token-exchange,admin-fine-grained-authz:v1",
    ),
    Explanation(
        code="token-exchange-widens-audience",
        title="Ordinary tokens get an additional audience",
        severity=Severity.NOTE,
        meaning="What an exchange needs, an audience mapper on a client, also adds that audience "
        "to all other tokens of the client.",
        why="Keycloak has no audience that exists for exchanges only. A service that accepts "
        "every token with its name in `aud` will then accept those tokens too.",
        fix="Nothing, if that is acceptable. Otherwise put the mapper into an optional client "
        "scope and request that scope in the exchange.",
    ),
    Explanation(
        code="token-exchange-unanimous",
        title="A foreign policy hangs on the same permission",
        severity=Severity.ERROR,
        meaning="The legacy token exchange permission of a target client already has a policy that "
        "kcplan did not make.",
        why="These permissions decide unanimously: with a second policy for other clients, each "
        "of the two denies what the other allows, and nobody can exchange any more. kcplan "
        "never changes the decision strategy silently.",
        fix="Move the requesters of the foreign policy into `permissions.tokenExchange` and remove "
        "that policy in Keycloak; kcplan keeps one policy for each target, with all requesters.",
    ),
)
