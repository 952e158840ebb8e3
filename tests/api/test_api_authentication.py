"""Logging in, staying logged in, and what is said when that fails."""

import threading
import uuid
from collections.abc import Callable, Iterator

import pytest
from inline_snapshot import snapshot

from kcplan.errors import KcplanError, ServerError, UsageError
from kcplan.secret import Secret
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.auth import Connection, TokenSource, grant
from kcplan_keycloak.errors import (
    AccountNotReadyError,
    AuthRealmError,
    MalformedAnswerError,
    NoCredentialsError,
    TokenRejectedError,
    WrongClientError,
    WrongPasswordError,
)
from support.faults import FaultyTransport, status, unauthorized
from support.harness import Admin

Connect = Callable[..., AdminApi]
Said = Callable[[pytest.ExceptionInfo[KcplanError]], str]
TOKEN = ("POST", "token")


@pytest.fixture(scope="module")
def account_realm(admin: Admin) -> Iterator[str]:
    """A realm with accounts and clients that can, and cannot, log in."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    password = [{"type": "password", "value": "pass-word"}]
    profile = {"firstName": "A", "lastName": "B", "emailVerified": True, "credentials": password}
    users = [
        {"username": "ready", "enabled": True, "email": "ready@example.com", **profile},
        {"username": "gone", "enabled": False, "email": "gone@example.com", **profile},
        {
            "username": "fresh",
            "enabled": True,
            "email": "fresh@example.com",
            "requiredActions": ["UPDATE_PASSWORD"],
            **profile,
        },
    ]
    clients = [
        {"clientId": "robot", "secret": "robot-secret", "serviceAccountsEnabled": True},
        {"clientId": "plain", "secret": "plain-secret", "directAccessGrantsEnabled": True},
        {"clientId": "no-grants", "secret": "no-grants-secret"},
        {
            "clientId": "jwt",
            "clientAuthenticatorType": "client-jwt",
            "serviceAccountsEnabled": True,
        },
    ]
    admin.post("", json={"realm": name, "enabled": True})
    for user in users:
        admin.post(f"{name}/users", json=user)
    for client in clients:
        admin.post(f"{name}/clients", json=client)
    yield name
    admin.delete(name)


def test_a_client_logs_in_with_its_secret(connect: Connect, account_realm: str) -> None:
    api = connect(auth_realm=account_realm, client_id="robot", client_secret=Secret("robot-secret"))
    # The service account has a token and no rights: the server knows it.
    assert api.server_info().version is None
    assert api.requests[TOKEN] == 1


def test_a_user_logs_in_through_a_client_with_a_secret(
    connect: Connect, account_realm: str
) -> None:
    api = connect(
        auth_realm=account_realm,
        client_id="plain",
        client_secret=Secret("plain-secret"),
        username="ready",
        password=Secret("pass-word"),
    )
    assert api.server_info().version is None
    assert api.requests[TOKEN] == 1


def test_one_log_in_serves_all_threads(connect: Connect) -> None:
    api = connect()
    api.map(lambda _: api.get("serverinfo"), range(6))
    assert api.requests == {TOKEN: 1, ("GET", "serverinfo"): 6}


def test_a_token_that_is_not_accepted_is_replaced_once(
    api: AdminApi, faults: FaultyTransport
) -> None:
    faults.fail(unauthorized)
    assert api.get("serverinfo")
    assert api.requests == {TOKEN: 1, ("GET", "serverinfo"): 2}


def test_a_write_with_a_rejected_token_happens_once(
    api: AdminApi, faults: FaultyTransport, admin: Admin, realm: str
) -> None:
    faults.fail(unauthorized)
    assert api.post(f"realms/{realm}/roles", {"name": "r"}) == "r"
    assert admin.get(f"{realm}/roles/r").is_success


def test_a_token_that_is_never_accepted_is_an_error(api: AdminApi, faults: FaultyTransport) -> None:
    faults.fail(unauthorized, times=99)
    with pytest.raises(TokenRejectedError):
        api.get("serverinfo")
    assert faults.count("GET") == 3  # one is the fixture's


def test_the_token_endpoint_may_be_busy(
    connect: Connect, faults: FaultyTransport, waits: list[float]
) -> None:
    faults.fail(status(503), path="/token")
    assert connect().get("serverinfo")
    assert len(waits) == 1


def _source(answer: Callable[[], object], now: Callable[[], float] = lambda: 0.0) -> TokenSource:
    connection = Connection(url="http://localhost", username="u", password=Secret("p"))
    return TokenSource(connection, lambda _: answer(), now)


def test_a_token_is_renewed_before_it_expires() -> None:
    times = iter([0.0, 44.0, 46.0, 46.0, 80.0])
    numbers = iter(range(10))
    source = _source(
        lambda: {"access_token": f"t{next(numbers)}", "expires_in": 60}, times.__next__
    )
    # The clock is asked when a token is there to judge, and when one is fetched.
    assert [source.current().value for _ in range(4)] == ["t0", "t0", "t1", "t1"]


def test_threads_share_a_renewal() -> None:
    numbers = iter(range(10))
    source = _source(lambda: {"access_token": f"t{next(numbers)}"})
    rejected = source.current()
    assert source.renew(rejected).value == "t1"
    assert source.renew(rejected).value == "t1"


def test_threads_share_a_failed_log_in_so_that_it_locks_no_account() -> None:
    attempts: list[int] = []
    waiting, go_on = threading.Event(), threading.Event()

    def fail() -> object:
        attempts.append(1)
        waiting.set()
        go_on.wait(5)
        raise WrongPasswordError("wrong")

    source = _source(fail)
    failures: list[ServerError] = []

    def log_in() -> None:
        try:
            source.current()
        except ServerError as error:
            failures.append(error)

    threads = [threading.Thread(target=log_in) for _ in range(5)]
    for thread in threads:
        thread.start()
    waiting.wait(5)
    while not all(thread.is_alive() for thread in threads):
        pass
    # All have started; give those that wait for the lock the time to get there.
    threading.Event().wait(0.1)
    go_on.set()
    for thread in threads:
        thread.join()
    assert (len(failures), len(attempts)) == (5, 1)


@pytest.mark.parametrize("answer", [{}, [], None, {"access_token": "a\nb"}, {"access_token": 1}])
def test_an_answer_without_a_token_is_an_error(answer: object) -> None:
    with pytest.raises(MalformedAnswerError):
        _source(lambda: answer).current()


def test_wrong_password(connect: Connect, account_realm: str, said: Said) -> None:
    api = connect(auth_realm=account_realm, username="ready", password=Secret("wrong-word"))
    with pytest.raises(WrongPasswordError) as error:
        api.get("serverinfo")
    assert said(error) == snapshot("""\
