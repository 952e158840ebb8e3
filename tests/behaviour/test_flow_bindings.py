"""The flows that a realm is bound to: names of flows, which must be there when a plan is made."""

import pytest

from support.world import World

BINDINGS = (
    "browserFlow",
    "clientAuthenticationFlow",
    "directGrantFlow",
    "dockerAuthenticationFlow",
    "firstBrokerLoginFlow",
    "registrationFlow",
    "resetCredentialsFlow",
)


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("binding", BINDINGS)
def test_an_unknown_one_is_named_with_its_place(
    world: World, binding: str, *, is_new: bool
) -> None:
    if not is_new:
        world.admin.post("", json={"realm": world.realm, "enabled": True})
    world.declare(enabled=True, **{binding: "nonesuch"})
    (finding,) = world.plan(exit_code=1).document["diagnostics"]
    assert (finding["code"], finding["path"]) == ("unknown-reference", [binding])
    line = world.file.read_text().splitlines()[finding["source"]["line"] - 1]
    assert binding in line
    assert finding["summary"] == (
        f"realm {world.realm} names {world.realm}/flows/nonesuch, which does not exist"
    )
    world.apply(exit_code=1)


def test_a_realm_keeps_its_flows_when_it_is_renamed(world: World) -> None:
    old = f"{world.realm}-old"
    world.admin.post("", json={"realm": old, "enabled": True})
    copy = {"newName": "our browser"}
    world.admin.post(f"{old}/authentication/flows/browser/copy", json=copy)
    try:
        flows = {"browserFlow": "our browser", "directGrantFlow": "direct grant"}
        world.declare(enabled=True, **flows)
        text = world.file.read_text()
        world.file.write_text(text.replace(world.realm, old))
        world.apply()
        world.file.write_text(text)
        world.settings(f'[[moved]]\nfrom = "{old}"\nto = "REALM"\n')
        assert world.plan().actions == {".": "move"}
        world.apply()
        world.is_settled()
        assert world.admin.json(world.realm)["browserFlow"] == "our browser"

        # A flow that is there only under the old name is none.
        world.declare(enabled=True, **{**flows, "directGrantFlow": "nonesuch"})
        (finding,) = world.plan(exit_code=1).document["diagnostics"]
        assert (finding["code"], finding["path"]) == ("unknown-reference", ["directGrantFlow"])
    finally:
        world.admin.delete(old, check=False)


def test_a_new_realm_may_be_bound_to_what_keycloak_makes_in_it(world: World) -> None:
    flows = (
        "browser",
        "clients",
        "direct grant",
        "docker auth",
        "first broker login",
        "registration",
        "reset credentials",
    )
    world.declare(enabled=True, **dict(zip(BINDINGS, flows, strict=True)))
    world.apply()
    world.is_settled()
