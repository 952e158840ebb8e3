"""Which clients have a service account, and what it is called."""

from collections.abc import Iterator, Mapping
from typing import Final

from kcplan.address import Address
from kcplan.snapshot import LiveObject

_SWITCH: Final = ("serviceAccountsEnabled",)


def account_of(client: Address) -> Address:
    """The address of a client's service account."""
    return client.child("service-account")


def has_account(client: LiveObject) -> bool:
    """Whether a client has a service account switched on."""
    return client.leaves.get(_SWITCH) is True


def clients_without_account(objects: Mapping[Address, LiveObject]) -> Iterator[Address]:
    """The clients whose service account is switched on, and was not read."""
    for address, item in sorted(objects.items()):
        if has_account(item) and account_of(address) not in objects:
            yield address
