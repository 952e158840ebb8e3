"""The engine of risk rules: each looks at one resource, before and after its change. Pure.

A rule is a value that a provider declares. It names the types that it looks at, and finds places
and words for them; this module knows none of the types.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from attrs import evolve, field

from kcplan import refs
from kcplan.address import Address, matches
from kcplan.classes import frozen
from kcplan.config.model import Lint
from kcplan.diagnostics import Path
from kcplan.diff import is_marker
from kcplan.explanation import Explanation
from kcplan.graph import reached
from kcplan.path_patterns import path_matches
from kcplan.plan import Action, ChangeOrigin, FieldChange, ResourceChange
from kcplan.resource import (
    Registry,
    Resource,
    TypeSpec,
    spec_at,
)
from kcplan.risk import OFF, Level, Risk, Silenced, by_level
from kcplan.schema import Leaves
from kcplan.secret import secrets_in

T = TypeVar("T")

Found = tuple[Path, str]
"""The field, and what is risky about it."""


@frozen
class World:
    """Everything before and after the changes, as far as it is known.

    Attributes:
        registry: The resource types.
        live: What there is, by address.
        changes: What happens, by address.
    """

    registry: Registry
    live: Mapping[Address, Leaves]
    changes: Mapping[Address, ResourceChange]
    _found: dict[Hashable, Any] = field(init=False, factory=dict, eq=False, repr=False)

    def once(self, name: Hashable, find: Callable[[], T]) -> T:
        """What `find` gives, which is about all of the world: asked for once, for many subjects."""
        if name not in self._found:
            self._found[name] = find()
        found: T = self._found[name]
        return found

    def before(self, address: Address) -> Leaves:
        """The fields of an object before the changes; none where it was not there, or not known."""
        change = self.changes.get(address)
        live = self.live.get(address, {})
        if change is None or change.action is Action.REPLACE:
            return live
        if change.action is Action.CREATE:
            return {}
        return {**live, **{item.path: item.before for item in change.changes}}

    def deleted(self, address: Address) -> bool:
        """Whether an object goes, and none of its name comes."""
        change = self.changes.get(address)
        return change is not None and change.action is Action.DELETE

    def after(self, address: Address) -> Leaves:
        """The fields of an object after the changes; none where it is not known."""
        change = self.changes.get(address)
        if change is None:
            return self.live.get(address, {})
        if change.action is Action.DELETE:
            return {}
        kept = {} if change.action is Action.REPLACE else self.live.get(address, {})
        return {**kept, **{item.path: item.after for item in change.changes}}

    def given_by(self, role: Address) -> set[Address]:
        """A role, and all roles that it is composed of after the changes."""
        return reached([role], self._parts)

    def _parts(self, role: Address) -> Iterator[Address]:
        spec = spec_at(self.registry, role)
        if spec is None or not spec.gives_rights:
            return
        for reference in refs.references(
            self.registry, Resource(role, spec.name, self.after(role))
        ):
            target = spec_at(self.registry, reference.target)
            if target is not None and target.gives_rights:
                yield reference.target


@frozen
class Subject:
    """What a rule looks at: one resource that something happens to.

    Attributes:
        change: What happens to it.
        spec: Its type.
        world: Everything else.
    """

    change: ResourceChange
    spec: TypeSpec
    world: World
    _leaves: Leaves = field(init=False)
    _defaults: Leaves = field(init=False)
    _by_field: Mapping[str, list[FieldChange]] = field(init=False)

    @_leaves.default
    def _leaves_after_the_change(self) -> Leaves:
        return self.world.after(self.change.address)

    @_defaults.default
    def _defaults_of_the_type(self) -> Leaves:
        return self.spec.defaults(self._leaves)

    @_by_field.default
    def _changes_by_field(self) -> Mapping[str, list[FieldChange]]:
        # Forty rules ask: each looks at a few fields of many.
        found: dict[str, list[FieldChange]] = {}
        for item in self.change.changes:
            usual = self._defaults.get(item.path)
            before = usual if item.before is None else item.before
            after = usual if item.after is None and self.is_new else item.after
            if before != after or item.sensitive:
                if before is not item.before or after is not item.after:
                    item = evolve(item, before=before, after=after)  # noqa: PLW2901
                found.setdefault(item.path[0], []).append(item)
        return found

    @property
    def address(self) -> Address:
        """The resource's name after the change."""
        return self.change.address

    @property
    def is_new(self) -> bool:
        """Whether there is no such object yet."""
        return self.change.action is Action.CREATE or self.address not in self.world.live

    @property
    def is_deleted(self) -> bool:
        """Whether the object goes, and does not go along with something that it lies in."""
        alone = not any(self.world.deleted(address) for address in self.address.ancestors())
        return alone and self.world.deleted(self.address)

    def changes(self, *patterns: Path) -> Iterator[FieldChange]:
        """The changed fields at or below these paths, whose first segment is a field's name.

        What was absent had the value that a new object has in the field by itself. None is what
        is taken away.
        """
        for name in dict.fromkeys(pattern[0] for pattern in patterns):
            whole = (name,) in patterns
            for item in self._by_field.get(name, ()):
                if whole or path_matches(item.path, patterns):
                    yield item

    def after(self, *path: str) -> object:
        """The value of a field after the change."""
        value = self._leaves.get(path)
        return self._defaults.get(path) if value is None else value

    def roles_gained(self) -> Iterator[tuple[Path, Address]]:
        """The roles that the resource gets, each with the field that names it."""
        for item in self.change.changes:
            had = _names(item.before)
            for name in _names(item.after):
                if name not in had:
                    yield from self._roles(item.path, str(name))

    def _roles(self, path: Path, name: str) -> Iterator[tuple[Path, Address]]:
        registry = self.world.registry
        for reference in refs.named(registry, self.spec, self.address, path, name):
            target = spec_at(registry, reference.target)
            if target is not None and target.gives_rights:
                yield path, reference.target


