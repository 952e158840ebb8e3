"""Identity providers and flows, as the provider makes them."""

from typing import Final

from support.terraform.making import Made
from support.terraform.state import Json, camel, given, texts

_PROVIDER: Final = {
    "alias",
    "display_name",
    "enabled",
    "store_token",
    "add_read_token_role_on_create",
    "link_only",
    "trust_email",
    "first_broker_login_flow_alias",
    "post_broker_login_flow_alias",
    "authenticate_by_default",
    "provider_id",
}
_CONFIG: Final = {
    "user_info_url": "userInfoUrl",
    "default_scopes": "defaultScope",
    "org_domain": "kc.org.domain",
    "org_redirect_mode_email_matches": "kc.org.broker.redirect.mode.email-matches",
    "single_sign_on_service_url": "singleSignOnServiceUrl",
    "name_id_policy_format": "nameIDPolicyFormat",
    "post_binding_authn_request": "postBindingAuthnRequest",
}
_FORMAT: Final = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
_NOT_CONFIG: Final = {"id", "internal_id", "realm", "organization_id", "hide_on_login_page"}


def _identity_provider(made: Made, a: Json) -> None:
    body = given(a, *_PROVIDER, hide_on_login_page="hideOnLogin")
    left = a.keys() - _PROVIDER - _NOT_CONFIG - {"extra_config"}
    config = given(a, *left, **{k: v for k, v in _CONFIG.items() if k in left})
    if a["provider_id"] == "oidc":
        config["useJwksUrl"] = True
    if "nameIDPolicyFormat" in config:
        config["nameIDPolicyFormat"] = f"{_FORMAT}{config['nameIDPolicyFormat'].lower()}"
    config = texts({**config, **a["extra_config"]})
    made.create({**body, "config": config}, "identity-provider", "instances")
    if a.get("organization_id"):
        organization = made.live(a, "organization_id")
        at = made.at("organizations", organization, "identity-providers")
        made.world.admin.post(at, json=a["alias"])


def _flow(made: Made, a: Json) -> str:
    body = given(a, "alias", "description", "provider_id")
    return made.create({**body, "topLevel": True, "builtIn": False}, "authentication", "flows")


def _execution(made: Made, a: Json) -> str:
    at = ("authentication", "flows", a["parent_flow_alias"], "executions")
    made_id = made.create({"provider": a["authenticator"]}, *at, "execution")
    _require(made, a, made_id)
    return made_id


def _subflow(made: Made, a: Json) -> str:
    at = ("authentication", "flows", a["parent_flow_alias"], "executions")
    body = {"alias": a["alias"], "type": a["provider_id"], "provider": "", "description": ""}
    flow = made.create(body, *at, "flow")
    there = made.world.admin.json(made.at(*at))
    _require(made, a, next(item["id"] for item in there if item.get("flowId") == flow))
    return flow


def _require(made: Made, a: Json, execution: str) -> None:
    at = ("authentication", "flows", a["parent_flow_alias"], "executions")
    there = made.world.admin.json(made.at(*at))
    (found,) = (item for item in there if item["id"] == execution)
    made.put({**found, **given(a, "requirement", "priority")}, *at)


def _execution_config(made: Made, a: Json) -> str:
    at = ("authentication", "executions", made.live(a, "execution_id"), "config")
    return made.create(given(a, "alias", "config"), *at)


def _bindings(made: Made, a: Json) -> None:
    flows = {camel(k): v for k, v in a.items() if k.endswith("_flow")}
    made.put({"realm": made.world.realm, **flows})


MAKERS: Final = {
    "oidc_identity_provider": _identity_provider,
    "saml_identity_provider": _identity_provider,
    "authentication_flow": _flow,
    "authentication_execution": _execution,
    "authentication_subflow": _subflow,
    "authentication_execution_config": _execution_config,
    "authentication_bindings": _bindings,
}
