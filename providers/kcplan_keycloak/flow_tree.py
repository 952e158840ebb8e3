"""The tree of a flow, and the flat form in which it is compared. Pure.

A flow has executions in order. Some of them are flows themselves, with executions in them:

    browser
    ├─ auth-cookie                          ALTERNATIVE
    └─ forms                                ALTERNATIVE
       ├─ auth-username-password-form       REQUIRED
       └─ second factor                     CONDITIONAL
          ├─ conditional-user-configured    REQUIRED
          └─ auth-otp-form                  REQUIRED

To be compared field by field, each execution has its way from the top as a key, and the order is a
field of its own:

    authenticationExecutions
        auth-cookie                         {authenticator, requirement}
        forms                               {providerId, requirement}
        forms/auth-username-password-form   {authenticator, requirement}
        …
    order  [auth-cookie, forms, forms/auth-username-password-form, …]
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, field

from kcplan.address import Address
from kcplan.classes import frozen

EXECUTIONS: Final = "authenticationExecutions"
ORDER: Final = "order"
BASIC: Final = "basic-flow"
DISABLED: Final = "DISABLED"
REQUIREMENTS: Final = ("REQUIRED", "ALTERNATIVE", "CONDITIONAL", DISABLED)

Document = Mapping[str, Any]


@frozen
class Node:
    """An execution of a flow.

    Attributes:
        requirement: Whether it must succeed.
        authenticator: What is executed; empty for most flows.
        alias: The alias of the flow that it is; empty where it is none.
        kind: What kind of flow it is.
        description: The description of that flow.
        config_alias: The name of its configuration, if it has one.
        config: Its configuration.
        inner: The executions in it, in order.
        id: Its id in Keycloak, where it is there.
        flow_id: The id of the flow that it is.
        config_id: The id of its configuration.
        priority: Where Keycloak has it among its neighbours.
    """

    requirement: str = DISABLED
    authenticator: str = ""
    alias: str = ""
    kind: str = ""
    description: str = ""
    config_alias: str = ""
    config: Mapping[str, Any] | None = None
    inner: tuple["Node", ...] = ()
    id: str = field(default="", eq=False)
    flow_id: str = field(default="", eq=False)
    config_id: str = field(default="", eq=False)
    priority: int = field(default=0, eq=False)

    @property
    def name(self) -> str:
        """What it is called in its flow, unless that is taken."""
        return self.alias or self.authenticator

    @property
    def has_config(self) -> bool:
        """Whether it has a configuration, which may be empty."""
        return self.config is not None

    @property
    def bare(self) -> "Node":
        """The same without what is in it."""
        return evolve(self, inner=())


def keyed(nodes: Sequence[Node], above: tuple[str, ...] = ()) -> Iterator[tuple[str, Node]]:
    """All executions with their keys, each before what is in it."""
    taken = {node.alias for node in nodes}
    for node in nodes:
        name = node.alias or free(node.authenticator, taken)
        taken.add(name)
        yield str(Address.of(*above, name)), node
        yield from keyed(node.inner, (*above, name))


def free(name: str, taken: Container[str]) -> str:
    """The name, or where it is taken, the name with the next number."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name} #{number}"
    return found


def document(nodes: Sequence[Node]) -> dict[str, Any]:
    """The fields of a flow with these executions."""
    found = list(keyed(nodes))
    return {EXECUTIONS: {key: entry(node) for key, node in found}, ORDER: [key for key, _ in found]}


def entry(node: Node) -> dict[str, Any]:
    """The fields of an execution, apart from what is in it."""
    own = {
        "authenticator": node.authenticator,
        "requirement": node.requirement,
        "providerId": node.kind,
        "description": node.description,
        "authenticatorConfig": node.config_alias,
    }
    found: dict[str, Any] = {name: value for name, value in own.items() if value}
    return found if node.config is None else {**found, "config": dict(node.config)}


def tree(fields: Document) -> tuple[Node, ...]:
    """The executions of a flow with these fields: the inverse of `document`."""
    entries: Mapping[str, Document] = fields.get(EXECUTIONS) or {}
    order = {key: number for number, key in enumerate(fields.get(ORDER) or ())}
    within: dict[tuple[str, ...], list[str]] = {}
    for key in sorted(entries, key=lambda key: order.get(key, len(order))):
        within.setdefault(Address.parse(key).parent.segments, []).append(key)

    def below(place: tuple[str, ...]) -> tuple[Node, ...]:
        return tuple(
            _node(Address.parse(key), entries[key], below(Address.parse(key).segments))
            for key in within.get(place, ())
        )

    return below(())


def _node(key: Address, fields: Document, inner: tuple[Node, ...]) -> Node:
    is_flow = bool(fields.get("providerId") or inner)
    config = fields.get("config")
    if config is None and fields.get("authenticatorConfig"):
        # An empty configuration has no fields of its own, and is there all the same.
        config = {}
    return Node(
        requirement=fields.get("requirement") or DISABLED,
        authenticator=fields.get("authenticator") or "",
        alias=key.name if is_flow else "",
        kind=(fields.get("providerId") or BASIC) if is_flow else "",
        description=fields.get("description") or "",
        config_alias=fields.get("authenticatorConfig") or "",
        config=config,
        inner=inner,
    )


def flow_named(alias: str) -> str:
    """What is said of a flow with this alias."""
    return f"the flow `{alias}`"


def configuration_named(alias: str) -> str:
    """What is said of a configuration with this alias."""
    return f"the configuration `{alias}`"


def flows_in(nodes: Sequence[Node]) -> list[str]:
    """The flows among executions, and in those, as they are named."""
    return [flow_named(node.alias) for node in every(nodes) if node.alias]


def configurations_in(nodes: Sequence[Node]) -> list[str]:
    """The configurations of executions, and of those in them, as they are named."""
    configured = (node for node in every(nodes) if node.has_config)
    return [configuration_named(node.config_alias or node.name) for node in configured]


def every(nodes: Sequence[Node]) -> Iterator[Node]:
    """All executions, each before what is in it."""
    return (node for _, node in keyed(nodes))
