"""Realm files as people have them: each is applied, stays settled, and goes again.

The files are in `tests/realms/`: in the style of files that people keep, with what their servers and
tools write there, and with made-up names. `NAME.json` or `NAME.yaml` is one realm; beside it may be
`NAME.toml`, its `kcplan.toml`, and `NAME.env`, a line `VARIABLE=value` for each variable that it takes.
Each test puts a new name in the place of the realm's, wherever the file has it.
"""

from http import HTTPStatus
from pathlib import Path

import pytest

from support.world import World

_FOLDER = Path(__file__).parents[1] / "realms"
_FILES = sorted(path for path in _FOLDER.iterdir() if path.suffix in {".json", ".yaml"})


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_it_is_applied_stays_settled_and_goes_again(path: Path, world: World) -> None:
    file = _put(path, world)
    world.kcplan("validate", file)
    planned = world.kcplan("plan", file, "--detailed-exitcode", exit_code=2)
    assert " error" not in planned.stderr
    world.kcplan("apply", file, "--auto-approve")
    world.kcplan("plan", file, "--detailed-exitcode")
    world.kcplan("refresh", "--detailed-exitcode")
    world.kcplan("destroy", "--auto-approve")
    assert world.admin.get(world.realm, check=False).status_code == HTTPStatus.NOT_FOUND
    assert world.known() == set()


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
