"""A realm's PUT destroys what a naive client does not send. Nothing of it is lost to kcplan."""

import socket
import threading
from base64 import b64decode
from collections.abc import Iterator
from typing import BinaryIO

import pytest
from attrs import define, field

from support.world import World

FOREIGN = {
    "oauth2DeviceCodeLifespan": 700,
    "oauth2DevicePollingInterval": 9,
    "clientSessionIdleTimeout": 70,
    "otpPolicyDigits": 8,
    "otpPolicyAlgorithm": "HmacSHA256",
    "otpPolicyType": "totp",
    "otpPolicyPeriod": 60,
    "webAuthnPolicyRpEntityName": "theirs",
    "webAuthnPolicySignatureAlgorithms": ["RS256"],
    "webAuthnPolicyPasswordlessCreateTimeout": 11,
    "webAuthnPolicyPasswordlessRpEntityName": "theirs",
    "attributes": {"theirs": "1", "cibaExpiresIn": "77", "parRequestUriLifespan": "99"},
    "smtpServer": {
        "host": "mail",
        "from": "a@b.c",
        "auth": "true",
        "user": "u",
        "password": "smtp-password",
    },
    "browserSecurityHeaders": {"xFrameOptions": "DENY"},
}


def test_a_change_of_one_field_leaves_all_others_as_they_are(inhabited: World) -> None:
    world = inhabited
    world.admin.put(world.realm, json={**world.admin.json(world.realm), **FOREIGN})
    before = world.admin.json(world.realm)
    for declared in (
        {"displayName": "ours"},
        {"displayName": "ours", "attributes": {"ours": "1"}},
        {"displayName": "ours", "attributes": {"ours": "1"}, "smtpServer": {"host": "other"}},
        {
            "displayName": "ours",
            "attributes": {"ours": "1"},
            "smtpServer": {"host": "other"},
            "otpPolicyDigits": 6,
            "webAuthnPolicyRpId": "sso.example",
            "browserSecurityHeaders": {"xRobotsTag": "all"},
        },
    ):
        world.declare(**declared)
        world.apply()

    after = world.admin.json(world.realm)

    assert before["clientSessionIdleTimeout"] == 70
    changed = {key for key in before if before[key] != after[key]}
    assert changed - {"otpSupportedApplications"} == {
        "attributes",
        "smtpServer",
        "otpPolicyDigits",
        "webAuthnPolicyRpId",
        "browserSecurityHeaders",
    }
    assert after["attributes"] == {**before["attributes"], "ours": "1"}
    assert after["smtpServer"] == {**before["smtpServer"], "host": "other"}
    assert after["browserSecurityHeaders"] == {
        **before["browserSecurityHeaders"],
        "xRobotsTag": "all",
    }


def test_the_mail_servers_password_is_kept_when_another_of_its_fields_changes(
    inhabited: World, mail_server: "MailServer"
) -> None:
    world = inhabited
    there = {"host": "127.0.0.1", "port": str(mail_server.port), "from": "a@b.c"}
    login = {"auth": "true", "user": "u", "password": "smtp-password"}
    world.admin.put(
        world.realm, json={**world.admin.json(world.realm), "smtpServer": {**there, **login}}
    )
    world.declare(displayName="ours", smtpServer={"fromDisplayName": "ours"})
    world.apply()
    user = world.admin.create(
        world.path("users"), {"username": "somebody", "enabled": True, "email": "x@y.z"}
    )

    world.admin.put(world.path("users", user, "send-verify-email"), check=False)

    assert mail_server.logins == [("u", "smtp-password")]


@define
class MailServer:
    """Takes a log-in, remembers it, and hangs up."""

    port: int
    logins: list[tuple[str, str]] = field(factory=list)

    def answer(self, stream: BinaryIO) -> None:
        stream.write(b"220 ready\r\n")
        for line in stream:
            command, _, rest = line.decode().strip().partition(" ")
            if command == "EHLO":
                stream.write(b"250-here\r\n250 AUTH PLAIN\r\n")
            elif command == "AUTH":
                _, user, password = b64decode(rest.split()[-1]).decode().split("\0")
                self.logins.append((user, password))
                return


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        server = MailServer(listener.getsockname()[1])

        def serve() -> None:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                return
            with connection, connection.makefile("rwb", buffering=0) as stream:
                server.answer(stream)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server
        thread.join()


def test_a_new_realm_with_part_of_an_otp_policy_has_keycloaks_defaults_for_the_rest(
    world: World,
) -> None:
    world.declare(otpPolicyType="hotp", otpPolicyDigits=8)
    world.apply()
    live = world.admin.json(world.realm)
    assert (live["otpPolicyAlgorithm"], live["otpPolicyLookAheadWindow"]) == ("HmacSHA1", 1)
    world.declare(otpPolicyType="hotp", otpPolicyDigits=6)
    world.apply()
    world.is_settled()


def test_a_value_that_keycloak_accepts_and_does_not_keep_is_an_error_and_rolled_back(
    world: World,
) -> None:
    world.declare(displayName="One")
    world.apply()
    world.declare(displayName="Two", webAuthnPolicyRpEntityName="")

    result = world.apply(exit_code=3)

    assert "not-kept-by-server" in result.stderr
    assert "webAuthnPolicyRpEntityName" in result.stderr
    assert world.admin.json(world.realm)["displayName"] == "One"
    assert world.entry(".")["managed"] == {"displayName": "One"}


def test_entries_that_keycloak_keeps_in_every_realm_do_not_count_as_entries(world: World) -> None:
    world.declare(attributes={"ours": "1"})
    world.apply()
    world.declare(attributes={})
    assert world.plan().fields(".") == {"attributes.ours": ("1", None, "config")}
    world.apply()
    world.is_settled()
