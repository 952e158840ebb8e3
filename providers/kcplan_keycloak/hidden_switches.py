"""Identity providers whose organization is off: Keycloak shows them as off, whatever they are.

A `PUT` that sends that back switches the provider off for good, and one that leaves `enabled` out
switches it on. So only what the files say can be written, and that is said when planning. The
organization is asked for only where a plan changes a provider that is shown as off.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import evolve

from kcplan.config.model import Config
from kcplan.diagnostics import Diagnostic, error
from kcplan.plan import Action, Plan, ResourceChange
from kcplan.resource import Resource
from kcplan.snapshot import LiveObject, Snapshot
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.errors import ForbiddenError
from kcplan_keycloak.resources.identity_provider import SPEC as PROVIDER
from kcplan_keycloak.resources.organization import SPEC as ORGANIZATION

_ENABLED: Final = ("enabled",)
_WRITING: Final = (Action.UPDATE, Action.ADOPT)


def with_hidden_switches(api: AdminApi, config: Config, live: Snapshot, plan: Plan) -> Plan:
    """The plan, with an error for each provider that it would switch off or on unseen.

    Raises:
        ServerError: An organization could not be read, and not because the account may not.
    """
    switched = dict(_switched(live, plan))
    found = [
        refused
        for change, there in _linked(live, plan)
        if (refused := _refused(api, config, switched, change, there)) is not None
    ]
    return evolve(plan, diagnostics=(*plan.diagnostics, *found)) if found else plan


def _linked(live: Snapshot, plan: Plan) -> Iterator[tuple[ResourceChange, LiveObject]]:
    """The providers of organizations that the plan writes."""
    for change in plan.changes:
        if change.type != PROVIDER.name or change.action not in _WRITING or not change.changes:
            continue
        there = live.objects.get(change.moved_from or change.address)
        if there is not None and there.leaves.get(("organizationId",)):
            yield change, there


def _switched(live: Snapshot, plan: Plan) -> Iterator[tuple[str, tuple[str, Any]]]:
    """The organizations that the plan switches: by the id the alias, and whether they are on."""
    for change in plan.changes:
        there = live.objects.get(change.moved_from or change.address)
        if change.type == ORGANIZATION.name and there is not None:
            after = [item.after for item in change.changes if item.path == _ENABLED]
            yield from ((str(there.id), (change.address.name, value)) for value in after)


def _refused(
    api: AdminApi,
    config: Config,
    switched: Mapping[str, tuple[str, Any]],
    change: ResourceChange,
    there: LiveObject,
) -> Diagnostic | None:
    """The error for a provider, where the plan may switch it unseen."""
    desired = config.resources.get(change.address)
    said = desired.leaves.get(_ENABLED) if desired is not None else None
    linked = str(there.leaves["organizationId",])
    name, becomes = switched.get(linked, (linked, None))
    if said is False or (said is True and becomes is True):
        return None
    if there.leaves.get(_ENABLED) is True:
        return _goes_off(name, change, desired) if becomes is False else None
    try:
        found = api.get(path("realms", there.address.realm, "organizations", linked)) or {}
    except ForbiddenError:
        return _is_barred(linked, change, desired) if said is None else None
    if found.get("enabled") is not False:
        return None
    return _is_off(found.get("alias", linked), change, desired)


def _goes_off(organization: str, change: ResourceChange, desired: Resource | None) -> Diagnostic:
    return _error(
        change,
        desired,
        f"the plan switches off the organization {organization} of {change.address}, and Keycloak "
        "then no longer shows whether the provider is on",
        "If the organization comes first, the update switches off the provider for good. Set "
        "`enabled` to false in the provider, or switch off the organization in a later plan.",
    )


def _is_barred(organization: str, change: ResourceChange, desired: Resource | None) -> Diagnostic:
    return _error(
        change,
        desired,
        f"the account may not see the organization {organization} of {change.address}, so kcplan "
        "cannot tell whether the provider is on",
        "Keycloak shows the provider as off, and does so too while its organization is off. An "
        "update might switch it off for good. Set `enabled` in the provider, or give the account "
        "the role view-organizations.",
    )


def _is_off(organization: str, change: ResourceChange, desired: Resource | None) -> Diagnostic:
    return _error(
        change,
        desired,
        f"the organization {organization} of {change.address} is off, so that Keycloak does not "
        "show whether the provider is on",
        "An update would switch it off or on for good. Switch on the organization first; or set "
        "`enabled` to false in the provider.",
    )


def _error(
    change: ResourceChange, desired: Resource | None, summary: str, detail: str
) -> Diagnostic:
    return error(
        "provider-of-disabled-organization",
        summary,
        detail,
        address=change.address,
        path=_ENABLED,
        source=desired.source(_ENABLED) if desired is not None else None,
    )
