"""Policies for the registration of clients: components with a subtype."""

from conformance.components import edit_component, look_at_component
from conformance.sample import Hand, Sample

TYPE = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy"


def _where(hand: Hand, name: str) -> str | None:
    found = hand.find(hand.path("components"), name=name, subType="anonymous")
    return hand.path("components", found["id"]) if found else None


SAMPLE = Sample(
    type="registration-policy",
    address="components/ClientRegistrationPolicy/anonymous/NAME",
    declare=lambda name, fields: {
        "components": {TYPE: [{"name": name, "subType": "anonymous", **fields}]}
    },
    where=_where,
    minimal={
        "providerId": "trusted-hosts",
        "config": {
            "host-sending-registration-request-must-match": ["true"],
            "client-uris-must-match": ["true"],
        },
    },
    full={
        "providerId": "trusted-hosts",
        "config": {
            "trusted-hosts": ["one.example", "two.example"],
            "host-sending-registration-request-must-match": ["true"],
            "client-uris-must-match": ["true"],
        },
    },
    changed={
        "config": {
            "trusted-hosts": ["two.example", "three.example"],
            "host-sending-registration-request-must-match": ["false"],
        }
    },
    look=look_at_component,
    edit=edit_component,
    secret={"config": {"trusted-hosts": ["SECRET"]}},
    cannot={
        "reference": "It names nothing in the files.",
        "change providerId": "Another provider is another policy.",
    },
)
