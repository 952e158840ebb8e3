"""What a throw-away server gets besides the files, so that tokens of users can be exchanged."""

import secrets
from collections.abc import Iterable
from typing import Final

from kcplan.config.model import Config
from kcplan.secret import Secret
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.token_exchange.declaration import Permission
from kcplan_keycloak.token_exchange.proving import User

_USERNAME: Final = "kcplan-verify"


def prepare_stage(api: AdminApi, config: Config, permissions: Iterable[Permission]) -> User:
    """Make a user in every realm, and let clients without an account log it in.

    Only for a server that nobody else uses. Raises ServerError.
    """
    user = User(_USERNAME, Secret(secrets.token_urlsafe(18)))
    for realm in sorted(config.realms):
        api.post(path("realms", realm, "users"), _representation(user))
    for permission in permissions:
        for subject in permission.subjects:
            _let_log_in(api, permission.realm, subject)
    return user


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
