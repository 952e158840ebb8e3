"""Who is bound to a flow: the realm, clients that override it, and identity providers.

They are moved from one flow to another through the types that they are of, one write for each.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.errors import ServerError
from kcplan.plan import Operation, Step
from kcplan.resource import TypeSpec
from kcplan.shapes import MapOf, Ref, Shape
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.resource_type import Writing

FLOW: Final = "flow"


@frozen
class Binding:
    """That something is bound to a flow.

    Attributes:
        address: What is bound.
        type: The word for its type.
        id: Its id.
        field: The field that says so.
    """

    address: Address
    type: str
    id: str
    field: Path


@frozen
class Bindable:
    """All objects of a type that may be bound to flows.

    Attributes:
        spec: The type.
        bodies: The objects, as the Admin API has them.
    """

    spec: TypeSpec
    bodies: Sequence[tuple[Address, Mapping[str, Any]]]

    def bound_to(self, flow_id: str, alias: str) -> Iterator[Binding]:
        """What of it is bound to a flow."""
        names = list(_fields(self.spec))
        for address, body in self.bodies:
            own = str(body.get("id") or body.get("internalId"))
            for at in _bound(body, names, self.spec, (flow_id, alias)):
                yield Binding(address, self.spec.name, own, at)


def bound_to(api: AdminApi, realm: str, flow_id: str, alias: str) -> list[Binding]:
    """All that is bound to a flow. Raises ServerError."""
    every = (bindable(api, realm, name) for name in bindable_types())
    return [binding for one in every for binding in one.bound_to(flow_id, alias)]


def bindable_types() -> Iterator[str]:
    """The words for the types of which there are objects that are bound to flows."""
    from kcplan_keycloak.resources import resource_types

    return (name for name, kind in resource_types().items() if any(_fields(kind.spec)))


def bindable(api: AdminApi, realm: str, type_name: str) -> Bindable:
    """All objects of such a type. Raises ServerError."""
    from kcplan_keycloak.resources import resource_types

    kind: Any = resource_types()[type_name]
    holder = Address.of(realm)
    if kind.spec.where == "":
        return Bindable(kind.spec, [(holder, api.get(path("realms", realm)) or {})])
    bodies = kind.at.read_all(api, kind.at.below(holder, None))
    return Bindable(kind.spec, list(kind.at.addressed(kind.spec, holder, bodies)))


def _fields(spec: TypeSpec) -> Iterator[str]:
    """The fields of a type that name flows."""
    return (name for name, shape in spec.schema.fields.items() if _names_flow(shape))


def _names_flow(shape: Shape) -> bool:
    if isinstance(shape, MapOf):
        return _names_flow(shape.value)
    return isinstance(shape, Ref) and shape.type == FLOW


def _bound(
    body: Mapping[str, Any], names: Iterable[str], spec: TypeSpec, flow: tuple[str, str]
) -> Iterator[Path]:
    """The fields of an object that name the flow, by id or alias as the Admin API has it there."""
    for name in names:
        value = body.get(name)
        if isinstance(spec.schema.fields[name], MapOf):
            yield from ((name, key) for key, item in (value or {}).items() if item == flow[0])
        elif value == flow[1]:
            yield (name,)


def move(writing: Writing, binding: Binding, alias: str) -> None:
    """Bind it to another flow. Raises ServerError."""
    from kcplan_keycloak.resources import resource_types

    after = {binding.field: alias}
    step = Step(
        id=f"bind {binding.address}",
        operation=Operation.UPDATE,
        address=binding.address,
        type=binding.type,
        object_id=binding.id,
        before=dict.fromkeys(after),
        after=after,
    )
    resource_types()[binding.type].update(evolve(writing, step=step))


def refuse_strangers(writing: Writing, bindings: Iterable[Binding]) -> None:
    """Refuse to touch what no file manages. Raises ServerError that names it."""
    strangers = sorted(
        {str(item.address) for item in bindings if item.address not in writing.managed}
    )
    if strangers:
        raise ServerError(
            f"{writing.address} cannot change: no file manages what is bound to it: "
            + ", ".join(strangers),
            "A flow that somebody logs in with is replaced by a new one, and all that is bound to "
            "it moves there. Declare these in the files, or bind them to another flow.",
        )