def _names(value: object) -> list[object]:
    """The names in a value that is a name, or a list of names."""
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


@frozen
class RiskRule:
    """One kind of risk.

    Attributes:
        code: Its stable name, in kebab-case.
        level: How much it weighs.
        on: The types of the resources that it looks at.
        title: What is risky, in a few words.
        meaning: When the rule speaks.
        why: What may happen then.
        fix: What to do about it.
        find: Where the resource has the risk, with one line of words for each place. Pure; it may
            meet values of any shape.
        lint: Whether it is about what is so, changed or not, and speaks only where that is asked.
        secrets: Whether it is about secrets as the files have them. It speaks wherever files are
            read, changed or not, and sees nothing else of a resource.
        example: A piece of a realm file that is right.
    """

    code: str
    level: Level
    on: tuple[TypeSpec, ...]
    title: str
    meaning: str
    why: str
    fix: str
    find: Callable[[Subject], Iterable[Found]]
    lint: bool = False
    secrets: bool = False
    example: str = ""

    @property
    def explanation(self) -> Explanation:
        """What `kcplan explain` says of it."""
        meaning = f"{self.meaning} Only with `--lint`." if self.lint else self.meaning
        return Explanation(
            self.code, self.title, self.level, meaning, self.why, self.fix, self.example
        )


def find_risks(
    rules: Iterable[RiskRule],
    changes: Iterable[ResourceChange],
    live: Mapping[Address, Leaves],
    registry: Registry,
) -> tuple[Risk, ...]:
    """What is risky about changes, the most dangerous first, then in the order of the changes."""
    chosen = (rule for rule in rules if not rule.lint and not rule.secrets)
    return _find(chosen, changes, live, registry)


def of_secrets(
    rules: Callable[[], Iterable[RiskRule]], resources: Iterable[Resource], registry: Registry
) -> tuple[Risk, ...]:
    """What is risky about the secrets in the files. The rules are asked for only if there are any.

    Most resources have none, and most fields are none: nothing else is looked at.
    """
    held = [
        Resource(item.address, item.type, found, item.sources, item.because, item.extends)
        for item in resources
        if (found := secrets_in(item.leaves))
    ]
    chosen = [rule for rule in rules() if rule.secrets] if held else ()
    return _find(chosen, map(_as_new, held), {}, registry)


def lint(
    rules: Iterable[RiskRule], resources: Iterable[Resource], registry: Registry
) -> tuple[Risk, ...]:
    """What is risky about resources as the files have them, changed or not, but for secrets.

    A field that the files do not mention has the value that a new object has in it by itself.
    """
    chosen = (rule for rule in rules if not rule.secrets)
    return _find(chosen, map(_as_new, resources), {}, registry)


def weighed(risks: Iterable[Risk], lints: Sequence[Lint]) -> tuple[Risk, ...]:
    """The risks with the levels that kcplan.toml gives to them, without those that it silences."""
    found = ((risk, _lint_of(risk, lints)) for risk in risks)
    levels = ((risk, str(risk.level) if item is None else item.level) for risk, item in found)
    return by_level(evolve(risk, level=Level(new)) for risk, new in levels if new != OFF)


def silenced(risks: Iterable[Risk], lints: Sequence[Lint]) -> tuple[Silenced, ...]:
    """The risks that kcplan.toml silences."""
    found = ((risk, _lint_of(risk, lints)) for risk in by_level(risks))
    return tuple(Silenced(risk, item.reason) for risk, item in found if item and item.level == OFF)


def _lint_of(risk: Risk, lints: Sequence[Lint]) -> Lint | None:
    """The rule of kcplan.toml that counts for a risk: the first that fits."""
    found = (item for item in lints if item.code == risk.code)
    return next((item for item in found if matches(risk.address, item.match)), None)


def _as_new(resource: Resource) -> ResourceChange:
    changes = (
        FieldChange(path, None, value, ChangeOrigin.CONFIG)
        for path, value in resource.leaves.items()
        if not is_marker(value)
    )
    return ResourceChange(resource.address, resource.type, Action.CREATE, changes=tuple(changes))


def _find(
    rules: Iterable[RiskRule],
    changes: Iterable[ResourceChange],
    live: Mapping[Address, Leaves],
    registry: Registry,
) -> tuple[Risk, ...]:
    by_type: dict[str, list[RiskRule]] = {}
    for rule in rules:
        for spec in rule.on:
            by_type.setdefault(spec.name, []).append(rule)
    changed = _by_address(item for item in changes if item.action is not Action.NOOP)
    world = World(registry, live, changed)
    found = [
        Risk(rule.level, rule.code, change.address, path, summary)
        for change in changed.values()
        if change.type in by_type
        for subject in [Subject(change, registry[change.type], world)]
        for rule in by_type[change.type]
        for path, summary in rule.find(subject)
    ]
    return by_level(found)


def _by_address(changes: Iterable[ResourceChange]) -> dict[Address, ResourceChange]:
    """The changes by address; those of one resource, such as two kinds of drift, are one."""
    found: dict[Address, ResourceChange] = {}
    for item in changes:
        first = found.get(item.address)
        both = item if first is None else evolve(first, changes=(*first.changes, *item.changes))
        found[item.address] = both
    return found
