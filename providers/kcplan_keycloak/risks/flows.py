"""Flows that people log in with, and that ask for less."""

from collections.abc import Iterator, Mapping
from typing import Final

from kcplan.address import Address
from kcplan.risk import Level
from kcplan.risk_rules import Found, RiskRule, Subject, World
from kcplan_keycloak.flow_tree import DISABLED, EXECUTIONS
from kcplan_keycloak.resources.client import SPEC as CLIENT
from kcplan_keycloak.resources.flow import SPEC as FLOW
from kcplan_keycloak.resources.identity_provider import SPEC as PROVIDER
from kcplan_keycloak.resources.realm import SPEC as REALM

_BINDING: Final = {
    spec.name: tuple(name for name in spec.schema.fields if "flow" in name.lower())
    for spec in (REALM, CLIENT, PROVIDER)
}
"""The fields that bind something to a flow, or are about flows of another kind."""

_RANKS: Final = {"REQUIRED": 3, "CONDITIONAL": 2, "ALTERNATIVE": 1}
"""How much a requirement asks for; what is DISABLED asks for nothing."""

_ENTRY: Final = 2


def _is_bound(world: World, flow: Address) -> bool:
    """Whether anything that the plan knows is bound to a flow after the changes."""
    known = {*world.live, *world.changes}
    return any(
        value == flow.name and where[0] in fields
        for spec in (REALM, CLIENT, PROVIDER)
        for fields in (_BINDING[spec.name],)
        for address in known
        if address.realm == flow.realm and spec.fits(address)
        for where, value in world.after(address).items()
    )


def _less(subject: Subject) -> Iterator[Found]:
    found = list(_weaker(subject))
    if found and not subject.is_new and _is_bound(subject.world, subject.address):
        yield from found


def _weaker(subject: Subject) -> Iterator[Found]:
    """The executions of which less is required than before."""
    for item in subject.changes((EXECUTIONS,)):
        key, rest = item.path[1], item.path[_ENTRY:]
        if not rest and item.after is None:
            before = item.before if isinstance(item.before, Mapping) else {}
            if before.get("requirement") != DISABLED:
                yield item.path, f"{key} is removed"
        elif rest == ("requirement",) and item.before not in (None, DISABLED):
            if item.after in (None, DISABLED):
                yield item.path, f"{key} is switched off"
            elif _rank(item.after) < _rank(item.before):
                yield item.path, f"{key} is {item.after}, and no longer {item.before}"


def _rank(requirement: object) -> int:
    return _RANKS.get(str(requirement), 0)


RULES: Final = (
    RiskRule(
        code="flow-asks-for-less",
        level=Level.DANGER,
        on=(FLOW,),
        title="A flow that loses a factor",
        meaning="In a flow to which the realm, a client or an identity provider is bound, an "
        "execution is removed, becomes DISABLED, or its requirement asks for less than before "
        "(REQUIRED, CONDITIONAL, ALTERNATIVE, in this order).",
        why="From the apply on, people may get in with less than before: without the second "
        "factor, or without a password.",
        fix="Look at the whole flow, and try it with a test client first "
        "(`authenticationFlowBindingOverrides`).",
        find=_less,
    ),
)
