"""Renames and moves: `[[moved]]` rules applied to the state and to what Keycloak has.

A renamed object keeps its id. So before anything is compared, the old address is replaced by the
new one in the state and in the snapshot, descendants along with it, and the old name in all fields
that refer to the object by its id; what is left is one change, the object's new name. What lies in
another object of its type may also be put elsewhere, which is a change of its place.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property

from attrs import evolve, field

from kcplan import grammar, refs
from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.config.model import Config
from kcplan.diagnostics import Diagnostic, Path, error, warning
from kcplan.path_patterns import path_matches
from kcplan.plan import ResourceChange
from kcplan.resource import (
    Registry,
    TypeSpec,
    spec_at,
)
from kcplan.schema import Leaves
from kcplan.shapes import ListOf, shape_at
from kcplan.snapshot import Inhabitants, LiveObject, Snapshot
from kcplan.state import ResourceState, State


@frozen
class Moves:
    """The renames that take effect, from old to new address."""

    moved: Mapping[Address, Address] = field(factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()

    @cached_property
    def _back(self) -> Mapping[Address, Address]:
        return {new: old for old, new in self.moved.items()}

    def new(self, address: Address) -> Address:
        """What an address is called after the renames."""
        return rebased(address, self.moved)

    def old(self, address: Address) -> Address:
        """What an address was called before the renames."""
        return rebased(address, self._back)

    def renamed(self, address: Address) -> Address | None:
        """The old address of an object that is itself renamed, not only what it lies in."""
        return self._back.get(address)

    def replaced(self, address: Address) -> Address | None:
        """What a moved object lay in, in today's terms; None where it stays in its place."""
        old = self.renamed(address)
        place = None if old is None else self.new(old.parent)
        return None if place == address.parent else place

    def was(self, realm: str) -> bool:
        """Whether a realm of this name is renamed."""
        return Address.of(realm) in self.moved

    def state(self, state: State, registry: Registry) -> State:
        """The state under the new names."""
        if not self.moved:
            return state
        entries = (self._entry(registry, entry) for entry in state.resources.values())
        return evolve(state, resources={entry.address: entry for entry in entries})

    def live(self, live: Snapshot, registry: Registry) -> Snapshot:
        """What Keycloak has, under the new names."""
        if not self.moved:
            return live
        objects = (self._object(registry, item) for item in live.objects.values())
        return evolve(
            live,
            asked=frozenset(self.new(address) for address in live.asked),
            objects={item.address: item for item in objects},
            known={self.new(address): value for address, value in live.known.items()},
            inhabitants={self.new(a): self._inside(a, i) for a, i in live.inhabitants.items()},
            administering={self.new(a): roles for a, roles in live.administering.items()},
            passed_over={self.new(a): why for a, why in live.passed_over.items()},
        )

    def _inside(self, address: Address, found: Inhabitants) -> Inhabitants:
        """What lives in an object, without what is moved out of it."""
        holder = self.new(address)
        after = {word: map(self.new, inner) for word, inner in found.named.items()}
        named = {word: tuple(a for a in inner if a.within(holder)) for word, inner in after.items()}
        return evolve(found, named=named)

    def _object(self, registry: Registry, live: LiveObject) -> LiveObject:
        leaves = self._leaves(registry, registry[live.type], live.address, live.leaves)
        return evolve(live, address=self.new(live.address), leaves=leaves)

    def _entry(self, registry: Registry, entry: ResourceState) -> ResourceState:
        spec = registry[entry.type]
        return evolve(
            entry,
            address=self.new(entry.address),
            depends_on=tuple(self.new(address) for address in entry.depends_on),
            managed=self._leaves(registry, spec, entry.address, entry.managed),
            observed=self._leaves(registry, spec, entry.address, entry.observed),
            granted=self._granted(registry, spec, entry),
            owned=tuple(
                sorted(self._owned(registry, spec, entry.address, path) for path in entry.owned)
            ),
        )

    def _granted(self, registry: Registry, spec: TypeSpec, entry: ResourceState) -> Leaves:
        if spec.grants is None or not entry.granted:
            return entry.granted
        spec = evolve(spec, schema=spec.grants)
        return self._leaves(registry, spec, entry.address, entry.granted)

    def _leaves(
        self, registry: Registry, spec: TypeSpec, address: Address, leaves: Leaves
    ) -> Leaves:
        return dict(
            refs.renamed(registry, spec, address, path, value, self.new)
            for path, value in leaves.items()
        )

    def _owned(self, registry: Registry, spec: TypeSpec, address: Address, path: Path) -> Path:
        """An owned entry, or item of a list, under its new name."""
        if isinstance(shape_at(spec.schema, path[:-1]), ListOf):
            holder, items = refs.renamed(registry, spec, address, path[:-1], [path[-1]], self.new)
            return (*holder, *items)
        return refs.renamed(registry, spec, address, path, None, self.new)[0]


