"""Permissions for token exchange in standard mode: they are in files and state only.

What Keycloak has of one are attributes and protocol mappers of the clients that it names.
"""

from conformance.overlays import Json
from conformance.sample import Hand, Sample

_MAPPER = "oidc-audience-mapper"
_CLIENTS = ("web", "app", "api", "store")
_ELSEWHERE = "What Keycloak has of it are fields of clients: there they are compared."


def _where(hand: Hand, name: str) -> str | None:
    """The requester, if it may exchange tokens."""
    at = hand.client(name)
    if at is None:
        return None
    attributes = hand.get(at)["attributes"]
    return at if attributes.get("standard.token.exchange.enabled") == "true" else None


def _look(hand: Hand, at: str) -> Json:
    """Whom the requester's tokens are for, and whose tokens are for the requester."""
    requester = hand.get(at)
    clients = hand.get(hand.path("clients"))
    own = requester["clientId"]
    subjects = [c["clientId"] for c in clients if own in _audiences(c) and c["clientId"] != own]
    return {"audiences": _audiences(requester), "subjects": subjects}


def _audiences(client: Json) -> list[str]:
    mappers = client.get("protocolMappers", ())
    configs = (item["config"] for item in mappers if item["protocolMapper"] == _MAPPER)
    return [config["included.client.audience"] for config in configs]


SAMPLE = Sample(
    type="token-exchange",
    address="permissions/token-exchange/standard/NAME",
    declare=lambda name, fields: {
        "clients": [{"clientId": name, "serviceAccountsEnabled": True}],
        "permissions": {"tokenExchange": [{"requester": name, **fields}]},
    },
    where=_where,
    along=("clients/NAME", *(f"clients/{name}" for name in _CLIENTS)),
    around={"clients": [{"clientId": n, "serviceAccountsEnabled": True} for n in _CLIENTS]},
    full={"subjects": ["web"], "audiences": ["api"]},
    changed={"subjects": ["app"], "audiences": ["store"]},
    look=_look,
    references=(
        ({"subjects": ["missing"]}, "clients/missing"),
        ({"audiences": ["missing"]}, "clients/missing"),
    ),
    cannot={
        "drift": _ELSEWHERE,
        "alone": "A permission without its subjects or its audiences is an error.",
        "elsewhere": "Keycloak does not know it, so an import finds the fields of the clients.",
        "rename": "It is named after its requester: another requester is another permission.",
        "secret": "No field of it takes a text that Keycloak keeps.",
    },
)
