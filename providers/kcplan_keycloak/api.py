"""The Admin API client: requests, answers, retries; knows nothing of what the objects mean.

A call goes through these stages, each its own small piece:

    AdminApi.get/post/put/delete    say what is safe to repeat, and read the answer
    _deliver                        sends until there is an answer to live with, waiting in between
    _attempt                        adds the token; logs in again once, when it is not accepted
    _transmit                       takes a slot, counts, sends; exceptions become values
    httpx

httpx is imported when the first request is made, and only for this module. Threads and TLS are
imported late as well: every resource type imports this module, and `validate` connects to nothing.
"""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, cast
from urllib.parse import quote, unquote

from attrs import evolve

from kcplan import __version__
from kcplan.authors import OwnAccount
from kcplan.errors import ServerError, UsageError
from kcplan.secret import Secret, reveal
from kcplan_keycloak.answers import problem
from kcplan_keycloak.auth import Connection, TokenSource
from kcplan_keycloak.clock import Clock
from kcplan_keycloak.contents import ENCODINGS, MEBIBYTE, read_content
from kcplan_keycloak.errors import (
    AnswerTimeoutError,
    AnswerTooLargeError,
    ForbiddenError,
    MalformedAnswerError,
)
from kcplan_keycloak.exchange import (
    Answer,
    Call,
    Lost,
    Outcome,
    check_path,
    check_query,
    is_doubtful,
    is_strained,
    json_content,
    logged,
    path,
    repeat_after,
    scrub,
    secrets_in,
    template,
)
from kcplan_keycloak.failures import (
    causes,
    connection_failure,
    login_refusal,
    malformed,
    misshapen,
    refusal,
    unknown_outcome,
)
from kcplan_keycloak.gets import PAGE_SIZE, Exchange, Get, first_pages
from kcplan_keycloak.pacing import Pace
from kcplan_keycloak.server_info import ServerInfo, server_info

if TYPE_CHECKING:
    import httpx

    from kcplan_keycloak.network import TimedNetwork

__all__ = ["AdminApi", "Connection", "Get", "ServerInfo", "first_pages", "path", "scrub"]

SERVER_INFO: Final = Get("serverinfo")
_CONNECT_TIMEOUT: Final = 10.0
_MORE_TIME: Final = 20
"""A slow call may take so many times the timeout."""
_MORE_PAGES: Final = 2
_LARGER_PAGES: Final = 4
"""How a list goes on that is longer than expected: with so many pages, so many times as large."""
_HEADERS: Final = {
    "User-Agent": f"kcplan/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": ENCODINGS,
}
_HEADERS_READ: Final = ("content-type", "location", "retry-after")

