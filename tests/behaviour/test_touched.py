"""What admin events touched: each is followed only as far as it is known what it can change."""

import pytest

from kcplan.address import Address
from kcplan_keycloak.resources import registry
from kcplan_keycloak.touched import Happened, touched

MANAGED = {
    "shop": "realm",
    "shop/clients/web": "client",
    "shop/clients/web/roles/reader": "client-role",
    "shop/clients/web/service-account": "service-account",
    "shop/roles/ro le/x": "role",
    "shop/groups/staff": "group",
    "shop/components/LDAP/corp": "component",
    "shop/components/LDAP/corp/mappers/mail": "component-mapper",
    "shop/identity-providers/google": "identity-provider",
    "shop/identity-providers/google/mappers/mail": "identity-provider-mapper",
    "shop/flows/two factors": "flow",
    "shop/required-actions/TERMS": "required-action",
    "shop/permissions/impersonation/web": "impersonation",
    "shop/user-profile": "user-profile",
}
PLACES = {
    "": "shop",
    "clients/1": "shop/clients/web",
    "clients/1/roles/reader": "shop/clients/web/roles/reader",
    "roles-by-id/2": "shop/clients/web/roles/reader",
    "users/3": "shop/clients/web/service-account",
    "roles/ro le/x": "shop/roles/ro le/x",
    "groups/4": "shop/groups/staff",
    "authentication/flows/5": "shop/flows/two factors",
    "users/profile": "shop/user-profile",
}


def parsed(text: str) -> Address:
    return Address(tuple(text.replace("ro le/x", "ro le%2Fx").split("/")))


def about(event: str) -> list[str] | None:
    """What one event is about, below the realm; None where that is not known."""
    operation, _, path = event.partition(" ")
    kind = "REALM" if path.startswith("(import) ") else "ANYTHING"
    found = touched(
        [Happened(operation, kind, path.removeprefix("(import) "))],
        {place: parsed(address) for place, address in PLACES.items()},
        {parsed(address): registry()[word] for address, word in MANAGED.items()},
    )
    if found.doubt is not None:
        return None
    names = sorted(str(address).removeprefix("shop/") for address in found.addresses)
    return names + sorted(f"user {user}" for user in found.users)


CLIENT = ["clients/web", "clients/web/roles/reader", "clients/web/service-account"]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("UPDATE clients/1", CLIENT),
        ("CREATE clients/1/protocol-mappers/models/7", CLIENT),
        ("DELETE clients/1/default-client-scopes/7", CLIENT),
        ("ACTION clients/1/client-secret", CLIENT),
        ("CREATE clients/1/roles/new", CLIENT),
        ("UPDATE clients/1/roles/reader", ["clients/web/roles/reader"]),
        ("UPDATE roles-by-id/2", ["clients/web/roles/reader"]),
        ("CREATE users/3/role-mappings/realm", ["clients/web/service-account"]),
        ("UPDATE users/profile", ["user-profile"]),
        ("UPDATE groups/4", ["groups/staff"]),
    ],
)
def test_what_is_managed_is_read_again_with_what_lies_in_it(
    event: str, expected: list[str]
) -> None:
    assert about(event) == expected


FLOWS = ["flows/two factors", "required-actions/TERMS"]
PROVIDER = ["identity-providers/google", "identity-providers/google/mappers/mail"]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("UPDATE components/8", ["components/LDAP/corp", "components/LDAP/corp/mappers/mail"]),
        ("DELETE identity-provider/instances/google/mappers/8", PROVIDER),
        ("UPDATE authentication/flows/b/executions", FLOWS),
        ("UPDATE clients/9/authz/resource-server/policy/8", ["permissions/impersonation/web"]),
        ("UPDATE clients/1/authz/resource-server", [*CLIENT, "permissions/impersonation/web"]),
    ],
)
def test_where_a_path_does_not_say_which_object_it_was_all_of_its_kind_are_read(
    event: str, expected: list[str]
) -> None:
    assert about(event) == expected


@pytest.mark.parametrize(
    "event",
    [
        "CREATE clients/9",
        "CREATE clients/9/roles/any",
        "UPDATE clients/9/protocol-mappers/models/7",
        "ACTION clients/9/client-secret",
        "CREATE roles/ro",
        "CREATE groups/9",
        "CREATE users/9",
        "CREATE client-scopes/9",
        "CREATE default-groups/9",
        "DELETE organizations/9/members/8",
        "ACTION logout-all",
        "DELETE sessions/9",
        "ACTION push-revocation",
    ],
)
def test_what_is_new_or_beside_touches_nothing(event: str) -> None:
    assert about(event) == []


@pytest.mark.parametrize("event", ["UPDATE users/9", "DELETE users/9/groups/4"])
def test_users_are_looked_up(event: str) -> None:
    assert about(event) == ["user 9"]


@pytest.mark.parametrize(
    "event",
    [
        "UPDATE ",  # the realm
        "UPDATE events/config",
        "CREATE (import) clients/9",  # what was there before is gone
        "DELETE clients/1",
        "UPDATE clients/9",  # it may be renamed, and something refers to it
        "DELETE clients/9",
        "UPDATE clients/9/management/permissions",
        "UPDATE clients/1/management/permissions",
        "CREATE roles/any/composites",
        "CREATE roles-by-id/2/composites",
        "UPDATE roles/any",
        "UPDATE clients/1/roles/any",
        "UPDATE roles-by-id/9",
        "DELETE roles/any",
        "DELETE roles/ro le",
        "DELETE groups/4",
        "CREATE groups/4/children",
        "CREATE groups/9/role-mappings/realm",
        "CREATE groups/4/role-mappings/clients/1",
        "UPDATE groups/9",
        "UPDATE client-scopes/9",
        "UPDATE authentication/flows/9",
        "UPDATE something-new/9",
    ],
)
def test_what_may_change_anything_is_a_reason_to_read_everything(event: str) -> None:
    assert about(event) is None
