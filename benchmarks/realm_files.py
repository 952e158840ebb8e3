"""Realms that are measured: their files, by the number of services, and in each format."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import peers
import tomli_w
import yaml

Json = dict[str, Any]
Document = Callable[[int], Json]

TREE: Final = 4
"""So many groups make a tree of three levels: one at the top, one in it, and two in that."""
PERMISSIONS: Final = 10
"""One service of so many has a permission."""
FEW: Final = 5
ON: Final = {"standard.token.exchange.enabled": "true"}
AUDIENCE: Final = {
    "name": "audience",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-audience-mapper",
    "config": {"included.custom.audience": "everyone", "access.token.claim": "true"},
}
DUMPS: Final[Mapping[str, Callable[[Json], str]]] = {
    "json": json.dumps,
    "yaml": partial(yaml.dump, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper)),
    "toml": tomli_w.dumps,
}


def services(size: int) -> Json:
    """The realm of the comparison, with mappers, redirects and fields of accounts."""
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


def watched(size: int) -> Json:
    """The same in a realm that keeps admin events."""
    return {**exchanging(size), "adminEventsEnabled": True}


def changed(size: int) -> Json:
    """The same with another description for one client."""
    document = watched(size)
    document["clients"][size // 2]["description"] = "Changed"
    return document


def literal(size: int) -> Json:
    """Services with each secret in plain text, and with the same ones as from the variable."""
    document = services(size)
    for number, client in enumerate(document["clients"]):
        client["secret"] = f"{peers.SECRET['BENCHMARK_SECRET']}-{number:05}"
    return document


def few(size: int) -> Json:
    """Five of the services with their roles; no accounts."""
    document = services(size)
    clients = document["clients"][:FEW]
    roles = {item["clientId"]: document["roles"]["client"][item["clientId"]] for item in clients}
    return {"realm": document["realm"], "clients": clients, "roles": {"client": roles}}


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
    document["groups"] = [_tree(number) for number in range(size // 5 // TREE)]
    return document


def _tree(number: int) -> Json:
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
