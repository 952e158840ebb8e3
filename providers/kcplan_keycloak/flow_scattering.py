"""From trees to flows as an export has them: the inverse of `kcplan_keycloak.flow_sections`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kcplan_keycloak.flow_sections import CONFIGS, SECTION
from kcplan_keycloak.flow_tree import EXECUTIONS, ORDER, Node, tree
from kcplan_keycloak.flows_made import BUILT_IN


def scatter(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The inverse of `gather`: a document as an export has it."""
    if SECTION not in document:
        return document
    flows: list[dict[str, Any]] = []
    inner: list[dict[str, Any]] = []
    configs: dict[str, dict[str, Any]] = {}
    for flow in document[SECTION]:
        is_built_in = flow["alias"] in BUILT_IN
        own = {key: value for key, value in flow.items() if key not in (EXECUTIONS, ORDER)}
        own |= {"topLevel": True, "builtIn": is_built_in}
        if EXECUTIONS in flow or ORDER in flow:
            nodes = tree(flow)
            own[EXECUTIONS] = _exported(nodes, configs)
            inner += _flows_in(nodes, configs, is_built_in=is_built_in)
        flows.append(own)
    found = {**document, SECTION: [*flows, *inner]}
    return {**found, CONFIGS: list(configs.values())} if configs else found


def _flows_in(
    nodes: Sequence[Node], configs: dict[str, dict[str, Any]], *, is_built_in: bool
) -> Iterator[dict[str, Any]]:
    """The flows in executions, as an export lists them."""
    for node in nodes:
        if not node.alias:
            continue
        yield {
            "alias": node.alias,
            **({"description": node.description} if node.description else {}),
            "providerId": node.kind,
            "topLevel": False,
            "builtIn": is_built_in,
            EXECUTIONS: _exported(node.inner, configs),
        }
        yield from _flows_in(node.inner, configs, is_built_in=is_built_in)


def _exported(nodes: Sequence[Node], configs: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Executions as an export has them; what they are configured with is put to the others."""
    found = []
    for number, node in enumerate(nodes):
        item: dict[str, Any] = {"requirement": node.requirement, "priority": 10 * (number + 1)}
        if node.authenticator:
            item["authenticator"] = node.authenticator
        item["authenticatorFlow"] = bool(node.alias)
        if node.alias:
            item["flowAlias"] = node.alias
        if node.config is not None:
            item[CONFIGS] = _config_of(node, configs)
        found.append(item)
    return found


def _config_of(node: Node, configs: dict[str, dict[str, Any]]) -> str:
    """The alias under which a configuration is among the others; equal ones stand there once."""
    wanted = node.config_alias or node.name
    alias, number = wanted, 1
    while alias in configs and configs[alias]["config"] != node.config:
        number += 1
        alias = f"{wanted} #{number}"
    configs.setdefault(alias, {"alias": alias, "config": dict(node.config or {})})
    return alias
