"""Objects of a collection of the Admin API, found by name in whichever way it offers."""

import pytest

from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.collection import Collection

WHOLE = Collection(path="client-scopes", paged=False)
ASKED = Collection(path="clients", single="{path}?clientId={name}", name_key="clientId")


@pytest.mark.parametrize(("at", "name"), [(WHOLE, "profile"), (ASKED, "account")])
def test_an_object_is_found_by_its_name(
    api: AdminApi, shared_realm: str, at: Collection, name: str
) -> None:
    collection = path("realms", shared_realm, at.path)
    assert [item[at.name_key] for item in at.ask(api, collection, name)] == [name]
    assert at.ask(api, collection, "missing") == []
