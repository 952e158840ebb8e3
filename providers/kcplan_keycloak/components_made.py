"""The components that Keycloak makes by itself, with a new realm and with a new LDAP provider."""

from collections.abc import Iterable, Mapping
from typing import Final

from kcplan.address import Address
from kcplan.schema import Leaves
from kcplan_keycloak.component_sections import last_word

_KEYS: Final = "org.keycloak.keys.KeyProvider"
_POLICIES: Final = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy"
_FEDERATION: Final = "UserStorageProvider"


def comes_with_realm(address: Address, _: Leaves | None) -> bool:
    """Whether Keycloak makes the component with a new realm."""
    return made(address) is not None


def made(address: Address) -> Leaves | None:
    """What Keycloak gives to a component of a new realm; None where it makes none."""
    return _MADE.get(address.segments[2:])


def comes_with_ldap(address: Address, parent: Leaves | None) -> bool:
    """Whether Keycloak makes the mapper with a new LDAP provider with these fields."""
    if address.segments[2] != _FEDERATION:
        return False
    if parent is None:
        return address.name in _LDAP_MAPPERS
    is_ldap = parent.get(("providerId",)) == "ldap"
    return is_ldap and address.name in _ldap_mappers(parent)


def _component(provider_type: str, provider: str, config: Mapping[str, Iterable[str]]) -> Leaves:
    return {
        ("providerType",): provider_type,
        ("providerId",): provider,
        **{("config", name): sorted(values) for name, values in config.items()},
    }


_POLICY_NAMES: Final[Mapping[str, tuple[str, Mapping[str, Iterable[str]]]]] = {
    "Allowed Client Scopes": ("allowed-client-templates", {"allow-default-scopes": ["true"]}),
    "Allowed Protocol Mapper Types": (
        "allowed-protocol-mappers",
        {
            "allowed-protocol-mapper-types": """
                oidc-address-mapper oidc-full-name-mapper oidc-sha256-pairwise-sub-mapper
                oidc-usermodel-attribute-mapper oidc-usermodel-property-mapper
                saml-role-list-mapper saml-user-attribute-mapper saml-user-property-mapper
            """.split()
        },
    ),
    "Allowed Registration Web Origins": ("registration-web-origins", {}),
    "Consent Required": ("consent-required", {}),
    "Full Scope Disabled": ("scope", {}),
    "Max Clients Limit": ("max-clients", {"max-clients": ["200"]}),
    "Trusted Hosts": (
        "trusted-hosts",
        {
            "host-sending-registration-request-must-match": ["true"],
            "client-uris-must-match": ["true"],
        },
    ),
}

_FOR_AUTHENTICATED: Final = (
    "Allowed Client Scopes",
    "Allowed Protocol Mapper Types",
    "Allowed Registration Web Origins",
)
"""Of the policies, those that there are once more for who has a token; the others are for who has
none."""

_KEY_NAMES: Final[Mapping[str, tuple[str, Mapping[str, Iterable[str]]]]] = {
    "aes-generated": ("aes-generated", {"priority": ["100"]}),
    "hmac-generated-hs512": ("hmac-generated", {"priority": ["100"], "algorithm": ["HS512"]}),
    "rsa-enc-generated": ("rsa-enc-generated", {"priority": ["100"], "algorithm": ["RSA-OAEP"]}),
    "rsa-generated": ("rsa-generated", {"priority": ["100"]}),
}

_MADE: Final[Mapping[tuple[str, ...], Leaves]] = {
    **{(last_word(_KEYS), name): _component(_KEYS, *what) for name, what in _KEY_NAMES.items()},
    **{
        (last_word(_POLICIES), subtype, name): _component(_POLICIES, *_POLICY_NAMES[name])
        for subtype, names in (("anonymous", _POLICY_NAMES), ("authenticated", _FOR_AUTHENTICATED))
        for name in names
    },
}
"""The components of a new realm, by the names in their addresses."""

_LDAP_MAPPERS: Final = frozenset(
    {
        "MSAD account controls",
        "Kerberos principal attribute mapper",
        "creation date",
        "email",
        "first name",
        "full name",
        "last name",
        "modify date",
        "username",
        "username-cn",
    }
)


def _ldap_mappers(provider: Leaves) -> Iterable[str]:
    """The names of the mappers that Keycloak gives to a new LDAP provider."""

    def setting(name: str) -> str:
        value = provider.get(("config", name))
        return str(value[0]).lower() if isinstance(value, list) and value else ""

    yield from ("username", "last name", "email", "creation date", "modify date")
    named_by_cn = setting("rdnLDAPAttribute") == "cn"
    by_full_name = named_by_cn and setting("usernameLDAPAttribute") != "cn"
    writable = setting("editMode") == "writable"
    yield "full name" if by_full_name and not writable else "first name"
    if by_full_name and writable:
        yield "username-cn"
    if setting("vendor") == "ad":
        yield "MSAD account controls"
