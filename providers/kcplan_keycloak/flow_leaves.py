"""A flow as its fields, and the fields as a flow. Pure."""

from collections.abc import Mapping
from typing import Final

from kcplan.path_patterns import path_matches
from kcplan.schema import Leaves, flatten, unflatten
from kcplan.secret import is_withheld, reveal
from kcplan.shapes import ORDERED_STRINGS, STRING, STRING_MAP, MapOf, Object, choice
from kcplan_keycloak.flow_aliases import unsigned
from kcplan_keycloak.flow_server import Flow
from kcplan_keycloak.flow_tree import BASIC, EXECUTIONS, ORDER, REQUIREMENTS, document, tree
from kcplan_keycloak.flows_made import BUILT_IN

KEY: Final = ("alias",)
ENTRY: Final = 2
"""How long the path of an execution is."""

_EXECUTION: Final = Object(
    {
        "authenticator": STRING,
        "authenticatorConfig": STRING,
        "config": STRING_MAP,
        "description": STRING,
        "providerId": choice("basic-flow", "form-flow", "client-flow"),
        "requirement": choice(*REQUIREMENTS),
    }
)

SCHEMA: Final = Object(
    {
        "description": STRING,
        "providerId": choice("basic-flow", "client-flow"),
        EXECUTIONS: MapOf(_EXECUTION, exhaustive=True, is_list=True),
        ORDER: ORDERED_STRINGS,
    }
)

SECRETS: Final = tuple(
    (EXECUTIONS, "*", "config", name) for name in ("*[sS]ecret*", "*[pP]assword", "api.key")
)


def changed(there: Flow, alias: str, changes: Leaves) -> Flow:
    """A flow that is there as it is with another alias, and after changes of its fields."""
    own = {where: value for where, value in changes.items() if where != KEY}
    return flow_of(there.id, alias, _overlaid(leaves_of(unsigned(there)), own))


def leaves_of(flow: Flow) -> Leaves:
    """The fields of a flow."""
    fields = {"description": flow.description, "providerId": flow.kind, **document(flow.nodes)}
    return flatten(SCHEMA, fields)


def _overlaid(leaves: Leaves, changes: Leaves) -> Leaves:
    """The leaves with changes; one of None takes away what lies below it."""
    found = dict(leaves)
    for where, value in sorted(changes.items(), key=lambda item: len(item[0])):
        if value is None or isinstance(value, Mapping):
            found = {p: v for p, v in found.items() if p[: len(where)] != where}
        if isinstance(value, Mapping) and value:
            inner = flatten(_EXECUTION, value) if len(where) == ENTRY else {(): value}
            found |= {(*where, *p): v for p, v in inner.items()}
        elif value is not None:
            found[where] = value
    return found


def flow_of(flow_id: str, alias: str, leaves: Leaves) -> Flow:
    """The flow with these fields."""
    fields = unflatten(SCHEMA, {where: reveal(value) for where, value in leaves.items()})
    return Flow(
        id=flow_id,
        alias=alias,
        kind=fields.get("providerId") or BASIC,
        description=fields.get("description") or "",
        nodes=tree(fields),
        built_in=alias in BUILT_IN,
    )


def secrets_told(leaves: Leaves) -> dict[tuple[str, str], str]:
    """The secrets that a step tells, as far as they are known, by execution and setting."""
    return {
        (where[1], where[-1]): str(reveal(value))
        for where, value in leaves.items()
        if path_matches(where, SECRETS) and value is not None and not is_withheld(value)
    }
