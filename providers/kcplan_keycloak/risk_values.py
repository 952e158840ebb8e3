"""What risk rules ask of values: whatever shape those have, the answer is no error."""

from collections.abc import Callable, Iterable, Iterator

from kcplan.diagnostics import Path
from kcplan.plan import FieldChange
from kcplan.risk_rules import Found, Subject

Find = Callable[[Subject], Iterable[Found]]


def is_on(value: object) -> bool:
    """Whether a switch is on; attributes and `config` have it as text."""
    return value is True or (isinstance(value, str) and value.lower() == "true")


def number(value: object) -> int | None:
    """The number in a field or an attribute; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        return int(value)
    except ValueError:
        return None


def texts(value: object) -> tuple[str, ...]:
    """The texts in a list."""
    items = value if isinstance(value, list | tuple) else ()
    return tuple(item for item in items if isinstance(item, str))


def gained(item: FieldChange) -> Iterator[str]:
    """The texts that a list gets."""
    had = texts(item.before)
    return (text for text in texts(item.after) if text not in had)


def switched(*path: str, to: bool, words: str, new: bool = True) -> Find:
    """Finds that a switch goes on or off; with `new=False` of objects that exist only."""

    def find(subject: Subject) -> Iterator[Found]:
        if subject.is_new and not new:
            return
        for item in subject.changes(path):
            if is_on(item.after) is to and is_on(item.before) is not to:
                yield item.path, words

    return find


def no_longer(*path: str, words: str, new: bool = False) -> Find:
    """Finds that a switch was on and is not any more, be it off or not mentioned.

    With `new` also that the files switch it off in a new object.
    """

    def find(subject: Subject) -> Iterator[Found]:
        for item in subject.changes(path):
            was = is_on(item.before) or (new and subject.is_new and item.before is None)
            if was and not is_on(item.after):
                yield item.path, words

    return find


def changed(*paths: Path, words: Callable[[FieldChange], str]) -> Find:
    """Finds that fields of an existing object change."""

    def find(subject: Subject) -> Iterator[Found]:
        if not subject.is_new:
            for item in subject.changes(*paths):
                yield item.path, words(item)

    return find


def either(*finds: Find) -> Find:
    """Finds what any of these finds."""

    def find(subject: Subject) -> Iterator[Found]:
        for one in finds:
            yield from one(subject)

    return find
