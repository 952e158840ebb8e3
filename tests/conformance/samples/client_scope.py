"""Client scopes, with their mappers and the roles in their scope.

In an export, role scopes stand in sections of their own; here they are the field `scopeMappings`.
"""

from conformance.mappers import edit_mappers, mapper
from conformance.overlays import Json
from conformance.roles import map_roles
from conformance.sample import Hand, Sample

_ROLES = "scopeMappings"


def _declare(name: str, fields: Json) -> Json:
    """The scope, and the sections beside it that name it."""
    sections: Json = {
        "clientScopes": [{"name": name, **{k: v for k, v in fields.items() if k != _ROLES}}]
    }
    roles = fields.get(_ROLES, {})
    if "realm" in roles:
        sections["scopeMappings"] = [{"clientScope": name, "roles": roles["realm"]}]
    if "client" in roles:
        sections["clientScopeMappings"] = {
            client: [{"clientScope": name, "roles": names}]
            for client, names in roles["client"].items()
        }
    return sections


def _where(hand: Hand, name: str) -> str | None:
    found = hand.find(hand.path("client-scopes"), name=name)
    return hand.path("client-scopes", found["id"]) if found else None


def _look(hand: Hand, at: str) -> Json | None:
    """The scope with its roles."""
    scope = hand.get(at)
    if scope is None:
        return None
    mappings = hand.get(f"{at}/scope-mappings")
    client = {k: _names(v["mappings"]) for k, v in mappings.get("clientMappings", {}).items()}
    return {**scope, _ROLES: {"realm": _names(mappings.get("realmMappings", [])), "client": client}}


def _names(roles: list[Json]) -> list[str]:
    return [role["name"] for role in roles]


def _edit(hand: Hand, at: str, changes: Json) -> None:
    """Change the scope, then its mappers and its roles."""
    elsewhere = ("protocolMappers", _ROLES)
    own: Json = {key: value for key, value in changes.items() if key not in elsewhere}
    before = _look(hand, at)
    assert before is not None
    there = hand.get(at)
    hand.admin.put(at, json={"name": there["name"], **own})
    edit_mappers(hand, at, there, changes)
    mappings, roles = f"{at}/scope-mappings", changes.get(_ROLES, {})
    if "realm" in roles:
        now = before[_ROLES]["realm"]
        map_roles(hand, f"{mappings}/realm", None, now, roles["realm"] or [])
    for client, names in roles.get("client", {}).items():
        of_client = f"{mappings}/clients/{str(hand.client(client)).rsplit('/', 1)[1]}"
        map_roles(hand, of_client, client, before[_ROLES]["client"].get(client, []), names or [])


SAMPLE = Sample(
    type="client-scope",
    address="client-scopes/NAME",
    declare=_declare,
    where=_where,
    minimal={"protocol": "openid-connect"},
    around={
        "roles": {
            "realm": [{"name": "reader"}, {"name": "writer"}],
            "client": {"holder": [{"name": "inner"}, {"name": "other inner"}]},
        },
        "clients": [{"clientId": "holder"}],
    },
    full={
        "protocol": "openid-connect",
        "description": "orders",
        "attributes": {
            "include.in.token.scope": "true",
            "display.on.consent.screen": "true",
            "consent.screen.text": "your orders",
            "gui.order": "7",
            "note": "mine",
        },
        "protocolMappers": [mapper("changes", "one"), mapper("goes", "two")],
        "scopeMappings": {"realm": ["reader"], "client": {"holder": ["inner"]}},
    },
    changed={
        "description": "all orders",
        "attributes": {
            "include.in.token.scope": "false",
            "display.on.consent.screen": "false",
            "consent.screen.text": "all of your orders",
            "gui.order": "8",
            "note": None,
            "other": "new",
        },
        "protocolMappers": {
            "changes": {"config": {"included.custom.audience": "three"}},
            "goes": None,
        },
        "scopeMappings": {"realm": ["writer"], "client": {"holder": ["other inner"]}},
    },
    look=_look,
    edit=_edit,
    odd_name="a/b",
    secret={"description": "SECRET"},
    references=(
        ({"scopeMappings": {"realm": ["missing"]}}, "roles/missing"),
        (
            {"scopeMappings": {"client": {"holder": ["missing"]}}},
            "clients/holder/roles/missing",
        ),
    ),
    cannot={"change protocol": "Its mappers are those of the protocol: declare another scope."},
)
