"""What the user reads when Keycloak, or something in its place, refuses."""

from collections.abc import Callable

import pytest
from inline_snapshot import snapshot

from kcplan.errors import KcplanError
from kcplan.provider import UnknownOutcomeError
from kcplan.secret import Secret
from kcplan_keycloak.api import AdminApi, path, scrub
from kcplan_keycloak.errors import (
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    MalformedAnswerError,
    NameResolutionError,
    NotFoundError,
    NotKeycloakError,
    OverloadedError,
    RedirectError,
    RefusedConnectionError,
    ServerFailureError,
    TlsError,
)
from support.faults import FaultyTransport, answer_lost, status
from support.harness import Admin, Server

Connect = Callable[..., AdminApi]
Said = Callable[[pytest.ExceptionInfo[KcplanError]], str]


@pytest.fixture
def clients(shared_realm: str) -> str:
    """The path of a realm's clients."""
    return path("realms", shared_realm, "clients")


def test_conflict(api: AdminApi, shared_realm: str, said: Said) -> None:
    with pytest.raises(ConflictError) as error:
        api.post(path("realms", shared_realm, "roles"), {"name": "offline_access"})
    assert said(error) == snapshot("""\
POST /admin/realms/R/roles conflicts with something that exists
An object with the same name or id is there already, or somebody changed it at the same
time. Plan again to see it as it is now. Keycloak says: Role with name offline_access
already exists.\
""")


def test_not_found(api: AdminApi, clients: str, said: Said) -> None:
    with pytest.raises(NotFoundError) as error:
        api.put(f"{clients}/nope", {"clientId": "a"})
    assert said(error) == snapshot("""\
Keycloak does not find what PUT /admin/realms/R/clients/nope is about
The object, or something that the request names, is not there (any more). Keycloak says:
Could not find client.\
""")


def test_unknown_field(api: AdminApi, clients: str, said: Said) -> None:
    with pytest.raises(InvalidRequestError) as error:
        api.post(clients, {"clientId": "a", "bogus": 1})
    assert said(error) == snapshot("""\
Keycloak refuses POST /admin/realms/R/clients (status 400)
It does not accept a value or a field of the request. Keycloak says: Invalid json
representation for ClientRepresentation. Unrecognized field "bogus" at line 1 column 26.
This version of Keycloak does not know the field: remove it, or check its name.\
""")


def test_wrong_type(api: AdminApi, clients: str, said: Said) -> None:
    with pytest.raises(InvalidRequestError) as error:
        api.post(clients, {"clientId": "a", "enabled": {}})
    assert said(error) == snapshot("""\
Keycloak refuses POST /admin/realms/R/clients (status 400)
It does not accept a value or a field of the request. Keycloak says: Cannot parse the
JSON. So a value has the wrong type, such as a text where a number must be.\
""")


def test_bad_value(api: AdminApi, clients: str, said: Said) -> None:
    with pytest.raises(InvalidRequestError) as error:
        api.post(clients, {"clientId": "a", "redirectUris": ["javascript:x"]})
    assert said(error) == snapshot("""\
Keycloak refuses POST /admin/realms/R/clients (status 400)
It does not accept a value or a field of the request. Keycloak says: A redirect URI uses
an illegal scheme.\
""")


def test_field_errors(api: AdminApi, shared_realm: str, said: Said) -> None:
    with pytest.raises(InvalidRequestError) as error:
        api.post(path("realms", shared_realm, "users"), {"username": "u", "email": "no-mail"})
    assert said(error) == snapshot("""\
Keycloak refuses POST /admin/realms/R/users (status 400)
It does not accept a value or a field of the request. Keycloak says: username: error-
invalid-length (3, 255); email: error-invalid-email (no-mail).\
""")


def test_server_failure(api: AdminApi, clients: str, said: Said) -> None:
    with pytest.raises(ServerFailureError) as error:
        api.post(clients, {"clientId": "a" * 300})
    assert said(error) == snapshot("""\
Keycloak failed at POST /admin/realms/R/clients (status 500)
Keycloak also answers so to some wrong values, such as a reference to something that does
not exist or a text that is too long; its log tells the cause.\
""")


