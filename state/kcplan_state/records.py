"""What a journal says: the plan that an apply set out to execute, and what became of each step.

    Header                          first, once: all that is needed to go on without the plan file
    Intent ─▶ Done                  the step is about to be written to Keycloak; it was
           ─▶ Failed                Keycloak refused it, or a part of it
           (nothing)                unknown: ask Keycloak
    Done ─▶ Undoing ─▶ Undone       the same for taking a step back

A record is written before its call where it says what will be done, after it where it says what
was done.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import asdict, field

from kcplan import __version__
from kcplan.classes import frozen
from kcplan_state.strict import structure

FORMAT = 1
"""The format of the journals that this kcplan writes."""


@frozen
class Header:
    """What an apply set out to do.

    Attributes:
        lineage: The state's.
        serial: The state's, when the apply began.
        server: The URL of Keycloak.
        operation: The command, such as `apply`.
        started: When, UTC.
        steps: The plan's steps as a JSON document; their form is not this package's business.
        kcplan_version: Who wrote it.
        format_version: The format of the journal.
    """

    lineage: str
    serial: int
    server: str
    operation: str
    started: str
    steps: Any
    kcplan_version: str = __version__
    format_version: int = FORMAT


@frozen
class Intent:
    """A step is about to be written. `image` is what it destroys, with secrets in clear."""

    step: str
    image: Mapping[str, Any] | None = None


@frozen
class Done:
    """A step was written.

    `object_id` is the id that Keycloak has for its object. `came` says that Keycloak had made the
    object by itself, so that it was updated where it was to be created.
    """

    step: str
    object_id: str | None = None
    came: bool = False


@frozen
class Failed:
    """A step was refused. Of several requests the first ones may have been carried out."""

    step: str


@frozen
class Undoing:
    """A step that was done is about to be taken back."""

    step: str


@frozen
class Undone:
    """A step was taken back; `restored` are objects that are back under new ids, by address."""

    step: str
    restored: Mapping[str, Any] = field(factory=dict)


Record = Intent | Done | Failed | Undoing | Undone

_PLAIN: Mapping[str, type] = {
    "header": Header,
    "intent": Intent,
    "done": Done,
    "failed": Failed,
    "undoing": Undoing,
    "undone": Undone,
}
_KINDS = {kind: word for word, kind in _PLAIN.items()}

T = TypeVar("T")


def to_document(record: Record | Header) -> dict[str, Any]:
    """The record as JSON, with its `kind`."""
    return {"kind": _KINDS[type(record)], **asdict(record, recurse=False)}


def from_document(document: Mapping[str, Any]) -> Record | Header:
    """The record of a document. Raises ValueError."""
    fields = dict(document)
    word = fields.pop("kind", None)
    kind = _PLAIN.get(word) if isinstance(word, str) else None
    if kind is None:
        raise ValueError(f"there is no record of the kind {word!r}")
    record: Record | Header = structure(fields, kind)
    return record
