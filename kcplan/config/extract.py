"""A document → the resources in it, each still as it was written."""

from collections.abc import Container, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from attrs import evolve, field

from kcplan.classes import frozen
from kcplan.config.document import Document
from kcplan.config.positions import Place
from kcplan.config.resolve import Resolver
from kcplan.config.sections import PERMISSIONS, SectionTree, of_resources
from kcplan.config.taken_out import no_field
from kcplan.diagnostics import Diagnostic, Source, error, note
from kcplan.editors.places import MEMBER
from kcplan.resource import Taken, TypeSpec, Unmanaged
from kcplan.schema import describe, dotted

REALM: Final = "realm"
"""The key with the realm's name, which every realm file must have."""

_APART: Final = frozenset({REALM, PERMISSIONS, MEMBER})

MAX_NAME: Final = 255
"""How long a name may be: Keycloak answers longer ones with an internal error."""

_UNSUPPORTED: Final = "unsupported-section"


@frozen
class Item:
    """A resource as it was written.

    Attributes:
        spec: Its type.
        names: The realm's name, and the names along its section.
        written: Its document, without the sections of other types in it.
        place: Where it stands in the file.
    """

    spec: TypeSpec
    names: tuple[str, ...]
    written: Mapping[str, Any] = field(repr=False)
    place: Place


def says_nothing(value: Any) -> bool:
    """Whether a section is empty: `[]`, `{}`, `""`, null, or a table of such."""
    if isinstance(value, dict):
        return all(map(says_nothing, value.values()))
    return value is None or value in ("", [])


