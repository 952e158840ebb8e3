"""What has a path of its own is written without a look at what it lies in."""

from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.plan import Operation, Step
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Writing
from kcplan_keycloak.resources import resource_types
from support.authorization import connect
from support.harness import Server
from support.world import World


def test_a_role_of_a_client_is_written_without_asking_for_the_client(
    inhabited: World, keycloak: Server
) -> None:
    admin = inhabited.admin
    admin.post(inhabited.path("clients"), json={"clientId": "a"})
    admin.post(inhabited.in_client("a", "roles"), json={"name": "reader"})
    role = admin.json(inhabited.in_client("a", "roles", "reader"))
    address = Address.of(inhabited.realm, "clients", "a", "roles", "reader")
    kind = resource_types()["client-role"]
    after = {("description",): "reads"}
    step = Step("update", Operation.UPDATE, address, "client-role", role["id"], after=after)
    with connect(keycloak.environment) as api:
        kind.update(Writing(api, Names(api), step))
        sent = {f"{method} {at}": number for (method, at), number in api.requests.items()}
    assert admin.json(inhabited.in_client("a", "roles", "reader"))["description"] == "reads"
    assert {at: n for at, n in sent.items() if "realms/{}/" in at} == snapshot(
        {"GET realms/{}/roles-by-id/{}": 1, "PUT realms/{}/roles-by-id/{}": 1}
    )
