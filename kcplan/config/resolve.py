"""A representation as it was written → with its placeholders substituted and its secrets wrapped.

One walk along the schema: what stands in a sensitive field or comes from a secret becomes a
`Secret`, and `**********` (Keycloak's way not to show a secret) is left out, as not declared.
"""

from collections.abc import Mapping
from typing import Any, Final

from attrs import evolve

from kcplan.config.document import Document
from kcplan.config.patterns import NOTHING, Below, following
from kcplan.config.positions import Key, Place
from kcplan.config.substitute import Expanded, Piece, Problem, Substitution, says_secret
from kcplan.config.syntax import NO_NULL, NULL
from kcplan.config.variables import NO_DEFAULT
from kcplan.diagnostics import Diagnostic, Severity, Source, error
from kcplan.path_patterns import Pattern
from kcplan.schema import dotted
from kcplan.secret import MASK, Origin, Secret
from kcplan.shapes import ANY, ListOf, MapOf, Named, Object, Ref, Scalar, Shape, Whole


class _Absent:
    """Stands for a value that the document does not declare."""


_ABSENT: Final = _Absent()
_OTHERS: Final = frozenset({str, dict, list})


class Resolver:
    """Resolves the values of one document, and collects what is to be said of them.

    Attributes:
        findings: What is to be said.
        unresolved: The places of values that are wrong.
        masked: The places of asterisks.
    """

    def __init__(self, document: Document, substitution: Substitution) -> None:
        self._document = document
        self._substitution = substitution
        self.findings: list[Diagnostic] = []
        self.unresolved: set[Place] = set()
        self.masked: list[Place] = []
        self._top = 0

    def resolve(
        self, value: Any, shape: Shape, sensitive: tuple[Pattern, ...], place: Place
    ) -> Any:
        """A value with everything in it resolved; None where it is not declared.

        Args:
            value: The value as written.
            shape: What its schema says.
            sensitive: Paths, from here, of fields with secrets.
            place: Where it stands in the document.
        """
        self._top = len(place)
        result = self._value(value, shape, following(sensitive), place)
        return None if result is _ABSENT else result

    def name(self, value: str, place: Place) -> str:
        """A name: a text that is shown, so that no secret may be in it."""
        if "$" not in value:
            return value
        expanded = self._expand(value, place)
        if expanded.sensitive:
            self._report(secret_name(self._source(place)))
        return expanded.text if not expanded.problems else value

    def unmanaged(self, value: Any, place: Place) -> Any:
        """What kcplan does not manage, with its placeholders substituted. Nothing is said of it."""
        return Resolver(self._document, self._substitution).resolve(value, ANY, (), place)

    def key(self, key: str, place: Place) -> bool:
        """Whether a key may stay as it is: placeholders are for values only."""
        if "$" not in key:
            return True
        expanded = self._substitution.expand(key, self._document.folder)
        settled = expanded.text == key and not expanded.problems
        if not settled:
            source = self._source(place)
            each = [item for item in expanded.problems if item.code == "unknown-each"]
            wrong = [error(item.code, item.summary, item.detail, source=source) for item in each]
            self.findings.extend(wrong or [_placeholder_in_key(source)])
        return settled

    def _value(self, value: Any, shape: Shape, sensitive: Below, place: Place) -> Any:
        match value:
            case str():
                return self._text(value, shape, sensitive, place)
            case dict():
                return self._table(value, shape, sensitive, place)
            case list():
                return self._list(value, shape, sensitive, place)
        if value is not None and sensitive.ended:
            self._report(
                error(
                    "wrong-type",
                    f"{self._field(place)} must be a string",
                    "It holds a secret. Put it into quotes.",
                    source=self._source(place),
                )
            )
            return _ABSENT
        return value

    def _table(
        self, table: Mapping[str, Any], shape: Shape, sensitive: Below, place: Place
    ) -> dict[str, Any]:
        result = {}
        for key, item in table.items():
            if "$" in key:
                self.key(key, (*place, key))
            within = NOTHING if sensitive is NOTHING else sensitive.at(key)
            # As `_is_settled`, which takes longer to call: most values of most files come here.
            if within is NOTHING and (
                ("$" not in item and item != MASK)
                if type(item) is str
                else type(item) not in _OTHERS
            ):
                result[key] = item
                continue
            resolved = self._value(item, shape_of(shape, key), within, (*place, key))
            if resolved is not _ABSENT:
                result[key] = resolved
        return result

    def _list(
        self, items: list[Any], shape: Shape, sensitive: Below, place: Place
    ) -> list[Any] | _Absent:
        if sensitive is NOTHING and all(map(_is_settled, items)):
            return items.copy()
        result = []
        for index, item in enumerate(items):
            within = NOTHING if sensitive is NOTHING else sensitive.at(name_in(shape, item))
            if within is NOTHING and _is_settled(item):
                result.append(item)
                continue
            here = (*place, index)
            resolved = self._value(item, shape_of(shape, index), within, here)
            if resolved is not _ABSENT:
                self._refuse_secret_name(shape, resolved, here)
                result.append(resolved)
        # A list of nothing but masks is no empty list: it is not declared either.
        return result if result or not items else _ABSENT

    def _refuse_secret_name(self, shape: Shape, item: Any, place: Place) -> None:
        if isinstance(shape, Named) and isinstance(item, dict):
            name = item.get(shape.key)
            if isinstance(name, Secret):
                item[shape.key] = MASK
                self.unresolved.add(place)
                self._report(secret_name(self._source((*place, shape.key))))

    def _text(self, text: str, shape: Shape, sensitive: Below, place: Place) -> Any:
        if text == MASK:
            self.masked.append(place)
            return _ABSENT
        own = shape.own if isinstance(shape, Scalar) else frozenset()
        expanded = (
            self._expand(text, place, own, secret=sensitive.ended)
            if "$" in text
            else Expanded((Piece(text),))
        )
        if place in self.unresolved:
            return text
        if not (sensitive.ended or expanded.sensitive):
            if self._substitution.dialect is None or expanded.whole is None:
                return expanded.text
            from kcplan.config.lookups import written_out

            return written_out(text, expanded.text, shape)
        if isinstance(shape, Ref):
            self._report(secret_name(self._source(place)))
            self.unresolved.add(place)
            return MASK
        return self._secret(expanded, place)

    def _secret(self, expanded: Expanded, place: Place) -> Secret | str:
        text, source = expanded.text, self._document.unlocated(place)
        if not text:
            if not expanded.literal:
                self._report(_empty_secret(expanded, self._field(place), self._source(place)))
            return text
        whole = expanded.whole
        if whole is not None and whole.kind in {"environment", "file"}:
            return Secret(text, Origin(whole.kind, whole.key, source))
        return Secret(text, Origin("literal" if expanded.literal else "mixed", "", source))

    def _expand(
        self, text: str, place: Place, own: frozenset[str] = frozenset(), *, secret: bool = False
    ) -> Expanded:
        expanded = self._substitution.expand(text, self._document.folder, own)
        if NULL in expanded.text:
            self._report(_null_character(self._source(place)))
            self.unresolved.add(place)
            expanded = Expanded((Piece(text),), expanded.problems)
        for problem in expanded.problems:
            severity = Severity.WARNING if problem.harmless else Severity.ERROR
            finding = _undefined(problem, secret=secret) if problem.variable else None
            finding = finding or error(problem.code, problem.summary, problem.detail)
            self._report(evolve(finding, severity=severity, source=self._source(place)))
            if not problem.harmless:
                self.unresolved.add(place)
        return expanded

    def _field(self, place: Place) -> str:
        """The field at a place, as seen from what is being resolved."""
        return dotted(place[self._top :])

    def _source(self, place: Place) -> Source:
        return self._document.source(place)

    def _report(self, finding: Diagnostic) -> None:
        self.findings.append(finding)


