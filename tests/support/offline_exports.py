"""Exports as `kc.sh export` writes them, for `tests/behaviour/test_offline_exports.py`.

    make exports

A sandbox is started, realms are made in it, it is ended, and what `kc.sh export` says of them is
kept as it is in `tests/realms/exports/`: of a realm with users, a directory, groups, organizations,
flows and keys, of a new realm, and of `master`. All secrets in them are made here.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from kcplan_keycloak.sandbox import Options, Sandbox, alive, running
from support.harness import Admin, Server

FOLDER: Final = Path(__file__).parents[1] / "realms" / "exports"
REALMS: Final = ("atelier", "sketches", "master")
_RICH, _NEW, _ = REALMS

Json = dict[str, Any]

_USERS: Final[list[Json]] = [
    {
        "username": "anna",
        "email": "anna@acme.example",
        "firstName": "Anna",
        "lastName": "Abel",
        "enabled": True,
        "emailVerified": True,
        "attributes": {"floor": ["2"]},
        "credentials": [{"type": "password", "value": "anna-s-first-password"}],
        "requiredActions": ["CONFIGURE_TOTP"],
        "realmRoles": [f"default-roles-{_RICH}", "painter"],
        "clientRoles": {"shop": ["buyer"]},
        "groups": ["/staff/it", "/arts/crafts"],
        "federatedIdentities": [
            {"identityProvider": "company", "userId": "4711", "userName": "anna@company"}
        ],
    },
    {
        "username": "carla",
        "email": "carla@atelier.example",
        "firstName": "Carla",
        "lastName": "Cruz",
        "enabled": False,
        "notBefore": 7,
        "credentials": [
            {"type": "password", "value": "carla-s-first-password"},
            {
                "type": "otp",
                "userLabel": "phone",
                "secretData": '{"value":"abcdefghij"}',
                "credentialData": '{"subType":"totp","period":30,"digits":6,'
                '"algorithm":"HmacSHA1"}',
            },
        ],
        "realmRoles": [f"default-roles-{_RICH}"],
        "clientConsents": [{"clientId": "spa", "grantedClientScopes": ["profile", "email"]}],
        "groups": ["/staff"],
    },
]

_CLIENTS: Final[list[Json]] = [
    {
        "clientId": "shop",
        "secret": "the-secret-of-the-shop-0123",
        "serviceAccountsEnabled": True,
        "redirectUris": ["https://shop.example/*"],
        "attributes": {"pkce.code.challenge.method": "S256"},
        "protocolMappers": [
            {
                "name": "floor",
                "protocol": "openid-connect",
                "protocolMapper": "oidc-usermodel-attribute-mapper",
                "config": {"user.attribute": "floor", "claim.name": "floor"},
            }
        ],
    },
    {
        "clientId": "spa",
        "publicClient": True,
        "consentRequired": True,
        "fullScopeAllowed": False,
        "redirectUris": ["https://spa.example/*"],
    },
    {
        "clientId": "gallery",
        "secret": "the-secret-of-the-gallery-0123",
        "serviceAccountsEnabled": True,
        "authorizationServicesEnabled": True,
    },
]

_REALM: Final[Json] = {
    "realm": _RICH,
    "enabled": True,
    "displayName": "Atelier",
    "organizationsEnabled": True,
    "internationalizationEnabled": True,
    "supportedLocales": ["de", "en"],
    "defaultLocale": "de",
    "passwordPolicy": "length(8)",
    "smtpServer": {
        "host": "mail.example",
        "from": "desk@atelier.example",
        "auth": "true",
        "user": "mailer",
        "password": "the-password-of-the-mailer",
    },
    "roles": {
        "realm": [
            {"name": "painter", "description": "who paints", "attributes": {"floor": ["1", "2"]}},
            {"name": "carver", "composites": {"realm": ["painter"], "client": {"shop": ["buyer"]}}},
        ],
        "client": {"shop": [{"name": "buyer"}, {"name": "seller"}]},
    },
    "groups": [
        {
            "name": "staff",
            "description": "all who work here",
            "attributes": {"building": ["A"]},
            "realmRoles": ["painter"],
            "subGroups": [{"name": "it", "clientRoles": {"shop": ["seller"]}}],
        },
        {"name": "arts/crafts"},
    ],
    "clients": _CLIENTS,
    "scopeMappings": [{"client": "spa", "roles": ["painter"]}],
    "clientScopeMappings": {"shop": [{"client": "spa", "roles": ["buyer"]}]},
    "localizationTexts": {"de": {"studio": "Werkstatt"}},
}

# Of a client that is made by itself, Keycloak makes a key and more settings.
_SAML: Final[Json] = {
    "clientId": "https://saml.example/sp",
    "protocol": "saml",
    "redirectUris": ["https://saml.example/acs"],
    "attributes": {"saml.client.signature": "true"},
}

_COMPANY: Final[Json] = {
    "alias": "company",
    "providerId": "oidc",
    "enabled": True,
    "firstBrokerLoginFlowAlias": "first at the company",
    "config": {
        "clientId": "atelier",
        "clientSecret": "the-secret-at-the-company",
        "authorizationUrl": "https://login.company.example/auth",
        "tokenUrl": "https://login.company.example/token",
        "syncMode": "FORCE",
    },
}

_LDAP_MAPPER: Final = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper"
# It is off: nobody asks a directory that is not there.
_DIRECTORY: Final[Json] = {
    "name": "directory",
    "providerId": "ldap",
    "providerType": "org.keycloak.storage.UserStorageProvider",
    "config": {
        "vendor": ["other"],
        "enabled": ["false"],
        "connectionUrl": ["ldap://ldap.atelier.example"],
        "bindDn": ["cn=admin"],
        "bindCredential": ["the-password-of-the-directory"],
        "usersDn": ["ou=people,dc=atelier"],
        "usernameLDAPAttribute": ["uid"],
        "rdnLDAPAttribute": ["uid"],
        "uuidLDAPAttribute": ["entryUUID"],
        "userObjectClasses": ["inetOrgPerson"],
        "editMode": ["READ_ONLY"],
        "authType": ["simple"],
    },
}
_PHONE: Final[Json] = {
    "name": "phone",
    "providerId": "user-attribute-ldap-mapper",
    "providerType": _LDAP_MAPPER,
    "config": {"ldap.attribute": ["telephoneNumber"], "user.model.attribute": ["phone"]},
}
_KEY: Final[Json] = {
    "name": "signing",
    "providerId": "ecdsa-generated",
    "providerType": "org.keycloak.keys.KeyProvider",
    "config": {"priority": ["200"], "ecdsaEllipticCurveKey": ["P-256"]},
}


def make(admin: Admin) -> None:
    """Make the realms."""
    admin.post("", json={"realm": _NEW, "enabled": True})
    admin.post("", json=_REALM)
    admin.post(f"{_RICH}/clients", json=_SAML)
    _make_flows(admin)
    admin.post(f"{_RICH}/identity-provider/instances", json=_COMPANY)
    mapper = {
        "name": "crafts",
        "identityProviderAlias": "company",
        "identityProviderMapper": "oidc-hardcoded-group-idp-mapper",
        "config": {"group": "/arts/crafts", "syncMode": "INHERIT"},
    }
    admin.post(f"{_RICH}/identity-provider/instances/company/mappers", json=mapper)
    directory = admin.create(f"{_RICH}/components", _DIRECTORY)
    admin.post(f"{_RICH}/components", json={**_PHONE, "parentId": directory})
    admin.post(f"{_RICH}/components", json=_KEY)
    _make_profile(admin)
    brought = {"username": "dora", "enabled": True, "federationLink": directory}
    admin.post(f"{_RICH}/partialImport", json={"users": [*_USERS, brought]})
    _make_policies(admin)
    _make_organization(admin)


def _make_flows(admin: Admin) -> None:
    at = f"{_RICH}/authentication"
    admin.post(f"{at}/flows/browser/copy", json={"newName": "staff"})
    admin.post(f"{at}/flows/first broker login/copy", json={"newName": "first at the company"})
    for execution in admin.json(f"{at}/flows/staff/executions"):
        if execution.get("providerId") == "identity-provider-redirector":
            config = {"alias": "to the company", "config": {"defaultProvider": "company"}}
            admin.post(f"{at}/executions/{execution['id']}/config", json=config)
    admin.put(_RICH, json={**admin.json(_RICH), "browserFlow": "staff"})
    flow = next(item["id"] for item in admin.json(f"{at}/flows") if item["alias"] == "staff")
    path = f"{_RICH}/clients/{admin.client_id(_RICH, 'shop')}"
    overrides = {"authenticationFlowBindingOverrides": {"browser": flow}}
    admin.put(path, json={**admin.json(path), **overrides})


def _make_profile(admin: Admin) -> None:
    profile = admin.json(f"{_RICH}/users/profile")
    rights = {"view": ["admin", "user"], "edit": ["admin"]}
    profile["attributes"].append({"name": "floor", "permissions": rights})
    admin.put(f"{_RICH}/users/profile", json=profile)


def _make_policies(admin: Admin) -> None:
    at = f"{_RICH}/clients/{admin.client_id(_RICH, 'gallery')}/authz/resource-server"
    crafts = next(g["id"] for g in admin.json(f"{_RICH}/groups") if g["name"] == "arts/crafts")
    admin.put(f"{_RICH}/default-groups/{crafts}")
    anna = admin.json(f"{_RICH}/users", username="anna")[0]["id"]
    admin.post(f"{at}/scope", json={"name": "see"})
    admin.post(f"{at}/resource", json={"name": "picture", "scopes": [{"name": "see"}]})
    staff = next(g["id"] for g in admin.json(f"{_RICH}/groups") if g["name"] == "staff")
    admin.post(f"{at}/policy/group", json={"name": "staff", "groups": [{"id": staff}]})
    admin.post(f"{at}/policy/user", json={"name": "anna", "users": [anna]})
    permission = {"name": "see it", "resources": ["picture"], "policies": ["staff", "anna"]}
    admin.post(f"{at}/permission/scope", json={**permission, "scopes": ["see"]})


def _make_organization(admin: Admin) -> None:
    domains = [{"name": "acme.example", "verified": True}]
    acme = {"name": "Acme Inc.", "alias": "acme", "domains": domains}
    at = f"{_RICH}/organizations/{admin.create(f'{_RICH}/organizations', acme)}"
    admin.post(f"{at}/identity-providers", json="company")
    anna = admin.json(f"{_RICH}/users", username="anna")[0]["id"]
    admin.post(f"{at}/members", json=anna)


def _end(sandbox: Sandbox) -> None:
    """End the server, and leave its data: an export must have the database for itself."""
    assert sandbox.process is not None
    os.killpg(sandbox.process.pid, signal.SIGTERM)
    while alive(sandbox):
        time.sleep(0.2)


def _export(sandbox: Sandbox, realm: str) -> None:
    script, out = sandbox.folder / "server/bin/kc.sh", sandbox.folder / "out"
    options = ["--optimized", "--users", "realm_file", "--realm", realm, "--dir", out]
    subprocess.run([script, "export", *options], check=True, stdout=sys.stderr)
    shutil.copy(out / f"{realm}-realm.json", FOLDER / f"{realm}.json")


def main() -> None:
    """Make the realms, and write the files."""
    with running(Options(port=0, docker=False), print) as sandbox:
        server = Server(sandbox.url, sandbox.username, sandbox.password.value)
        with closing(Admin(server)) as admin:
            make(admin)
        _end(sandbox)
        FOLDER.mkdir(exist_ok=True)
        for realm in REALMS:
            _export(sandbox, realm)


if __name__ == "__main__":
    main()
