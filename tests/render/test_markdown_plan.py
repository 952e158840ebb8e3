import re

import pytest
from attrs import evolve
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.diagnostics import error, warning
from kcplan.drift import Drift
from kcplan.plan import Action, ChangeOrigin, ResourceChange
from kcplan.render.markdown import GITHUB_LIMIT, markdown_drift, markdown_plan
from support.review_plan import review_plan
from support.sample_plans import change, field, plan, update


def test_a_plan_for_a_pull_request() -> None:
    made = plan(
        change(Action.CREATE, "shop/roles/reader", kind="role", after={("description",): "Reads"}),
        update(
            field("enabled", before=True, after=False),
            field("redirectUris", ["a", "b"], ["b", "c"]),
        ),
        change(Action.DELETE, "shop/roles/old", kind="role", before={("description",): "x"}),
        diagnostics=(error("mass-delete", "much is deleted"),),
    )
    assert markdown_plan(made) == snapshot("""\
<!-- kcplan shop -->
## kcplan

**Plan: 1 to add, 1 to change, 1 to destroy. The plan has errors and cannot be applied.**

Server `https://sso.example`, Keycloak `26.7.3`, realm `shop`

<details open><summary>Diagnostics: 1</summary>

```text
Error: much is deleted [mass-delete]
```

</details>

<details open><summary>Destroy: 1</summary>

```diff
# shop/roles/old will be destroyed
- role "old" {
-     description = "x"
  }
```

</details>

<details><summary>Roles: 1</summary>

```diff
# shop/roles/reader will be created
+ role "reader" {
+     description = "Reads"
  }
```

</details>

<details><summary>Clients: 1</summary>

```diff
# shop/clients/web will be updated in-place
! client "web" {
!     enabled      = true -> false
!     redirectUris = [
-         "a"
+         "c"
          # (1 unchanged element hidden)
      ]
  }
```

</details>
""")


def test_no_changes() -> None:
    assert markdown_plan(plan()) == snapshot("""\
<!-- kcplan -->
## kcplan

**No changes. Your Keycloak matches the configuration.**

Server `https://sso.example`, Keycloak `26.7.3`
""")


def test_drift() -> None:
    assert markdown_drift(Drift((update(field("enabled", before=True, after=False)),))) == snapshot("""\
<!-- kcplan-refresh -->
## kcplan

**Drift: 1 resource changed outside of kcplan.**

<details><summary>Objects have changed outside of kcplan: 1</summary>

```diff
# shop/clients/web has changed
! client "web" {
!     enabled = true -> false
  }
```

</details>
""")
    assert markdown_drift(Drift()) == snapshot("""\
<!-- kcplan-refresh -->
## kcplan

**No drift. Keycloak is as kcplan left it.**
""")


def test_what_no_file_mentions() -> None:
    wild = update(field("redirectUris", [], ["*"], ChangeOrigin.DRIFT))
    assert markdown_plan(plan(outside=(wild,))) == snapshot("""\
<!-- kcplan -->
## kcplan

**No changes. Keycloak has what the files say, but 1 field that no file mentions changed.**

Server `https://sso.example`, Keycloak `26.7.3`

<details><summary>Changed outside of the files, left as it is: 1</summary>

```diff
# shop/clients/web has changed
! client "web" {
!     redirectUris = [
+         "*"
      ]
  }
```

</details>
""")
    assert "1 field that no file mentions" in markdown_drift(Drift(outside=(wild,)))


def test_a_plan_that_is_too_long_is_cut_and_says_so() -> None:
    changes = [
        change(Action.CREATE, f"shop/roles/r{i}", kind="role", after={("description",): "x" * 80})
        for i in range(2000)
    ]
    changes.append(change(Action.DELETE, "shop/roles/old", kind="role", before={("a",): "x"}))
    text = markdown_plan(plan(*changes))
    assert len(text) <= GITHUB_LIMIT
    assert "shop/roles/old will be destroyed" in text
    left_out = 2001 - text.count(" will be ")
    assert f"**Left out here: {left_out:,}**" in text
    assert text.count("```diff") == 2
    assert text.count("<details") == text.count("</details>") == 2


def test_a_single_change_that_is_too_long_is_left_out() -> None:
    long = {("attributes", f"a{i}"): "x" * 90 for i in range(3000)}
    short = change(Action.CREATE, "shop/roles/reader", kind="role")
    text = markdown_plan(plan(change(Action.CREATE, "shop/clients/web", after=long), short))
    assert len(text) < 1000
    assert "shop/roles/reader will be created" in text
    assert "**Left out here: 1**" in text


def test_many_diagnostics_leave_room_for_the_plan() -> None:
    found = tuple(error(f"code-{i}", "y" * 200, "z " * 500) for i in range(300))
    made = plan(update(field("enabled", before=True, after=False)), diagnostics=found)
    text = markdown_plan(made)
    assert len(text) <= GITHUB_LIMIT
    assert "enabled = true -> false" in text


HOSTILE = "```\n</details>\n<script>alert(1)</script>\n@everyone #1 [x](javascript:y) ````"