def rebased(address: Address, moved: Mapping[Address, Address]) -> Address:
    """An address after the moves: what is moved out of something else does not go along with it."""
    if not moved:  # as nearly always
        return address
    near = (a for a in (address, *address.ancestors()) if a in moved)
    return address if (old := next(near, None)) is None else address.rebased(old, moved[old])


def moves_of(changes: Iterable[ResourceChange]) -> Moves:
    """The renames that a plan's changes make."""
    return Moves({c.moved_from: c.address for c in changes if c.moved_from is not None})


def resolve_moves(config: Config, state: State, live: Snapshot, registry: Registry) -> Moves:
    """Which `[[moved]]` rules take effect, and what is wrong with the others.

    A rule is ignored once its old address is neither in the state nor in the files.
    """
    moved: dict[Address, Address] = {}
    diagnostics: list[Diagnostic] = []
    for rule in config.moved:
        if rule.old not in state.resources:
            continue
        if problem := _conflict(rule.old, rule.new, config, state, live, registry):
            diagnostics.append(
                error("moved-conflict", *problem, address=rule.new, source=rule.source)
            )
            continue
        moved[rule.old] = rule.new
        diagnostics.extend(
            _left_behind(rule.old, rule.new, config.resources, live.objects, registry)
        )
    return Moves({**moved, **_along(moved, config, state, registry)}, tuple(diagnostics))


def _along(
    moved: Mapping[Address, Address], config: Config, state: State, registry: Registry
) -> dict[Address, Address]:
    """What has a renamed object's name in its own, as far as the files have it under the new."""
    found: dict[Address, Address] = {}
    for old, entry in state.resources.items() if moved else ():
        after = registry[entry.type].named_after(old, lambda address: rebased(address, moved))
        new = rebased(after.parent, moved).child(after.name)
        is_so = after != old and new in config.resources and old not in config.resources
        if is_so and old not in moved and new not in state.resources:
            found[old] = new
    return found


def _conflict(
    old: Address, new: Address, config: Config, state: State, live: Snapshot, registry: Registry
) -> tuple[str, str] | None:
    if old in config.resources:
        return (
            f"{old} is moved to {new} and still declared",
            "Remove the old declaration, or the [[moved]] rule.",
        )
    if new in state.resources or new in live.objects:
        return (
            f"{old} cannot be moved to {new}: both exist",
            (
                "Delete or rename one of them in Keycloak, or remove the [[moved]] rule and let "
                "kcplan delete the old one and manage the new one."
            ),
        )
    if old.parent != new.parent and (problem := _misplaced(old, new, state, registry)):
        return problem
    if fixed := registry[state.resources[old].type].fixed_name:
        return (
            f"{old} cannot be moved to {new}: {fixed}",
            "Remove the [[moved]] rule; the plan then deletes the old one and creates the new one.",
        )
    return None


def _misplaced(
    old: Address, new: Address, state: State, registry: Registry
) -> tuple[str, str] | None:
    """Why an object cannot be put to its new place."""
    spec = registry[state.resources[old].type]
    outside = len(grammar.pattern(spec.pattern).parts) - 1
    if not spec.movable or old[:outside] != new[:outside] or not spec.fits(new):
        return (
            f"{old} cannot be moved to {new}: it would lie in another place",
            "Keycloak can give an object another name, and cannot put it elsewhere.",
        )
    if new.within(old):
        return (
            f"{old} cannot be moved to {new}: it would lie in itself",
            "Move what it is to lie in first, or choose another place.",
        )
    return None


def _left_behind(
    old: Address,
    new: Address,
    resources: Mapping[Address, object],
    objects: Mapping[Address, LiveObject],
    registry: Registry,
) -> list[Diagnostic]:
    """Fields in Keycloak that hold the old name as text, and that the files do not declare."""
    renamed = spec_at(registry, old)
    word = renamed.name if renamed is not None else ""
    key = renamed.key[-1] if renamed is not None and renamed.key else "name"
    holders = [
        (item, path)
        for item in objects.values()
        if (mentions := [p for p, kind in registry[item.type].mentions if kind == word])
        for path, value in item.leaves.items()
        if value == old.name and path_matches(path, mentions)
    ]
    return [
        warning(
            "moved-name-in-use",
            f"{item.address} still names the old {key} {old.name}",
            f"Keycloak does not follow the rename to {new.name} in {'.'.join(path)}. Declare "
            "the field with the new name, or change it by hand.",
            address=item.address,
            path=path,
        )
        for item, path in holders
        if path not in getattr(resources.get(item.address), "leaves", {})
    ]
