"""The page of the package on an index is the README, and none of its links leads nowhere."""

import re
from importlib.metadata import metadata
from pathlib import Path

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")


def test_it_has_the_readmes_text_and_only_links_that_work_anywhere() -> None:
    page = metadata("kcplan").get_payload()
    assert isinstance(page, str)

    assert page.startswith("# kcplan\n")
    assert "Danger: the service account gets the role realm-admin" in page
    assert {link for link in LINK.findall(README) if not link.startswith("https://")}
    assert all(link.startswith("https://") for link in LINK.findall(page))
