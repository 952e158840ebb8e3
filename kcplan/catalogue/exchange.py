"""Explanations: token exchange. What they say of Keycloak was tried on a real server."""

from kcplan.diagnostics import Severity
from kcplan.explanation import Explanation

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
        why="Keycloak silently accepts the attribute on a public client, and then answers "
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
        why="Keycloak can't limit an audience to exchanges. A service that accepts "
        "every token with its name in `aud` will then accept those tokens too.",
        fix="Nothing, if that is acceptable. Otherwise put the mapper into an optional client "
        "scope and request that scope in the exchange.",
    ),
    Explanation(
        code="token-exchange-consent",
        title="A client that requires consent cannot exchange tokens",
        severity=Severity.ERROR,
        meaning="The requester of an exchange has `consentRequired`.",
        why='Keycloak answers 400 `invalid_scope` "Missing consents for Token Exchange in client '
        'X". In an exchange there is nobody who could be asked.',
        fix="Write `consentRequired = false` for the requester. The client that the user logs in "
        "to may still require it.",
    ),
    Explanation(
        code="token-exchange-disabled-client",
        title="A disabled client takes part in an exchange",
        severity=Severity.ERROR,
        meaning="The requester or the subject of a permission is disabled.",
        why="A disabled client can neither obtain nor exchange tokens: Keycloak answers 401 "
        "`invalid_client`.",
        fix="Write `enabled = true`, or take the client out of the permission.",
    ),
    Explanation(
        code="token-exchange-disabled-realm",
        title="The realm of the exchanges is disabled",
        severity=Severity.WARNING,
        meaning="The realm has permissions for token exchange and is not enabled.",
        why='Keycloak answers every request for a token with "Realm not enabled". A realm that is '
        "created without `enabled` is disabled.",
        fix="Write `enabled = true` at the top of the realm's file.",
        example='realm = "microservices"\nenabled = true',
    ),
    Explanation(
        code="token-exchange-no-token",
        title="The subject has no way to obtain a token",
        severity=Severity.WARNING,
        meaning="All flows of a client whose tokens are to be exchanged are switched off, so there "
        "are no such tokens.",
        why="The exchange is permitted and can never happen. Where a service is meant to exchange "
        "its own tokens, it lacks a service account, and none is made by the exchange.",
        fix="Write `serviceAccountsEnabled = true` for tokens of the client itself (Keycloak then "
        "makes the account), or `standardFlowEnabled = true` for tokens of users.",
        example='[[clients]]\nclientId = "batch"\nserviceAccountsEnabled = true',
    ),
    Explanation(
        code="token-exchange-unknown-scope",
        title="The requester may not ask for a scope",
        severity=Severity.ERROR,
        meaning="A permission names client scopes that the requester has neither by default nor as "
        "optional ones. It is a warning where the files alone cannot tell.",
        why='Keycloak answers 400 `invalid_scope` "Invalid scopes: X".',
        fix="Add them to `optionalClientScopes` of the requester, with all others that it is to "
        "keep, or take them out of the permission.",
    ),
    Explanation(
        code="token-exchange-inert-authorization",
        title="Authorization settings that permit no exchange",
        severity=Severity.WARNING,
        meaning="A client's authorization settings have a resource for token exchange, as some "
        "guides advise.",
        why="Keycloak does not look into a client's own authorization services when it exchanges "
        "tokens. In legacy mode it looks into those of `realm-management`; in standard mode into "
        "none.",
        fix="Declare the exchange under `permissions.tokenExchange`, and remove the resource.",
        example='[[permissions.tokenExchange]]\nrequester = "source-client"\n'
        'audiences = ["target-client"]',
    ),
    Explanation(
        code="token-exchange-undeclared",
        title="Keycloak grants an exchange that nobody declared",
        severity=Severity.ERROR,
        meaning="`kcplan verify --deny` tried an exchange between managed clients that no "
        "permission declares, and it succeeded.",
        why="Some mapper, client scope or role that is not part of a permission makes it possible. "
        "Who reads the permissions does not see it.",
        fix="Declare it under `permissions.tokenExchange`, or remove what makes it possible: "
        "`kcplan graph --token-exchange` shows it.",
    ),
    Explanation(
        code="token-exchange-advice",
        title="Advice for token exchange",
        severity=Severity.NOTE,
        meaning="With `--lint`, kcplan tells what works, but could be better: exchange that "
        "is on where no permission says what for, flows that a service does not need, "
        "lifespans of exchanged tokens, descriptions, logging.",
        why="Every client that may exchange tokens is worth more to an attacker than one that may "
        "not. What is off cannot be misused, and what is logged and described can be reviewed.",
        fix="Follow it where it fits. Without `--lint` nothing is said.",
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
