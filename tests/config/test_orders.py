"""Orders of entries that several files name, and that others have entries among."""

import pytest

from kcplan.order import agree, arranged, is_reached, joined, parted


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        (["ab", "bc"], "abc"),
        (["az", "b", "ba"], "baz"),
        (["az", "bz"], "abz"),
        (["ab", "c", "ca"], "cab"),
        (["ab", "bc", "ca"], None),
        (["ab", "ba"], None),
    ],
)
def test_files_contradict_each_other_only_in_what_they_say(
    orders: list[str], expected: str | None
) -> None:
    assert joined(map(list, orders)) == (None if expected is None else list(expected))


@pytest.mark.parametrize(
    ("there", "wanted", "expected"),
    [
        ("abc", "cba", "cba"),
        ("xaybz", "ba", "xbzay"),
        ("xyz", "ab", "xyz"),
        ("axb", "ab", "axb"),
    ],
)
def test_what_others_have_stays_behind_what_it_follows(
    there: str, wanted: str, expected: str
) -> None:
    found = arranged(list(there), list(wanted))
    assert found == list(expected)
    assert agree(found, list(wanted))


def test_what_is_missing_comes_last_by_itself_and_nowhere_else() -> None:
    assert is_reached(list("abc"), list("axb"))
    assert not is_reached(list("acb"), list("axb"))
    assert not is_reached(list("abdc"), list("axb"))


def test_two_names_show_where_orders_part() -> None:
    assert parted(list("xabyc"), list("azcb")) == ("b", "c")
    assert parted(list("abx"), list("yab")) is None
