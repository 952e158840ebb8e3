"""The one `__repr__` of kcplan's classes: what KCPLAN_DEBUG and pytest show, and never a secret."""

from typing import Any

import attrs
import pytest
from attrs import field

from kcplan.classes import define, frozen
from kcplan.config.settings import KeycloakSettings, Settings
from kcplan.secret import Secret


def _pair(decorator: Any) -> Any:
    @decorator
    class Pair:
        left: object
        right: object = ()
        hidden: str = field(default="s3cret", repr=False)

    return Pair


def test_values_are_shown_as_attrs_shows_them_without_what_is_hidden() -> None:
    shown = repr(_pair(frozen)(1, ("a", None)))

    assert shown == repr(_pair(attrs.frozen)(1, ("a", None))) == "Pair(left=1, right=('a', None))"


def test_no_settings_show_a_secret() -> None:
    settings = Settings(
        keycloak=KeycloakSettings(url="https://sso", password=Secret("s3cret")),
        variables={"KEY": "s3cret"},
    )

    assert "https://sso" in repr(settings)
    assert "s3cret" not in repr(settings)


def test_a_value_that_holds_itself_is_shown() -> None:
    pair = _pair(define)(1)
    pair.left = [pair]

    assert repr(pair) == "Pair(left=[...], right=())"


@pytest.mark.parametrize("options", [{}, {"kw_only": True}, {"eq": False}])
def test_a_class_may_show_itself_in_its_own_way(options: dict[str, Any]) -> None:
    @frozen(**options)
    class Own:
        name: str

        def __repr__(self) -> str:
            return f"<{self.name}>"

    assert repr(Own(name="orders")) == "<orders>"


@pytest.mark.parametrize("decorator", [frozen, attrs.frozen, define, attrs.define])
def test_values_are_equal_where_all_that_counts_is(decorator: Any) -> None:
    @decorator
    class Point:
        name: str
        at: tuple[int, ...] = ()
        seen: int = field(default=0, eq=False)

    @decorator
    class Other:
        name: str
        at: tuple[int, ...] = ()

    one = Point("a", (1, 2))

    assert one == Point("a", (1, 2), seen=1)
    assert one == Point("a", (1, 2))  # as it is the second time
    assert one not in (Point("b", (1, 2)), Point("a", (1, 3)), Other("a", (1, 2)), ("a", (1, 2)))


@pytest.mark.parametrize("decorator", [frozen, attrs.frozen])
def test_equal_values_stand_for_each_other_in_sets(decorator: Any) -> None:
    @decorator
    class Point:
        name: str
        seen: int = field(default=0, eq=False)

    @decorator
    class Far(Point):
        way: int = 0

    assert len({Point("a"), Point("a", seen=1), Point("b"), Far("a"), Far("a", way=1)}) == 4
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point([]))


@pytest.mark.parametrize("decorator", [define, attrs.define])
def test_what_may_change_is_in_no_set(decorator: Any) -> None:
    @decorator
    class Counter:
        number: int

    with pytest.raises(TypeError, match="unhashable"):
        hash(Counter(1))


@pytest.mark.parametrize("decorator", [frozen, attrs.frozen])
def test_errors_and_classes_that_ask_for_it_are_compared_by_identity(decorator: Any) -> None:
    @decorator
    class Problem(Exception):  # noqa: N818 - a name in a test
        number: int

    @decorator(eq=False)
    class Thing:
        number: int

    assert Problem(1) != Problem(1)
    assert len({Thing(1), Thing(1), Problem(1), Problem(1)}) == 4


@pytest.mark.parametrize("decorator", [frozen, attrs.frozen])
def test_a_class_may_compare_in_its_own_way(decorator: Any) -> None:
    @decorator
    class Word:
        text: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Word) and self.text.lower() == other.text.lower()

        def __hash__(self) -> int:
            return hash(self.text.lower())

    assert len({Word("A"), Word("a")}) == 1


def test_a_field_may_be_shown_in_its_own_way_and_left_out_of_the_hash() -> None:
    @frozen
    class Own:
        name: str
        masked: str = field(default="s3cret", repr=lambda _: "***")
        odd: Any = field(default=(), hash=False)

    assert repr(Own("a")).endswith("Own(name='a', masked=***, odd=())")
    assert hash(Own("a", odd=[1])) == hash(Own("a", odd=[2]))
    assert Own("a", odd=[1]) != Own("a", odd=[2])


def test_a_key_to_compare_by_is_refused() -> None:
    with pytest.raises(TypeError, match="without a key"):

        @frozen
        class Own:
            name: str = field(eq=str.lower)


def test_a_frozen_class_by_any_name_can_be_looked_up() -> None:
    @define(frozen=True)
    class Own:
        name: str

    assert {Own("a"): 1}[Own("a")] == 1
