"""A plan that finds nothing to do asks little of each flow, and nothing where none is declared."""

from collections import Counter
from collections.abc import Callable

from inline_snapshot import snapshot

from conformance.flows import in_file
from support.world import Json, World

Count = Callable[[Callable[[], object]], Counter[str]]


def flows(number: int) -> Json:
    """So many flows, each with a flow in it and a configuration."""
    sections: Json = {"authenticationFlows": [], "authenticatorConfig": []}
    for index in range(number):
        executions = {
            "identity-provider-redirector": {
                "authenticator": "identity-provider-redirector",
                "requirement": "ALTERNATIVE",
                "authenticatorConfig": f"office {index}",
                "config": {"defaultProvider": "office"},
            },
            f"forms {index}": {"providerId": "basic-flow", "requirement": "ALTERNATIVE"},
        }
        own = {"authenticationExecutions": executions, "order": list(executions)}
        for name, items in in_file(f"flow {index}", own).items():
            sections[name] += items
    return sections


def about_flows(requests: Counter[str]) -> dict[str, int]:
    return {what: number for what, number in sorted(requests.items()) if "authentication" in what}


def test_a_flow_takes_a_request_and_one_for_each_configuration(
    world: World, requests_of: Count
) -> None:
    world.declare(enabled=True)
    world.apply()
    assert about_flows(requests_of(world.plan)) == {}
    world.declare(enabled=True, **flows(20))
    world.apply()
    assert about_flows(requests_of(world.plan)) == snapshot(
        {
            "GET realms/{}/authentication/config/{}": 20,
            "GET realms/{}/authentication/flows": 1,
            "GET realms/{}/authentication/flows/{}/executions": 20,
        }
    )
