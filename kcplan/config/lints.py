"""What must hold of `[[lint]]` rules: each is about a risk, a level and possible addresses."""

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import Final

from kcplan.classes import frozen
from kcplan.config.model import Lint
from kcplan.grammar import pattern
from kcplan.risk import OFF, Level

_LEVELS: Final = (OFF, *map(str, reversed(Level)))


@frozen
class Known:
    """What `[[lint]]` rules may name.

    Attributes:
        risks: The codes of all risks.
        patterns: What the addresses of each type look like; see `kcplan.grammar`.
    """

    risks: Collection[str]
    patterns: Collection[str]


@frozen
class Mistake:
    """What is wrong with a rule.

    Attributes:
        key: The key of the rule.
        code: The code of the diagnostic.
        summary: What is wrong, to be read after the key.
        detail: How to fix it.
    """

    key: str
    code: str
    summary: str
    detail: str = ""


def mistakes(rule: Lint, known: Known | None) -> Iterator[Mistake]:
    """What is wrong with a rule; without `known` only what can be told by itself."""
    if rule.level not in _LEVELS:
        hint = _hint(rule.level.lower(), _LEVELS, '"')
        yield Mistake("level", "wrong-type", f'must be "off", "caution" or "danger"{hint}')
    if not rule.reason.strip():
        detail = "Say why, for whoever reads the file after you."
        yield Mistake("reason", "wrong-type", "must not be empty", detail)
    if known is None:
        return
    if rule.code not in known.risks:
        yield Mistake(
            "code",
            "unknown-risk",
            f"is not the code of a risk{_hint(rule.code.lower(), known.risks)}",
            "The rule would do nothing. `kcplan explain` lists all codes; errors, warnings and "
            "notes cannot be silenced.",
        )
    if all(rule.match.split("/")) and not _meets(rule.match, known):
        yield Mistake(
            "match",
            "unknown-address",
            f"matches no possible address{_hint_of_address(rule.match, known)}",
            "The rule would do nothing. An address is as in a plan: `prod/clients/web`; `*` is "
            "within one segment, `**` any number of them.",
        )


def _meets(glob: str, known: Known) -> bool:
    return any(pattern(text).meets(glob) for text in known.patterns)


def _hint(given: str, right: Iterable[str], quote: str = "`") -> str:
    close = get_close_matches(given, list(right), n=1, cutoff=0.6)
    return f"; did you mean {quote}{close[0]}{quote}?" if close else ""


def _hint_of_address(glob: str, known: Known) -> str:
    """The glob with a word that is nearly one of an address, or with the realm before it."""
    words = sorted({word for text in known.patterns for word in pattern(text).words})
    segments, better = glob.split("/"), [f"*/{glob}"]
    right = [segments[0], *(_closest(segment, words) for segment in segments[1:])]
    better.append("/".join(right))
    for number, word in enumerate(right):
        better.append("/".join([*segments[:number], word, *segments[number + 1 :]]))
    found = next((text for text in reversed(better) if _meets(text, known)), None)
    return f"; did you mean `{found}`?" if found else ""


def _closest(segment: str, words: Iterable[str]) -> str:
    close = get_close_matches(segment.lower(), list(words), n=1, cutoff=0.6)
    return close[0] if close else segment
