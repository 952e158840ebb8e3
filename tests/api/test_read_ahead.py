"""Requests that are sent before anybody waits for their answers."""

import threading
import time
from collections.abc import Callable

import httpx
import pytest

from kcplan.secret import Secret
from kcplan_keycloak.api import SERVER_INFO, AdminApi, Get, path
from kcplan_keycloak.errors import ForbiddenError, MalformedAnswerError, WrongPasswordError
from kcplan_keycloak.gets import first_pages
from support.faults import FaultyTransport, status

Connect = Callable[..., AdminApi]

PATIENCE = 30
"""Seconds until what was to happen is known not to."""


def until(happened: Callable[[], object]) -> None:
    """Wait for something that a thread of the pool does."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_was_read_ahead_is_not_read_again(api: AdminApi, shared_realm: str) -> None:
    at = path("realms", shared_realm)
    api.read_ahead([Get(at), Get(at)])
    read = api.get(at)
    assert read is not None
    assert read["realm"] == shared_realm
    assert api.requests["GET", "realms/{}"] == 1


def test_an_answer_is_given_once_since_it_grows_old(api: AdminApi, shared_realm: str) -> None:
    at = path("realms", shared_realm)
    api.read_ahead([Get(at)])
    assert api.get(at) == api.get(at)
    assert api.requests["GET", "realms/{}"] == 2


def test_what_was_read_ahead_is_worth_nothing_after_a_write(
    api: AdminApi, shared_realm: str
) -> None:
    at = path("realms", shared_realm, "roles", "made-later")
    api.read_ahead([Get(at)])
    until(lambda: api.requests["GET", "realms/{}/roles/{}"])
    api.post(path("realms", shared_realm, "roles"), {"name": "made-later"})
    found = api.get(at)
    api.delete(at)
    assert found is not None


def test_a_query_tells_requests_apart(api: AdminApi, shared_realm: str) -> None:
    at = path("realms", shared_realm, "clients")
    api.read_ahead([Get(at, {"clientId": "account"}), Get(at, {"clientId": "broker"})])
    names = [(api.get(at, clientId=name) or [{}])[0]["clientId"] for name in ("broker", "account")]
    assert names == ["broker", "account"]
    assert api.requests["GET", "realms/{}/clients"] == 2


def test_pages_that_were_read_ahead_are_the_pages_that_are_read(
    api: AdminApi, shared_realm: str
) -> None:
    at = path("realms", shared_realm, "clients")
    ahead = first_pages(at, 6, page_size=2)
    api.read_ahead(ahead)
    assert api.pages(at, 6, page_size=2) == api.get(at)
    assert api.requests["GET", "realms/{}/clients"] == len(ahead) + 1


def test_a_failure_reaches_whoever_asks_for_the_answer(
    connect: Connect, faults: FaultyTransport, shared_realm: str
) -> None:
    api = connect()
    faults.fail(status(403), path=f"/{shared_realm}")
    api.read_ahead([Get(path("realms", shared_realm))])
    with pytest.raises(ForbiddenError):
        api.get(path("realms", shared_realm))


def test_a_failure_that_nobody_asks_for_is_no_failure(
    connect: Connect, faults: FaultyTransport, shared_realm: str
) -> None:
    api = connect()
    faults.fail(status(403), path=f"/{shared_realm}")
    api.read_ahead([Get(path("realms", shared_realm))])
    assert api.server_info().version is not None


def test_a_refused_log_in_is_tried_once(connect: Connect) -> None:
    api = connect(username="admin", password=Secret("not the password"))
    api.read_ahead([SERVER_INFO])
    for _ in range(2):
        with pytest.raises(WrongPasswordError):
            api.get(SERVER_INFO.path)
    assert api.requests["POST", "token"] == 1


def test_while_a_plan_is_made_nothing_is_read_twice(api: AdminApi, shared_realm: str) -> None:
    at = path("realms", shared_realm)
    with api.reading_once():
        assert api.get(at) == api.get(at)
        assert api.requests["GET", "realms/{}"] == 1
    api.get(at)
    assert api.requests["GET", "realms/{}"] == 2


def test_what_is_not_worth_it_is_not_kept(api: AdminApi, shared_realm: str) -> None:
    at = path("realms", shared_realm)
    with api.reading_once(lambda each: not each.endswith("/roles")):
        for _ in "ab":
            api.get(at)
            api.get(f"{at}/roles")
    assert api.requests["GET", "realms/{}"] == 1
    assert api.requests["GET", "realms/{}/roles"] == 2


def test_what_an_answer_leads_to_is_sent_before_anybody_asks(
    api: AdminApi, shared_realm: str
) -> None:
    at = path("realms", shared_realm, "clients")
    roles = [f"{at}/{client['id']}/roles" for client in api.get(at) or ()]
    api.requests.clear()

    api.read_ahead([Get(at, then=lambda found: [Get(f"{at}/{c['id']}/roles") for c in found])])
    read = [api.get(at), *map(api.get, roles)]

    assert all(found is not None for found in read)
    assert api.requests == {
        ("GET", "realms/{}/clients"): 1,
        ("GET", "realms/{}/clients/{}/roles"): len(roles),
    }


def test_what_was_sent_before_is_followed_where_somebody_joins(
    api: AdminApi, shared_realm: str
) -> None:
    at = path("realms", shared_realm)
    with api.reading_once():
        api.read_ahead([Get(at)])
        api.read_ahead([Get(at, then=lambda _: [Get(f"{at}/roles")])], joining=True)
        until(lambda: api.requests["GET", "realms/{}/roles"])
        assert api.get(f"{at}/roles")
    assert api.requests == {("GET", "realms/{}"): 1, ("GET", "realms/{}/roles"): 1}


def test_nothing_follows_an_answer_from_before_a_write(
    connect: Connect, faults: FaultyTransport, shared_realm: str
) -> None:
    api, at = connect(parallelism=2), path("realms", shared_realm, "roles")
    written, looked_at, all_threads = threading.Event(), threading.Event(), threading.Barrier(2)

    def after_the_write(inner: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        assert written.wait(PATIENCE)
        return inner.handle_request(request)

    def then(_: object) -> list[Get]:
        looked_at.set()
        return [Get(at)]

    faults.fail(after_the_write, path="/clients")
    api.read_ahead([Get(path("realms", shared_realm, "clients"), then=then)])
    until(lambda: faults.count("GET", "/clients"))
    api.post(at, {"name": "between"})
    written.set()
    assert looked_at.wait(PATIENCE)
    # Both threads are here when whatever they sent has been answered.
    api.map(lambda _: all_threads.wait(PATIENCE), range(2))
    api.delete(f"{at}/between")
    assert faults.count("GET", "/roles") == 0


def test_an_answer_that_is_none_of_keycloaks_leads_to_nothing(
    connect: Connect, faults: FaultyTransport, shared_realm: str
) -> None:
    api, at = connect(), path("realms", shared_realm, "clients")
    faults.fail(status(200, '[{"id": 7}]'), path="/clients")
    api.read_ahead([Get(at, then=lambda found: [Get(f"{at}/{found[0]['id'] + ''}")])])
    with pytest.raises(MalformedAnswerError):
        api.get(at)
