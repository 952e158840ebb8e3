"""Exports of `kc.sh export`, used as they are: on their own realm, and under another name.

The files are in `tests/realms/exports/`; `make exports` wrote them. They have all secrets in clear,
the users with their credentials, and private keys.
"""

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from inline_snapshot import snapshot

from conformance.comparing import plain
from conformance.overlays import by_name, is_named
from support.harness import Admin
from support.whole_realm import differences, whole_realm
from support.world import Json, World

_FOLDER: Final = Path(__file__).parents[1] / "realms" / "exports"
_LEFT_OUT: Final = frozenset(
    """
    authenticationConfig federationLink flowId ids organizationId origin
    certificate createdDate kid lastUpdatedDate
    consents members notBefore
    backchannel.logout.revoke.offline.tokens backchannel.logout.session.required priority
    post.logout.redirect.uris userinfo.token.claim
    """.split()
)
"""What two realms of one export have each of its own: ids, what Keycloak made, and data; what it
gives to each new client, and the place of an execution in numbers; what its import adds."""
_MANAGEMENT: Final = ("broker", "realm-management")
"""Clients that Keycloak keeps; its import gives them secrets, which nothing asks for."""

pytestmark = pytest.mark.xdist_group("offline exports")


def export(realm: str, name: str) -> str:
    """The export of a realm under another name, as if nobody had made it yet: with new ids."""
    text = (_FOLDER / f"{realm}.json").read_text(encoding="utf-8")
    for old in set(re.findall(r'"(?:id|_id|internalId)" : "([^"]+)"', text)):
        text = text.replace(old, str(uuid.uuid4()))
    return text.replace(realm, name)


