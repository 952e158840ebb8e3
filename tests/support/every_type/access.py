"""Roles, client scopes, groups and users: who may do what, and what tokens say of it."""

from typing import Any, Final

from conformance.roles import map_roles
from conformance.sample import Hand

Json = dict[str, Any]

ODD: Final = "a/b %é 5%2F"
"""A name as awkward as Keycloak takes it."""

_OIDC: Final = "openid-connect"


def roles(hand: Hand) -> None:
    """Roles of the realm."""
    at = hand.path("roles")
    hand.admin.post(at, json={"name": "reader", "description": "Reads ${role_reader} and $(x)."})
    for name in ("writer", "strict", ODD):
        hand.admin.post(at, json={"name": name})
    hand.admin.put(
        hand.path("roles", ODD),
        json={"name": ODD, "attributes": {"größe": ["1", "2"], "a.b": [""]}},
    )


def mapper(name: str, kind: str, protocol: str = _OIDC, **config: str) -> Json:
    """A protocol mapper."""
    config = {key.replace("_", "."): value for key, value in config.items()}
    return {"name": name, "protocol": protocol, "protocolMapper": kind, "config": config}


def client_scopes(hand: Hand) -> None:
    """Client scopes of both protocols, and other lists of what new clients get."""
    at = hand.path("client-scopes")
    department = mapper(
        "department",
        "oidc-usermodel-attribute-mapper",
        user_attribute="department",
        claim_name="department",
        jsonType_label="String",
        access_token_claim="true",
    )
    hard = mapper("x/y", "oidc-hardcoded-claim-mapper", claim_name="x\\.y", claim_value="{}")
    text = {"consent.screen.text": "${team}", "display.on.consent.screen": "true"}
    team: Json = {"name": "team", "protocol": _OIDC, "attributes": text}
    team |= {"description": "who works where", "protocolMappers": [department, hard]}
    made = hand.admin.create(at, team)
    hand.admin.put(hand.path("default-default-client-scopes", made))
    bare = hand.admin.create(at, {"name": "bare", "protocol": _OIDC})
    hand.admin.put(hand.path("default-optional-client-scopes", bare))
    listed = mapper("groups", "saml-group-membership-mapper", "saml", attribute_name="member")
    saml = {"name": "saml/groups", "protocol": "saml", "protocolMappers": [listed]}
    hand.admin.post(at, json=saml)
    address = hand.find(at, name="address") or {}
    hand.admin.put(f"{at}/{address['id']}", json={**address, "description": "Where they live"})
    phone = hand.find(at, name="phone") or {}
    hand.admin.delete(hand.path("default-optional-client-scopes", phone["id"]))


def client_roles(hand: Hand) -> None:
    """Roles of clients, of one of Keycloak's own as well."""
    for client, names in {"app": ("part", ODD), "other": ("part",), "account": ("ours",)}.items():
        at = str(hand.client(client, "roles"))
        for name in names:
            hand.admin.post(at, json={"name": name, "description": f"{name} of {client}"})
    part = str(hand.client("app", "roles", "part"))
    hand.admin.put(part, json={"name": "part", "attributes": {"colour": ["red"]}})


def composites(hand: Hand) -> None:
    """Roles that contain others."""

    def contains(at: str, *held: Json) -> None:
        hand.admin.post(f"{at}/composites", json=list(held))

    part, manage = hand.role("part", "app"), hand.role("view-users", "realm-management")
    contains(hand.path("roles", "writer"), hand.role("reader"), part)
    contains(hand.path("roles", ODD), hand.role("writer"), manage)
    contains(str(hand.client("other", "roles", "part")), hand.role("reader"))
    contains(hand.path("roles", f"default-roles-{hand.realm}"), hand.role("reader"))


def scope_mappings(hand: Hand) -> None:
    """Roles in the scope of clients and client scopes."""
    team = hand.find(hand.path("client-scopes"), name="team") or {}
    for at in (hand.path("client-scopes", team["id"]), str(hand.client("other"))):
        map_roles(hand, f"{at}/scope-mappings/realm", None, [], ["reader", ODD])
        for client in ("app", "account"):
            role = "part" if client == "app" else "view-profile"
            own = str(hand.client(client)).rsplit("/", 1)[1]
            map_roles(hand, f"{at}/scope-mappings/clients/{own}", client, [], [role])


def groups(hand: Hand) -> None:
    """Groups in groups, with roles, and two that new users are put into."""
    at = hand.path("groups")
    staff = hand.admin.create(at, {"name": "staff", "attributes": {"colour": ["red", "blue"]}})
    other = {"name": "staff", "attributes": {"a.b": ["1"]}, "description": "once more"}
    inner = hand.admin.create(f"{at}/{staff}/children", other)
    hand.admin.create(f"{at}/{inner}/children", {"name": ODD})
    guests = hand.admin.create(at, {"name": "guests"})
    hand.admin.create(at, {"name": "it"})
    for made in (inner, guests):
        hand.admin.put(hand.path("default-groups", made))
    map_roles(hand, f"{at}/{staff}/role-mappings/realm", None, [], ["reader", ODD])
    own = str(hand.client("app")).rsplit("/", 1)[1]
    map_roles(hand, f"{at}/{inner}/role-mappings/clients/{own}", "app", [], ["part", ODD])


def users(hand: Hand) -> None:
    """Users with a password, roles and groups."""
    at = hand.path("users")
    for name in ("joan", "bob@example.org"):
        made = hand.admin.create(
            at,
            {
                "username": name,
                "enabled": True,
                "email": f"{name.split('@')[0]}@example.org",
                "firstName": "Jo",
                "lastName": "An",
                "attributes": {"department": ["sales"], "size": ["1", "2"]},
                "requiredActions": ["UPDATE_PASSWORD"],
                "credentials": [{"type": "password", "value": "a-password-of-joan"}],
                "groups": ["/staff/staff"],
            },
        )
        map_roles(hand, f"{at}/{made}/role-mappings/realm", None, [], ["writer"])
        linked = {"identityProvider": "company", "userId": name, "userName": name}
        hand.admin.post(f"{at}/{made}/federated-identity/company", json=linked)
