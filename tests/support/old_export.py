"""An export of a realm that has grown for years, with all that kcplan refuses in such files."""

from typing import Any

Json = dict[str, Any]
MASK = "*" * 10


def uid(kind: int, number: int) -> str:
    return f"{kind:08x}-0000-4000-8000-{number:012x}"


def mapper(client: int, index: int) -> Json:
    kinds = [
        (
            "openid-connect",
            "oidc-usermodel-attribute-mapper",
            {"user.attribute": f"a{index}", "claim.name": f"c{index}", "jsonType.label": "String"},
        ),
        (
            "openid-connect",
            "oidc-audience-mapper",
            {"included.client.audience": f"gone-{client % 5}", "access.token.claim": "true"},
        ),
        (
            "openid-connect",
            "oidc-group-membership-mapper",
            {"claim.name": "groups", "full.path": "false"},
        ),
        ("openid-connect", "oidc-script-based-protocol-mapper", {"script": "exports = 1;"}),
    ]
    protocol, name, config = kinds[index % len(kinds)]
    return {
        "id": uid(client, index),
        "name": f"mapper {index}",
        "protocol": protocol,
        "protocolMapper": name,
        "consentRequired": False,
        "consentText": "${x}",
        "config": config,
    }


def client(number: int) -> Json:
    saml = number % 10 == 9
    found: Json = {
        "id": uid(1, number),
        "clientId": f"service-{number}",
        "name": f"${{client_service-{number}}}",
        "surrogateAuthRequired": False,
        "enabled": True,
        "alwaysDisplayInConsole": False,
        "clientAuthenticatorType": "client-secret",
        "secret": MASK,
        "defaultRoles": ["user"] if number % 7 == 0 else [],
        "redirectUris": [f"https://service-{number}.example/*"],
        "webOrigins": ["+"],
        "notBefore": 0,
        "bearerOnly": False,
        "consentRequired": False,
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": number % 3 == 0,
        "publicClient": number % 6 == 1,
        "frontchannelLogout": saml,
        "protocol": "saml" if saml else "openid-connect",
        "attributes": {
            "saml.assertion.signature": "true",
            "saml.signing.private.key": MASK,
            "saml_force_name_id_format": "false",
        }
        if saml
        else {"backchannel.logout.session.required": "true", "display.on.consent.screen": "false"},
        "authenticationFlowBindingOverrides": {"browser": uid(9, number)}
        if number % 11 == 0
        else {},
        "fullScopeAllowed": True,
        "nodeReRegistrationTimeout": -1,
        "protocolMappers": [mapper(number, index) for index in range(3)],
        "clientTemplate": "base",
        "useTemplateConfig": False,
        "useTemplateScope": False,
        "useTemplateMappers": False,
        "directGrantsOnly": False,
        "defaultClientScopes": ["web-origins", "role_list", f"team-{number % 4}"],
        "optionalClientScopes": ["address", "phone", "offline_access", "microprofile-jwt"],
        "access": {"view": True, "configure": True, "manage": True},
    }
    if number % 13 == 0:
        found["authorizationServicesEnabled"] = True
        found["authorizationSettings"] = {
            "allowRemoteResourceManagement": True,
            "policyEnforcementMode": "ENFORCING",
            "resources": [
                {
                    "name": "Default Resource",
                    "type": "urn:x",
                    "ownerManagedAccess": False,
                    "attributes": {},
                    "_id": uid(2, number),
                    "uris": ["/*"],
                }
            ],
            "policies": [
                {
                    "id": uid(3, number),
                    "name": "Default Policy",
                    "type": "js",
                    "logic": "POSITIVE",
                    "decisionStrategy": "AFFIRMATIVE",
                    "config": {"code": "$evaluation.grant();"},
                },
                {
                    "id": uid(4, number),
                    "name": "users",
                    "type": "user",
                    "logic": "POSITIVE",
                    "decisionStrategy": "UNANIMOUS",
                    "config": {"users": '["alice"]'},
                },
                {
                    "id": uid(5, number),
                    "name": "Default Permission",
                    "type": "resource",
                    "logic": "POSITIVE",
                    "decisionStrategy": "UNANIMOUS",
                    "config": {
                        "defaultResourceType": "urn:x",
                        "applyPolicies": '["Default Policy"]',
                    },
                },
            ],
            "scopes": [],
            "decisionStrategy": "UNANIMOUS",
        }
    odd = {
        17: {"publicClient": "nein"},
        23: {"redirectUri": "https://x.example"},
        29: {"webOrigins": "https://x.example,https://y.example", "tokenLifespan": 5},
        31: {"description": "${env:DESCRIPTION_OF_31}"},
        37: {"secret": "$(env:SECRET_OF_37)"},
        41: {"attributes": {"access.token.lifespan": {"x": 1}}},
        43: {"nodeReRegistrationTimeout": "soon"},
        47: {
            "protocolMappers": [
                {"protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper"}
            ]
        },
        53: {"clientId": ""},
        59: {"clientId": "service-58"},
        61: {"secret": "abc"},
        63: {"secret": "0123456789012345678901234567890"},
    }
    return {**found, **odd.get(number, {})}


