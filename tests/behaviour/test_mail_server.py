"""The realm's mail server: its log-in can be changed and taken away, and secrets go late."""

from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.config.load import load_text
from kcplan.config.model import Config
from kcplan.toml_writer import to_toml
from kcplan_keycloak.resources import registry
from support.planning import at, entry, plan, step, steps, there
from support.sabotage import WAYS, Saboteur, sent_through
from support.whole_realm import differences, whole_realm
from support.world import Json, World

MASK = "*" * 10
SENDER: Json = {"host": "mail.example", "from": "shop@mail.example"}
BASIC: Json = {**SENDER, "auth": "true", "user": "shop", "password": "${env:MAIL_PASSWORD}"}
TOKEN: Json = {
    **SENDER,
    "auth": "true",
    "user": "shop",
    "authType": "token",
    "authTokenUrl": "https://login.example/token",
    "authTokenScope": "mail",
    "authTokenClientId": "shop",
    "authTokenClientSecret": "${env:MAIL_PASSWORD}",
}


@pytest.fixture
def mailing(world: World) -> World:
    world.variables["MAIL_PASSWORD"] = "a-password-for-the-mail-server"
    return world


def without(table: Json, *names: str) -> Json:
    return {name: value for name, value in table.items() if name not in names}


AFTER: dict[str, tuple[Json | None, Json]] = {
    "no user, no password": (without(BASIC, "user", "password"), {**SENDER, "auth": "true"}),
    "no password": (without(BASIC, "password"), without(BASIC, "password")),
    "no log-in": (SENDER, SENDER),
    "log-in off": ({**SENDER, "auth": "false"}, {**SENDER, "auth": "false"}),
    "a sender only": ({"from": "a@b.example"}, {"from": "a@b.example"}),
    "empty": ({}, {}),
    "not mentioned": (None, {}),
    "another host": (
        {**BASIC, "host": "post.example"},
        {**BASIC, "host": "post.example", "password": MASK},
    ),
    "a token": (TOKEN, {**TOKEN, "authTokenClientSecret": MASK}),
}
"""What the files say after `BASIC`, and what Keycloak has then."""


@pytest.mark.parametrize("case", AFTER)
def test_whatever_is_taken_out_goes(mailing: World, case: str) -> None:
    world = mailing
    declared, expected = AFTER[case]
    world.declare(enabled=True, smtpServer=BASIC)
    world.apply()
    world.is_settled()
    world.declare(enabled=True, **({} if declared is None else {"smtpServer": declared}))
    world.apply()
    world.is_settled()
    assert world.admin.json(world.realm)["smtpServer"] == expected


def test_a_token_is_taken_out_again_and_a_password_comes(mailing: World) -> None:
    world = mailing
    for declared in (TOKEN, BASIC, TOKEN, {}):
        world.declare(enabled=True, smtpServer=declared)
        world.apply()
        world.is_settled()
    assert world.admin.json(world.realm)["smtpServer"] == {}


@pytest.mark.parametrize(
    "declared",
    [{}, {**SENDER, "auth": "false"}, {**BASIC, "host": "post.example"}, TOKEN],
    ids=["empty", "off", "host", "token"],
)
def test_what_fails_before_the_secret_goes_leaves_all_as_it_was(
    mailing: World, declared: Json
) -> None:
    """Had an earlier request dropped the password, no rollback could bring it back."""
    world = mailing
    world.declare(enabled=True, smtpServer=BASIC, displayName="One")
    world.apply()
    before = whole_realm(world.admin, world.realm)
    world.declare(
        enabled=True, smtpServer=declared, displayName="Two", roles={"realm": [{"name": "r"}]}
    )
    with sent_through(Saboteur({1: WAYS["status 500"], 2: WAYS["status 500"]})):
        result = world.try_apply()
    assert result.exit_code == 3, result.stderr
    assert list(differences(before, whole_realm(world.admin, world.realm))) == []


