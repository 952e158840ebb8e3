"""Random tampering outside the files, between random applies, on a real server."""

from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from support.harness import Admin
from support.world import Changes, World

Field = tuple[str, str]
"""The address of a resource, and a field that no file mentions: `attributes.x` is an entry."""

POLICY = "clients/adopted/authorization/policies/hours"

VALUES: dict[Field, list[Any]] = {
    (".", "sslRequired"): ["none", "all"],
    (".", "rememberMe"): [True, False],
    (".", "bruteForceProtected"): [True, False],
    ("clients/made", "consentRequired"): [True, False],
    ("clients/made", "redirectUris"): [["*"], ["https://made.example/*"]],
    ("clients/made", "webOrigins"): [["*"], ["+"]],
    ("clients/adopted", "fullScopeAllowed"): [True, False],
    ("clients/adopted", "implicitFlowEnabled"): [True, False],
    ("clients/adopted", "directAccessGrantsEnabled"): [True, False],
    (".", "attributes.seen"): ["1", "2", None],
    ("clients/made", "attributes.post.logout.redirect.uris"): ["*", "+", None],
    ("clients/adopted", "attributes.use.refresh.tokens"): ["true", "false", None],
    (POLICY, "logic"): ["NEGATIVE", "POSITIVE"],
    (POLICY, "config.minute"): ["5", "6"],
    ("roles/made", "description"): ["a", "b"],
    ("clients/made/service-account", "realmRoles"): [["made"], []],
    ("clients/adopted/service-account", "realmRoles"): [["made"], ["offline_access"]],
}
TAMPERING = st.sampled_from([(key, value) for key, values in VALUES.items() for value in values])
STEPS = st.lists(
    st.one_of(
        TAMPERING.map(lambda change: ("tamper", change)),
        TAMPERING.map(lambda change: ("tamper", change)),
        st.tuples(st.just("apply"), st.sampled_from(["one", "two", "three"])),
        st.just(("accept", None)),
    ),
    min_size=3,
    max_size=10,
)


HOURS = {"name": "hours", "type": "time", "config": {"hour": "8"}}


def declare(world: World, text: str) -> None:
    """Something of each object, and none of the fields that are tampered with."""
    world.declare(
        displayName=text,
        clients=[
            {"clientId": "made", "description": text, "serviceAccountsEnabled": True},
            {
                "clientId": "adopted",
                "description": text,
                "attributes": {"text": text},
                "authorizationSettings": {"policies": [{**HOURS, "description": text}]},
            },
        ],
        roles={"realm": [{"name": "made", "attributes": {"text": [text]}}]},
    )


def there(world: World, field: Field) -> Any:
    """The value of a field."""
    client = of_account(field)
    if client:
        return sorted(world.granted(client))
    found = world.admin.json(at(world, field[0]))
    table, dot, entry = field[1].partition(".")
    return found.get(table, {}).get(entry) if dot else found.get(table)


def of_account(field: Field) -> str:
    """The client of whose account the field is; an empty text for other fields."""
    return field[0].split("/")[1] if field[0].endswith("/service-account") else ""


def at(world: World, address: str) -> str:
    if address == POLICY:
        policies = world.in_client("adopted", "authz", "resource-server", "policy")
        found = world.admin.json(policies)
        return f"{policies}/{next(i['id'] for i in found if i['name'] == 'hours')}"
    kind, _, name = address.partition("/")
    if kind == "clients":
        return world.in_client(name)
    return world.path("roles", name) if kind == "roles" else world.path()


def tamper(world: World, field: Field, value: Any) -> None:
    """Somebody changes a field, and nothing else."""
    if client := of_account(field):
        user = world.path("users", (world.account(client) or {})["id"], "role-mappings", "realm")
        for role in world.granted(client):
            world.admin.delete(user, json=[world.role(role)])
        for role in value:
            world.grant(client, role)
        return
    path = at(world, field[0])
    body = world.admin.json(path)
    table, dot, entry = field[1].partition(".")
    changed = {**body.get(table, {}), entry: value} if dot else value
    world.admin.put(path, json={**body, table: changed})


def reported(world: World) -> set[Field]:
    refresh = world.refresh("--detailed-exitcode", exit_code=None)
    found = {(address, name) for address, names in refresh.outside.items() for name in names}
    accounts = {(address, name) for address in refresh.drift for name in granted(refresh, address)}
    assert refresh.result.exit_code == (2 if found or accounts else 0)
    plan = world.plan()
    assert {(a, name) for a, names in plan.outside.items() for name in names} == found
    return found | accounts


def granted(refresh: Changes, address: str) -> list[str]:
    """The fields of an account that drifted. Of nothing else may anything count as declared."""
    fields = list(refresh.fields(address, of="drift"))
    assert (address.endswith("/service-account"), fields) == (True, ["realmRoles"])
    return fields


@settings(
    max_examples=max(3, settings().max_examples // 15),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_what_was_tampered_with_is_named_until_it_is_accepted(
    world: World, admin: Admin, steps: list[tuple[str, Any]]
) -> None:
    world.admin.delete(world.realm, check=False)
    world.state_file.unlink(missing_ok=True)
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    services = dict.fromkeys(("serviceAccountsEnabled", "authorizationServicesEnabled"), True)
    admin.post(world.path("clients"), json={"clientId": "adopted", **services})
    admin.post(world.in_client("adopted", "authz", "resource-server", "policy"), json=HOURS)
    world.grant("adopted", "offline_access")
    declare(world, "zero")
    world.apply()
    baseline = {field: there(world, field) for field in VALUES}
    for action, detail in steps:
        event(action)
        if action == "tamper":
            tamper(world, *detail)
        elif action == "apply":
            declare(world, detail)
            world.apply()
        else:
            world.kcplan("refresh", "--accept")
            baseline = {field: there(world, field) for field in VALUES}
        now = {field: there(world, field) for field in VALUES}
        # Applies are looked at as well, since it is they that could swallow something.
        if action != "tamper":
            assert reported(world) == {f for f in VALUES if now[f] != baseline[f]}
    assert reported(world) == {f for f in VALUES if there(world, f) != baseline[f]}
