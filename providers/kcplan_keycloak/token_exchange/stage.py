"""A throw-away server to verify on: the files, and what the tokens of users need besides."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from kcplan.config.model import Config
from kcplan.secret import Secret
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.auth import Connection
from kcplan_keycloak.sandbox import Options, running
from kcplan_keycloak.token_exchange.declaration import Permission
from kcplan_keycloak.token_exchange.legacy import FEATURES
from kcplan_keycloak.token_exchange.proving import User
from kcplan_keycloak.token_exchange.spec import Mode

_USERNAME: Final = "kcplan-verify"


@contextmanager
def throw_away(
    config: Config,
    permissions: Sequence[Permission],
    apply: Callable[[AdminApi], None],
    notify: Callable[[str], None],
) -> Iterator[tuple[AdminApi, User]]:
    """A server that has what the files declare, and in every realm a user for the tokens of users.

    Args:
        config: What the files say.
        permissions: What is to be verified; for legacy exchanges the server has more features.
        apply: Applies the files.
        notify: Is told what happens while the server starts.

    Raises:
        KcplanError: The server could not be started, or the files not applied.
    """
    legacy = any(permission.mode is Mode.LEGACY for permission in permissions)
    options = Options(port=0, features=FEATURES if legacy else ())
    with running(options, notify) as server:
        connection = Connection(url=server.url, username=server.username, password=server.password)
        with AdminApi(connection) as api:
            apply(api)
            yield api, _prepare(api, config, permissions)


def _prepare(api: AdminApi, config: Config, permissions: Sequence[Permission]) -> User:
    """Make a user in every realm, and let clients without an account log it in."""
    user = User(_USERNAME, Secret(secrets.token_urlsafe(18)))
    for realm in sorted(config.realms):
        _demand_nothing(api, realm)
        api.post(path("realms", realm, "users"), _representation(user))
    for permission in permissions:
        for subject in permission.subjects:
            _let_log_in(api, permission.realm, subject)
    return user


def _demand_nothing(api: AdminApi, realm: str) -> None:
    """Users are made with nothing that only this realm's profile would ask for."""
    at = path("realms", realm, "users", "profile")
    profile = api.get(at) or {}
    for attribute in profile.get("attributes", ()):
        attribute.pop("required", None)
    api.put(at, profile)


def _representation(user: User) -> dict[str, object]:
    return {
        "username": user.username,
        "enabled": True,
        "email": f"{user.username}@example.org",
        "emailVerified": True,
        "firstName": "kcplan",
        "lastName": "verify",
        "credentials": [{"type": "password", "value": user.password, "temporary": False}],
    }


def _let_log_in(api: AdminApi, realm: str, client_id: str) -> None:
    at = path("realms", realm, "clients")
    for client in api.get(at, clientId=client_id) or []:
        if not client.get("serviceAccountsEnabled"):
            body = {"clientId": client_id, "directAccessGrantsEnabled": True}
            api.put(f"{at}/{path(client['id'])}", body)
