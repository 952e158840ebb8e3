"""What an editor says of a field: from what its type says of it."""

from collections.abc import Iterator
from typing import Final

from kcplan.diagnostics import Path
from kcplan.offered import Fields
from kcplan.path_patterns import path_matches
from kcplan.resource import TypeSpec
from kcplan.shapes import ListOf, MapOf, Named, Ref, Shape

_KEPT: Final = "A secret: take it from a variable, as in `${env:NAME}`, or from a file."


def about(spec: TypeSpec, path: Path, shape: Shape, fields: Fields) -> str:
    """What there is to say of a field; empty where that is nothing."""
    return " ".join(_sentences(spec, path, shape, fields))


def _sentences(spec: TypeSpec, path: Path, shape: Shape, fields: Fields) -> Iterator[str]:
    yield from _of_shape(shape)
    listed = fields.at(path) if path else None
    if listed is not None and listed.binding:
        yield f"The server must have this {listed.kind}."
    for patterns, text in (
        (spec.sensitive, _KEPT),
        (spec.write_only, "Keycloak never shows it."),
        (spec.immutable, "Another value replaces the object with a new one."),
    ):
        if path_matches(path, patterns):
            yield text
    yield from _of_versions(spec, path)


def _of_shape(shape: Shape) -> Iterator[str]:
    match shape:
        case Ref():
            yield f"Names {_one(spaced(shape.type))}."
        case ListOf(item=Ref() as named):
            yield f"Each names {_one(spaced(named.type))}. The list is complete."
        case ListOf():
            yield "The list is complete."
        case MapOf(exhaustive=True) | Named(exhaustive=True):
            yield "The entries are complete: what is not listed is removed."
        case MapOf() | Named():
            yield "Entries that no file names stay as they are."


def _of_versions(spec: TypeSpec, path: Path) -> Iterator[str]:
    if (lacking := spec.lacked.get(path)) is not None:
        yield f"Keycloak {'.'.join(map(str, lacking))} and older do not have it."
    if feature := spec.features.get(path):
        yield f"It needs the feature `{feature}` of the server."
    if rule := spec.read_only.get(path):
        yield rule.advice


def spaced(word: str) -> str:
    """The word for a type, as a text has it: `client scope`."""
    return word.replace("-", " ")


def _one(words: str) -> str:
    return f"an {words}" if words[0] in "aeio" else f"a {words}"