Keycloak does not accept the user name 'ready' or its password
It looked in the realm 'R' (--auth-realm). An account that asks for a second factor, or
that is locked after too many attempts, is answered the same way. For automation use a
client with a service account. Keycloak says: Invalid user credentials.\
""")


def test_disabled_account(connect: Connect, account_realm: str, said: Said) -> None:
    api = connect(auth_realm=account_realm, username="gone", password=Secret("pass-word"))
    with pytest.raises(AccountNotReadyError) as error:
        api.get("serverinfo")
    assert said(error) == snapshot("""\
the account 'gone' of the realm 'R' is disabled
Enable it in Keycloak, or log in with another one.\
""")


def test_account_with_something_left_to_do(
    connect: Connect, account_realm: str, said: Said
) -> None:
    api = connect(auth_realm=account_realm, username="fresh", password=Secret("pass-word"))
    with pytest.raises(AccountNotReadyError) as error:
        api.get("serverinfo")
    assert said(error) == snapshot("""\
the account 'fresh' of the realm 'R' is not fully set up
It has a required action left, such as setting a password or a profile. Log in with it in
a browser once, or remove the action in Keycloak.\
""")


def test_wrong_client_secret(connect: Connect, account_realm: str, said: Said) -> None:
    api = connect(auth_realm=account_realm, client_id="robot", client_secret=Secret("wrong"))
    with pytest.raises(WrongClientError) as error:
        api.get("serverinfo")
    assert said(error) == snapshot("""\
