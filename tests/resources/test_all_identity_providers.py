"""Each kind of identity provider that the server has can be declared, converges and is imported."""

import json
from typing import Final

import pytest

from kcplan_keycloak.server_info import IDENTITY_PROVIDER, server_info
from support.harness import Admin
from support.world import Json, World

_URL: Final = "https://login.example"
_OIDC: Final = {
    "authorizationUrl": f"{_URL}/auth",
    "tokenUrl": f"{_URL}/token",
    "issuer": _URL,
    "jwksUrl": f"{_URL}/jwks",
    "useJwksUrl": "true",
}
_GRANT: Final = {
    "jwtAuthorizationGrantEnabled": "true",
    "jwtAuthorizationGrantAllowedClockSkew": "5",
    "jwtAuthorizationGrantAssertionReuseAllowed": "false",
    "jwtAuthorizationGrantAssertionSignatureAlg": "ES256",
    "jwtAuthorizationGrantLimitAccessTokenExp": "true",
    "jwtAuthorizationGrantMaxAllowedAssertionExpiration": "300",
}
CONFIG: Final[dict[str, dict[str, str]]] = {
    "bitbucket": {},
    "facebook": {"fetchedFields": "id,name"},
    "github": {"baseUrl": "https://github.example", "apiUrl": "https://github.example/api"},
    "gitlab": {},
    "google": {"hostedDomain": "shop.example", "offlineAccess": "true", **_GRANT},
    "jwt-authorization-grant": {"issuer": _URL, "jwksUrl": f"{_URL}/jwks", **_GRANT},
    "keycloak-oidc": {**_OIDC, **_GRANT},
    "kubernetes": {"issuer": "https://kubernetes.example"},
    "linkedin-openid-connect": {},
    "microsoft": {"prompt": "login", "tenantId": "shop"},
    "oauth2": {
        "authorizationUrl": f"{_URL}/auth",
        "tokenUrl": f"{_URL}/token",
        "userInfoUrl": f"{_URL}/user",
    },
    "oidc": {**_OIDC, **_GRANT},
    "openshift-v4": {"baseUrl": "https://openshift.example"},
    "paypal": {"sandbox": "true"},
    "saml": {
        "entityId": "shop",
        "singleSignOnServiceUrl": f"{_URL}/saml",
        "nameIDPolicyFormat": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        "principalType": "SUBJECT",
    },
    "stackoverflow": {"key": "k"},
    "twitter": {},
}
"""Of each kind, some of its own configuration."""


def provider(kind: str) -> Json:
    own = {"clientId": "us", "clientSecret": "${SECRET}", "syncMode": "IMPORT"}
    config = {**CONFIG[kind], **({} if kind == "kubernetes" else own)}
    return {"alias": kind, "providerId": kind, "displayName": f"By {kind}", "config": config}


def there(world: World, kind: str) -> Json:
    """The provider, without its id; a switch that is off may also be missing."""
    found = world.admin.json(world.path("identity-provider", "instances", kind))
    return {key: item for key, item in found.items() if key != "internalId" and item is not False}


@pytest.fixture
def variables() -> dict[str, str | None]:
    return {"SECRET": "distinctive-secret-of-a-provider"}


def test_these_are_all_that_the_server_has(admin: Admin) -> None:
    offered = server_info(admin.get("../serverinfo").json()).offered
    assert offered is not None
    assert offered.of(IDENTITY_PROVIDER) == CONFIG.keys()


@pytest.mark.parametrize("kind", CONFIG)
def test_one_of_each_kind_converges_and_is_imported(inhabited: World, kind: str) -> None:
    world = inhabited
    world.declare(identityProviders=[provider(kind)])
    world.apply()
    world.is_settled()
    before = there(world, kind)

    world.kcplan("import", world.realm, "--out", "imported.json", "--state", "imported.state")
    document = json.loads((world.folder / "imported.json").read_text())
    if "clientSecret" in before["config"]:
        document["identityProviders"][0]["config"]["clientSecret"] = "${SECRET}"
    world.destroy()
    world.state_file.unlink()
    world.file.write_text(json.dumps(document))
    world.apply()
    world.is_settled()
    assert there(world, kind) == before


@pytest.mark.parametrize("kind", [kind for kind in CONFIG if CONFIG[kind].keys() >= _GRANT.keys()])
def test_settings_of_the_jwt_authorization_grant_change_one_by_one(
    inhabited: World, kind: str
) -> None:
    world = inhabited
    world.declare(identityProviders=[provider(kind)])
    world.apply()
    changed = provider(kind)
    changed["config"] |= {
        "jwtAuthorizationGrantAllowedClockSkew": "7",
        "jwtAuthorizationGrantAssertionReuseAllowed": "true",
        "jwtAuthorizationGrantAssertionSignatureAlg": None,
        "jwtAuthorizationGrantEnabled": "false",
        "jwtAuthorizationGrantLimitAccessTokenExp": "false",
        "jwtAuthorizationGrantMaxAllowedAssertionExpiration": "60",
    }
    world.declare(identityProviders=[changed])
    assert world.plan().fields(f"identity-providers/{kind}").keys() == {
        f"config.{name}" for name in _GRANT
    }
    world.apply()
    world.is_settled()
