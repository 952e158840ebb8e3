"""What a rollback leaves empty is told only of what is still there."""

from kcplan.address import Address
from kcplan.plan import Operation, Step
from kcplan.traces import traces
from kcplan_keycloak.resources import registry

REALM = Address.of("shop")
SCOPE = REALM.child("client-scopes", "acr")
DESCRIBED = Step(
    "update shop/client-scopes/acr",
    Operation.UPDATE,
    SCOPE,
    "client-scope",
    before={("description",): None},
    after={("description",): "how somebody logged in"},
)
MADE = Step("create shop", Operation.CREATE, REALM, "realm")


def test_of_what_was_there_before() -> None:
    assert traces([DESCRIBED], registry()) == {SCOPE: (("description",),)}


def test_not_of_what_went_with_what_the_apply_had_made() -> None:
    assert traces([DESCRIBED, MADE], registry()) == {}
