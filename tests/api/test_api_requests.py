"""Reading and writing through the Admin API, when all goes well."""

import threading
import time
from collections.abc import Callable

import httpx
import pytest

from kcplan.secret import Secret
from kcplan_keycloak.api import AdminApi, Connection, ServerInfo, path
from kcplan_keycloak.errors import NotFoundError, UnsafeNameError
from support.faults import FaultyTransport, read_timeout
from support.harness import Admin, Server

Connect = Callable[..., AdminApi]

ODD_NAMES = ["a/b", "a%b", "%2F", "a b", "é ☃", "a;b", "a?b#c", "a\\b", "a+b", "..a", "...", "a//b"]


def test_an_object_that_is_not_there_reads_as_none(api: AdminApi, realm: str) -> None:
    assert api.get(path("realms", realm, "roles", "nobody")) is None
    assert api.get(path("realms", "no-such-realm")) is None


def test_a_404_without_a_body_reads_as_none(api: AdminApi, realm: str) -> None:
    body = {"clientId": "a", "serviceAccountsEnabled": True, "authorizationServicesEnabled": True}
    client = api.post(path("realms", realm, "clients"), body)
    assert client is not None
    server = ("authz", "resource-server", "scope", "no-such-scope")
    assert api.get(path("realms", realm, "clients", client, *server)) is None


def test_what_is_written_reads_back(api: AdminApi, admin: Admin, realm: str) -> None:
    clients = path("realms", realm, "clients")
    client_id = api.post(clients, {"clientId": "a", "secret": Secret("s3cret-value")})
    assert client_id == admin.client_id(realm, "a")
    client = path("realms", realm, "clients", client_id)
    api.put(client, {"clientId": "a", "name": "A"})
    read = api.get(client)
    assert read is not None
    assert (read["name"], read["secret"]) == ("A", "s3cret-value")
    api.delete(client)
    assert api.get(client) is None


def test_post_gives_the_id_also_where_only_the_body_has_it(api: AdminApi, realm: str) -> None:
    body = {"clientId": "a", "serviceAccountsEnabled": True, "authorizationServicesEnabled": True}
    client = api.post(path("realms", realm, "clients"), body)
    assert client is not None
    authz = ("realms", realm, "clients", client, "authz", "resource-server")
    resource = api.post(path(*authz, "resource"), {"name": "r"})
    assert resource is not None
    assert api.get(path(*authz, "resource", resource))["name"] == "r"  # type: ignore[index]


def test_post_gives_none_where_nothing_is_made(api: AdminApi, realm: str) -> None:
    assert api.post(path("realms", realm, "clear-user-cache")) is None


def test_delete_may_carry_a_body(api: AdminApi, realm: str) -> None:
    roles = path("realms", realm, "roles")
    for name in ("whole", "part"):
        api.post(roles, {"name": name})
    composites = path("realms", realm, "roles", "whole", "composites")
    part = api.get(path("realms", realm, "roles", "part"))
    api.post(composites, [part])
    api.delete(composites, [part])
    assert api.get(composites) == []


def test_a_name_may_have_any_characters(api: AdminApi, realm: str) -> None:
    roles = path("realms", realm, "roles")
    made = [api.post(roles, {"name": name}) for name in ODD_NAMES]
    read = [api.get(path("realms", realm, "roles", name)) for name in ODD_NAMES]
    assert made == ODD_NAMES
    assert [role and role["name"] for role in read] == ODD_NAMES
    for name in ODD_NAMES:
        api.delete(path("realms", realm, "roles", name))
    assert not {role["name"] for role in api.get(roles) or []} & set(ODD_NAMES)


def test_a_name_that_would_address_its_parent_is_refused_before_it_is_sent(
    api: AdminApi, admin: Admin, realm: str
) -> None:
    for name in ("..", ".", ""):
        with pytest.raises(UnsafeNameError, match="cannot be used in a request"):
            api.delete(path("realms", realm, "roles", name))
    assert not api.requests
    assert admin.get(realm).is_success


