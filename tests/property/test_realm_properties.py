"""Properties of whole realms on a real server: any configuration, followed by any other one."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings

from kcplan.config.load import load
from kcplan_keycloak.resources import registry
from support.harness import Admin, Run
from support.random_realms import CLIENT_ROLES, CLIENTS, REALM_ROLES, realms
from support.world import World

Json = dict[str, Any]
Tree = dict[tuple[str, ...], Any]

EXAMPLES = settings(
    max_examples=max(4, settings().max_examples // 20),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def worlds(admin: Admin, tmp_path: Path, run_kcplan: Run) -> Iterator[Callable[[], World]]:
    """Makes worlds, each with a realm name and a folder of its own; the realms are removed."""
    made: list[str] = []

    def make() -> World:
        made.append(f"test-{uuid4().hex[:12]}")
        folder = tmp_path / made[-1]
        folder.mkdir()

        def run(*args: object, **more: Any) -> Any:
            return run_kcplan(*args, cwd=folder, **more)

        return World(made[-1], folder, admin, run)

    yield make
    for name in made:
        admin.delete(name, check=False)


# -- a realm as a tree ------------------------------------------------------------------------

COMPUTED = {
    "id", "containerId", "access", "createdTimestamp", "client.secret.creation.time",
    "components", "defaultRole", "composite", "clientRole", "realm_client",
}  # fmt: skip


def whole(world: World) -> Tree:
    """The realm as leaves by address and field, without ids, times and the realm's own name."""
    admin, realm = world.admin, world.realm
    export = json.loads(json.dumps(admin.export(realm)).replace(realm, "REALM"))
    secrets = {c["clientId"]: c.get("secret") for c in admin.json(f"{realm}/clients", max=500)}
    roles, users = export.pop("roles"), export.pop("users", [])
    document: Json = {"clients": {}, "roles": {r["name"]: r for r in roles["realm"]}}
    for client in export.pop("clients"):
        name = client["clientId"]
        client["secret"] = secrets[name]
        client["roles"] = {r["name"]: r for r in roles["client"].get(name, ())}
        client["protocolMappers"] = {m["name"]: m for m in client.get("protocolMappers", ())}
        document["clients"][name] = client
    for user in users:
        document["clients"][user["serviceAccountClientId"]]["service-account"] = user
    document["people"] = {
        user["username"]: [
            role["name"] for role in admin.json(f"{realm}/users/{user['id']}/role-mappings/realm")
        ]
        for user in admin.json(f"{realm}/users")
    }
    return dict(leaves({**export, **document}))


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in COMPUTED:
                yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        plain = [dict(leaves(item)) if isinstance(item, dict) else item for item in value]
        if plain:
            yield path, sorted(plain, key=repr)
    elif value not in (None, ""):
        yield path, value


def differences(one: Tree, other: Tree) -> dict[tuple[str, ...], tuple[Any, Any]]:
    return {
        path: (one.get(path), other.get(path))
        for path in one.keys() | other.keys()
        if one.get(path) != other.get(path)
    }


def left_as_they_are(document: Json) -> set[tuple[str, ...]]:
    """The fields that a plan lists as keeping their value."""
    return {
        (*map(unquote, change["address"].split("/")[1:]), *path)
        for change in document["resource_changes"]
        for path in change["left"]
    }


# -- the properties ---------------------------------------------------------------------------


def bring(world: World, document: Json) -> set[tuple[str, ...]]:
    """Apply a configuration, after which nothing is left to do; the fields that the plan left."""
    world.declare(**document)
    plan = world.plan("--allow-mass-delete")
    world.apply("--allow-mass-delete")
    again = world.plan("--detailed-exitcode")
    assert (again.actions, again.drift) == ({}, {})
    return left_as_they_are(plan.document)


@EXAMPLES
@given(first=realms(), second=realms())
def test_the_way_to_a_configuration_leaves_no_trace(
    worlds: Callable[[], World], first: Json, second: Json
) -> None:
    there, fresh = worlds(), worlds()
    bring(there, first)
    left = bring(there, second)
    bring(fresh, second)

    found = differences(whole(there), whole(fresh))

    chosen_by_keycloak = {
        ("clients", client["clientId"], "secret")
        for client in second["clients"]
        if "secret" not in client
    }
    assert {path: values for path, values in found.items() if path not in left} == {
        path: values for path, values in found.items() if path in chosen_by_keycloak - left
    }
    there.destroy("--delete-unmanaged")
    assert there.admin.get(there.realm, check=False).status_code == 404


@EXAMPLES
@given(first=realms(), second=realms())
def test_what_others_made_outlives_kcplan_and_what_kcplan_made_does_not(
    worlds: Callable[[], World], first: Json, second: Json
) -> None:
    world = worlds()
    furnish(world)
    before = whole(world)
    left = bring(world, first)
    declared = said(world)
    left |= bring(world, second)
    declared |= said(world)
    plan = world.kcplan("plan", "--destroy", "--format", "json", exit_code=None)
    left |= left_as_they_are(json.loads(plan.stdout))

    world.destroy()

    after = whole(world)
    for path, (was, now) in differences(before, after).items():
        assert path in left or is_only_less(was, now), f"{path} became {now}"
        assert path in left or is_declared(path, declared), f"{path} was {was} and is {now}"


def said(world: World) -> Tree:
    """What the files declare, as a tree."""
    resources = load([world.file], registry(), {}).resources
    return {
        (*address.segments[1:], *path): value
        for address, resource in resources.items()
        for path, value in resource.leaves.items()
    }


def is_declared(path: tuple[str, ...], declared: Tree) -> bool:
    """Whether the files said what a field is, or what the whole map is that it is in."""
    return path in declared or any(declared.get(path[:n]) == {} for n in range(len(path)))


def is_only_less(was: Any, now: Any) -> bool:
    """Whether nothing came to it."""
    return now is None or (isinstance(was, list) and all(item in was for item in now))


def furnish(world: World) -> None:
    """Others' realm: objects of theirs alone, and some that the files will know too."""
    admin, realm = world.admin, world.realm
    admin.post("", json={"realm": realm, "enabled": True, "attributes": {"theirs": "1"}})
    for name in ("theirs", REALM_ROLES[0]):
        admin.post(f"{realm}/roles", json={"name": name, "attributes": {"theirs": ["1"]}})
    world.admin.post(f"{realm}/groups", json={"name": "theirs"})
    for client in ("theirs", CLIENTS[0]):
        at = f"{realm}/clients"
        mapper = {
            "name": "theirs",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-audience-mapper",
            "config": {"included.custom.audience": "theirs"},
        }
        body = {"clientId": client, "serviceAccountsEnabled": True, "protocolMappers": [mapper]}
        made = admin.create(at, {**body, "attributes": {"theirs": "1"}})
        admin.post(f"{at}/{made}/roles", json={"name": CLIENT_ROLES[0]})
        world.grant(client, "theirs")
        world.grant(client, f"{client}/{CLIENT_ROLES[0]}")
    user = admin.create(f"{realm}/users", {"username": "theirs", "enabled": True})
    admin.post(f"{realm}/users/{user}/role-mappings/realm", json=[world.role(REALM_ROLES[0])])
