"""Secrets in flows: Keycloak gives none back, so one that is made anew must be told them again."""

from collections.abc import Mapping

from attrs import evolve

from kcplan.errors import ServerError
from kcplan.secret import MASK, reveal
from kcplan_keycloak.flow_aliases import unsigned
from kcplan_keycloak.flow_server import Flow
from kcplan_keycloak.flow_tree import Node, every, keyed
from kcplan_keycloak.resource_type import Writing


def refuse_unknown_secrets(writing: Writing, flow: Flow) -> None:
    """Refuse to make a flow anew of which nobody knows a secret. Raises ServerError."""
    unknown = [
        f"{name} of {key}"
        for key, node in keyed(flow.nodes)
        for name, value in (node.config or {}).items()
        if reveal(value) == MASK
    ]
    if unknown:
        raise ServerError(
            f"{writing.address} cannot change: Keycloak does not give away {', '.join(unknown)}",
            "The flow is made anew, and for that its secrets must be in the files. Declare them.",
        )


def unknown_secrets(flow: Flow) -> list[str]:
    """The settings of a flow whose values Keycloak does not give."""
    nodes = every(flow.nodes)
    return sorted(
        {name for node in nodes for name, value in (node.config or {}).items() if value == MASK}
    )


def told(flow: Flow, secrets: Mapping[tuple[str, str], str]) -> Flow:
    """The flow with secrets in the place of masks, by the key of an execution and the setting."""
    keys = iter([key for key, _ in keyed(unsigned(flow).nodes)])

    def filled(node: Node) -> Node:
        key, config = next(keys), node.config
        if config is not None:
            known = {name: secrets.get((key, name), MASK) for name in config}
            config = {n: known[n] if value == MASK else value for n, value in config.items()}
        return evolve(node, config=config, inner=tuple(map(filled, node.inner)))

    return evolve(flow, nodes=tuple(map(filled, flow.nodes)))


def without_secrets(flow: Flow) -> Flow:
    """The flow without the secrets that nobody knows."""

    def known(node: Node) -> Node:
        config = node.config
        if config is not None:
            config = {name: value for name, value in config.items() if value != MASK}
        return evolve(node, config=config, inner=tuple(map(known, node.inner)))

    return evolve(flow, nodes=tuple(map(known, flow.nodes)))