def test_a_realm_may_take_longer_to_be_deleted_than_other_requests(
    keycloak: Server, realm: str
) -> None:
    given: list[float] = []

    class Noting(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            given.append(request.extensions["timeout"]["read"])
            return super().handle_request(request)

    password = Secret(keycloak.password)
    connection = Connection(
        url=keycloak.url, username=keycloak.username, password=password, timeout=7
    )
    with AdminApi(connection, Noting()) as api:
        api.delete(path("realms", realm), slow=True)
    assert given == [7, 140]


def test_deleting_what_is_not_there_is_an_error(api: AdminApi, realm: str) -> None:
    with pytest.raises(NotFoundError):
        api.delete(path("realms", realm, "roles", "nobody"))


def test_pages_give_everything_with_few_requests_more_than_pages(api: AdminApi, realm: str) -> None:
    roles = path("realms", realm, "roles")
    wanted: list[str] = []
    for count, requests in ((3, 1), (5, 3), (12, 3), (30, 3), (50, 7)):
        more = [f"role-{number:02}" for number in range(len(wanted), count)]
        api.map(lambda name: api.post(roles, {"name": name}), more)
        wanted += more
        api.requests.clear()
        found = [role["name"] for role in api.pages(roles, page_size=5, search="role-")]
        assert sorted(found) == wanted
        assert api.requests == {("GET", "realms/{}/roles"): requests}


def test_what_is_too_large_for_larger_pages_is_read_in_the_usual_ones(
    api: AdminApi, realm: str, faults: FaultyTransport
) -> None:
    roles = path("realms", realm, "roles")
    wanted = [f"role-{number:02}" for number in range(30)]
    api.map(lambda name: api.post(roles, {"name": name}), wanted)
    faults.fail(read_timeout, path="max=20", times=1000)

    found = api.pages(roles, page_size=5, search="role-")

    assert sorted(role["name"] for role in found) == wanted


def test_pages_keep_the_order_of_the_server(api: AdminApi, realm: str) -> None:
    clients = path("realms", realm, "clients")
    paged = [client["clientId"] for client in api.pages(clients, page_size=1)]
    assert paged == [client["clientId"] for client in api.get(clients) or []]


def test_map_keeps_order_and_runs_side_by_side(api: AdminApi) -> None:
    together = threading.Barrier(4, timeout=10)

    def meet(item: int) -> int:
        together.wait()
        return item * 2

    assert api.map(meet, range(4)) == [0, 2, 4, 6]


def test_map_within_map_ends(connect: Connect) -> None:
    api = connect(parallelism=2)
    found = api.map(lambda row: api.map(lambda cell: row * cell, range(3)), range(1, 4))
    assert found == [[0, 1, 2], [0, 2, 4], [0, 3, 6]]


def test_the_first_error_cancels_what_has_not_begun(connect: Connect) -> None:
    api = connect(parallelism=2)
    begun = []

    def work(item: int) -> None:
        begun.append(item)
        if item == 1:
            raise ValueError("the first")
        time.sleep(0.2)

    with pytest.raises(ValueError, match="the first"):
        api.map(work, range(50))
    # One may be begun by the freed thread before the rest is cancelled.
    assert len(begun) < 10
    after = len(begun)
    time.sleep(0.3)
    assert len(begun) == after


def test_requests_are_counted_by_method_and_template(api: AdminApi, realm: str) -> None:
    api.get(path("realms", realm, "roles", "a/b"))
    api.get(path("realms", realm, "roles", "c"))
    assert api.requests == {("GET", "realms/{}/roles/{}"): 2}


def test_making_a_client_sends_nothing() -> None:
    with AdminApi(Connection(url="http://127.0.0.1:1")) as api:
        assert not api.requests


def test_parameters_of_none_are_left_out(
    api: AdminApi, faults: FaultyTransport, shared_realm: str
) -> None:
    clients = path("realms", shared_realm, "clients")
    found = api.get(clients, clientId="account", viewableOnly=True, search=None)
    assert [client["clientId"] for client in found or []] == ["account"]
    assert faults.sent[-1].endswith("/clients?clientId=account&viewableOnly=true")


def test_an_administrator_sees_version_and_features(api: AdminApi) -> None:
    info = api.server_info()
    assert info.version is not None
    assert info.version[0].isdigit()
    assert info.features is not None
    assert "AUTHORIZATION" in info.features
    assert "CLIENT_SECRET_ROTATION" not in info.features


def test_a_viewer_sees_features_and_no_version(connect: Connect, admin: Admin, realm: str) -> None:
    viewer = _service_account(connect, admin, realm, "view-realm")
    info = viewer.server_info()
    assert info.version is None
    assert info.features is not None
    assert "AUTHORIZATION" in info.features


def test_an_account_without_rights_sees_nothing_of_the_server(
    connect: Connect, admin: Admin, realm: str
) -> None:
    assert _service_account(connect, admin, realm).server_info() == ServerInfo(None, None)


def _service_account(connect: Connect, admin: Admin, realm: str, *roles: str) -> AdminApi:
    body = {"clientId": "sa", "secret": "sa-secret", "serviceAccountsEnabled": True}
    client = admin.create(f"{realm}/clients", body)
    user = admin.json(f"{realm}/clients/{client}/service-account-user")["id"]
    management = admin.client_id(realm, "realm-management")
    given = [admin.json(f"{realm}/clients/{management}/roles/{role}") for role in roles]
    admin.post(f"{realm}/users/{user}/role-mappings/clients/{management}", json=given)
    return connect(auth_realm=realm, client_id="sa", client_secret=Secret("sa-secret"))


def test_closing_ends_the_threads(keycloak: Server) -> None:
    connection = Connection(
        url=keycloak.url, username=keycloak.username, password=Secret(keycloak.password)
    )
    with AdminApi(connection) as api:
        api.map(lambda _: api.get("serverinfo"), range(3))
    assert not [each for each in threading.enumerate() if each.name.startswith("kcplan-api")]
