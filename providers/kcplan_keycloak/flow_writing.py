"""How a flow becomes another one, and nobody who logs in meets anything in between.

One request is enough for one requirement, or one configuration. For all else a new flow is made
beside the old one:

    make the new one, under other aliases ─▶ bind to it all that is bound to the old one
    ─▶ delete the old one ─▶ give the new one its aliases

A flow that Keycloak made cannot be deleted, so that there a copy takes its place for as long as it
is being changed. Whatever of this was done, `restored` leads back.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.errors import ServerError
from kcplan.plan import Operation
from kcplan_keycloak.flow_aliases import SIGNS, beside, own_alias, signed, unsigned
from kcplan_keycloak.flow_bindings import Binding, bound_to, move, refuse_strangers
from kcplan_keycloak.flow_edits import Write, edits
from kcplan_keycloak.flow_secrets import refuse_unknown_secrets, without_secrets
from kcplan_keycloak.flow_server import Flow, Flows
from kcplan_keycloak.flow_tree import every
from kcplan_keycloak.resource_type import Writing, gone

_GRACE: Final = 5.0
"""For how many seconds a copy that stood in for a flow is kept, though nothing is bound to it.

Whoever was asked by it, and had answered the flow before, has only to answer it once: as long as it
is there, Keycloak goes on where they were. Without it they would start over a second time.
"""

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
        writes = edits(self.flows, there, old, new)
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
        refuse_unknown_secrets(self.writing, new)
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
        refuse_unknown_secrets(self.writing, new)
        copy = self._make_beside(new)
        self._move(bindings, copy)
        self._write(writes)
        self._move(bindings, there)
        self._delete_copies(there, bindings, [copy.id])

    def _finish(self, there: Flow, copies: Sequence[Body], writes: Sequence[Write]) -> None:
        """Change a flow for which a copy stands in already."""
        bindings = [item for copy in copies for item in self._bound(copy["id"], copy["alias"])]
        self._write(writes)
        self._move(bindings, there)
        self._delete_copies(there, bindings, [copy["id"] for copy in copies])

    def _delete_copies(self, flow: Flow, moved: Sequence[Binding], ids: Iterable[str]) -> None:
        """Delete what stood in for a flow, to which all of this has moved."""
        if flow.built_in and moved:
            self.flows.api.wait(_GRACE)
        for flow_id in ids:
            self.flows.delete(flow_id)

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
        signed = {alias + sign for alias in aliases for sign in SIGNS}
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
        sign = next((sign for sign in SIGNS if sign not in taken), None)
        if sign is None:
            raise ServerError(
                f"{self._address(flow.alias)} cannot change: interrupted changes left flows beside "
                f"it that end with {', '.join(f'`{sign}`' for sign in SIGNS)}",
                "Delete those of them to which nothing is bound, and try again.",
            )
        other = signed(flow, sign)
        return evolve(other, id=self.flows.make(other, chosen=chosen))

    def _signs_of(self, alias: str) -> set[str]:
        """The signs that flows of this alias have, or something in them."""
        bodies = [body for body in self.flows.bodies() if own_alias(body["alias"]) == alias]
        names = {body["alias"] for body in bodies}
        for node in (node for body in bodies for node in every(self.flows.read(body).nodes)):
            names |= {node.alias, node.config_alias}
        return {sign for sign in SIGNS for name in names if name.endswith(sign)}

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
        bodies = self.flows.bodies()
        right = next((body for body in bodies if body["id"] == image.id), None)
        others = self._in_its_place(image, bodies, gone=right is None)
        bound = {body["id"]: self._bound(body["id"], body["alias"]) for body in others}
        bindings = [item for items in bound.values() for item in items]
        if right is None:
            there = self._make_beside(without_secrets(full), chosen=image.id)
        else:
            there = self.flows.read(right)
            standing = next((body for body in others if bound[body["id"]]), None)
            if standing is not None:
                bindings += self._written_back(there, image, standing)
        self._move(bindings, there)
        self._delete_copies(there, bindings, [body["id"] for body in others])
        self.settle_aliases(image.id, image)
        now = self.flows.read(self._body(image.id))
        if right is not None and now.content != image.content:
            # A mask keeps the secret that is there, where nothing is made anew.
            writes = edits(self.flows, now, unsigned(now), image)
            in_place = writes is not None and len(writes) <= 1
            self.apply(now, image if in_place else full)
        return image.id

    def _in_its_place(self, image: Flow, bodies: Sequence[Body], *, gone: bool) -> list[Body]:
        """The flows that a change has made for a flow; others may be somebody else's.

        One has the alias of the flow only after that is `gone`, and after an update.
        """
        own = {image.alias, self.writing.address.name}
        names = {name for alias in own for name in beside(alias)}
        found = [b for b in bodies if b["alias"] in names and b["id"] != image.id]
        if found or not gone or self.writing.step.operation is not Operation.UPDATE:
            return found
        return [body for body in bodies if body["alias"] == self.writing.address.name]

    def _written_back(self, there: Flow, image: Flow, standing: Body) -> list[Binding]:
        """Write a flow back for which another one stands in; gives what was bound to it still.

        That moves to the other one first, where there is more than one write: half of what was
        bound may be bound to the flow itself.
        """
        writes = edits(self.flows, there, unsigned(there), image) or ()
        held = self._bound(there.id, there.alias) if len(writes) > 1 else []
        self._move(held, Flow(standing["id"], standing["alias"]))
        self._write(writes)
        return held
