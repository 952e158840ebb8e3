import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.plan import Action, ChangeOrigin, Operation, ResourceChange, Step
from kcplan.render.text import render_drift, render_plan, render_state
from kcplan.secret import Origin, Secret
from kcplan.state import Digest, ResourceState, State
from sample_plans import change, field, plan, update


def shown(*changes: ResourceChange) -> str:
    """The part of a rendered plan that is about the changes."""
    text = render_plan(plan(*changes))
    return text[text.index("  # ") :]


def test_nothing_to_do() -> None:
    unchanged = change(Action.NOOP, "shop/clients/web", after={("enabled",): True})
    assert render_plan(plan(unchanged)) == snapshot(
        "No changes. Your Keycloak matches the configuration.\n"
    )


def test_a_client_that_will_be_created() -> None:
    aud = ("protocolMappers", "audience", "config", "included.client.audience")
    because = "permissions.tokenExchange[0]"
    created = change(
        Action.CREATE,
        "shop/clients/web",
        field(aud, None, "orders", because=because),
        after={
            ("enabled",): True,
            ("description",): None,
            ("secret",): Secret("pw", Origin("environment", "WEB_SECRET")),
            ("redirectUris",): ["https://shop.example/*"],
            ("webOrigins",): [],
            ("attributes", "access.token.lifespan"): "300",
            ("attributes", "note"): "x",
            aud: "orders",
        },
    )
    assert render_plan(plan(created)) == snapshot("""\
kcplan will perform the following actions. Each is marked with a sign:
  + create

  # shop/clients/web will be created
  + client "web" {
      + attributes = {
          + "access.token.lifespan" = "300"
          + note                    = "x"
        }
      + enabled      = true
      + protocolMappers = { # because of permissions.tokenExchange[0]
          + audience = {
              + config = {
                  + "included.client.audience" = "orders"
                }
            }
        }
      + redirectUris = ["https://shop.example/*"]
      + secret       = (sensitive value)
      + webOrigins   = []
    }

Plan: 1 to add, 0 to change, 0 to destroy.
""")


def test_an_id_that_keycloak_chooses() -> None:
    role = change(
        Action.CREATE, "shop/roles/reader", kind="role", after={("description",): "Reads"}
    )
    step = Step("create shop/roles/reader", Operation.CREATE, role.address, "role")
    assert render_plan(plan(role, steps=(step,))) == snapshot("""\
kcplan will perform the following actions. Each is marked with a sign:
  + create

  # shop/roles/reader will be created
  + role "reader" {
      + description = "Reads"
      + id          = (known after apply)
    }

Plan: 1 to add, 0 to change, 0 to destroy.
""")


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


def test_a_client_that_will_be_destroyed_is_shown_compactly() -> None:
    deleted = change(
        Action.DELETE,
        "shop/clients/web",
        reason="it is no longer in the files",
        before={
            ("enabled",): True,
            ("description",): "",
            ("secret",): Secret("pw"),
            ("attributes", "a"): "1",
            ("attributes", "b"): "2",
            ("redirectUris",): [f"https://{n}.example/" for n in range(9)],
            ("protocolMappers", "m", "config", "x"): "1",
            ("webOrigins",): [],
        },
        notes=("Its service account goes with it.",),
    )
    step = Step(
        "delete shop/clients/web",
        Operation.DELETE,
        deleted.address,
        "client",
        lossy=("the sessions of 3 users",),
    )
    text = render_plan(plan(deleted, steps=(step,)))
    assert text[text.index("  # ") :] == snapshot("""\
  # shop/clients/web will be destroyed
  # (it is no longer in the files)
  # Cannot be undone: the sessions of 3 users
  # Note: Its service account goes with it.
  - client "web" {
      - attributes      = {a = "1", b = "2"}
      - enabled         = true
      - protocolMappers = {m = {config = {x = "1"}}}
      - redirectUris    = ["https://0.example/", "https://1.example/", "https://2.example/", "https://3.example/", … (5 more)]
      - secret          = (sensitive value)
    }

Plan: 0 to add, 0 to change, 1 to destroy.
""")


def test_a_replacement_counts_twice() -> None:
    replaced = change(
        Action.REPLACE,
        "shop/identity-providers/partner",
        field("providerId", "oidc", "saml", forces_replacement=True),
        kind="identity-provider",
        before={("providerId",): "oidc", ("alias",): "partner"},
        after={("providerId",): "saml", ("enabled",): True},
        reason="a field changes that only a new object can have with another value",
    )
    assert render_plan(plan(replaced)) == snapshot("""\
kcplan will perform the following actions. Each is marked with a sign:
-/+ destroy and then create replacement

  # shop/identity-providers/partner must be replaced
  # (a field changes that only a new object can have with another value)
-/+ identity-provider "partner" {
      ~ providerId = "oidc" -> "saml" # forces replacement
        # (1 unchanged attribute hidden)
    }

Plan: 1 to add, 0 to change, 1 to destroy.
""")


