"""Ordinary users: only those that the files name, and their passwords once."""

import base64
import hashlib
import json
from typing import Any

import httpx
from inline_snapshot import snapshot

from support.faults import FaultyTransport
from support.harness import Server
from support.sabotage import sent_through
from support.world import Json, World

PASSWORD = "the first password of a user"
OTHER = "another password of a user"


def ann(**fields: Any) -> Json:
    return {"username": "ann", "enabled": True, **fields}


def initial(**fields: Any) -> list[Json]:
    return [{"type": "password", "value": "${env:INITIAL}", "userLabel": "initial", **fields}]


def user(world: World, name: str) -> Json:
    found = world.admin.get(f"{world.path('users')}?username={name}&exact=true").json()
    assert len(found) == 1, found
    return dict(found[0])


def can_log_in(world: World, keycloak: Server, name: str, password: str) -> bool:
    """Whether Keycloak gives a token for a password; the account needs a name for that."""
    answer = httpx.post(
        f"{keycloak.url}/realms/{world.realm}/protocol/openid-connect/token",
        data={
            "grant_type": "password",
            "client_id": "admin-cli",
            "username": name,
            "password": password,
        },
    )
    return answer.is_success


def local(world: World, text: str) -> str:
    return text.replace(str(world.folder), "FOLDER").replace(world.realm, "REALM")


NAMED = {"email": "ann@example.org", "firstName": "Ann", "lastName": "Archer"}


def test_an_initial_password_is_set_once_and_never_again(world: World, keycloak: Server) -> None:
    world.variables["INITIAL"] = PASSWORD
    world.declare(enabled=True, users=[ann(**NAMED, credentials=initial())])
    applied = world.apply()
    assert can_log_in(world, keycloak, "ann", PASSWORD)

    world.variables["INITIAL"] = OTHER
    world.is_settled()
    world.apply()

    assert can_log_in(world, keycloak, "ann", PASSWORD)
    assert not can_log_in(world, keycloak, "ann", OTHER)
    assert PASSWORD not in applied.stdout + applied.stderr
    assert PASSWORD not in world.state_file.read_text()
    assert "credentials" not in json.dumps(world.entry("users/ann"))


def test_a_password_that_the_user_changed_stays(world: World, keycloak: Server) -> None:
    world.variables["INITIAL"] = PASSWORD
    world.declare(enabled=True, users=[ann(**NAMED, credentials=initial())])
    world.apply()
    at = world.path("users", user(world, "ann")["id"], "reset-password")
    world.admin.put(at, json={"type": "password", "value": OTHER})

    world.declare(
        enabled=True, users=[ann(**NAMED, enabled=True, credentials=initial(), emailVerified=True)]
    )
    world.apply()

    world.is_settled()
    assert can_log_in(world, keycloak, "ann", OTHER)


def test_a_user_that_is_there_keeps_the_password(world: World, keycloak: Server) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    credentials = [{"type": "password", "value": OTHER}]
    world.admin.post(world.path("users"), json=ann(**NAMED, credentials=credentials))
    world.variables["INITIAL"] = PASSWORD
    world.declare(users=[ann(**NAMED, credentials=initial())])

    world.apply()

    assert can_log_in(world, keycloak, "ann", OTHER)
    assert world.destroy().exit_code == 0
    assert can_log_in(world, keycloak, "ann", OTHER)


def test_the_hash_of_an_export_is_taken_over(world: World, keycloak: Server) -> None:
    salt = b"0123456789abcdef"
    key = hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt, 1000)
    world.variables["INITIAL"] = json.dumps(
        {"value": base64.b64encode(key).decode(), "salt": base64.b64encode(salt).decode()}
    )
    hashed = {
        "id": "4711",
        "createdDate": 1700000000000,
        "type": "password",
        "secretData": "${env:INITIAL}",
        "credentialData": json.dumps({"hashIterations": 1000, "algorithm": "pbkdf2-sha512"}),
    }
    world.declare(enabled=True, users=[ann(**NAMED, credentials=[hashed])])

    applied = world.apply()

    assert can_log_in(world, keycloak, "ann", PASSWORD)
    world.is_settled()
    assert base64.b64encode(key).decode() not in applied.stdout + world.state_file.read_text()


