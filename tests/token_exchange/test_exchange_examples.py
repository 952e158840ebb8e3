"""The examples of token exchange are good files, and the page on it is right about them."""

import json
import tomllib
from pathlib import Path

import pytest

from support.harness import Run

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples" / "token-exchange").glob("*.toml"))
SECRETS = dict.fromkeys(
    (
        "ADMIN_PORTAL_SECRET",
        "API_GATEWAY_SECRET",
        "A_SECRET",
        "BACKEND_API_SECRET",
        "BILLING_SECRET",
        "B_SECRET",
        "C_SECRET",
        "FRONTEND_SECRET",
        "ORDER_SERVICE_SECRET",
        "USER_SERVICE_SECRET",
    ),
    "9f1c-made-up-for-the-tests-44e0",
)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_gets_no_finding(run_offline: Run, file: Path) -> None:
    result = run_offline("validate", file, "--format", "json", env=SECRETS)
    assert json.loads(result.stdout) == {"valid": True, "risks": [], "diagnostics": []}


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_an_example_gets_no_advice(run_offline: Run, file: Path) -> None:
    result = run_offline("validate", file, "--lint", "--format", "json", env=SECRETS)
    codes = {item["code"] for item in json.loads(result.stdout)["diagnostics"]}
    assert codes <= {"token-exchange-widens-audience"}


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_page_leads_to_each_example(file: Path) -> None:
    page = (ROOT / "docs" / "token-exchange.md").read_text()
    assert f"(../examples/token-exchange/{file.name})" in page
    assert tomllib.loads(file.read_text())["permissions"]["tokenExchange"]
