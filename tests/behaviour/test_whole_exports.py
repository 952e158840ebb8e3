"""A realm's whole export, as it is: applied to the realm itself, and to a server without it.

The realm has objects of every type, several of each (`support.every_type`).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest

from conformance.sample import Hand
from support.every_type import build
from support.harness import Admin
from support.importing import live_secrets
from support.masked import asked_for, supply
from support.twins import seen, unlike
from support.whole_realm import differences
from support.world import Json, World

# The realm is made once for all tests, so they run in one process.
pytestmark = pytest.mark.xdist_group("a realm with objects of every type")

_NOT_EXPORTED: Final = ("/organizations", "/people", "/roles/")
"""What no such export has: organizations and users, and so who has a role."""


_UNSHOWN: Final = (
    "/components/org.keycloak.storage.UserStorageProvider///staff directory/config/bindCredential",
    "/export/identityProviders/",
    "/export/smtpServer/password",
    "/providers/",
    "/realm/smtpServer/password",
)
"""What Keycloak shows to nobody, so that no imported file has it."""


@pytest.fixture(scope="module")
def every(admin: Admin) -> Iterator[str]:
    """A realm with objects of every type. Its tests leave it as it is."""
    name = f"every-{uuid4().hex[:8]}"
    build(Hand(admin, name))
    yield name
    admin.delete(name)


def exported(world: World, realm: str) -> Json:
    """The whole export of a realm, in the world's folder."""
    document = world.admin.export(realm)
    world.file.write_text(json.dumps(document), encoding="utf-8")
    return document


def renamed(world: World, realm: str) -> Path:
    """The realm's file in the world's folder, with the name of the world's realm in it."""
    text = world.file.read_text(encoding="utf-8")
    world.file.write_text(text.replace(realm, world.realm), encoding="utf-8")
    return world.file


def with_people(world: World, document: Json) -> Path:
    """A file with the users whom the export names and does not have, beside it."""
    users = [{"username": "joan", "attributes": {"department": ["sales"]}}]
    file = world.folder / "users.json"
    file.write_text(json.dumps({"realm": document["realm"], "users": users}), encoding="utf-8")
    return file


def test_on_its_own_realm_it_is_adopted_and_nothing_changes(every: str, world: World) -> None:
    before = seen(world.admin, every)
    exported(world, every)
    plan = world.plan()
    assert set(plan.actions.values()) == {"adopt"}
    assert asked_for(world, world.file) == [], "Keycloak keeps the secrets that it has"
    world.apply()
    assert list(differences(before, seen(world.admin, every))) == []
    assert world.plan("--detailed-exitcode").actions == {}
    drift = world.refresh("--detailed-exitcode")
    assert (drift.drift, drift.outside) == ({}, {})


def test_on_a_server_without_the_realm_it_makes_an_equal_one(every: str, world: World) -> None:
    document = exported(world, every)
    with_people(world, {**document, "realm": world.realm})
    renamed(world, every)
    asked = supply(world, world.folder)
    prefix = world.realm.upper().replace("-", "_")
    assert [name.removeprefix(prefix) for name in asked] == [
        "_SMTPSERVER_PASSWORD",
        "_COMPANY_CLIENTSECRET",
        "_GITHUB_CLIENTSECRET",
        "_STAFF_DIRECTORY_BINDCREDENTIAL",
        "_APP_SECRET",
        "_OTHER_SECRET",
    ]
    # Of what is not asked for, Keycloak would make others.
    for client in world.admin.json(f"{every}/clients"):
        name = client["clientId"].upper().translate(str.maketrans("-:", "__"))
        world.variables[f"{prefix}_{name}_SECRET"] = client.get("secret")
    world.kcplan("apply", world.folder, "--auto-approve")
    settled = world.kcplan("plan", world.folder, "--detailed-exitcode")
    assert settled.stdout.endswith("No changes. Your Keycloak matches the configuration.\n")
    found = unlike(world.admin, every, world.realm)
    assert [item for item in found if not item.startswith(_NOT_EXPORTED)] == []


def test_its_import_settles_and_makes_an_equal_realm_elsewhere(every: str, world: World) -> None:
    world.kcplan("import", every, "--users", "--compare-with-new-realm", "--out", "realm.json")
    document = json.loads(world.file.read_text(encoding="utf-8"))
    original = World(every, world.folder, world.admin, world.run)
    world.variables.update(live_secrets(original, document))
    assert world.plan("--detailed-exitcode").actions == {}
    drift = world.refresh("--detailed-exitcode")
    assert (drift.drift, drift.outside) == ({}, {})
    world.state_file.unlink()
    renamed(world, every)
    world.apply()
    assert world.plan("--detailed-exitcode").actions == {}
    found = unlike(world.admin, every, world.realm, users=False)
    assert [item for item in found if not item.startswith(("/roles/", *_UNSHOWN))] == []


def test_a_default_realm_is_adopted_and_made_again(inhabited: World) -> None:
    world = inhabited
    before = seen(world.admin, world.realm)
    exported(world, world.realm)
    assert set(world.plan().actions.values()) == {"adopt"}
    world.apply()
    assert list(differences(before, seen(world.admin, world.realm))) == []
    world.admin.delete(world.realm)
    world.state_file.unlink()
    world.apply()
    assert world.plan("--detailed-exitcode").actions == {}
    assert list(differences(before, seen(world.admin, world.realm))) == []
