"""Service accounts that kcplan should see, and does not."""

from collections.abc import Iterator, Mapping
from typing import Final

from kcplan.address import Address
from kcplan.snapshot import LiveObject

_SWITCH: Final = ("serviceAccountsEnabled",)


def clients_without_account(objects: Mapping[Address, LiveObject]) -> Iterator[Address]:
    """The clients whose service account is switched on, and was not read."""
    for address, item in sorted(objects.items()):
        if item.leaves.get(_SWITCH) is True and address.child("service-account") not in objects:
            yield address
