"""A folder of keycloak-config-cli's files, as they are: planned, applied, settled, and gone again.

The files are in `tests/realms/config-cli/`: each section that the tool has, and each placeholder that
kcplan replaces. `variables.env` has what its pipeline sets, but the realm's name.
"""

import json
import shutil
from http import HTTPStatus
from pathlib import Path
from typing import Final

from inline_snapshot import snapshot

from support.world import World

_FOLDER: Final = Path(__file__).parents[1] / "realms" / "config-cli"


def test_a_folder_of_files_is_applied_stays_settled_and_goes_again(world: World) -> None:
    shutil.copytree(_FOLDER, world.folder, dirs_exist_ok=True)
    lines = (_FOLDER / "variables.env").read_text(encoding="utf-8").splitlines()
    world.variables.update(dict(line.split("=", 1) for line in lines), REALM=world.realm)
    validated = world.kcplan("validate", "--format", "json")
    said = [
        (item["code"], item["severity"]) for item in json.loads(validated.stdout)["diagnostics"]
    ]
    assert sorted({*said}) == snapshot(
        [("ignored-field", "note"), ("obsolete-field", "note"), ("rewritten-value", "note")]
    )
    first = world.kcplan("plan", "--detailed-exitcode", exit_code=2)
    assert "what the files do not name stays in Keycloak [absent-stays]" in first.stderr
    applied = world.kcplan("apply", "--auto-approve")
    settled = world.kcplan("plan", "--detailed-exitcode")
    assert "absent-stays" not in settled.stderr
    _has_what_they_say(world)
    assert _changed_without_state(world) == snapshot({})
    destroyed = world.kcplan("destroy", "--auto-approve")
    assert world.admin.get(world.realm, check=False).status_code == HTTPStatus.NOT_FOUND
    shown = "".join(run.stdout + run.stderr for run in (validated, applied, settled, destroyed))
    for name in ("CRANE_SECRET", "SUPPLIER_CLIENT_SECRET", "LDAP_BIND_PASSWORD"):
        assert str(world.variables[name]) not in shown


def _changed_without_state(world: World) -> dict[str, list[str]]:
    """The fields that a first plan changes, on a realm that another tool brought to these files."""
    plan = world.kcplan("plan", "--format", "json", "--state", "other.state.json")
    changes = json.loads(plan.stdout)["resource_changes"]
    assert {item["action"] for item in changes} <= {"adopt", "noop"}
    return {
        item["address"].removeprefix(world.realm).removeprefix("/") or ".": fields
        for item in changes
        if (fields := [".".join(change["path"]) for change in item["changes"]])
    }


def _has_what_they_say(world: World) -> None:
    """What placeholders stand for has arrived, in the type of its field."""
    realm = world.admin.json(world.realm)
    attributes = realm["attributes"]
    names = ("stage", "host", "query", "plain", "badge", "literal")
    assert {name: attributes[name] for name in names} == snapshot(
        {
            "stage": "pilot",
            "host": "pilot.werft.example",
            "query": "a+b%26c",
            "plain": "a b&c",
            "badge": "V2VyZnQ=",
            "literal": "$(env:STAGE)",
        }
    )
    found = (realm["accessTokenLifespan"], realm["rememberMe"], sorted(realm["supportedLocales"]))
    assert found == snapshot((420, True, ["de", "en", "nl"]))
    portal = world.client("portal") or {}
    assert sorted(portal["redirectUris"]) == snapshot(
        ["https://portal.pilot.werft.example", "https://portal.pilot.werft.example/*"]
    )
    flows = {
        flow["id"]: flow["alias"]
        for flow in world.admin.json(world.path("authentication", "flows"))
    }
    overrides = portal["authenticationFlowBindingOverrides"]
    assert {kind: flows[flow] for kind, flow in overrides.items()} == snapshot(
        {"direct_grant": "direct grant", "browser": "yard"}
    )
    planner = world.admin.json(world.in_client("yard-planner", "client-secret"))
    assert planner["value"] == (_FOLDER / "realms/secrets/yard-planner").read_text().strip()
    assert world.composites("roles", f"default-roles-{world.realm}") >= {"worker"}
