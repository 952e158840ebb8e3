"""What reading a realm for its token exchanges begins with, where the state knows the realm."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kcplan_keycloak.accounts import account_pages
from kcplan_keycloak.api import Get, first_pages, path
from kcplan_keycloak.built_in import account_name, default_role
from kcplan_keycloak.resource_type import FEW
from kcplan_keycloak.token_exchange.needs import Need

Body = Mapping[str, Any]


def foreseen(realm: str, need: Need) -> Iterator[Get]:
    """The requests that are sent at once, each followed by those that its answer leads to."""
    at = path("realms", realm)
    yield from _clients(at, need)
    if need.is_asked:
        yield Get(f"{at}/client-scopes", then=lambda scopes: _mappings(at, scopes))
        default = path(default_role(realm)) if need.default_role is None else None
        if default is not None:
            yield Get(f"{at}/roles/{default}/composites", then=lambda parts: _inner(at, parts))
    yield Get(f"{at}/default-default-client-scopes")
    yield Get(f"{at}/default-optional-client-scopes")
    for name in sorted(need.closely & need.accounts.keys()):
        yield Get(f"{at}/{path('users', need.accounts[name], 'role-mappings')}")
    yield from _unknown_accounts(realm, need)


def _clients(at: str, need: Need) -> Iterable[Get]:
    names = sorted(need.closely | need.glanced)
    if need.everyone or len(names) > FEW:
        return first_pages(f"{at}/clients", len(names))
    return [Get(f"{at}/clients", {"clientId": name}) for name in names]


def _mappings(at: str, scopes: Iterable[Body]) -> Iterator[Get]:
    for scope in scopes:
        yield Get(f"{at}/{path('client-scopes', scope['id'], 'scope-mappings')}")


def _inner(at: str, parts: Iterable[Body]) -> Iterator[Get]:
    """What the composite ones among roles are composed of, and so on."""
    for role in parts:
        if role.get("composite"):
            inner = f"{at}/{path('roles-by-id', role['id'], 'composites')}"
            yield Get(inner, then=lambda found: _inner(at, found))


def _unknown_accounts(realm: str, need: Need) -> Iterable[Get]:
    """The users who are accounts of clients, where the state does not know them."""
    names = {account_name(name) for name in need.unknown_accounts}
    at = path("realms", realm, "users")

    def roles(users: Iterable[Body]) -> Iterator[Get]:
        for user in users:
            if user["username"] in names:
                yield Get(f"{at}/{path(user['id'], 'role-mappings')}")

    if len(names) > FEW:
        return [Get(get.path, get.params, roles) for get in account_pages(realm, len(names))]
    return [Get(at, {"username": name, "exact": "true"}, roles) for name in sorted(names)]
