"""Whether a configuration has to do with token exchange at all: most need nothing of the rest."""

from typing import Final

from kcplan.config.model import Config
from kcplan.resource import Resource
from kcplan_keycloak.resources.authorization_resource import SPEC as AUTHORIZATION_RESOURCE
from kcplan_keycloak.resources.client import SPEC as CLIENT

ENABLED: Final = "standard.token.exchange.enabled"
REFRESH: Final = "standard.token.exchange.enableRefreshRequestedTokenType"
INERT: Final = "oauth2.token.exchange.grant.enabled"

_FIELDS: Final = tuple(("attributes", name) for name in (ENABLED, INERT, REFRESH))


def is_used(config: Config) -> bool:
    """Whether the files declare permissions, or mention token exchange anywhere."""
    return bool(config.permissions) or any(map(uses_exchange, config.resources.values()))


def uses_exchange(resource: Resource) -> bool:
    """Whether the resource mentions token exchange, with or without effect."""
    if resource.type == CLIENT.name:
        return any(path in resource.leaves for path in _FIELDS)
    return is_about_exchange(resource)


def is_about_exchange(resource: Resource) -> bool:
    """Whether an authorization resource tries to permit token exchange, as some guides say."""
    if resource.type != AUTHORIZATION_RESOURCE.name:
        return False
    return "token-exchange" in str(resource.leaves.get(("type",)))
