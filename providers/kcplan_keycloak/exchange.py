"""One request and its answer, as values, and the rules for sending a request again.

Nothing here touches the network. Repeating is safe where the request changes nothing, where doing
it twice is the same as once, or where it is certain that the server did not act; see
`repeat_after`.
"""

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from attrs import field

from kcplan.classes import frozen
from kcplan.errors import ServerError
from kcplan.known_secrets import hidden_from_answer
from kcplan.secret import Secret
from kcplan_keycloak.errors import UnsafeNameError

ATTEMPTS: Final = 6
"""How often a request is sent at most; with the waits between, that is about a quarter minute."""

TIMED_OUT_ATTEMPTS: Final = 3
FAILED_ATTEMPTS: Final = 2
"""A second one, since Keycloak also fails in passing when its caches are being filled."""

LONGEST_WAIT: Final = 60.0
_FIRST_WAIT: Final = 0.5
_LONGEST_BACKOFF: Final = 8.0
_SECRET_NAME: Final = re.compile(r"secret$|password|private|credential", re.IGNORECASE)
_NO_WORKFLOW: Final = b"Not a valid workflow resource"
_LOOKED_AT: Final = 100_000
"""How many characters of what a server says are looked at, to show the first few."""

REFUSED: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
"""Answers of a server that has not looked at the request."""

GATEWAY: Final = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT})
"""Answers of a gateway that does not know what became of the request."""

# The words of the Admin API's paths; every other segment is somebody's name or id.
_WORDS: Final = frozenset(
    """
    admin-events attack-detection authentication authorization authz available certificates
    children client client-policies client-registration-policy client-scopes client-secret
    client-session-stats client-types clients clients-initial-access components composite
    composites config count credentials default-client-scopes default-default-client-scopes
    default-groups default-optional-client-scopes evaluate events executions export
    export-config federated-identity flows generate-example-access-token groups
    identity-provider import import-config instances keys localization management mappers members
    models offline-session-count optional-client-scopes organizations partial-export
    partialImport permission permissions policies policy profile profiles protocol-mappers
    providers push-revocation realm realms registration-access-token required-actions
    reset-password resource resource-server role role-mappings roles roles-by-id scope
    scope-mappings scopes search serverinfo service-account-user session-stats sessions settings
    user users users-management-permissions workflows
    """.split()
)

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


@frozen
class Call:
    """A request.

    Attributes:
        method: GET, POST, PUT or DELETE.
        path: From the server's root, percent-encoded, without a slash at the beginning.
        template: The path with names and ids left out, for counting.
        params: The query.
        body: What is sent as JSON; may hold `Secret` values.
        form: What is sent as a form instead; a list is a field that occurs several times.
        repeatable: Whether doing it twice is the same as doing it once.
        writes: Whether it changes Keycloak's configuration.
        slow: Whether Keycloak takes long for it where there is much: it gets more time.
    """

    method: str
    path: str
    template: str
    params: Mapping[str, Any] = field(factory=dict)
    body: Any = None
    form: Mapping[str, Any] | None = field(default=None, repr=False)
    repeatable: bool = False
    writes: bool = True
    slow: bool = False

    def __str__(self) -> str:
        return f"{self.method} /{self.path}"


@frozen
class Answer:
    """What the server answered. `headers` are those that kcplan reads, by lower-case name."""

    status: int
    headers: Mapping[str, str] = field(factory=dict)
    content: bytes = field(default=b"", repr=False)

    @property
    def ok(self) -> bool:
        """Whether the request was carried out."""
        return self.status // 100 == 2  # noqa: PLR2004  # 2xx

    @property
    def redirects(self) -> bool:
        """Whether it points elsewhere."""
        return self.status // 100 == 3  # noqa: PLR2004  # 3xx

    @property
    def failed(self) -> bool:
        """Whether the server failed, through no recognised fault of the request."""
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def is_html(self) -> bool:
        """Whether it is a web page, as no answer of the Admin API is."""
        return "html" in self.headers.get("content-type", "").lower()

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The content. Raises ValueError where it is no JSON."""
        return json.loads(self.content)

    @property
    def says_nothing_there(self) -> bool:
        """Whether Keycloak says that nothing is there; of a workflow it says so with status 400."""
        return self.is_keycloaks_404 or (
            self.status == HTTPStatus.BAD_REQUEST and _NO_WORKFLOW in self.content
        )

    @property
    def is_keycloaks_404(self) -> bool:
        """Whether it says that the object is not there, and not that the URL is wrong.

        A proxy's own 404 must not read as "does not exist": kcplan would create it all anew.
        Keycloak's has a JSON body, and in a few places none.
        """
        if self.status != HTTPStatus.NOT_FOUND:
            return False
        if not self.content.strip():
            return True
        try:
            return isinstance(self.json(), dict)
        except ValueError:
            return False


@frozen
class Lost:
    """There is no answer.

    Attributes:
        error: Why, for the user.
        sent: Whether the server may have received the request.
        timed_out: Whether the server took too long.
        passing: Whether it may go better next time.
    """

    error: ServerError
    sent: bool
    timed_out: bool = False
    passing: bool = True


Outcome = Answer | Lost


def path(*segments: str) -> str:
    """A path below `/admin`, from plain names: `path("realms", realm, "roles", "a/b")`."""
    return "/".join([s if _is_plain(s) else _quoted(s) for s in segments])


_is_plain: Final = re.compile("[A-Za-z0-9_.~-]*").fullmatch
"""Whether nothing of a segment needs to be quoted, as in ids and in most names."""


@lru_cache(maxsize=4096)
def _quoted(segment: str) -> str:
    _require_characters(segment)
    return quote(segment, safe="")


def _require_characters(text: str) -> None:
    """Raise UnsafeNameError for half of a surrogate pair, which Keycloak lets pass in JSON."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UnsafeNameError(
            f"the name {text!r} cannot be used in a request to Keycloak",
            "It has half of a character, which no URL can carry. Give the object another name.",
        ) from None


