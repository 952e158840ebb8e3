"""Whose name is in a token: the audience (`aud`) of the tokens that a client obtains."""

from collections.abc import Iterable, Iterator

from attrs import evolve, field

from kcplan.classes import frozen
from kcplan_keycloak.token_exchange.model import (
    AUDIENCE_MAPPER,
    AUDIENCE_RESOLVE,
    HARDCODED_ROLE,
    IN_ACCESS_TOKEN,
    LIGHTWEIGHT_CLAIM,
    Client,
    Mapper,
    Realm,
    Role,
    Scope,
)


@frozen
class Holder:
    """Whom a token is for.

    Attributes:
        roles: The roles that the user or service account holds directly.
        session: Whether there is a session, as a user's log-in makes one; a service account's
            tokens have none.
    """

    roles: frozenset[Role] = frozenset()
    session: bool = False


@frozen
class Token:
    """An access token, as far as exchanges look at it.

    Attributes:
        issued_to: The client that obtained it (`azp`).
        audience: Whom it is for (`aud`).
        holder: Whom it speaks of.
        scopes: The client scopes that count in it, by name.
    """

    issued_to: str
    audience: frozenset[str]
    holder: Holder
    scopes: frozenset[str] = field(factory=frozenset)


def service_account(realm: Realm, client: Client) -> Holder:
    """The holder of a client's own tokens."""
    return Holder(frozenset(client.account_roles or ()) | {realm.default_role})


def token(realm: Realm, client: Client, holder: Holder, requested: Iterable[str] = ()) -> Token:
    """The access token that a client obtains for a holder, with these optional scopes."""
    held = realm.deep(holder.roles)
    scopes = tuple(effective_scopes(realm, client, held, requested))
    roles = _roles_in_token(realm, client, held, scopes)
    mappers = (*client.mappers, *(mapper for scope in scopes for mapper in scope.mappers))
    audience = frozenset(_audience(client, mappers, roles))
    return Token(client.client_id, audience, holder, frozenset(scope.name for scope in scopes))


def own_token(realm: Realm, client: Client, requested: Iterable[str] = ()) -> Token:
    """The access token that a client obtains by its own credentials."""
    return token(realm, client, service_account(realm, client), requested)


def effective_scopes(
    realm: Realm, client: Client, held: frozenset[Role], requested: Iterable[str]
) -> Iterator[Scope]:
    """The client scopes of a token: default ones and requested optional ones.

    A scope with roles counts only for those who hold one of them.
    """
    names = client.default_scopes | (client.optional_scopes & frozenset(requested))
    for name in sorted(names):
        scope = realm.scopes.get(name)
        if scope is not None and (not scope.roles or realm.deep(scope.roles) & held):
            yield scope


def _roles_in_token(
    realm: Realm, client: Client, held: frozenset[Role], scopes: Iterable[Scope]
) -> frozenset[Role]:
    """The roles that a token may speak of: those held, within the client's scope."""
    if client.full_scope:
        return held
    allowed = set(client.scope_roles)
    for scope in scopes:
        allowed |= scope.roles
    own = {role for role in held if role[0] == client.client_id}
    return held & (realm.deep(allowed) | own)


def _audience(client: Client, mappers: Iterable[Mapper], roles: frozenset[Role]) -> Iterator[str]:
    counting = [mapper for mapper in mappers if counts(mapper, lightweight=client.lightweight)]
    hardcoded = {_role_of(mapper) for mapper in mappers if mapper.kind == HARDCODED_ROLE}
    for mapper in counting:
        if mapper.kind == AUDIENCE_MAPPER and mapper.audience:
            yield mapper.audience
        elif mapper.kind == AUDIENCE_RESOLVE:
            # A client's own roles do not make it an audience of its own tokens.
            named = {holder for holder, _ in roles | hardcoded}
            yield from named - {"", client.client_id}


def counts(mapper: Mapper, *, lightweight: bool) -> bool:
    """Whether a mapper writes into access tokens, or into lightweight ones."""
    return mapper.is_on(LIGHTWEIGHT_CLAIM if lightweight else IN_ACCESS_TOKEN)


def _role_of(mapper: Mapper) -> Role:
    """The role that a hardcoded-role mapper adds: `role`, or `client.role`."""
    client, _, name = mapper.config.get("role", "").rpartition(".")
    return (client, name)


def narrowed(given: Token, audiences: Iterable[str]) -> Token:
    """The token as an exchange for these audiences gives it."""
    wanted = frozenset(audiences)
    return evolve(given, audience=given.audience & wanted) if wanted else given