def test_no_right_to_read_or_write(
    connect: Connect, admin: Admin, shared_realm: str, clients: str, said: Said
) -> None:
    body = {"clientId": "poor", "secret": "poor-secret", "serviceAccountsEnabled": True}
    client = admin.create(f"{shared_realm}/clients", body)
    secret = Secret("poor-secret")
    api = connect(auth_realm=shared_realm, client_id="poor", client_secret=secret)
    with pytest.raises(ForbiddenError) as reading:
        api.get(clients)
    with pytest.raises(ForbiddenError) as writing:
        api.post(clients, {"clientId": "x"})
    with pytest.raises(ForbiddenError) as creating:
        api.post("realms", {"realm": "x"})
    admin.delete(f"{shared_realm}/clients/{client}")
    assert said(reading) == snapshot("""\
the account has no right to GET /admin/realms/R/clients
Keycloak let it log in and refuses this request. To read the realm it needs the roles
view-realm, view-clients, view-users and view-identity-providers of the client realm-
management in 'R'; an account of the realm master, those of the client 'R-realm' there.
New roles count from the next log-in.\
""")
    assert said(writing) == snapshot("""\
the account has no right to POST /admin/realms/R/clients
Keycloak let it log in and refuses this request. To change the realm it needs the roles
manage-realm, manage-clients, manage-users and manage-identity-providers of the client
realm-management in 'R'; an account of the realm master, those of the client 'R-realm'
there. New roles count from the next log-in.\
""")
    assert said(creating) == snapshot("""\
the account has no right to POST /admin/realms
Keycloak let it log in and refuses this request. Realms are created by an account of the
realm master that has the realm role create-realm or admin.\
""")


def test_busy(api: AdminApi, faults: FaultyTransport, said: Said) -> None:
    faults.fail(status(503, "<h1>Busy</h1>", Content_Type="text/html"), times=99)
    with pytest.raises(OverloadedError) as error:
        api.get("serverinfo")
    assert said(error) == snapshot("""\
the server has no capacity: GET /admin/serverinfo (status 503)
kcplan tried several times, with growing waits. Try again later, or with a smaller
--parallelism.\
""")


def test_gateway(api: AdminApi, faults: FaultyTransport, said: Said) -> None:
    faults.fail(status(502, "no upstream"), times=99)
    with pytest.raises(OverloadedError) as error:
        api.get("serverinfo")
    assert said(error) == snapshot("""\
a gateway before Keycloak has no answer from it: GET /admin/serverinfo (status 502)
kcplan tried several times, with growing waits. Try again later, or with a smaller
--parallelism. The answer says: no upstream.\
""")


def test_unknown_outcome(
    api: AdminApi, faults: FaultyTransport, admin: Admin, shared_realm: str, said: Said
) -> None:
    faults.fail(answer_lost, method="POST")
    with pytest.raises(UnknownOutcomeError) as error:
        api.post(path("realms", shared_realm, "roles"), {"name": "lost"})
    admin.delete(f"{shared_realm}/roles/lost")
    assert said(error) == snapshot("""\
it is not known whether Keycloak carried out POST /admin/realms/R/roles
The request was sent, and then: the connection to http://sso broke: POST
/admin/realms/R/roles. So it may have happened or not. It ended before the answer was
complete; Keycloak or a proxy may be restarting.\
""")


def test_malformed(api: AdminApi, faults: FaultyTransport, said: Said) -> None:
    faults.fail(status(200, '{"cut": ', Content_Type="application/json"))
    with pytest.raises(MalformedAnswerError) as error:
        api.get("serverinfo")
    assert said(error) == snapshot("""\
the answer to GET /admin/serverinfo is not valid JSON
The server answered with status 200 and 8 bytes that cannot be read. Something between
kcplan and Keycloak may have cut or changed them.\
""")


def test_web_page(api: AdminApi, faults: FaultyTransport, said: Said) -> None:
    faults.fail(status(200, "<html>Log in first</html>", Content_Type="text/html"))
    with pytest.raises(NotKeycloakError) as error:
        api.get("serverinfo")
    assert said(error) == snapshot("""\
the answer to GET /admin/serverinfo is not from Keycloak
The answer to GET /admin/serverinfo is a web page (status 200). A proxy or gateway before
Keycloak may have answered in its place.\
""")


def test_redirect(connect: Connect, faults: FaultyTransport, said: Said) -> None:
    faults.fail(status(301, Location="https://elsewhere.example.com/"), path="/token")
    with pytest.raises(RedirectError) as error:
        connect().get("serverinfo")
    assert said(error) == snapshot("""\
the server redirects POST /realms/master/protocol/openid-connect/token to
https://elsewhere.example.com/
kcplan does not follow that by itself, as it would send credentials along. If that is
where Keycloak is, give it as the URL.\
""")
    assert len(faults.sent) == 1


