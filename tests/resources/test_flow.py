"""Flows: how they change while people log in with them, and what Keycloak makes of them."""

import json
from itertools import count
from typing import Any

from conformance.flows import in_file
from kcplan.address import Address
from kcplan.plan import Operation, Step
from kcplan_keycloak.flow_sections import gather
from kcplan_keycloak.writer import KeycloakWriter
from support.authorization import connect
from support.harness import Server
from support.sabotage import WAYS, Saboteur, each_write_fails, sent_through
from support.world import Json, World

STAFF: Json = {
    "providerId": "basic-flow",
    "authenticationExecutions": {
        "auth-cookie": {"authenticator": "auth-cookie", "requirement": "ALTERNATIVE"},
        "staff forms": {"providerId": "basic-flow", "requirement": "ALTERNATIVE"},
        "staff forms/auth-username-password-form": {
            "authenticator": "auth-username-password-form",
            "requirement": "REQUIRED",
        },
    },
    "order": ["auth-cookie", "staff forms", "staff forms/auth-username-password-form"],
}
OTP: Json = {"authenticator": "auth-otp-form", "requirement": "REQUIRED"}
SHOP: Json = {
    "clientId": "shop",
    "authenticationFlowBindingOverrides": {"browser": "staff", "direct_grant": "direct grant"},
}
COMPANY: Json = {
    "alias": "company",
    "providerId": "oidc",
    "postBrokerLoginFlowAlias": "staff",
    "config": {"clientId": "x", "clientSecret": "y", "tokenUrl": "https://a.example/t"},
}


def with_code(flow: Json = STAFF) -> Json:
    """The flow with one more execution."""
    key = "staff forms/auth-otp-form"
    executions = {**flow["authenticationExecutions"], key: OTP}
    return {**flow, "authenticationExecutions": executions, "order": [*flow["order"], key]}


def flows(world: World) -> dict[str, Json]:
    """The realm's flows by alias."""
    found = world.admin.json(f"{world.realm}/authentication/flows")
    return {flow["alias"]: flow for flow in found}


def executions(world: World, alias: str) -> list[str]:
    """What is in a flow."""
    found = world.admin.json(f"{world.realm}/authentication/flows/{alias}/executions")
    return [
        f"{item.get('providerId', item['displayName'])} {item['requirement']}" for item in found
    ]


def bindings(world: World) -> tuple[Any, ...]:
    """What is bound to which flow, by id where Keycloak has ids."""
    realm = world.admin.json(world.realm)
    (client,) = world.admin.json(f"{world.realm}/clients", clientId="shop")
    provider = world.admin.json(f"{world.realm}/identity-provider/instances/company")
    names = {flow["id"]: alias for alias, flow in flows(world).items()}
    overrides = client["authenticationFlowBindingOverrides"]
    return (
        realm["browserFlow"],
        {key: names[value] for key, value in overrides.items()},
        provider["postBrokerLoginFlowAlias"],
    )


def all_flows(world: World) -> Any:
    """All flows and who is bound to them; of what is in flows Keycloak chooses the ids."""
    export = world.admin.export(world.realm)
    found = [*export["authenticationFlows"], *export["authenticatorConfig"]]
    for item in found:
        if not item.get("topLevel"):
            item.pop("id")
    return found, bindings(world)


def declare(world: World, flow: Json | None, **more: Any) -> None:
    """A realm that is bound to the flow, with a client and a provider that are."""
    bound = {"browserFlow": "staff", "clients": [SHOP], "identityProviders": [COMPANY]}
    flow_in_file = in_file("staff", flow) if flow is not None else {}
    world.declare(enabled=True, **{**bound, **flow_in_file, **more})


BOUND = ("staff", {"browser": "staff", "direct_grant": "direct grant"}, "staff")


