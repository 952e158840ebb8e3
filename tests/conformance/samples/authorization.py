"""Authorization settings: they come and go with the authorization services of a client."""

from conformance.overlays import Json, overlaid
from conformance.sample import Hand, Sample


def _edit(hand: Hand, at: str, changes: Json) -> None:
    """Change settings, which are read and written in two places."""
    hand.admin.put(at.removesuffix("/settings"), json=overlaid(hand.get(at), changes))


SAMPLE = Sample(
    type="authorization",
    address="clients/NAME/authorization",
    declare=lambda name, fields: {
        "clients": [
            {
                "clientId": name,
                "serviceAccountsEnabled": True,
                "authorizationServicesEnabled": True,
                "authorizationSettings": fields,
            }
        ]
    },
    holder="clients/NAME",
    where=lambda hand, name: hand.client(name, "authz", "resource-server", "settings"),
    full={
        "policyEnforcementMode": "PERMISSIVE",
        "decisionStrategy": "AFFIRMATIVE",
        "allowRemoteResourceManagement": False,
    },
    changed={
        "policyEnforcementMode": "DISABLED",
        "decisionStrategy": "UNANIMOUS",
        "allowRemoteResourceManagement": True,
    },
    edit=_edit,
    cannot={"secret": "No field of it takes any text.", "reference": "It refers to nothing."},
)
