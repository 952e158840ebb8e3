"""Checks before the deployment: does each exchange come about, and if not, what would Keycloak say?

Over the files alone what is not declared may exist in Keycloak, so nothing is said of it; with the
live realm everything is judged.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from attrs import field

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, Path, Severity, error, note, warning
from kcplan.resource import Resource
from kcplan_keycloak.token_exchange.declaration import Permission
from kcplan_keycloak.token_exchange.explaining import NO_CONSENT, explained
from kcplan_keycloak.token_exchange.features import missing_features
from kcplan_keycloak.token_exchange.model import (
    SAME_SESSION,
    Client,
    Realm,
    is_true,
)
from kcplan_keycloak.token_exchange.relevance import ENABLED, INERT, REFRESH, is_about_exchange
from kcplan_keycloak.token_exchange.rules import Exchange, Refusal, predict
from kcplan_keycloak.token_exchange.spec import Mode
from kcplan_keycloak.token_exchange.tokens import (
    Holder,
    Token,
    own_token,
    service_account,
    token,
)

_USER_FLOWS: Final = ("standardFlowEnabled", "implicitFlowEnabled", "directAccessGrantsEnabled")
_CONTRADICTED: Final = frozenset({"enabled", "refresh"})
"""What only fails where the files contradict the permission, which is told already."""

_MEANS_NO: Final = (None, "", SAME_SESSION, "NO")


@frozen
class Situation:
    """A realm with everything that will be in it.

    Attributes:
        realm: The realm, permissions compiled in.
        permissions: Its permissions.
        resources: What the files declare of it.
        live: Whether the server was asked.
        features: The server's features; None where they are not known.
    """

    realm: Realm
    permissions: tuple[Permission, ...] = ()
    resources: Mapping[Address, Resource] = field(factory=dict)
    live: bool = False
    features: frozenset[str] | None = None

    def address(self, client: str) -> Address:
        """The address of a client."""
        return Address.of(self.realm.name, "clients", client)

    def declared(self, client: str) -> Resource | None:
        """A client as the files declare it."""
        return self.resources.get(self.address(client))

    def knows(self, client: str) -> bool:
        """Whether anything can be said of a client."""
        return client in self.realm.clients and (self.live or self.realm.clients[client].declared)

    @property
    def requesters(self) -> frozenset[str]:
        """The clients that a permission lets exchange tokens in standard mode."""
        return frozenset(p.requester for p in self.permissions if p.mode is Mode.STANDARD)


def check(situation: Situation) -> Iterator[Diagnostic]:
    """All findings about token exchange in a realm."""
    yield from missing_features(situation.permissions, situation.features)
    yield from _disabled_realm(situation)
    yield from _authorization(situation)
    requesters = situation.requesters
    clients = sorted(situation.realm.clients.values(), key=lambda item: item.client_id)
    declared = [c for c in clients if situation.declared(c.client_id) is not None]
    unused = {c.client_id for c in declared if c.exchanges} - requesters
    possible = {c.client_id: _possible(situation.realm, c) for c in clients} if unused else {}
    named = _named(situation, possible) if unused else frozenset()
    for client in declared:
        yield from _attributes(situation, client)
        if client.client_id in unused:
            yield from _unused(situation, client, named, possible[client.client_id])
    for permission in situation.permissions:
        if permission.mode is Mode.STANDARD:
            yield from _permission(situation, permission)


# -- the realm --------------------------------------------------------------------------------


def _disabled_realm(situation: Situation) -> Iterator[Diagnostic]:
    if situation.realm.enabled or not situation.permissions:
        return
    name = situation.realm.name
    resource = situation.resources.get(Address.of(name))
    yield warning(
        "token-exchange-disabled-realm",
        f"the realm {name} is disabled, and gives no tokens",
        'Keycloak would answer every request for a token with "Realm not enabled". A new realm is '
        "disabled unless it says otherwise: write `enabled = true`.",
        address=Address.of(name),
        path=("enabled",),
        source=resource.source(("enabled",)) if resource else None,
    )


def _authorization(situation: Situation) -> Iterator[Diagnostic]:
    for resource in filter(is_about_exchange, situation.resources.values()):
        client = resource.address.segments[2]
        yield warning(
            "token-exchange-inert-authorization",
            f"authorization settings of {client} permit no token exchange",
            "What a client's own authorization services hold is for the application to ask; "
            "Keycloak does not look there when it exchanges tokens. Declare who may exchange whose "
            "tokens for whom under `permissions.tokenExchange`.",
            address=resource.address,
            path=("type",),
            source=resource.source(("type",)),
        )


# -- attributes of clients --------------------------------------------------------------------


def _attributes(situation: Situation, client: Client) -> Iterator[Diagnostic]:
    if is_true(client.attributes.get(INERT)) and not client.exchanges:
        yield _at_attribute(
            situation,
            client,
            INERT,
            warning,
            "token-exchange-inert-attribute",
            f"`{INERT}` has no effect",
            "Keycloak stores it and never reads it, so every exchange by this client would be "
            'answered with 400 "Standard token exchange is not enabled for the requested client". '
            "Not every client of an exchange needs a switch, only the one that performs it (no "
            'service account either). If this one does, write `attributes = { "'
            f'{ENABLED}" = "true" }}`, or better declare it under `permissions.tokenExchange`.',
        )
    refresh = client.attributes.get(REFRESH)
    if refresh not in _MEANS_NO:
        yield _at_attribute(
            situation,
            client,
            REFRESH,
            warning,
            "token-exchange-refresh-value",
            f"`{REFRESH}` is {refresh!r}, which means no",
            'An exchange for a refresh token would be answered with 400 "requested_token_type '
            f'unsupported". The only value that means yes is `"{SAME_SESSION}"`.',
        )
    if client.exchanges and client.public:
        yield _at_attribute(
            situation,
            client,
            ENABLED,
            error,
            "token-exchange-public-client",
            f"client {client.client_id} is public and cannot exchange tokens",
            "Keycloak accepts the setting, and answers every exchange with 400 invalid_client "
            '"Public client is not allowed to exchange token". Write `publicClient = false` and '
            "give it a secret, or let a confidential backend exchange the token.",
        )


def _at_attribute(
    situation: Situation,
    client: Client,
    attribute: str,
    say: Callable[..., Diagnostic],
    *text: str,
) -> Diagnostic:
    path: Path = ("attributes", attribute)
    resource = situation.declared(client.client_id)
    return say(
        *text,
        address=situation.address(client.client_id),
        path=path,
        source=resource.source(path) if resource else None,
    )


def _unused(
    situation: Situation, client: Client, named: frozenset[str], possible: frozenset[str]
) -> Iterator[Diagnostic]:
    """A client with the switch on and no permission: is there a token that it may exchange?

    `named` are the clients that tokens of others may name, `possible` those that its own may name.
    """
    if client.public:
        return
    name = client.client_id
    if client.consent_required:
        yield _at_attribute(
            situation,
            client,
            ENABLED,
            warning,
            "token-exchange-consent",
            f"client {name} requires consent, which nobody can give in an exchange",
            'Keycloak would answer 400 invalid_scope "Missing consents for Token Exchange in '
            f'client {name}". {NO_CONSENT}',
        )
    if name not in named:
        yield _at_attribute(
            situation,
            client,
            ENABLED,
            warning,
            "token-exchange-subject-audience",
            f"no other client's tokens have {name} in `aud`, so it can exchange only its own",
            'Keycloak would answer 403 access_denied "Client is not within the token audience". '
            "Whoever obtains the token needs an audience mapper for it. Declare the exchange, and "
            "kcplan adds the mapper:\n"
            f'[[permissions.tokenExchange]]\nrequester = "{name}"\nsubjects = ["CLIENT"]\n'
            'audiences = ["CLIENT"]',
        )
    if not possible - {"account", name}:
        yield _at_attribute(
            situation,
            client,
            ENABLED,
            warning,
            "token-exchange-audience-unavailable",
            f"no audience is available to {name}",
            'Whatever it asks for, Keycloak would answer 400 "Requested audience not available". '
            "It needs an audience mapper for each service that the new token is to be for; "
            "`audiences` of an entry under `permissions.tokenExchange` makes them.",
        )


def _named(situation: Situation, possible: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The clients that tokens of others may name: by a mapper, or through a role of their own."""
    found: set[str] = set()
    for address in situation.resources:
        match address.segments:
            case (_, "clients", holder, "roles", *_):
                found.add(holder)
    for name, audiences in possible.items():
        found |= audiences - {name}
    return frozenset(found)


