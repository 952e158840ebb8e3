"""A TLS entrance to a real server, with certificates made for the test.

authority = Authority.new()
with tls_front(keycloak_url, authority.issue("localhost"), folder) as port: ...
"""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from attrs import frozen
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_DAY = dt.timedelta(days=1)


@frozen
class Identity:
    """A certificate with its key, each as PEM."""

    certificate: bytes
    key: bytes

    def write(self, folder: Path, name: str) -> Path:
        """Write both into one file."""
        file = folder / f"{name}.pem"
        file.write_bytes(self.certificate + self.key)
        return file


@frozen
class Authority:
    """Issues certificates."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def new(cls) -> "Authority":
        """One that nobody trusts yet."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name("Test Authority")
        builder = _builder(name, name, key, _now() + _DAY).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        return cls(builder.sign(key, hashes.SHA256()), key)

    def write(self, folder: Path) -> Path:
        """Write the certificate as PEM."""
        file = folder / "ca.pem"
        file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        return file

    def issue(self, host: str, *, expired: bool = False) -> Identity:
        """A certificate for a host, which is a name or an address."""
        key = ec.generate_private_key(ec.SECP256R1())
        until = _now() - _DAY if expired else _now() + _DAY
        builder = _builder(_name(host), self.certificate.subject, key, until).add_extension(
            x509.SubjectAlternativeName([_alternative(host)]), critical=False
        )
        return Identity(
            builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM),
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ),
        )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, until: dt.datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_now() - 2 * _DAY)
        .not_valid_after(until)
    )


@contextmanager
def tls_front(
    url: str, identity: Identity, folder: Path, *, clients_of: Path | None = None
) -> Iterator[int]:
    """Listens on loopback and passes what it decrypts on to `url`. Gives the port.

    With `clients_of`, only clients that show a certificate of that authority get in.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.write(folder, "server"))
    if clients_of:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(clients_of)
    server = urlsplit(url)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_accept, args=(listener, context, server), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _accept(listener: socket.socket, context: ssl.SSLContext, server: SplitResult) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_serve, args=(connection, context, server), daemon=True).start()


def _serve(connection: socket.socket, context: ssl.SSLContext, server: SplitResult) -> None:
    """One connection; HTTP/1.1 speaks one side at a time, so taking turns is enough."""
    with suppress(OSError), connection.dup() as plain:
        try:
            client = context.wrap_socket(connection, server_side=True)
        except ssl.SSLError:
            # Closing with something unread would reset the connection, and the alert be lost.
            while plain.recv(65536):
                pass
            return
        with client, socket.create_connection((server.hostname, server.port)) as upstream:
            upstream.settimeout(0.02)
            client.settimeout(0.02)
            while _pass_on(client, upstream) and _pass_on(upstream, client):
                pass


def _pass_on(source: socket.socket, target: socket.socket) -> bool:
    """Copy what is there now. False when the source has ended."""
    with suppress(TimeoutError):
        while True:
            data = source.recv(65536)
            if not data:
                return False
            target.sendall(data)
    return True
