"""Service accounts of clients: Keycloak makes and removes them along with their clients."""

from urllib.parse import quote

from conformance import users
from conformance.sample import Hand, Sample


def _where(hand: Hand, name: str) -> str | None:
    """The account, looked for by its name: asking the client for it would create it."""
    username = quote(f"service-account-{name.lower()}", safe="")
    found = hand.get(f"{hand.path('users')}?username={username}&exact=true")
    return hand.path("users", found[0]["id"]) if found else None


SAMPLE = Sample(
    type="service-account",
    address="clients/NAME/service-account",
    declare=lambda name, fields: {
        "clients": [{"clientId": name, "serviceAccountsEnabled": True}],
        "users": [{"serviceAccountClientId": name, **fields}],
    },
    unique=("email",),
    holder="clients/NAME",
    where=_where,
    around={
        "roles": {
            "realm": [{"name": "reader"}, {"name": "writer"}],
            "client": {"holder": [{"name": "inner"}, {"name": "other inner"}]},
        },
        "clients": [{"clientId": "holder"}],
    },
    furnish=users.furnish,
    full={
        "email": "plain@example.org",
        "emailVerified": True,
        "enabled": True,
        "firstName": "Plain",
        "lastName": "Service",
        "requiredActions": ["UPDATE_PROFILE"],
        "attributes": {"team": ["a", "b"], "floor": ["1"]},
        "groups": ["/staff"],
        "realmRoles": ["reader"],
        "clientRoles": {"holder": ["inner"], "realm-management": ["view-users"]},
    },
    changed={
        "email": "other@example.org",
        "emailVerified": False,
        "enabled": False,
        "firstName": "Other",
        "lastName": "Machine",
        "requiredActions": ["VERIFY_EMAIL"],
        "attributes": {"team": ["c"], "floor": None, "colour": ["red"]},
        "groups": ["/guests"],
        "realmRoles": ["writer"],
        "clientRoles": {
            "holder": ["other inner"],
            "realm-management": ["view-users", "view-realm"],
        },
    },
    look=users.look,
    edit=users.edit,
    secret={"lastName": "SECRET"},
    references=(
        ({"realmRoles": ["missing"]}, "roles/missing"),
        ({"clientRoles": {"holder": ["missing"]}}, "clients/holder/roles/missing"),
        ({"groups": ["/missing"]}, "groups/missing"),
    ),
)
