"""What is sent again after a failure, what is not, and what is then known."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext

import pytest

from kcplan.provider import UnknownOutcomeError
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.errors import (
    AnswerTimeoutError,
    BrokenConnectionError,
    NotKeycloakError,
    OverloadedError,
    RefusedConnectionError,
    ServerFailureError,
)
from kcplan_keycloak.exchange import ATTEMPTS, retry_after
from support.faults import (
    FaultyTransport,
    answer_lost,
    broken_before,
    connection_refused,
    read_timeout,
    status,
)
from support.harness import Admin

Connect = Callable[..., AdminApi]
NAME = {"name": "r"}


@pytest.fixture
def roles(shared_realm: str) -> str:
    """The path of a realm's roles."""
    return path("realms", shared_realm, "roles")


@pytest.fixture
def made(admin: Admin, shared_realm: str) -> Iterator[Callable[[], bool]]:
    """Whether the role `r` exists, asked by another way. It is removed after the test."""
    yield lambda: admin.get(f"{shared_realm}/roles/r", check=False).is_success
    admin.delete(f"{shared_realm}/roles/r", check=False)


@pytest.fixture
def role(made: object, shared_realm: str) -> str:
    """The path of the role `r`, which does not exist yet."""
    assert made
    return path("realms", shared_realm, "roles", "r")


def test_a_read_outlives_every_passing_trouble(
    api: AdminApi, faults: FaultyTransport, roles: str, waits: list[float]
) -> None:
    for breakage in (connection_refused, answer_lost, read_timeout, status(503), status(502)):
        faults.fail(breakage, method="GET")
        assert api.get(roles)
    assert len(waits) == 5


def test_waits_grow_and_are_spread(
    api: AdminApi, faults: FaultyTransport, roles: str, waits: list[float]
) -> None:
    faults.fail(status(503), times=ATTEMPTS - 1)
    assert api.get(roles)
    for wait, longest in zip(waits, [0.5, 1, 2, 4, 8], strict=True):
        assert longest / 2 <= wait <= longest


def test_a_read_gives_up_in_the_end(api: AdminApi, faults: FaultyTransport, roles: str) -> None:
    faults.fail(status(503), times=99)
    with pytest.raises(OverloadedError):
        api.get(roles)
    assert faults.count("GET", "/roles") == ATTEMPTS


def test_a_read_that_times_out_gives_up_sooner(
    api: AdminApi, faults: FaultyTransport, roles: str
) -> None:
    faults.fail(read_timeout, times=99)
    with pytest.raises(AnswerTimeoutError):
        api.get(roles)
    assert faults.count("GET", "/roles") == 3


def test_a_post_that_was_never_sent_is_sent_again(
    api: AdminApi, faults: FaultyTransport, roles: str, made: Callable[[], bool]
) -> None:
    faults.fail(connection_refused, method="POST")
    assert api.post(roles, NAME) == "r"
    assert made()


@pytest.mark.parametrize("code", [429, 503])
def test_a_post_that_the_server_turned_away_is_sent_again(
    api: AdminApi, faults: FaultyTransport, roles: str, made: Callable[[], bool], code: int
) -> None:
    faults.fail(status(code), method="POST")
    assert api.post(roles, NAME) == "r"
    assert made()


@pytest.mark.parametrize(
    "breakage", [answer_lost, broken_before, read_timeout, status(502), status(504, acted=True)]
)
@pytest.mark.usefixtures("made")
def test_a_post_without_an_answer_is_not_sent_again(
    api: AdminApi,
    faults: FaultyTransport,
    roles: str,
    breakage: Callable[..., object],
) -> None:
    faults.fail(breakage, method="POST")  # type: ignore[arg-type]
    with pytest.raises(UnknownOutcomeError, match="not known whether Keycloak carried out POST"):
        api.post(roles, NAME)
    assert faults.count("POST", "/roles") == 1


def test_a_post_that_is_turned_away_to_the_end_has_done_nothing(
    api: AdminApi, faults: FaultyTransport, roles: str, made: Callable[[], bool]
) -> None:
    faults.fail(status(503), method="POST", times=99)
    with pytest.raises(OverloadedError):
        api.post(roles, NAME)
    assert not made()


def test_a_post_that_may_be_repeated_is(
    api: AdminApi, faults: FaultyTransport, roles: str, role: str
) -> None:
    api.post(roles, NAME)
    part = api.get(f"{roles}/offline_access")
    faults.fail(answer_lost, method="POST")
    api.post(f"{role}/composites", [part], repeatable=True)
    assert [found["name"] for found in api.get(f"{role}/composites") or []] == ["offline_access"]


@pytest.mark.parametrize("breakage", [answer_lost, status(502), status(504, acted=True)])
def test_a_put_is_sent_again(
    api: AdminApi,
    faults: FaultyTransport,
    roles: str,
    role: str,
    breakage: Callable[..., object],
) -> None:
    api.post(roles, NAME)
    faults.fail(breakage, method="PUT")  # type: ignore[arg-type]
    api.put(role, {"name": "r", "description": "new"})
    assert (api.get(role) or {})["description"] == "new"
    assert faults.count("PUT") == 2