_is_encoded: Final = re.compile("[A-Za-z0-9_.~/%-]*").fullmatch
"""Whether all of a path can stand in an address as it is."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class AdminApi:
    """Keycloak's Admin REST API. May be used from any number of threads; close it after use.

    Paths are below `/admin` and percent-encoded: make them with `path`. Bodies may hold `Secret`
    values. What goes wrong is a `ServerError`; `kcplan_keycloak.errors` has the tree.

    Args:
        connection: Where Keycloak is and how to log in. Nothing is sent before the first call.
        transport: Used instead of httpx's own, which would read the TLS and proxy settings.
        sleep: Waits, between attempts and where that is asked for.
        log: Is given a line for each request that was sent: its method, path, status and time.
    """

    def __init__(
        self,
        connection: Connection,
        transport: "httpx.BaseTransport | None" = None,
        *,
        sleep: Callable[[float], object] | None = None,
        log: Callable[[str], object] | None = None,
    ) -> None:
        from kcplan_keycloak.ahead import Ahead
        from kcplan_keycloak.workers import Workers

        self.connection = connection
        self.requests: Counter[tuple[str, str]] = Counter()
        """How many requests were sent, by method and path template (`realms/{}/clients`)."""
        self._transport = transport
        self._closed = threading.Event()
        self._sleep = sleep or self._closed.wait
        self._log = log
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self._network: TimedNetwork | None = None
        self._base: httpx.URL | None = None
        self._server_info: ServerInfo | None = None
        self._reached = False
        self._may_be_away = False
        self._clock = Clock()
        self._pace = Pace(connection.parallelism)
        self._tokens = TokenSource(connection, self._request_token)
        self._workers = Workers(connection.parallelism)
        self._ahead = Ahead(self._workers, connection.parallelism, self._read, _followed)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the threads and the connections. Nobody waits any more, for the server neither."""
        self._closed.set()
        self._ahead.stop()
        if self._network is not None:
            self._network.hang_up()
        self._workers.close()
        with self._lock:
            if self._client is not None:
                self._client.close()

    def get(self, path: str, /, **params: Any) -> Any | None:
        """The JSON at the path; None where there is nothing (404).

        Raises:
            ServerError: It could not be read.
        """
        call, answer = self._ahead.answer(Get(path, params))
        if answer.says_nothing_there:
            return None
        success = self._success(call, answer)
        content = _content(call, success)
        if not success.content:
            return None
        wrong = "it is `null`" if content is None else problem(path, content)
        if wrong:
            raise misshapen(call, wrong)
        return content

    def post(
        self, path: str, body: Any = None, /, *, repeatable: bool = False, **params: Any
    ) -> str | None:
        """Send a POST; gives the id of what it made, where the answer has one.

        That is the last segment of the Location header (for roles and realms Keycloak puts the
        name there), else the `id` or `_id` in the answer's body.

        Args:
            path: Where.
            body: What is sent as JSON.
            repeatable: Whether doing it twice is the same as once, as for adding role mappings.
            **params: The query.

        Raises:
            UnknownOutcomeError: It was sent and the answer is lost.
            ServerError: It was refused, or could not be sent.
        """
        call = self._call("POST", path, params, body, repeatable=repeatable)
        answer = self._success(call, self._deliver(call))
        if location := answer.headers.get("location"):
            return unquote(location.rstrip("/").rsplit("/", 1)[-1])
        try:
            made = _content(call, answer)
        except MalformedAnswerError as error:
            raise unknown_outcome(call, error) from None
        found = made.get("id") or made.get("_id") if isinstance(made, dict) else None
        return found if isinstance(found, str) else None

    def put(self, path: str, body: Any = None, /, **params: Any) -> None:
        """Send a PUT. It is repeated where needed, as doing it twice is the same as once.

        Raises:
            UnknownOutcomeError: It was sent and the answer is lost.
            ServerError: It was refused, or could not be sent.
        """
        call = self._call("PUT", path, params, body, repeatable=True)
        self._success(call, self._deliver(call))

    def delete(self, path: str, body: Any = None, /, *, slow: bool = False, **params: Any) -> None:
        """Send a DELETE. If an earlier attempt may have done it, "not found" counts as done.

        Args:
            path: Where.
            body: What is sent as JSON.
            slow: Whether Keycloak may take longer than the timeout of the connection.
            **params: The query.

        Raises:
            NotFoundError: It was not there in the first place.
            UnknownOutcomeError: It was sent and the answer is lost.
            ServerError: It was refused, or could not be sent.
        """
        call = self._call("DELETE", path, params, body, repeatable=True)
        call = evolve(call, slow=slow)
        self._success(call, self._deliver(call))

    def reading_once(
        self, worth: Callable[[str], bool] = lambda _: True
    ) -> AbstractContextManager[None]:
        """Meanwhile what was read is not read again; only for reading.

        Answers are kept in memory for that: those of paths that are `worth` it.
        """
        return self._ahead.keeping(worth)

    def keep_only(self, worth: Callable[[str], bool]) -> None:
        """Of what is kept meanwhile, keep only answers of paths that are `worth` it from now on."""
        self._ahead.keep_only(worth)

    def pages(
        self, path: str, /, expected: int = 0, page_size: int = PAGE_SIZE, **params: Any
    ) -> list[Any]:
        """All items of a paged list; none where there is no such list (404).

        The pages that are expected are read first, then ever more of them in parallel, and larger
        ones: a list of the expected length takes no request too many, a longer one few.

        Raises:
            ServerError: A page could not be read.
        """
        usual = page_size

        def page(first: int) -> list[Any]:
            try:
                return self.get(path, first=first, max=page_size, **params) or []
            except (AnswerTooLargeError, AnswerTimeoutError):
                if page_size == usual:
                    raise
            # Of items that are this large, fewer can be had at once.
            found: list[Any] = []
            for start in range(first, first + page_size, usual):
                found += self.get(path, first=start, max=usual, **params) or []
            return found

        items: list[Any] = []
        start, width = 0, expected // page_size + 1
        while True:
            end = start + width * page_size
            for found in self.map(page, range(start, end, page_size)):
                items += found
                if len(found) < page_size:
                    return items
            width = min(width * 2, self.connection.parallelism) if start else _MORE_PAGES
            page_size = page_size if start else page_size * _LARGER_PAGES
            start = end

    def map(self, function: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
        """Call the function for each item on the shared threads; see `Workers.map`.

        Raises:
            Exception: The first one that the function raised.
        """
        return self._workers.map(function, items)

    def together(
        self, function: Callable[[_Item], _Result], items: Iterable[_Item]
    ) -> list[_Result]:
        """Call the function for each item, side by side; see `Workers.together`.

        Raises:
            Exception: One that the function raised.
        """
        return self._workers.together(function, items)

    def wait(self, seconds: float) -> None:
        """Wait, unless the connection is closed meanwhile."""
        self._sleep(seconds)

    def log_in_ahead(self) -> None:
        """Log in and ask for the server's version while the caller does something else."""
        self._http()  # else the thread would import it, and share the processor for that
        self._ahead.send([SERVER_INFO])

    def read_ahead(self, gets: Iterable[Get], *, joining: bool = False) -> None:
        """Send requests now whose answers `get` or `pages` will be asked for. Waits for nothing.

        With `joining` requests that were sent before are followed by what these lead to, too.
        """
        self._ahead.send(gets, joining=joining)

    def own_account(self, user: str | None = None) -> OwnAccount | None:
        """The account that is logged in, as one that has written just now, if it is known.

        Its id is in the token, or is given as `user`.
        """
        user, login = user or self._tokens.user(), self.connection
        client = None if login.username is None else login.client_id
        return None if user is None else OwnAccount(user, client, int(time.time()))

    def claims(self) -> Mapping[str, Any]:
        """What the access token says, after a log-in where none is at hand; often not all.

        Raises:
            ServerError: The log-in failed.
        """
        return self._tokens.claims()

    def certificate_ends(self) -> float | None:
        """When the server's certificate expires, in seconds since 1970.

        None where none was verified: without TLS, with `insecure`, before the first answer.
        """
        from kcplan_keycloak.tls import certificate_end

        return None if self._network is None else certificate_end(self._network.tls())

    def server_info(self) -> ServerInfo:
        """What the server says of itself, as far as the account may see it; read once.

        Raises:
            ServerError: The server could not be reached or gave no sound answer.
        """
        if self._server_info is None:
            self._server_info = self._read_server_info()
        return self._server_info

    def _read_server_info(self) -> ServerInfo:
        try:
            return server_info(self.get(SERVER_INFO.path) or {})
        except ForbiddenError:
            return ServerInfo()

    def ask_for_token(self, realm: str, form: Mapping[str, Any]) -> Answer:
        """Ask a realm's token endpoint as one of its own clients; a refusal is an answer too.

        Raises:
            ServerError: There is no answer.
        """
        return self._deliver(_token_call(realm, form))

    def _read(self, get: Get) -> tuple[Call, Answer]:
        call = self._call("GET", get.path, get.params, repeatable=True, writes=False)
        return call, self._deliver(call)

    def _call(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any],
        body: Any = None,
        *,
        repeatable: bool,
        writes: bool = True,
    ) -> Call:
        check_path(path)
        check_query(params)
        return Call(method, f"admin/{path}", template(path), params, body, None, repeatable, writes)

    def _success(self, call: Call, answer: Answer) -> Answer:
        if answer.ok and not answer.is_html:
            return answer
        raise refusal(call, answer, lambda text: self._hide(call, text))

    def _hide(self, call: Call, text: str) -> str:
        return scrub(text, [*self._tokens.secrets(), *secrets_in(call.body)])

    def _request_token(self, form: Mapping[str, str]) -> Any:
        call = _token_call(self.connection.auth_realm, form)
        answer = self._deliver(call)
        if not answer.ok:
            raise login_refusal(call, answer, self.connection, lambda text: self._hide(call, text))
        return _content(call, answer)

    def _deliver(self, call: Call) -> Answer:
        """Send the request, again where that is safe, until there is an answer to live with."""
        if not call.writes:
            return self._persist(call)
        try:
            return self._persist(call)
        finally:
            self._ahead.forget()

    def _persist(self, call: Call) -> Answer:
        doubt = False
        if self._closed.is_set():
            # A thread that asks one thing after the other hears of the end here.
            raise ServerError(f"{call} was not sent", "kcplan ends.")
        for attempt in count(1):
            outcome = self._attempt(call)
            if isinstance(outcome, Answer):
                self._reached, self._may_be_away = True, False
            # Who asks what became of a write that was sent to nobody need not wait as long again.
            patient = self._reached and not self._may_be_away
            seconds = repeat_after(call, outcome, attempt, reached=patient)
            if seconds is None:
                return self._settle(call, outcome, doubt=doubt)
            doubt = doubt or is_doubtful(outcome)
            self._sleep(seconds)
            if self._closed.is_set():
                return self._settle(call, outcome, doubt=doubt)
        raise AssertionError  # count() has no end

    def _settle(self, call: Call, outcome: Outcome, *, doubt: bool) -> Answer:
        """The answer to the caller, or the exception when the last attempt leaves doubt."""
        doubt = doubt and call.writes
        if isinstance(outcome, Answer):
            if outcome.ok:
                return outcome
            if doubt and call.method == "DELETE" and outcome.says_nothing_there:
                return Answer(HTTPStatus.NO_CONTENT)
        if call.writes and (doubt or is_doubtful(outcome)):
            self._may_be_away = isinstance(outcome, Lost)
            raise unknown_outcome(call, self._error(call, outcome))
        if isinstance(outcome, Lost):
            raise outcome.error
        return outcome

    def _error(self, call: Call, outcome: Outcome) -> ServerError:
        if isinstance(outcome, Lost):
            return outcome.error
        return refusal(call, outcome, lambda text: self._hide(call, text))

    def _attempt(self, call: Call) -> Outcome:
        if call.form is not None:
            return self._transmit(call, None)
        try:
            token = self._tokens.current()
            outcome = self._transmit(call, token)
            if not isinstance(outcome, Answer) or outcome.status != HTTPStatus.UNAUTHORIZED:
                return outcome
            return self._transmit(call, self._tokens.renew(token))
        except ServerError as error:
            return Lost(error, sent=False, passing=False)

    def _transmit(self, call: Call, token: Secret | None) -> Outcome:
        # A request for a token takes no slot: all of them may be held by those who wait for it.
        with self._pace.slot() if token else nullcontext() as slot:
            with self._lock:
                self.requests[call.method, call.template] += 1
            began = time.monotonic()
            outcome = self._exchange(call, token)
            if self._log is not None:
                self._log(logged(call, outcome, time.monotonic() - began))
            if slot is not None and is_strained(outcome):
                self._pace.strained(slot)
            elif slot is not None and isinstance(outcome, Answer):
                self._pace.went_well()
        return outcome

    def _exchange(self, call: Call, token: Secret | None) -> Outcome:
        from kcplan_keycloak.http_library import httpx

        try:
            with self._clock.within(self._seconds(call)):
                return self._answer(call, self._send(self._request(call, token)))
        except httpx.TransportError as error:
            return self._lost(call, error)
        except httpx.InvalidURL as error:
            raise UsageError(f"{self.connection.url} is not a usable URL", f"{error}.") from None
        except ServerError as error:
            return Lost(error, sent=True, passing=False)

    def _request(self, call: Call, token: Secret | None) -> "httpx.Request":
        from kcplan_keycloak.http_library import httpx

        content = json_content(reveal(call.body))
        headers = dict(_HEADERS)
        if content is not None:
            headers["Content-Type"] = "application/json"
        if token:
            headers["Authorization"] = f"Bearer {token.value}"
        # The client would make the same in twice the time, as it merges what it has of each part.
        return httpx.Request(
            call.method,
            self._url(call.path),
            params={k: v for k, v in call.params.items() if v is not None} or None,
            content=content,
            data=call.form,
            headers=headers,
            cookies=self._http().cookies,
            extensions={"timeout": self._patience(self._seconds(call)).as_dict()},
        )

    def _url(self, path: str) -> "httpx.URL":
        from kcplan_keycloak.http_library import httpx

        if self._base is None:
            self._base = httpx.URL(f"{self.connection.url}/")
        return address(self._base, path)

    def _send(self, request: "httpx.Request") -> "httpx.Response":
        """Send a request past the client: redirects and log-ins are not its business here.

        It would take a tenth of the time of a plan for them, and for a log that nobody reads.
        """
        client = self._http()
        transport = client._transport_for_url(request.url)  # noqa: SLF001 - it chooses the proxy
        response = transport.handle_request(request)
        if "set-cookie" in response.headers:
            response.request = request
            client.cookies.extract_cookies(response)
        return response

    def _answer(self, call: Call, response: "httpx.Response") -> Answer:
        """Read the answer to its end, within the limit. Raises ServerError."""
        encoding = response.headers.get("content-encoding", "")
        limit = self.connection.max_answer_mib * MEBIBYTE
        with closing(response):
            # The parts as they come: httpx would unpack each of them to whatever size it has.
            content = read_content(call, encoding, cast("Iterable[bytes]", response.stream), limit)
        headers = {name: response.headers.get(name, "") for name in _HEADERS_READ}
        return Answer(response.status_code, headers, content)

    def _lost(self, call: Call, error: "httpx.RequestError") -> Lost:
        from kcplan_keycloak.http_library import httpx

        unsent = httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError
        timed_out = isinstance(error, httpx.TimeoutException)
        return Lost(
            connection_failure(
                error, call, self.connection, timed_out=timed_out, first=not self._reached
            ),
            sent=not isinstance(error, unsent),
            timed_out=timed_out,
            passing=not _is_about_tls(error),
        )

    def _http(self) -> "httpx.Client":
        with self._lock:
            if self._client is None:
                self._client = self._new_client()
            return self._client

    def _seconds(self, call: Call) -> float:
        """How long the whole exchange may take."""
        return self.connection.timeout * (_MORE_TIME if call.slow else 1)

    def _patience(self, seconds: float) -> "httpx.Timeout":
        from kcplan_keycloak.http_library import httpx

        connect = min(self.connection.timeout, _CONNECT_TIMEOUT)
        return httpx.Timeout(seconds, connect=connect, pool=None)

    def _new_client(self) -> "httpx.Client":
        from kcplan_keycloak.http_library import httpx
        from kcplan_keycloak.tls import context_for

        connection = self.connection
        width = connection.parallelism + 1  # one for the token, beside all slots
        try:
            client = httpx.Client(
                transport=self._transport,
                verify=context_for(connection, httpx.create_ssl_context),
                limits=httpx.Limits(max_connections=width, max_keepalive_connections=width),
            )
        except (ValueError, ImportError) as error:
            raise UsageError(
                "the proxy that the environment names cannot be used",
                f"Check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY. The cause: {error}.",
            ) from None
        self._network = _put_on_clock(client, self._clock)
        return client


