"""A realm with one of each kind of resource: something for each right that an account may lack."""

from typing import Any

SECRET = "a-secret-of-the-whole-realm"


def everything(text: str) -> dict[str, Any]:
    """The sections of a realm file; with another text something of every kind differs."""
    provider = {"tokenUrl": "https://a/t", "authorizationUrl": "https://a/a", "clientId": text}
    return {
        "displayName": text,
        "organizationsEnabled": True,
        "adminPermissionsEnabled": True,
        "permissions": {
            "adminPolicies": [{"name": "staff", "description": text, "roles": ["r"]}],
            "admin": [
                {
                    "name": "view all",
                    "description": text,
                    "resourceType": "Users",
                    "scopes": ["view"],
                    "policies": ["staff"],
                }
            ],
        },
        "localizationTexts": {"en": {"hello": text}},
        "components": {
            "org.keycloak.keys.KeyProvider": [
                {"name": "k", "providerId": "hmac-generated", "config": {"priority": [len(text)]}}
            ]
        },
        "userProfile": {"attributes": [{"name": "nick", "displayName": text}]},
        "authenticationFlows": [
            {"alias": "f", "description": text, "providerId": "basic-flow", "topLevel": True}
        ],
        "roles": {
            "realm": [{"name": "r", "description": text}],
            "client": {"a": [{"name": "reader", "description": text}]},
        },
        "clientScopes": [{"name": "s", "protocol": "openid-connect", "description": text}],
        "groups": [{"name": "g", "attributes": {"x": [text]}}],
        "users": [
            {"username": "user", "firstName": text},
            {"serviceAccountClientId": "a", "realmRoles": ["r"], "attributes": {"x": [text]}},
        ],
        "identityProviders": [
            {
                "alias": "idp",
                "providerId": "oidc",
                "displayName": text,
                "config": {**provider, "clientSecret": SECRET},
            }
        ],
        "organizations": [
            {"alias": "o", "name": "o", "description": text, "domains": [{"name": "o.example"}]}
        ],
        "clients": [
            {
                "clientId": "a",
                "secret": SECRET,
                "description": text,
                "serviceAccountsEnabled": True,
                "authorizationServicesEnabled": True,
                "authorizationSettings": {
                    "scopes": [{"name": "z", "displayName": text}],
                    "resources": [{"name": "res", "displayName": text, "scopes": [{"name": "z"}]}],
                    "policies": [
                        {
                            "name": "p",
                            "type": "role",
                            "description": text,
                            "config": {"roles": [{"id": "r"}]},
                        },
                        {
                            "name": "may",
                            "type": "scope",
                            "description": text,
                            "config": {"scopes": ["z"], "applyPolicies": ["p"]},
                        },
                    ],
                },
            }
        ],
    }
