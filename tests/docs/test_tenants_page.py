"""The files that the page on tenants shows work together, whichever way the tenants are listed."""

import re
from pathlib import Path

from support.harness import Run

PAGE = Path(__file__).parents[2] / "docs" / "tenants.md"
SECRETS = {"ACME_SECRET": "acme-58c1e0d2b7f94a6fa1c3", "GLOBEX_SECRET": "globex-0d2b7f94a6fa1c3"}


def blocks(language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL
    )


def test_the_files_of_the_page_are_valid_together(tmp_path: Path, run_offline: Run) -> None:
    settings, template = blocks("toml")
    (tmp_path / "tenant.toml").write_text(template)
    (tmp_path / "tenants.csv").write_text(blocks("csv")[0])
    drawn = []
    for text in (
        settings,
        settings.partition("for_each")[0] + 'for_each = "tenants.csv"\n',
    ):
        (tmp_path / "kcplan.toml").write_text(text)
        found = run_offline("validate", env=SECRETS)
        assert (found.exit_code, found.stderr) == (0, "")
        drawn.append(run_offline("graph", env=SECRETS).stdout)
    assert drawn[0] == drawn[1]
    assert '"realm acme"' in drawn[0]
    assert '"realm globex"' in drawn[0]
