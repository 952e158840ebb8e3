"""What an export spreads out is gathered at the resource that it belongs to, before it is read.

Types say how (`TypeSpec.gather`); the places of the values in the file are kept, so that a message
still names where they stand.
"""

from collections.abc import Container

from attrs import evolve

from kcplan.config.document import Document
from kcplan.diagnostics import Diagnostic, error, note, warning
from kcplan.resource import Registry


def gathered(
    document: Document,
    registry: Registry,
    findings: list[Diagnostic],
    ignored: Container[str] = (),
) -> Document:
    """The document with everything at the resource that it belongs to.

    Args:
        document: The document.
        registry: The types of resources.
        findings: Takes what cannot be brought there.
        ignored: Sections that the user leaves out.
    """
    for spec in registry.values():
        if spec.gather is None or any(section in ignored for section in spec.understands):
            continue
        found = spec.gather(document.data)
        findings.extend(
            (note if item.harmless else warning if item.left_out else error)(
                item.code, item.summary, item.detail, source=document.source(item.place)
            )
            for item in found.unsound
        )
        document = evolve(
            document,
            data=found.data,
            moved={**document.moved, **found.moved},
            extending=document.extending | found.extending,
        )
    return document
