"""What the server's version says about fields that kcplan does not know."""

from collections.abc import Iterable, Iterator

from attrs import evolve

from kcplan.diagnostics import Diagnostic, Severity

KNOWN = (26, 7)
"""The newest Keycloak whose fields kcplan knows. It refuses a request for one unknown field, and
so do older ones; a newer one may know more."""


def judged(diagnostics: Iterable[Diagnostic], version: str | None) -> Iterator[Diagnostic]:
    """The diagnostics, with an unknown field as an error where the server will refuse it."""
    refuses = version is not None and _number(version) <= KNOWN
    for item in diagnostics:
        if item.code == "unknown-field" and refuses:
            yield evolve(item, severity=Severity.ERROR)
        else:
            yield item


def _number(version: str) -> tuple[int, ...]:
    parts = version.split(".")[:2]
    return tuple(int(part) if part.isdigit() else 0 for part in parts)