def test_a_failure_after_the_secret_is_told(mailing: World) -> None:
    world = mailing
    world.declare(enabled=True, smtpServer=BASIC, roles={"realm": [{"name": "goes"}]})
    world.apply()
    world.declare(enabled=True, smtpServer={**SENDER, "auth": "false"})
    with sent_through(Saboteur({1: WAYS["status 500"]})):
        result = world.try_apply()
    assert result.exit_code == 4
    assert "These could not be rolled back" in result.stderr
    assert world.realm in result.stderr.split("These could not be rolled back")[1]


def live(mail: Json) -> list[Any]:
    return [there(".", {"smtpServer": mail})]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"host": "post.example"}, ["update r"]),
        ({"user": "store"}, ["update r"]),
        ({"auth": "false"}, ["update r (secret)"]),
        ({"authType": "token"}, ["update r (secret)"]),
        ({"password": "a-new-password-of-the-mail-server"}, ["update r (secret)"]),
        (
            {"host": "post.example", "password": "a-new-password-of-the-mail-server"},
            ["update r", "update r (secret)"],
        ),
    ],
)
def test_a_change_that_drops_the_password_of_somebody_else_is_late(
    tmp_path: Path, declared: Json, expected: list[str]
) -> None:
    mail = {**BASIC, "password": MASK}
    made = plan(tmp_path, {"smtpServer": declared}, state=[entry(".")], live=live(mail))
    assert steps(made) == expected
    last = step(made, expected[-1])
    assert last.undoable == (expected == ["update r"])


# -- what files may say --------------------------------------------------------------------------


def loaded(mail: Json, tmp_path: Path) -> Config:
    text = to_toml({"realm": "r", "smtpServer": mail})
    return load_text(tmp_path / "r.toml", text, registry(), {"MAIL_PASSWORD": "p" * 30})


@pytest.mark.parametrize(
    "mail", [BASIC, TOKEN, SENDER, {"user": "u"}, {**BASIC, "auth": "TRUE", "authType": "basic"}]
)
def test_a_log_in_that_is_used_is_no_finding(mail: Json, tmp_path: Path) -> None:
    assert loaded(mail, tmp_path).diagnostics == ()


def test_a_log_in_that_keycloak_will_drop_is_left_out_with_a_warning(tmp_path: Path) -> None:
    mails = (
        {**BASIC, "auth": "false"},
        {**TOKEN, "auth": ""},
        {**TOKEN, "auth": "false"},
        {**BASIC, "authType": "token"},
        {**TOKEN, "authType": "basic"},
    )
    found = [loaded(mail, tmp_path).diagnostics for mail in mails]
    assert [[item.path[-1] for item in items] for items in found] == snapshot(
        [
            ["user", "password"],
            [
                "user",
                "authType",
                "authTokenUrl",
                "authTokenScope",
                "authTokenClientId",
                "authTokenClientSecret",
            ],
            [
                "user",
                "authType",
                "authTokenUrl",
                "authTokenScope",
                "authTokenClientId",
                "authTokenClientSecret",
            ],
            ["password"],
            ["authTokenUrl", "authTokenScope", "authTokenClientId", "authTokenClientSecret"],
        ]
    )
    assert f"{found[3][0].summary}\n{found[3][0].detail}" == snapshot("""\
smtpServer.password is left out, since the mail server's log-in does not use it
Keycloak drops such a field with the next update. Remove it, or correct `auth` and `authType`.\
""")
    config = loaded({**BASIC, "auth": "false"}, tmp_path)
    assert config.resources[at(".")].leaves == {
        ("smtpServer", "host"): "mail.example",
        ("smtpServer", "from"): "shop@mail.example",
        ("smtpServer", "auth"): "false",
    }


def test_an_export_with_such_a_log_in_is_settled(mailing: World) -> None:
    """Also when a field that has nothing to do with it changes: then Keycloak drops it."""
    world = mailing
    mail = {**BASIC, "auth": "false"}
    for name in ("One", "Two"):
        world.declare(enabled=True, smtpServer=mail, displayName=name)
        assert set(world.plan().codes) == {"unused-field"}
        world.apply()
        world.is_settled()
    assert world.admin.json(world.realm)["smtpServer"] == {**SENDER, "auth": "false"}
