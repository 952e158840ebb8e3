"""Authentication flows: each with all that is in it, and the configurations of that.

An export has them flat, see `kcplan_keycloak.flow_sections`; how one is compared says
`kcplan_keycloak.flow_tree`, how one becomes another `kcplan_keycloak.flow_writing`, and what only
the whole realm tells of a change `kcplan_keycloak.flow_check`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import asdict

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.errors import LostError, ServerError
from kcplan.offered import Listed
from kcplan.path_patterns import path_matches
from kcplan.plan import Operation, Step
from kcplan.provider import Image
from kcplan.resource import (
    Forbidden,
    Origin,
    Resource,
    TypeSpec,
)
from kcplan.schema import Leaves
from kcplan.secret import MASK, conceal
from kcplan.snapshot import LiveObject
from kcplan_keycloak import flow_scattering, flow_sections, forms
from kcplan_keycloak.api import Get, path
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.errors import ConflictError, NotFoundError
from kcplan_keycloak.flow_aliases import beside
from kcplan_keycloak.flow_bindings import bound_to
from kcplan_keycloak.flow_drawing import draw
from kcplan_keycloak.flow_eras import of_old
from kcplan_keycloak.flow_leaves import (
    ENTRY,
    KEY,
    SCHEMA,
    SECRETS,
    changed,
    flow_of,
    leaves_of,
    secrets_told,
)
from kcplan_keycloak.flow_secrets import told, unknown_secrets
from kcplan_keycloak.flow_server import Flow, Flows
from kcplan_keycloak.flow_tree import EXECUTIONS, ORDER, Node, flow_named, flows_in
from kcplan_keycloak.flow_writing import FlowChange
from kcplan_keycloak.flows_made import BUILT_IN, made
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Part, Reading, Writing, gone
from kcplan_keycloak.server_info import AUTHENTICATOR


def _forbids(address: Address, before: Leaves, after: Leaves) -> Iterator[Forbidden]:
    """In a flow of Keycloak's own no execution comes, goes, or executes something else."""
    if address.name not in BUILT_IN:
        return
    there, then = _structure(before), _structure(after)
    for key in sorted(k for k in there.keys() | then.keys() if there.get(k) != then.get(k)):
        what = "removed" if key not in then else "changed" if key in there else "added"
        yield Forbidden(
            (EXECUTIONS, key),
            f"{key} of {address} cannot be {what}: the flow is Keycloak's own",
            "Only requirements, the order and configurations of its executions can change. "
            "Declare a flow of your own, under another alias, and bind the realm to that.",
        )


def _structure(leaves: Leaves) -> dict[str, set[tuple[str, str]]]:
    """What a flow executes, by key."""
    gone = {where[1] for where, value in leaves.items() if len(where) == ENTRY and value is None}
    found: dict[str, set[tuple[str, str]]] = {}
    for where, value in leaves.items():
        if where[0] == EXECUTIONS and len(where) > ENTRY and where[1] not in gone:
            said = {(where[2], str(value))} if where[2] in ("authenticator", "providerId") else ()
            found.setdefault(where[1], set()).update(said)
    return found


def _made_anew(changed: set[Path]) -> bool:
    """Whether a change of these fields takes more than one request, which makes the flow anew."""
    if changed <= {KEY, ("description",)}:
        return False
    return len(changed) > 1 or any(
        where == (ORDER,) or len(where) == ENTRY or where[-1] in ("authenticator", "providerId")
        for where in changed
    )


def _takes(resource: Resource) -> Iterator[str]:
    """Its alias, and those of the flows in it: no two of a realm are alike."""
    flow = flow_of("", resource.address.name, resource.leaves)
    return iter([flow_named(flow.alias), *flows_in(flow.nodes)])


SPEC: Final = TypeSpec(
    name="flow",
    pattern="REALM/flows/ALIAS",
    rank=5,
    where="authenticationFlows[alias]",
    told_at="authentication",
    schema=SCHEMA,
    key=KEY,
    ignored=(("id",),),
    sensitive=SECRETS,
    decisive=(EXECUTIONS, ORDER),
    forbids=_forbids,
    bygone=of_old,
    takes=_takes,
    made_anew=_made_anew,
    masked=SECRETS,
    draws=lambda before, after: draw(SCHEMA, before, after),
    listed=(Listed((EXECUTIONS, "*", "authenticator"), AUTHENTICATOR),),
    chooses_id=True,
    origin=Origin(lambda address, _: address.name in BUILT_IN, filled=True, told=True),
    born=lambda address: made(SCHEMA, address.name),
    gather=flow_sections.gather,
    forms=forms.flows,
    scatter=flow_scattering.scatter,
)

_AT: Final = Collection(path="authentication/flows", paged=False, name_key="alias")


