"""A live realm → the realm file that describes it.

What Keycloak makes in every realm is left out, and of the rest each field that is as in a new
object and decides nothing. A secret becomes a variable; one that Keycloak does not give away is
left out, and said.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final, Protocol

from attrs import field

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.config import substitute
from kcplan.config.substitute import reads_as_placeholder
from kcplan.diagnostics import Path
from kcplan.diff import is_marker, same, without_server_made
from kcplan.grammar import Word, section
from kcplan.layout import Layout, keys_in
from kcplan.path_patterns import path_matches
from kcplan.resource import (
    Registry,
    Resource,
    TypeSpec,
)
from kcplan.schema import Leaves, unflatten
from kcplan.secret import MASK, Secret, is_sensitive
from kcplan.snapshot import LiveObject
from kcplan.variables import variable_name

REALM: Final = "realm"
"""The kind of the realm's own fields."""

_VAULT: Final = re.compile(r"\$\{vault\.[^{}]+\}")


class Defaults(Protocol):
    """What is there without anybody's doing."""

    def of(self, live: LiveObject) -> Leaves:
        """The leaves of a new object like this one."""

    def makes(self, live: LiveObject) -> bool:
        """Whether Keycloak makes the object along with what it lies in."""

    def tells(self, live: LiveObject) -> bool:
        """Whether Keycloak makes the object, and `of` gives what it has in it then."""


@frozen
class Variable:
    """A variable that stands in the file for a secret."""

    name: str
    address: Address
    path: Path
    secret: Secret


