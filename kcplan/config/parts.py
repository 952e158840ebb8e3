"""Documents → what each of them contributes to the configuration."""

from collections.abc import Container, Iterable, Iterator, Sequence

from attrs import evolve

from kcplan.classes import frozen
from kcplan.config.build import Built, build
from kcplan.config.document import Document, without_quotes
from kcplan.config.extract import REALM, Extractor
from kcplan.config.gather import gathered
from kcplan.config.mask_names import Declared, masks_for
from kcplan.config.masks import Masks
from kcplan.config.merge import section_of
from kcplan.config.model import Masked, Section
from kcplan.config.resolve import Resolver, secret_name
from kcplan.config.sections import PERMISSIONS, SectionTree, of_resources, sections
from kcplan.config.substitute import Substitution, is_lookup
from kcplan.config.taken_out import refused
from kcplan.diagnostics import Diagnostic, error, note
from kcplan.resource import Registry
from kcplan.schema import describe
from kcplan.secret import Secret
from kcplan.shapes import ANY


@frozen
class Part:
    """What one document contributes."""

    realm: str
    built: Sequence[Built] = ()
    permissions: Section | None = None
    layer: int = 0


@frozen
class _Read:
    """What one document contributes, if it does, and what is to be said of it."""

    parts: tuple[Part, ...]
    findings: Sequence[Diagnostic]

    @property
    def masked(self) -> Iterator[Masked]:
        """The fields that have asterisks."""
        return (masked for part in self.parts for item in part.built for masked in item.masked)


def parts_of(
    documents: Sequence[Document],
    registry: Registry,
    substitution: Substitution,
    findings: list[Diagnostic],
    ignored: Container[str],
) -> list[Part]:
    """What each document contributes; what is wrong goes to the findings."""
    tree = sections(registry)

    def read(document: Document, masks: Masks) -> _Read:
        own: list[Diagnostic] = []
        return _Read(tuple(_part(document, tree, substitution, own, ignored, masks)), own)

    fields = tree.types[0].schema.fields if tree.types else {}
    for document in documents:
        findings.extend(refused(document, fields))
        if substitution.dialect is None:
            findings.extend(without_quotes(document, is_lookup))
    gathers = [
        gathered(_with_realm(document, substitution), registry, findings, ignored)
        for document in documents
    ]
    results = [read(document, Masks()) for document in gathers]
    built = [item for result in results for part in result.parts for item in part.built]
    if any(item.masked for item in built):
        # Only all files together say which variables are for which fields.
        resources = tuple(item.resource for item in built)
        declared = Declared(resources, tuple(masked for item in built for masked in item.masked))
        masks = masks_for(declared, registry, substitution.environment)
        results = [
            read(document, masks) if masks.touches(result.masked) else result
            for document, result in zip(gathers, results, strict=True)
        ]
    findings.extend(finding for result in results for finding in result.findings)
    return [part for result in results for part in result.parts]


def _with_realm(document: Document, substitution: Substitution) -> Document:
    """The document with its realm's name for the placeholder that stands there, if that is one."""
    written = document.data.get(REALM)
    if not isinstance(written, str) or "$" not in written:
        return document
    resolver = Resolver(document, substitution)
    name = resolver.name(written, (REALM,))
    if resolver.findings or "$" in name:
        return document
    return evolve(document, data={**document.data, REALM: name})


def _part(
    document: Document,
    tree: SectionTree,
    substitution: Substitution,
    findings: list[Diagnostic],
    ignored: Container[str],
    masks: Masks,
) -> Iterator[Part]:
    """What a document contributes; nothing where it names no realm."""
    resolver = Resolver(document, substitution)
    extractor = Extractor(document, resolver, ignored)
    realm = extractor.realm()
    if realm is not None:
        built = [build(item, document, resolver, masks) for item in extractor.items(tree, realm)]
        notes = (*_ignored(built, extractor.usual, document), *extractor.notes())
        findings.extend(notes)
        permissions = _permissions(document, resolver, of_resources(tree))
        yield Part(realm, built, permissions, document.layer)
    findings.extend(extractor.findings)
    findings.extend(resolver.findings)


def _ignored(
    built: Iterable[Built], usual: Iterable[str], document: Document
) -> Iterator[Diagnostic]:
    """A note on the fields that were left out, one for each file."""
    fields = sorted({*usual, *(field for item in built for field in item.ignored)})
    if fields:
        yield note(
            "ignored-field",
            "fields that are not configuration are left out: " + ", ".join(fields),
            "Keycloak computes them itself; an export has them. Nothing needs to be done.",
            source=document.whole(),
        )


def _permissions(
    document: Document, resolver: Resolver, resources: Container[str]
) -> Section | None:
    """The document's `permissions`, which name things and hold no secrets, without resources."""
    written = document.data.get(PERMISSIONS)
    if written is None:
        return None
    place = (PERMISSIONS,)
    if not isinstance(written, dict):
        summary = f"{PERMISSIONS} must be a table, not {describe(written)}"
        resolver.findings.append(error("wrong-type", summary, source=document.source(place)))
        return None
    rest = {key: value for key, value in written.items() if key not in resources}
    if written and not rest:
        return None
    data = resolver.resolve(rest, ANY, (), place)
    section = section_of(data, document, place)
    resolver.findings.extend(
        secret_name(section.sources[inner])
        for inner in section.sources
        if isinstance(section.at(inner), Secret)
    )
    return section


def secret_variables(parts: Iterable[Part]) -> set[str]:
    """The names of the variables that are secrets."""
    leaves = (value for p in parts for item in p.built for value in item.resource.leaves.values())
    origins = (value.origin for value in leaves if isinstance(value, Secret))
    return {origin.key for origin in origins if origin and origin.kind == "environment"}
