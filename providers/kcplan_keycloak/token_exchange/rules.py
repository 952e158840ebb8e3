"""The server's rules for standard token exchange, in the order in which it checks them."""

from collections.abc import Iterator
from typing import Final

from kcplan.classes import frozen
from kcplan_keycloak.token_exchange.model import Client, Realm
from kcplan_keycloak.token_exchange.tokens import Token, narrowed, token


@frozen
class Exchange:
    """A request to exchange a token.

    Attributes:
        requester: The clientId of the client that asks.
        subject: The token that it exchanges.
        audiences: The clients that the new token is to be for.
        scopes: The optional client scopes that it asks for.
        refresh_token: Whether it asks for a refresh token.
        requested_subject: Whether it asks for a token of another user.
    """

    requester: str
    subject: Token
    audiences: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    refresh_token: bool = False
    requested_subject: bool = False


@frozen
class Refusal:
    """An answer that is an error.

    Attributes:
        rule: The rule that failed, by a word of kcplan's.
        status: The HTTP status.
        error: The answer's `error`.
        description: Its `error_description`.
    """

    rule: str
    status: int
    error: str
    description: str

    def __str__(self) -> str:
        return f'{self.status} {self.error} "{self.description}"'


@frozen
class Granted:
    """The new token, and whether a refresh token comes with it."""

    token: Token
    refresh_token: bool


Prediction = Granted | Refusal


def predict(realm: Realm, exchange: Exchange) -> Prediction:
    """What the server answers."""
    requester = realm.clients.get(exchange.requester)
    if requester is None:
        return _INVALID_CLIENT
    refusal = next(_refusals(realm, exchange, requester), None)
    if refusal is not None:
        return refusal
    new = token(realm, requester, exchange.subject.holder, exchange.scopes)
    return Granted(narrowed(new, exchange.audiences), exchange.refresh_token)


_INVALID_CLIENT = Refusal(
    "requester-exists", 401, "invalid_client", "Invalid client or Invalid client credentials"
)


def _refusals(realm: Realm, exchange: Exchange, requester: Client) -> Iterator[Refusal]:
    if not requester.enabled:
        yield _INVALID_CLIENT
    yield from _about_support(exchange, requester)
    yield from _about_audiences(realm, exchange)
    yield from _about_request(realm, exchange, requester)
    yield from _about_result(realm, exchange, requester)


def _about_support(exchange: Exchange, requester: Client) -> Iterator[Refusal]:
    """Whether the server takes it for a standard token exchange, of a type that it knows."""
    if exchange.requested_subject:
        yield Refusal(
            "impersonation",
            400,
            "invalid_request",
            "Parameter 'requested_subject' is not supported for standard token exchange",
        )
    if not requester.exchanges:
        yield Refusal(
            "enabled",
            400,
            "invalid_request",
            "Standard token exchange is not enabled for the requested client",
        )
    if exchange.refresh_token and not requester.may_refresh:
        yield Refusal("refresh", 400, "invalid_request", "requested_token_type unsupported")


def _about_audiences(realm: Realm, exchange: Exchange) -> Iterator[Refusal]:
    """All audiences must exist before anything is said of one that is disabled."""
    if any(name not in realm.clients for name in exchange.audiences):
        yield Refusal("audience-exists", 400, "invalid_client", "Audience not found")


def _about_request(realm: Realm, exchange: Exchange, requester: Client) -> Iterator[Refusal]:
    if requester.public:
        yield Refusal(
            "confidential",
            400,
            "invalid_client",
            "Public client is not allowed to exchange token",
        )
    if any(not realm.clients[name].enabled for name in exchange.audiences):
        yield Refusal("audience-enabled", 400, "invalid_client", "Client disabled")
    subject = exchange.subject
    if subject.issued_to != requester.client_id and requester.client_id not in subject.audience:
        yield Refusal(
            "subject-audience",
            403,
            "access_denied",
            "Client is not within the token audience",
        )
    if not requester.scope_names.issuperset(exchange.scopes):
        asked = " ".join(exchange.scopes)
        yield Refusal("scopes", 400, "invalid_scope", f"Invalid scopes: {asked}")
    if exchange.refresh_token and not subject.holder.session:
        yield Refusal(
            "session",
            400,
            "invalid_request",
            "Refresh token not valid as requested_token_type because creating a new session is "
            "needed",
        )
    if requester.consent_required:
        yield Refusal(
            "consent",
            400,
            "invalid_scope",
            f"Missing consents for Token Exchange in client {requester.client_id}",
        )


def _about_result(realm: Realm, exchange: Exchange, requester: Client) -> Iterator[Refusal]:
    new = token(realm, requester, exchange.subject.holder, exchange.scopes)
    wanted = dict.fromkeys(exchange.audiences)
    missing = [audience for audience in wanted if audience not in new.audience]
    if missing:
        yield Refusal(
            "audience-available",
            400,
            "invalid_request",
            f"Requested audience not available: {', '.join(missing)}",
        )


_RULES: Final = (
    ("Public client is not allowed", "confidential"),
    ("Parameter 'requested_subject'", "impersonation"),
    ("Standard token exchange is not enabled", "enabled"),
    ("requested_token_type unsupported", "refresh"),
    ("Audience not found", "audience-exists"),
    ("Client disabled", "audience-enabled"),
    ("Client is not within the token audience", "subject-audience"),
    ("Invalid scopes", "scopes"),
    ("Refresh token not valid", "session"),
    ("Missing consents", "consent"),
    ("Client not allowed to exchange", "legacy"),
    ("Requested audience not available", "audience-available"),
    ("Invalid client or Invalid client credentials", "requester-exists"),
)


def rule_of(description: str) -> str:
    """The rule behind a server's `error_description`; empty where it is none of these."""
    return next((rule for text, rule in _RULES if description.startswith(text)), "")
