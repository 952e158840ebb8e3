"""Identity providers."""

from conformance.overlays import Json
from conformance.sample import Hand, Sample

_URL = "https://login.example"
_SWITCHES = "hideOnLogin linkOnly"


def _look(hand: Hand, at: str) -> Json | None:
    """The identity provider; Keycloak leaves out switches that nobody ever set."""
    found = hand.get(at)
    return found and {**dict.fromkeys(_SWITCHES.split(), False), **found}


def _point(hand: Hand, at: str) -> None:
    """Have somebody else make a mapper in it."""
    if hand.find(f"{at}/mappers", name="foreign") is None:
        mapper = {
            "name": "foreign",
            "identityProviderAlias": at.rsplit("/", 1)[1],
            "identityProviderMapper": "hardcoded-attribute-idp-mapper",
            "config": {"attribute": "from", "attribute.value": "company", "syncMode": "INHERIT"},
        }
        hand.admin.post(f"{at}/mappers", json=mapper)


SAMPLE = Sample(
    type="identity-provider",
    address="identity-providers/NAME",
    declare=lambda name, fields: {"identityProviders": [{"alias": name, **fields}]},
    where=lambda hand, name: hand.path("identity-provider", "instances", name),
    minimal={
        "providerId": "oidc",
        "config": {
            "clientId": "us",
            "authorizationUrl": f"{_URL}/auth",
            "tokenUrl": f"{_URL}/token",
        },
    },
    full={
        "providerId": "oidc",
        "displayName": "Company",
        "enabled": True,
        "hideOnLogin": False,
        "linkOnly": False,
        "storeToken": True,
        "addReadTokenRoleOnCreate": True,
        "trustEmail": True,
        "firstBrokerLoginFlowAlias": "first broker login",
        "postBrokerLoginFlowAlias": "browser",
        "config": {
            "clientId": "us",
            "authorizationUrl": f"{_URL}/auth",
            "tokenUrl": f"{_URL}/token",
            "syncMode": "IMPORT",
        },
    },
    changed={
        "displayName": "Partner",
        "enabled": False,
        "hideOnLogin": True,
        "linkOnly": True,
        "storeToken": False,
        "addReadTokenRoleOnCreate": False,
        "trustEmail": False,
        "firstBrokerLoginFlowAlias": "browser",
        "postBrokerLoginFlowAlias": "direct grant",
        "config": {
            "clientId": "them",
            "authorizationUrl": f"{_URL}/other/auth",
            "tokenUrl": f"{_URL}/other/token",
            "syncMode": None,
            "pkceEnabled": "true",
            "pkceMethod": "S256",
        },
    },
    look=_look,
    odd_name="é%5%2F",
    point=_point,
    secret={"config": {"clientSecret": "SECRET"}},
    references=(
        ({"firstBrokerLoginFlowAlias": "missing"}, "flows/missing"),
        ({"postBrokerLoginFlowAlias": "missing"}, "flows/missing"),
    ),
    cannot={
        "rename": "Keycloak does not let the alias of an identity provider change.",
        "change providerId": "Another kind of provider is another object: it is replaced.",
    },
)