def check_query(params: Mapping[str, Any]) -> None:
    """Raise UnsafeNameError for a value that no URL can carry."""
    for value in params.values():
        if isinstance(value, str) and not value.isascii():
            _require_characters(value)


def json_content(body: Any) -> bytes | None:
    """A body as JSON; halves of characters, which Keycloak lets pass, are escapes in it."""
    if body is None:
        return None
    return json.dumps(body, separators=(",", ":"), allow_nan=False).encode("ascii")


def logged(call: Call, outcome: Outcome, seconds: float) -> str:
    """A line on a request for who wants to see them all: nothing of what was sent or answered."""
    if isinstance(outcome, Answer):
        status = str(outcome.status)
    else:
        status = "no answer" if outcome.sent else "not sent"
    return f"{call.method} /{call.path} {status} {seconds * 1000:.0f} ms"


def check_path(text: str) -> None:
    """Refuse a path that would reach something else than it says. Raises UnsafeNameError.

    `DELETE /admin/realms/r/roles/..` is, by the rules for URLs, `DELETE /admin/realms/r`: the
    realm would be gone. Written as `%2E%2E` Keycloak refuses it. An empty segment addresses the
    whole collection.
    """
    for segment in text.split("/"):
        if segment in {"", ".", ".."}:
            raise UnsafeNameError(
                f"the name {segment!r} cannot be used in a request to Keycloak",
                f"In the path {text!r} it would address another object. "
                "Give the object another name.",
            )


def template(text: str) -> str:
    """The path with each name or id replaced by `{}`."""
    return "/".join(part if part in _WORDS else "{}" for part in text.split("/"))


def repeat_after(call: Call, outcome: Outcome, attempt: int, *, reached: bool) -> float | None:
    """How many seconds to wait before sending the request again; None where it must not be.

    Args:
        call: The request.
        outcome: What the last attempt gave.
        attempt: How many attempts there were, this one included.
        reached: Whether this server has ever answered. Before that, a wrong URL is far likelier
            than a hiccup, and the user is told at once.
    """
    match outcome:
        case Lost():
            allowed = TIMED_OUT_ATTEMPTS if outcome.timed_out else ATTEMPTS
            again = outcome.passing and reached and _may_repeat_lost(call, outcome)
            wanted = 0.0
        case Answer(status=status):
            failed = status == HTTPStatus.INTERNAL_SERVER_ERROR
            allowed = FAILED_ATTEMPTS if failed else ATTEMPTS
            again = status in REFUSED or ((status in GATEWAY or failed) and call.repeatable)
            wanted = retry_after(outcome.headers.get("retry-after", ""))
    if not again or attempt >= allowed:
        return None
    return max(wanted, _backoff(attempt))


def _may_repeat_lost(call: Call, lost: Lost) -> bool:
    if not lost.sent:
        return True
    return call.repeatable and not (call.writes and lost.timed_out)


def is_doubtful(outcome: Outcome) -> bool:
    """Whether the server may have acted on the request without kcplan knowing."""
    if isinstance(outcome, Lost):
        return outcome.sent
    return outcome.status in GATEWAY


def is_strained(outcome: Outcome) -> bool:
    """Whether the outcome says that the server has more to do than it can."""
    if isinstance(outcome, Lost):
        return outcome.timed_out
    return outcome.status in REFUSED | GATEWAY


def _backoff(attempt: int) -> float:
    import random

    longest: float = min(_FIRST_WAIT * 2 ** (attempt - 1), _LONGEST_BACKOFF)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  # spreads the load, hides nothing


def retry_after(value: str) -> float:
    """The seconds that a Retry-After header asks for (a number or a date), 60 at most."""
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value)
    return 0.0 if math.isnan(seconds) else min(max(seconds, 0.0), LONGEST_WAIT)


def _seconds_until(date: str) -> float:
    from email.utils import parsedate_to_datetime

    try:
        then = parsedate_to_datetime(date)
    except ValueError:
        return 0.0
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return (then - datetime.now(UTC)).total_seconds()


def secrets_in(value: object) -> Iterator[str]:
    """The values of all secrets in a request's body, and of what is called like one in it."""
    match value:
        case Secret():
            yield value.value
        case Mapping():
            for key, item in value.items():
                if isinstance(item, str) and _SECRET_NAME.search(str(key)):
                    yield item
                yield from secrets_in(item)
        case list() | tuple():
            for item in value:
                yield from secrets_in(item)


Scrubber = Callable[[str], str]


def scrub(text: str, secrets: Iterable[str], length: int = 500) -> str:
    """A text from the server as it may be shown: no secret, no control character, not too long.

    Args:
        text: What the server says.
        secrets: Secrets beside those that the run knows.
        length: How many characters are shown at most.
    """
    text = hidden_from_answer(text[:_LOOKED_AT], secrets)
    text = _CONTROLS.sub(" ", text).strip()
    return text if len(text) <= length else text[: length - 1] + "…"
