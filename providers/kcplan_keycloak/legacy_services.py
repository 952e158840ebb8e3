"""The authorization services with which older servers say who may administer what.

They are those of the client with the roles that administer a realm, which nobody may change.
Keycloak switches them on where somebody permits something, for an object or for all users, and they
stay when that is taken back.
"""

import threading
from typing import Final

from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.authz import client_of, server_of
from kcplan_keycloak.built_in import management_client
from kcplan_keycloak.legacy_names import is_of_old_administration
from kcplan_keycloak.resource_type import Writing

ONE_AT_A_TIME: Final = threading.Lock()
"""Keycloak makes scopes that targets share when it switches their permissions on, and answers 409
to a request that does so at the same time."""


def of_users(realm: str) -> str:
    """The path that switches the permissions for all users on and off."""
    return path("realms", realm, "users-management-permissions")


def switch(api: AdminApi, at: str, *, on: bool) -> None:
    """Switch permissions on or off, at the path that does so."""
    api.put(at, {"enabled": on})


def have_services(writing: Writing) -> None:
    """Have Keycloak switch on the services that a step is about to write to, where they are off.

    The permissions for all users are switched on for a moment, and permit nobody anything. The
    scopes that stay are taken away: the files say which there are to be.

    Raises:
        ServerError: Keycloak refuses it.
    """
    realm, client = writing.address.realm, client_of(writing.address)
    if not is_of_old_administration(writing.address) or client.name != management_client(realm):
        return
    with ONE_AT_A_TIME:
        server = server_of(writing)
        if writing.api.get(server) is not None:
            return
        try:
            switch(writing.api, of_users(realm), on=True)
        finally:
            switch(writing.api, of_users(realm), on=False)
        for scope in writing.api.get(f"{server}/scope") or ():
            writing.api.delete(f"{server}/scope/{path(scope['id'])}")
