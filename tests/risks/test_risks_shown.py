"""A plan names its risks first, in each format."""

from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.plan import Plan
from kcplan.render.html import html_plan
from kcplan.render.json import plan_document
from kcplan.render.markdown import markdown_plan
from kcplan.render.text import render_plan
from kcplan.risk import Level, Risk
from support.sample_plans import field, plan, update


def risk(code: str, level: Level, local: str, summary: str, *path: str) -> Risk:
    return Risk(level, code, Address.parse(local), path, summary)


def risky() -> Plan:
    return plan(
        update(field("name", "a", "b")),
        risks=(
            risk(
                "redirect-anywhere",
                Level.DANGER,
                "shop/clients/web",
                "codes and tokens may be sent to any site: *",
                "redirectUris",
            ),
            risk("role-deleted", Level.CAUTION, "shop/roles/a", "whoever has the role loses it"),
            risk("role-deleted", Level.CAUTION, "shop/roles/b", "whoever has the role loses it"),
        ),
    )


def test_text() -> None:
    assert render_plan(risky()) == snapshot("""\
Needs attention

  Danger: codes and tokens may be sent to any site: * [redirect-anywhere]
    shop/clients/web: redirectUris
  Caution: whoever has the role loses it [role-deleted]
    shop/roles/a
    shop/roles/b

`kcplan explain CODE` says why, and what to do about it.

kcplan will perform the following actions. Symbols:
  ~ update in-place

  # shop/clients/web will be updated in-place
  ~ client "web" {
      ~ name = "a" -> "b"
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_markdown() -> None:
    assert markdown_plan(risky()) == snapshot("""\
<!-- kcplan shop -->
## kcplan

**Plan: 0 to add, 1 to change, 0 to destroy.**

Server `https://sso.example`, Keycloak `26.7.3`, realm `shop`

### Needs attention

```text
  Danger: codes and tokens may be sent to any site: * [redirect-anywhere]
    shop/clients/web: redirectUris
  Caution: whoever has the role loses it [role-deleted]
    shop/roles/a
    shop/roles/b
```

`kcplan explain CODE` says why, and what to do about it.

<details><summary>Clients: 1</summary>

```diff
# shop/clients/web will be updated in-place
! client "web" {
!     name = "a" -> "b"
  }
```

</details>
""")


def test_html() -> None:
    page = html_plan(risky())
    assert page[page.index("<h2>") : page.index("<h2>Clients")] == snapshot("""\
<h2>Needs attention</h2>
<div class="card del">
<p><strong class="del">Danger:</strong> codes and tokens may be sent to any site: * <span class="dim">[redirect-anywhere]</span></p>
<ul><li><a href="#c1">shop/clients/web</a>: <code>redirectUris</code></li></ul>
</div>
<div class="card chg">
<p><strong class="chg">Caution:</strong> whoever has the role loses it <span class="dim">[role-deleted]</span></p>
<ul><li>shop/roles/a</li><li>shop/roles/b</li></ul>
</div>
<p><code>kcplan explain CODE</code> says why, and what to do about it.</p>
</section>
<section class="filtered">
""")


def test_json() -> None:
    assert plan_document(risky())["risks"] == snapshot(
        [
            {
                "code": "redirect-anywhere",
                "level": "danger",
                "address": "shop/clients/web",
                "path": ["redirectUris"],
                "summary": "codes and tokens may be sent to any site: *",
            },
            {
                "code": "role-deleted",
                "level": "caution",
                "address": "shop/roles/a",
                "path": [],
                "summary": "whoever has the role loses it",
            },
            {
                "code": "role-deleted",
                "level": "caution",
                "address": "shop/roles/b",
                "path": [],
                "summary": "whoever has the role loses it",
            },
        ]
    )


def test_names_cannot_bring_markup_or_lines_along() -> None:
    evil = "<img src=x onerror=alert(1)>\n```\n@somebody \x1b[31m"
    made = plan(risks=(risk("a-code", Level.DANGER, "shop/clients/web", evil, evil),))
    assert "<img" not in html_plan(made)
    for text in (render_plan(made), markdown_plan(made)):
        assert "\x1b" not in text
        assert "\n```\n@somebody" not in text


def test_many_risks_leave_room_for_the_rest_of_a_comment() -> None:
    many = tuple(
        risk("role-deleted", Level.CAUTION, f"shop/roles/{number}", "gone")
        for number in range(5000)
    )
    text = markdown_plan(plan(update(field("name", "a", "b")), risks=many))
    assert len(text) < 65_536
    assert "shop/clients/web" in text
