from inline_snapshot import snapshot

from kcplan.plan import ChangeOrigin, ResourceChange
from kcplan.render.text import render_plan
from kcplan.secret import Secret
from support.sample_plans import field, plan, update


def shown(*changes: ResourceChange) -> str:
    """The part of a rendered plan that is about the changes."""
    text = render_plan(plan(*changes))
    return text[text.index("  # ") :]


def test_changed_fields_of_each_kind() -> None:
    changed = update(
        field("enabled", before=True, after=False),
        field("description", None, "The shop"),
        field("baseUrl", "https://old.example", None),
        field("notBefore", 0, 1),
        field("protocol", "openid-connect", "saml", forces_replacement=True),
        field(("attributes", "a.b"), "1", "2"),
        after={
            ("enabled",): False,
            ("name",): "Web",
            ("fullScopeAllowed",): True,
            ("attributes", "c"): "1",
            ("authenticationFlowBindingOverrides", "browser"): "x",
        },
    )
    assert shown(changed) == snapshot("""\
  # shop/clients/web will be updated in-place
  ~ client "web" {
      ~ attributes = {
          ~ "a.b" = "1" -> "2"
            # (1 unchanged attribute hidden)
        }
      - baseUrl     = "https://old.example" -> null
      + description = "The shop"
      ~ enabled     = true -> false
      ~ notBefore   = 0 -> 1
      ~ protocol    = "openid-connect" -> "saml" # forces replacement
        # (3 unchanged attributes hidden)
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_who_moved_is_said() -> None:
    changed = update(
        field("enabled", before=True, after=False, origin=ChangeOrigin.CONFIG),
        field("name", "Wob", "Web", ChangeOrigin.DRIFT),
        field("baseUrl", "x", "y", ChangeOrigin.BOTH, because="demo"),
    )
    assert shown(changed) == snapshot("""\
  # shop/clients/web will be updated in-place
  ~ client "web" {
      ~ baseUrl = "x" -> "y" # changed in the files and in Keycloak, because of demo
      ~ enabled = true -> false
      ~ name    = "Wob" -> "Web" # changed in Keycloak
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_a_comment_that_all_below_share_is_said_once() -> None:
    mapper = ("protocolMappers", "audience")
    because = "permissions.tokenExchange[0]"
    changed = update(
        field((*mapper, "protocol"), None, "openid-connect", because=because),
        field((*mapper, "config", "access.token.claim"), None, "true", because=because),
        field(("attributes", "x"), None, "1", because=because),
        field(("attributes", "y"), None, "1"),
    )
    assert shown(changed) == snapshot("""\
  # shop/clients/web will be updated in-place
  ~ client "web" {
      + attributes = {
          + x = "1" # because of permissions.tokenExchange[0]
          + y = "1"
        }
      + protocolMappers = { # because of permissions.tokenExchange[0]
          + audience = {
              + config = {
                  + "access.token.claim" = "true"
                }
              + protocol = "openid-connect"
            }
        }
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_a_list_is_shown_item_by_item() -> None:
    before = ["https://a/*", "https://b/*", "https://c/*", "https://d/*"]
    after = ["https://a/*", "https://c/*", "https://d/*", "https://e/*"]
    assert shown(update(field("redirectUris", before, after))) == snapshot("""\
  # shop/clients/web will be updated in-place
  ~ client "web" {
      ~ redirectUris = [
          - "https://b/*"
          + "https://e/*"
            # (3 unchanged elements hidden)
        ]
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_a_long_list_that_comes_has_a_line_for_each_item() -> None:
    uris = [f"https://{name}.shop.example/callback" for name in "abc"]
    assert shown(update(field("redirectUris", None, uris))) == snapshot("""\
  # shop/clients/web will be updated in-place
  ~ client "web" {
      + redirectUris = [
          + "https://a.shop.example/callback"
          + "https://b.shop.example/callback"
          + "https://c.shop.example/callback"
        ]
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_another_order_of_the_same_items() -> None:
    before = ["username", "password", "otp", "consent"]
    after = ["password", "otp", "consent", "username"]
    assert shown(update(field("executions", before, after))) == snapshot("""\
  # shop/clients/web will be updated in-place
  ~ client "web" {
      ~ executions = [
            # (the same elements in another order)
          - "username"
            "password"
            "otp"
            "consent"
          + "username"
        ]
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_a_new_item_and_another_order() -> None:
    assert shown(update(field("executions", ["a", "b"], ["b", "a", "c"]))) == snapshot("""\
  # shop/clients/web will be updated in-place
  ~ client "web" {
      ~ executions = [
          + "c"
            # (2 unchanged elements hidden)
            # (the order of the unchanged elements changes as well)
        ]
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_true_is_not_one() -> None:
    assert shown(update(field("flags", [1, 2], [True, 2]))) == snapshot("""\
  # shop/clients/web will be updated in-place
  ~ client "web" {
      ~ flags = [
          - 1
          + true
            # (1 unchanged element hidden)
        ]
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_tables_in_a_list_are_recognised_by_their_name() -> None:
    before = [
        {"name": "reader", "required": False, "note": "x"},
        {"name": "gone", "required": True},
        {"name": "same"},
    ]
    after = [
        {"name": "same"},
        {"name": "reader", "required": True, "note": "x"},
        {"name": "new"},
    ]
    assert shown(update(field("roles", before, after))) == snapshot("""\
  # shop/clients/web will be updated in-place
  ~ client "web" {
      ~ roles = [
          - {
              - name     = "gone" -> null
              - required = true -> null
            }
          ~ {
              ~ required = false -> true
                # (2 unchanged attributes hidden)
            }
          + {
              + name = "new"
            }
            # (1 unchanged element hidden)
        ]
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_tables_without_a_name_are_recognised_by_likeness() -> None:
    before = [{"day": 1, "hours": [9, 17], "zone": "CET"}]
    after = [{"day": 2, "hours": [9, 17], "zone": "CET"}]
    assert shown(update(field("times", before, after))) == snapshot("""\
  # shop/clients/web will be updated in-place
  ~ client "web" {
      ~ times = [
          ~ {
              ~ day = 1 -> 2
                # (2 unchanged attributes hidden)
            }
        ]
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_a_table_is_opened() -> None:
    before = {"a": 1, "b": {"c": [1], "d": "x"}, "e": None}
    after = {"a": 1, "b": {"c": [1, 2], "d": "x"}, "f": {}}
    assert shown(update(field("config", before, after))) == snapshot("""\
  # shop/clients/web will be updated in-place
  ~ client "web" {
      ~ config = {
          ~ b = {
              ~ c = [
                  + 2
                    # (1 unchanged element hidden)
                ]
                # (1 unchanged attribute hidden)
            }
          + f = {}
            # (2 unchanged attributes hidden)
        }
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_a_map_that_becomes_empty() -> None:
    assert shown(update(field("attributes", {"a": "1"}, {}))) == snapshot("""\
  # shop/clients/web will be updated in-place
  ~ client "web" {
      - attributes = {
          - a = "1" -> null
        }
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_a_text_of_several_lines_is_shown_line_by_line() -> None:
    before = "one\ntwo\nthree\nfour\nfive\nsix\nseven"
    after = before.replace("six", "6")
    assert shown(update(field("description", before, after))) == snapshot("""\
  # shop/clients/web will be updated in-place
  ~ client "web" {
      ~ description = (text of several lines)
            # (3 unchanged lines hidden)
            | four
            | five
          - | six
          + | 6
            | seven
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_a_text_that_comes() -> None:
    assert shown(update(field("description", None, "Hello\n\nWorld"))) == snapshot("""\
  # shop/clients/web will be updated in-place
  ~ client "web" {
      + description = (text of several lines)
          + | Hello
          + |
          + | World
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_a_very_long_text_is_cut_around_what_changes() -> None:
    key = "MII" + "abcdefghij" * 60
    changed = update(field("key", key, key[:303] + "X" + key[304:]), field("new", None, key))
    around = (key[283:343], key[283:303] + "X" + key[304:343])
    text = shown(changed)
    assert f'~ key = …"{around[0]}"… -> …"{around[1]}"…\n' in text
    assert f'+ new = "{key[:100]}"… (603 characters)\n' in text


def test_a_very_long_text_of_many_lines_is_cut() -> None:
    text = shown(update(field("notes", None, "\n".join(map(str, range(1000))))))
    assert "+ | 59\n" in text
    assert "# (940 more lines)" in text
    assert len(text.splitlines()) < 80


def test_a_secret_is_never_shown() -> None:
    changed = update(
        field("secret", Secret("old"), Secret("new"), sensitive=True),
        field("plain", "old", "new", sensitive=True),
        field("config", {"a": Secret("old")}, {"a": Secret("new"), "b": 1}),
    )
    assert shown(changed) == snapshot("""\
  # shop/clients/web will be updated in-place
  ~ client "web" {
      ~ config = (sensitive value)
      ~ plain  = (sensitive value)
      ~ secret = (sensitive value)
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")
