"""Identity providers whose organization is off: Keycloak shows them as off, whatever they are.

A `PUT` that sends that back switches the provider off for good, and one that leaves `enabled` out
switches it on. So only what the files say can be written, and that is said when planning. The
organization is asked for only where a plan changes a provider that is shown as off.
"""

from collections.abc import Iterator
from typing import Any, Final

from attrs import evolve

from kcplan.address import Address
from kcplan.config.model import Config
from kcplan.diagnostics import Diagnostic, error
from kcplan.errors import ServerError
from kcplan.plan import Action, Plan, ResourceChange
from kcplan.snapshot import Snapshot
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.resources.identity_provider import SPEC as PROVIDER

_ENABLED: Final = ("enabled",)
_WRITING: Final = (Action.UPDATE, Action.ADOPT)


def with_hidden_switches(api: AdminApi, config: Config, live: Snapshot, plan: Plan) -> Plan:
    """The plan, with an error for each provider that it would switch off or on unseen."""
    found = [
        _refused(config, change, organization)
        for change, organization in _shown_as_off(api, live, plan)
        if not _is_said(config, plan, change, organization)
    ]
    return evolve(plan, diagnostics=(*plan.diagnostics, *found)) if found else plan


def _shown_as_off(
    api: AdminApi, live: Snapshot, plan: Plan
) -> Iterator[tuple[ResourceChange, str]]:
    """The changes of providers whose organization is off, each with its alias."""
    for change in plan.changes:
        if change.type != PROVIDER.name or change.action not in _WRITING or not change.changes:
            continue
        there = live.objects.get(change.moved_from or change.address)
        linked = there.leaves.get(("organizationId",)) if there is not None else None
        if there is None or not linked or there.leaves.get(_ENABLED) is True:
            continue
        organization = _organization(api, there.address.realm, str(linked))
        if organization.get("enabled") is False:
            yield change, str(organization["alias"])


def _organization(api: AdminApi, realm: str, object_id: str) -> dict[str, Any]:
    """An organization; nothing where the account may not see it."""
    try:
        return api.get(path("realms", realm, "organizations", object_id)) or {}
    except ServerError:
        return {}


def _is_said(config: Config, plan: Plan, change: ResourceChange, organization: str) -> bool:
    """Whether the files say what is to be written, and Keycloak then shows it."""
    desired = config.resources.get(change.address)
    said = desired.leaves.get(_ENABLED) if desired is not None else None
    if said is not True:
        return said is False
    holder = Address.of(change.address.realm, "organizations", organization)
    switched = (c for c in plan.changes if c.address == holder)
    return any(i.path == _ENABLED and i.after is True for c in switched for i in c.changes)


def _refused(config: Config, change: ResourceChange, organization: str) -> Diagnostic:
    desired = config.resources.get(change.address)
    return error(
        "provider-of-disabled-organization",
        f"the organization {organization} of {change.address} is off, so that Keycloak does not "
        "show whether the provider is on",
        "An update would switch it off or on for good. Switch on the organization first; or set "
        "`enabled` to false in the provider.",
        address=change.address,
        path=_ENABLED,
        source=desired.source(_ENABLED) if desired is not None else None,
    )
