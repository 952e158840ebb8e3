"""Obtaining and exchanging tokens with an HTTP client of the tests' own."""

import base64
import json
from collections.abc import Iterable
from typing import Any

import httpx
from attrs import field, frozen

from support.harness import Server

GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
REFRESH = "urn:ietf:params:oauth:token-type:refresh_token"
SECRET = "a-secret-of-the-tests-only"
PASSWORD = "a-password-of-the-tests"


def claims(token: str) -> dict[str, Any]:
    """What a token says; the signature is the server's business."""
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(
        base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    )
    return found


def audience(token: str) -> set[str]:
    """Whom a token is for."""
    found = claims(token).get("aud") or []
    return {found} if isinstance(found, str) else set(found)


def _scope(scopes: Iterable[str]) -> dict[str, str]:
    # An empty `scope` is an invalid one to Keycloak.
    text = " ".join(scopes)
    return {"scope": text} if text else {}


def service(name: str, **more: Any) -> dict[str, Any]:
    """A confidential client with a service account, for a realm file."""
    return {
        "clientId": name,
        "secret": "${SECRET}",
        "serviceAccountsEnabled": True,
        "standardFlowEnabled": False,
        **more,
    }


def allow(
    requester: str, subjects: Iterable[str], audiences: Iterable[str], **more: Any
) -> dict[str, Any]:
    """An entry of `permissions.tokenExchange`."""
    names = {"subjects": [*subjects], "audiences": [*audiences]}
    return {"requester": requester, **names, **more}


def permit(*entries: dict[str, Any]) -> dict[str, Any]:
    """The section `permissions`."""
    return {"tokenExchange": [*entries]}


def audience_mapper(name: str, audience: str, **config: str) -> dict[str, Any]:
    """A protocol mapper; keywords have underscores for dots."""
    more = {key.replace("_", "."): value for key, value in config.items()}
    return {
        "name": name,
        "protocol": "openid-connect",
        "protocolMapper": "oidc-audience-mapper",
        "config": {"included.client.audience": audience, "access.token.claim": "true", **more},
    }


def refused(answer: httpx.Response) -> bool:
    """Whether an exchange was refused by a rule, and not by accident."""
    return answer.status_code in {400, 403} and "Realm" not in answer.text


@frozen
class Tokens:
    """The token endpoint of a realm."""

    server: Server
    realm: str
    client: httpx.Client = field(factory=lambda: httpx.Client(timeout=60))

    def post(self, **form: Any) -> httpx.Response:
        url = f"{self.server.url}/realms/{self.realm}/protocol/openid-connect/token"
        return self.client.post(url, data=form)

    def own(self, client: str, scopes: Iterable[str] = (), secret: str = SECRET) -> str:
        """A token of a client's service account."""
        return self._token(
            grant_type="client_credentials",
            client_id=client,
            client_secret=secret,
            **_scope(scopes),
        )

    def of_user(
        self, client: str, username: str, scopes: Iterable[str] = (), secret: str | None = SECRET
    ) -> str:
        """A token of a user, obtained by a client."""
        return self._token(
            grant_type="password",
            client_id=client,
            username=username,
            password=PASSWORD,
            **_scope(scopes),
            **({"client_secret": secret} if secret else {}),
        )

    def exchange(
        self,
        requester: str,
        subject: str,
        audiences: Iterable[str] = (),
        scopes: Iterable[str] = (),
        secret: str | None = SECRET,
        **more: Any,
    ) -> httpx.Response:
        """Exchange a token."""
        form: dict[str, Any] = {
            "grant_type": GRANT,
            "client_id": requester,
            "subject_token": subject,
            "subject_token_type": ACCESS,
            "audience": list(audiences),
            **_scope(scopes),
            **more,
        }
        return self.post(**form, **({"client_secret": secret} if secret else {}))

    def exchanged(self, requester: str, subject: str, *audiences: str, **more: Any) -> str:
        """Exchange a token and expect that it works."""
        answer = self.exchange(requester, subject, audiences, **more)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    def _token(self, **form: Any) -> str:
        answer = self.post(**form)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token
