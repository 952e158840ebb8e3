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
from typing import Any, Final

import peers
from attrs import frozen
from measure import run
from proxy import proxy
from report import write_others
from run import KCPLAN, Bench, fresh

from kcplan_keycloak.sandbox import Options, running

Json = dict[str, Any]

TREE: Final = 4
"""So many groups make a tree of three levels: one at the top, one in it, and two in that."""
PERMISSIONS: Final = 10
ON: Final = {"standard.token.exchange.enabled": "true"}
AUDIENCE: Final = {
    "name": "audience",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-audience-mapper",
    "config": {"included.custom.audience": "everyone", "access.token.claim": "true"},
}
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


def services(size: int) -> Json:
    """The realm of the other benchmarks, with mappers, redirects and fields of accounts."""
    document = peers.realm(size)
    for client in document["clients"]:
        client |= {
            "standardFlowEnabled": True,
            "redirectUris": [f"https://{client['clientId']}.example/*"],
            "protocolMappers": [AUDIENCE],
        }
    for account in document["users"]:
        account |= {"enabled": True, "attributes": {"team": ["payments"]}}
    return document


def whole(size: int) -> Json:
    """Services, groups with attributes and roles in three levels, client scopes with mappers."""
    document = services(size)
    scopes = [f"scope-{number:04}" for number in range(size // 10)]
    document["clientScopes"] = [
        {"name": name, "protocol": "openid-connect", "protocolMappers": [AUDIENCE]}
        for name in scopes
    ]
    document["scopeMappings"] = [
        {"clientScope": name, "roles": [f"role-{number:05}"]} for number, name in enumerate(scopes)
    ]
    for number, client in enumerate(document["clients"]):
        client["optionalClientScopes"] = [scopes[number % len(scopes)]]
    document["groups"] = [tree(number) for number in range(size // 5 // TREE)]
    return document


def tree(number: int) -> Json:
    """A group with one in it, and two in that."""

    def group(name: str, *inner: Json) -> Json:
        return {
            "name": name,
            "attributes": {"cost.center": [str(number)]},
            "realmRoles": [f"role-{number:05}"],
            "clientRoles": {peers.name(number): ["reader"]},
            "subGroups": [*inner],
        }

    return group(f"group-{number:04}", group("unit", group("one"), group("two")))


def exchanging(size: int) -> Json:
    """Services that all may exchange tokens; every tenth has a permission."""
    document = services(size)
    for client in document["clients"]:
        client["attributes"] |= ON
    document["permissions"] = {
        "tokenExchange": [
            {
                "requester": peers.name(number),
                "subjects": [peers.name((number + 1) % size)],
                "audiences": [peers.name((number + 2) % size)],
            }
            for number in range(0, size, PERMISSIONS)
        ]
    }
    return document


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
    if url := os.environ.get("KCPLAN_URL"):
        login = {name: os.environ[name] for name in ("KCPLAN_USERNAME", "KCPLAN_PASSWORD")}
        bench = Bench(url.rstrip("/"), login)
        bench.remove()
        write_others("\n".join(tables(bench, size)), size, Path("docs"))
        return
    with running(Options(port=0, optimised=True), print) as server:
        login = {"KCPLAN_USERNAME": server.username, "KCPLAN_PASSWORD": server.password.value}
        write_others("\n".join(tables(Bench(server.url, login), size)), size, Path("docs"))


if __name__ == "__main__":
    main()
