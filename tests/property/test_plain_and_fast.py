"""What is done in a way of its own since it is fast: it does what the plain way does."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kcplan.json_text import indented
from kcplan.path_patterns import Patterns, path_matches

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=12,
)
_SEGMENTS = st.sampled_from(["config", "attributes", "a.b", "a.*", "*", "secret"])
_PATHS = st.lists(_SEGMENTS, max_size=3).map(tuple)


@given(_VALUES)
def test_json_is_indented_as_the_standard_library_does_it(value: Any) -> None:
    assert indented(value, 2) == json.dumps(value, indent=2, ensure_ascii=False)


@given(st.lists(_PATHS, max_size=4), st.lists(_PATHS, max_size=4))
def test_patterns_that_know_their_answers_match_the_same_fields_each_time(
    patterns: list[tuple[str, ...]], paths: list[tuple[str, ...]]
) -> None:
    known = Patterns(patterns)
    for path in (*paths, *paths):
        assert path_matches(path, known) == path_matches(path, patterns)