def user(number: int) -> Json:
    if number % 2:
        return {
            "id": uid(6, number),
            "username": f"user{number}",
            "enabled": True,
            "email": f"u{number}@x.example",
            "credentials": [{"type": "password", "hashedSaltedValue": "x", "salt": "y"}],
            "disableableCredentialTypes": [],
            "requiredActions": [],
            "realmRoles": ["offline_access"],
            "groups": ["/staff"],
        }
    n = number * 3
    return {
        "id": uid(6, number),
        "username": f"service-account-service-{n}",
        "enabled": True,
        "totp": False,
        "emailVerified": False,
        "serviceAccountClientId": f"service-{n}",
        "credentials": [],
        "disableableCredentialTypes": [],
        "requiredActions": [],
        "realmRoles": ["uma_authorization", f"role-{number}"],
        "clientRoles": {"realm-management": ["view-users"], "gone": ["x"]},
        "notBefore": 0,
        "groups": ["/staff/it"],
    }


def old_export() -> Json:
    """A realm with 90 clients, of 300 KB."""
    return {
        "id": "shop",
        "realm": "shop",
        "displayName": "Shop",
        "notBefore": 0,
        "revokeRefreshToken": False,
        "enabled": True,
        "sslRequired": "EXTERNAL",
        "passwordPolicy": "hashIterations(20000) and length(8)",
        "privateKey": "MIIE",
        "publicKey": "MIIB",
        "certificate": "MIIC",
        "codeSecret": "x",
        "requiredCredentials": ["password"],
        "passwordCredentialGrantAllowed": True,
        "updateProfileOnInitialSocialLogin": False,
        "social": False,
        "userCacheEnabled": True,
        "realmCacheEnabled": True,
        "otpPolicyType": "totp",
        "otpPolicyAlgorithm": "HmacSHA1",
        "otpPolicyDigits": "6",
        "otpSupportedApplications": ["FreeOTP"],
        "accessTokenLifespan": "5m",
        "ssoSessionIdleTimeout": 1800.5,
        "attributes": {
            "displayName": "Shop",
            "bruteForceProtected": "false",
            "permanentLockout": "false",
            "frontendUrl": "$(env:FRONTEND)",
            "_browser_header.xFrameOptions": "SAMEORIGIN",
        },
        "bruteForceProtected": False,
        "defaultRoles": ["offline_access", "uma_authorization"],
        "defaultGroups": ["/staff"],
        "users": [user(n) for n in range(24)],
        "scopeMappings": [
            {"clientScope": "offline_access", "roles": ["offline_access"]},
            {"client": "gone", "roles": ["role-1"]},
        ],
        "clientScopeMappings": {
            "account": [{"client": "service-0", "roles": ["view-profile"]}],
            "gone": [{"client": "service-1", "roles": ["x"]}],
        },
        "roles": {
            "realm": [
                {
                    "id": uid(7, n),
                    "name": f"role-{n}",
                    "composite": n % 4 == 0,
                    "clientRole": False,
                    "containerId": "shop",
                    "attributes": {},
                    **(
                        {"composites": {"realm": ["role-missing"], "client": {"gone": ["x"]}}}
                        if n % 4 == 0
                        else {}
                    ),
                }
                for n in range(30)
            ],
            "client": {
                f"service-{n}": [
                    {
                        "id": uid(8, n),
                        "name": "user",
                        "description": "${role_x}",
                        "clientRole": True,
                        "containerId": uid(1, n),
                    }
                ]
                for n in range(0, 60, 3)
            },
        },
        "groups": [
            {
                "id": uid(10, n),
                "name": f"g{n}",
                "path": f"/g{n}",
                "attributes": {},
                "realmRoles": [],
                "clientRoles": {},
                "subGroups": [],
            }
            for n in range(20)
        ],
        "clients": [client(n) for n in range(90)],
        "clientScopes": [
            {
                "id": uid(11, n),
                "name": f"team-{n}",
                "protocol": "openid-connect",
                "attributes": {},
                "protocolMappers": [mapper(n, 1)],
            }
            for n in range(3)
        ],
        "defaultDefaultClientScopes": ["team-0", "role_list", "missing"],
        "browserSecurityHeaders": {"xFrameOptions": "SAMEORIGIN", "strangeHeader": "x"},
        "smtpServer": {
            "host": "mail.example",
            "from": "a@b.example",
            "auth": "true",
            "user": "u",
            "password": MASK,
            "port": 587,
        },
        "eventsListeners": ["jboss-logging"],
        "enabledEventTypes": [],
        "identityProviders": [
            {
                "alias": f"company-{n}",
                "internalId": uid(12, n),
                "providerId": "oidc",
                "enabled": True,
                "updateProfileFirstLoginMode": "on",
                "trustEmail": False,
                "firstBrokerLoginFlowAlias": f"first login {n % 2}",
                "config": {
                    "clientSecret": MASK,
                    "clientId": "x",
                    "hideOnLoginPage": "true",
                    "tokenUrl": "https://x",
                },
            }
            for n in range(8)
        ],
        "identityProviderMappers": [
            {
                "id": uid(13, 1),
                "name": "m",
                "identityProviderAlias": "company-1",
                "identityProviderMapper": "oidc-role-idp-mapper",
                "config": {},
            }
        ],
        "components": {
            "org.keycloak.keys.KeyProvider": [
                {
                    "id": uid(14, 1),
                    "name": "rsa",
                    "providerId": "rsa",
                    "subComponents": {},
                    "config": {"priority": ["100"]},
                }
            ],
            "org.keycloak.storage.UserStorageProvider": [
                {"name": "ldap", "providerId": "ldap", "config": {"bindCredential": [MASK]}}
            ],
        },
        "userFederationProviders": [],
        "internationalizationEnabled": False,
        "supportedLocales": [],
        "localizationTexts": {"en": {"hello": "Hello"}},
        "authenticationFlows": [
            {
                "id": uid(15, n),
                "alias": f"flow {n}",
                "providerId": "basic-flow",
                "topLevel": True,
                "builtIn": False,
                "authenticationExecutions": [
                    {"authenticator": "x", "requirement": "REQUIRED", "priority": 10}
                ],
            }
            for n in range(20)
        ],
        "authenticatorConfig": [
            {"id": uid(16, 1), "alias": "review", "config": {"update": "missing"}}
        ],
        "requiredActions": [
            {
                "alias": "CONFIGURE_TOTP",
                "name": "Configure OTP",
                "providerId": "CONFIGURE_TOTP",
                "enabled": True,
                "defaultAction": False,
                "priority": 10,
                "config": {},
            }
        ],
        "browserFlow": "our browser",
        "registrationFlow": "registration",
        "directGrantFlow": "direct grant",
        "resetCredentialsFlow": "reset credentials",
        "clientAuthenticationFlow": "clients",
        "applications": [{"name": "old"}],
        "oauthClients": [{"name": "old"}],
        "x-team": "identity",
        "loginTheme": "shop",
        "keycloakVersion": "4.8.3.Final",
        "clientProfiles": {"profiles": []},
        "clientPolicies": {"policies": []},
    }
