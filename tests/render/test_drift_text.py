from attrs import evolve
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.authors import Author
from kcplan.drift import Drift
from kcplan.plan import Action, ChangeOrigin
from kcplan.render.html import html_drift
from kcplan.render.markdown import markdown_drift
from kcplan.render.text import render_drift, render_plan, render_state
from kcplan.secret import Secret
from kcplan.state import Digest, ResourceState, State
from support.sample_plans import change, field, plan, update


def test_drift_comes_after_the_plan() -> None:
    drifted = update(
        field("enabled", before=True, after=False, origin=ChangeOrigin.DRIFT),
        after={("enabled",): False},
    )
    planned = update(
        field("enabled", before=False, after=True, origin=ChangeOrigin.DRIFT),
        after={("enabled",): True},
    )
    assert render_plan(plan(planned, drift=(drifted,))) == snapshot("""\
kcplan will perform the following actions. Symbols:
  ~ update in-place

  # shop/clients/web will be updated in-place
  ~ client "web" {
      ~ enabled = false -> true # changed in Keycloak
    }

Objects have changed outside of kcplan

Keycloak is no longer as kcplan left it. Where the files declare such a field,
the plan brings it back to what they say.

  # shop/clients/web has changed
  ~ client "web" {
      ~ enabled = true -> false
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_drift_of_each_kind() -> None:
    drift = (
        update(
            field("enabled", before=True, after=False, origin=ChangeOrigin.DRIFT),
            after={("name",): "Web"},
        ),
        change(Action.DELETE, "shop/roles/reader", kind="role", before={("description",): "x"}),
        change(Action.ADOPT, "shop/roles/writer", kind="role"),
    )
    outside = change(
        Action.UPDATE,
        "shop/clients/web/service-account",
        field("realmRoles", [], ["realm-admin"], ChangeOrigin.DRIFT),
        kind="service-account",
    )
    rogue = change(Action.CREATE, "shop/roles/rogue", kind="role", after={("description",): "x"})
    assert render_drift(Drift(drift, (outside,), (rogue,))) == snapshot("""\
Objects have changed outside of kcplan

  # shop/roles/reader has been deleted
  - role "reader" {
      - description = "x"
    }

  # shop/clients/web has changed
  ~ client "web" {
      ~ enabled = true -> false
        # (1 unchanged attribute hidden)
    }

  # shop/roles/writer has been deleted and created again
  & role "writer"

Changed outside of the files, left as it is

No file mentions these fields, so kcplan leaves them as they are. Declare them,
or accept them with `kcplan refresh --accept`. Until then they are reported.

  # shop/clients/web/service-account has changed
  ~ service-account "web" {
      ~ realmRoles = [
          + "realm-admin"
        ]
    }

Not managed by kcplan

No file has these objects. kcplan leaves them as they are.

  # shop/roles/rogue has been created
  + role "rogue" {
      + description = "x"
    }

Drift: 3 resources changed outside of kcplan, and 1 field that no file mentions.
""")


def test_a_secret_that_was_changed_in_keycloak_was_there_before() -> None:
    there = Secret("set in the console")
    drifted = update(field("secret", None, there, ChangeOrigin.DRIFT, sensitive=True))
    assert "~ secret = (sensitive value)" in render_drift(Drift((drifted,)))


def test_no_drift() -> None:
    assert render_drift(Drift()) == snapshot("No drift. Keycloak is as kcplan left it.\n")


def test_what_no_file_mentions_is_never_said_to_be_as_it_was() -> None:
    wild = update(field("redirectUris", [], ["*"], ChangeOrigin.DRIFT))
    assert render_drift(Drift(outside=(wild,))) == snapshot("""\
Changed outside of the files, left as it is

No file mentions these fields, so kcplan leaves them as they are. Declare them,
or accept them with `kcplan refresh --accept`. Until then they are reported.

  # shop/clients/web has changed
  ~ client "web" {
      ~ redirectUris = [
          + "*"
        ]
    }

No managed field changed, but 1 field that no file mentions did.
""")
    assert render_plan(plan(outside=(wild,))) == snapshot("""\
Changed outside of the files, left as it is

No file mentions these fields, so kcplan leaves them as they are. Declare them,
or accept them with `kcplan refresh --accept`. Until then they are reported.

  # shop/clients/web has changed
  ~ client "web" {
      ~ redirectUris = [
          + "*"
        ]
    }

No changes. Keycloak has what the files say, but 1 field that no file mentions changed.
""")
    assert "redirectUris" not in render_plan(plan(outside=(wild,)), show_drift=False)


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


def test_each_format_says_who_changed_it_and_when() -> None:
    changed = update(field("name", "a", "b", ChangeOrigin.DRIFT))
    authors = (Author("admin2", "u2", "10.0.0.7", 1795554180), Author("u3", "u3", "", 0))
    found = Drift((evolve(changed, authors=authors),))
    for text in (render_drift(found), markdown_drift(found), html_drift(found)):
        assert "Changed by admin2 from 10.0.0.7, 2026-11-24 21:03 UTC" in text
        assert "Changed by u3, 1970-01-01 00:00 UTC" in text
    gone = change(Action.DELETE, "shop/roles/reader", authors=authors)
    assert "Deleted by admin2" in render_drift(Drift((gone,)))
