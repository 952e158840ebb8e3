"""Clients, their scopes and their permissions, as the provider makes them."""

from typing import Final

from support.terraform.making import Made
from support.terraform.state import Json, block, given, split, texts


def _oidc_client(made: Made, a: Json) -> str:
    attributes = given(a, **_OIDC_ATTRIBUTES)
    attributes["post.logout.redirect.uris"] = "##".join(a["valid_post_logout_redirect_uris"])
    body = {
        **given(a, *_CLIENT, valid_redirect_uris="redirectUris", client_secret="secret"),
        "protocol": "openid-connect",
        "publicClient": a["access_type"] == "PUBLIC",
        "bearerOnly": a["access_type"] == "BEARER-ONLY",
        "frontchannelLogout": a["frontchannel_logout_enabled"],
        "authorizationServicesEnabled": bool(a["authorization"]),
        "attributes": texts({**attributes, **a["extra_config"]}),
    }
    made_id = made.create(body, "clients")
    if a["service_accounts_enabled"]:
        user = made.world.admin.json(made.at("clients", made_id, "service-account-user"))
        made.ids[a["service_account_user_id"]] = user["id"]
    if settings := block(a, "authorization"):
        server = ("clients", made_id, "authz", "resource-server")
        current = made.world.admin.json(made.at(*server))
        names = ("policy_enforcement_mode", "decision_strategy", "allow_remote_resource_management")
        made.put({**current, **given(settings, *names)}, *server)
    return made_id


_CLIENT: Final = (
    "client_id",
    "name",
    "description",
    "enabled",
    "client_authenticator_type",
    "standard_flow_enabled",
    "implicit_flow_enabled",
    "direct_access_grants_enabled",
    "service_accounts_enabled",
    "web_origins",
    "root_url",
    "admin_url",
    "base_url",
    "full_scope_allowed",
    "consent_required",
    "always_display_in_console",
)
_OIDC_ATTRIBUTES: Final = {
    "pkce_code_challenge_method": "pkce.code.challenge.method",
    "access_token_lifespan": "access.token.lifespan",
    "login_theme": "login_theme",
    "backchannel_logout_url": "backchannel.logout.url",
    "backchannel_logout_session_required": "backchannel.logout.session.required",
    "use_refresh_tokens": "use.refresh.tokens",
    "standard_token_exchange_enabled": "standard.token.exchange.enabled",
}


def _saml_client(made: Made, a: Json) -> str:
    attributes = given(a, **_SAML_ATTRIBUTES)
    attributes["saml.server.signature.keyinfo.xmlSigKeyInfoKeyNameTransformer"] = a[
        "signature_key_name"
    ]
    attributes["saml_signature_canonicalization_method"] = _EXCLUSIVE
    body = {
        **given(
            a,
            *_CLIENT,
            valid_redirect_uris="redirectUris",
            front_channel_logout="frontchannelLogout",
        ),
        **given(a, master_saml_processing_url="adminUrl"),
        "protocol": "saml",
        "attributes": texts({**attributes, **a["extra_config"]}),
    }
    return made.create(body, "clients")


_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_SAML_ATTRIBUTES: Final = {
    "include_authn_statement": "saml.authnstatement",
    "sign_documents": "saml.server.signature",
    "sign_assertions": "saml.assertion.signature",
    "encrypt_assertions": "saml.encrypt",
    "client_signature_required": "saml.client.signature",
    "force_post_binding": "saml.force.post.binding",
    "force_name_id_format": "saml_force_name_id_format",
    "name_id_format": "saml_name_id_format",
    "signature_algorithm": "saml.signature.algorithm",
    "signing_private_key": "saml.signing.private.key",
    "idp_initiated_sso_url_name": "saml_idp_initiated_sso_url_name",
}


def _scope(made: Made, a: Json, protocol: str) -> str:
    attributes = given(
        a,
        consent_screen_text="consent.screen.text",
        include_in_token_scope="include.in.token.scope",
        gui_order="gui.order",
    )
    attributes["display.on.consent.screen"] = bool(a["consent_screen_text"])
    body = {
        **given(a, "name", "description"),
        "protocol": protocol,
        "attributes": texts(attributes),
    }
    return made.create(body, "client-scopes")


def _scopes_of_a_client(made: Made, a: Json, kind: str) -> None:
    at = ("clients", made.live(a, "client_id"), f"{kind}-client-scopes")
    scopes = {s["name"]: s["id"] for s in made.world.admin.json(made.at("client-scopes"))}
    there = {s["name"] for s in made.world.admin.json(made.at(*at))}
    for name in there - {*a[f"{kind}_scopes"]}:
        made.world.admin.delete(made.at(*at, scopes[name]))
    for name in {*a[f"{kind}_scopes"]} - there:
        made.put(None, *at, scopes[name])


def _account_realm_role(made: Made, a: Json) -> None:
    at = made.at("users", made.live(a, "service_account_user_id"), "role-mappings", "realm")
    made.world.admin.post(at, json=[made.world.role(a["role"])])


def _account_role(made: Made, a: Json) -> None:
    client = made.live(a, "client_id")
    role = made.world.admin.json(made.at("clients", client, "roles", a["role"]))
    user = made.live(a, "service_account_user_id")
    made.world.admin.post(made.at("users", user, "role-mappings", "clients", client), json=[role])


def _authorization(made: Made, a: Json, body: Json, *at: str) -> str:
    server = ("clients", made.live(a, "resource_server_id"), "authz", "resource-server")
    answer = made.world.admin.post(made.at(*server, *at), json=body).json()
    return str(answer.get("id") or answer["_id"])


def _authorization_scope(made: Made, a: Json) -> str:
    return _authorization(made, a, given(a, "name", "display_name"), "scope")


def _authorization_resource(made: Made, a: Json) -> str:
    body = given(a, "name", "display_name", "uris", "type", "owner_managed_access")
    body |= {"scopes": [{"name": name} for name in a["scopes"]]}
    return _authorization(made, a, {**body, "attributes": split(a["attributes"])}, "resource")


def _role_policy(made: Made, a: Json) -> str:
    roles = [{"id": made.ids[role["id"]], "required": role["required"]} for role in a["role"]]
    body = given(a, "name", "decision_strategy", "logic", "type", "fetch_roles")
    return _authorization(made, a, {**body, "roles": roles}, "policy", "role")


def _permission(made: Made, a: Json) -> str:
    named = {k: [made.ids[x] for x in a[k]] for k in ("policies", "resources", "scopes")}
    body = {**given(a, "name", "decision_strategy", "type"), **named}
    return _authorization(made, a, body, "permission", a["type"])


MAKERS: Final = {
    "openid_client": _oidc_client,
    "saml_client": _saml_client,
    "openid_client_scope": lambda made, a: _scope(made, a, "openid-connect"),
    "saml_client_scope": lambda made, a: _scope(made, a, "saml"),
    "openid_client_default_scopes": lambda made, a: _scopes_of_a_client(made, a, "default"),
    "openid_client_optional_scopes": lambda made, a: _scopes_of_a_client(made, a, "optional"),
    "openid_client_service_account_realm_role": _account_realm_role,
    "openid_client_service_account_role": _account_role,
    "openid_client_authorization_scope": _authorization_scope,
    "openid_client_authorization_resource": _authorization_resource,
    "openid_client_role_policy": _role_policy,
    "openid_client_authorization_permission": _permission,
}
