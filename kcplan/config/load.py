"""Files → `Config`: where the steps of this package are put together."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from os.path import realpath
from pathlib import Path

from attrs import evolve

from kcplan.config.discover import SETTINGS_FILE, Found, discover
from kcplan.config.document import Document, parse_documents, read_documents
from kcplan.config.extract import REALM
from kcplan.config.layers import layered
from kcplan.config.model import Config
from kcplan.config.parts import parts_of, secret_variables
from kcplan.config.realm_names import realm_of, with_own_realms, without_tenant
from kcplan.config.realms import not_of_tenants, of_tenants
from kcplan.config.settings import Settings
from kcplan.config.substitute import Substitution
from kcplan.config.variables import Given, Variables, advised, remarks
from kcplan.config.whole import merged
from kcplan.diagnostics import Diagnostic, error, has_errors
from kcplan.errors import ConfigError, UsageError
from kcplan.resource import Registry

_FOREIGN = "format_version"
"""The key that states and saved plans have at their top, and realm files have not."""


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
    parts = parts_of(documents, registry, substitution, findings, ignored)
    if paths and settings.config.files:
        _refuse_missing(files, {part.realm for part in parts}, substitution, settings)
    findings = advised(findings)
    secret = secret_variables(parts)
    findings.extend(remarks(variables, secret, settings, findings, whole=not paths))
    config = merged(parts, registry, findings, settings, documents)
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
    parts = parts_of(documents, registry, substitution, findings, ignored)
    return merged(parts, registry, findings, settings, documents)


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
    dialect = None
    if settings.foreign:
        from kcplan.config.lookups import keycloak_config_cli

        dialect = keycloak_config_cli
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
    missing = dict.fromkeys(
        document.file for document in documents if realm_of(document, substitution) in realms
    )
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
