from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.diagnostics import Source, error, note, warning
from kcplan.errors import ConfigError, StateError
from kcplan.render.diagnostics import render_diagnostics, render_error

WEB = Address.parse("shop/clients/web")


def test_an_error_says_what_where_why_and_how_to_fix_it() -> None:
    found = error(
        "unknown-reference",
        "there is no realm role `reader`",
        "The client names it, and neither the files nor Keycloak have it. Keycloak would drop the "
        'name without a word.\n\n  [[roles.realm]]\n  name = "reader"',
        address=WEB,
        path=("attributes", "access.token.lifespan"),
        source=Source("realms/shop.toml", 12, 3),
    )
    assert render_diagnostics([found]) == snapshot("""\
Error: there is no realm role `reader` [unknown-reference]
  on realms/shop.toml:12:3, in shop/clients/web, attributes."access.token.lifespan"

The client names it, and neither the files nor Keycloak have it. Keycloak would drop the
name without a word.

  [[roles.realm]]
  name = "reader"
""")


def test_errors_come_first_and_a_place_may_be_missing() -> None:
    found = [
        note("token-exchange-widens-audience", "ordinary tokens get an audience"),
        warning("weak-secret", "secret is short", source=Source("shop.toml")),
        error("mass-delete", "the plan deletes 30 of 40 resources", address=WEB),
    ]
    assert render_diagnostics(found) == snapshot("""\
Error: the plan deletes 30 of 40 resources [mass-delete]
  in shop/clients/web

Warning: secret is short [weak-secret]
  on shop.toml

Note: ordinary tokens get an audience [token-exchange-widens-audience]
""")


def test_no_diagnostics_are_no_text() -> None:
    assert render_diagnostics([]) == ""


def test_many_of_one_kind_are_counted_instead_of_listed() -> None:
    found = [warning("unknown-field", f"unknown field `f{i}`") for i in range(1300)]
    found.append(warning("weak-secret", "secret is short"))
    text = render_diagnostics(found)
    assert text.count("unknown field") == 10
    assert "Warning: and 1,290 more like this [unknown-field]\n" in text
    assert text.endswith("Warning: secret is short [weak-secret]\n")


def test_colours_are_there_only_where_asked_for() -> None:
    found = [error("mass-delete", "much")]
    assert "\x1b" not in render_diagnostics(found)
    assert render_diagnostics(found, color=True).startswith("\x1b[1m\x1b[31mError:\x1b[0m")


def test_hostile_text_does_not_control_the_terminal() -> None:
    hostile = "\x1b[2J\x07\u202e"
    found = error(hostile, hostile, hostile, address=Address.of(hostile), path=(hostile,))
    text = render_diagnostics([found])
    assert all(char.isprintable() or char == "\n" for char in text)


def test_the_exception_that_ends_a_command() -> None:
    assert render_error(StateError("the state is locked", "Wait for the other run.")) == snapshot("""\
Error: the state is locked

Wait for the other run.
""")


def test_a_configuration_error_shows_its_diagnostics() -> None:
    assert render_error(ConfigError([error("syntax-error", "broken")])) == snapshot(
        "Error: broken [syntax-error]\n"
    )
