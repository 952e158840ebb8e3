"""A realm with objects of every type, several of each, made through the Admin API.

    build(Hand(admin, realm))

kcplan has no part in it, so the realm is what `import` and a whole export are to be good for. Each
part makes one kind of objects, and may name what the parts before it have made.
"""

from collections.abc import Callable
from typing import Final

from conformance.sample import Hand
from support.every_type import access, applications, authorization, log_in, settings

PARTS: Final[tuple[Callable[[Hand], None], ...]] = (
    settings.localization,
    log_in.flows,
    log_in.required_actions,
    access.roles,
    access.client_scopes,
    settings.user_profile,
    log_in.identity_providers,
    settings.components,
    applications.clients,
    access.client_roles,
    access.composites,
    access.scope_mappings,
    access.groups,
    access.users,
    applications.accounts,
    authorization.authorization,
    settings.organizations,
    settings.realm,
    authorization.administrators,
)
"""What makes the realm, in an order in which each finds what it names."""


def build(hand: Hand) -> None:
    """Make the realm and all that is in it."""
    hand.admin.post("", json={"realm": hand.realm, "enabled": True, "organizationsEnabled": True})
    for part in PARTS:
        part(hand)
