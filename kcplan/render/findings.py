"""What was found in files, each finding with its place: for reports that show it there."""

from collections.abc import Iterator

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, Place, Severity, Source
from kcplan.offline import Validation
from kcplan.render.values import dotted_path
from kcplan.risk import Level, Risk


@frozen
class Finding:
    """A diagnostic or a risk; `reason` is why one is silenced, and empty for others."""

    code: str
    level: Severity | Level
    summary: str
    detail: str
    address: Address | None
    path: Place
    source: Source | None
    reason: str = ""

    @property
    def where(self) -> str:
        """The resource, or else the tenant, and the field; empty where it is about none."""
        place = "" if self.address is None else str(self.address)
        if not place and self.source is not None and self.source.tenant:
            place = f"tenant {self.source.tenant}"
        field = dotted_path(self.path) if self.path else ""
        return ": ".join(part for part in (place, field) if part)


def findings(found: Validation) -> Iterator[Finding]:
    """All of them: diagnostics, risks, and those that are silenced."""
    for item in found.diagnostics:
        yield _of_diagnostic(item, found)
    for risk in found.risks:
        yield _of_risk(risk, found)
    for silent in found.silenced:
        yield _of_risk(silent.risk, found, silent.reason)


def _of_diagnostic(item: Diagnostic, found: Validation) -> Finding:
    source = item.source
    if source is None and item.address is not None:
        source = _source(item.address, item.path, found)
    return Finding(
        item.code, item.severity, item.summary, item.detail, item.address, item.path, source
    )


def _of_risk(risk: Risk, found: Validation, reason: str = "") -> Finding:
    source = _source(risk.address, risk.path, found)
    return Finding(risk.code, risk.level, risk.summary, "", risk.address, risk.path, source, reason)


def _source(address: Address, path: Place, found: Validation) -> Source | None:
    """The place of a field, or of the nearest thing around it that the files declare."""
    names = tuple(map(str, path))
    for around in (address, *address.ancestors()):
        resource = found.resources.get(around)
        source = resource.source(names if around == address else ()) if resource else None
        if source is not None:
            return source
    return None
