"""What lies in a component: here a mapper of an LDAP provider."""

from conformance.components import edit_component, look_at_component
from conformance.overlays import Json
from conformance.sample import Hand, Sample
from conformance.samples.component import LDAP
from conformance.samples.component import TYPE as FEDERATION

TYPE = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper"


def _declare(name: str, fields: Json) -> Json:
    mapper = {"name": name, **fields}
    holder = {"name": "holder", "providerId": "ldap", "config": LDAP}
    return {"components": {FEDERATION: [{**holder, "subComponents": {TYPE: [mapper]}}]}}


def _where(hand: Hand, name: str) -> str | None:
    holder = hand.find(hand.path("components"), name="holder", providerType=FEDERATION)
    if holder is None:
        return None
    found = hand.find(hand.path("components"), name=name, parentId=holder["id"])
    return hand.path("components", found["id"]) if found else None


SAMPLE = Sample(
    type="component-mapper",
    address="components/UserStorageProvider/holder/mappers/NAME",
    declare=_declare,
    where=_where,
    around={"components": {FEDERATION: [{"name": "holder", "providerId": "ldap", "config": LDAP}]}},
    minimal={
        "providerId": "user-attribute-ldap-mapper",
        "config": {"user.model.attribute": ["phone"], "ldap.attribute": ["telephoneNumber"]},
    },
    full={
        "providerId": "user-attribute-ldap-mapper",
        "config": {
            "user.model.attribute": ["phone"],
            "ldap.attribute": ["telephoneNumber"],
            "read.only": ["true"],
            "always.read.value.from.ldap": ["false"],
        },
    },
    changed={
        "config": {
            "ldap.attribute": ["mobile"],
            "read.only": ["false"],
            "always.read.value.from.ldap": ["true"],
        }
    },
    look=look_at_component,
    edit=edit_component,
    secret={"config": {"ldap.attribute": ["SECRET"]}},
    cannot={
        "reference": "It names nothing but the component that it lies in.",
        "change providerId": "Another provider is another mapper.",
    },
)