def test_nothing_from_outside_adds_markup_or_mentions_anybody() -> None:
    hostile = ResourceChange(
        Address.of(HOSTILE, "clients", HOSTILE),
        "client",
        Action.UPDATE,
        reason=HOSTILE,
        changes=(
            field((HOSTILE,), HOSTILE, HOSTILE + "x", because=HOSTILE),
            field("new", None, HOSTILE),
        ),
        left=((HOSTILE,),),
        notes=(HOSTILE,),
    )
    made = plan(hostile, diagnostics=(error("mass-delete", HOSTILE, HOSTILE),))
    marker, rest = markdown_plan(made).split("\n", 1)
    assert re.fullmatch(r"<!-- kcplan [\w.~%-]+ -->", marker)
    outside = outside_of_fences(rest)
    assert "@everyone" not in outside
    assert "script" not in outside
    assert outside.count("</details>") == outside.count("<details")


def test_a_realm_in_the_title_of_a_group_mentions_nobody() -> None:
    """GitHub links no mention that is code."""
    changes = (
        ResourceChange(Address.of(realm, "clients", "web"), "client", Action.CREATE)
        for realm in ("@octocat", "<b>#1")
    )
    text = markdown_plan(plan(*changes))
    assert "<summary>Clients of <code>@octocat</code>: 1</summary>" in text
    assert "<summary>Clients of <code>&lt;b&gt;#1</code>: 1</summary>" in text


@pytest.mark.parametrize(
    "name",
    [
        "a-->b",
        "--",
        "->",
        ">",
        "-",
        "--!>",
        "a--",
        "ä b",
        "x%2Dy",
        "\ud800",
        "@team #1",
        "`",
        "``a`",
        "x` @team `y",
    ],
)
def test_no_name_ends_the_marker_or_a_code_span(name: str) -> None:
    text = markdown_plan(plan(change(Action.NOOP, str(Address.of(name)), kind="realm")))
    marker, rest = text.split("\n", 1)
    assert re.fullmatch(r"<!-- kcplan [!-~]+ -->", marker)
    assert "--" not in marker[4:-3]
    assert ">" not in marker[:-1]
    assert outside_of_fences(rest).count("realm") == 1
    assert "@team" not in outside_of_fences(rest)


def test_a_marker_stays_the_same_for_the_same_realms() -> None:
    one = plan(
        change(Action.NOOP, "b", kind="realm"), change(Action.NOOP, "a/roles/x", kind="role")
    )
    other = plan(
        change(Action.DELETE, "a/roles/y", kind="role", before={}),
        change(Action.CREATE, "b", kind="realm"),
        risks=review_plan().risks,
    )
    first = "<!-- kcplan a b -->\n"
    assert markdown_plan(one).startswith(first)
    assert markdown_plan(other).startswith(first)
    assert markdown_drift(Drift(realms=("a", "b"))).startswith("<!-- kcplan-refresh a b -->\n")
    assert markdown_plan(plan()).startswith("<!-- kcplan -->\n")


def test_each_environment_has_a_marker_and_a_heading_of_its_own() -> None:
    made = evolve(plan(change(Action.NOOP, "shop", kind="realm")), environment="prod")
    assert markdown_plan(made).startswith("<!-- kcplan@prod shop -->\n## kcplan: `prod`\n")
    wild = markdown_plan(evolve(made, environment="a--> [x](y)\n# `b`"))
    assert "-->" not in wild.split("\n")[0][:-3]
    assert "[x](y)\n" not in wild
    drift = markdown_drift(Drift(realms=("shop",), environment="prod"))
    assert drift.startswith("<!-- kcplan-refresh@prod shop -->\n## kcplan: `prod`\n")


def test_a_marker_for_very_many_realms_is_short() -> None:
    names = [f"realm-of-the-customer-{number}" for number in range(5000)]
    text = markdown_plan(plan(*(change(Action.NOOP, name, kind="realm") for name in names)))
    marker = text.split("\n")[0]
    assert re.fullmatch("<!-- kcplan 5000-realms-[0-9a-f]{16} -->", marker)
    assert "and 4,995 more" in text
    fewer = markdown_plan(plan(*(change(Action.NOOP, name, kind="realm") for name in names[1:])))
    assert fewer.split("\n")[0] != marker


def test_warnings_come_last_and_errors_first() -> None:
    changed = update(field("enabled", before=True, after=False))
    warned = markdown_plan(plan(changed, diagnostics=(warning("a-code", "look"),)))
    assert warned.index("enabled = true") < warned.index("Warning: look")
    failed = markdown_plan(plan(changed, diagnostics=(error("a-code", "look"),)))
    assert failed.index("Error: look") < failed.index("enabled = true")


def test_a_large_plan_leaves_room_for_its_warnings() -> None:
    changes = [
        change(Action.CREATE, f"shop/roles/r{i}", kind="role", after={("description",): "x" * 80})
        for i in range(2000)
    ]
    found = tuple(warning(f"code-{i}", f"look {i}", "y " * 400) for i in range(20))
    text = markdown_plan(plan(*changes, diagnostics=found))
    assert len(text) <= GITHUB_LIMIT
    assert all(f"Warning: look {i} " in text for i in range(20))


def outside_of_fences(text: str) -> str:
    """What GitHub reads as Markdown: what stands in no fenced block and no code span."""
    kept, fence = [], ""
    for line in text.split("\n"):
        found = re.match(r" {0,3}(`{3,})", line)
        if fence:
            if found and len(found.group(1)) >= len(fence) and not line.strip().strip("`"):
                fence = ""
        elif found:
            fence = found.group(1)
        else:
            kept.append(line)
    assert not fence, "a fenced block is not closed"
    spans = r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)"
    return "\n".join(re.sub(spans, "", line) for line in kept)
