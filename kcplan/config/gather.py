"""What an export spreads out is gathered at the resource that it belongs to, before it is read.

Types say how (`TypeSpec.gather`); the places of the values in the file are kept, so that a message
still names where they stand.
"""

from attrs import evolve

from kcplan.config.document import Document
from kcplan.resource import Registry


def gathered(document: Document, registry: Registry) -> Document:
    """The document with everything at the resource that it belongs to."""
    for spec in registry.values():
        if spec.gather is not None:
            data, moved = spec.gather(document.data)
            if moved:
                document = evolve(document, data=data, moved={**document.moved, **moved})
    return document
