"""Components: here an LDAP provider, which has a secret, and is switched off."""

from conformance.components import edit_component, look_at_component
from conformance.overlays import Json
from conformance.sample import Hand, Sample

TYPE = "org.keycloak.storage.UserStorageProvider"

LDAP: Json = {
    "enabled": ["false"],
    "vendor": ["other"],
    "editMode": ["READ_ONLY"],
    "connectionUrl": ["ldap://ldap.example"],
    "usersDn": ["ou=people,dc=example,dc=org"],
    "usernameLDAPAttribute": ["uid"],
    "rdnLDAPAttribute": ["uid"],
    "uuidLDAPAttribute": ["entryUUID"],
    "userObjectClasses": ["inetOrgPerson"],
    "authType": ["none"],
}
"""What no LDAP provider can do without; it is never asked."""


def _where(hand: Hand, name: str) -> str | None:
    found = hand.find(hand.path("components"), name=name, providerType=TYPE)
    return hand.path("components", found["id"]) if found else None


SAMPLE = Sample(
    type="component",
    address="components/UserStorageProvider/NAME",
    declare=lambda name, fields: {"components": {TYPE: [{"name": name, **fields}]}},
    where=_where,
    minimal={"providerId": "ldap", "config": LDAP},
    full={
        "providerId": "ldap",
        "config": {
            **LDAP,
            "bindDn": ["cn=manager"],
            "customUserSearchFilter": ["(mail=*)"],
            "pagination": ["true"],
        },
    },
    changed={
        "config": {
            "connectionUrl": ["ldaps://ldap.example"],
            "bindDn": ["cn=reader"],
            "customUserSearchFilter": None,
            "pagination": ["false"],
            "batchSizeForSync": ["77"],
        }
    },
    look=look_at_component,
    edit=edit_component,
    secret={"config": {"bindCredential": ["SECRET"]}},
    cannot={
        "reference": "It names nothing in the files.",
        "change providerId": "Another provider is another component.",
    },
)