def test_all_that_is_bound_to_a_flow_is_bound_to_the_new_one(world: World) -> None:
    declare(world, STAFF)
    world.apply()
    world.is_settled()
    before = flows(world)["staff"]["id"]
    assert bindings(world) == BOUND

    # One requirement is changed where it is.
    executions_now = {**STAFF["authenticationExecutions"]}
    executions_now["auth-cookie"] = {**executions_now["auth-cookie"], "requirement": "DISABLED"}
    declare(world, {**STAFF, "authenticationExecutions": executions_now})
    world.apply()
    assert flows(world)["staff"]["id"] == before
    assert executions(world, "staff")[0] == "auth-cookie DISABLED"

    declare(world, with_code())
    world.apply()
    world.is_settled()
    assert flows(world)["staff"]["id"] != before
    assert [alias for alias in flows(world) if "kcplan" in alias] == []
    assert bindings(world) == BOUND
    assert executions(world, "staff") == [
        "auth-cookie ALTERNATIVE",
        "staff forms ALTERNATIVE",
        "auth-username-password-form REQUIRED",
        "auth-otp-form REQUIRED",
    ]


def test_a_change_of_a_bound_flow_that_fails_at_any_write_is_undone(world: World) -> None:
    declare(world, STAFF)
    world.apply()
    before = all_flows(world)
    declare(world, with_code())
    for turn in count():
        with sent_through(Saboteur({turn: WAYS["status 500"]})):
            result = world.apply("--parallelism", "1", exit_code=None)
        if result.exit_code == 0:
            break
        assert result.exit_code == 3, result.stderr
        now = all_flows(world)
        assert [i for i in now[0] if i not in before[0]] == [], turn
        assert [i for i in before[0] if i not in now[0]] == [], turn
        assert now == before, turn
    # Three flows are made or filled, three bindings move, one goes, two get their aliases.
    assert turn == 12
    assert bindings(world) == BOUND


NAMES_FOREIGN: Json = {
    **SHOP,
    "serviceAccountsEnabled": True,
    "authorizationServicesEnabled": True,
    "authorizationSettings": {
        "policies": [{"name": "p", "type": "client", "config": {"clients": '["foreign"]'}}]
    },
}
"""A client with a policy that is about another client."""


def test_a_client_that_no_file_manages_is_not_moved(world: World) -> None:
    declare(world, STAFF)
    world.apply()
    world.admin.post(f"{world.realm}/clients", json={"clientId": "foreign"})
    declare(world, with_code(), clients=[NAMES_FOREIGN])
    saved = world.folder / "saved.kcplan"
    world.plan("--out", saved)
    overrides = {"browser": flows(world)["staff"]["id"]}
    world.edit_client("foreign", authenticationFlowBindingOverrides=overrides)
    before = all_flows(world)

    summary = "no file manages what is bound to it"
    result = world.kcplan("apply", saved, "--auto-approve", "--parallelism", "1", exit_code=3)
    said = " ".join(result.stderr.split())
    assert f"{summary}: {world.realm}/clients/foreign" in said
    assert all_flows(world) == before

    found = world.plan(exit_code=1).document["diagnostics"]
    assert [(item["code"], item["summary"]) for item in found] == [
        (
            "flow-bound-elsewhere",
            f"{world.realm}/flows/staff cannot change: {summary}: {world.realm}/clients/foreign",
        )
    ]


def test_a_flow_to_which_something_is_bound_is_not_deleted(world: World) -> None:
    declare(world, STAFF)
    world.apply()
    # The realm and the others stay bound where the files do not say to what.
    own = {key: value for key, value in COMPANY.items() if key != "postBrokerLoginFlowAlias"}
    world.declare(enabled=True, clients=[{"clientId": "shop"}], identityProviders=[own])
    before = all_flows(world)
    said = " ".join(world.apply(exit_code=3).stderr.split())
    assert f"{world.realm}/flows/staff cannot be deleted: bound to it are" in said
    assert f"{world.realm} (browserFlow)" in said
    assert all_flows(world) == before


# -- Keycloak's own ---------------------------------------------------------------------------


def exported(world: World) -> Json:
    """The flows of the realm as an export has them."""
    document = world.admin.export(world.realm)
    return {key: document[key] for key in ("authenticationFlows", "authenticatorConfig")}