@frozen
class FlowType:
    """Flows through `/authentication`."""

    spec: TypeSpec = SPEC
    parts: tuple[Part, ...] = ()
    at: Collection = _AT
    unsettles: tuple[Operation, ...] = (Operation.UPDATE,)
    """All that is bound to a flow moves while it changes: nothing else may write that then."""

    def path_of(self, address: Address, object_id: str | None) -> str:
        """The path of a flow in the Admin API."""
        return path("realms", address.realm, "authentication", "flows", object_id or "")

    def find(self, names: Names, address: Address) -> None:
        """Learn the ids of all flows, which come in one request."""
        self.at.find(SPEC, names, address)

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The wanted flows that are there, each with all that is in it."""
        flows = Flows(reading.api, reading.realm)
        news = reading.unmanaged or reading.everything
        if not reading.wanted and not news:
            return []
        bodies = flows.bodies()
        for body in bodies:
            reading.names.learn(_address(reading.realm, body), body["id"])
        chosen = [b for b in bodies if news or _address(reading.realm, b) in reading.wanted]
        return reading.api.map(lambda body: _live(reading.realm, flows.read(body)), chosen)

    def foreseen(self, reading: Reading) -> Iterable[Get]:
        """The list, then what is in the wanted flows."""
        flows = Flows(reading.api, reading.realm)
        return [flows.gets({a.name for a in reading.wanted})] if reading.wanted else []

    # -- writing -----------------------------------------------------------------------------

    def create(self, writing: Writing) -> str | None:
        """Make the flow with all that is in it."""
        chosen = writing.step.object_id
        flows = Flows(writing.api, writing.address.realm)
        flow = flow_of("", writing.address.name, writing.step.after)
        try:
            return flows.make(flow, chosen=chosen)
        except ConflictError:
            if all(body["id"] != chosen for body in flows.bodies()):
                raise
        # A creation was interrupted: nobody else chooses this id.
        flows.delete(str(chosen))
        return flows.make(flow, chosen=chosen)

    def update(self, writing: Writing) -> str | None:
        """Make what is there to what it shall be; gives the id that it has then."""
        change = FlowChange.of(writing)
        there = _there(writing, change.flows)
        alias = str(writing.step.after.get(KEY) or writing.address.name)
        return change.apply(there, changed(there, alias, writing.step.after))

    def delete(self, writing: Writing) -> None:
        """Delete the flow with all that is in it. Raises ServerError where it is bound."""
        flows, flow_id = Flows(writing.api, writing.address.realm), writing.object_id()
        try:
            flows.delete(flow_id)
        except NotFoundError:
            raise
        except ServerError:
            address = writing.address
            bound = bound_to(writing.api, address.realm, flow_id, address.name)
            if not bound:
                raise
            raise ServerError(
                f"{address} cannot be deleted: bound to it are "
                + ", ".join(sorted(f"{item.address} ({item.field[-1]})" for item in bound)),
                "Bind these to another flow first, in the files where they declare it.",
            ) from None
        writing.names.forget(writing.address)

    # -- back --------------------------------------------------------------------------------

    def leaves_behind(self, step: Step) -> bool:
        """Whether undoing a step is more than writing what was there."""
        return step.operation is Operation.UPDATE

    def capture(self, writing: Writing) -> Image | None:
        """The flow with all that is in it, and what an interrupted change left beside it."""
        flows = Flows(writing.api, writing.address.realm)
        there = _there(writing, flows)
        names = beside(writing.address.name)
        left = sorted(body["alias"] for body in flows.bodies() if body["alias"] in names)
        return {"flow": asdict(there), "beside": left}

    def is_finished(self, writing: Writing) -> bool:
        """Whether no flow is left that stood in for this one while it changed."""
        names = beside(writing.address.name)
        bodies = Flows(writing.api, writing.address.realm).bodies()
        return all(body["alias"] not in names for body in bodies)

    def restore(self, writing: Writing, image: Image) -> Mapping[Address, str]:
        """Bring the flow back as it was, and all that was bound to it.

        Raises:
            LostError: It is back, without its secrets, or with the new ones.
        """
        flow = _of_image(image["flow"])
        full = told(flow, secrets_told(writing.step.after))
        change = FlowChange.of(writing)
        lost = unknown_secrets(full)
        was_there = any(body["id"] == flow.id for body in change.flows.bodies())
        now = change.restored(flow, full)
        writing.names.learn(_of_realm(writing.address.realm, flow.alias), now)
        if lost and not was_there:
            raise LostError(
                f"{writing.address} is back without its secrets ({', '.join(lost)})",
                "Keycloak does not give such secrets back, so kcplan could not keep them. Set "
                "them again.",
            )
        if writing.step.lossy:
            raise LostError(
                f"{writing.address} is back, but for its old secrets",
                f"What is lost: {'; '.join(writing.step.lossy)}. It has the new ones; set the old "
                "ones again where they are needed.",
            )
        return {} if now == writing.step.object_id else {writing.address: now}


def _of_realm(realm: str, alias: str) -> Address:
    return Address.of(realm, "flows", alias)


def _address(realm: str, body: Mapping[str, Any]) -> Address:
    return _of_realm(realm, body["alias"])


def _there(writing: Writing, flows: Flows) -> Flow:
    """The flow of a step as it is. Raises ServerError where it is not there any more."""
    wanted = writing.step.object_id or writing.names.known(writing.address)
    bodies = flows.bodies()
    body = next((b for b in bodies if b["id"] == wanted), None)
    for names in ({writing.address.name}, beside(writing.address.name)):
        body = body or next((b for b in bodies if b["alias"] in names), None)
    if body is None:
        raise gone(writing.address)
    return flows.read(body)


def _live(realm: str, flow: Flow) -> LiveObject:
    leaves = {
        where: conceal(value) if value == MASK or path_matches(where, SECRETS) else value
        for where, value in leaves_of(flow).items()
    }
    return LiveObject(_of_realm(realm, flow.alias), SPEC.name, flow.id, leaves)


def _of_image(image: Mapping[str, Any]) -> Flow:
    return Flow(**{**image, "nodes": tuple(map(_node_of_image, image["nodes"]))})


def _node_of_image(image: Mapping[str, Any]) -> Node:
    return Node(**{**image, "inner": tuple(map(_node_of_image, image["inner"]))})


TYPES: Final = (FlowType(),)