def test_nobody_there(connect: Connect, said: Said) -> None:
    with pytest.raises(RefusedConnectionError) as error:
        connect(url="http://127.0.0.1:1").get("serverinfo")
    assert said(error) == snapshot("""\
nothing accepts connections at http://127.0.0.1:1
Check host and port, and whether Keycloak is running and has finished starting.\
""")


def test_unknown_host(connect: Connect, said: Said) -> None:
    with pytest.raises(NameResolutionError) as error:
        connect(url="http://sso.invalid").get("serverinfo")
    assert said(error) == snapshot("""\
the host name 'sso.invalid' has no address
Check the spelling of http://sso.invalid, and that this machine can resolve the name.\
""")


def test_tls_where_there_is_none(connect: Connect, keycloak: Server, said: Said) -> None:
    with pytest.raises(TlsError) as error:
        connect(url=keycloak.url.replace("http:", "https:")).get("serverinfo")
    assert said(error) == snapshot("""\
the server at https://sso does not speak TLS at this port
Check the port. Use http:// only where nobody else can listen to the network.\
""")


def test_web_page_that_answers_a_write(
    api: AdminApi, faults: FaultyTransport, clients: str
) -> None:
    page = status(200, "<html>Log in first</html>", Content_Type="text/html; charset=utf-8")
    faults.fail(page, times=3)
    for write in (api.post, api.put, api.delete):
        with pytest.raises(NotKeycloakError):
            write(clients, {})


def test_post_that_succeeds_with_an_unreadable_answer_is_unknown(
    api: AdminApi, faults: FaultyTransport, clients: str
) -> None:
    faults.fail(status(201, '{"id": "', Content_Type="application/json"))
    with pytest.raises(UnknownOutcomeError, match="carried out POST"):
        api.post(clients, {"clientId": "a"})


def test_url_that_may_lack_a_path(connect: Connect, faults: FaultyTransport) -> None:
    faults.fail(status(404, "no page"), path="/token")
    with pytest.raises(NotKeycloakError) as error:
        connect(url="http://sso").get("serverinfo")
    assert error.value.detail.endswith("/auth for old versions), add that: http://sso/auth.")


@pytest.mark.parametrize(
    ("tail", "hint"),
    [
        (
            "/auth",
            snapshot("Keycloak 17 and later have no /auth unless set up so: use https://sso."),
        ),
        (
            "/admin",
            snapshot("The URL must be the server's base URL, without /admin: use https://sso."),
        ),
        (
            "/admin/master/console/",
            snapshot("The URL must be the server's base URL, without /admin: use https://sso."),
        ),
        (
            "/realms/master",
            snapshot("The URL must be the server's base URL, without /realms: use https://sso."),
        ),
        ("/sso", snapshot("Check the host, and whether Keycloak is set up below the path /sso.")),
    ],
)
def test_url_with_too_much(connect: Connect, keycloak: Server, tail: str, hint: str) -> None:
    with pytest.raises(NotKeycloakError) as error:
        connect(url=keycloak.url + tail).get("serverinfo")
    assert error.value.summary == f"no Keycloak answers at {(keycloak.url + tail).rstrip('/')}"
    assert error.value.detail.replace(keycloak.url, "https://sso").split("). ", 1)[1] == hint


def test_a_secret_that_the_server_repeats_is_not_shown(
    api: AdminApi, faults: FaultyTransport, keycloak: Server, clients: str
) -> None:
    assert keycloak.password
    content = '{"errorMessage": "bad secret top/\\"secret\\" for \\u001b[31ma"}'
    faults.fail(status(400, content), method="POST")
    with pytest.raises(InvalidRequestError) as error:
        api.post(clients, {"clientId": "a", "secret": Secret('top/"secret"')})
    shown = "It does not accept a value or a field of the request."
    assert error.value.detail == (
        f"{shown} Keycloak says: bad secret (sensitive value) for  [31ma."
    )


def test_scrub_finds_a_secret_in_the_ways_that_it_may_be_written() -> None:
    secret = 'a b/"ä'
    for form in (secret, 'a b/\\"\\u00e4', "a%20b%2F%22%C3%A4"):
        assert scrub(f"x{form}y", [secret]) == "x(sensitive value)y"


def test_scrub_takes_the_longest_secret_first_and_short_ones_as_words() -> None:
    assert scrub("longer-secret", ["secret", "longer-secret"]) == "(sensitive value)"
    assert scrub("pw, pwd", ["pw", ""]) == "(sensitive value), pwd"


def test_scrub_cuts_and_cleans() -> None:
    assert scrub("a\x1b[2J\u202eb\r\n", []) == "a [2J b"
    assert scrub("x" * 600, [], length=10) == "xxxxxxxxx…"
