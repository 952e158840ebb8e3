"""A realm that Terraform made is imported: the first plan is empty, and nothing is left behind.

`tests/realms/terraform/` has a state as the Keycloak provider writes it. The test makes what it says
by the Admin API, as the provider does, and moves as `docs/coming-from-terraform.md` tells.
"""

import json
from pathlib import Path
from typing import Final

from support import terraform
from support.importing import read
from support.terraform.page import types
from support.terraform.state import places, resources
from support.world import World

_STATE: Final = Path(__file__).parents[1] / "realms" / "terraform" / "library.tfstate.json"
_OF_THE_REALM: Final = {
    "browserFlow",
    "clientPolicies",
    "clientProfiles",
    "defaultGroups",
    "defaultOptionalClientScopes",
    "enabledEventTypes",
    "smtpServer",
}


def test_a_realm_of_terraform_is_moved_without_a_change(world: World) -> None:
    left = resources(_STATE, world.realm)
    terraform.make(world, left)
    before = world.export()

    options = ("--users", "--compare-with-new-realm", "--secrets-out", ".env")
    world.kcplan("import", world.realm, *options)
    file = f"{world.realm}.toml"
    first = world.kcplan("plan", file, "--var-file", ".env", "--detailed-exitcode")

    assert first.stdout == "No changes. Your Keycloak matches the configuration.\n"
    assert world.export() == before
    entries = json.loads(world.state_file.read_text(encoding="utf-8"))["resources"]
    managed = {entry["address"]: entry["type"] for entry in entries}
    assert read(world, file).keys() > _OF_THE_REALM
    said = types()
    found = {(kind, address): managed.get(address) for kind, address in places(left)}
    assert {at: kind for at, kind in found.items() if kind not in said[at[0]]} == {}
    assert len({kind for kind, _ in found}) > 50
