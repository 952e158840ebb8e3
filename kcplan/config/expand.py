"""A file of `[[realms]]` → an ordinary document for each tenant.

`${each.KEY}` is replaced in values and in keys, before anything else is read in them, also within
another placeholder: `${env:${each.name}_SECRET}`. What a tenant's value has of placeholders is not
replaced. The file is parsed once: what has no `${each.…}` in it is the same object for all.
"""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Final

from attrs import evolve

from kcplan.config.document import Document
from kcplan.config.extract import REALM
from kcplan.config.positions import Place
from kcplan.config.substitute import escaped
from kcplan.config.tenants import Tenant
from kcplan.diagnostics import Diagnostic, error

UNKNOWN: Final = "unknown-each"

_EACH: Final = "${each"
_TOKEN: Final = re.compile(r"\$\$[{(]|\$\{each(?:\.([^{}]*))?\}|\$[{(]|[})]")
_GOES_ON: Final = re.compile(r"\$?[{(]")
_INNER: Final = re.compile(r"[^${}()]*")


def same_for_all(template: Document) -> Diagnostic | None:
    """That each tenant would get the same realm, where that is so."""
    realm = template.data.get(REALM)
    if not isinstance(realm, str) or _EACH in realm:
        return None
    return error(
        "duplicate-realm",
        f"each tenant would be the realm {realm!r}",
        'A file of `[[realms]]` makes a realm for each: `realm = "${each.name}"`.',
        source=template.source((REALM,)),
    )


class Expansion:
    """What one file is for each of its tenants."""

    def __init__(self, template: Document, *, foreign: bool) -> None:
        self._template = template
        self._foreign = foreign
        self._holders: set[int] = set()
        self._note(template.data)

    def _note(self, value: Any) -> bool:
        """Whether something is to be replaced in a value; tables and lists are remembered."""
        if isinstance(value, str):
            return _EACH in value
        if not isinstance(value, dict | list):
            return False
        inner = value.values() if isinstance(value, dict) else value
        found = [self._note(item) for item in inner]
        found += [_EACH in key for key in value] if isinstance(value, dict) else []
        if any(found):
            self._holders.add(id(value))
        return any(found)

    def of(self, tenant: Tenant, findings: list[Diagnostic]) -> Document | None:
        """The document of a tenant; None where something is wrong, which goes to the findings."""
        document = evolve(self._template, tenant=tenant.name)
        made = _Made(document, tenant, self._holders, foreign=self._foreign)
        data = made.value(self._template.data, (), ())
        findings.extend(made.findings)
        return None if made.findings else evolve(made.document, data=data, renamed=made.renamed)


class _Made:
    """The document of one tenant, while it is made."""

    def __init__(
        self, document: Document, tenant: Tenant, holders: set[int], *, foreign: bool
    ) -> None:
        self.document = document
        self.findings: list[Diagnostic] = []
        self.renamed: dict[Place, Place] = {}
        self._tenant = tenant
        self._foreign = foreign
        self._holders = holders

    def value(self, value: Any, place: Place, written: Place) -> Any:
        """A value of the file; it comes to `place`, and stands at `written` in the file."""
        if isinstance(value, str):
            return self._text(value, written) if _EACH in value else value
        if id(value) not in self._holders:
            return value
        if isinstance(value, list):
            pairs = enumerate(value)
            return [self.value(item, (*place, at), (*written, at)) for at, item in pairs]
        return self._table(value, place, written)

    def _table(self, table: dict[str, Any], place: Place, written: Place) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, item in table.items():
            there = (*written, key)
            name = self._text(key, there) if _EACH in key else key
            here = (*place, name)
            if name in result:
                self._report("duplicate-definition", f"the key {name!r} stands there twice", there)
            if name != key:
                self.renamed[here] = there
            result[name] = self.value(item, here, there)
        return result

    def _text(self, text: str, written: Place) -> str:
        result = ""
        for piece, each in reversed([*self._pieces(text, written)]):
            if each and piece.endswith("$") and _GOES_ON.match(result):
                self._report(
                    UNKNOWN,
                    f"{each} of {self._who} would make a placeholder with what follows it",
                    written,
                    "Its value ends with `$`. Put another character behind it.",
                )
            result = piece + result
        return result

    def _pieces(self, text: str, written: Place) -> Iterator[tuple[str, str]]:
        """What the text is made of, with the `${each.…}` that each piece comes from."""
        position, depth = 0, 0
        for match in _TOKEN.finditer(text):
            yield text[position : match.start()], ""
            position = match.end()
            if match[0].startswith(_EACH):
                yield self._each(match[0], match[1], written, inner=depth > 0), match[0]
                continue
            yield match[0], ""
            if match[0] in {"${", "$("}:
                depth += 1
            elif match[0] in {"}", ")"}:
                depth = max(0, depth - 1)
        yield text[position:], ""

    def _each(self, placeholder: str, key: str | None, written: Place, *, inner: bool) -> str:
        values = self._tenant.values
        value = values.get(key or "")
        if value is None:
            close = get_close_matches(key or "name", values, n=1, cutoff=0.6)
            hint = f"; did you mean `${{each.{close[0]}}}`?" if close else ""
            known = ", ".join(f"`{name}`" for name in sorted(values))
            detail = f"`for_each` gives {known}."
            self._report(UNKNOWN, f"there is no {placeholder}{hint}", written, detail)
            return placeholder
        if not inner:
            return escaped(value, foreign=self._foreign)
        if not _INNER.fullmatch(value):
            self._report(
                UNKNOWN,
                f"{placeholder} of {self._who} cannot stand within another placeholder",
                written,
                "Its value there has no `$`, braces or parentheses.",
            )
        return value

    @property
    def _who(self) -> str:
        return f"the tenant {self._tenant.name}"

    def _report(self, code: str, summary: str, written: Place, detail: str = "") -> None:
        self.findings.append(error(code, summary, detail, source=self.document.source(written)))
