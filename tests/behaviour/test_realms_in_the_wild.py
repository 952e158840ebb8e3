"""Realm files as people have them: each is applied as it is, stays settled, and goes again.

The files are in `tests/realms/`: in the style of files that people keep, with what their servers and
tools write there, and with made-up names. `NAME.json` or `NAME.yaml` is one realm; beside it may be
`NAME.toml`, its `kcplan.toml`, and `NAME.env`, a line `VARIABLE=value` for each variable that it takes.
Each test puts a new name in the place of the realm's, wherever the file has it, and sets the variables
that the plan asks for in the place of asterisks.
"""

import json
from http import HTTPStatus
from pathlib import Path
from typing import Final

import pytest
import yaml

from support.masked import supply
from support.world import Json, World

_FOLDER = Path(__file__).parents[1] / "realms"
_FILES = sorted(path for path in _FOLDER.iterdir() if path.suffix in {".json", ".yaml"})

_SAID: Final = {
    "alte-werkstatt": "empty-section ignored-field obsolete-field repeated-field "
    "rewritten-value secret-on-public-client",
    "bookshelf": "ignored-field masked-value rewritten-value",
    "checkout-prod": "ignored-field masked-value token-exchange-audience-unavailable",
    "civic-login": "ignored-field masked-value repeated-field",
    "fenwick-college": "does-not-agree ignored-field masked-value obsolete-field "
    "repeated-field rewritten-value",
    "greenhouse-iot": "ignored-field rewritten-value",
    "hafenklinik": "does-not-agree ignored-field masked-value rewritten-value",
    "helpdesk": "ignored-field",
    "lunchbox": "does-not-agree ignored-field masked-value",
    "makerlab": "ignored-field rewritten-value",
    "metering": "ignored-field masked-value",
    "nordhaven-university": "ignored-field masked-value obsolete-field "
    "repeated-field rewritten-value",
    "nordwind-dev": "ignored-field rewritten-value",
    "open-banking": "ignored-field",
    "parcels-dev": "ignored-field masked-value",
    "quill-cloud": "ignored-field masked-value obsolete-field rewritten-value",
    "rathaus-online": "ignored-field",
    "records-office": "ignored-field masked-value",
    "saas-prod": "ignored-field masked-value repeated-field",
    "stadtwerke-niederau": "ignored-field obsolete-field repeated-field rewritten-value",
}
"""What `validate` says of each file: the codes of its notes and warnings. A section that begins to be
left out is seen here."""

_CLIENTS: Final = frozenset(
    """
    account account-console admin-cli broker realm-management security-admin-console
    """.split()
)
"""The clients that Keycloak makes in each realm."""
_ROLES: Final = frozenset({"offline_access", "uma_authorization"})
"""Its roles, beside the one whose name has the realm's in it."""


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_it_is_applied_stays_settled_and_goes_again(path: Path, world: World) -> None:
    file = _put(path, world)
    validated = world.kcplan("validate", file, "--format", "json")
    said = {item["code"] for item in json.loads(validated.stdout)["diagnostics"]}
    assert " ".join(sorted(said)) == _SAID[path.stem]
    if "masked-value" in said:
        supply(world, file)
    planned = world.kcplan("plan", file, "--detailed-exitcode", exit_code=2)
    assert " error" not in planned.stderr
    applied = world.kcplan("apply", file, "--auto-approve")
    _nothing_was_left_out(file, world)
    state = world.state_file.read_text(encoding="utf-8")
    settled = world.kcplan("plan", file, "--detailed-exitcode")
    refreshed = world.kcplan("refresh", "--detailed-exitcode")
    destroyed = world.kcplan("destroy", "--auto-approve")
    assert world.admin.get(world.realm, check=False).status_code == HTTPStatus.NOT_FOUND
    assert world.known() == set()
    runs = (validated, planned, applied, settled, refreshed, destroyed)
    for secret in _secrets(world):
        assert secret not in state
        assert not [run for run in runs if secret in run.stdout + run.stderr]


def _nothing_was_left_out(file: Path, world: World) -> None:
    """Keycloak has the clients and the realm roles that the file declares, and its own."""
    declared: Json = yaml.safe_load(file.read_text(encoding="utf-8"))
    clients = {item["clientId"] for item in declared.get("clients", ())}
    found = {item["clientId"] for item in world.admin.json(world.path("clients"))}
    assert found == clients | _CLIENTS
    roles = {item["name"] for item in declared.get("roles", {}).get("realm", ())}
    found = {item["name"] for item in world.admin.json(world.path("roles"))}
    assert found == roles | _ROLES | {f"default-roles-{world.realm}"}


def _secrets(world: World) -> list[str]:
    """What the file's variables hold that nobody may read."""
    words = ("SECRET", "PASSWORD", "CREDENTIAL")
    return [
        value
        for name, value in world.variables.items()
        if value and any(word in name for word in words)
    ]


def _put(path: Path, world: World) -> Path:
    """Have the file in the world's folder, about the world's realm, with all that it needs."""
    own = path.stem
    text = path.read_text(encoding="utf-8")
    assert own in text
    file = world.folder / path.name
    file.write_text(text.replace(own, world.realm), encoding="utf-8")
    if (settings := path.with_suffix(".toml")).exists():
        world.settings(settings.read_text(encoding="utf-8"))
    if (variables := path.with_suffix(".env")).exists():
        lines = variables.read_text(encoding="utf-8").splitlines()
        world.variables.update(dict(line.split("=", 1) for line in lines))
    return file