@pytest.mark.parametrize(("failures", "outcome"), [(1, True), (2, False)])
def test_a_put_that_keycloak_fails_at_has_a_second_chance(
    api: AdminApi,
    faults: FaultyTransport,
    roles: str,
    role: str,
    failures: int,
    outcome: bool,  # noqa: FBT001
) -> None:
    api.post(roles, NAME)
    faults.fail(status(500), method="PUT", times=failures)
    with nullcontext() if outcome else pytest.raises(ServerFailureError):
        api.put(role, {**NAME, "description": "x"})
    assert faults.count("PUT") == 2


def test_a_put_without_an_answer_to_the_end_is_unknown(
    api: AdminApi, faults: FaultyTransport, roles: str, role: str
) -> None:
    api.post(roles, NAME)
    faults.fail(answer_lost, method="PUT", times=99)
    with pytest.raises(UnknownOutcomeError):
        api.put(role, {"name": "r"})


def test_a_write_that_times_out_is_unknown_at_once(
    api: AdminApi, faults: FaultyTransport, roles: str, role: str
) -> None:
    api.post(roles, NAME)
    faults.fail(read_timeout)
    with pytest.raises(UnknownOutcomeError, match="PUT"):
        api.put(role, {"name": "r"})
    assert faults.count("PUT") == 1


def test_a_rename_whose_answer_is_lost_is_unknown_and_not_missing(
    api: AdminApi, faults: FaultyTransport, roles: str, role: str
) -> None:
    api.post(roles, NAME)
    faults.fail(answer_lost, method="PUT")
    with pytest.raises(UnknownOutcomeError):
        api.put(role, {"name": "renamed"})
    api.delete(f"{roles}/renamed")


def test_a_put_that_was_lost_and_then_found_no_server_is_unknown(
    api: AdminApi, faults: FaultyTransport, roles: str, role: str
) -> None:
    api.post(roles, NAME)
    faults.fail(answer_lost, method="PUT")
    faults.fail(connection_refused, method="PUT", times=99)
    with pytest.raises(UnknownOutcomeError):
        api.put(role, {"name": "r"})


def test_a_put_that_found_no_server_has_done_nothing(
    api: AdminApi, faults: FaultyTransport, role: str
) -> None:
    faults.fail(connection_refused, method="PUT", times=99)
    with pytest.raises(RefusedConnectionError):
        api.put(role, {"name": "r"})


def test_a_lost_write_stays_unknown_when_logging_in_again_fails(
    api: AdminApi, faults: FaultyTransport, roles: str, role: str
) -> None:
    api.post(roles, NAME)
    faults.fail(answer_lost, method="PUT")
    faults.fail(status(401), method="PUT", times=99)
    faults.fail(connection_refused, path="/token", times=99)
    with pytest.raises(UnknownOutcomeError):
        api.put(role, {"name": "r"})


def test_a_deletion_that_happened_unheard_counts_as_done(
    api: AdminApi,
    faults: FaultyTransport,
    roles: str,
    role: str,
    made: Callable[[], bool],
) -> None:
    api.post(roles, NAME)
    faults.fail(answer_lost, method="DELETE")
    api.delete(role)
    assert not made()
    assert faults.count("DELETE") == 2


def test_retry_after_is_waited_for(
    api: AdminApi, faults: FaultyTransport, roles: str, waits: list[float]
) -> None:
    faults.fail(status(429, Retry_After="7"))
    faults.fail(status(503, Retry_After="3600"))
    assert api.get(roles)
    assert waits == [7, 60]


def test_retry_after_may_be_a_date_and_is_never_absurd() -> None:
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert retry_after("Wed, 21 Oct 2099 07:28:00 GMT") == 60
    assert [retry_after(value) for value in ("", "soon", "-3", "nan", "inf")] == [0, 0, 0, 0, 60]


def test_the_first_contact_fails_at_once(
    connect: Connect, faults: FaultyTransport, waits: list[float]
) -> None:
    for breakage, error in (
        (connection_refused, RefusedConnectionError),
        (broken_before, BrokenConnectionError),
    ):
        faults.fail(breakage, path="/token")
        with pytest.raises(error):
            connect().get("serverinfo")
    assert waits == []


def test_a_proxys_404_does_not_read_as_absent(
    api: AdminApi, faults: FaultyTransport, role: str
) -> None:
    pages = {"text/html": "<h1>Not found</h1>", "text/plain": "404 page not found"}
    for kind, content in pages.items():
        faults.fail(status(404, content, Content_Type=kind))
        with pytest.raises(NotKeycloakError):
            api.get(role)


def test_trouble_halves_the_requests_at_once_and_calm_brings_them_back(
    connect: Connect, faults: FaultyTransport, roles: str
) -> None:
    api = connect(parallelism=8)
    api.get(roles)
    faults.fail(status(503), method="GET", times=1)
    api.get(roles)
    assert api._pace.width == 4
    for _ in range(4 + 5 + 6 + 7):
        api.get(roles)
    assert api._pace.width == 8


def test_after_a_write_that_was_sent_to_nobody_a_look_is_not_repeated_as_often(
    api: AdminApi, faults: FaultyTransport, roles: str, role: str
) -> None:
    api.post(roles, NAME)
    faults.fail(answer_lost, method="PUT")
    faults.fail(connection_refused, times=ATTEMPTS)
    with pytest.raises(UnknownOutcomeError):
        api.put(role, {"name": "r"})
    with pytest.raises(RefusedConnectionError):
        api.get(role)
    assert faults.count("GET", "/roles/r") == 1

    assert api.get(role)
    faults.fail(connection_refused, times=ATTEMPTS - 1)
    assert api.get(role)
