"""Flows as somebody at the console sees and changes them."""

from collections.abc import Iterator
from typing import Any

from conformance.overlays import Json, overlaid
from conformance.sample import Hand
from kcplan_keycloak.flow_scattering import scatter

EXECUTIONS = "authenticationExecutions"


def in_file(name: str, fields: Json) -> Json:
    """A flow with these fields, as a realm file has it."""
    return dict(scatter({"authenticationFlows": [{"alias": name, **fields}]}))


def path_of_flow(hand: Hand, name: str) -> str | None:
    """Where the flow with this alias is."""
    found = hand.find(hand.path("authentication", "flows"), alias=name)
    return hand.path("authentication", "flows", found["id"]) if found else None


def look_at_flow(hand: Hand, at: str) -> Any:
    """A flow with all that is in it, under keys as kcplan has them."""
    flow = hand.get(at)
    if flow is None:
        return None
    executions = {key: _fields(hand, item) for key, item in _keyed(hand, flow["alias"])}
    own = {"description": flow.get("description"), "providerId": flow["providerId"]}
    return {**own, "alias": flow["alias"], EXECUTIONS: executions, "order": list(executions)}


def _keyed(hand: Hand, alias: str) -> Iterator[tuple[str, Json]]:
    above: list[str] = []
    for item in hand.get(hand.path("authentication", "flows", alias, "executions")):
        is_flow = item.get("authenticationFlow")
        name = item["displayName"] if is_flow else item["providerId"]
        above = [*above[: item["level"]], name]
        yield "/".join(above), item


def _fields(hand: Hand, item: Json) -> Json:
    found = {"requirement": item["requirement"]}
    if "providerId" in item:
        found["authenticator"] = item["providerId"]
    if item.get("authenticationFlow"):
        is_form = "ALTERNATIVE" not in item["requirementChoices"]
        found["providerId"] = "form-flow" if is_form else "basic-flow"
        found["description"] = item.get("description") or None
    if config_id := item.get("authenticationConfig"):
        config = hand.get(hand.path("authentication", "config", config_id))
        found |= {"authenticatorConfig": config["alias"], "config": config["config"]}
    return {key: value for key, value in found.items() if value is not None}


def edit_flow(hand: Hand, at: str, changes: Json) -> None:
    """Change a flow: its description, then its executions, then their order."""
    flow = hand.get(at)
    if "description" in changes:
        hand.admin.put(at, json={**flow, "description": changes["description"]})
    executions = hand.path("authentication", "flows", flow["alias"], "executions")
    there = dict(_keyed(hand, flow["alias"]))
    for key, change in changes.get(EXECUTIONS, {}).items():
        if key not in there:
            if change is not None and "authenticator" in change:
                _add(hand, flow["alias"], key, change)
        elif change is None:
            hand.admin.delete(hand.path("authentication", "executions", there[key]["id"]))
        else:
            _edit_execution(hand, executions, there[key], change)
    there = dict(_keyed(hand, flow["alias"]))
    for number, key in enumerate(changes.get("order", ())):
        if key in there:
            hand.admin.put(executions, json={**there[key], "priority": number})


def _add(hand: Hand, alias: str, key: str, fields: Json) -> None:
    above = key.rpartition("/")[0].rpartition("/")[2] or alias
    at = hand.path("authentication", "flows", above, "executions")
    hand.admin.post(f"{at}/execution", json={"provider": fields["authenticator"]})
    made = dict(_keyed(hand, alias))[key]
    _edit_execution(hand, at, made, {"requirement": fields["requirement"]})


def _edit_execution(hand: Hand, executions: str, item: Json, change: Json) -> None:
    if "requirement" in change:
        hand.admin.put(executions, json={**item, "requirement": change["requirement"]})
    if "description" in change:
        at = hand.path("authentication", "flows", item["flowId"])
        hand.admin.put(at, json={**hand.get(at), "description": change["description"]})
    if "config" in change or "authenticatorConfig" in change:
        at = hand.path("authentication", "config", item["authenticationConfig"])
        before = hand.get(at)
        config = overlaid(before["config"], change.get("config", {}))
        alias = change.get("authenticatorConfig", before["alias"])
        hand.admin.put(at, json={**before, "alias": alias, "config": config})
