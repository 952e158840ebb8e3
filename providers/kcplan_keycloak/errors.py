"""What can go wrong between kcplan and Keycloak, each with its own clear message.

    kcplan.errors.ServerError
    ├── UnreachableError            no answer: nothing is known to be wrong with the request
    │   ├── RefusedConnectionError  nothing listens at the host and port
    │   ├── NameResolutionError     the host name has no address
    │   ├── TlsError                certificates, or no TLS at that port
    │   ├── AnswerTimeoutError      no connection, or no answer, in time
    │   └── BrokenConnectionError   the connection ended early
    ├── WrongServerError            an answer, but none of Keycloak's
    │   ├── NotKeycloakError        a web page, or another URL than Keycloak's own
    │   ├── RedirectError           it points elsewhere, and kcplan does not follow silently
    │   ├── AnswerTooLargeError     more than kcplan reads of one answer
    │   └── MalformedAnswerError    no JSON where there must be some
    ├── AuthenticationError         the log-in failed
    │   ├── NoCredentialsError      there is nothing to log in with
    │   ├── WrongPasswordError      user name or password
    │   ├── AccountNotReadyError    disabled, or something is left for its owner to do
    │   ├── WrongClientError        client, its secret, or what it may do
    │   ├── AuthRealmError          the realm to log in at does not exist, or lets nobody in
    │   └── TokenRejectedError      a fresh token is not accepted
    ├── RefusedError                Keycloak understood the request and said no
    │   ├── ForbiddenError          403
    │   ├── NotFoundError           404 (for a read, that is an answer and no error)
    │   ├── ConflictError           409
    │   └── InvalidRequestError     400 and the other 4xx
    ├── ServerFailureError          500 and the like
    ├── TwinsError                  objects that cannot be told apart by their names
    ├── OverloadedError             429, 502, 503, 504, after all attempts
    ├── UnsafeNameError             a name that cannot be put into a URL; nothing was sent
    └── kcplan.provider.UnknownOutcomeError  a write was sent and its answer never came

Here are the classes; `kcplan_keycloak.failures` tells which one it is and words the message.
"""

from kcplan.errors import ServerError, UnavailableError


class UnreachableError(UnavailableError):
    """There is no way to the server, or none that gave an answer."""

    passing = True


class RefusedConnectionError(UnreachableError):
    """Nothing listens at the host and port of the URL."""


class NameResolutionError(UnreachableError):
    """The host name of the URL has no address."""


class TlsError(UnreachableError):
    """The TLS connection could not be established."""


class AnswerTimeoutError(UnreachableError):
    """The server could not be connected to, or had not answered to the end, in time."""


class BrokenConnectionError(UnreachableError):
    """The connection ended before the answer was complete."""


class WrongServerError(ServerError):
    """Something answered, and not as Keycloak does."""

    passing = True


class NotKeycloakError(WrongServerError):
    """The URL is not that of a Keycloak, or something in front of it answered instead."""


class RedirectError(WrongServerError):
    """The server sent the request elsewhere."""


class AnswerTooLargeError(WrongServerError):
    """An answer is larger than the limit, and was not read to its end."""


class MalformedAnswerError(WrongServerError):
    """An answer that must be JSON is not."""


class AuthenticationError(ServerError):
    """The log-in failed."""

    passing = True


class NoCredentialsError(AuthenticationError):
    """There is nothing to log in with."""


class WrongPasswordError(AuthenticationError):
    """The user name or the password is wrong."""


class AccountNotReadyError(AuthenticationError):
    """The account exists and may not log in (yet)."""


class WrongClientError(AuthenticationError):
    """The client, its secret, or the way to log in with it is wrong."""


class AuthRealmError(AuthenticationError):
    """The realm to log in at does not exist or lets nobody in."""


class TokenRejectedError(AuthenticationError):
    """The Admin API does not accept a token that was issued just before."""


class RefusedError(ServerError):
    """Keycloak understood the request and refused it. Nothing was changed by it."""


class ForbiddenError(RefusedError):
    """The account has not the roles for this request."""


class NotFoundError(RefusedError):
    """What was to be written, or something that the request names, is not there."""


class ConflictError(RefusedError):
    """Something of the same name or id is there already."""


class InvalidRequestError(RefusedError):
    """Keycloak does not accept the content of the request."""


class ServerFailureError(ServerError):
    """Keycloak failed at the request, which often means that it is wrong in some way."""


class OverloadedError(UnavailableError):
    """The server, or a gateway before it, had no capacity, for all attempts."""

    passing = True


class TwinsError(ServerError):
    """Several objects in Keycloak have one address, so nobody can say which is meant."""


class UnsafeNameError(ServerError):
    """A name that no URL can carry. Nothing was sent."""
