"""YAML, with the extra `kcplan[yaml]`: values and places, with no surprises.

Scalars are read as in YAML 1.2's core schema, which is what JSON has: `yes`, `no`, `on`, `off`,
`12:30:00`, `2026-01-31` and `0777` are texts. A field that wants a boolean or a number says so
then. Keys are always texts. Anchors, aliases and `<<` work; a key that stands twice is an error,
as is a tag for anything that JSON does not have. The events of the parser are put together here
without recursion, so that neither deep nesting nor an alias of aliases can do harm.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from attrs import field

from kcplan.classes import define, frozen
from kcplan.config.positions import Mark
from kcplan.config.syntax import MAX_DEPTH, Parsed, SyntaxProblemError, too_deep
from kcplan.conversion import WrittenFloat, WrittenInteger

MAX_VALUES: Final = 1_000_000
"""How many values a document may have once its aliases are written out."""

_TAG: Final = "tag:yaml.org,2002:"
_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_BASED: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def read_yaml(text: str) -> list[Parsed]:
    """The values of each document of a YAML text. Raises SyntaxProblemError.

    Documents with nothing in them are left out, unless there is no other.
    """
    builder = _Builder()
    for event in _events(text):
        builder.take(event)
    if not builder.results:
        raise SyntaxProblemError("the file is empty", "There is nothing in it but comments.")
    written = [found for found in builder.results if found.value is not None]
    return [_parsed(found) for found in written or builder.results[:1]]


def _parsed(found: "_Built") -> Parsed:
    return Parsed(found.value, lambda: found.mark)


def _events(text: str) -> Iterator[Any]:
    try:
        import yaml
    except ImportError:
        raise SyntaxProblemError(
            "YAML files need the extra `yaml`",
            "Install it with `pip install 'kcplan[yaml]'`, or write the file in TOML or JSON.",
        ) from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.parse(text, Loader=loader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise SyntaxProblemError(
            f"the YAML is broken: {problem.problem or problem.context}",
            _hint(str(problem.problem)),
            offset=mark.index if mark else None,
        ) from None
    except yaml.reader.ReaderError as problem:
        raise SyntaxProblemError(
            "the YAML has a character that YAML does not allow", offset=problem.position
        ) from None
    except (yaml.YAMLError, ValueError, OverflowError):
        raise SyntaxProblemError("the YAML is broken") from None


def _hint(problem: str) -> str:
    if "\\t" in problem or "tab" in problem:
        return "YAML is indented with spaces, never with tabs."
    if "mapping values are not allowed" in problem:
        return "Check the indentation, and put texts with a colon into quotes."
    return "Check the indentation, and put texts with special characters into quotes."


@frozen
class _Built:
    """A finished value, and how many it comes to when aliases are written out."""

    value: Any
    mark: Mark
    size: int = 1


@define
class _Open:
    """A table or list that is being read."""

    value: Any
    mark: Mark
    anchor: str | None
    key: str | None = None
    key_mark: Mark | None = None
    merges: bool = False
    size: int = 1
    merged: list[_Built] = field(factory=list)


class _Builder:
    """Puts the events of each document together."""

    def __init__(self) -> None:
        self.results: list[_Built] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Built] = {}

    def take(self, event: Any) -> None:
        """Take the next event. Raises SyntaxProblemError."""
        offset = event.start_mark.index
        match type(event).__name__:
            case "DocumentStartEvent":
                self._anchors = {}
            case "ScalarEvent":
                self._scalar(event, offset)
            case "AliasEvent":
                self._alias(event.anchor, offset)
            case "MappingStartEvent":
                self._open({}, "map", event, offset)
            case "SequenceStartEvent":
                self._open([], "seq", event, offset)
            case "MappingEndEvent" | "SequenceEndEvent":
                self._close()

    def _expects_key(self) -> bool:
        return (
            bool(self._stack)
            and isinstance(self._stack[-1].value, dict)
            and (self._stack[-1].key is None)
        )

    def _scalar(self, event: Any, offset: int) -> None:
        if self._expects_key():
            self._key(event.value, offset, merges=event.value == "<<" and event.implicit[0])
            return
        built = _Built(_scalar_value(event, offset), Mark(offset))
        self._finish(built, event.anchor)

    def _key(self, key: str, offset: int, *, merges: bool = False) -> None:
        table = self._stack[-1]
        earlier = table.mark.get(key)
        if earlier is not None:
            raise SyntaxProblemError(
                f"the key {key!r} stands twice in one table",
                "Remove one of them.",
                offset=offset,
                code="duplicate-definition",
            )
        table.key = key
        table.key_mark = Mark(offset)
        table.merges = merges

    def _alias(self, name: str, offset: int) -> None:
        built = self._anchors.get(name)
        if built is None:
            raise SyntaxProblemError(
                f"the alias `*{name}` has no anchor before it",
                "An alias can stand only after the value that its anchor names, not within it.",
                offset=offset,
            )
        if self._expects_key():
            if not isinstance(built.value, str):
                raise _no_key(offset)
            self._key(built.value, offset)
        else:
            self._finish(built, None)

    def _open(self, value: Any, tag: str, event: Any, offset: int) -> None:
        if self._expects_key():
            raise _no_key(offset)
        if event.tag not in {None, "!", _TAG + tag}:
            raise _bad_tag(event.tag, offset)
        if len(self._stack) > MAX_DEPTH:
            # At once, since the parser takes the longer for a bracket the more of them are open.
            raise too_deep()
        self._stack.append(_Open(value, Mark(offset, {}), event.anchor))

    def _close(self) -> None:
        done = self._stack.pop()
        for built in done.merged:
            _merge(done, built)
        self._finish(_Built(done.value, done.mark, done.size), done.anchor)

    def _finish(self, built: _Built, anchor: str | None) -> None:
        """Put a value where it belongs."""
        if anchor is not None:
            self._anchors[anchor] = built
        if not self._stack:
            self.results.append(built)
            return
        parent = self._stack[-1]
        parent.size += built.size
        if parent.size > MAX_VALUES:
            raise SyntaxProblemError("the aliases stand for too many values")
        if isinstance(parent.value, list):
            parent.value.append(built.value)
            parent.mark.append(built.mark)
            return
        key, mark = str(parent.key), parent.key_mark or built.mark
        parent.key = None
        if parent.merges:
            parent.merged.extend(_tables(built, mark.offset))
            return
        parent.value[key] = built.value
        parent.mark.set(key, Mark(mark.offset, built.mark.children))


def _tables(built: _Built, offset: int) -> list[_Built]:
    """What `<<` names: a table, or a list of tables."""
    if isinstance(built.value, dict):
        return [built]
    items = built.value if isinstance(built.value, list) else [None]
    if not all(isinstance(item, dict) for item in items):
        raise SyntaxProblemError(
            "`<<` takes a table, or a list of tables, from an anchor", offset=offset
        )
    marks = (built.mark.children or {}).values()
    return [_Built(item, mark) for item, mark in zip(items, marks, strict=True)]


def _merge(table: _Open, built: _Built) -> None:
    """Take over what the table does not say itself."""
    for key, value in built.value.items():
        if key not in table.value:
            table.value[key] = value
            table.mark.set(key, built.mark.get(key) or built.mark)


def _scalar_value(event: Any, offset: int) -> Any:
    plain, _ = event.implicit
    tag = event.tag
    if tag in {"!", _TAG + "str"} or (tag is None and not plain):
        return event.value
    if tag is not None and tag not in {_TAG + word for word in ("bool", "int", "float", "null")}:
        raise _bad_tag(tag, offset)
    return _plain_value(event.value, offset)


def _plain_value(text: str, offset: int) -> Any:
    """A scalar without quotes, by the core schema of YAML 1.2."""
    if text in _WORDS:
        return _WORDS[text]
    if _NOT_FINITE.fullmatch(text):
        raise SyntaxProblemError(
            f"{text} is not a JSON value", "A number must be finite.", offset=offset
        )
    try:
        if _INTEGER.fullmatch(text):
            return WrittenInteger(text) if text.startswith("+") else int(text)
        if _BASED.fullmatch(text):
            return WrittenInteger(text)
    except ValueError:
        raise SyntaxProblemError("a number has too many digits", offset=offset) from None
    return WrittenFloat(text) if _FLOAT.fullmatch(text) else text


def _no_key(offset: int) -> SyntaxProblemError:
    return SyntaxProblemError("a key must be a text", "Put it into quotes.", offset=offset)


def _bad_tag(tag: str, offset: int) -> SyntaxProblemError:
    return SyntaxProblemError(
        f"the tag `{tag.replace(_TAG, '!!')}` is not supported",
        "A configuration has texts, numbers, booleans, null, lists and tables.",
        offset=offset,
    )
