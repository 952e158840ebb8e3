"""Where Keycloak is, who logs in, and the access token that all requests share."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import field

from kcplan.classes import frozen
from kcplan.errors import ServerError, UsageError
from kcplan.secret import Secret
from kcplan_keycloak.claims import claims_of
from kcplan_keycloak.errors import (
    AuthenticationError,
    MalformedAnswerError,
    NoCredentialsError,
)


def _server_url(value: str) -> str:
    url = value.strip()
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        named = False
    if not named or parts.scheme not in {"http", "https"}:
        raise UsageError(
            "the URL of Keycloak is not a URL of a server",
            "It must begin with https:// or http:// and name a host, for example "
            "https://sso.example.com.",
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError(
            "the URL of Keycloak has parts that do not belong there",
            "It must have no user name, password, query or fragment. "
            "Use --username and --password-file to log in.",
        )
    return url.rstrip("/")


_PARTS: Final = 3
"""A token has a head, a content and a signature."""
_LONGEST_TIMEOUT: Final = 86_400
"""A day. The system's own limit is not far beyond it."""


def _positive(_: object, attribute: Any, value: float) -> None:
    if not value > 0:
        raise UsageError(f"{attribute.name} must be more than 0, not {value}")


def _at_most_a_day(_: object, attribute: Any, value: float) -> None:
    if value > _LONGEST_TIMEOUT:
        raise UsageError(
            f"{attribute.name} must be at most {_LONGEST_TIMEOUT:,} seconds, not {value:g}"
        )


@frozen(kw_only=True)
class Connection:
    """Where Keycloak is and how to log in.

    With a user name it is the password grant, else the service account of the client.

    Attributes:
        url: The server's base URL, as in `https://sso.example.com`, without `/admin` or `/realms`.
        auth_realm: The realm to log in at.
        client_id: The client to log in with.
        client_secret: Its secret; None for a public client, or for one that shows a certificate.
        username: The user to log in as.
        password: The user's password.
        ca_file: PEM file with the certificate authorities to trust, instead of the usual ones.
        client_cert: PEM file with a certificate to show (mutual TLS).
        client_key: PEM file with its key, where that is not in `client_cert`.
        insecure: Skip the verification of the server's certificate.
        timeout: Seconds that a request may take, from the connection to the end of its answer.
        parallelism: How many requests run at once.
        max_answer_mib: The largest answer that is read, in MiB, unpacked.

    Raises:
        UsageError: A value is not usable.
    """

    url: str = field(converter=_server_url)
    auth_realm: str = "master"
    client_id: str = "admin-cli"
    client_secret: Secret | None = None
    username: str | None = None
    password: Secret | None = None
    ca_file: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    insecure: bool = False
    timeout: float = field(default=60.0, validator=[_positive, _at_most_a_day])
    parallelism: int = field(default=10, validator=_positive)
    max_answer_mib: int = field(default=64, validator=_positive)

    def secrets(self) -> Iterator[str]:
        """The values that no message may show."""
        for secret in (self.client_secret, self.password):
            if secret is not None:
                yield secret.value


def grant(connection: Connection) -> dict[str, str]:
    """The form for the token endpoint. Raises NoCredentialsError."""
    form = {"client_id": connection.client_id}
    if connection.client_secret is not None:
        form["client_secret"] = connection.client_secret.value
    if connection.username is not None:
        if connection.password is None:
            raise NoCredentialsError(
                f"there is no password for the user {connection.username!r}",
                "Set KCPLAN_PASSWORD, or use --password-file.",
            )
        password = connection.password.value
        return form | {
            "grant_type": "password",
            "username": connection.username,
            "password": password,
        }
    if connection.client_secret is None and connection.client_cert is None:
        raise NoCredentialsError(
            "there is nothing to log in to Keycloak with",
            "Give either a client and its secret (KCPLAN_CLIENT_ID and KCPLAN_CLIENT_SECRET), "
            "which is best for automation, or a user (KCPLAN_USERNAME and KCPLAN_PASSWORD).",
        )
    return form | {"grant_type": "client_credentials"}


@frozen
class Token:
    """An access token. `renew_at` is a time of the monotonic clock, ahead of its expiry."""

    value: Secret
    renew_at: float


class TokenSource:
    """The access token for all threads: one of them renews it, the others wait for that.

    They also share a failure: ten threads with a wrong password make one attempt to log in, not
    ten, which could lock the account. A refused log-in is not tried again.

    Args:
        connection: How to log in.
        request: Sends a form to the token endpoint and gives the JSON answer. Raises ServerError.
        clock: Gives monotonic seconds.
    """

    def __init__(
        self,
        connection: Connection,
        request: Callable[[Mapping[str, str]], Any],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._request = request
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._failures = 0
        self._failure: ServerError | None = None

    def current(self) -> Secret:
        """A token that is valid for some time to come. Raises ServerError."""
        token = self._token
        if token is not None and self._clock() < token.renew_at:
            return token.value
        return self._renew(token)

    def renew(self, rejected: Secret) -> Secret:
        """Another token than the one that was rejected. Raises ServerError."""
        token = self._token
        if token is not None and token.value != rejected:
            return token.value
        return self._renew(token)

    def user(self) -> str | None:
        """The id of the user that the token is for; None where it does not say."""
        token = self._token
        return None if token is None else _subject(token.value.value)

    def claims(self) -> Mapping[str, Any]:
        """What a valid token says; nothing where it has another form. Raises ServerError."""
        try:
            return claims_of(self.current().value)
        except ValueError:
            return {}

    def secrets(self) -> Iterator[str]:
        """What was sent to log in or to be recognised, and must not be shown."""
        yield from self._connection.secrets()
        if self._token is not None:
            yield self._token.value.value

    def _renew(self, old: Token | None) -> Secret:
        failures = self._failures
        with self._lock:
            if self._token is not None and self._token is not old:
                return self._token.value
            refused = isinstance(self._failure, AuthenticationError)
            if self._failure is not None and (refused or self._failures != failures):
                raise self._failure
            try:
                self._token = self._log_in()
            except ServerError as error:
                self._failures += 1
                self._failure = error
                raise
            return self._token.value

    def _log_in(self) -> Token:
        start = self._clock()
        answer = self._request(grant(self._connection))
        value = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            raise MalformedAnswerError(
                "the token endpoint gave no access token",
                "It answered with success, but not as Keycloak does. Check what stands between "
                "kcplan and Keycloak.",
            )
        lifespan = answer.get("expires_in")
        seconds = lifespan if isinstance(lifespan, int | float) else 60
        return Token(Secret(value), start + seconds - min(15, seconds / 4))


def _subject(token: str) -> str | None:
    """Whom a token is for, as it says itself; None for one of another form."""
    try:
        subject = claims_of(token).get("sub")
    except ValueError:
        return None
    return subject if isinstance(subject, str) else None