def _possible(realm: Realm, client: Client) -> frozenset[str]:
    """Every audience that a client's tokens may have, whatever scopes are asked for."""
    return own_token(realm, client, client.optional_scopes).audience


# -- declared exchanges -----------------------------------------------------------------------


def _permission(situation: Situation, permission: Permission) -> Iterator[Diagnostic]:
    if not situation.knows(permission.requester):
        return
    said: set[str] = set()
    for subject in permission.subjects:
        if not situation.knows(subject):
            continue
        for diagnostic in _exchange(situation, permission, subject):
            if diagnostic.summary not in said:
                said.add(diagnostic.summary)
                yield diagnostic


def _exchange(situation: Situation, permission: Permission, subject: str) -> Iterator[Diagnostic]:
    client = situation.realm.clients[subject]
    path: Path = ("subjects",)
    if not client.enabled:
        yield _finding(
            situation,
            permission,
            path,
            "token-exchange-disabled-client",
            f"{subject} is disabled and obtains no tokens",
            f"Keycloak would answer its log-in with 401. Enable it, or take it out of "
            f"{permission.place}.",
        )
        return
    if not client.flows:
        yield warning(
            "token-exchange-no-token",
            f"{subject} has no way to obtain a token that {permission.requester} could exchange",
            "All its flows are switched off. Write `serviceAccountsEnabled = true` for tokens of "
            "its own (Keycloak then makes the account), or `standardFlowEnabled = true` for "
            "tokens of users.",
            address=situation.address(subject),
            source=permission.source(path),
        )
        return
    refusal = refused(situation.realm, permission, client)
    if refusal is not None:
        yield from _refused(situation, permission, subject, refusal)


