"""Secrets anywhere within a value are as good as whole ones: on values, whatever their shape."""

import json

from hypothesis import assume, given
from hypothesis import strategies as st

from kcplan.diff import same
from kcplan.schema import unordered
from kcplan.secret import (
    PLACEHOLDER,
    Origin,
    Secret,
    Withheld,
    conceal,
    filled,
    is_sensitive,
    is_withheld,
    reveal,
    secret_text,
)

ORIGIN = Origin("environment", "X_TOKEN")
TEXTS = st.text(min_size=1, max_size=6)


def shapes(leaf: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Lists and tables of leaves, in each other."""
    return st.recursive(
        leaf,
        lambda inner: (
            st.lists(inner, min_size=1, max_size=4)
            | st.dictionaries(TEXTS, inner, min_size=1, max_size=3)
        ),
        max_leaves=8,
    )


plain = TEXTS | st.integers() | st.booleans()
secrets = st.builds(Secret, TEXTS, st.just(ORIGIN))
values = shapes(plain | secrets)


def withheld(value: object) -> object:
    """The value as a saved plan has it."""
    match value:
        case Secret():
            return Withheld(value.origin)
        case dict():
            return {key: withheld(item) for key, item in value.items()}
        case list():
            return [withheld(item) for item in value]
    return value


@given(values)
def test_what_was_withheld_is_filled_in_from_what_is_read_again(value: object) -> None:
    assert filled(withheld(value), value) == value
    assert is_withheld(withheld(value)) == is_sensitive(value) == is_sensitive(withheld(value))


@given(values)
def test_a_value_is_the_same_as_keycloaks_concealed_or_not(value: object) -> None:
    clear = reveal(value)
    assert same(value, clear)
    assert same(value, conceal(clear))
    assert secret_text(value) == secret_text(conceal(clear))


@given(values, values)
def test_values_with_secrets_are_the_same_only_where_they_are_in_clear(
    one: object, other: object
) -> None:
    assert same(one, other) == same(reveal(one), reveal(other))


@given(values)
def test_what_is_withheld_is_never_known_to_be_the_same(value: object) -> None:
    assume(is_sensitive(value))
    assert not same(withheld(value), value)
    assert not same(withheld(value), reveal(value))


@given(st.lists(values, max_size=6))
def test_a_list_has_the_order_that_it_has_in_clear(items: list[object]) -> None:
    assert reveal(unordered(items)) == unordered(list(map(reveal, items)))


@given(values)
def test_a_value_with_secrets_shows_none(value: object) -> None:
    assume(is_sensitive(value))
    shown = json.dumps(value, default=str)
    assert PLACEHOLDER in shown
    assert PLACEHOLDER in repr(value)