class Extractor:
    """Takes one document apart, and collects what is to be said of it.

    `ignored` are sections that kcplan cannot manage, and that the user wants to leave out. `usual`
    are fields that were left out since they only say what Keycloak has by itself.
    """

    def __init__(
        self, document: Document, resolver: Resolver, ignored: Container[str] = ()
    ) -> None:
        self._document = document
        self._resolver = resolver
        self._ignored = ignored
        self._empty: set[str] = set()
        self._obsolete: dict[str, str] = {}
        self.usual: set[str] = set()
        self.findings: list[Diagnostic] = []

    def realm(self) -> str | None:
        """The name of the realm that the document is about."""
        if REALM not in self._document.data:
            self._report(
                "missing-realm",
                f"the file does not say which realm it is about: it has no `{REALM}`",
                f'Each realm file needs the top-level key `{REALM}`, as in `{REALM} = "my-realm"`.',
                (),
            )
            return None
        return self._name(self._document.data[REALM], (REALM,), "the realm's name")

    def items(self, tree: SectionTree, realm: str) -> Iterator[Item]:
        """The resources of the document."""
        written = {k: v for k, v in self._document.data.items() if k not in _APART}
        permissions = self._document.data.get(PERMISSIONS)
        known = of_resources(tree)
        if isinstance(permissions, dict) and not known.isdisjoint(permissions):
            written[PERMISSIONS] = {k: v for k, v in permissions.items() if k in known}
        yield from self._table(tree, written, (realm,), ())

    def _visit(
        self, section: SectionTree, value: Any, names: tuple[str, ...], place: Place
    ) -> Iterator[Item]:
        if section.items:
            yield from self._list(section, value, names, place)
        elif value is None:
            self._nothing(place)
        elif not isinstance(value, dict):
            self._wrong_type("a table", value, place)
        elif section.entries is not None:
            yield from self._entries(section.entries, value, names, place)
        else:
            yield from self._table(section, value, names, place)

    def _table(
        self, section: SectionTree, table: Mapping[str, Any], names: tuple[str, ...], place: Place
    ) -> Iterator[Item]:
        """A resource with the sections in it, or a table that only groups sections."""
        inner = section.children
        own = {k: item for k, item in table.items() if k not in inner} if inner else table
        if section.types:
            yield from self._resource(section, own, names, place)
        else:
            self._unknown(own, section, place)
        for word, child in section.children.items():
            if word in table:
                yield from self._visit(child, table[word], names, (*place, word))

    def _resource(
        self, section: SectionTree, own: Mapping[str, Any], names: tuple[str, ...], place: Place
    ) -> Iterator[Item]:
        for spec in section.types:
            if spec.belongs(own):
                break
        else:
            words = " or ".join(f"`{spec.name}`" for spec in section.types)
            self._report("unknown-type", f"this is no {words}", "", place)
            return
        if spec.left_out.isdisjoint(own):
            yield Item(spec, names, own, place)
            return
        left_out = {
            key
            for key in spec.left_out.intersection(own)
            if self._leaves_out(spec, key, Unmanaged(names, own[key], self._document.file), place)
        }
        kept = {k: v for k, v in own.items() if k not in left_out} if left_out else own
        yield Item(spec, names, kept, place)

    def _leaves_out(self, spec: TypeSpec, key: str, field: Unmanaged, place: Place) -> bool:
        """Leave a field out, and say so; False where it is managed as it stands."""
        if key in spec.obsolete:
            self._obsolete[key] = spec.obsolete[key]
            return True
        if says_nothing(field.value):
            self._empty.add(key)
            return True
        advice = spec.unsupported[key]
        here = (*place, key)
        text: str | Taken | None
        if isinstance(advice, str):
            text = advice
        else:
            text = advice(evolve(field, value=self._resolver.unmanaged(field.value, here)))
        source = self._document.source(here)
        if isinstance(text, Taken):
            return key in self._ignored
        if text is None:
            self.usual.add(key)
        elif key in self._ignored:
            self.findings.append(_ignored(key, source))
        else:
            self.findings.append(_refused(key, text, source))
        return True

    def notes(self) -> Iterator[Diagnostic]:
        """What was left out and is no mistake, one note of each kind for the file."""
        source = self._document.whole()
        if self._empty:
            yield note(
                "empty-section",
                "sections that kcplan does not manage are empty, and left out: "
                + ", ".join(sorted(self._empty)),
                "What is in Keycloak stays as it is. Nothing needs to be done.",
                source=source,
            )
        if self._obsolete:
            yield note(
                "obsolete-field",
                "fields that Keycloak no longer keeps are left out: "
                + ", ".join(sorted(self._obsolete)),
                "\n".join(f"`{key}`: {text}" for key, text in sorted(self._obsolete.items())),
                source=source,
            )

    def _entries(
        self, entry: SectionTree, table: Mapping[str, Any], names: tuple[str, ...], place: Place
    ) -> Iterator[Item]:
        for key, item in table.items():
            here = (*place, key)
            if self._resolver.key(key, here) and self._is_name(key, here, "the key"):
                yield from self._visit(entry, item, (*names, key), here)

    def _list(
        self, section: SectionTree, value: Any, names: tuple[str, ...], place: Place
    ) -> Iterator[Item]:
        if value is None:
            self._nothing(place)
            return
        if not isinstance(value, list):
            self._wrong_type("a list of tables", value, place)
            return
        for index, item in enumerate(value):
            here = (*place, index)
            if not isinstance(item, dict):
                self._wrong_type("a table", item, here)
                continue
            keys, child = section.item(item)
            values: list[Any] = [item.get(key) for key in keys]
            if None in values:
                self._nameless(child, keys[values.index(None)], place, here)
                continue
            if not all(map(_is_plainly_a_name, values)):
                pairs = zip(keys, values, strict=True)
                values = [self._name(value, (*here, key), f"`{key}`") for key, value in pairs]
                if None in values:
                    continue
            spelled = child.types[0].spelled if child.types else str
            yield from self._table(child, item, (*names, *map(spelled, values)), here)

    def _nothing(self, place: Place) -> None:
        """A section that is null says nothing; an overlay would mean something by it."""
        if self._document.layer:
            self.findings.append(no_field(self._document, place))

    def _name(self, value: Any, place: Place, what: str) -> str | None:
        """A name with its placeholders substituted; None where it is no name."""
        if not isinstance(value, str):
            self._report("wrong-type", f"{what} must be a string, not {describe(value)}", "", place)
            return None
        before = len(self._resolver.findings)
        name = self._resolver.name(value, place)
        if len(self._resolver.findings) > before:
            return value
        return name if self._is_name(name, place, what) else None

    def _is_name(self, name: str, place: Place, what: str) -> bool:
        if not name:
            self._report("missing-name", f"{what} is empty", "Give it a name.", place)
        elif len(name) > MAX_NAME:
            self._report(
                "name-too-long",
                f"{what} has {len(name)} characters",
                f"Keycloak's names have at most {MAX_NAME}.",
                place,
            )
        return 0 < len(name) <= MAX_NAME

    def _nameless(self, child: SectionTree, key: str, place: Place, here: Place) -> None:
        text = next((spec.nameless for spec in child.types if spec.nameless), "")
        self._report(
            "missing-name",
            f"an entry of {dotted(place)} has no `{key}`",
            text or f"Each entry is recognised by its `{key}`. Add one.",
            here,
        )

    def _unknown(self, table: Mapping[str, Any], section: SectionTree, place: Place) -> None:
        for key in table:
            close = get_close_matches(key, section.children, n=1, cutoff=0.7)
            hint = f"; did you mean `{close[0]}`?" if close else ""
            words = ", ".join(f"`{word}`" for word in section.children)
            self._report(
                "unknown-field",
                f"unknown field `{key}`{hint}",
                f"Allowed here: {words}.",
                (*place, key),
            )

    def _wrong_type(self, wanted: str, value: Any, place: Place) -> None:
        self._report(
            "wrong-type", f"{dotted(place)} must be {wanted}, not {describe(value)}", "", place
        )

    def _report(self, code: str, summary: str, detail: str, place: Place) -> None:
        source = self._document.source(place)
        self.findings.append(error(code, summary, detail, source=source))


def _is_plainly_a_name(value: Any) -> bool:
    """Whether a value is a name as it stands, as nearly all are."""
    return type(value) is str and "$" not in value and 0 < len(value) <= MAX_NAME


def _refused(key: str, advice: str, source: Source) -> Diagnostic:
    return error(
        _UNSUPPORTED,
        f"kcplan can't manage `{key}`",
        advice,
        source=source,
        several="sections that kcplan can't manage",
        subject=f"`{key}`",
    )


def _ignored(key: str, source: Source) -> Diagnostic:
    return note(
        _UNSUPPORTED,
        f"`{key}` is left out: kcplan can't manage it",
        "`ignore_unsupported` names it. What exists in Keycloak stays untouched.",
        source=source,
        several="sections are left out: kcplan can't manage them",
        subject=f"`{key}`",
    )
