"""Mappers of identity providers."""

from conformance.overlays import Json
from conformance.sample import Hand, Sample

_PROVIDER: Json = {
    "alias": "holder",
    "providerId": "oidc",
    "config": {
        "clientId": "us",
        "authorizationUrl": "https://login.example/auth",
        "tokenUrl": "https://login.example/token",
    },
}


def _where(hand: Hand, name: str) -> str | None:
    at = hand.path("identity-provider", "instances", "holder", "mappers")
    found = hand.find(at, name=name)
    return f"{at}/{found['id']}" if found else None


SAMPLE = Sample(
    type="identity-provider-mapper",
    address="identity-providers/holder/mappers/NAME",
    declare=lambda name, fields: {
        "identityProviderMappers": [{"identityProviderAlias": "holder", "name": name, **fields}]
    },
    where=_where,
    around={
        "identityProviders": [_PROVIDER],
        "roles": {"realm": [{"name": "part"}], "client": {"shop": [{"name": "inner"}]}},
        "clients": [{"clientId": "shop"}],
    },
    minimal={"identityProviderMapper": "oidc-role-idp-mapper"},
    full={
        "identityProviderMapper": "oidc-role-idp-mapper",
        "config": {
            "syncMode": "INHERIT",
            "claim": "job",
            "claim.value": "clerk",
            "role": "part",
        },
    },
    changed={
        "identityProviderMapper": "keycloak-oidc-role-to-role-idp-mapper",
        "config": {
            "syncMode": "FORCE",
            "claim": None,
            "claim.value": None,
            "external.role": "clerk",
            "role": "shop.inner",
        },
    },
    secret={"config": {"claim.value": "SECRET"}},
    references=(
        ({"config": {"role": "missing"}}, "roles/missing"),
        ({"config": {"role": "shop.missing"}}, "clients/shop/roles/missing"),
    ),
)
