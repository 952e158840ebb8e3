from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.diagnostics import Diagnostic, Source, error, note, warning
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

Note: 1 note follows once the errors are fixed [token-exchange-widens-audience]
""")


def test_no_diagnostics_are_no_text() -> None:
    assert render_diagnostics([]) == ""


def masked(client: str, line: int) -> Diagnostic:
    return warning(
        "masked-value",
        "secret is masked",
        "Remove it.",
        address=Address.of("shop", "clients", client),
        path=("secret",),
        source=Source("shop.json", line, 5),
        several="values are masked",
        subject="secret",
    )


def test_findings_of_one_kind_are_one_with_all_places() -> None:
    found = [masked(f"c{i}", 10 + 7 * i) for i in range(30)]
    found.append(warning("weak-secret", "secret is short"))
    assert render_diagnostics(found) == snapshot("""\
Warning: 30 values are masked [masked-value]
  shop.json: secret (lines 10, 17, 24, 31, 38, 45, 52, 59, 66, 73, 80, 87, 94, 101, 108,
    115, 122, 129, 136, 143, 150, 157, 164, 171, 178, 185, 192, 199, 206, 213)
Remove it.

Warning: secret is short [weak-secret]
""")


def test_findings_that_differ_are_told_apart_and_advised_once() -> None:
    advice = "It is neither in the files nor in Keycloak. Declare it, or correct the name."
    found = [
        error("unknown-reference", f"client {client} names {role}", advice, source=source)
        for client, role, source in (
            ("web", "reader", Source("shop.toml", 3, 1)),
            ("app", "writer", Source("shop.toml", 9, 1)),
        )
    ]
    assert render_diagnostics(found) == snapshot("""\
Error: 2 findings [unknown-reference]
  shop.toml:3:1: client web names reader
  shop.toml:9:1: client app names writer
It is neither in the files nor in Keycloak. Declare it, or correct the name.
""")


def test_the_same_finding_in_several_places_is_said_once() -> None:
    found = [
        error("secret-name", "a name cannot come from a secret", "Names are shown.", source=source)
        for source in (Source("a.toml", 3, 1), Source("a.toml", 9, 1), Source("b.toml", 2, 1))
    ]
    assert render_diagnostics(found) == snapshot("""\
Error: a name cannot come from a secret [secret-name]
  a.toml: lines 3, 9
  b.toml: line 2
Names are shown.
""")


def test_different_advice_says_what_it_is_for() -> None:
    found = [
        error(
            "unsupported-section",
            f"kcplan can't manage `{key}`",
            advice,
            source=Source("shop.json", line),
            several="sections that kcplan can't manage",
            subject=f"`{key}`",
        )
        for key, line, advice in (
            ("groups", 3, "Remove it."),
            ("components", 40, "Remove it."),
            ("defaultRoles", 80, "Write `roles` instead."),
        )
    ]
    assert render_diagnostics(found) == snapshot("""\
Error: 3 sections that kcplan can't manage [unsupported-section]
  shop.json: `groups` (line 3), `components` (line 40), `defaultRoles` (line 80)
`defaultRoles`: Write `roles` instead.
Others: Remove it.
""")


def test_beside_errors_warnings_are_brief_and_notes_are_left_for_later() -> None:
    found = [
        note("ignored-field", "ids are left out", "Nothing needs to be done."),
        error("syntax-error", "broken", "Mend it."),
        note("empty-section", "`groups` is empty", "Nothing needs to be done."),
        *(masked(f"c{i}", 10 + 7 * i) for i in range(30)),
    ]
    assert render_diagnostics(found) == snapshot("""\
Error: broken [syntax-error]

Mend it.

Warning: 30 values are masked [masked-value]
  shop.json: secret (30 lines)
Remove it.

Note: 2 notes follow once the errors are fixed [ignored-field, empty-section]
""")


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


def test_more_kinds_than_fit_on_a_screen_are_named_by_their_codes() -> None:
    """Beyond fifty findings: fewer come with the advice for each of them."""
    found = [
        error(
            f"kind-{number}", f"this is wrong {number}", "Mend it.", source=Source("r.json", line)
        )
        for number in range(30)
        for line in (1, 2)
    ]
    text = render_diagnostics(found)
    assert len(text.splitlines()) <= 20
    assert "Error: this is wrong 0 (r.json: lines 1, 2) [kind-0]\n" in text
    assert "Mend it." not in text
    assert all(f"kind-{number}" in text for number in range(30))
    assert "Mend it." in render_diagnostics(found[:50])
