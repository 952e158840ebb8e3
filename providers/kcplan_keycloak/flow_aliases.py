"""The aliases that a flow, and all that is in it, has while it is made beside another one. Pure."""

from typing import Final

from attrs import evolve

from kcplan_keycloak.flow_server import Flow
from kcplan_keycloak.flow_tree import Node

SIGNS: Final = tuple(f" - kcplan {number}" for number in (1, 2, 3))
"""What the aliases of a flow that is made beside another one end with."""


def signed(flow: Flow, sign: str) -> Flow:
    """The flow, and all flows in it, under other aliases."""

    def other(node: Node) -> Node:
        return evolve(
            node,
            alias=f"{node.alias}{sign}" if node.alias else "",
            config_alias="" if node.config is None else f"{node.config_alias or node.name}{sign}",
            inner=tuple(map(other, node.inner)),
        )

    return evolve(flow, alias=f"{flow.alias}{sign}", nodes=tuple(map(other, flow.nodes)))


def unsigned(flow: Flow) -> Flow:
    """The flow, and all flows in it, under their own aliases."""

    def own(node: Node) -> Node:
        return evolve(
            node,
            alias=own_alias(node.alias),
            config_alias=own_alias(node.config_alias),
            inner=tuple(map(own, node.inner)),
        )

    return evolve(flow, alias=own_alias(flow.alias), nodes=tuple(map(own, flow.nodes)))


def own_alias(alias: str) -> str:
    """The alias without what it ends with as long as its flow is beside another one."""
    sign = next((sign for sign in SIGNS if alias.endswith(sign)), "")
    return alias.removesuffix(sign)


def beside(alias: str) -> frozenset[str]:
    """The aliases that a flow may have while it takes the place of another one."""
    return frozenset(alias + sign for sign in SIGNS)
