"""Files → `Config`: where the steps of this package are put together."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from os.path import realpath
from pathlib import Path

from attrs import evolve, frozen

from kcplan.address import Address
from kcplan.config.build import Built, build
from kcplan.config.discover import SETTINGS_FILE, Found, discover
from kcplan.config.document import Document, parse_documents, read_documents
from kcplan.config.extract import REALM, Extractor
from kcplan.config.gather import gathered
from kcplan.config.idle import without_idle
from kcplan.config.layers import layered
from kcplan.config.lookups import keycloak_config_cli
from kcplan.config.mask_names import Declared, masks_for
from kcplan.config.masks import Masks
from kcplan.config.merge import merge_resources, merge_sections, section_of
from kcplan.config.mirrored import without_mirrors
from kcplan.config.model import Config, Masked, Section
from kcplan.config.overlays import laid_over, section_over, taken_out
from kcplan.config.realm_names import realm_of, said_once, with_own_realms, without_tenant
from kcplan.config.realms import not_of_tenants, of_tenants
from kcplan.config.resolve import Resolver, secret_name
from kcplan.config.sections import PERMISSIONS, SectionTree, of_resources, sections
from kcplan.config.settings import KEYCLOAK_CONFIG_CLI, Settings
from kcplan.config.substitute import Substitution
from kcplan.config.taken_out import refused
from kcplan.config.variables import Given, Variables, advised, remarks
from kcplan.diagnostics import Diagnostic, by_place, error, has_errors, note
from kcplan.errors import ConfigError, UsageError
from kcplan.resource import Registry, Resource
from kcplan.schema import describe
from kcplan.secret import Secret
from kcplan.shapes import ANY
from kcplan.versions import judged

_FOREIGN = "format_version"
"""The key that states and saved plans have at their top, and realm files have not."""


@frozen
class _Part:
    """What one document contributes."""

    realm: str
    built: Sequence[Built] = ()
    permissions: Section | None = None
    layer: int = 0


@frozen
class _Read:
    """What one document contributes, if it does, and what is to be said of it."""

    parts: tuple[_Part, ...]
    findings: Sequence[Diagnostic]

    @property
    def masked(self) -> Iterator[Masked]:
        """The fields that have asterisks."""
        return (masked for part in self.parts for item in part.built for masked in item.masked)


def load(
    paths: Sequence[Path | str],
    registry: Registry,
    environment: Mapping[str, str],
    settings: Settings | None = None,
    given: Mapping[str, Given] | None = None,
) -> Config:
    """Read configuration files.

    Args:
        paths: Files, folders and globs; where there are none, `[config] files` of the settings.
        registry: The types of resources that there are.
        environment: The environment's variables, for placeholders.
        settings: What kcplan.toml says.
        given: Variables that go before those of the environment.

    Returns:
        The configuration, with warnings in its `diagnostics`.

    Raises:
        UsageError: The paths name no files, or only some of a realm's.
        ConfigError: The files are wrong. It has all that was found, warnings too.
    """
    settings = settings or Settings()
    findings: list[Diagnostic] = list(settings.diagnostics)
    variables = Variables(given or {}, environment, settings.variables)
    substitution = _substitution(variables, settings)
    files = layered(discover(paths or _configured(settings)), settings, given=bool(paths))
    plain = not_of_tenants(files, settings.realms)
    documents = [*_read(plain, findings), *of_tenants(files, paths, settings, findings)]
    documents = with_own_realms(documents, substitution, findings)
    if paths and not settings.alone:
        documents = _about_named(documents, substitution)
    if settings.realms and not settings.alone and not has_errors(findings):
        findings.extend(without_tenant(documents, substitution))
    ignored = _ignored_sections(settings, registry)
    parts = _parts(documents, registry, substitution, findings, ignored)
    if paths and settings.config.files:
        _refuse_missing(files, {part.realm for part in parts}, substitution, settings)
    findings = advised(findings)
    secret = _secret_variables(parts)
    findings.extend(remarks(variables, secret, settings, findings, whole=not paths))
    config = _merge(parts, registry, findings, settings, documents)
    return evolve(config, lifecycle=settings.lifecycle, moved=settings.moved, lint=settings.lint)


def load_text(
    path: Path,
    text: str,
    registry: Registry,
    environment: Mapping[str, str],
    settings: Settings | None = None,
) -> Config:
    """The configuration that a file with this text would be. No file is read.

    Raises:
        ConfigError: The text is wrong.
    """
    return load_texts({path: text}, registry, environment, settings)


def load_texts(
    texts: Mapping[Path, str],
    registry: Registry,
    environment: Mapping[str, str],
    settings: Settings | None = None,
) -> Config:
    """The configuration that files with these texts would be. No file is read.

    Raises:
        ConfigError: A text is wrong.
    """
    findings: list[Diagnostic] = []
    documents = [
        document for path, text in texts.items() for document in parse_documents(path, text)
    ]
    settings = settings or Settings()
    substitution = _substitution(Variables({}, environment, settings.variables), settings)
    ignored = _ignored_sections(settings, registry)
    parts = _parts(documents, registry, substitution, findings, ignored)
    return _merge(parts, registry, findings, settings, documents)


def _configured(settings: Settings) -> list[Path]:
    if not settings.config.files and not settings.realms:
        raise UsageError(
            "no realm files found",
            "Name files, folders or patterns, or set `files` in the section `[config]` of "
            "kcplan.toml. `kcplan init` writes a first one.",
        )
    return settings.paths()


def _ignored_sections(settings: Settings, registry: Registry) -> Container[str]:
    """The sections to leave out. Raises UsageError where kcplan can manage one of them."""
    sections = settings.config.ignore_unsupported
    unsupported = {key for spec in registry.values() for key in spec.unsupported}
    for section in sections:
        if section not in unsupported:
            raise UsageError(
                f"the section `{section}` cannot be left out",
                "Only sections that kcplan can't manage can. Correct `--ignore-unsupported` or "
                f"`ignore_unsupported`: it takes {', '.join(sorted(unsupported))}.",
            )
    return frozenset(sections)


def _substitution(variables: Variables, settings: Settings) -> Substitution:
    foreign = settings.config.substitution == KEYCLOAK_CONFIG_CLI
    dialect = keycloak_config_cli if foreign else None
    has_settings = (settings.folder / SETTINGS_FILE).is_file()
    folders = (settings.folder,) if has_settings else ()
    return Substitution(variables, dialect, settings.own_files, (*folders, *settings.file_folders))


def _read(files: Iterable[Found], findings: list[Diagnostic]) -> Iterator[Document]:
    """The files that can be read; states and saved plans in a folder are left out."""
    for file in files:
        try:
            documents = read_documents(file.path)
        except ConfigError as problem:
            findings.extend(problem.diagnostics)
            continue
        for document in documents:
            if _FOREIGN not in document.data or REALM in document.data:
                yield evolve(document, layer=file.layer) if file.layer else document
            elif file.named:
                findings.append(_foreign(document))


def _foreign(document: Document) -> Diagnostic:
    return error(
        "missing-realm",
        "this is a state file or a saved plan, not a realm file",
        "Name realm files. `kcplan apply` takes a saved plan as its only argument.",
        source=document.whole(),
    )


def _parts(
    documents: Sequence[Document],
    registry: Registry,
    substitution: Substitution,
    findings: list[Diagnostic],
    ignored: Container[str],
) -> list[_Part]:
    tree = sections(registry)

    def read(document: Document, masks: Masks) -> _Read:
        own: list[Diagnostic] = []
        return _Read(tuple(_part(document, tree, substitution, own, ignored, masks)), own)

    fields = tree.types[0].schema.fields if tree.types else {}
    for document in documents:
        findings.extend(refused(document, fields))
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
) -> Iterator[_Part]:
    """What a document contributes; nothing where it names no realm."""
    resolver = Resolver(document, substitution)
    extractor = Extractor(document, resolver, ignored)
    realm = extractor.realm()
    if realm is not None:
        built = [build(item, document, resolver, masks) for item in extractor.items(tree, realm)]
        notes = (*_ignored(built, extractor.usual, document), *extractor.notes())
        findings.extend(notes)
        permissions = _permissions(document, resolver, of_resources(tree))
        yield _Part(realm, built, permissions, document.layer)
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


def _secret_variables(parts: Iterable[_Part]) -> set[str]:
    """The names of the variables that are secrets."""
    leaves = (value for p in parts for item in p.built for value in item.resource.leaves.values())
    origins = (value.origin for value in leaves if isinstance(value, Secret))
    return {origin.key for origin in origins if origin and origin.kind == "environment"}


def _refuse_missing(
    files: Sequence[Found], realms: set[str], substitution: Substitution, settings: Settings
) -> None:
    """PATHs are the whole configuration of the realms that they name."""
    given = {realpath(file.path) for file in files}
    configured = layered(discover(settings.paths()), settings)
    plain = [file for file in not_of_tenants(configured, settings.realms) if not file.layer]
    others = [file for file in plain if realpath(file.path) not in given]
    findings: list[Diagnostic] = []
    documents = list(_read(others, findings))
    if has_errors(findings):
        raise ConfigError(findings)
    missing = [
        document.file for document in documents if realm_of(document, substitution) in realms
    ]
    if missing:
        raise UsageError(
            "the paths name only some of a realm's files",
            "What the others declare would look deleted. Add "
            + ", ".join(missing)
            + ", or name no path at all to take all files of `[config] files`.",
        )


def _about_named(documents: Sequence[Document], substitution: Substitution) -> list[Document]:
    """The documents without overlays of realms that the paths do not name.

    Alone they would look like all that the files say of such a realm.
    """
    named = {realm_of(document, substitution) for document in documents if not document.layer}
    return [d for d in documents if not d.layer or realm_of(d, substitution) in {*named, None}]


def _layer(
    parts: Sequence[_Part], layer: int, registry: Registry, findings: list[Diagnostic]
) -> tuple[dict[Address, Resource], dict[str, Section]]:
    """What the files of one layer say together."""
    here = [part for part in parts if part.layer == layer]
    documents = [[item.resource for item in part.built] for part in here]
    resources = merge_resources(documents, findings, registry)
    permissions: dict[str, Section] = {}
    for part in here:
        if part.permissions is not None:
            earlier = permissions.get(part.realm)
            permissions[part.realm] = (
                part.permissions
                if earlier is None
                else merge_sections(earlier, part.permissions, findings)
            )
    return resources, permissions


def _merge(
    parts: Sequence[_Part],
    registry: Registry,
    findings: list[Diagnostic],
    settings: Settings,
    documents: Iterable[Document],
) -> Config:
    """One configuration of all files. Raises ConfigError."""
    built = [item for part in parts for item in part.built]
    resources, permissions = _layer(parts, 0, registry, findings)
    for layer in sorted({part.layer for part in parts} - {0}):
        over, sections_over = _layer(parts, layer, registry, findings)
        resources = laid_over(resources, over, registry, findings)
        for realm, section in sections_over.items():
            permissions[realm] = section_over(permissions.get(realm, Section({})), section)
    resources = without_mirrors(resources, registry, findings)
    resources = without_idle(resources, registry, findings)
    unsound = {item.resource.address for item in built if not item.sound}
    for address, resource in resources.items():
        if address not in unsound:
            found = registry[resource.type].check(resource)
            findings.extend(_located(finding, resource) for finding in found)
    # Here, so that each command that reads files gives the same answer, with a server or without.
    found = judged(dict.fromkeys(said_once(findings, documents)), settings.keycloak.version)
    diagnostics = tuple(sorted(found, key=by_place))
    out = taken_out(item.resource for item in built)
    if has_errors(diagnostics):
        raise ConfigError(diagnostics)
    return Config(
        resources=resources,
        realms=frozenset(part.realm for part in parts),
        permissions=permissions,
        diagnostics=diagnostics,
        masked=tuple(
            masked
            for item in built
            for masked in item.masked
            if masked.path not in resources[masked.address].leaves
            and (masked.address, masked.path) not in out
        ),
    )


def _located(finding: Diagnostic, resource: Resource) -> Diagnostic:
    """A finding of a type's own check, with address and place."""
    return evolve(
        finding,
        address=finding.address or resource.address,
        source=finding.source or resource.source(tuple(map(str, finding.path))),
    )
