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
