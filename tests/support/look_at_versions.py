"""What new objects have in other versions of Keycloak: `providers/kcplan_keycloak/versions.json`.

    make versions

Each version is started, one after the other, and compared with that of the sandbox, of which the
types say what new objects have. When that is another one, its predecessor belongs into `VERSIONS`.
What was seen stays in `build/versions/`, and is taken from there the next time.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from kcplan.address import Address
from kcplan.diff import same
from kcplan.resource import TypeSpec
from kcplan.schema import Leaves
from kcplan.versions import KNOWN, numbers
from kcplan_keycloak.resources import registry
from kcplan_keycloak.sandbox import DEFAULT_VERSION, Options, running
from support.harness import Admin, Server
from support.new_objects import REALM, Found, make, seen

ROOT = Path(__file__).parents[2]
RECORDS = ROOT / "build" / "versions"
TABLES = ROOT / "providers" / "kcplan_keycloak" / "versions.json"

VERSIONS: Final = ("26.2.5", "26.3.5", "26.4.0", "26.4.7", "26.5.0", "26.5.6", "26.7.0")
"""Those that are looked at: of what has a table, more than one where they can be had."""

Record = Mapping[Address, Found]


def record(version: str) -> Record:
    """What a version makes, from a former look at it, or else from one now."""
    file = RECORDS / f"{version}.json"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(list(_rows(_look(version))), indent=1, sort_keys=True))
    return {
        Address(tuple(row["address"])): Found(row["type"], _leaves(row["leaves"]))
        for row in json.loads(file.read_text())
    }


def _look(version: str) -> Record:
    options = Options(version=version, port=0, docker=False)
    with running(options, _tell) as sandbox:
        server = Server(sandbox.url, sandbox.username, sandbox.password.value)
        with closing(Admin(server)) as admin:
            make(admin)
        return seen(server)


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _rows(found: Record) -> Iterator[dict[str, Any]]:
    for address, item in sorted(found.items()):
        leaves = None if item.leaves is None else [[list(p), v] for p, v in item.leaves.items()]
        yield {"address": list(address.segments), "type": item.type, "leaves": leaves}


def _leaves(rows: Any) -> Any:
    return None if rows is None else {tuple(path): value for path, value in rows}


# -- what differs -----------------------------------------------------------------------------


def tables(usual: Record, others: Mapping[str, Record]) -> dict[str, Any]:
    """The document of the tables: versions with the same first two numbers share one.

    Args:
        usual: What the version makes that the types know.
        others: What other versions make.
    """
    found: dict[str, Any] = {}
    for version, record_of_it in others.items():
        this = table(usual, record_of_it)
        if numbers(version)[:2] == KNOWN:
            assert not any(this.values()), f"{version} is unlike {DEFAULT_VERSION}"
            continue
        name = ".".join(map(str, numbers(version)[:2]))
        assert found.setdefault(name, this) == this, f"{version} is unlike others of {name}"
    return found


def table(usual: Record, other: Record) -> dict[str, Any]:
    """What a version makes otherwise."""
    missing = [a for a, item in usual.items() if a not in other and _is_keycloaks(a, item)]
    return {
        "differences": [*_of_keycloaks(usual, other), *_of_others(usual, other)],
        "not made": [list(address.segments) for address in sorted(missing)],
    }


def _of_keycloaks(usual: Record, other: Record) -> Iterator[dict[str, Any]]:
    """What Keycloak makes by itself, and otherwise."""
    for address in sorted(usual.keys() & other.keys()):
        item = usual[address]
        fields = _differing(item.leaves or {}, other[address].leaves or {})
        if fields and _is_keycloaks(address, item):
            yield {"type": item.type, "name": list(address.segments), "fields": _listed(fields)}


def _of_others(usual: Record, other: Record) -> Iterator[dict[str, Any]]:
    """What somebody makes, by type and kind; what all kinds of a type have is there once."""
    kinds: dict[str, dict[str, Leaves]] = defaultdict(dict)
    for address in sorted(usual.keys() & other.keys()):
        item = usual[address]
        if item.leaves is None or _is_keycloaks(address, item):
            continue
        kind = json.dumps(_kind(registry()[item.type], item.leaves))
        fields = _differing(item.leaves, other[address].leaves or {})
        assert kinds[item.type].setdefault(kind, fields) == fields, f"{address} is unlike its kind"
    for name, found in kinds.items():
        first, *rest = found.values()
        common = {p: v for p, v in first.items() if all((p, v) in each.items() for each in rest)}
        if common:
            yield {"type": name, "fields": _listed(common)}
        for kind, fields in found.items():
            if own := {path: value for path, value in fields.items() if path not in common}:
                yield {"type": name, "like": json.loads(kind), "fields": _listed(own)}


def _kind(spec: TypeSpec, leaves: Leaves) -> dict[str, Any]:
    """What decides what such an object has, apart from what decides who may do what."""
    names = (*spec.usual_by, *(pattern[0] for pattern in spec.immutable))
    return {name: leaves[name,] for name in names if (name,) in leaves}


def _differing(usual: Leaves, other: Leaves) -> Leaves:
    return {
        path: other.get(path)
        for path in sorted({*usual, *other})
        # Those of clients are read from each realm.
        if path[0] not in ("defaultClientScopes", "optionalClientScopes")
        if not same(usual.get(path), other.get(path))
    }


def _listed(fields: Leaves) -> list[Any]:
    return [[list(path), value] for path, value in fields.items()]


def _is_keycloaks(address: Address, item: Found) -> bool:
    return registry()[item.type].comes_with(Address((REALM, *address.segments)))


def main() -> None:
    """Look at the versions, and write the tables."""
    found = {version: record(version) for version in VERSIONS}
    document = tables(record(DEFAULT_VERSION), found)
    TABLES.write_text(_text(document))


def _text(document: Mapping[str, Mapping[str, list[Any]]]) -> str:
    """The document with a line for each entry."""

    def lines(opening: str, parts: Iterable[str], closing: str) -> str:
        return f"{opening}\n" + ",\n".join(parts) + f"\n{closing}"

    versions = []
    for version, found in document.items():
        lists = (
            f"  {json.dumps(name)}: "
            + lines("[", (f"   {json.dumps(item, ensure_ascii=False)}" for item in items), "  ]")
            for name, items in found.items()
        )
        versions.append(f" {json.dumps(version)}: " + lines("{", lists, " }"))
    return lines("{", versions, "}\n")


if __name__ == "__main__":
    main()
