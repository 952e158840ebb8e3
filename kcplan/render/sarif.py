"""What `kcplan validate` found as SARIF 2.1.0, the format of code scanning. No secret is in it.

Code scanning shows a result at its first location only, so that each place is a result of its own.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from os.path import normpath, relpath
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from kcplan import __version__
from kcplan.diagnostics import Severity, Source
from kcplan.explanation import Explanation
from kcplan.offline import Validation
from kcplan.render.findings import Finding, findings
from kcplan.risk import Level

Document = dict[str, Any]

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: Final[Mapping[Severity | Level, str]] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "note",
    Level.DANGER: "error",
    Level.CAUTION: "warning",
}


def sarif_document(
    found: Validation, explanations: Mapping[str, Explanation], folder: Path
) -> Document:
    """The log of one run.

    Args:
        found: What was found.
        explanations: What each code means.
        folder: The folder that the places are relative to.
    """
    places = {code: number for number, code in enumerate(explanations)}
    seen: Counter[str] = Counter()
    results = []
    for item in findings(found):
        result = _result(item, folder, seen)
        if item.code in places:
            result["ruleIndex"] = places[item.code]
        results.append(result)
    driver = {
        "name": "kcplan",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(item) for item in explanations.values()],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(item: Explanation) -> Document:
    """What a code means, in the words of `kcplan explain`."""
    parts = {"Why it matters": item.why, "How to fix it": item.fix}
    text = "\n\n".join([item.meaning, *(f"{title}: {words}" for title, words in parts.items())])
    markdown = "\n\n".join(
        [item.meaning, *(f"**{title}.** {words}" for title, words in parts.items())]
    )
    if item.example:
        text += f"\n\n{item.example}"
        markdown += f"\n\n```\n{item.example}\n```"
    rule: Document = {
        "id": item.code,
        "shortDescription": {"text": item.title},
        "fullDescription": {"text": item.meaning},
        "help": {"text": text, "markdown": markdown},
        "defaultConfiguration": {"level": _LEVELS[item.severity]},
    }
    if isinstance(item.severity, Level):
        rule["properties"] = {"tags": ["security"]}
    return rule


def _result(item: Finding, folder: Path, seen: Counter[str]) -> Document:
    identity = _identity(item, folder)
    seen[identity] += 1
    summary = f"{item.summary} ({item.where})" if item.where else item.summary
    silenced = {"kind": "external", "status": "accepted", "justification": item.reason}
    return {
        "ruleId": item.code,
        "level": _LEVELS[item.level],
        "message": {"text": "\n\n".join(filter(None, (summary, item.detail)))},
        "locations": list(_locations(item, folder)),
        "partialFingerprints": {"primaryLocationLineHash": f"{identity}:{seen[identity]}"},
        # All results have it, or none may.
        "suppressions": [silenced] if item.reason else [],
    }


def _identity(item: Finding, folder: Path) -> str:
    """What stays the same while lines move: what is said, of what, in which file."""
    file = "" if item.source is None else _uri(item.source, folder)
    address = "" if item.address is None else str(item.address)
    tenant = [] if item.source is None or not item.source.tenant else [item.source.tenant]
    parts: Iterable[str] = (item.code, file, *tenant, address, *map(str, item.path), item.summary)
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _locations(item: Finding, folder: Path) -> Iterator[Document]:
    location: Document = {}
    if item.source is not None:
        region = {"startLine": item.source.line or 1}
        if item.source.column is not None:
            region["startColumn"] = item.source.column
        location["physicalLocation"] = {
            "artifactLocation": {"uri": _uri(item.source, folder), "uriBaseId": "%SRCROOT%"},
            "region": region,
        }
    if item.where:
        logical = {"fullyQualifiedName": item.where, "kind": "resource"}
        location["logicalLocations"] = [logical]
    if location:
        yield location


def _uri(source: Source, folder: Path) -> str:
    """The file as code scanning names it: relative to the folder, with slashes."""
    file = Path(source.file)
    place = relpath(file, folder) if file.is_absolute() else normpath(file)
    return quote(Path(place).as_posix(), errors="surrogateescape")
