"""A resource as it was written → a `Resource`: checked, resolved, flat, with its places."""

from collections.abc import Iterator, Mapping

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.config.document import Document
from kcplan.config.embedded import parse_embedded
from kcplan.config.extract import Item
from kcplan.config.masks import Masks
from kcplan.config.model import Masked
from kcplan.config.positions import Place
from kcplan.config.resolve import Resolver
from kcplan.config.taken_out import check_overlay
from kcplan.diagnostics import Diagnostic, Path, Source, error, has_errors, note, warning
from kcplan.resource import (
    Resource,
    TypeSpec,
)
from kcplan.schema import REWRITTEN, Flat, Problem, check, dotted
from kcplan.shapes import Object, shape_at


@frozen(eq=False)
class Sources(Mapping[Path, Source]):
    """The places of a resource's fields, looked up when somebody asks."""

    document: Document
    prefix: Place
    places: Mapping[Path, Place]

    def __getitem__(self, path: Path) -> Source:
        if not path:
            return self.document.source(self.prefix)
        return self.document.source(self.prefix + self.places[path])

    def __contains__(self, path: object) -> bool:
        return path == () or path in self.places

    def __iter__(self) -> Iterator[Path]:
        yield ()
        yield from self.places

    def __len__(self) -> int:
        return len(self.places) + 1


@frozen
class Built:
    """A resource from one document.

    Attributes:
        resource: The resource.
        sound: Whether nothing in it is an error.
        ignored: The fields that are no configuration, and were left out.
        masked: The fields that were left out since they are masked.
    """

    resource: Resource
    sound: bool
    ignored: frozenset[str] = frozenset()
    masked: tuple[Masked, ...] = ()


def build(item: Item, document: Document, resolver: Resolver, masks: Masks) -> Built:
    """Build a resource; what is wrong with it goes to the resolver's findings."""
    spec = item.spec
    before = len(resolver.findings)
    embedded: list[tuple[Place, str]] = []
    written = item.written
    if spec.json_strings:
        written = parse_embedded(dict(written), spec.json_strings, item.place, embedded)
    for place, text in embedded:
        resolver.findings.append(_not_json(item, place, text, document))
    address = spec.address(item.names)
    resolved, masked = masks.resolved(resolver, document, item, address, written)
    for key in spec.naming:
        resolved.pop(key, None)
    flat = (check_overlay if document.layer else check)(spec.schema, resolved)
    ignored = _take_out(flat, spec)
    if flat.problems:
        settled = resolver.unresolved.union(place for place, _ in embedded)
        resolver.findings.extend(_reported(flat, item, address, document, settled))
    resource = Resource(
        address,
        spec.name,
        flat.leaves,
        Sources(document.places, item.place, flat.places),
        extends=item.place in document.extending,
    )
    found = resolver.findings[before:]
    return Built(resource, not (found and has_errors(found)), ignored, masked)


def _take_out(flat: Flat, spec: TypeSpec) -> frozenset[str]:
    """Take out the fields that the type ignores, and give their names."""
    if not spec.ignored:
        return frozenset()
    ignores = spec.ignored.match
    found = [path for path in flat.places if ignores(path)]
    for path in found:
        flat.leaves.pop(path, None)
    flat.problems[:] = [item for item in flat.problems if not ignores(_named(item.path))]
    return frozenset(path[-1] for path in found)


def _reported(
    flat: Flat, item: Item, address: Address, document: Document, settled: set[Place]
) -> Iterator[Diagnostic]:
    """The problems with the shape as diagnostics, but those that only follow from others."""
    for problem in flat.problems:
        place = item.place + problem.place
        if not _follows(place, settled):
            yield _diagnostic(problem, item.spec, address, document, place)


def _follows(place: Place, settled: set[Place]) -> bool:
    return bool(settled) and any(place[:size] in settled for size in range(len(place) + 1))


def _diagnostic(
    problem: Problem, spec: TypeSpec, address: Address, document: Document, place: Place
) -> Diagnostic:
    around = shape_at(spec.schema, _named(problem.path)[:-1])
    tolerated = problem.code == "unknown-entry" or (
        problem.code == "unknown-field" and not (isinstance(around, Object) and around.closed)
    )
    severity = note if problem.code == REWRITTEN else warning if tolerated else error
    return severity(
        problem.code,
        problem.summary,
        problem.detail,
        address=address,
        path=problem.path,
        source=document.source(place),
        several=problem.several,
        subject=problem.subject,
    )


def _named(place: Place) -> Path:
    return tuple(map(str, place))


def _not_json(item: Item, place: Place, text: str, document: Document) -> Diagnostic:
    return error(
        "syntax-error",
        f"the text of {dotted(place[len(item.place) :])} must be JSON in itself: {text}",
        "Keycloak keeps JSON in this field, as in "
        '`"[\\"a\\", \\"${NAME}\\"]"`. Placeholders go within its quotes.',
        source=document.source(place),
    )
