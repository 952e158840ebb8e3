"""Whatever shape a realm file has: `validate` has findings, or none. It never fails unexpectedly."""

from pathlib import Path
from typing import Any, Final

import pytest

from conformance.overlays import joined
from conformance.samples import samples
from kcplan.config.load import load_text
from kcplan.errors import ConfigError
from kcplan.offline import Validation, offline_diagnostics
from kcplan.resource import Registry
from kcplan.state import State
from kcplan.views import validations
from kcplan_keycloak.resources import registry
from kcplan_keycloak.token_exchange.preparing import prepare
from support.misshapen import as_text, misshapen, seeded

ENVIRONMENT: Final = {"CLIENT_SECRET": "hidden"}

AT_ONCE: Final = 200
ALWAYS: Final = 10
ALL: Final = 100


def _everything() -> dict[str, Any]:
    """A realm with an object of each type."""
    document: dict[str, Any] = {}
    for name, sample in samples().items():
        document = joined(document, sample.around)
        document = joined(document, sample.declare(f"a-{name}", dict(sample.full)))
    return {**document, "realm": "r"}


def _validated(text: str, types: Registry) -> Validation:
    """What `kcplan validate` finds, printed as well."""
    try:
        config = load_text(Path("r.json"), text, types, ENVIRONMENT)
        config = prepare(config, State(""), lint=True).config
        found = Validation(offline_diagnostics(config, types))
    except ConfigError as problem:
        found = Validation(problem.diagnostics)
    for output in ("text", "json", "sarif"):
        view = validations.view(output, color=False, explanations=dict, folder=Path.cwd())
        for piece in view(found):
            str(piece.text).encode()
    return found


def test_what_is_changed_is_sound_before() -> None:
    found = _validated(as_text(_everything()), registry())
    assert [str(item) for item in found.diagnostics if item.severity == "error"] == []


@pytest.mark.parametrize(
    "turn",
    [
        pytest.param(turn, marks=() if turn < ALWAYS else pytest.mark.exhaustive)
        for turn in range(ALL)
    ],
)
def test_a_realm_file_of_any_shape_is_judged(turn: int) -> None:
    document, types = _everything(), registry()
    for number in range(turn * AT_ONCE, (turn + 1) * AT_ONCE):
        text = as_text(misshapen(document, seeded(number)))
        try:
            _validated(text, types)
        except Exception as defect:
            defect.add_note(f"seed {number}")
            raise
