"""Proof after the deployment: every declared exchange is tried on the server, as its client would.

    permissions ─attempts─▶ Attempt ─Prover─▶ Verdict ─report─▶ table, Markdown, JSON, JUnit

Tokens and secrets stay within the prover: a verdict holds names and the server's words.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from attrs import define, field, frozen

from kcplan.secret import Secret
from kcplan_keycloak.api import AdminApi, path, scrub
from kcplan_keycloak.token_exchange.declaration import Permission
from kcplan_keycloak.token_exchange.explaining import explained
from kcplan_keycloak.token_exchange.model import Client
from kcplan_keycloak.token_exchange.rules import Refusal, rule_of
from kcplan_keycloak.token_exchange.spec import Mode

GRANT: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS: Final = "urn:ietf:params:oauth:token-type:access_token"
REFRESH: Final = "urn:ietf:params:oauth:token-type:refresh_token"

_OK: Final = 200


class Outcome(StrEnum):
    """How an attempt went."""

    PASSED = "passed"
    FAILED = "failed"
    UNPROVEN = "unproven"


@frozen
class Attempt:
    """One exchange that is tried.

    Attributes:
        realm: The realm.
        requester: The client that exchanges.
        subject: The client that obtains the token.
        audience: The client that the new token is for; None asks for no audience.
        permission: What declares it; None where nothing does, so that it must fail.
    """

    realm: str
    requester: str
    subject: str
    audience: str | None = None
    permission: Permission | None = None


@frozen
class Verdict:
    """What came of an attempt.

    Attributes:
        attempt: The exchange.
        outcome: How it went.
        problems: What was not as it should be, one sentence each.
        code: The diagnostic that explains it.
        advice: How to mend it.
    """

    attempt: Attempt
    outcome: Outcome
    problems: tuple[str, ...] = ()
    code: str = ""
    advice: str = ""


@frozen
class User:
    """A user whose tokens are exchanged."""

    username: str
    password: Secret


@frozen
class Given:
    """A subject token. `user` tells whether it belongs to a user, who has a session."""

    token: Secret
    claims: Mapping[str, Any]
    user: bool = False


def attempts(permissions: Iterable[Permission]) -> Iterator[Attempt]:
    """Every exchange that standard permissions declare: each subject with each audience."""
    for permission in permissions:
        if permission.mode is Mode.STANDARD:
            for subject in permission.subjects:
                for audience in permission.audiences or (None,):
                    yield Attempt(
                        permission.realm, permission.requester, subject, audience, permission
                    )


def undeclared(
    realm: str, clients: Iterable[str], permissions: Iterable[Permission]
) -> Iterator[Attempt]:
    """Every exchange between these clients that no permission declares, and that must fail.

    Which token a client may exchange, and whom the new one may be for, are two questions to
    Keycloak; so all pairs of each kind are tried, and not all combinations.
    """
    names = sorted(clients)
    subjects = {(p.requester, s) for p in permissions for s in (*p.subjects, p.requester)}
    audiences = {(p.requester, a) for p in permissions for a in (*p.audiences, p.requester)}
    for requester in names:
        for other in names:
            if (requester, other) not in subjects and other != requester:
                yield Attempt(realm, requester, other)
            if (requester, other) not in audiences and other != requester:
                yield Attempt(realm, requester, requester, other)


@define
class Prover:
    """Tries exchanges in one realm.

    Attributes:
        api: The server.
        realm: The realm.
        secrets: Secrets of clients that the files declare; the others are read from Keycloak.
        user: A user to obtain subject tokens for.
        given: A subject token that somebody obtained already.
    """

    api: AdminApi
    realm: str
    secrets: Mapping[str, Secret] = field(factory=dict)
    user: User | None = None
    given: Given | None = None
    _clients: dict[str, Mapping[str, Any] | None] = field(factory=dict)
    _tokens: dict[str, "Given | str"] = field(factory=dict)

    def prove_all(self, todo: Iterable[Attempt]) -> list[Verdict]:
        """Try exchanges, several at a time. Raises ServerError."""
        attempts = list(todo)
        names = {a.subject for a in attempts} | {a.requester for a in attempts}
        self.api.map(self._client, sorted(names))
        self.api.map(self._subject_token, sorted({a.subject for a in attempts}))
        return self.api.map(self.prove, attempts)

    def prove(self, attempt: Attempt) -> Verdict:
        """Try an exchange. Raises ServerError where the server cannot be reached."""
        given = self._subject_token(attempt.subject)
        if isinstance(given, str):
            return Verdict(attempt, Outcome.UNPROVEN, (given,))
        client = self._client(attempt.requester)
        if client is None:
            return Verdict(attempt, Outcome.FAILED, (f"{attempt.requester} does not exist.",))
        refresh = bool(attempt.permission and attempt.permission.refresh_token and given.user)
        answer = self.api.ask_for_token(self.realm, self._form(attempt, given, refresh=refresh))
        try:
            body = answer.json()
        except ValueError:
            body = {}
        if attempt.permission is None:
            return _judge_denied(attempt, answer.status)
        if answer.status != _OK:
            return self._refused(attempt, answer.status, body)
        problems = tuple(_problems(attempt, given, body, refresh=refresh))
        return Verdict(attempt, Outcome.FAILED if problems else Outcome.PASSED, problems)

    def _form(self, attempt: Attempt, given: Given, *, refresh: bool) -> dict[str, Any]:
        form: dict[str, Any] = {
            "grant_type": GRANT,
            "subject_token": given.token.value,
            "subject_token_type": ACCESS,
            "requested_token_type": REFRESH if refresh else ACCESS,
            **self._credentials(attempt.requester),
        }
        if attempt.audience is not None:
            form["audience"] = attempt.audience
        if attempt.permission is not None and attempt.permission.scopes:
            form["scope"] = " ".join(attempt.permission.scopes)
        return form

    def _refused(self, attempt: Attempt, status: int, body: Mapping[str, Any]) -> Verdict:
        said = self._safe(body.get("error_description") or "")
        refusal = Refusal(rule_of(said), status, self._safe(body.get("error") or ""), said)
        permission = attempt.permission
        found = None
        if permission is not None:
            found = explained(permission, attempt.subject, Client(attempt.requester), refusal)
        return Verdict(
            attempt,
            Outcome.FAILED,
            (f"Keycloak answered {refusal}.",),
            found.code if found else "",
            f"{found.summary}. {found.detail}" if found else "",
        )

    def _safe(self, text: Any) -> str:
        held = [secret.value for secret in self.secrets.values()]
        held += [g.token.value for g in self._tokens.values() if isinstance(g, Given)]
        return scrub(str(text), held)

    # -- subject tokens ------------------------------------------------------------------------

    def _subject_token(self, client: str) -> Given | str:
        """A token that a client obtained, or why there is none. Each is obtained once."""
        if client not in self._tokens:
            self._tokens[client] = self._obtain(client)
        return self._tokens[client]

    def _obtain(self, name: str) -> Given | str:
        if self.given is not None and self.given.claims.get("azp") == name:
            return self.given
        client = self._client(name)
        if client is None:
            return f"{name} does not exist."
        if self.user is not None and client.get("directAccessGrantsEnabled"):
            return self._log_in(
                name,
                user=True,
                grant_type="password",
                username=self.user.username,
                password=self.user.password.value,
            )
        if client.get("serviceAccountsEnabled"):
            return self._log_in(name, user=False, grant_type="client_credentials")
        return (
            f"{name} obtains no token by itself. Give one of a user with --subject-token-file, or "
            "a user with --user where the client has direct access grants."
        )

    def _log_in(self, name: str, *, user: bool, **form: str) -> Given | str:
        answer = self.api.ask_for_token(self.realm, {**form, **self._credentials(name)})
        try:
            body = answer.json()
        except ValueError:
            body = {}
        token = body.get("access_token")
        if answer.status != _OK or not isinstance(token, str):
            said = self._safe(body.get("error_description") or body.get("error") or "no token")
            return f"{name} could not obtain a token: {answer.status} {said}."
        return Given(Secret(token), claims_of(token), user=user)

    # -- clients -------------------------------------------------------------------------------

    def _client(self, name: str) -> Mapping[str, Any] | None:
        if name not in self._clients:
            found = self.api.get(path("realms", self.realm, "clients"), clientId=name) or []
            self._clients[name] = next(iter(found), None)
        return self._clients[name]

    def _credentials(self, name: str) -> dict[str, str]:
        client = self._client(name) or {}
        form = {"client_id": name}
        if client.get("publicClient"):
            return form
        declared = self.secrets.get(name)
        secret = declared.value if declared else client.get("secret")
        return {**form, "client_secret": secret} if secret else form


def claims_of(token: str) -> dict[str, Any]:
    """What a token says. Raises ValueError where it is none; its signature is not checked."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        raise ValueError("it is no JSON Web Token")
    found = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    if not isinstance(found, dict):
        raise ValueError("it is no JSON Web Token")  # noqa: TRY004 - one error for one fault
    return found


