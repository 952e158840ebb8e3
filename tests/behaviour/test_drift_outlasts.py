"""What somebody changed in Keycloak is named by `refresh`, whatever happens, until it is accepted.

A realm, a client that kcplan made and one that it found are tampered with all at once: fields and
entries, policies, accounts, roles. Then comes all that could swallow it.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve

from kcplan_state.document import canonical, checksum
from support.sabotage import WAYS, Saboteur, sent_through
from support.world import Json, World

Found = dict[str, set[str]]
"""The fields that changed, by address."""

FAILING = dict.fromkeys(range(100), WAYS["status 500"])


def client(name: str, text: str) -> Json:
    return {
        "clientId": name,
        "description": text,
        "attributes": {"team": text},
        "serviceAccountsEnabled": True,
        "authorizationServicesEnabled": True,
        "protocolMappers": [mapper("declared", text)],
        "authorizationSettings": {"policies": [policy(text)]},
    }


def mapper(name: str, text: str) -> Json:
    return {
        "name": name,
        "protocol": "openid-connect",
        "protocolMapper": "oidc-hardcoded-claim-mapper",
        "config": {"claim.name": name, "claim.value": text},
    }


def policy(text: str) -> Json:
    return {"name": "hours", "type": "time", "description": text, "config": {"hour": "8"}}


def declare(world: World, text: str, *clients: str) -> None:
    """Something of each object, and nothing of what is tampered with. The text is in all of it."""
    world.declare(
        displayName=text,
        attributes={"team": text},
        roles={"realm": [{"name": "made", "description": text}, {"name": "other"}]},
        clients=[
            *(client(name, text) for name in clients or ("made", "found")),
            {"clientId": "quiet", "description": text, "serviceAccountsEnabled": True},
        ],
        users=[
            {"serviceAccountClientId": name, "firstName": text, "attributes": {"team": [text]}}
            for name in clients or ("made", "found")
        ],
    )


@pytest.fixture(params=["created", "adopted"])
def tampered(world: World, request: pytest.FixtureRequest) -> World:
    """A realm that kcplan made, or found, with two clients: all of it tampered with."""
    if request.param == "adopted":
        world.admin.post("", json={"realm": world.realm, "enabled": True})
    declare(world, "zero", "made")
    world.apply()
    found = {key: value for key, value in client("found", "x").items() if "Settings" not in key}
    world.admin.post(world.path("clients"), json=found)
    at = world.in_client("found", "authz", "resource-server", "policy")
    world.admin.post(at, json={**policy("x"), "logic": "POSITIVE"})
    declare(world, "one")
    world.apply()
    assert reported(world) == {}
    tamper(world)
    return world


def tamper(world: World) -> None:
    changed(
        world,
        world.path(),
        sslRequired="none",
        eventsListeners=[],
        attributes={"seen": "1"},
        browserSecurityHeaders={"xFrameOptions": "ALLOW"},
        smtpServer={"host": "mail.example", "from": "a@mail.example"},
    )
    for name in ("made", "found"):
        tamper_with_client(world, name)
    world.grant("quiet", "other")
    composites = world.path("roles", "made", "composites")
    world.admin.post(composites, json=[world.role("offline_access")])


def tamper_with_client(world: World, name: str) -> None:
    changed(
        world,
        world.in_client(name),
        redirectUris=["*"],
        consentRequired=True,
        implicitFlowEnabled=True,
        attributes={"post.logout.redirect.uris": "*"},
    )
    scopes = {item["name"]: item["id"] for item in world.admin.json(world.path("client-scopes"))}
    world.admin.delete(world.in_client(name, "optional-client-scopes", scopes["phone"]))
    mappers = world.in_client(name, "protocol-mappers", "models")
    world.admin.post(mappers, json=mapper("more", "admin"))
    declared = next(i for i in world.admin.json(mappers) if i["name"] == "declared")
    config = {**declared["config"], "access.token.claim": "true"}
    world.admin.put(f"{mappers}/{declared['id']}", json={**declared, "config": config})
    policies = world.in_client(name, "authz", "resource-server", "policy")
    hours = next(item for item in world.admin.json(policies) if item["name"] == "hours")
    config = {**hours["config"], "minute": "5"}
    changes = {"logic": "NEGATIVE", "config": config}
    world.admin.put(f"{policies}/{hours['id']}", json={**hours, **changes})
    user = world.path("users", (world.account(name) or {})["id"])
    changed(world, user, email=f"{name}@evil.example", attributes={"more": ["1"]})
    world.grant(name, "other")


def changed(world: World, path: str, **fields: Any) -> None:
    """Somebody changes fields of an object, and entries of its maps."""
    there = world.admin.json(path)
    body = {
        key: {**there.get(key, {}), **value} if isinstance(value, dict) else value
        for key, value in fields.items()
    }
    world.admin.put(path, json={**there, **body})


MORE = {
    "protocolMappers.more.protocol",
    "protocolMappers.more.protocolMapper",
    "protocolMappers.more.consentRequired",
    "protocolMappers.more.config.claim.name",
    "protocolMappers.more.config.claim.value",
}
OF_CLIENT = {
    "redirectUris",
    "consentRequired",
    "attributes.post.logout.redirect.uris",
    "optionalClientScopes",
    "protocolMappers.declared.config.access.token.claim",
    *MORE,
}
OF_ACCOUNT = {"realmRoles", "email", "attributes.more"}
LASTING: Found = {
    ".": {
        "sslRequired",
        "eventsListeners",
        "attributes.seen",
        "browserSecurityHeaders.xFrameOptions",
        "smtpServer.host",
        "smtpServer.from",
    },
    "roles/made": {"composites.realm"},
    "clients/made": OF_CLIENT,
    "clients/found": OF_CLIENT | {"implicitFlowEnabled"},
    "clients/made/authorization/policies/hours": {"config.minute"},
    "clients/found/authorization/policies/hours": {"config.minute", "logic"},
    "clients/made/service-account": OF_ACCOUNT,
    "clients/found/service-account": OF_ACCOUNT,
    "clients/quiet/service-account": {"realmRoles"},
}
"""What stays until it is accepted."""

REPAIRED: Found = {
    "clients/made": {"implicitFlowEnabled"},
    "clients/made/authorization/policies/hours": {"logic"},
}
"""What decides who may do what in an object that kcplan made: the next apply repairs it."""


def both(one: Found, other: Found) -> Found:
    return {at: one.get(at, set()) | other.get(at, set()) for at in one.keys() | other.keys()}


def reported(world: World) -> Found:
    """What `refresh` names; and `plan` says of each of it that it stays, or repairs it."""
    refresh = world.refresh("--detailed-exitcode", exit_code=None)
    drift, outside = fields(refresh.document["drift"]), fields(refresh.document["outside"])
    found = {local(world, at): names for at, names in both(drift, outside).items()}
    assert refresh.result.exit_code == (2 if found else 0)
    plan = world.plan().document
    told = fields(plan["outside"])
    assert {at: names for at, names in outside.items() if told.get(at) != names} == {}
    return found


def fields(changes: list[Json]) -> Found:
    return {
        change["address"]: {".".join(item["path"]) for item in change["changes"]}
        for change in changes
    }


def local(world: World, address: str) -> str:
    return address.removeprefix(f"{world.realm}/") if address != world.realm else "."


def renamed(found: Found, names: Mapping[str, str]) -> Found:
    """The same after renames."""
    return {
        next((at.replace(old, new, 1) for old, new in names.items() if at.startswith(old)), at): of
        for at, of in found.items()
    }


def fails(world: World, turn: int) -> None:
    with sent_through(Saboteur({turn: WAYS["status 500"]})):
        assert world.apply("--parallelism", 1, exit_code=None).exit_code == 3


def is_left_half_done(world: World, turn: int) -> None:
    with sent_through(Saboteur({turn: WAYS["status 500"]}, undoing=FAILING)):
        assert world.apply("--parallelism", 1, exit_code=None).exit_code == 4


def test_it_is_named_through_all_that_happens_until_it_is_accepted(tampered: World) -> None:
    world = tampered
    all_of_it = both(LASTING, REPAIRED)
    assert reported(world) == all_of_it
    declare(world, "failed")
    fails(world, 6)
    assert reported(world) == all_of_it
    is_left_half_done(world, 6)
    world.kcplan("recover", "--auto-approve")
    assert reported(world) == all_of_it
    to_format_1(world)
    assert reported(world) == all_of_it
    is_left_half_done(world, 6)
    world.kcplan("recover", "--forward", "--auto-approve")
    assert reported(world) == LASTING
    for number in range(10):
        declare(world, f"text {number}")
        world.apply()
        assert reported(world) == LASTING
    world.refresh("--accept")
    assert reported(world) == {}
    declare(world, "last")
    world.apply()
    assert reported(world) == {}


def test_it_is_named_under_the_new_names(tampered: World) -> None:
    world = tampered
    hours = "clients/found/authorization/policies/hours"
    world.settings(
        '[[moved]]\nfrom = "REALM/clients/made"\nto = "REALM/clients/new"\n'
        f'[[moved]]\nfrom = "REALM/{hours}"\nto = "REALM/{hours}-new"\n'
        '[[moved]]\nfrom = "REALM/roles/made"\nto = "REALM/roles/new"\n'
    )
    declare(world, "one", "new", "found")
    text = world.file.read_text().replace('"name": "made"', '"name": "new"')
    before, _, after = text.rpartition('"hours"')
    world.file.write_text(f'{before}"hours-new"{after}')
    names = {"clients/made": "clients/new", hours: f"{hours}-new", "roles/made": "roles/new"}
    world.apply()
    assert reported(world) == renamed(LASTING, names)
    world.kcplan("refresh", "--accept")
    assert reported(world) == {}


def test_it_is_named_in_a_realm_with_a_new_name(tampered: World) -> None:
    world = tampered
    new = evolve(world, realm=f"{world.realm}-new")
    for now, then in ((new, world), (world, new)):
        now.settings(f'[[moved]]\nfrom = "{then.realm}"\nto = "REALM"\n')
        declare(now, "one")
        now.apply()
        assert reported(now) == LASTING


def to_format_1(world: World) -> None:
    """The state as a kcplan before format 2 would have written it."""
    document = json.loads(world.state_file.read_text())
    del document["checksum"]
    for entry in document["resources"]:
        for side in ("managed", "observed"):
            entry[side] = whole_lists(entry[side])
    document["format_version"] = 1
    text = canonical(document)
    world.state_file.write_text(json.dumps({**document, "checksum": checksum(text)}))


def whole_lists(tree: Json) -> Json:
    """The realm's client profiles and policies as one value each, as format 1 had them."""
    lists = {"clientProfiles": "profiles", "clientPolicies": "policies"}
    of_both = {
        name: {"=": {key: list((tree[name].get(key) or {}).values())}}
        for name, key in lists.items()
        if name in tree
    }
    return {**tree, **of_both}