def _is_settled(value: Any) -> bool:
    """Whether a scalar is what it looks like: the common case, decided quickly."""
    if type(value) is str:
        return "$" not in value and value != MASK
    return type(value) not in _OTHERS


def shape_of(shape: Shape, key: Key) -> Shape:
    """The shape of what stands under a key."""
    match shape:
        case Object() if isinstance(key, str):
            return shape.fields.get(key, ANY)
        case MapOf() if isinstance(key, str):
            return shape.value
        case ListOf() if isinstance(key, int):
            return shape.item
        case Whole() if isinstance(key, str):
            return shape.table.at(key)
        case Named() if isinstance(key, int):
            return shape.entry
    return ANY


def name_in(shape: Shape, item: Any) -> str:
    """The segment that a list's item is in a path."""
    name = item.get(shape.key) if isinstance(shape, Named) and isinstance(item, dict) else None
    return name if isinstance(name, str) else ""


def _undefined(problem: Problem, *, secret: bool) -> Diagnostic:
    """That a variable is not set. Where it is for a secret, a default is no advice."""
    return error(
        problem.code,
        problem.summary,
        NO_DEFAULT if secret or says_secret(problem.variable) else problem.detail,
        several="variables are not set",
        subject=problem.variable,
    )


def _null_character(source: Source) -> Diagnostic:
    """That a file or a variable has what no text may have. The readers see to the rest."""
    summary = "what is substituted has a null character"
    return error("syntax-error", summary, NO_NULL, source=source)


def secret_name(source: Source) -> Diagnostic:
    """That a secret stands where only names do."""
    return error(
        "secret-name",
        "a name cannot come from a secret",
        "Names are shown in plans and messages. Use a variable whose name does not say secret, "
        "password, token or key, and no file.",
        source=source,
    )


def _placeholder_in_key(source: Source) -> Diagnostic:
    return error(
        "unknown-placeholder",
        "a key cannot hold a placeholder",
        "Placeholders are substituted in values only. Write the key itself.",
        source=source,
    )


def _empty_secret(expanded: Expanded, name: str, source: Source) -> Diagnostic:
    whole = expanded.whole
    what = f"{whole.key} is empty" if whole is not None and whole.key else "it is empty"
    return error(
        "undefined-variable",
        f"{name} is a secret, and {what}",
        "To Keycloak an empty secret is no secret.",
        source=source,
    )
