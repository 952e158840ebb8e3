"""What Keycloak's version says about fields that kcplan does not know."""

from collections.abc import Iterable, Iterator
from typing import Final, TypeGuard

from attrs import evolve

from kcplan.diagnostics import Diagnostic, Severity

KNOWN = (26, 7)
"""The newest Keycloak whose fields kcplan knows. It refuses a request for one unknown field, and
so do older ones; a newer one may know more. The defaults in the types are those of this version."""

_LONGEST: Final = 9
"""More digits are no number of a version."""

_REFUSED = (
    "Keycloak refuses a whole request for one unknown field. Correct the name, or remove the "
    f"field. If your Keycloak is newer than {KNOWN[0]}.{KNOWN[1]} and knows the field, set its "
    "`version` in the section `[keycloak]` of kcplan.toml: then kcplan passes the field on."
)


def judged(diagnostics: Iterable[Diagnostic], version: str | None) -> Iterator[Diagnostic]:
    """The diagnostics, with an unknown field as an error unless the server may know it.

    Args:
        diagnostics: What was found in the files.
        version: Keycloak's version; None where nobody said that it is a newer one.
    """
    refuses = not is_newer(version)
    for item in diagnostics:
        if refuses and item.code == "unknown-field" and item.severity is Severity.WARNING:
            yield evolve(item, severity=Severity.ERROR, detail=_REFUSED)
        else:
            yield item


def is_newer(version: str | None) -> bool:
    """Whether a version may have fields that kcplan does not know."""
    return tells(version) and numbers(version)[:2] > KNOWN


def tells(version: str | None) -> TypeGuard[str]:
    """Whether a version has the two numbers that fields are judged by; else it is as none."""
    parts = version.split(".")[:2] if version else ()
    return len(parts) > 1 and all(map(_is_number, parts))


def numbers(version: str) -> tuple[int, ...]:
    """The first three numbers of a version, for comparing; what is no number counts as 0."""
    parts = version.split(".")[:3]
    return tuple(int(part) if _is_number(part) else 0 for part in parts)


def _is_number(part: str) -> bool:
    return part.isdecimal() and len(part) <= _LONGEST
