"""The TLS settings of a connection."""

import ssl
from collections.abc import Callable

from kcplan.errors import UsageError
from kcplan_keycloak.auth import Connection


def context_for(connection: Connection, usual: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """The TLS context of a connection.

    Args:
        connection: Its settings.
        usual: Makes a context that trusts the usual authorities.

    Raises:
        UsageError: A certificate file cannot be used.
    """
    if not (connection.url.startswith("https:") or connection.ca_file or connection.client_cert):
        # Reading all authorities takes longer than some requests, and nobody would use them.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = usual()
    if connection.ca_file:
        context = _trusting_only(connection.ca_file)
    else:
        # What this machine trusts, beyond the list that comes with the HTTP library.
        context.load_default_certs()
    if connection.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if connection.client_cert:
        _show_certificate(context, connection.client_cert, connection.client_key)
    return context


def certificate_end(found: ssl.SSLObject | None) -> float | None:
    """When the certificate of the other side expires, in seconds since 1970.

    None where there is no TLS, or nobody verifies it.
    """
    certificate = found.getpeercert() if found is not None else None
    return ssl.cert_time_to_seconds(str(certificate["notAfter"])) if certificate else None


def _trusting_only(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise UsageError(
            f"the CA file {ca_file} cannot be used",
            f"It must be a readable PEM file with certificates. The cause: {error}.",
        ) from None


def _show_certificate(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    try:
        # Without an answer to the question for a password, OpenSSL would ask at the terminal.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except OSError as error:
        raise UsageError(
            f"the client certificate {certificate} cannot be used",
            "It and its key must be readable PEM files that belong together, the key without a "
            f"password. The cause: {error}.",
        ) from None
