"""Whether a plan looks for the admin permissions that go with what it deletes. Values only."""

import pytest

from kcplan.address import Address
from kcplan.snapshot import LiveObject, Snapshot
from kcplan_keycloak.admin_losses import may_be_on
from support.planning import SERVER, R


@pytest.mark.parametrize(
    ("realms", "looked_for"),
    [
        ({R: LiveObject(R, "realm", "r", {("adminPermissionsEnabled",): True})}, True),
        ({R: LiveObject(R, "realm", "r", {("adminPermissionsEnabled",): False})}, False),
        ({R: LiveObject(R, "realm", "r", {})}, False),
        ({}, True),  # a plan of some targets need not read the realm
    ],
)
def test_they_are_looked_for_unless_the_realm_is_known_to_have_none(
    realms: dict[Address, LiveObject],
    looked_for: bool,  # noqa: FBT001
) -> None:
    live = Snapshot(SERVER, objects=realms)
    assert may_be_on(live, "r") is looked_for
