"""A new realm file is put where the patterns of `[config] files` find it."""

from pathlib import Path

import pytest

from kcplan.config.discover import discover
from kcplan.config.new_file import place_for


@pytest.mark.parametrize(
    ("patterns", "place"),
    [
        (["realms"], "realms/shop.toml"),
        (["other.toml", "empty"], "empty/shop.toml"),
        (["v1.2"], "v1.2/shop.toml"),
        (["realms/*.toml"], "realms/shop.toml"),
        (["realms/**"], "realms/shop.toml"),
        (["realms/**/*.json"], "realms/shop.json"),
        (["*.json"], "shop.json"),
        (["shop.toml"], "shop.toml"),
        (["other.toml", "realms/s*.toml"], "realms/shop.toml"),
        (["other.toml"], None),
        (["realms/*.yaml"], None),
        (["*/shop.toml"], None),
        ([], None),
    ],
)
def test_the_first_pattern_that_can_have_it_gets_it(
    patterns: list[str], place: str | None, tmp_path: Path
) -> None:
    for folder in ("realms", "empty", "v1.2"):
        (tmp_path / folder).mkdir()

    found = place_for(["shop.toml", "shop.json"], [tmp_path / pattern for pattern in patterns])

    assert found == (None if place is None else tmp_path / place)
    if found is not None:
        found.write_text("{}")
        assert found in [file.path for file in discover([tmp_path / patterns[-1]])]
