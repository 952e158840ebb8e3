"""An edited export of `master`: what would lock kcplan, or people, out of Keycloak is refused.

Only plans are made, since all tests share this realm; and of the export only what a case edits is
in its file, so that a plan takes no time. The whole export is adopted in `test_offline_exports.py`.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from inline_snapshot import snapshot

from support.harness import Server
from support.world import Json, World

_EXPORT: Final = Path(__file__).parents[1] / "realms" / "exports" / "master.json"
Edit = Callable[[Json], None]


def named(items: list[Json], key: str, name: str) -> Json:
    return next(item for item in items if item[key] == name)


def realm(**values: Any) -> Edit:
    return lambda document: document.update(edited=values)


def client(name: str, **values: Any) -> Edit:
    def edit(document: Json) -> None:
        document["edited"] = {
            "clients": [{**named(document["clients"], "clientId", name), **values}]
        }

    return edit


def administrator(**values: Any) -> Edit:
    def edit(document: Json) -> None:
        document["edited"] = {"users": [{**document["users"][0], **values}]}

    return edit


def step(flow: str, authenticator: str, requirement: str) -> Edit:
    """Another requirement of a step, or of a flow in a flow; all flows come along."""

    def edit(document: Json) -> None:
        steps = named(document["authenticationFlows"], "alias", flow)["authenticationExecutions"]
        found = [
            item
            for item in steps
            if authenticator in (item.get("authenticator"), item.get("flowAlias"))
        ]
        found[0]["requirement"] = requirement
        document["edited"] = flows(document)

    return edit


def all_of(*edits: Edit) -> Edit:
    return lambda document: [edit(document) for edit in edits] and None


def own_grant(flow: str) -> Edit:
    """The client has a flow of its own for passwords; after an edit of flows."""

    def edit(document: Json) -> None:
        own = named(document["clients"], "clientId", "admin-cli")
        overrides = {"authenticationFlowBindingOverrides": {"direct_grant": flow}}
        document["edited"]["clients"] = [{**own, **overrides}]

    return edit


def flows(document: Json) -> Json:
    return {key: document[key] for key in ("authenticationFlows", "authenticatorConfig")}


def bound(**bindings: str) -> Edit:
    return lambda document: document.update(edited={**flows(document), **bindings})


def role(**composites: Any) -> Edit:
    """Fewer parts of the role that the administrator has; he is in the file as well."""

    def edit(document: Json) -> None:
        found = named(document["roles"]["realm"], "name", "admin")
        own = {"client": {"master-realm": found["composites"]["client"]["master-realm"]}}
        parts = {"realm": found["composites"]["realm"], **own, **composites}
        document["edited"] = {
            "roles": {"realm": [{**found, "composites": parts}]},
            "users": document["users"],
        }

    return edit


NO_PROVIDERS: Final = step("browser", "identity-provider-redirector", "DISABLED")
EDITS: Final[dict[str, Edit]] = {
    "realm off": realm(enabled=False),
    "tokens not valid": realm(notBefore=2_000_000_000),
    "https only": realm(sslRequired="all"),
    "own client off": client("admin-cli", enabled=False),
    "own client without passwords": client("admin-cli", directAccessGrantsEnabled=False),
    "own client confidential": client("admin-cli", publicClient=False),
    "own client without roles": client("admin-cli", fullScopeAllowed=False),
    "own client only bearer": client("admin-cli", bearerOnly=True),
    "console off": client("security-admin-console", enabled=False),
    "console without log-in": client("security-admin-console", standardFlowEnabled=False),
    "account off": administrator(enabled=False),
    "account without its role": administrator(realmRoles=["default-roles-master"]),
    "account with something to do": administrator(requiredActions=["CONFIGURE_TOTP"]),
    "role without realms": role(realm=[]),
    "role without users": role(client={"master-realm": ["manage-realm", "manage-clients"]}),
    "no username": step("direct grant", "direct-grant-validate-username", "DISABLED"),
    "no username, where the client has another flow": all_of(
        step("direct grant", "direct-grant-validate-username", "DISABLED"), own_grant("browser")
    ),
    "no form": all_of(NO_PROVIDERS, step("browser", "forms", "DISABLED")),
    "no form within": all_of(
        NO_PROVIDERS, step("forms", "auth-username-password-form", "DISABLED")
    ),
    # Neither is certain: Kerberos alone logs in, and somebody may have made a provider by hand.
    "only Kerberos": all_of(
        NO_PROVIDERS,
        step("browser", "auth-spnego", "ALTERNATIVE"),
        step("browser", "forms", "DISABLED"),
    ),
    "only providers": step("browser", "forms", "DISABLED"),
    "no secrets of clients": step("clients", "client-secret", "DISABLED"),
    "another flow for passwords": bound(directGrantFlow="docker auth"),
    "another flow for the console": bound(browserFlow="direct grant"),
    "another flow for clients": bound(clientAuthenticationFlow="docker auth"),
}


@pytest.fixture
def master(world: World, keycloak: Server) -> Callable[[Edit], list[str]]:
    """The errors of a plan of the export after an edit: where in the file, and what."""

    def planned(edit: Edit) -> list[str]:
        document = json.loads(_EXPORT.read_text(encoding="utf-8"))
        document["users"][0]["username"] = keycloak.username
        edit(document)
        text = json.dumps({"realm": "master", **document["edited"]}, indent=1)
        world.file.write_text(text, encoding="utf-8")
        result = world.kcplan("plan", world.file, "--format", "json", exit_code=None)
        found = json.loads(result.stdout)["diagnostics"]
        lines = text.splitlines()
        return [
            f"{item['code']}: {item['summary'].removeprefix('the plan would lock ')}"
            f" <{lines[item['source']['line'] - 1].strip()}>"
            for item in found
            if item["severity"] == "error"
        ]

    return planned


def test_what_would_lock_out_of_master_is_refused_where_it_stands(
    master: Callable[[Edit], list[str]], world: World, keycloak: Server
) -> None:
    found = {case: master(edit) for case, edit in EDITS.items()}
    told = json.dumps(found).replace(keycloak.username, "admin")
    assert json.loads(told.replace(keycloak.url, "URL")) == snapshot(
        {
            "realm off": [
                'would-lock-out: kcplan out: master would be disabled <"enabled": false>'
            ],
            "tokens not valid": [
                'would-lock-out: kcplan out: notBefore of master would be 2000000000, and no token is valid until then <"notBefore": 2000000000>'
            ],
            "https only": [
                'would-lock-out: kcplan out: sslRequired of master would be "all", and kcplan reaches Keycloak over plain http (URL) <"sslRequired": "all">'
            ],
            "own client off": [
                'would-lock-out: kcplan out: master/clients/admin-cli would be disabled <"enabled": false,>'
            ],
            "own client without passwords": [
                'would-lock-out: kcplan out: directAccessGrantsEnabled of master/clients/admin-cli would be false <"directAccessGrantsEnabled": false,>'
            ],
            "own client confidential": [
                'would-lock-out: kcplan out: publicClient of master/clients/admin-cli would be false, and kcplan logs in without a secret of the client <"publicClient": false,>'
            ],
            "own client without roles": [
                'would-lock-out: kcplan out: fullScopeAllowed of master/clients/admin-cli would be false, and its tokens would not have its roles any more <"fullScopeAllowed": false,>'
            ],
            "own client only bearer": [
                'would-lock-out: kcplan out: bearerOnly of master/clients/admin-cli would be true <"bearerOnly": true,>'
            ],
            "console off": [
                'would-lock-out: people out of the console: master/clients/security-admin-console would be disabled <"enabled": false,>'
            ],
            "console without log-in": [
                'would-lock-out: people out of the console: standardFlowEnabled of master/clients/security-admin-console would be false <"standardFlowEnabled": false,>'
            ],
            "account off": [
                'would-lock-out: kcplan out: master/users/admin would be disabled <"enabled": false,>'
            ],
            "account without its role": [
                'would-lock-out: kcplan out: master/users/admin would lose roles (admin) <"realmRoles": [>'
            ],
            "account with something to do": [
                'would-lock-out: kcplan out: master/users/admin would have to do CONFIGURE_TOTP first <"requiredActions": [>'
            ],
            "role without realms": [
                'would-lock-out: kcplan out: its own role master/roles/admin would no longer grant create-realm <"realm": [],>'
            ],
            "role without users": [
                'would-lock-out: kcplan out: its own role master/roles/admin would no longer grant create-client, impersonation, manage-authorization, manage-events, manage-identity-providers, manage-organizations, manage-users, query-clients, query-groups, query-organizations, query-realms, query-users, view-authorization, view-clients, view-events, view-identity-providers, view-organizations, view-realm, view-users <"master-realm": [>'
            ],
            "no username": [
                'would-lock-out: kcplan out: master/flows/direct grant is bound as directGrantFlow, and no user could log in by name and password <"requirement": "DISABLED",>'
            ],
            "no username, where the client has another flow": [],
            "no form": [
                'would-lock-out: people out of the console: master/flows/browser is bound as browserFlow, and nobody could log in to the console <"requirement": "DISABLED",>'
            ],
            "no form within": [
                'would-lock-out: people out of the console: master/flows/browser is bound as browserFlow, and nobody could log in to the console <"requirement": "DISABLED",>'
            ],
            "only Kerberos": [],
            "only providers": [],
            "no secrets of clients": [
                'would-lock-out: kcplan out: master/flows/clients is bound as clientAuthenticationFlow, and no client could log in with a secret <"requirement": "DISABLED",>'
            ],
            "another flow for passwords": [
                'would-lock-out: kcplan out: directGrantFlow of master would be "docker auth", and no user could log in by name and password <"directGrantFlow": "docker auth">'
            ],
            "another flow for the console": [
                'would-lock-out: people out of the console: browserFlow of master would be "direct grant", and nobody could log in to the console <"browserFlow": "direct grant">'
            ],
            "another flow for clients": [
                'would-lock-out: kcplan out: clientAuthenticationFlow of master would be "docker auth", and no client could log in with a secret <"clientAuthenticationFlow": "docker auth">'
            ],
        }
    )
    assert not world.state_file.exists()
