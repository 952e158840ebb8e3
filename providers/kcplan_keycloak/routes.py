"""The domain that an identity provider serves in its organization: `kc.org.domain` of its `config`.

Keycloak takes it out of a provider that leaves its organization, and of all that serve a domain
which goes. It does not put it back along with the link or the domain. While an organization is
off, its providers are shown as off, whatever they are, and a `PUT` writes what was shown.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from kcplan_keycloak.api import AdminApi, path

_DOMAIN: Final = "kc.org.domain"

FIELD: Final = ("config", _DOMAIN)
"""Where a provider has it."""

Routes = Mapping[str, str]
"""The domain that each provider serves, by the provider's alias."""


def routes(linked: Iterable[Mapping[str, Any]]) -> Routes:
    """What the providers of an organization serve, as it lists them."""
    domains = {item["alias"]: (item.get("config") or {}).get(_DOMAIN) for item in linked}
    return {alias: domain for alias, domain in domains.items() if domain}


def _at(realm: str, alias: str) -> str:
    return path("realms", realm, "identity-provider", "instances", alias)


def switches(api: AdminApi, realm: str, then: Routes) -> Mapping[str, bool]:
    """Which providers are on, of those that are in no organization now. Raises ServerError."""
    found = {alias: api.get(_at(realm, alias)) or {} for alias in then}
    alone = {alias: body for alias, body in found.items() if not body.get("organizationId")}
    return {alias: body["enabled"] for alias, body in alone.items() if "enabled" in body}


def put_back(api: AdminApi, realm: str, then: Routes, known: Mapping[str, bool]) -> None:
    """Have providers that are in their organization again serve what they served.

    Args:
        api: The server.
        realm: The realm's name.
        then: What they served.
        known: Which of them are on, as far as that was seen outside of the organization.

    Raises:
        ServerError: Keycloak refuses it.
    """
    for alias, domain in then.items():
        body = api.get(_at(realm, alias))
        if body is None or _DOMAIN in body["config"]:
            continue
        config = {**body["config"], _DOMAIN: domain}
        enabled = known.get(alias, body["enabled"])
        api.put(_at(realm, alias), {**body, "enabled": enabled, "config": config})
