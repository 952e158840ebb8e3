"""What the files alone tell is the same from each command, with a server or without."""

import re
from typing import Any

import pytest

from support.world import World

FILES: dict[str, dict[str, Any]] = {
    "an attribute that cannot be": {"userProfile": {"attributes": [{"name": "a b"}]}},
    "an unknown field of a realm": {"displayNmae": "x"},
    "an unknown field of a client": {"clients": [{"clientId": "a", "redirectUri": ["/x"]}]},
    "an unknown field of a table in it": {
        "clients": [{"clientId": "a", "protocolMappers": [{"name": "m", "protocl": "x"}]}]
    },
    "an empty section": {"federatedUsers": []},
    "a word in other letters": {"sslRequired": "EXTERNAL"},
}


@pytest.mark.parametrize("name", FILES)
def test_validate_and_plan_say_the_same(world: World, name: str) -> None:
    world.declare(enabled=True, **FILES[name])
    validated = world.kcplan("validate", world.file, exit_code=None)
    planned = world.kcplan("plan", world.file, exit_code=None)
    assert planned.stderr.strip() == validated.stderr.strip()
    assert planned.exit_code == validated.exit_code
    assert len(re.findall(r"^(Error|Note):", planned.stderr, re.MULTILINE)) == 1


def test_apply_and_destroy_stop_at_an_unknown_field(world: World) -> None:
    world.declare(enabled=True, displayNmae="x")
    for command in ("apply", "destroy"):
        text = world.kcplan(command, world.file, "--auto-approve", exit_code=1).stderr
        assert "did you mean `displayName`?" in text
    assert world.admin.get(world.realm, check=False).status_code == 404
