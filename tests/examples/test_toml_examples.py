"""The examples in TOML, and those of the demo, say what they are meant to say."""

import os
from pathlib import Path

import pytest

from kcplan.config.load import load
from kcplan_keycloak.resources import registry
from support.harness import Run

EXAMPLES = Path(__file__).parents[2] / "examples"
SECRETS = dict.fromkeys(
    (
        "ADMIN_PORTAL_SECRET",
        "ORDERS_SECRET",
        "ORDER_SERVICE_SECRET",
        "STOREFRONT_SECRET",
        "USER_SERVICE_SECRET",
    ),
    "d2f0a8a5c1b94e57b0c6e4",
)


@pytest.mark.parametrize("name", ["admin-impersonation", "exchange-permission"])
def test_an_example_is_the_same_in_toml_and_json(name: str) -> None:
    files = (EXAMPLES / "toml" / f"{name}.toml", EXAMPLES / "seed" / f"{name}.json")
    one, other = (load([file], registry(), {**os.environ, **SECRETS}).resources for file in files)
    assert {a: r.leaves for a, r in one.items()} == {a: r.leaves for a, r in other.items()}


@pytest.mark.parametrize(
    "paths",
    [
        ["toml/service-to-service.toml"],
        ["demo/realms"],
        ["demo/realms", "demo/mistake.toml"],
        ["demo/realms", "demo/reports.toml"],
    ],
    ids=" ".join,
)
def test_an_example_gets_no_warning(paths: list[str], run_offline: Run) -> None:
    result = run_offline("validate", *paths, env=SECRETS, cwd=EXAMPLES)
    assert (result.exit_code, result.stderr) == (0, "")


def test_the_permission_that_permits_nothing_is_told_apart(run_offline: Run) -> None:
    result = run_offline("validate", "toml/exchange-permission.toml", env=SECRETS, cwd=EXAMPLES)
    assert result.exit_code == 0
    assert "[token-exchange-inert-authorization]" in result.stderr
    assert result.stderr.count("Warning:") == 1