def subject_tokens(realm: Realm, client: Client) -> Iterator[Token]:
    """The tokens that a client may obtain: of a user, and of its own account."""
    if client.flows & set(_USER_FLOWS):
        yield token(realm, client, Holder(frozenset({realm.default_role}), session=True))
    if client.account:
        yield token(realm, client, service_account(realm, client))


def refused(realm: Realm, permission: Permission, subject: Client) -> Refusal | None:
    """The server's answer, where no token of the subject can be exchanged as declared."""
    refusals: list[Refusal] = []
    for given in subject_tokens(realm, subject):
        exchange = Exchange(
            requester=permission.requester,
            subject=given,
            audiences=tuple(name for name in permission.audiences if name in realm.clients),
            scopes=permission.scopes,
            refresh_token=permission.refresh_token,
        )
        answer = predict(realm, exchange)
        if not isinstance(answer, Refusal):
            return None
        refusals.append(answer)
    return refusals[-1] if refusals else None


def _refused(
    situation: Situation, permission: Permission, subject: str, refusal: Refusal
) -> Iterator[Diagnostic]:
    if refusal.rule in _CONTRADICTED:
        return
    requester = situation.realm.clients[permission.requester]
    found = explained(permission, subject, requester, refusal)
    if found is not None:
        answer = f"Keycloak would answer {refusal}. {found.detail}"
        yield _finding(situation, permission, found.path, found.code, found.summary, answer)


def _finding(
    situation: Situation, permission: Permission, path: Path, code: str, summary: str, detail: str
) -> Diagnostic:
    """An error, but for what the files alone cannot tell."""
    unsure = not situation.live and code == "token-exchange-unknown-scope"
    return Diagnostic(
        Severity.WARNING if unsure else Severity.ERROR,
        code,
        summary,
        detail,
        address=permission.address,
        path=path,
        source=permission.source(path),
    )


def widened(permission: Permission, client: str, audience: str) -> Diagnostic:
    """That ordinary tokens of a client gain an audience."""
    return note(
        "token-exchange-widens-audience",
        f"all tokens of {client} will also be for {audience}",
        f"{permission.place} needs it. Keycloak can't limit an audience to exchanges: any service "
        f"that trusts `aud: {audience}` will accept these tokens too.",
        address=permission.address,
        source=permission.source(),
    )