def test_keycloaks_own_flows_are_adopted_and_stay(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    there = exported(world)
    world.declare(enabled=True, **there)
    plan = world.plan()
    assert {action for address, action in plan.actions.items() if "flows" in address} == {"adopt"}
    assert [i for i in plan.document["resource_changes"] if i["changes"]] == []
    world.apply()
    world.is_settled()
    assert exported(world) == there
    world.declare(enabled=True)
    assert "delete" not in world.plan().actions.values()


def test_a_flow_of_keycloaks_own_loses_no_execution(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    there = exported(world)
    for flow in there["authenticationFlows"]:
        if flow["alias"] == "docker auth":
            flow["authenticationExecutions"] = []
    world.declare(enabled=True, **there)
    (finding,) = (
        item
        for item in world.plan(exit_code=1).document["diagnostics"]
        if item["severity"] == "error"
    )
    assert finding["code"] == "forbidden-change"
    assert finding["summary"] == (
        f"docker-http-basic-authenticator of {world.realm}/flows/docker auth cannot be removed: "
        "the flow is Keycloak's own"
    )


def test_a_change_of_keycloaks_own_flow_that_fails_at_any_write_is_undone(world: World) -> None:
    world.declare(enabled=True)
    world.apply()
    there = exported(world)
    own = gather(there).data["authenticationFlows"]
    (direct,) = (flow for flow in own if flow["alias"] == "direct grant")
    entries = json.loads(json.dumps(direct["authenticationExecutions"]))
    conditional = "Direct Grant - Conditional OTP"
    entries[conditional]["requirement"] = "REQUIRED"
    entries[f"{conditional}/conditional-user-configured"]["requirement"] = "DISABLED"
    changed = {"authenticationExecutions": entries, "order": direct["order"]}
    world.declare(enabled=True, **in_file("direct grant", changed))

    def is_as_before() -> None:
        assert exported(world) == there
        assert world.admin.json(world.realm)["directGrantFlow"] == "direct grant"

    each_write_fails(lambda: world.apply("--parallelism", "1", exit_code=None), is_as_before)
    world.is_settled()
    assert executions(world, "direct grant")[2:] == [
        f"{conditional} REQUIRED",
        "conditional-user-configured DISABLED",
        "direct-grant-validate-otp REQUIRED",
    ]
    assert world.admin.json(world.realm)["directGrantFlow"] == "direct grant"


# -- names and secrets ------------------------------------------------------------------------


def test_an_authenticator_that_the_server_does_not_have_is_named(world: World) -> None:
    flow = {**STAFF, "authenticationExecutions": {"x": {**OTP, "authenticator": "auth-otp-from"}}}
    world.declare(enabled=True, **in_file("staff", {**flow, "order": ["x"]}))
    (finding,) = world.plan(exit_code=1).document["diagnostics"]
    assert finding["code"] == "unknown-to-server"
    assert (
        "has no authenticator `auth-otp-from`; did you mean `auth-otp-form`?" in finding["summary"]
    )


def captcha(secret: str | None, requirement: str = "REQUIRED") -> Json:
    """A flow with a form that has a secret."""
    config = {"site.key": "open", **({"secret.key": secret} if secret else {})}
    return {
        "providerId": "basic-flow",
        "authenticationExecutions": {
            "page": {
                "providerId": "form-flow",
                "authenticator": "registration-page-form",
                "requirement": "REQUIRED",
            },
            "page/registration-recaptcha-action": {
                "authenticator": "registration-recaptcha-action",
                "requirement": requirement,
                "authenticatorConfig": "captcha",
                "config": config,
            },
        },
        "order": ["page", "page/registration-recaptcha-action"],
    }


def test_a_secret_is_kept_where_a_flow_changes_and_shown_nowhere(world: World) -> None:
    secret = "distinctive-secret-of-flows"
    flow = {**captcha("${env:CAPTCHA}"), "description": "before"}
    world.declare(enabled=True, registrationFlow="sign up", **in_file("sign up", flow))
    env = {"CAPTCHA": secret}
    outputs = [world.apply(env=env).stdout]
    assert world.plan(env=env).actions == {}
    # More than one field: the flow is made anew, and its secret is told again.
    flow = {**captcha("${env:CAPTCHA}", "DISABLED"), "description": "after"}
    world.declare(enabled=True, registrationFlow="sign up", **in_file("sign up", flow))
    plan = world.plan(env=env)
    assert set(plan.fields("flows/sign up")) == {
        "description",
        "authenticationExecutions.page/registration-recaptcha-action.requirement",
        "authenticationExecutions.page/registration-recaptcha-action.config.secret.key",
    }
    outputs += [plan.result.stdout, world.apply(env=env).stdout, world.state_file.read_text()]
    assert world.plan(env=env).actions == {}
    assert [text for text in outputs if secret in text] == []


def test_a_flow_with_a_secret_that_nobody_tells_is_not_made_anew(world: World) -> None:
    world.declare(enabled=True, registrationFlow="sign up", **in_file("sign up", captcha("open")))
    world.apply()
    before = exported(world)
    moved = {**captcha(None, "DISABLED"), "description": "another"}
    world.declare(enabled=True, registrationFlow="sign up", **in_file("sign up", moved))
    world.state_file.unlink()
    said = " ".join(world.apply(exit_code=None).stderr.split())
    assert "Keycloak does not give away secret.key of page/registration-recaptcha-action" in said
    assert exported(world) == before


def captcha_and_terms(*order: str, **more: Any) -> Json:
    """A form with a secret and another step, in this order."""
    flow = captcha("${env:CAPTCHA}")
    step = {"authenticator": "registration-user-creation", "requirement": "REQUIRED"}
    entries = {**flow["authenticationExecutions"], "page/registration-user-creation": step}
    return {
        **flow,
        "authenticationExecutions": entries,
        "order": ["page", *(f"page/{name}" for name in order)],
        **more,
    }


def test_a_flow_with_a_secret_is_reordered(world: World) -> None:
    names = ("registration-recaptcha-action", "registration-user-creation")
    env = {"CAPTCHA": "secret-of-a-captcha"}
    for order in (names, names[::-1]):
        flow = in_file("sign up", captcha_and_terms(*order))
        world.declare(enabled=True, registrationFlow="sign up", **flow)
        world.apply(env=env)
        assert [item.split()[0] for item in executions(world, "sign up")[1:]] == list(order)
        assert world.plan(env=env).actions == {}


def test_a_change_has_not_happened_while_a_flow_still_stands_in(
    world: World, keycloak: Server
) -> None:
    world.declare(enabled=True, **in_file("staff", STAFF))
    world.apply()
    there = flows(world)["staff"]
    address = Address.of(world.realm, "flows", "staff")
    after = {("authenticationExecutions", "auth-cookie", "requirement"): "ALTERNATIVE"}
    step = Step("x", Operation.UPDATE, address, "flow", object_id=there["id"], after=after)
    with connect(keycloak.environment) as api:
        assert KeycloakWriter(api).happened(step) is True
        at = f"{world.realm}/authentication/flows/staff/copy"
        world.admin.post(at, json={"newName": "staff - kcplan 1"})
        assert KeycloakWriter(api).happened(step) is False


LAST: Json = {"clientId": "last"}
"""A client that goes with the last write of an apply, so that this can fail."""


def test_a_rollback_says_that_the_old_secret_of_a_flow_is_lost(world: World) -> None:
    flow = in_file("sign up", captcha("${env:CAPTCHA}"))
    world.declare(enabled=True, registrationFlow="sign up", **flow, clients=[LAST])
    world.apply(env={"CAPTCHA": "the-first-secret"})
    world.declare(enabled=True, registrationFlow="sign up", **flow)
    env = {"CAPTCHA": "the-second-secret"}
    lost = "the old secret.key is lost: Keycloak does not give it back"
    with sent_through(Saboteur({1: WAYS["status 500"]})):
        result = world.apply(env=env, exit_code=None)
    planned, said = (" ".join(text.split()) for text in (result.stdout, result.stderr))
    assert lost in planned
    assert lost in said
    assert "Keycloak is as it was before" not in said
