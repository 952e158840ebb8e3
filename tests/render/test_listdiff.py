import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcplan.listdiff import ListDiff, diff_lists

items = st.lists(st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from("abc"), max_size=8)
tables = st.lists(
    st.dictionaries(st.sampled_from(["name", "a", "b"]), st.integers(0, 2), max_size=3), max_size=4
)

untimed = settings(deadline=None)  # the first call imports deepdiff


def test_items_are_counted() -> None:
    assert diff_lists(["a", "a", "b"], ["a", "c"]) == ListDiff(
        removed=("a", "b"), added=("c",), unchanged=1
    )


@untimed
@given(items | tables)
def test_a_list_does_not_differ_from_itself(one: list[object]) -> None:
    assert diff_lists(one, one) == ListDiff(unchanged=len(one))


@untimed
@given(items | tables, items | tables)
def test_every_item_of_both_lists_is_accounted_for(one: list[object], other: list[object]) -> None:
    found = diff_lists(one, other)
    assert len(found.removed) + len(found.changed) + found.unchanged == len(one)
    assert len(found.added) + len(found.changed) + found.unchanged == len(other)
    assert all(before in one and after in other for before, after in found.changed)


def test_plain_lists_are_compared_without_deepdiff(monkeypatch: pytest.MonkeyPatch) -> None:
    """deepdiff takes milliseconds for each call, and a plan may have thousands of lists."""
    monkeypatch.setitem(sys.modules, "deepdiff", None)
    diff_lists([str(i) for i in range(1000)], [str(i) for i in range(500, 1500)])
    diff_lists([{"name": "a"}, {"name": "b"}], [{"name": "b"}])
    with pytest.raises(ImportError):
        diff_lists([{"name": "a"}], [{"name": "b"}])


def test_very_many_tables_are_not_paired() -> None:
    before = [{"x": i, "y": [i]} for i in range(500)]
    after = [{"x": i, "y": [i + 1]} for i in range(500)]
    found = diff_lists(before, after)
    assert (len(found.removed), len(found.added), found.changed) == (500, 500, ())
