"""From an answer, or the lack of one, to the error that tells the user what is wrong.

Every function is pure. `hide` takes what must not be shown out of a text; whatever the server said
goes through it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote, urlsplit

from kcplan.errors import ServerError
from kcplan.provider import UnknownOutcomeError
from kcplan_keycloak import errors as e
from kcplan_keycloak.auth import Connection
from kcplan_keycloak.exchange import GATEWAY, REFUSED, Answer, Call, Scrubber

if TYPE_CHECKING:
    import ssl

_SAYS_NOTHING = re.compile(r"HTTP \d{3} [\w ]+|For more on this error consult the server log\.")

# OpenSSL's numbers of what is wrong with a certificate.
_EXPIRED, _NOT_YET_VALID = 10, 9
_UNKNOWN_CA: Final = frozenset({2, 18, 19, 20, 21})
_OTHER_HOST: Final = frozenset({62, 64})


def said(answer: Answer, hide: Scrubber, who: str = "Keycloak") -> str:
    """What the answer gives as the reason, as a sentence to append; empty where it gives none."""
    reason = hide("; ".join(_reasons(answer)))
    return f" {who} says: {reason.rstrip('.')}." if reason else ""


def _reasons(answer: Answer) -> Iterator[str]:
    try:
        document = answer.json()
    except ValueError:
        if not answer.is_html and answer.text.strip():
            yield answer.text
        return
    if isinstance(document, dict):
        errors = document.get("errors")
        for item in errors if isinstance(errors, list) else [document]:
            if isinstance(item, dict):
                yield from _reason(item)
    elif document:
        yield json.dumps(document)


def _reason(item: Mapping[str, Any]) -> Iterator[str]:
    message = item.get("errorMessage") or item.get("error_description") or item.get("error")
    if not message or _SAYS_NOTHING.fullmatch(str(message)):
        return
    params = item.get("params")
    field = item.get("field")
    # The first parameter of a field's error is the field once more.
    shown = [str(part) for part in params if part != field] if isinstance(params, list) else []
    yield (
        (f"{field}: " if field else "") + str(message) + (f" ({', '.join(shown)})" if shown else "")
    )


def refusal(call: Call, answer: Answer, hide: Scrubber) -> ServerError:
    """The error for an answer other than success."""
    status = answer.status
    if answer.redirects:
        return _redirect(call, answer, hide)
    if status in REFUSED | GATEWAY:
        return _overloaded(call, answer, hide)
    if answer.failed:
        return e.ServerFailureError(
            f"Keycloak failed at {call} (status {status})",
            "Keycloak also answers so to some wrong values, such as a reference to something that "
            "does not exist or a text that is too long; its log tells the cause."
            + said(answer, hide),
        )
    absent = answer.status == HTTPStatus.NOT_FOUND
    if answer.is_html or (absent and not answer.is_keycloaks_404):
        return not_keycloak(call, answer)
    return _refused(call, answer, hide)


def _refused(call: Call, answer: Answer, hide: Scrubber) -> ServerError:
    reason = said(answer, hide)
    match HTTPStatus.NOT_FOUND if answer.says_nothing_there else answer.status:
        case 401:
            return e.TokenRejectedError(
                f"Keycloak does not accept the access token that it has just issued ({call})",
                "Perhaps the account was logged out or disabled meanwhile, or Keycloak is reached "
                "under another host name than its tokens are issued for. Use its public URL."
                + reason,
            )
        case 403:
            return _forbidden(call, reason)
        case 404:
            return e.NotFoundError(
                f"Keycloak does not find what {call} is about",
                "The object, or something that the request names, is not there (any more)."
                + reason,
            )
        case 409:
            return e.ConflictError(
                f"{call} conflicts with something that exists",
                "An object with the same name or id is there already, or somebody changed it at "
                "the same time. Plan again to see it as it is now." + reason,
            )
    return e.InvalidRequestError(
        f"Keycloak refuses {call} (status {answer.status})",
        "It does not accept a value or a field of the request." + reason + _hint(reason),
    )


def _hint(reason: str) -> str:
    if "Cannot parse the JSON" in reason:
        return " So a value has the wrong type, such as a text where a number must be."
    if "Unrecognized field" in reason:
        return " This version of Keycloak does not know the field: remove it, or check its name."
    return ""


def _forbidden(call: Call, reason: str) -> ServerError:
    realm = unquote(call.path.removeprefix("admin/realms/").partition("/")[0])
    if not call.path.startswith("admin/realms/"):
        need = (
            "Realms are created by an account of the realm master that has the realm role "
            "create-realm or admin."
        )
    else:
        need = (
            f"To {_what_it_needs(call, realm)} of "
            f"the client realm-management in {realm!r}; an account of the realm master, those of "
            f"the client {realm + '-realm'!r} there. New roles count from the next log-in."
        )
    return e.ForbiddenError(
        f"the account has no right to {call}",
        f"Keycloak let it log in and refuses this request. {need}{reason}",
    )


def _what_it_needs(call: Call, realm: str) -> str:
    """What the account would do, and the roles that it takes."""
    at, verb = f"admin/realms/{quote(realm, safe='')}", "change" if call.writes else "read"
    if f"{call.path}/".startswith(f"{at}/workflows/"):
        return f"{verb} workflows it needs the role realm-admin"
    from kcplan_keycloak.rights import CLIENTS, PROVIDERS, REALM, USERS

    areas = (REALM, CLIENTS, USERS, PROVIDERS)
    *others, last = [area.manage if call.writes else area.view for area in areas]
    roles = f"{', '.join(others)} and {last}"
    if f"{call.path}/".startswith(f"{at}/organizations/"):
        roles += f", and {'manage' if call.writes else 'view'}-organizations for these,"
    return f"{verb} the realm it needs the roles {roles}"


def _redirect(call: Call, answer: Answer, hide: Scrubber) -> ServerError:
    target = hide(answer.headers.get("location", ""))
    return e.RedirectError(
        f"the server redirects {call} to {target or 'nowhere'}",
        "kcplan does not follow that by itself, as it would send credentials along. "
        "If that is where Keycloak is, give it as the URL.",
    )


def _overloaded(call: Call, answer: Answer, hide: Scrubber) -> ServerError:
    who = "a gateway before Keycloak has no answer from it" if answer.status in GATEWAY else None
    return e.OverloadedError(
        f"{who or 'the server has no capacity'}: {call} (status {answer.status})",
        "kcplan tried several times, with growing waits. Try again later, or with a smaller "
        "--parallelism." + said(answer, hide, "The answer"),
    )


def not_keycloak(call: Call, answer: Answer, url: str = "") -> ServerError:
    """The error for an answer that no Keycloak gives."""
    kind = "a web page" if answer.is_html else "not what Keycloak answers"
    got = f"The answer to {call} is {kind} (status {answer.status})."
    if not url:
        return e.NotKeycloakError(
            f"the answer to {call} is not from Keycloak",
            f"{got} A proxy or gateway before Keycloak may have answered in its place.",
        )
    return e.NotKeycloakError(f"no Keycloak answers at {url}", f"{got} {_url_hint(url)}")


def _url_hint(url: str) -> str:
    path = urlsplit(url).path
    for word in ("/admin", "/realms"):
        start = f"{path}/".find(f"{word}/")
        if start >= 0:
            base = url[: len(url) - len(path) + start]
            return f"The URL must be the server's base URL, without {word}: use {base}."
    if path == "/auth":
        return f"Keycloak 17 and later have no /auth unless set up so: use {url[: -len('/auth')]}."
    if path:
        return f"Check the host, and whether Keycloak is set up below the path {path}."
    return (
        "Check host and port. If Keycloak is set up below a path (its option http-relative-path; "
        f"/auth for old versions), add that: {url}/auth."
    )


def malformed(call: Call, answer: Answer) -> ServerError:
    """The error for a success whose content is no JSON."""
    if answer.is_html:
        return not_keycloak(call, answer)
    return e.MalformedAnswerError(
        f"the answer to {call} is not valid JSON",
        f"The server answered with status {answer.status} and {len(answer.content)} bytes that "
        "cannot be read. Something between kcplan and Keycloak may have cut or changed them.",
    )


def misshapen(call: Call, wrong: str) -> ServerError:
    """The error for JSON that Keycloak would not answer with."""
    return e.MalformedAnswerError(
        f"the answer to {call} is not what Keycloak answers",
        f"It is JSON, but {wrong}. Something between kcplan and Keycloak may have answered or "
        "changed it.",
    )


def login_refusal(
    call: Call, answer: Answer, connection: Connection, hide: Scrubber
) -> ServerError:
    """The error for a token endpoint that gives no token."""
    if answer.redirects or answer.failed or answer.status in REFUSED:
        return refusal(call, answer, hide)
    try:
        document = answer.json()
    except ValueError:
        document = None
    fields = document if isinstance(document, dict) else {}
    code, description = fields.get("error"), str(fields.get("error_description", ""))
    reason = said(answer, hide)
    if code == "Realm does not exist" or (code, description) in _CLOSED_REALM:
        return _auth_realm(connection, code, reason)
    match code:
        case "invalid_grant":
            return _invalid_grant(connection, description, reason)
        case "invalid_client" | "unauthorized_client":
            return _wrong_client(connection, description, reason)
    if not description:
        return not_keycloak(call, answer, connection.url)
    return e.AuthenticationError(
        f"Keycloak refuses the log-in at the realm {connection.auth_realm!r}", reason.strip()
    )


_CLOSED_REALM: Final = frozenset(
    {("access_denied", "Realm not enabled"), ("invalid_request", "HTTPS required")}
)


def _auth_realm(connection: Connection, code: object, reason: str) -> ServerError:
    realm = connection.auth_realm
    if code == "Realm does not exist":
        return e.AuthRealmError(
            f"the realm to log in at, {realm!r}, does not exist",
            "It is the realm of kcplan's own account, which need not be one that kcplan manages. "
            "Set it with --auth-realm.",
        )
    return e.AuthRealmError(
        f"the realm to log in at, {realm!r}, lets nobody in this way",
        "It is disabled, or it accepts no log-in over plain http: then use an https:// URL."
        + reason,
    )


def _invalid_grant(connection: Connection, description: str, reason: str) -> ServerError:
    user, realm = connection.username, connection.auth_realm
    if description == "Account disabled":
        return e.AccountNotReadyError(
            f"the account {user!r} of the realm {realm!r} is disabled",
            "Enable it in Keycloak, or log in with another one.",
        )
    if description == "Account is not fully set up":
        return e.AccountNotReadyError(
            f"the account {user!r} of the realm {realm!r} is not fully set up",
            "It has a required action left, such as setting a password or a profile. Log in with "
            "it in a browser once, or remove the action in Keycloak.",
        )
    return e.WrongPasswordError(
        f"Keycloak does not accept the user name {user!r} or its password",
        f"It looked in the realm {realm!r} (--auth-realm). An account that asks for a second "
        "factor, or that is locked after too many attempts, is answered the same way. For "
        "automation use a client with a service account." + reason,
    )


def _wrong_client(connection: Connection, description: str, reason: str) -> ServerError:
    client, realm = connection.client_id, connection.auth_realm
    summary = f"the client {client!r} of the realm {realm!r} cannot log in this way"
    if "direct access grants" in description:
        detail = "Turn on its direct access grants, or log in with its secret and no user name."
    elif "service account" in description:
        detail = (
            "Without a user name kcplan uses the client's service account. Turn on its client "
            "authentication and service accounts, or give a user name and password."
        )
    elif "client_assertion" in description:
        detail = "It authenticates with a signed JWT, which kcplan does not offer; use a secret."
    else:
        summary = f"Keycloak does not accept the client {client!r} or its secret"
        detail = (
            f"It looked in the realm {realm!r} (--auth-realm). The client does not exist there, is "
            "disabled, or has another secret (--client-id, KCPLAN_CLIENT_SECRET)."
        )
    return e.WrongClientError(summary, detail + reason)


def unknown_outcome(call: Call, cause: ServerError) -> UnknownOutcomeError:
    """The error for a write that may have happened or not."""
    return UnknownOutcomeError(
        f"it is not known whether Keycloak carried out {call}",
        f"The request was sent, and then: {cause.summary}. So it may have happened or not. "
        + cause.detail,
    )


def connection_failure(
    error: BaseException, call: Call, connection: Connection, *, timed_out: bool, first: bool
) -> ServerError:
    """The error for a connection that failed, told by the causes beneath the exception.

    `first` says that the server has never answered so far.
    """
    import socket
    import ssl

    url = connection.url
    for cause in causes(error):
        if isinstance(cause, ssl.SSLError):
            return tls_failure(cause, url)
        if isinstance(cause, socket.gaierror):
            return e.NameResolutionError(
                f"the host name {urlsplit(url).hostname!r} has no address",
                f"Check the spelling of {url}, and that this machine can resolve the name.",
            )
        if isinstance(cause, ConnectionRefusedError):
            return e.RefusedConnectionError(
                f"nothing accepts connections at {url}",
                "Check host and port, and whether Keycloak is running and has finished starting.",
            )
    if timed_out:
        return e.AnswerTimeoutError(
            f"no complete answer from {url} in time: {call}",
            f"kcplan waited up to {connection.timeout:g} seconds (--timeout). The server is "
            "overloaded, or a firewall drops what is sent to it.",
        )
    plain = first and url.startswith("http:")
    hint = " If it speaks TLS at this port, use https://." if plain else ""
    return e.BrokenConnectionError(
        f"the connection to {url} broke: {call}",
        f"It ended before the answer was complete; Keycloak or a proxy may be restarting.{hint}",
    )


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and what it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def tls_failure(error: "ssl.SSLError", url: str) -> ServerError:
    """The error for a TLS connection that could not be established."""
    import ssl

    host = urlsplit(url).hostname
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate_failure(error, url, host)
    reason = error.reason or "unknown reason"
    if reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}:
        return e.TlsError(
            f"the server at {url} does not speak TLS at this port",
            "Check the port. Use http:// only where nobody else can listen to the network.",
        )
    if "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason):
        return e.TlsError(
            f"the server at {url} wants a client certificate that it knows",
            f"Give one with --client-cert and --client-key ({reason.lower().replace('_', ' ')}).",
        )
    return e.TlsError(
        f"no TLS connection to {url}",
        f"The handshake failed: {reason.lower().replace('_', ' ')}.",
    )


def _certificate_failure(
    error: "ssl.SSLCertVerificationError", url: str, host: str | None
) -> ServerError:
    if error.verify_code in _UNKNOWN_CA:
        return e.TlsError(
            f"the certificate of {url} is from an authority that is not trusted here",
            "If it is your own authority, give its certificate (PEM) with --ca-file. "
            f"OpenSSL says: {error.verify_message}.",
        )
    if error.verify_code in _OTHER_HOST:
        return e.TlsError(
            f"the certificate of {url} is for another host than {host!r}",
            "Use the host name that stands in the certificate, or have it issued again. "
            f"OpenSSL says: {error.verify_message.rstrip('.')}.",
        )
    if error.verify_code in {_EXPIRED, _NOT_YET_VALID}:
        return e.TlsError(
            f"the certificate of {url} is expired or not valid yet",
            "Renew the server's certificate, or set this machine's clock. "
            f"OpenSSL says: {error.verify_message}.",
        )
    return e.TlsError(
        f"the certificate of {url} cannot be verified", f"OpenSSL says: {error.verify_message}."
    )
