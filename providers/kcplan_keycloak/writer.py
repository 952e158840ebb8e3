"""The writer: performs the steps of a plan, undoes them, and finds out whether they happened."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve, field

from kcplan.address import Address
from kcplan.classes import define
from kcplan.diagnostics import Path
from kcplan.diff import alike, compare, without_server_made
from kcplan.errors import LostError
from kcplan.path_patterns import path_matches
from kcplan.plan import Operation, Step
from kcplan.provider import Image, ReadRequest, Wanted
from kcplan.resource import (
    PLACE,
    Resource,
    TypeSpec,
    spec_at,
)
from kcplan.schema import under
from kcplan.secret import is_withheld
from kcplan.shapes import is_entry
from kcplan.snapshot import LiveObject
from kcplan_keycloak.admin_losses import Losses, may_lose, permit_again
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.errors import ConflictError, ServerFailureError
from kcplan_keycloak.floor import Floor
from kcplan_keycloak.names import Names
from kcplan_keycloak.old_images import current
from kcplan_keycloak.reader import KeycloakReader
from kcplan_keycloak.resource_type import (
    LeavingBehind,
    Rehearsing,
    ResourceType,
    StandingIn,
    Unsettling,
    Writing,
)
from kcplan_keycloak.resources import registry, resource_types


@define
class KeycloakWriter:
    """Performs steps through the Admin API. May be used from several threads."""

    api: AdminApi
    known: Mapping[Address, str] = field(factory=dict)
    managed: frozenset[Address] = frozenset()
    names: Names = field(init=False)
    came: set[Address] = field(init=False, factory=set)
    _fresh: set[Address] = field(init=False, factory=set)
    _floor: Floor = field(init=False, factory=Floor)
    _losses: Losses = field(init=False, factory=Losses)

    def __attrs_post_init__(self) -> None:
        self.names = Names(self.api, self.known)

    def capture(self, step: Step) -> Image | None:
        """What a step is about to destroy, read now; None where nothing is needed to undo it."""
        kind = self._kind(step)
        destroys = step.operation is Operation.DELETE or (step.lossy and bool(step.before))
        leaves = isinstance(kind, LeavingBehind) and kind.leaves_behind(step)
        if not (destroys or leaves):
            return None
        writing = self._writing(step)
        image = kind.capture(writing)
        if image is None or not may_lose(step):
            return image
        return self._losses.with_image(writing, image)

    def rehearse(self, step: Step) -> None:
        """Ask whether an object can be created, while the one that has its name is there."""
        kind = self._kind(step)
        if isinstance(kind, Rehearsing):
            kind.rehearse(self._writing(step))

    def perform(self, step: Step) -> str | None:
        """Execute a step; gives the object's id where it is known."""
        kind = self._kind(step)
        alone = isinstance(kind, Unsettling) and step.operation in kind.unsettles
        with self._floor.held(alone=alone):
            return self._perform(step)

    def _perform(self, step: Step) -> str | None:
        step = self._against_what_came(step)
        kind, writing = self._kind(step), self._writing(step)
        actions: Mapping[Operation, Callable[[Writing], str | None]] = {
            Operation.CREATE: kind.create,
            Operation.UPDATE: kind.update,
        }
        if step.operation is Operation.DELETE:
            kind.delete(writing)
            return None
        object_id = self._written(step, actions[step.operation], writing)
        self._note(step)
        if object_id is not None:
            self.names.learn(step.address, object_id)
        return object_id

    def _written(
        self, step: Step, action: Callable[[Writing], str | None], writing: Writing
    ) -> str | None:
        """The id that an action gives; what came along with a new parent is updated instead."""
        try:
            return action(writing)
        except ServerFailureError:
            # Keycloak fails now and then while two requests are the first to read what a role is
            # composed of. Where nothing was made, once more does no harm.
            if step.operation is not Operation.CREATE or self._there(step) is not None:
                raise
            return action(writing)
        except ConflictError:
            holders = step.address.ancestors()
            if step.operation is not Operation.CREATE or self._fresh.isdisjoint(holders):
                raise
            self.names.forget(step.address)
            live = self._there(step)
            if live is None:
                raise
            self.came.add(step.address)
            update = self._update_of(step, live)
            self._kind(step).update(self._writing(update))
            return live.id

    def _note(self, step: Step) -> None:
        """Remember what Keycloak may have made something in: what is new, or was switched on."""
        makers = self._kind(step).spec.makers
        switched_on = any(step.after.get((name,)) is True for name in makers)
        if step.operation is Operation.CREATE or switched_on:
            self._fresh.add(step.address)

    def _against_what_came(self, step: Step) -> Step:
        """The step with `before` and `after` of an object that Keycloak made during the apply."""
        spec = self._kind(step).spec
        came = step.operation is Operation.UPDATE and step.object_id is None
        if not came or not spec.origin.filled:
            return step
        there = self._there(step)
        return step if there is None else self._update_of(step, there)

    def _update_of(self, step: Step, live: LiveObject) -> Step:
        """The step as an update of what is there."""
        wanted = Resource(step.address, step.type, step.after)
        spec = self._kind(step).spec
        found = compare(spec, step.address, wanted, None, live.leaves, lambda *_: None)
        return evolve(
            step,
            operation=Operation.UPDATE,
            object_id=live.id,
            before={change.path: change.before for change in found.changes},
            after={change.path: change.after for change in found.changes},
        )

    def happened(self, step: Step) -> bool | None:
        """Whether Keycloak is now as the step leaves it; None where only a secret could tell."""
        step = evolve(step, address=self._place_after(step))
        there = self._there(step)
        if step.operation is Operation.DELETE:
            return there is None or (step.object_id is not None and there.id != step.object_id)
        if there is None or (step.object_id is not None and there.id != step.object_id):
            return False
        kind = self._kind(step)
        if step.operation is Operation.UPDATE and isinstance(kind, StandingIn):
            return kind.is_finished(self._writing(step)) and self._has_all(step, there)
        return self._has_all(step, there)

    def is_intact(self, step: Step, image: Image) -> bool | None:
        """Whether all that an image holds is there; None where only a secret could tell."""
        there = self._there(step)
        if step.operation is Operation.CREATE:
            return there is None or there.id != step.object_id
        self._losses.forget()
        if there is None or there.id != step.object_id or self.capture(step) != image:
            return False
        return None if _written_blindly(self._kind(step).spec, step) else True

    def exists(self, step: Step) -> bool:
        """Whether the object of a step is there."""
        return self._there(step) is not None

    def _place_after(self, step: Step) -> Address:
        """Where the object of a step is after it: undone, a rename or move leaves it elsewhere."""
        address, key = step.address, self._kind(step).spec.key
        name = step.after.get(key) if key is not None else None
        place = Address.parse(step.after[PLACE]) if PLACE in step.after else address.parent
        return place.child(str(name or address.name))

    def _there(self, step: Step) -> LiveObject | None:
        fields = frozenset(path[0] for path in step.after)
        ids = {step.address: step.object_id} if step.object_id else {}
        request = ReadRequest({step.address: Wanted(step.type, fields)} | _parents(step), ids)
        return KeycloakReader(self.api).read(request).objects.get(step.address)

    def restore(self, step: Step, image: Image) -> Mapping[Address, str]:
        """Bring back what a destroying step took away; the ids that are new."""
        writing, found = self._writing(step), current(image)
        try:
            ids = self._kind(step).restore(writing, found) or {}
        except LostError:  # it is back, but for its secrets
            known = self.names.known(step.address)
            permit_again(writing, found, {step.address: known} if known is not None else {})
            raise
        permit_again(writing, found, ids)
        return ids

    def _has_all(self, step: Step, there: LiveObject) -> bool | None:
        spec = self._kind(step).spec
        blind = _written_blindly(spec, step)
        readable = all(
            _is_so(spec, there, path, value)
            for path, value in step.after.items()
            if path not in (spec.key, PLACE)
            and path not in blind
            and not (value == {} and not is_entry(spec.schema, path))
        )
        if not readable or any(there.leaves.get(path) is None for path in blind):
            return False
        # An object is created in one request, so that the rest of it tells of its secret too.
        return None if blind and step.operation is Operation.UPDATE else True

    def _kind(self, step: Step) -> ResourceType:
        return resource_types()[step.type]

    def _writing(self, step: Step) -> Writing:
        return Writing(self.api, self.names, step, self.managed)