def address(base: "httpx.URL", path: str) -> "httpx.URL":
    """The address of a path below another one; as a rule it is percent-encoded.

    httpx would take apart the whole of it each time, which is a fifth of what a request takes.
    """
    from kcplan_keycloak.http_library import httpx

    if not _is_encoded(path):
        return httpx.URL(f"{base}{path}")
    url = httpx.URL(base)
    parts = url._uri_reference  # noqa: SLF001 - all public ways to it parse once more
    url._uri_reference = parts._replace(path=parts.path + path)  # noqa: SLF001
    return url


def _put_on_clock(client: "httpx.Client", clock: Clock) -> "TimedNetwork":
    """Have the client's connections, through proxies too, give up when a request's time is over.

    httpx offers no way to choose its pools, nor the network that they take when they connect.
    """
    from kcplan_keycloak.connections import Connections
    from kcplan_keycloak.network import TimedNetwork

    network = TimedNetwork(clock)
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            pool._network_backend = network  # noqa: SLF001
            transport._pool = Connections(pool)  # type: ignore[union-attr]  # noqa: SLF001
    return network


def _token_call(realm: str, form: Mapping[str, Any]) -> Call:
    name = quote(realm, safe="")
    check_path(name)
    return Call(
        "POST",
        f"realms/{name}/protocol/openid-connect/token",
        "token",
        form=form,
        repeatable=True,
        writes=False,
    )


def _followed(get: Get, exchange: Exchange) -> Iterable[Get]:
    """What the answer to a request leads to; who reads it says what is wrong with it."""
    call, answer = exchange
    if get.then is None or not answer.ok or answer.is_html or not answer.content:
        return ()
    try:
        content = _content(call, answer)
    except MalformedAnswerError:
        return ()
    return () if content is None or problem(get.path, content) else get.then(content)


def _content(call: Call, answer: Answer) -> Any | None:
    if not answer.content:
        return None
    try:
        return answer.json()
    except (ValueError, RecursionError):
        raise malformed(call, answer) from None


def _is_about_tls(error: BaseException) -> bool:
    import ssl

    return any(isinstance(cause, ssl.SSLError) for cause in causes(error))
