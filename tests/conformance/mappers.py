"""Protocol mappers: entries of clients and client scopes, with requests of their own."""

from typing import Any

from conformance.overlays import Json, overlaid
from conformance.sample import Hand


def mapper(name: str, audience: str, **more: Any) -> Json:
    """A mapper that adds an audience."""
    return {
        "name": name,
        "protocol": "openid-connect",
        "protocolMapper": "oidc-audience-mapper",
        "config": {"included.custom.audience": audience, "access.token.claim": "true"},
        **more,
    }


def edit_mappers(hand: Hand, at: str, there: Json, changes: Json) -> None:
    """Change, add and remove mappers of what is at a path."""
    mappers = {item["name"]: item for item in there.get("protocolMappers", ())}
    for name, fields in changes.get("protocolMappers", {}).items():
        models = f"{at}/protocol-mappers/models"
        if fields is None and name not in mappers:
            continue
        if fields is None:
            hand.admin.delete(f"{models}/{mappers[name]['id']}")
        elif name in mappers:
            whole = overlaid(mappers[name], fields)
            hand.admin.put(f"{models}/{whole['id']}", json=whole)
        else:
            hand.admin.post(models, json=overlaid(mapper(name, ""), fields))
