"""Ordinary users. Their credentials count once, and are no part of what is compared."""

from urllib.parse import quote

from conformance import users
from conformance.sample import Hand, Sample


def _where(hand: Hand, name: str) -> str | None:
    username = quote(name.lower(), safe="")
    found = hand.get(f"{hand.path('users')}?username={username}&exact=true")
    return hand.path("users", found[0]["id"]) if found else None


def _provider(alias: str) -> dict[str, object]:
    return {
        "alias": alias,
        "providerId": "github",
        "config": {"clientId": "us", "clientSecret": "the secret of a sample"},
    }


SAMPLE = Sample(
    type="user",
    address="users/NAME",
    declare=lambda name, fields: {"users": [{"username": name, **fields}]},
    unique=("email", "federatedIdentities"),
    where=_where,
    around={
        "editUsernameAllowed": True,
        "roles": {
            "realm": [{"name": "reader"}, {"name": "writer"}],
            "client": {"holder": [{"name": "inner"}, {"name": "other inner"}]},
        },
        "clients": [{"clientId": "holder"}],
        "identityProviders": [_provider("company"), _provider("partner")],
    },
    furnish=users.furnish,
    full={
        "email": "person@example.org",
        "emailVerified": True,
        "enabled": True,
        "firstName": "Plain",
        "lastName": "Person",
        "requiredActions": ["UPDATE_PROFILE"],
        "federatedIdentities": [
            {"identityProvider": "company", "userId": "17", "userName": "plain"}
        ],
        "groups": ["/staff"],
        "realmRoles": ["reader"],
        "clientRoles": {"holder": ["inner"]},
    },
    changed={
        "email": "another@example.org",
        "emailVerified": False,
        "enabled": False,
        "firstName": "Other",
        "lastName": "Human",
        "requiredActions": ["VERIFY_EMAIL"],
        "federatedIdentities": {"company": {"userName": "other"}},
        "groups": ["/guests"],
        "realmRoles": ["writer"],
        "clientRoles": {"holder": ["other inner"]},
    },
    look=users.look,
    edit=users.edit,
    odd_name="jörg.o+5@x_y-z",
    secret={"lastName": "SECRET"},
    references=(
        ({"realmRoles": ["missing"]}, "roles/missing"),
        ({"clientRoles": {"holder": ["missing"]}}, "clients/holder/roles/missing"),
        ({"groups": ["/missing"]}, "groups/missing"),
        ({"requiredActions": ["missing"]}, "required-actions/missing"),
    ),
)