def _judge_denied(attempt: Attempt, status: int) -> Verdict:
    if status != _OK:
        return Verdict(attempt, Outcome.PASSED)
    return Verdict(
        attempt,
        Outcome.FAILED,
        ("Keycloak granted it, and no permission declares it.",),
        "token-exchange-undeclared",
        "Declare it under `permissions.tokenExchange`, or remove the mapper, scope or role that "
        "makes it possible.",
    )


def _problems(
    attempt: Attempt, given: Given, body: Mapping[str, Any], *, refresh: bool
) -> Iterator[str]:
    """What is wrong with a new token."""
    try:
        claims = claims_of(str(body.get("access_token")))
    except ValueError as problem:
        yield f"The new token cannot be read: {problem}."
        return
    audience = claims.get("aud") or []
    audience = [audience] if isinstance(audience, str) else list(audience)
    if attempt.audience is not None and audience != [attempt.audience]:
        yield f"aud is {', '.join(audience) or 'absent'}, and should be {attempt.audience}."
    if claims.get("azp") != attempt.requester:
        yield f"azp is {claims.get('azp')}, and should be {attempt.requester}."
    if claims.get("sub") != given.claims.get("sub"):
        yield "sub is not the subject of the exchanged token."
    granted = str(claims.get("scope", "")).split()
    wanted = attempt.permission.scopes if attempt.permission else ()
    missing = [scope for scope in wanted if scope not in granted]
    if missing:
        yield f"scope lacks {' '.join(missing)}."
    if refresh and "refresh_token" not in body:
        yield "There is no refresh token."
