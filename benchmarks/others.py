"""Counts the requests for realms with more in them than services: `make bench-others SIZES=1000`.

Two realms of N services: one with N/5 groups and N/10 client scopes besides, one in which every
service may exchange tokens and every tenth has a permission for it. Of accounts everything is said
that files usually say. The result is the last section of docs/performance.md.

Starts a sandbox of its own, unless KCPLAN_URL names a server (with KCPLAN_USERNAME and
KCPLAN_PASSWORD). It makes and removes the realm `kcplan-benchmark` there.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import peers
from attrs import frozen
from measure import run
from proxy import proxy
from realm_files import TREE, Json, exchanging, whole
from report import write_others
from run import KCPLAN, Bench, a_server, fresh

COMMANDS: Final = (
    ("first apply", ("apply", "--auto-approve", "realm.json")),
    ("plan, nothing to do", ("plan", "--detailed-exitcode", "realm.json")),
    ("refresh", ("refresh",)),
    ("import", ("import", peers.REALM, "--state", "imported.json", "--out", "imported.toml")),
)


@frozen
class Kind:
    """A kind of realm: what it is, its file by its size, and how many of what are in it."""

    name: str
    document: Callable[[int], Json]
    sizes: Callable[[int], Mapping[str, int]]


KINDS: Final = (
    Kind(
        "groups and client scopes",
        whole,
        lambda size: {
            "a service": size,
            "a group": size // 5 // TREE * TREE,
            "a client scope": size // 10,
        },
    ),
    Kind("exchanging services", exchanging, lambda size: {"a service": size}),
)


def about(template: str) -> str:
    """What a request is about, by its path; the path of a user is that of an account."""
    segments = template.split("/")[2:]
    if segments[:1] in (["users"], ["clients"]):
        return "a service"
    if segments[:1] == ["groups"]:
        return "a group"
    return "a client scope" if segments[:2] == ["client-scopes", "{}"] else "once"


def measure(bench: Bench, kind: Kind, size: int) -> Iterator[tuple[str, Mapping[str, float]]]:
    """For each command the requests, in all and for one of each kind of object."""
    with fresh() as folder, proxy(bench.url) as way:
        document = kind.document(size)
        (folder / "realm.json").write_text(json.dumps(document), encoding="utf-8")
        for what, arguments in COMMANDS:
            way.requests.clear()
            environment = {**bench.login, **peers.SECRET, "KCPLAN_URL": way.url}
            run([KCPLAN, *arguments], folder, environment)
            found: Counter[str] = Counter()
            for line, number in way.requests.items():
                found[about(line.partition(" ")[2])] += number
            each = {name: found[name] / count for name, count in kind.sizes(size).items()}
            rest = found.total() - sum(found[name] for name in each)
            yield what, {"requests": found.total(), **each, "the rest": rest}
    bench.remove()


def tables(bench: Bench, size: int) -> Iterator[str]:
    """The section of the page."""
    for kind in KINDS:
        counts = ", ".join(f"{n:,} {name[2:]}s" for name, n in kind.sizes(size).items())
        yield f"\n### {kind.name.capitalize()}\n\n{counts}.\n"
        rows = list(measure(bench, kind, size))
        names = list(rows[0][1])
        yield "| command |" + "".join(f" {name} |" for name in names)
        yield "|---|" + "---|" * len(names)
        for what, row in rows:
            cells = (
                f" {row[n]:.2f} |" if n.startswith("a ") else f" {row[n]:,.0f} |" for n in names
            )
            yield f"| {what} |" + "".join(cells)


def main() -> None:
    """Measure, and write the section."""
    size = int(os.environ.get("SIZES", "100").split()[0])
    with a_server() as bench:
        bench.remove()
        write_others("\n".join(tables(bench, size)), size, Path("docs"))


if __name__ == "__main__":
    main()
