import pytest
from attrs import evolve
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.drift import Drift
from kcplan.plan import Action, ChangeOrigin, Operation, ResourceChange, Step
from kcplan.render.html import html_drift, html_plan
from kcplan.render.text import render_drift, render_plan
from kcplan.secret import Origin, Secret
from kcplan.views import plans
from support.sample_plans import change, field, plan, update


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
kcplan will perform the following actions. Symbols:
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
kcplan will perform the following actions. Symbols:
  + create

  # shop/roles/reader will be created
  + role "reader" {
      + description = "Reads"
      + id          = (known after apply)
    }

Plan: 1 to add, 0 to change, 0 to destroy.
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
kcplan will perform the following actions. Symbols:
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
  # No longer managed, left as it is: baseUrl,
  #   attributes."access.token.lifespan"
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


def test_what_cannot_be_undone_is_said_once() -> None:
    lost = "its sessions are lost"
    deleted = change(Action.DELETE, "shop/clients/web", before={}, notes=(lost,))
    step = Step("x", Operation.DELETE, deleted.address, "client", lossy=(lost,))
    text = render_plan(plan(deleted, steps=(step,)))
    assert f"# Cannot be undone: {lost}" in text
    assert text.count(lost) == 1


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


def test_the_environment_stands_where_the_plan_is_summed_up() -> None:
    made = evolve(plan(change(Action.NOOP, "shop", kind="realm")), environment="prod")
    assert render_plan(made) == snapshot("""\
Environment: prod
No changes. Your Keycloak matches the configuration.
""")
    assert render_drift(Drift(environment="prod")) == snapshot("""\
Environment: prod
No drift. Keycloak is as kcplan left it.
""")
    assert '<p class="dim">Environment: prod</p>' in html_plan(made)
    assert '<p class="dim">Environment: prod</p>' in html_drift(Drift(environment="prod"))
    *_, last = plans.github(made, declared={})
    assert last.text.startswith("Environment: prod\n")


def test_five_hundred_changes_stay_readable() -> None:
    changes = [
        change(Action.DELETE, f"shop/roles/r{i}", kind="role", before={("description",): "x"})
        for i in range(500)
    ]
    assert len(render_plan(plan(*changes)).splitlines()) < 500 * 6
