"""A change of a flow is undone: nobody meets half of it meanwhile, and no foreign flow goes."""

import pytest

from conformance.flows import in_file
from kcplan.address import Address
from kcplan.errors import ServerError
from kcplan.plan import Operation, Step
from kcplan_keycloak.flow_sections import gather
from kcplan_keycloak.writer import KeycloakWriter
from support.authorization import connect
from support.harness import Server
from support.sabotage import WAYS, Saboteur, sent_through
from support.world import Json, World

ALIAS = "direct grant"
CODES = "Direct Grant - Conditional OTP"


def requiring(flow: Json, *, codes: bool) -> Json:
    """Keycloak's own flow, which asks everybody for a code or only who has one."""
    entries = {key: dict(entry) for key, entry in flow["authenticationExecutions"].items()}
    entries[CODES]["requirement"] = "REQUIRED" if codes else "CONDITIONAL"
    condition = "DISABLED" if codes else "REQUIRED"
    entries[f"{CODES}/conditional-user-configured"]["requirement"] = condition
    return in_file(ALIAS, {**flow, "authenticationExecutions": entries})


def test_a_flow_of_keycloaks_own_is_not_written_back_while_something_is_bound_to_it(
    world: World,
) -> None:
    overrides = {"direct_grant": ALIAS}
    shop = {"clientId": "shop", "authenticationFlowBindingOverrides": overrides}
    world.declare(enabled=True, clients=[shop])
    world.apply()
    found = gather(world.admin.export(world.realm)).data["authenticationFlows"]
    (flow,) = (item for item in found if item["alias"] == ALIAS)
    own = {name: flow[name] for name in ("authenticationExecutions", "order")}
    one_after_the_other = ("--parallelism", "1")

    world.declare(enabled=True, clients=[shop], **requiring(own, codes=True))
    with sent_through(whole := Saboteur()):
        world.apply(*one_after_the_other)
    world.declare(enabled=True, clients=[shop], **requiring(own, codes=False))
    # The last write but the deletion of the copy: of two bindings, one has moved back.
    with sent_through(half := Saboteur({len(whole.writes) - 2: WAYS["status 500"]})):
        world.apply(*one_after_the_other, exit_code=3)
    assert "/clients/" in half.writes[-1]
    assert half.undone[0] == f"PUT /admin/realms/{world.realm}"
    writes = [line for line in half.undone if line.endswith("/executions")]
    assert len(writes) == 2
    assert half.undone.index(writes[0]) > 0


def test_a_foreign_flow_stays_that_took_the_name_of_one_whose_new_name_is_undone(
    world: World, keycloak: Server
) -> None:
    at = f"{world.realm}/authentication/flows"
    body = {"alias": "staff", "providerId": "basic-flow", "topLevel": True, "builtIn": False}
    world.declare(enabled=True)
    world.apply()
    world.admin.post(at, json=body)
    (flow,) = (item for item in world.admin.json(at) if item["alias"] == "staff")
    address, names = Address.of(world.realm, "flows", "visitors"), ("staff", "visitors")
    before, after = ({("alias",): name} for name in names)
    step = Step("x", Operation.UPDATE, address, "flow", flow["id"], before, after)
    with connect(keycloak.environment) as api:
        writer = KeycloakWriter(api)
        image = writer.capture(step)
        assert image is not None
        writer.perform(step)
        world.admin.post(at, json=body)
        with pytest.raises(ServerError):
            writer.restore(step, image)
    assert {"staff", "visitors"} <= {item["alias"] for item in world.admin.json(at)}