def test_adoption_is_said() -> None:
    adopted = change(Action.ADOPT, "shop/roles/reader", kind="role", after={("description",): "x"})
    adapted = change(
        Action.ADOPT,
        "shop/roles/writer",
        field("description", "x", "y"),
        kind="role",
        after={("description",): "y"},
    )
    anew = change(
        Action.ADOPT,
        "shop/roles/admin",
        kind="role",
        reason="it was deleted and created again in Keycloak",
    )
    assert shown(adopted, adapted, anew) == snapshot("""\
  # shop/roles/reader will be adopted: it exists in Keycloak and is not in the state
  & role "reader" {
        # (1 unchanged attribute hidden)
    }

  # shop/roles/writer will be adopted: it exists in Keycloak and is not in the state
  & role "writer" {
      ~ description = "x" -> "y"
    }

  # shop/roles/admin will be adopted: it was deleted and created again in Keycloak
  & role "admin"

Plan: 0 to add, 1 to change, 0 to destroy, 3 to adopt.
""")


def test_what_leaves_kcplans_hands_is_said() -> None:
    changed = update(
        field(("attributes", "x"), "1", None),
        left=(("baseUrl",), ("attributes", "access.token.lifespan")),
    )
    released = change(
        Action.RELEASE, "shop/roles/x", kind="role", reason="it is no longer in the files"
    )
    only_left = change(Action.NOOP, "shop/roles/y", kind="role", left=(("description",),))
    assert shown(changed, released, only_left) == snapshot("""\
  # shop/clients/web will be updated in-place
  # No longer managed, left as it is: baseUrl, attributes."access.token.lifespan"
  ~ client "web" {
      - attributes = {
          - x = "1" -> null
        }
    }

  # shop/roles/x will be released: it stays in Keycloak, and kcplan no longer manages it
  # (it is no longer in the files)
  . role "x"

  # shop/roles/y stays as it is
  # No longer managed, left as it is: description

Plan: 0 to add, 1 to change, 0 to destroy, 1 to release.
""")


def test_a_rename() -> None:
    moved = change(
        Action.MOVE,
        "shop/clients/storefront",
        field("clientId", "web", "storefront"),
        moved_from=Address.parse("shop/clients/web"),
        after={("enabled",): True},
    )
    changed = change(
        Action.UPDATE,
        "shop/roles/buyer",
        field("description", "x", "y"),
        kind="role",
        moved_from=Address.parse("shop/roles/customer"),
    )
    assert shown(moved, changed) == snapshot("""\
  # shop/clients/web will be renamed to shop/clients/storefront
  > client "storefront" {
      ~ clientId = "web" -> "storefront"
        # (1 unchanged attribute hidden)
    }

  # shop/roles/buyer will be updated in-place
  # (renamed from shop/roles/customer)
  ~ role "buyer" {
      ~ description = "x" -> "y"
    }

Plan: 0 to add, 2 to change, 0 to destroy.
""")