Keycloak does not accept the client 'robot' or its secret
It looked in the realm 'R' (--auth-realm). The client does not exist there, is disabled,
or has another secret (--client-id, KCPLAN_CLIENT_SECRET). Keycloak says: Invalid client
or Invalid client credentials.\
""")


def test_unknown_client(connect: Connect, account_realm: str) -> None:
    api = connect(auth_realm=account_realm, client_id="nobody", client_secret=Secret("x"))
    with pytest.raises(WrongClientError, match="does not accept the client 'nobody'"):
        api.get("serverinfo")


def test_client_without_service_account(connect: Connect, account_realm: str, said: Said) -> None:
    secret = Secret("no-grants-secret")
    api = connect(auth_realm=account_realm, client_id="no-grants", client_secret=secret)
    with pytest.raises(WrongClientError) as error:
        api.get("serverinfo")
    assert said(error) == snapshot("""\
the client 'no-grants' of the realm 'R' cannot log in this way
Without a user name kcplan uses the client's service account. Turn on its client
authentication and service accounts, or give a user name and password. Keycloak says:
Client not enabled to retrieve service account.\
""")


def test_client_without_direct_access_grants(
    connect: Connect, account_realm: str, said: Said
) -> None:
    api = connect(
        auth_realm=account_realm,
        client_id="no-grants",
        client_secret=Secret("no-grants-secret"),
        username="ready",
        password=Secret("pass-word"),
    )
    with pytest.raises(WrongClientError) as error:
        api.get("serverinfo")
    assert said(error) == snapshot("""\
the client 'no-grants' of the realm 'R' cannot log in this way
Turn on its direct access grants, or log in with its secret and no user name. Keycloak
says: Client not allowed for direct access grants.\
""")


def test_client_that_wants_a_signed_jwt(connect: Connect, account_realm: str) -> None:
    api = connect(auth_realm=account_realm, client_id="jwt", client_secret=Secret("x"))
    with pytest.raises(WrongClientError, match="'jwt' of the realm") as error:
        api.get("serverinfo")
    assert "signed JWT" in error.value.detail


def test_auth_realm_that_does_not_exist(connect: Connect, said: Said) -> None:
    with pytest.raises(AuthRealmError) as error:
        connect(auth_realm="no-such-realm").get("serverinfo")
    assert said(error) == snapshot("""\
the realm to log in at, 'no-such-realm', does not exist
It is the realm of kcplan's own account, which need not be one that kcplan manages. Set it
with --auth-realm.\
""")


def test_auth_realm_that_lets_nobody_in(connect: Connect, admin: Admin, realm: str) -> None:
    for change, said in (
        ({"sslRequired": "all"}, "HTTPS required"),
        ({"enabled": False, "sslRequired": "none"}, "Realm not enabled"),
    ):
        admin.put(realm, json={"realm": realm, **change})
        with pytest.raises(AuthRealmError, match="lets nobody in this way") as error:
            connect(auth_realm=realm).get("serverinfo")
        assert f"Keycloak says: {said}." in error.value.detail


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"username": "u"}, "there is no password for the user 'u'"),
        ({"client_secret": None}, "there is nothing to log in to Keycloak with"),
    ],
)
def test_nothing_to_log_in_with(
    connect: Connect, settings: dict[str, object], missing: str
) -> None:
    api = connect(**settings)
    with pytest.raises(NoCredentialsError, match=missing):
        api.get("serverinfo")
    assert not api.requests


def test_a_certificate_stands_for_the_secret_of_a_client() -> None:
    connection = Connection(url="https://host", client_id="robot", client_cert="robot.pem")
    assert grant(connection) == {"client_id": "robot", "grant_type": "client_credentials"}


@pytest.mark.parametrize(
    "url", ["localhost:8080", "sso.example.com", "ftp://host", "https://", "http://h:99999", ""]
)
def test_a_url_must_be_one(url: str) -> None:
    with pytest.raises(UsageError, match="not a URL of a server"):
        Connection(url=url)


def test_a_url_must_not_hold_credentials(said: Said) -> None:
    with pytest.raises(UsageError) as error:
        Connection(url="https://admin:hidden-word@host")
    assert "hidden-word" not in said(error)


@pytest.mark.parametrize("setting", ["timeout", "parallelism"])
def test_timeout_and_parallelism_must_be_positive(setting: str) -> None:
    with pytest.raises(UsageError, match=f"{setting} must be more than 0"):
        Connection(url="https://host", **{setting: 0})


def test_a_connection_shows_no_secret() -> None:
    connection = Connection(
        url="https://host/", username="u", password=Secret("pw-1"), client_secret=Secret("cs-1")
    )
    assert connection.url == "https://host"
    assert "pw-1" not in repr(connection)
    assert "cs-1" not in repr(connection)
