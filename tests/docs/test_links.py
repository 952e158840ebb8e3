"""Links within the pages lead somewhere."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings get."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings_that_exist(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if link.startswith("http"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_tests_that_a_page_names_exist(page: Path) -> None:
    for name in re.findall(r"`(tests/[\w/.]+)`", page.read_text()):
        if page.name == "architecture.md" and name.endswith("identity_provider_mapper.py"):
            continue  # the page says how to write it
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_prose_fits_into_120_columns(page: Path) -> None:
    prose = re.sub(r"^ *```.*?^ *```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    lines = prose.splitlines()
    assert [line for line in lines if len(line) > 120 and not line.lstrip().startswith("|")] == []


def test_each_promise_names_its_test() -> None:
    """Not only a folder of tests: somebody should find the one."""
    page = (ROOT / "docs" / "guarantees.md").read_text()
    rows = re.findall(r"^\| (.+?) \| .+ \| (.+?) \|$", page, flags=re.MULTILINE)[2:]
    assert len(rows) > 20
    for promise, test in rows:
        named = re.findall(r"`tests/[\w/]+\.py`", test)
        assert named or "the same suite" in test, promise


def test_the_index_lists_every_page() -> None:
    index = (ROOT / "docs" / "index.md").read_text()
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert pages <= set(re.findall(r"\]\(([\w-]+\.md)\)", index))
