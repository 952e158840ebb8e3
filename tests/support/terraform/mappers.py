"""Mappers of clients, client scopes and identity providers, as the provider makes them."""

from collections.abc import Callable
from typing import Final

from support.terraform.making import Made
from support.terraform.state import Json, given, texts

Maker = Callable[[Made, Json], str | None]


def _protocol_mapper(kind: str, keys: dict[str, str]) -> Maker:
    def make(made: Made, a: Json) -> None:
        body = {
            "name": a["name"],
            "protocol": "saml" if kind.startswith("saml") else "openid-connect",
            "protocolMapper": kind or a["protocol_mapper"],
            "config": texts(a.get("config") or given(a, **keys)),
        }
        made.create(body, *made.holder(a), "protocol-mappers", "models")

    return make


def _provider_mapper(kind: str) -> Maker:
    def make(made: Made, a: Json) -> None:
        config = given(a, role="role", claim_name="claim", user_attribute="user.attribute")
        body = {
            **given(a, "name", "identity_provider_alias"),
            "identityProviderMapper": kind or a["identity_provider_mapper"],
            "config": {**config, **a["extra_config"]},
        }
        at = ("identity-provider", "instances", a["identity_provider_alias"], "mappers")
        made.create(body, *at)

    return make


def _in_scope(made: Made, a: Json) -> None:
    made.grant([a["role_id"]], *made.holder(a), "scope-mappings")


_TOKENS: Final = {
    "add_to_id_token": "id.token.claim",
    "add_to_access_token": "access.token.claim",
    "add_to_userinfo": "userinfo.token.claim",
    "claim_name": "claim.name",
    "claim_value_type": "jsonType.label",
}
_PROTOCOL_MAPPERS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "openid_user_attribute_protocol_mapper": (
        "oidc-usermodel-attribute-mapper",
        {
            "user_attribute": "user.attribute",
            "multivalued": "multivalued",
            "aggregate_attributes": "aggregate.attrs",
            **_TOKENS,
        },
    ),
    "openid_audience_protocol_mapper": (
        "oidc-audience-mapper",
        {"included_client_audience": "included.client.audience", **_TOKENS},
    ),
    "openid_hardcoded_claim_protocol_mapper": (
        "oidc-hardcoded-claim-mapper",
        {"claim_value": "claim.value", **_TOKENS},
    ),
    "openid_group_membership_protocol_mapper": (
        "oidc-group-membership-mapper",
        {"full_path": "full.path", **_TOKENS},
    ),
    "saml_user_attribute_protocol_mapper": (
        "saml-user-attribute-mapper",
        {
            "user_attribute": "user.attribute",
            "friendly_name": "friendly.name",
            "saml_attribute_name": "attribute.name",
            "saml_attribute_name_format": "attribute.nameformat",
            "aggregate_attributes": "aggregate.attrs",
        },
    ),
    "generic_protocol_mapper": ("", {}),
}
MAKERS: Final[dict[str, Maker]] = {
    **{name: _protocol_mapper(*known) for name, known in _PROTOCOL_MAPPERS.items()},
    "attribute_importer_identity_provider_mapper": _provider_mapper(
        "oidc-user-attribute-idp-mapper"
    ),
    "hardcoded_role_identity_provider_mapper": _provider_mapper("oidc-hardcoded-role-idp-mapper"),
    "custom_identity_provider_mapper": _provider_mapper(""),
    "generic_role_mapper": _in_scope,
}
