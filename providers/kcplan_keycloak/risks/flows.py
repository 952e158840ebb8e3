"""Flows that people log in with, and that ask for less."""

from collections.abc import Iterator, Mapping
from typing import Final

from kcplan.address import Address
from kcplan.path_patterns import path_matches
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

_REQUIREMENT: Final = (EXECUTIONS, "*", "requirement")
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
    found = [*_weaker(subject), *_way_round(subject)]
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


def _way_round(subject: Subject) -> Iterator[Found]:
    """The executions that come, and with which others need not succeed any more."""
    before = subject.world.live.get(subject.address, {})
    there = {p[1]: v for p, v in before.items() if path_matches(p, (_REQUIREMENT,))}
    for item in subject.changes(_REQUIREMENT):
        key = item.path[1]
        if item.before not in (None, DISABLED) or item.after in (None, DISABLED):
            continue
        above = _above(key)
        beside = [k for k, v in there.items() if k != key and v != DISABLED and _above(k) == above]
        needed = [subject.after(EXECUTIONS, k, "requirement") for k in beside]
        if item.after == "ALTERNATIVE" and "ALTERNATIVE" in needed and "REQUIRED" not in needed:
            yield item.path, f"{key} is one more way in, beside {', '.join(sorted(beside))}"
        condition = str(subject.after(EXECUTIONS, key, "authenticator")).startswith("conditional-")
        if condition and beside and there.get(above) == "CONDITIONAL":
            yield item.path, f"{key} is one more condition under which {above} is asked for"


def _above(key: str) -> str:
    """The key of the flow that an execution lies in; empty at the top."""
    return key.rpartition("/")[0]


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
        "(REQUIRED, CONDITIONAL, ALTERNATIVE, in this order); or one comes that is ALTERNATIVE to "
        "others, or is one more condition of a flow that is CONDITIONAL.",
        why="From the apply on, people may get in with less than before: without the second "
        "factor, or without a password.",
        fix="Look at the whole flow, and try it with a test client first "
        "(`authenticationFlowBindingOverrides`).",
        find=_less,
    ),
)
