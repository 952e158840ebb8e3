"""TLS: what is trusted, what is not, and what is said then."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.errors import KcplanError, UsageError
from kcplan.secret import Secret
from kcplan_keycloak.api import AdminApi, Connection
from kcplan_keycloak.errors import TlsError
from support.harness import Server
from support.tls_front import Authority, tls_front

Said = Callable[[pytest.ExceptionInfo[KcplanError]], str]
Through = Callable[..., AdminApi]


@pytest.fixture(scope="module")
def authority() -> Authority:
    """An authority that this machine does not trust."""
    return Authority.new()


@pytest.fixture
def through(authority: Authority, keycloak: Server, tmp_path: Path) -> Iterator[Through]:
    """Makes clients that reach the real server through a TLS entrance."""
    with ExitStack() as stack:

        def make(
            *, host: str = "localhost", expired: bool = False, mutual: bool = False, **more: Any
        ) -> AdminApi:
            ca_file = authority.write(tmp_path)
            port = stack.enter_context(
                tls_front(
                    keycloak.url,
                    authority.issue(host, expired=expired),
                    tmp_path,
                    clients_of=ca_file if mutual else None,
                )
            )
            settings = {
                "url": f"https://localhost:{port}",
                "username": keycloak.username,
                "password": Secret(keycloak.password),
                "ca_file": str(ca_file),
            }
            return stack.enter_context(AdminApi(Connection(**(settings | more))))

        yield make


@pytest.fixture
def told(said: Said) -> Said:
    """As `said`, without the port."""
    return lambda error: re.sub(r"localhost:\d+", "sso", said(error))


def test_an_authority_of_ones_own_is_trusted_by_its_file(through: Through) -> None:
    assert through().get("serverinfo")


def test_it_is_known_when_the_certificate_expires(through: Through) -> None:
    api = through()
    assert api.certificate_ends() is None
    api.get("serverinfo")
    ends = api.certificate_ends()
    assert ends is not None
    assert 0 < ends - time.time() < 10 * 366 * 86_400
    unverified = through(insecure=True, ca_file=None)
    unverified.get("serverinfo")
    assert unverified.certificate_ends() is None


def test_an_unknown_authority_is_refused(through: Through, told: Said) -> None:
    with pytest.raises(TlsError) as error:
        through(ca_file=None).get("serverinfo")
    assert told(error) == snapshot("""\
the certificate of https://sso is from an authority that is not trusted here
If it is your own authority, give its certificate (PEM) with --ca-file. OpenSSL says:
unable to get local issuer certificate.\
""")
    assert "insecure" not in told(error)


def test_a_certificate_for_another_host_is_refused(through: Through, told: Said) -> None:
    with pytest.raises(TlsError) as error:
        through(host="sso.example.com").get("serverinfo")
    assert told(error) == snapshot("""\
the certificate of https://sso is for another host than 'localhost'
Use the host name that stands in the certificate, or have it issued again. OpenSSL says:
Hostname mismatch, certificate is not valid for 'localhost'.\
""")


def test_an_expired_certificate_is_refused(through: Through, told: Said) -> None:
    with pytest.raises(TlsError) as error:
        through(expired=True).get("serverinfo")
    assert told(error) == snapshot("""\
the certificate of https://sso is expired or not valid yet
Renew the server's certificate, or set this machine's clock. OpenSSL says: certificate has
expired.\
""")


def test_insecure_takes_any_certificate(through: Through) -> None:
    assert through(ca_file=None, host="sso.example.com", expired=True, insecure=True).get(
        "serverinfo"
    )


def test_a_server_may_ask_for_a_certificate(
    through: Through, authority: Authority, tmp_path: Path
) -> None:
    mine = authority.issue("kcplan")
    (tmp_path / "mine.pem").write_bytes(mine.certificate)
    (tmp_path / "mine.key").write_bytes(mine.key)
    api = through(
        mutual=True,
        client_cert=str(tmp_path / "mine.pem"),
        client_key=str(tmp_path / "mine.key"),
    )
    assert api.get("serverinfo")


def test_a_missing_client_certificate_is_named(through: Through, told: Said) -> None:
    with pytest.raises(TlsError) as error:
        through(mutual=True).get("serverinfo")
    assert told(error) == snapshot("""\
the server at https://sso wants a client certificate that it knows
Give one with --client-cert and --client-key (tlsv13 alert certificate required).\
""")


@pytest.mark.parametrize(
    ("setting", "what"), [("ca_file", "the CA file"), ("client_cert", "the client certificate")]
)
def test_a_file_that_is_no_certificate_is_named(
    through: Through, tmp_path: Path, setting: str, what: str
) -> None:
    file = tmp_path / "no.pem"
    for content in (None, "no certificate"):
        if content is not None:
            file.write_text(content)
        with pytest.raises(UsageError, match=f"{what} .*no.pem cannot be used"):
            through(**{setting: str(file)}).get("serverinfo")
