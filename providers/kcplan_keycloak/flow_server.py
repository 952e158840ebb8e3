"""Flows as the Admin API has them: read as trees, made, and written in place.

`GET …/flows/ALIAS/executions` gives all that is in a flow, one after the other, each with its
level. Configurations take a request each.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan_keycloak.api import AdminApi, Get, path
from kcplan_keycloak.flow_tree import BASIC, Node, configuration_named, every, flow_named
from kcplan_keycloak.resource_type import gone

_FORM: Final = "form-flow"
_CLIENT: Final = "client-flow"
_STEP: Final = 10
"""The difference between the priorities of neighbours."""

Body = Mapping[str, Any]


@frozen
class Flow:
    """A flow that a realm can be bound to.

    Attributes:
        id: Its id; empty for one that is not there yet.
        alias: Its alias.
        kind: What kind it is.
        description: What it is said to be.
        nodes: The executions in it, in order.
        built_in: Whether Keycloak made it, and lets nobody add or remove anything.
    """

    id: str
    alias: str
    kind: str = BASIC
    description: str = ""
    nodes: tuple[Node, ...] = ()
    built_in: bool = False

    @property
    def content(self) -> tuple[object, ...]:
        """All that makes it work as it does."""
        return self.kind, self.description, self.nodes


@frozen
class Flows:
    """The flows of a realm."""

    api: AdminApi
    realm: str

    def at(self, *segments: str) -> str:
        """A path below the realm's authentication."""
        return path("realms", self.realm, "authentication", *segments)

    # -- reading -----------------------------------------------------------------------------

    def bodies(self) -> list[dict[str, Any]]:
        """The flows that the realm can be bound to, without what is in them."""
        return list(self.api.get(self.at("flows")) or ())

    def gets(self, aliases: Collection[str]) -> Get:
        """The request with which these flows are read, followed by all others for them."""

        def executions(bodies: Iterable[Body]) -> list[Get]:
            there = [body["alias"] for body in bodies if body["alias"] in aliases]
            return [Get(self.at("flows", a, "executions"), then=self._configs) for a in there]

        return Get(self.at("flows"), then=executions)

    def _configs(self, items: Iterable[Body]) -> list[Get]:
        ids = (item.get("authenticationConfig") for item in items)
        return [Get(self.at("config", i)) for i in dict.fromkeys(ids) if i]

    def taken(self, body: Body) -> list[str]:
        """The flow, all flows in it and their configurations, as they are named."""
        items = self.api.get(self.at("flows", body["alias"], "executions")) or ()
        inner = (item["displayName"] for item in items if item.get("authenticationFlow"))
        # What is no flow has the alias of its configuration here.
        configs = (str(item["alias"]) for item in items if item.get("alias"))
        flows = map(flow_named, (body["alias"], *inner))
        return [*flows, *map(configuration_named, configs)]

    def read(self, body: Body) -> Flow:
        """A flow with all that is in it."""
        items = self.api.get(self.at("flows", body["alias"], "executions"))
        if items is None:
            raise gone(Address.of(self.realm, "flows", body["alias"]))
        configs = {
            str(item["authenticationConfig"]): self._config(item["authenticationConfig"])
            for item in items
            if item.get("authenticationConfig")
        }
        kind = body.get("providerId") or BASIC
        return Flow(
            id=body["id"],
            alias=body["alias"],
            kind=kind,
            description=body.get("description") or "",
            nodes=_nested(items, configs, _CLIENT if kind == _CLIENT else BASIC),
            built_in=bool(body.get("builtIn")),
        )

    def _config(self, config_id: str) -> Body | None:
        """A configuration; None where an execution names one that is not there."""
        found: Body | None = self.api.get(self.at("config", config_id))
        return found

    # -- making ------------------------------------------------------------------------------

    def make(self, flow: Flow, *, chosen: str | None = None) -> str:
        """Make a flow with all that is in it; gives its id. Raises ServerError."""
        body: dict[str, Any] = {
            "alias": flow.alias,
            "description": flow.description,
            "providerId": flow.kind,
            "topLevel": True,
            "builtIn": False,
        }
        made = self.api.post(self.at("flows"), body | ({"id": chosen} if chosen else {}))
        flow_id = chosen or str(made)
        self._fill(flow.alias, flow_id, flow.nodes)
        self._require(flow.alias, flow.nodes)
        return flow_id

    def _fill(self, alias: str, flow_id: str, nodes: Sequence[Node]) -> None:
        """Make executions in a flow, in order; such that come back, where they were."""
        told = any(node.priority for node in nodes)
        for number, node in enumerate(nodes):
            priority = node.priority if told else _STEP * (number + 1)
            if node.alias:
                self._make_inner(alias, node, priority)
            else:
                self._make_execution(flow_id, node, priority)

    def _make_execution(self, flow_id: str, node: Node, priority: int) -> None:
        body = {
            "parentFlow": flow_id,
            "authenticator": node.authenticator,
            "authenticatorFlow": False,
            "requirement": node.requirement,
            "priority": priority,
        }
        made = self.api.post(self.at("executions"), body)
        if node.config is not None:
            self.configure(str(made), node)

    def _make_inner(self, above: str, node: Node, priority: int) -> None:
        """Make a flow in a flow, in one request, so that none is left that is in no other."""
        body = {
            "alias": node.alias,
            "description": node.description,
            "type": node.kind,
            "provider": node.authenticator or None,
            "priority": priority,
        }
        made = self.api.post(self.at("flows", above, "executions", "flow"), body)
        self._fill(node.alias, str(made), node.inner)

    def _require(self, alias: str, nodes: Sequence[Node]) -> None:
        """Give the flows in a flow their requirements: a new one is switched off."""
        wanted = {node.alias: node.requirement for node in every(nodes) if node.alias}
        if not wanted:
            return
        at = self.at("flows", alias, "executions")
        for item in self.api.get(at) or ():
            name = item.get("displayName") if item.get("authenticationFlow") else None
            if name in wanted and item.get("requirement") != wanted[name]:
                self.api.put(at, {**item, "requirement": wanted[name]})

    def configure(self, execution_id: str, node: Node) -> None:
        """Give an execution its configuration."""
        body = {"alias": node.config_alias or node.name, "config": _texts(node.config)}
        self.api.post(self.at("executions", execution_id, "config"), body)

    # -- changing ----------------------------------------------------------------------------

    def describe(self, flow: Flow) -> None:
        """Give a flow that a realm can be bound to its alias and description.

        What is bound to it stays so.
        """
        body = {"id": flow.id, "alias": flow.alias, "description": flow.description}
        known = {"providerId": flow.kind, "topLevel": True, "builtIn": flow.built_in}
        self.api.put(self.at("flows", flow.id), body | known)

    def describe_inner(self, node: Node, *, built_in: bool) -> None:
        """Give a flow in a flow its alias and description."""
        body = {"id": node.flow_id, "alias": node.alias, "description": node.description}
        known = {"providerId": node.kind, "topLevel": False, "builtIn": built_in}
        self.api.put(self.at("flows", node.flow_id), body | known)

    def write_config(self, node: Node) -> None:
        """Write the configuration of an execution. A mask in it keeps the secret that is there."""
        body = {
            "id": node.config_id,
            "alias": node.config_alias or node.name,
            "config": _texts(node.config),
        }
        self.api.put(self.at("config", node.config_id), body)

    def write(self, flow: Flow, old: Node, new: Node) -> None:
        """Bring requirement, place and configuration of an execution to what they shall be."""
        if (old.requirement, old.priority) != (new.requirement, new.priority):
            at = self.at("flows", flow.alias, "executions")
            found = next((i for i in self.api.get(at) or () if i["id"] == old.id), None)
            if found is None:
                raise gone(Address.of(self.realm, "flows", flow.alias))
            changed = {"requirement": new.requirement, "priority": new.priority}
            self.api.put(at, {**found, **changed})
        if new.config is None and old.config is not None:
            self.api.delete(self.at("config", old.config_id))
        elif old.config is None and new.config is not None:
            self.configure(old.id, new)
        elif (old.config, old.config_alias) != (new.config, new.config_alias):
            self.write_config(evolve(new, config_id=old.config_id))
        if new.alias and new.description != old.description:
            inner = evolve(new, alias=old.alias, flow_id=old.flow_id)
            self.describe_inner(inner, built_in=flow.built_in)

    def delete(self, flow_id: str) -> None:
        """Delete a flow with all that is in it."""
        self.api.delete(self.at("flows", flow_id))


