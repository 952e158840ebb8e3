"""Whether a configuration has to do with token exchange at all: most need nothing of the rest."""

from typing import Final

from kcplan.config.model import Config
from kcplan.resource import Resource
from kcplan_keycloak.resources.authorization_resource import SPEC as AUTHORIZATION_RESOURCE
from kcplan_keycloak.resources.client import SPEC as CLIENT

ENABLED: Final = "standard.token.exchange.enabled"
REFRESH: Final = "standard.token.exchange.enableRefreshRequestedTokenType"
INERT: Final = "oauth2.token.exchange.grant.enabled"

_ATTRIBUTES: Final = frozenset({ENABLED, INERT, REFRESH})


def is_used(config: Config) -> bool:
    """Whether the files declare permissions, or mention token exchange anywhere."""
    return bool(config.permissions) or any(map(uses_exchange, config.resources.values()))


def uses_exchange(resource: Resource) -> bool:
    """Whether the resource mentions token exchange, with or without effect."""
    attributes = (("attributes", name) in resource.leaves for name in _ATTRIBUTES)
    return is_about_exchange(resource) or (resource.type == CLIENT.name and any(attributes))


def is_about_exchange(resource: Resource) -> bool:
    """Whether an authorization resource tries to permit token exchange, as some guides say."""
    kind = resource.leaves.get(("type",))
    return resource.type == AUTHORIZATION_RESOURCE.name and "token-exchange" in str(kind)
