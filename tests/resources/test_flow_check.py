"""What a plan says of flows that only the whole realm tells: who is bound, and what is taken."""

from inline_snapshot import snapshot

from conformance.flows import in_file
from kcplan.address import Address
from kcplan_keycloak.flow_check import not_seen
from support.faults import FaultyTransport, status
from support.readers import sign_in
from support.sabotage import sent_through
from support.world import Json, World


def staff(requirement: str = "REQUIRED", inner: str = "staff forms") -> Json:
    """A flow with a password and a code, which is required or not."""
    entries: Json = {
        inner: {"providerId": "basic-flow", "requirement": "REQUIRED"},
        f"{inner}/auth-username-password-form": {
            "authenticator": "auth-username-password-form",
            "requirement": "REQUIRED",
        },
        f"{inner}/auth-otp-form": {"authenticator": "auth-otp-form", "requirement": requirement},
    }
    return {"authenticationExecutions": entries, "order": list(entries)}


def errors(found: Json) -> list[tuple[str, str]]:
    return [
        (item["code"], item["summary"])
        for item in found["diagnostics"]
        if item["severity"] == "error"
    ]


def test_a_factor_lost_where_only_a_foreign_client_logs_in_is_a_danger(world: World) -> None:
    world.declare(enabled=True, **in_file("staff", staff()))
    world.apply()
    world.declare(enabled=True, **in_file("staff", staff("DISABLED")))
    # Nobody logs in with it.
    assert world.plan().document["risks"] == []
    flows = world.admin.json(f"{world.realm}/authentication/flows")
    (flow_id,) = (flow["id"] for flow in flows if flow["alias"] == "staff")
    overrides = {"browser": flow_id}
    foreign = {"clientId": "foreign", "authenticationFlowBindingOverrides": overrides}
    world.admin.post(f"{world.realm}/clients", json=foreign)
    (risk,) = world.plan().document["risks"]
    assert (risk["level"], risk["code"]) == ("danger", "flow-asks-for-less")
    assert risk["summary"] == "staff forms/auth-otp-form is switched off"


def test_the_note_names_the_flows_of_which_not_all_can_be_seen() -> None:
    staff, visitors = (Address.of("shop", "flows", name) for name in ("staff", "visitors"))
    assert list(not_seen({staff: (), visitors: ()})) == []
    (found,) = not_seen({staff: ("client", "identity-provider"), visitors: ()})
    assert (str(found.severity), found.code) == ("note", "bindings-not-seen")
    assert found.summary == snapshot(
        "which clients and identity providers use the flows that change was not looked at"
    )
    assert found.detail == snapshot(
        "The account that kcplan uses may not see clients and identity providers, so a plan cannot tell whether some that no file manages are bound to these flows, and what that makes risky: shop/flows/staff. Give it view-clients and view-identity-providers."
    )


def test_who_may_not_see_what_is_bound_to_a_flow_is_told_so(world: World) -> None:
    world.declare(enabled=True, **in_file("staff", staff()))
    world.apply()
    variables = sign_in(world, ["view-realm"])
    assert world.plan(env=variables).codes == []
    world.declare(enabled=True, **in_file("staff", staff("DISABLED")))
    (found,) = world.plan(env=variables).document["diagnostics"]
    assert (found["severity"], found["code"]) == ("note", "bindings-not-seen")
    assert found["summary"] == (
        "which clients and identity providers use the flows that change was not looked at"
    )
    world.grant("reader", "realm-management/view-clients")
    (found,) = world.plan(env=variables).document["diagnostics"]
    assert found["summary"] == (
        "which identity providers use the flows that change was not looked at"
    )
    assert world.plan().codes == []


def test_a_plan_fails_where_keycloak_does_not_tell_what_is_bound_to_a_flow(world: World) -> None:
    world.declare(enabled=True, **in_file("staff", staff()))
    world.apply()
    world.declare(enabled=True, **in_file("staff", staff("DISABLED")))
    faults = FaultyTransport()
    faults.fail(status(500), method="GET", path=f"/{world.realm}/clients", times=9)
    with sent_through(faults):
        result = world.kcplan("plan", world.file, exit_code=1)
    assert f"Keycloak failed at GET /admin/realms/{world.realm}/clients" in result.stderr


def test_an_alias_that_a_flow_within_another_one_has_is_taken(world: World) -> None:
    world.declare(enabled=True, **in_file("staff", staff()))
    world.apply()
    other = in_file("visitors", staff(inner="forms"))
    world.declare(enabled=True, **other)
    taken = f"{world.realm}/flows/visitors cannot have the flow `forms`: "
    assert errors(world.plan(exit_code=1).document) == [
        ("flow-alias-taken", f"{taken}the flow `browser` has it already")
    ]
    key = "forms apart/conditional-credential"
    config: Json = {"authenticatorConfig": "browser-conditional-credential", "config": {}}
    fields = {"authenticator": "conditional-credential", "requirement": "REQUIRED", **config}
    own = staff(inner="forms apart")
    entries = {**own["authenticationExecutions"], key: fields}
    own = {"authenticationExecutions": entries, "order": [*own["order"], key]}
    world.declare(enabled=True, **in_file("visitors", own))
    said = "the configuration `browser-conditional-credential`: the flow `browser` has it already"
    assert errors(world.plan(exit_code=1).document) == [
        ("flow-alias-taken", f"{world.realm}/flows/visitors cannot have {said}")
    ]
    # What another flow is about to lose it still has while the plan is executed.
    both = {
        name: [*section, *in_file("visitors", staff(inner="staff forms"))[name]]
        for name, section in in_file("staff", staff(inner="others")).items()
    }
    world.declare(enabled=True, **both)
    taken = f"{world.realm}/flows/visitors cannot have the flow `staff forms`: "
    assert errors(world.plan(exit_code=1).document) == [
        ("flow-alias-taken", f"{taken}the flow `staff` has it already")
    ]


def test_an_alias_that_keycloak_gives_in_a_new_realm_is_a_warning(world: World) -> None:
    world.declare(enabled=True, **in_file("visitors", staff(inner="forms")))
    (found,) = (
        item for item in world.plan().document["diagnostics"] if item["severity"] == "warning"
    )
    assert found["code"] == "flow-alias-taken"
    said = "cannot have the flow `forms`: the flow `browser` has it already"
    assert found["summary"] == f"{world.realm}/flows/visitors {said}"


def test_two_flows_of_the_files_cannot_have_a_flow_of_the_same_alias_in_them(world: World) -> None:
    first, second = (world.folder / f"{name}.json" for name in ("first", "second"))
    for file, name in ((first, "staff"), (second, "visitors")):
        world.declare(enabled=True, **in_file(name, staff()))
        world.file.rename(file)
    result = world.kcplan("validate", first, second, "--format", "json", exit_code=1)
    assert "would both have the flow `staff forms`" in result.stdout
