"""How a flow becomes another one, and nobody who logs in meets anything in between.

One request is enough for one requirement, or one configuration. For all else a new flow is made
beside the old one:

    make the new one, under other aliases ─▶ bind to it all that is bound to the old one
    ─▶ delete the old one ─▶ give the new one its aliases

A flow that Keycloak made cannot be deleted, so that there a copy takes its place for as long as it
is being changed. Whatever of this was done, `restored` leads back.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, Final

from attrs import evolve, frozen

from kcplan.address import Address
from kcplan.errors import ServerError
from kcplan.secret import MASK, reveal
from kcplan_keycloak.flow_bindings import Binding, bound_to, move, refuse_strangers
from kcplan_keycloak.flow_server import Flow, Flows
from kcplan_keycloak.flow_tree import Node, every, keyed
from kcplan_keycloak.resource_type import Writing, gone

_STEP: Final = 10
_SIGNS: Final = tuple(f" - kcplan {number}" for number in (1, 2, 3))
"""What the aliases of a flow that is made beside another one end with."""

Write = Callable[[], None]
Body = Mapping[str, Any]


@frozen
class FlowChange:
    """A flow that is being changed.

    Attributes:
        writing: The step.
        flows: The flows of the realm.
    """

    writing: Writing
    flows: Flows

    @classmethod
    def of(cls, writing: Writing) -> "FlowChange":
        """The change that a step makes."""
        return cls(writing, Flows(writing.api, writing.address.realm))

    def apply(self, there: Flow, new: Flow) -> str:
        """Make the flow that is there to the new one; gives the id that the flow has then.

        Raises:
            ServerError: Keycloak refuses it, or it cannot be done without a secret.
        """
        old = unsigned(there)
        strays = self._strays(there, (old.alias, new.alias))
        writes = _writes(self.flows, there, old, new)
        if there.built_in and strays:
            self._finish(there, strays, self._in_place(writes))
        elif writes is not None and len(writes) <= 1:
            self._write(writes)
        elif there.built_in:
            self._through_copy(there, new, self._in_place(writes))
        else:
            return self._replace(there, new, strays)
        self.settle_aliases(there.id, new)
        return there.id

    # -- a new flow in the place of the old one ----------------------------------------------

    def _replace(self, there: Flow, new: Flow, strays: Sequence[Body]) -> str:
        bindings = self._bound(there.id, there.alias)
        refuse_strangers(self.writing, bindings)
        _refuse_unknown_secrets(self.writing, new)
        bindings += self._clear_away(strays)
        made = self._make_beside(new)
        self._move(bindings, made)
        for flow_id in (there.id, *self._left(strays)):
            self.flows.delete(flow_id)
        self.settle_aliases(made.id, new)
        return made.id

    def _through_copy(self, there: Flow, new: Flow, writes: Sequence[Write]) -> None:
        """Change a flow while a copy of what it becomes stands in for it."""
        bindings = self._bound(there.id, there.alias)
        if not bindings:
            self._write(writes)
            return
        refuse_strangers(self.writing, bindings)
        _refuse_unknown_secrets(self.writing, new)
        copy = self._make_beside(new)
        self._move(bindings, copy)
        self._write(writes)
        self._move(bindings, there)
        self.flows.delete(copy.id)

    def _finish(self, there: Flow, copies: Sequence[Body], writes: Sequence[Write]) -> None:
        """Change a flow for which a copy stands in already."""
        bindings = [item for copy in copies for item in self._bound(copy["id"], copy["alias"])]
        self._write(writes)
        self._move(bindings, there)
        for copy in copies:
            self.flows.delete(copy["id"])

    def _in_place(self, writes: Sequence[Write] | None) -> Sequence[Write]:
        if writes is None:
            raise ServerError(
                f"{self.writing.address} is Keycloak's own: only what is required of its "
                "executions, their order and their configurations can change",
                "Declare a flow of your own, under another alias, and bind the realm to that.",
            )
        return writes

    def _write(self, writes: Sequence[Write]) -> None:
        for write in writes:
            write()

    def _strays(self, there: Flow, aliases: Iterable[str]) -> list[Body]:
        """What was left beside a flow when a change of it was interrupted."""
        signed = {alias + sign for alias in aliases for sign in _SIGNS}
        bodies = self.flows.bodies()
        return [body for body in bodies if body["alias"] in signed and body["id"] != there.id]

    def _clear_away(self, strays: Sequence[Body]) -> list[Binding]:
        """Delete those to which nothing is bound; gives what is bound to the others."""
        found: list[Binding] = []
        for body in strays:
            bound = self._bound(body["id"], body["alias"])
            if not bound:
                self.flows.delete(body["id"])
            found += bound
        return found

    def _left(self, strays: Sequence[Body]) -> list[str]:
        ids = {body["id"] for body in self.flows.bodies()} if strays else set()
        return [body["id"] for body in strays if body["id"] in ids]

    def _bound(self, flow_id: str, alias: str) -> list[Binding]:
        return bound_to(self.writing.api, self.writing.address.realm, flow_id, alias)

    def _make_beside(self, flow: Flow, chosen: str | None = None) -> Flow:
        """Make a flow under other aliases; gives it as it is then."""
        taken = self._signs_of(flow.alias)
        sign = next((sign for sign in _SIGNS if sign not in taken), None)
        if sign is None:
            raise ServerError(
                f"{self._address(flow.alias)} cannot change: interrupted changes left flows beside "
                f"it that end with {', '.join(f'`{sign}`' for sign in _SIGNS)}",
                "Delete those of them to which nothing is bound, and try again.",
            )
        other = _signed(flow, sign)
        return evolve(other, id=self.flows.make(other, chosen=chosen))

    def _signs_of(self, alias: str) -> set[str]:
        """The signs that flows of this alias have, or something in them."""
        bodies = [body for body in self.flows.bodies() if _unsigned(body["alias"]) == alias]
        names = {body["alias"] for body in bodies}
        for node in (node for body in bodies for node in every(self.flows.read(body).nodes)):
            names |= {node.alias, node.config_alias}
        return {sign for sign in _SIGNS for name in names if name.endswith(sign)}

    def _body(self, flow_id: str) -> Body:
        """A flow without what is in it. Raises ServerError where it is not there any more."""
        found = next((body for body in self.flows.bodies() if body["id"] == flow_id), None)
        if found is None:
            raise gone(self.writing.address)
        return found

    def _move(self, bindings: Sequence[Binding], flow: Flow) -> None:
        self.writing.names.learn(self._address(flow.alias), flow.id)
        for binding in bindings:
            move(self.writing, binding, flow.alias)

    def _address(self, alias: str) -> Address:
        return Address.of(self.writing.address.realm, "flows", alias)

    def settle_aliases(self, flow_id: str, wanted: Flow) -> None:
        """Give a flow, and all that is in it, the aliases that they shall have."""
        body = self._body(flow_id)
        if body["alias"] != wanted.alias:
            built_in = bool(body.get("builtIn"))
            self.flows.describe(evolve(wanted, id=flow_id, built_in=built_in))
            self.writing.names.forget(self._address(body["alias"]))
        self.writing.names.learn(self._address(wanted.alias), flow_id)
        if not any(node.alias or node.has_config for node in wanted.nodes):
            return
        there = self.flows.read({**body, "alias": wanted.alias})
        for now, then in zip(every(there.nodes), every(unsigned(there).nodes), strict=True):
            if now.alias != then.alias:
                self.flows.describe_inner(then, built_in=there.built_in)
            if now.config_alias != then.config_alias:
                self.flows.write_config(then)

    # -- back --------------------------------------------------------------------------------

    def restored(self, image: Flow, full: Flow) -> str:
        """Bring a flow back, and all that is bound to what stands in its place; gives its id.

        Whatever was done of a change, or of a deletion: it may have been interrupted anywhere.
        `full` is the same with the secrets that are known.
        """
        aliases = {image.alias, self.writing.address.name}
        aliases |= {alias + sign for alias in aliases for sign in _SIGNS}
        bodies = self.flows.bodies()
        others = [b for b in bodies if b["alias"] in aliases and b["id"] != image.id]
        right = next((body for body in bodies if body["id"] == image.id), None)
        bindings = [item for b in others for item in self._bound(b["id"], b["alias"])]
        if right is None:
            there = self._make_beside(_without_secrets(full), chosen=image.id)
        else:
            there = self.flows.read(right)
            if bindings:
                # Nobody logs in with it yet, so that it can change piece by piece.
                self._write(_writes(self.flows, there, unsigned(there), image) or ())
        self._move(bindings, there)
        for body in others:
            self.flows.delete(body["id"])
        self.settle_aliases(image.id, image)
        now = self.flows.read(self._body(image.id))
        if right is not None and now.content != image.content:
            # A mask keeps the secret that is there, where nothing is made anew.
            writes = _writes(self.flows, now, unsigned(now), image)
            in_place = writes is not None and len(writes) <= 1
            self.apply(now, image if in_place else full)
        return image.id


# -- what changes in place --------------------------------------------------------------------


def _writes(flows: Flows, there: Flow, old: Flow, new: Flow) -> list[Write] | None:
    """The writes that change a flow in place; None where executions come, go, or move about.

    Args:
        flows: The flows of the realm.
        there: The flow, under the aliases that it has.
        old: The same, under its own aliases.
        new: What it becomes.
    """
    before, after = dict(keyed(old.nodes)), dict(keyed(new.nodes))
    if old.kind != new.kind or before.keys() != after.keys():
        return None
    writes: list[Write] = []
    if old.description != new.description or old.alias != new.alias:
        own = evolve(there, alias=new.alias, description=new.description)
        writes.append(partial(flows.describe, own))
    placed = dict(_placed(old.nodes, new.nodes))
    for key, node in before.items():
        then = evolve(after[key], priority=placed.get(key, node.priority))
        if (node.authenticator, node.kind) != (then.authenticator, then.kind):
            return None
        writes += _writes_of(flows, there, node, then)
    return writes


def _writes_of(flows: Flows, flow: Flow, old: Node, new: Node) -> Iterator[Write]:
    """The writes that change an execution: each does one of what can be done."""
    placed = evolve(old, requirement=new.requirement, priority=new.priority)
    configured = evolve(placed, config=new.config, config_alias=new.config_alias)
    stages = (old, placed, configured, evolve(configured, description=new.description))
    for before, after in pairwise(stages):
        if before.bare != after.bare or before.priority != after.priority:
            yield partial(flows.write, flow, before, after)


def _placed(
    old: Sequence[Node], new: Sequence[Node], above: tuple[str, ...] = ()
) -> Iterator[tuple[str, int]]:
    """New priorities of executions in an order that is not theirs, by key."""
    now, then = _by_key(old, above), _by_key(new, above)
    if list(now) != list(then):
        yield from ((key, _STEP * (number + 1)) for number, key in enumerate(then))
    for key, node in now.items():
        if node.inner and key in then:
            yield from _placed(node.inner, then[key].inner, (*above, node.alias))


def _by_key(nodes: Sequence[Node], above: tuple[str, ...]) -> dict[str, Node]:
    """The executions of one flow with their keys; those in them have no keys here."""
    keys = (key for key, _ in keyed([node.bare for node in nodes], above))
    return dict(zip(keys, nodes, strict=True))


# -- aliases ----------------------------------------------------------------------------------


def _signed(flow: Flow, sign: str) -> Flow:
    """The flow, and all flows in it, under other aliases."""

    def signed(node: Node) -> Node:
        return evolve(
            node,
            alias=f"{node.alias}{sign}" if node.alias else "",
            config_alias="" if node.config is None else f"{node.config_alias or node.name}{sign}",
            inner=tuple(map(signed, node.inner)),
        )

    return evolve(flow, alias=f"{flow.alias}{sign}", nodes=tuple(map(signed, flow.nodes)))


def unsigned(flow: Flow) -> Flow:
    """The flow, and all flows in it, under their own aliases."""

    def own(node: Node) -> Node:
        return evolve(
            node,
            alias=_unsigned(node.alias),
            config_alias=_unsigned(node.config_alias),
            inner=tuple(map(own, node.inner)),
        )

    return evolve(flow, alias=_unsigned(flow.alias), nodes=tuple(map(own, flow.nodes)))


def _unsigned(alias: str) -> str:
    sign = next((sign for sign in _SIGNS if alias.endswith(sign)), "")
    return alias.removesuffix(sign)


def beside(alias: str) -> frozenset[str]:
    """The aliases that a flow may have while it takes the place of another one."""
    return frozenset(alias + sign for sign in _SIGNS)


# -- secrets ----------------------------------------------------------------------------------


def _refuse_unknown_secrets(writing: Writing, flow: Flow) -> None:
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


def _without_secrets(flow: Flow) -> Flow:
    """The flow without the secrets that nobody knows."""

    def known(node: Node) -> Node:
        config = node.config
        if config is not None:
            config = {name: value for name, value in config.items() if value != MASK}
        return evolve(node, config=config, inner=tuple(map(known, node.inner)))

    return evolve(flow, nodes=tuple(map(known, flow.nodes)))
