"""Keys, registration policies and user federations, as the provider makes them."""

from collections.abc import Callable
from typing import Final

from support.terraform.making import Made
from support.terraform.state import Json, block, camel, given, seconds, texts

_STORAGE: Final = "org.keycloak.storage"


def _component(made: Made, a: Json, kind: str, provider: str, config: Json, parent: str) -> str:
    body = {
        "name": a["name"],
        "providerId": provider,
        "providerType": kind,
        "parentId": parent,
        **given(a, sub_type="subType"),
        "config": {k: v if isinstance(v, list) else [v] for k, v in texts_of(config).items()},
    }
    return made.create(body, "components")


def texts_of(config: Json) -> Json:
    """As `texts`, and lists as they are."""
    lists = {k: v for k, v in config.items() if isinstance(v, list)}
    return {**texts({k: v for k, v in config.items() if k not in lists}), **lists}


def _keystore(made: Made, a: Json) -> str:
    config = given(a, "enabled", "active", "priority", "algorithm", "secret_size")
    kind = "org.keycloak.keys.KeyProvider"
    return _component(made, a, kind, "hmac-generated", config, made.world.realm)


def _registration(made: Made, a: Json) -> str:
    kind = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy"
    return _component(made, a, kind, a["provider_id"], a["config"], made.world.realm)


def _federation(made: Made, a: Json) -> str:
    left_out = {"id", "realm_id", "name", "cache", "kerberos", "delete_default_mappers"}
    config = {k: v for k, v in a.items() if k not in left_out and v not in ("", None)}
    config["user_object_classes"] = ", ".join(a["user_object_classes"])
    config["vendor"] = a["vendor"].lower()
    config["use_truststore_spi"] = a["use_truststore_spi"].lower()
    config["auth_type"] = "simple"
    config["search_scope"] = {"ONE_LEVEL": 1, "SUBTREE": 2}[a["search_scope"]]
    for name in ("connection_timeout", "read_timeout"):
        config[name] = seconds(a[name]) * 1000
    named = {_FEDERATION.get(k, camel(k)): v for k, v in config.items()}
    named["cachePolicy"] = block(a, "cache")["policy"]
    kind = f"{_STORAGE}.UserStorageProvider"
    return _component(made, a, kind, "ldap", named, made.world.realm)


_FEDERATION: Final = {
    "username_ldap_attribute": "usernameLDAPAttribute",
    "rdn_ldap_attribute": "rdnLDAPAttribute",
    "uuid_ldap_attribute": "uuidLDAPAttribute",
}


def _federation_mapper(provider: str, **keys: str) -> Callable[[Made, Json], str]:
    def make(made: Made, a: Json) -> str:
        kind = f"{_STORAGE}.ldap.mappers.LDAPStorageMapper"
        parent = made.live(a, "ldap_user_federation_id")
        return _component(made, a, kind, provider, given(a, **keys), parent)

    return make


MAKERS: Final = {
    "realm_keystore_hmac_generated": _keystore,
    "realm_client_registration_policy": _registration,
    "ldap_user_federation": _federation,
    "ldap_user_attribute_mapper": _federation_mapper(
        "user-attribute-ldap-mapper",
        ldap_attribute="ldap.attribute",
        user_model_attribute="user.model.attribute",
        read_only="read.only",
        always_read_value_from_ldap="always.read.value.from.ldap",
        is_mandatory_in_ldap="is.mandatory.in.ldap",
        is_binary_attribute="is.binary.attribute",
    ),
    "ldap_hardcoded_role_mapper": _federation_mapper("hardcoded-ldap-role-mapper", role="role"),
}
