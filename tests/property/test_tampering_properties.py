"""Random tampering outside the files, between random applies, on a real server."""

from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from support.harness import Admin
from support.world import Changes, World

Field = tuple[str, str]
"""The address of a resource, and a field that no file mentions."""

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


def declare(world: World, text: str) -> None:
    """Something of each object, and none of the fields that are tampered with."""
    world.declare(
        displayName=text,
        clients=[
            {"clientId": "made", "description": text, "serviceAccountsEnabled": True},
            {"clientId": "adopted", "description": text},
        ],
        roles={"realm": [{"name": "made", "attributes": {"text": [text]}}]},
    )


def there(world: World, field: Field) -> Any:
    """The value of a field."""
    client = of_account(field)
    if client:
        return sorted(world.granted(client))
    return world.admin.json(at(world, field[0])).get(field[1])


def of_account(field: Field) -> str:
    """The client of whose account the field is; an empty text for other fields."""
    return field[0].split("/")[1] if field[0].endswith("/service-account") else ""


def at(world: World, address: str) -> str:
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
    world.admin.put(path, json={**world.admin.json(path), field[1]: value})


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
    client = {"clientId": "adopted", "serviceAccountsEnabled": True}
    admin.post(world.path("clients"), json=client)
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
