"""Kerberos in flows: Keycloak switches it on and off along with user federation that uses it.

With a provider that takes Kerberos tickets, Keycloak makes the steps `auth-spnego` of all flows
`ALTERNATIVE` where they were `DISABLED`, also where an existing one is told to take them. When such
a provider goes, it makes all of them `DISABLED`, whatever they were, and whether there is another
such provider; where one is told to take no more tickets, all that were `ALTERNATIVE`. So what is
undone puts them back, and a plan writes flows that the files declare after that.
"""

from collections import deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from kcplan.resource import Upset
from kcplan.schema import Leaves
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.flow_tree import DISABLED, REQUIREMENTS

_STEP: Final = "auth-spnego"
_ALLOWED: Final = "allowKerberosAuthentication"

Requirements = Mapping[str, Sequence[Sequence[str]]]
"""What each such step of a flow is, by the alias of the flow: id and requirement, in order.

The journal of an older kcplan has a table there, by id.
"""


def is_for_tickets(component: Mapping[str, Any]) -> bool:
    """Whether a component, as the Admin API has it, takes Kerberos tickets."""
    config = component.get("config") or {}
    allowed = config.get(_ALLOWED)
    # Keycloak takes it in any case.
    said = allowed[0] if isinstance(allowed, list) and allowed else ""
    return component.get("providerId") == "kerberos" or str(said).lower() == "true"


def switches(leaves: Leaves) -> bool:
    """Whether a step that writes these fields may change flows."""
    return ("config", _ALLOWED) in leaves


def will_be_for_tickets(leaves: Leaves) -> bool:
    """Whether a component with these fields takes Kerberos tickets."""
    allowed = {_ALLOWED: leaves.get(("config", _ALLOWED))}
    return is_for_tickets({"providerId": leaves.get(("providerId",)), "config": allowed})


def upset(before: Leaves, after: Leaves) -> Upset | None:
    """What Keycloak makes of flows when a component with these fields gets those."""
    was, becomes = will_be_for_tickets(before), will_be_for_tickets(after)
    if was == becomes:
        return None
    if becomes:
        return _upset(frozenset({DISABLED}), "ALTERNATIVE")
    # One that goes takes all along; one that is told to take no more tickets, only these.
    which = frozenset({"ALTERNATIVE"}) if after else frozenset(REQUIREMENTS) - {DISABLED}
    return _upset(which, DISABLED)


def _upset(which: Container[object], to: str) -> Upset:
    return Upset(
        "flow",
        changes=lambda _, flow: _switched(flow, which, to),
        touches=lambda flow: any(map(_has_step, flow.values())),
    )


def _has_step(value: object) -> bool:
    """Whether a field is a step for Kerberos, or has one in it as that of a new step does."""
    return value == _STEP or (isinstance(value, Mapping) and any(map(_has_step, value.values())))


def _switched(flow: Leaves, which: Container[object], to: str) -> Leaves:
    """The requirements of steps for Kerberos that become another one, in the fields of a flow."""
    steps = [at for at, value in flow.items() if at[2:] == ("authenticator",) and value == _STEP]
    found = [(*at[:2], "requirement") for at in steps]
    return {at: to for at in found if flow.get(at) in which}


def _executions(api: AdminApi, realm: str, alias: str) -> list[dict[str, Any]]:
    at = path("realms", realm, "authentication", "flows", alias, "executions")
    return [item for item in api.get(at) or () if item.get("providerId") == _STEP]


def requirements(api: AdminApi, realm: str) -> Requirements:
    """What the steps for Kerberos of all flows are. Raises ServerError."""
    flows = api.get(path("realms", realm, "authentication", "flows")) or ()
    aliases = [str(flow["alias"]) for flow in flows]
    found = api.map(lambda alias: _executions(api, realm, alias), aliases)
    return {
        alias: [[item["id"], item["requirement"]] for item in items]
        for alias, items in zip(aliases, found, strict=True)
        if items
    }


def put_back(api: AdminApi, realm: str, then: Requirements) -> None:
    """Make the steps for Kerberos again what they were. Raises ServerError."""
    for alias, were in then.items():
        at = path("realms", realm, "authentication", "flows", alias, "executions")
        for item, was in as_they_were(were, _executions(api, realm, alias)):
            if item["requirement"] != was:
                api.put(at, {**item, "requirement": was})


def as_they_were(
    were: Mapping[str, str] | Iterable[Sequence[str]], steps: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The steps for Kerberos of a flow, each with what it was, or is where nobody knows.

    Where the flow was made anew in between its steps have new ids: those take, in order, what
    steps were that are not there any more.
    """
    pairs = [*were.items()] if isinstance(were, Mapping) else [(pair[0], pair[1]) for pair in were]
    ids = {item["id"] for item in steps}
    known, gone = dict(pairs), deque(was for step, was in pairs if step not in ids)
    for item in steps:
        was = known.get(item["id"])
        if was is None:
            was = gone.popleft() if gone else item["requirement"]
        yield item, was