def test_drift_comes_before_the_plan() -> None:
    drifted = update(
        field("enabled", before=True, after=False, origin=ChangeOrigin.DRIFT),
        after={("enabled",): False},
    )
    planned = update(
        field("enabled", before=False, after=True, origin=ChangeOrigin.DRIFT),
        after={("enabled",): True},
    )
    assert render_plan(plan(planned, drift=(drifted,))) == snapshot("""\
Objects have changed outside of kcplan

kcplan found these differences between Keycloak and what it applied last. Where the files
declare such a field, the plan brings it back to what they say.

  # shop/clients/web has changed
  ~ client "web" {
      ~ enabled = true -> false
    }

kcplan will perform the following actions. Each is marked with a sign:
  ~ update in-place

  # shop/clients/web will be updated in-place
  ~ client "web" {
      ~ enabled = false -> true # changed in Keycloak
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_drift_of_each_kind() -> None:
    drift = [
        update(
            field("enabled", before=True, after=False, origin=ChangeOrigin.DRIFT),
            after={("name",): "Web"},
        ),
        change(Action.DELETE, "shop/roles/reader", kind="role", before={("description",): "x"}),
        change(Action.ADOPT, "shop/roles/writer", kind="role"),
    ]
    unmanaged = [
        change(
            Action.UPDATE,
            "shop/clients/web/service-account",
            field("realmRoles", [], ["realm-admin"], ChangeOrigin.DRIFT),
            kind="service-account",
        ),
        change(Action.CREATE, "shop/roles/rogue", kind="role", after={("description",): "x"}),
    ]
    assert render_drift(drift, unmanaged) == snapshot("""\
Objects have changed outside of kcplan

  # shop/clients/web has changed
  ~ client "web" {
      ~ enabled = true -> false
        # (1 unchanged attribute hidden)
    }

  # shop/roles/reader has been deleted
  - role "reader" {
      - description = "x"
    }

  # shop/roles/writer has been deleted and created again
  & role "writer"

Not managed by kcplan

The files do not mention these. kcplan leaves them as they are, and reports them here only.

  # shop/clients/web/service-account has changed
  ~ service-account "web" {
      ~ realmRoles = [
          + "realm-admin"
        ]
    }

  # shop/roles/rogue has been created
  + role "rogue" {
      + description = "x"
    }

Drift: 3 resources changed outside of kcplan.
""")


def test_a_secret_that_was_changed_in_keycloak_was_there_before() -> None:
    there = Secret("set in the console")
    drifted = update(field("secret", None, there, ChangeOrigin.DRIFT, sensitive=True))
    assert "~ secret = (sensitive value)" in render_drift([drifted])


def test_what_cannot_be_undone_is_said_once() -> None:
    lost = "its sessions are lost"
    deleted = change(Action.DELETE, "shop/clients/web", before={}, notes=(lost,))
    step = Step("x", Operation.DELETE, deleted.address, "client", lossy=(lost,))
    text = render_plan(plan(deleted, steps=(step,)))
    assert f"# Cannot be undone: {lost}" in text
    assert text.count(lost) == 1


def test_no_drift() -> None:
    assert render_drift([]) == snapshot("No drift. Keycloak is as kcplan left it.\n")


def test_colours_are_there_only_where_asked_for() -> None:
    made = plan(update(field("enabled", before=True, after=False, origin=ChangeOrigin.DRIFT)))
    assert "\x1b" not in render_plan(made)
    assert "\x1b[33m  ~\x1b[0m enabled = true -> false" in render_plan(made, color=True)


HOSTILE = "\x1b[2J\x1b]0;pwned\x07\r\n  + enabled = true\u202e\u2028\x9b31m\x00"


@pytest.mark.parametrize("color", [False, True])
def test_nothing_from_outside_controls_the_terminal(*, color: bool) -> None:
    address = Address.of("shop", "clients", HOSTILE)
    hostile = ResourceChange(
        address,
        "client",
        Action.UPDATE,
        reason=HOSTILE,
        changes=(
            field(("attributes", HOSTILE), HOSTILE, HOSTILE + "x", because=HOSTILE),
            field("list", [HOSTILE], [{HOSTILE: HOSTILE}]),
            field("created", None, HOSTILE),
            field("table", {"name": HOSTILE}, {"name": [HOSTILE, HOSTILE + "y"]}),
        ),
        moved_from=address,
        left=((HOSTILE,),),
        notes=(HOSTILE,),
    )
    text = render_plan(plan(hostile), color=color)
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m"):
        text = text.replace(code, "") if color else text
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "\n  + enabled = true" not in text


def test_the_state() -> None:
    web = ResourceState(
        Address.parse("shop/clients/web"),
        "client",
        "0c1f5e0e-8f1c-4a86-8e5c-8d3b0a8d4a11",
        managed={("enabled",): True, ("attributes", "x"): "1", ("redirectUris",): ["https://a"]},
        secrets={("secret",): Digest("hmac-sha256", "00ff")},
    )
    role = ResourceState(Address.parse("shop/roles/reader"), "role", "17", adopted=True)
    state = State("lineage", 3, None, {web.address: web, role.address: role})
    assert render_state(state) == snapshot("""\
# shop/clients/web (created by kcplan)
client "web" {
    attributes = {
        x = "1"
    }
    enabled      = true
    id           = "0c1f5e0e-8f1c-4a86-8e5c-8d3b0a8d4a11"
    redirectUris = ["https://a"]
    secret       = (sensitive value)
}

# shop/roles/reader (adopted)
role "reader" {
    id = "17"
}
""")
    assert render_state(State("lineage")) == snapshot(
        "The state is empty: kcplan manages nothing yet.\n"
    )


def test_five_hundred_changes_stay_readable() -> None:
    changes = [
        change(Action.DELETE, f"shop/roles/r{i}", kind="role", before={("description",): "x"})
        for i in range(500)
    ]
    assert len(render_plan(plan(*changes)).splitlines()) < 500 * 6