def test_several_devices_of_an_export_are_taken_over(world: World) -> None:
    def device(label: str, secret: str) -> Json:
        said = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"}
        return {
            "type": "otp",
            "userLabel": label,
            "secretData": json.dumps({"value": secret}),
            "credentialData": json.dumps(said),
        }

    devices = [device("phone", "FIRST-OF-TWO"), device("tablet", "SECOND-OF-TWO")]
    world.declare(enabled=True, users=[ann(**NAMED, credentials=devices)])
    applied = world.apply()
    found = world.admin.json(world.path("users", user(world, "ann")["id"], "credentials"))
    assert [(item["type"], item["userLabel"]) for item in found] == [
        ("otp", "phone"),
        ("otp", "tablet"),
    ]
    assert "-OF-TWO" not in applied.stdout + applied.stderr + world.state_file.read_text()
    world.is_settled()


def test_names_and_addresses_of_mail_are_in_lower_case_as_keycloak_keeps_them(world: World) -> None:
    world.declare(enabled=True, users=[{"username": "Ann.B", "email": "Ann@Example.ORG"}])
    world.apply()
    assert user(world, "ann.b")["email"] == "ann@example.org"
    assert f"{world.realm}/users/ann.b" in world.state_file.read_text()
    world.is_settled()


def test_required_actions_are_those_of_the_files(world: World) -> None:
    """Also where the realm has others for new users."""
    terms = {"alias": "UPDATE_PASSWORD", "enabled": True, "defaultAction": True}
    world.declare(
        enabled=True, requiredActions=[terms], users=[ann(requiredActions=["UPDATE_PROFILE"])]
    )
    world.apply()
    assert user(world, "ann")["requiredActions"] == ["UPDATE_PROFILE"]
    world.is_settled()


def test_other_users_cost_nothing(world: World) -> None:
    """Ninety users of others, and thirty of our own: each of ours is asked for by name."""
    others = [{"username": f"other-{number}"} for number in range(90)]
    world.admin.post("", json={"realm": world.realm, "enabled": True, "users": others})
    world.declare(users=[{"username": f"own-{number}", "enabled": True} for number in range(30)])
    world.apply()
    transport = FaultyTransport()

    with sent_through(transport):
        world.plan()

    asked = [call for call in transport.sent if "/users" in call]
    assert len(asked) == 30, asked
    assert all("exact=true" in call for call in asked)


def test_a_username_beside_the_address_of_mail_is_refused(world: World) -> None:
    world.declare(registrationEmailAsUsername=True, users=[ann(email="ann@example.org")])
    result = world.kcplan("plan", world.file, exit_code=1)
    assert local(world, result.stderr) == snapshot("""\
Error: user ann cannot have this username: in the realm the e-mail address is the username [username-is-email]
  on FOLDER/realm.json:5:5, in REALM/users/ann

Write the same text as `username` and `email`, or set `registrationEmailAsUsername` to
false.

""")


def test_a_deleted_user_is_named_as_a_risk(world: World) -> None:
    world.declare(enabled=True, users=[ann()])
    world.apply()
    world.declare(enabled=True)
    assert local(world, world.kcplan("plan", world.file).stdout) == snapshot("""\
Needs attention

  Caution: the person can log in no more, and the password is lost
           [user-deleted]
    REALM/users/ann

`kcplan explain CODE` says why, and what to do about it.

kcplan will perform the following actions. Symbols:
  - destroy

  # REALM/users/ann will be destroyed
  # (it is no longer in the files)
  # Cannot be undone: its passwords and other credentials, its sessions and its
  #   consents are lost
  # Cannot be undone: brought back, it has another id
  - user "ann" {
      - enabled = true
    }

Plan: 0 to add, 0 to change, 1 to destroy.
""")


def test_a_realm_goes_with_its_own_users_and_not_with_those_of_others(world: World) -> None:
    world.declare(enabled=True, users=[ann()])
    world.apply()
    world.admin.post(world.path("users"), json={"username": "somebody"})
    refused = world.destroy(exit_code=1)
    assert "would be deleted with what kcplan does not manage: 1 user" in refused.stderr
    world.admin.delete(world.path("users", user(world, "somebody")["id"]))
    world.destroy()
    assert world.admin.get(world.path(), check=False).status_code == 404