@frozen
class Export:
    """A realm file, and what is to be said of it.

    Attributes:
        document: The file's values.
        kinds: The same in parts, each a file: the realm's own fields, and each section.
        variables: What stands for secrets.
        hidden: Fields that are left out because Keycloak does not tell their values.
        inexpressible: Fields that are left out because no file can say them: a key that reads as a
            placeholder, or a null within a value. An empty path is the whole object.
        unchanged: How many objects are left out because Keycloak makes them in every realm, by
            type.
    """

    document: Mapping[str, Any]
    kinds: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    variables: tuple[Variable, ...] = ()
    hidden: tuple[tuple[Address, Path], ...] = ()
    inexpressible: tuple[tuple[Address, Path], ...] = ()
    unchanged: Mapping[str, int] = field(factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The variables with the secrets that they stand for, in clear."""
        return {item.name: item.secret.value for item in self.variables}


def export(
    realm: str,
    objects: Iterable[LiveObject],
    registry: Registry,
    defaults: Defaults,
    known: Mapping[str, str | None] | None = None,
    *,
    foreign: bool = False,
) -> Export:
    """The file that describes these objects of a realm.

    Args:
        realm: The name of the realm.
        objects: The realm and what is in it.
        registry: The resource types.
        defaults: What new objects have in their fields.
        known: Variables that are set already, with their values, None where those are not known:
            they stand for no other secret.
        foreign: Whether placeholders of keycloak-config-cli are replaced in the file.
    """
    by_rank = sorted(objects, key=lambda item: (registry[item.type].rank, item.address))
    found = _without_keycloaks_own(by_rank, registry, defaults)
    unchanged = Counter(item.type for item in by_rank) - Counter(item.type for item in found)
    writer = _Writer(known or {}, foreign=foreign)
    of_realm: dict[str, Any] = {}
    layout = Layout(registry)
    for item in found:
        spec = registry[item.type]
        if any(map(writer.reads_as_placeholder, keys_in(spec, item.address))):
            writer.inexpressible.append((item.address, ()))
            continue
        remarkable = _remarkable(spec, item, defaults)
        if not remarkable and defaults.tells(item):
            unchanged[item.type] += 1
            continue
        leaves = writer.written(spec, item.address, remarkable)
        fields = _in_order(unflatten(spec.schema, leaves))
        if spec.where:
            layout.put(spec, item.address, fields)
        else:
            of_realm = fields
    sections = layout.document(writer.escaped)
    named = {"realm": writer.escaped(realm)}
    parts = {word: _scattered({word: part}, registry) for word, part in sections.items()}
    return Export(
        document={**named, **of_realm, **_scattered(sections, registry)},
        kinds={
            REALM: {**named, **of_realm},
            **{_kind(word): {**named, **part} for word, part in parts.items()},
        },
        variables=tuple(writer.variables),
        hidden=tuple(writer.hidden),
        inexpressible=tuple(writer.inexpressible),
        unchanged=unchanged,
    )


def _scattered(document: Mapping[str, Any], registry: Registry) -> Mapping[str, Any]:
    """The document with what an export spreads out."""
    for spec in registry.values():
        if spec.scatter is not None:
            document = spec.scatter(document)
    return document


def kinds(registry: Registry) -> tuple[str, ...]:
    """The kinds that a realm can have files of."""
    ways = (section(spec.where) for spec in registry.values() if spec.where)
    words = (way[0].text for way in ways if isinstance(way[0], Word))
    return (REALM, *dict.fromkeys(map(_kind, words)))


def _kind(word: str) -> str:
    """What a section's file is called: `client-scopes` for `clientScopes`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", word).lower()


# -- what is left out -------------------------------------------------------------------------


def _without_keycloaks_own(
    objects: Iterable[LiveObject], registry: Registry, defaults: Defaults
) -> list[LiveObject]:
    """The objects without those that Keycloak makes, and what stands in the documents of those."""
    chosen: list[LiveObject] = []
    left_out: list[tuple[Address, TypeSpec]] = []
    for item in objects:
        spec = registry[item.type]
        told = spec.origin.on_demand or defaults.tells(item)
        if defaults.makes(item) and not told:
            left_out.append((item.address, spec))
        elif not any(_stands_in(item.address, spec, *holder) for holder in left_out):
            chosen.append(item)
    return chosen


def _stands_in(address: Address, spec: TypeSpec, holder: Address, holder_spec: TypeSpec) -> bool:
    inner, outer = section(spec.where or ""), section(holder_spec.where or "")
    return address.within(holder) and inner[: len(outer)] == outer


def _remarkable(spec: TypeSpec, item: LiveObject, defaults: Defaults) -> Leaves:
    """The fields that somebody gave the object, and those that decide who may do what.

    Empty where Keycloak makes the object, and it is as Keycloak makes it. Where it is not, what was
    changed within a field is written with all of that field, and with what says of which kind the
    object is.
    """
    usual = defaults.of(item)
    leaves = {
        path: value
        for path, live in item.leaves.items()
        if (value := without_server_made(spec, item.address, path, live)) is not None
        and not is_marker(value)
        and not path_matches(path, spec.ignored)
        and _is_taken(spec, path)
        and not spec.server_made(item.address, path, value)
    }
    changed = {path for path, value in leaves.items() if not same(value, usual.get(path))}
    always = {*spec.decisive} - _at_odds(spec, item)
    if defaults.tells(item):
        immutable = (pattern[0] for pattern in spec.immutable)
        fields = {path[0] for path in changed} | {*always, *immutable}
        return {p: value for p, value in leaves.items() if p[0] in fields} if changed else {}
    return {p: value for p, value in leaves.items() if p in changed or p[0] in always}


def _is_taken(spec: TypeSpec, path: Path) -> bool:
    """Whether Keycloak takes a field, at least of a new object."""
    rule = spec.read_only.get(path)
    return rule is None or rule.at_birth


def _at_odds(spec: TypeSpec, item: LiveObject) -> set[str]:
    """Fields that are not as others of the object need them: a file that says so is refused."""
    needed = spec.requires(Resource(item.address, item.type, item.leaves))
    return {
        need.path[0]
        for need in needed
        if need.address == item.address and not need.is_met_by(item.leaves.get(need.path))
    }


# -- values -----------------------------------------------------------------------------------


class _Writer:
    """Turns values into what is written for them, and remembers what is to be said."""

    def __init__(self, known: Mapping[str, str | None], *, foreign: bool) -> None:
        self.escaped = partial(escaped, foreign=foreign)
        self.reads_as_placeholder = partial(reads_as_placeholder, foreign=foreign)
        self.variables: list[Variable] = []
        self._known = known
        self.hidden: list[tuple[Address, Path]] = []
        self.inexpressible: list[tuple[Address, Path]] = []
        self._taken: set[str] = set()

    def written(self, spec: TypeSpec, address: Address, leaves: Leaves) -> Leaves:
        """The leaves as they are written; without those that cannot be."""
        result: dict[Path, Any] = {}
        for path, value in sorted(leaves.items()):
            if any(map(self.reads_as_placeholder, path)) or _has_null(value):
                self.inexpressible.append((address, path))
            elif is_sensitive(value) or path_matches(path, spec.sensitive) or value == MASK:
                # The one secret in a list is written as one that is in none.
                listed = isinstance(value, list) and len(value) == 1
                text = self._secret(spec, address, path, value[0] if listed else value)
                if text is not None:
                    result[path] = [text] if listed else text
            else:
                result[path] = self.escaped(value)
        return result

    def _secret(self, spec: TypeSpec, address: Address, path: Path, value: Any) -> str | None:
        text = value.value if isinstance(value, Secret) else str(value)
        if _VAULT.fullmatch(text):
            return text
        if text == MASK or path_matches(path, spec.write_only):
            self.hidden.append((address, path))
            return None
        others = {name for name, value in self._known.items() if value != text}
        words = (address.realm, address.title(spec.name), path[-1])
        name = variable_name(words, self._taken | others)
        self._taken.add(name)
        self.variables.append(Variable(name, address, path, Secret(text)))
        return f"${{env:{name}}}"


def escaped(value: Any, *, foreign: bool) -> Any:
    """The value with each text written so that nothing in it is substituted."""
    match value:
        case str():
            return substitute.escaped(value, foreign=foreign)
        case dict():
            return {key: escaped(item, foreign=foreign) for key, item in value.items()}
        case list():
            return [escaped(item, foreign=foreign) for item in value]
    return value


def _has_null(value: Any) -> bool:
    match value:
        case dict():
            return any(item is None or _has_null(item) for item in value.values())
        case list():
            return any(item is None or _has_null(item) for item in value)
    return False


# -- the document -----------------------------------------------------------------------------

_FIRST: Final = "displayName name description enabled type protocol protocolMapper".split()
"""What a reader looks for at the top of a table. The rest follows in the order of the alphabet,
tables last."""


def _in_order(value: Any) -> Any:
    match value:
        case dict():
            return {key: _in_order(value[key]) for key in sorted(value, key=_rank(value))}
        case list():
            return [_in_order(item) for item in value]
    return value


def _rank(table: Mapping[str, Any]) -> Callable[[str], tuple[bool, int, str]]:
    def rank(key: str) -> tuple[bool, int, str]:
        first = _FIRST.index(key) if key in _FIRST else len(_FIRST)
        return isinstance(table[key], dict), first, key

    return rank
