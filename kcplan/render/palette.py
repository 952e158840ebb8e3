"""Colours for the terminal: ANSI codes around signs, headings and comments, or nothing."""

from kcplan.classes import frozen

_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_DIM = "\x1b[2m"
_GREEN, _RED, _YELLOW, _CYAN = "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[36m"
_SIGNS = {
    "+": _GREEN,
    "-": _RED,
    "~": _YELLOW,
    "-/+": _RED,
    "&": _CYAN,
    ">": _CYAN,
    ".": _CYAN,
}
_SEVERITIES = {
    "Error": _RED,
    "Warning": _YELLOW,
    "Note": _CYAN,
    "Danger": _RED,
    "Caution": _YELLOW,
}
_VERDICTS = {"ok": _GREEN, "caution": _YELLOW, "fails": _RED, "unknown": _CYAN}


@frozen
class Palette:
    """Paints texts, where `color` says so."""

    color: bool

    def sign(self, sign: str) -> str:
        """A sign, three columns wide."""
        return self._paint(sign.rjust(3), _SIGNS.get(sign, ""))

    def heading(self, text: str) -> str:
        """A heading; line ends after it stay outside of the codes."""
        line = text.rstrip("\n")
        return self._paint(line, _BOLD) + text[len(line) :]

    def comment(self, text: str) -> str:
        """A remark beside what matters."""
        return self._paint(text, _DIM)

    def severity(self, word: str) -> str:
        """`Error:`, `Warning:`, `Note:`, `Danger:` or `Caution:`."""
        return self._paint(f"{word}:", _BOLD + _SEVERITIES[word])

    def verdict(self, word: str) -> str:
        """What a check comes to, with the spaces after it."""
        return self._paint(word.rstrip(), _VERDICTS[word.rstrip()]) + " " * (
            len(word) - len(word.rstrip())
        )

    def _paint(self, text: str, code: str) -> str:
        return f"{code}{text}{_RESET}" if self.color and code else text
