"""Whatever answers, and however: kcplan reads so much of it, and waits so long for it, no more."""

import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from kcplan.errors import KcplanError, ServerError, UsageError
from kcplan.provider import UnknownOutcomeError
from kcplan.secret import Secret
from kcplan_keycloak.api import AdminApi, Connection, path
from kcplan_keycloak.errors import AnswerTimeoutError, AnswerTooLargeError, MalformedAnswerError
from support.harness import Run, Server
from support.wayward import (
    MEBIBYTE,
    Door,
    Way,
    bomb,
    bomb_in_a_bomb,
    cut_off,
    endless,
    gzipped,
    more_after_the_end,
    not_yet,
    slow_content,
    slow_head,
    wayward,
)

LARGE = [endless, bomb, more_after_the_end]
SLOW = [slow_content, slow_head, not_yet]
Said = Callable[[pytest.ExceptionInfo[KcplanError]], str]


@pytest.fixture
def door(keycloak: Server) -> Iterator[Door]:
    with wayward(keycloak.url) as opened:
        yield opened


@pytest.fixture
def api(door: Door, keycloak: Server) -> Iterator[AdminApi]:
    """A client on the real network that reads one MiB of an answer at most."""
    with through(door.url, keycloak) as client:
        yield client


@pytest.fixture
def hurried(door: Door, keycloak: Server) -> Iterator[AdminApi]:
    """A client on the real network with a timeout of a second."""
    with through(door.url, keycloak, timeout=1) as client:
        yield client


def through(url: str, keycloak: Server, timeout: float = 60) -> AdminApi:
    return AdminApi(
        Connection(
            url=url,
            username=keycloak.username,
            password=Secret(keycloak.password),
            timeout=timeout,
            max_answer_mib=1,
        ),
        sleep=lambda _: None,
    )


@pytest.mark.parametrize("way", LARGE)
def test_an_answer_is_read_up_to_the_limit_and_no_further(
    api: AdminApi, door: Door, way: Way
) -> None:
    door.answer(way, "/serverinfo")
    api.get(path("realms", "master"))
    tracemalloc.start()
    try:
        with pytest.raises(AnswerTooLargeError):
            api.get("serverinfo")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # The server's side of it is in this process too: it holds the bomb's half a megabyte.
    assert peak < 6 * MEBIBYTE


def test_it_is_told_what_was_too_large_and_what_to_do(
    api: AdminApi, door: Door, said: Said
) -> None:
    door.answer(endless, "/serverinfo")
    with pytest.raises(AnswerTooLargeError) as error:
        api.get("serverinfo")
    assert said(error) == snapshot("""\
the answer to GET /admin/serverinfo is larger than 1 MiB
kcplan stopped reading it. If that was Keycloak, and it really has so much to say, raise
`max_answer_mib` in the section `[keycloak]` of kcplan.toml.\
""")


@pytest.mark.parametrize("way", SLOW)
def test_a_timeout_is_for_the_whole_answer(hurried: AdminApi, door: Door, way: Way) -> None:
    door.answer(way, "/serverinfo")
    with pytest.raises(AnswerTimeoutError, match="no complete answer"):
        hurried.get("serverinfo")


@pytest.mark.parametrize("way", SLOW)
def test_a_slow_answer_through_the_proxy_of_the_environment_ends_too(
    keycloak: Server, door: Door, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", door.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    door.answer(way, "/serverinfo")
    with through(keycloak.url, keycloak, timeout=1) as api, pytest.raises(AnswerTimeoutError):
        api.get("serverinfo")


@pytest.mark.parametrize(
    ("way", "error"),
    [(endless, AnswerTooLargeError), (bomb, AnswerTooLargeError), (slow_head, AnswerTimeoutError)],
)
def test_tokens_are_no_exception(
    door: Door, keycloak: Server, way: Way, error: type[ServerError]
) -> None:
    door.answer(way, "/protocol/openid-connect/token")
    with through(door.url, keycloak, timeout=1 if way is slow_head else 60) as api:
        refuses_tokens(api, error)


def refuses_tokens(api: AdminApi, error: type[ServerError]) -> None:
    with pytest.raises(error):
        api.get("serverinfo")
    with pytest.raises(error):
        api.ask_for_token("master", {"grant_type": "password"})


@pytest.mark.parametrize("way", [endless, bomb, cut_off])
def test_a_write_whose_answer_is_not_read_to_its_end_may_have_happened(
    api: AdminApi, door: Door, shared_realm: str, way: Way
) -> None:
    roles = path("realms", shared_realm, "roles")
    door.answer(way, "/roles", method="POST")
    with pytest.raises(UnknownOutcomeError):
        api.post(roles, {"name": "half-heard"})
    api.delete(f"{roles}/half-heard")


def test_what_a_gateway_packs_is_unpacked(api: AdminApi, door: Door) -> None:
    plain = api.get("serverinfo")
    door.answer(gzipped, "/serverinfo")
    assert api.get("serverinfo").keys() == plain.keys()


@pytest.mark.parametrize(
    ("way", "summary"),
    [
        (bomb_in_a_bomb, "is packed in a way that kcplan did not ask for"),
        (cut_off, "cannot be unpacked"),
    ],
)
def test_what_cannot_be_unpacked_is_told(api: AdminApi, door: Door, way: Way, summary: str) -> None:
    door.answer(way, "/serverinfo")
    with pytest.raises(
        MalformedAnswerError, match=f"the answer to GET /admin/serverinfo {summary}"
    ):
        api.get("serverinfo")


def test_the_limits_of_the_command_line_and_of_kcplan_toml_count(
    door: Door, run_kcplan: Run, realm: str, tmp_path: Path
) -> None:
    (tmp_path / "realm.toml").write_text(f'realm = "{realm}"\n')
    door.answer(slow_content, f"/realms/{realm}")
    arguments = ("plan", "realm.toml", "--url", door.url)
    late = run_kcplan(*arguments, "--timeout", "1")
    assert (late.exit_code, late.stdout) == (1, "")
    assert "no complete answer" in late.stderr
    assert run_kcplan(*arguments).exit_code == 0

    door.ways.clear()
    assert run_kcplan(*arguments).exit_code == 0
    (tmp_path / "kcplan.toml").write_text("[keycloak]\nmax_answer_mib = 1\n")
    door.answer(endless, f"/realms/{realm}")
    large = run_kcplan(*arguments)
    assert (large.exit_code, large.stdout) == (1, "")
    assert "larger than 1 MiB" in large.stderr


@pytest.mark.parametrize("seconds", [float("inf"), 1e9])
def test_a_timeout_beyond_what_the_system_can_wait_is_refused(seconds: float) -> None:
    with pytest.raises(UsageError, match="at most 86,400 seconds"):
        Connection(url="https://sso.example", timeout=seconds)