def _texts(config: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (config or {}).items() if value is not None}


def _nested(
    items: Sequence[Body], configs: Mapping[str, Body | None], kind: str
) -> tuple[Node, ...]:
    """Executions that come one after the other, each in that of the level above it."""
    if not items:
        return ()
    level = min(item["level"] for item in items)
    starts = [number for number, item in enumerate(items) if item["level"] == level]
    found = []
    for start, end in zip(starts, [*starts[1:], len(items)], strict=True):
        node = _node(items[start], configs, kind)
        found.append(evolve(node, inner=_nested(items[start + 1 : end], configs, kind)))
    return tuple(found)


def _node(item: Body, configs: Mapping[str, Body | None], kind: str) -> Node:
    config = configs.get(str(item.get("authenticationConfig") or ""))
    is_flow = bool(item.get("authenticationFlow"))
    return Node(
        requirement=item["requirement"],
        authenticator=item.get("providerId") or "",
        alias=item["displayName"] if is_flow else "",
        kind=_kind_of(item, kind) if is_flow else "",
        description=(item.get("description") or "") if is_flow else "",
        config_alias=str(config.get("alias") or "") if config else "",
        config=dict(config.get("config") or {}) if config is not None else None,
        id=item["id"],
        flow_id=item.get("flowId") or "",
        config_id=str(item.get("authenticationConfig") or "") if config is not None else "",
        priority=item.get("priority") or 0,
    )


def _kind_of(item: Body, kind: str) -> str:
    """The kind of a flow in a flow, of which Keycloak says only what it may be required to do."""
    choices: Iterable[str] = item.get("requirementChoices") or ()
    return kind if "ALTERNATIVE" in choices else _FORM
