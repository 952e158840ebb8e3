"""`[[realms]]` of kcplan.toml: the files that are read for tenants, and what they give."""

from collections.abc import Iterator, Sequence
from os.path import realpath
from pathlib import Path

from kcplan.config.discover import Found
from kcplan.config.document import Document, read_documents
from kcplan.config.expand import Expansion, same_for_all
from kcplan.config.model import Tenants
from kcplan.config.settings import Settings
from kcplan.config.tenants import tenants_of
from kcplan.diagnostics import Diagnostic, error
from kcplan.errors import ConfigError


def not_of_tenants(files: Sequence[Found], realms: Sequence[Tenants]) -> list[Found]:
    """The files that are ordinary realm files: neither read for tenants nor lists of these."""
    if not realms:
        return list(files)
    templates = {realpath(item.file) for item in realms}
    lists = {realpath(item.for_each) for item in realms if isinstance(item.for_each, Path)}
    return [
        file
        for file in files
        if (path := realpath(file.path)) not in templates and (file.named or path not in lists)
    ]


def of_tenants(
    files: Sequence[Found],
    paths: Sequence[Path | str],
    settings: Settings,
    findings: list[Diagnostic],
) -> Iterator[Document]:
    """A document for each tenant of each file of `[[realms]]`, as if it were a file of its own.

    Args:
        files: The files that are to be read.
        paths: What the user named; where that is nothing, every `[[realms]]` counts.
        settings: What kcplan.toml says.
        findings: Takes what is wrong.
    """
    chosen = {realpath(file.path) for file in files}
    for item in settings.realms:
        if paths and realpath(item.file) not in chosen:
            continue
        tenants = tenants_of(item, settings, findings)
        try:
            template, *others = read_documents(item.file)
        except ConfigError as problem:
            findings.extend(problem.diagnostics)
            continue
        if others:
            findings.append(_several(others[0]))
            continue
        if same := same_for_all(template):
            findings.append(same)
            continue
        expansion = Expansion(template, foreign=settings.foreign)
        for tenant in tenants:
            document = expansion.of(tenant, findings)
            if document is not None:
                yield document


def _several(second: Document) -> Diagnostic:
    """That a file of tenants holds more than the one document that is a realm for each."""
    return error(
        "wrong-tenants",
        "a file of `[[realms]]` holds one document",
        "Each tenant is one realm. Put the documents together, or each into a file of its own with "
        "a `[[realms]]` of its own.",
        source=second.source(),
    )
