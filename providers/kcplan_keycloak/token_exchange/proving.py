"""Proof after the deployment: every declared exchange is tried on the server, as its client would.

    permissions ─attempts─▶ Attempt ─Prover─▶ Verdict

Tokens and secrets stay within the prover: a verdict holds names and the server's words.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import field

from kcplan.classes import define, frozen
from kcplan.secret import Secret
from kcplan_keycloak.api import AdminApi, path, scrub
from kcplan_keycloak.claims import claims_of
from kcplan_keycloak.exchange import Answer
from kcplan_keycloak.token_exchange.attempts import Attempt, Outcome, Verdict, Way
from kcplan_keycloak.token_exchange.explaining import explained
from kcplan_keycloak.token_exchange.judging import OK, judge_undeclared, problems
from kcplan_keycloak.token_exchange.model import Client
from kcplan_keycloak.token_exchange.rules import Refusal, rule_of

GRANT: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS: Final = "urn:ietf:params:oauth:token-type:access_token"
REFRESH: Final = "urn:ietf:params:oauth:token-type:refresh_token"


@frozen
class User:
    """A user whose tokens are exchanged (for which the password is needed), or impersonated."""

    username: str
    password: Secret | None = None


@frozen
class Given:
    """A subject token. `user` tells whether it belongs to a user, who has a session."""

    token: Secret
    claims: Mapping[str, Any]
    user: bool = False


def given_token(token: Secret) -> Given:
    """A subject token that somebody obtained. Raises ValueError where it is none."""
    claims = claims_of(token.value)
    return Given(token, claims, user=bool(claims.get("sid")))


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
        ordinary = {a.subject for a in attempts if a.way is Way.EXCHANGE}
        self.api.map(self._subject_token, sorted(ordinary))
        return self.api.map(self.prove, attempts)

    def prove(self, attempt: Attempt) -> Verdict:
        """Try an exchange. Raises ServerError where the server cannot be reached."""
        if self._client(attempt.requester) is None:
            return Verdict(attempt, Outcome.FAILED, (f"{attempt.requester} does not exist.",))
        given = self._what_is_given(attempt)
        if isinstance(given, str):
            return Verdict(attempt, Outcome.UNPROVEN, (given,))
        permission = attempt.permission
        refresh = bool(permission and permission.refresh_token and given and given.user)
        form = self._form(attempt, given, refresh=refresh)
        answer = self.api.ask_for_token(self.realm, form)
        body = _json(answer)
        if permission is None:
            return judge_undeclared(attempt, answer.status)
        if answer.status != OK:
            return self._refused(attempt, answer.status, body)
        wrong = tuple(
            problems(
                attempt,
                body,
                subject=given.claims if given else {},
                user=self.user.username if self.user else None,
                refresh=refresh,
            )
        )
        return Verdict(attempt, Outcome.FAILED if wrong else Outcome.PASSED, wrong)

    def _what_is_given(self, attempt: Attempt) -> Given | str | None:
        """The token to be exchanged, or why there is none; None where none is needed."""
        if attempt.way in (Way.IMPERSONATION, Way.USERS) and self.user is None:
            return (
                "Nobody is named to impersonate. Give a user with --user, or have kcplan make one "
                "in a throw-away Keycloak with --sandbox."
            )
        if attempt.way is Way.USERS:
            return None
        if attempt.way is Way.EXTERNAL:
            return self.given or (
                f"There is no token of {attempt.subject}. Give one with --subject-token-file."
            )
        if attempt.way is Way.IMPERSONATION:
            return self._log_in(attempt.requester, user=False, grant_type="client_credentials")
        return self._subject_token(attempt.subject)

    def _form(self, attempt: Attempt, given: Given | None, *, refresh: bool) -> dict[str, Any]:
        form: dict[str, Any] = {
            "grant_type": GRANT,
            "requested_token_type": REFRESH if refresh else ACCESS,
            **self._credentials(attempt.requester),
        }
        if given is not None:
            form |= {"subject_token": given.token.value, "subject_token_type": ACCESS}
        if attempt.way in (Way.IMPERSONATION, Way.USERS) and self.user is not None:
            form["requested_subject"] = self.user.username
        if attempt.way is Way.EXTERNAL:
            form["subject_issuer"] = attempt.subject
        if attempt.audience is not None:
            form["audience"] = attempt.audience
        if attempt.permission is not None and attempt.permission.scopes:
            form["scope"] = " ".join(attempt.permission.scopes)
        return form

    def _refused(self, attempt: Attempt, status: int, body: Mapping[str, Any]) -> Verdict:
        message = self._safe(body.get("error_description") or "")
        refusal = Refusal(rule_of(message), status, self._safe(body.get("error") or ""), message)
        permission = attempt.permission
        found = None
        if permission is not None:
            found = explained(permission, attempt.subject, Client(attempt.requester), refusal)
        return Verdict(
            attempt,
            Outcome.FAILED,
            (f"Keycloak answered {refusal}.",),
            found.code if found else "",
            f"{found.summary[:1].upper()}{found.summary[1:]}. {found.detail}" if found else "",
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
            if self.user.password is None:
                return (
                    f"There is no password for the user {self.user.username}. Set "
                    "KCPLAN_USER_PASSWORD, or give --user-password-file."
                )
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
            f"{name} obtains no token by itself. Have kcplan try it in a throw-away Keycloak, with "
            "a user of its own: --sandbox. Or give a token of a user with --subject-token-file, or "
            "a user with --user where the client has direct access grants."
        )

    def _log_in(self, name: str, *, user: bool, **form: str) -> Given | str:
        answer = self.api.ask_for_token(self.realm, {**form, **self._credentials(name)})
        body = _json(answer)
        token = body.get("access_token")
        if answer.status != OK or not isinstance(token, str):
            message = self._safe(body.get("error_description") or body.get("error") or "no token")
            return f"{name} could not obtain a token: {answer.status} {message}."
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


def _json(answer: Answer) -> Mapping[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