@pytest.fixture(scope="module")
def original(admin: Admin) -> Iterator[str]:
    """The realm that was exported, on the session's server; its name."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    bring(admin, export("atelier", name))
    yield name
    admin.delete(name)


def bring(admin: Admin, text: str) -> None:
    """Have Keycloak make the realm of an export."""
    admin.post("", content=text, headers={"Content-Type": "application/json"})


def put(world: World, text: str) -> Path:
    file = world.folder / "export.json"
    file.write_text(text, encoding="utf-8")
    return file


def planned(world: World, file: Path, *options: str) -> Json:
    document: Json = json.loads(world.kcplan("plan", file, "--format", "json", *options).stdout)
    return document


def fields(plan: Json, realm: str) -> dict[str, list[str]]:
    """The fields that a plan writes, by the address of what they are fields of."""
    return {
        item["address"].removeprefix(realm): [".".join(c["path"]) for c in item["changes"]]
        for item in plan["resource_changes"]
        if item["changes"]
    }


def is_adopted_as_it_is(plan: Json) -> bool:
    actions = {item["action"] for item in plan["resource_changes"]}
    return actions == {"adopt", "noop"} and not any(i["changes"] for i in plan["resource_changes"])


def seen(admin: Admin, realm: str) -> Json:
    """All that Keycloak tells of a realm, users included."""
    users = admin.json(f"{realm}/users", briefRepresentation="false")
    at = f"{realm}/organizations"
    organizations = admin.json(at, briefRepresentation="false")
    return {
        **whole_realm(admin, realm),
        "organizations": [
            {**item, "members": _usernames(admin.json(f"{at}/{item['id']}/members"))}
            for item in organizations
        ],
        "components": admin.json(f"{realm}/components"),
        "flows": admin.json(f"{realm}/authentication/flows"),
        "profile": admin.json(f"{realm}/users/profile"),
        "texts": admin.json(f"{realm}/localization/de"),
        "users": {user["username"]: _of_user(admin, realm, user) for user in users},
    }


def _usernames(users: list[Json]) -> list[str]:
    return [user["username"] for user in users]


def _of_user(admin: Admin, realm: str, user: Json) -> Json:
    parts = "consents credentials federated-identity groups role-mappings".split()
    return {
        "user": user,
        **{part: admin.json(f"{realm}/users/{user['id']}/{part}") for part in parts},
    }


def comparable(found: Json, realm: str) -> Any:
    """What two realms can have in common: no ids, no data of users, no order, no name."""
    found["export"] = {
        k: v for k, v in found["export"].items() if k not in ("clients", "components")
    }
    text = json.dumps(found)
    for flow in found["flows"]:
        text = text.replace(flow["id"], flow["alias"])
    value = plain(json.loads(text.replace(realm, "REALM")), "REALM")
    for name in _MANAGEMENT:
        value["clients"][name].pop("secret", None)
    return _without(value)


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(item) for key, item in value.items() if key not in _LEFT_OUT}
    if is_named(value) and not any("subType" in item for item in value):
        return _without(by_name(value))
    return [_without(item) for item in value] if isinstance(value, list) else value


def test_an_export_is_adopted_on_its_own_realm(world: World, original: str) -> None:
    """With all its secrets in clear; of those that Keycloak shows to nobody, that is said."""
    file = put(world, export("atelier", original))
    before = seen(world.admin, original)
    plan = planned(world, file)
    assert is_adopted_as_it_is(plan)
    assert sorted({item["code"] for item in plan["diagnostics"]}) == snapshot(
        [
            "ignored-field",
            "kept-object",
            "left-out-of-export",
            "left-out-of-flows",
            "rewritten-value",
            "secret-not-compared",
        ]
    )
    said = [item for item in plan["diagnostics"] if item["code"] == "secret-not-compared"]
    assert [item["summary"].replace(original, "REALM") for item in said] == snapshot(
        [
            "secrets of REALM are not compared, and not written: smtpServer.password",
            "secrets of REALM/identity-providers/company are not compared, and not written: config.clientSecret",
            "secrets of REALM/components/UserStorageProvider/directory are not compared, and not written: config.bindCredential",
        ]
    )
    world.kcplan("apply", file, "--auto-approve")
    assert list(differences(before, seen(world.admin, original))) == []
    world.kcplan("plan", file, "--detailed-exitcode")
    secrets = {
        "": ["smtpServer.password"],
        "/identity-providers/company": ["config.clientSecret"],
        "/components/UserStorageProvider/directory": ["config.bindCredential"],
    }
    assert fields(planned(world, file, "--write-secrets"), original) == secrets
    unedited = file.read_text(encoding="utf-8")
    put(world, unedited.replace("the-password-of-the-directory", "another-password-of-it"))
    directory = "/components/UserStorageProvider/directory"
    assert fields(planned(world, file), original) == {directory: secrets[directory]}
    # Whoever edits an object before its adoption wants the secret of the file, too.
    world.state_file.unlink()
    put(world, unedited.replace("ou=people,", "ou=staff,"))
    assert fields(planned(world, file), original) == {
        directory: [*secrets[directory], "config.usersDn"]
    }


def test_an_export_is_applied_under_another_name(world: World, original: str) -> None:
    file = put(world, export("atelier", world.realm))
    notes = {item["code"]: item["summary"] for item in planned(world, file)["diagnostics"]}
    assert notes["made-by-keycloak"].replace(world.realm, "REALM") == snapshot(
        "REALM/components/KeyProvider/rsa-generated gets keys of Keycloak's own, not those of the file"
    )
    assert notes["left-out-of-export"] == snapshot(
        "users who come from a user federation are left out: dora"
    )
    world.kcplan("apply", file, "--auto-approve")
    world.kcplan("plan", file, "--detailed-exitcode")
    one, other = (comparable(seen(world.admin, name), name) for name in (original, world.realm))
    assert [line.partition(":")[0] for line in differences(one, other)] == ["/users/dora"]


def test_an_export_of_which_only_the_realm_is_another_one(world: World) -> None:
    """The new realm has the default role of the export; one that is there keeps its own."""
    document = json.loads((_FOLDER / "sketches.json").read_text(encoding="utf-8"))
    role = document["defaultRole"]["name"]
    users = [{"username": "joan", "realmRoles": [role]}]
    document = {**document, "realm": world.realm, "users": users}
    own = next(item for item in document["roles"]["realm"] if item["name"] == role)
    own["composites"]["realm"].remove("uma_authorization")
    file = put(world, json.dumps(document))
    world.kcplan("apply", file, "--auto-approve")
    world.kcplan("plan", file, "--detailed-exitcode")
    world.kcplan("refresh", "--detailed-exitcode")
    found = world.admin.json(world.realm)["defaultRole"]["name"]
    parts = world.admin.json(f"{world.realm}/roles/{role}/composites")
    names = [part["name"] for part in world.admin.json(f"{world.realm}/roles")]
    assert (role, len(parts), f"default-roles-{world.realm}" in names) == (found, 3, False)
    world.state_file.unlink()
    assert is_adopted_as_it_is(planned(world, file))
    world.kcplan("import", world.realm, "--out", "imported.json", "--state", "imported.state.json")
    imported = json.loads((world.folder / "imported.json").read_text(encoding="utf-8"))
    assert imported["defaultRole"] == {"name": role}
    document["defaultRole"]["name"] = "everybody"
    put(world, json.dumps(document))
    refused = json.loads(world.kcplan("plan", file, "--format", "json", exit_code=1).stdout)
    errors = [item for item in refused["diagnostics"] if item["severity"] == "error"]
    assert [(item["code"], item["path"]) for item in errors] == [
        ("read-only-field", ["defaultRole", "name"])
    ]


def test_an_export_of_a_new_realm_is_adopted_as_it_is(world: World) -> None:
    bring(world.admin, text := export("sketches", world.realm))
    assert is_adopted_as_it_is(planned(world, put(world, text)))


@pytest.mark.alone("reads what the administrator has in all realms")
def test_an_export_of_master_is_adopted_as_it_is(world: World, original: str) -> None:
    """A realm that came since leaves the administrator what he has in it."""
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    newer = f"{world.realm}-newer"
    world.admin.post("", json={"realm": newer, "enabled": True})
    text = (_FOLDER / "master.json").read_text(encoding="utf-8")
    text = text.replace("atelier", original).replace("sketches", world.realm)
    try:
        assert is_adopted_as_it_is(planned(world, put(world, text)))
    finally:
        world.admin.delete(newer)