def _is_so(spec: TypeSpec, live: LiveObject, path: Path, value: Any) -> bool:
    """Whether a field is as a step leaves it; an entry as a whole may be gone, or back."""
    if value is None:
        return all(item in (None, [], {}) for _, item in under(live.leaves, path))
    if isinstance(value, Mapping) and value and path not in live.leaves:
        return all(_is_so(spec, live, (*path, key), item) for key, item in value.items())
    return alike(
        spec,
        path,
        without_server_made(spec, live.address, path, value),
        without_server_made(spec, live.address, path, live.leaves.get(path)),
    )


def _written_blindly(spec: TypeSpec, step: Step) -> set[Path]:
    """The fields of a step whose value nobody can compare.

    Keycloak does not give it back, or the step comes from a journal, which does not have it.
    """
    return {
        path
        for path, value in step.after.items()
        if is_withheld(value)
        or (value is not None and path_matches(path, (*spec.write_only, *spec.masked)))
    }


def _parents(step: Step) -> dict[Address, Wanted]:
    """What must be read so that the object of a step can be: the objects that it lies in."""
    found = {ancestor: spec_at(registry(), ancestor) for ancestor in step.address.ancestors()}
    return {a: Wanted(spec.name) for a, spec in found.items() if spec is not None and spec.where}
