import re

from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.diagnostics import error
from kcplan.drift import Drift
from kcplan.plan import Action, ChangeOrigin, ResourceChange
from kcplan.render.markdown import GITHUB_LIMIT, markdown_drift, markdown_plan
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
## kcplan

**Plan: 1 to add, 1 to change, 1 to destroy. The plan has errors and cannot be applied.**

| add | change | destroy | adopt | release |
|---:|---:|---:|---:|---:|
| 1 | 1 | 1 | 0 | 0 |

<details open><summary>Diagnostics: 1</summary>

```text
Error: much is deleted [mass-delete]
```

</details>

<details><summary>Destroy: 1</summary>

```diff
# shop/roles/old will be destroyed
- role "old" {
-     description = "x"
  }
```

</details>

<details><summary>Change: 1</summary>

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

<details><summary>Add: 1</summary>

```diff
# shop/roles/reader will be created
+ role "reader" {
+     description = "Reads"
  }
```

</details>
""")


def test_no_changes() -> None:
    assert markdown_plan(plan()) == snapshot("""\
## kcplan

**No changes. Your Keycloak matches the configuration.**
""")


def test_drift() -> None:
    assert markdown_drift(Drift((update(field("enabled", before=True, after=False)),))) == snapshot("""\
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
## kcplan

**No drift. Keycloak is as kcplan left it.**
""")


def test_what_no_file_mentions() -> None:
    wild = update(field("redirectUris", [], ["*"], ChangeOrigin.DRIFT))
    assert markdown_plan(plan(outside=(wild,))) == snapshot("""\
## kcplan

**No changes. Keycloak has what the files say, but 1 field that no file mentions changed.**

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
    outside = outside_of_fences(markdown_plan(made))
    assert "@everyone" not in outside
    assert "script" not in outside
    assert outside.count("</details>") == outside.count("<details")


def outside_of_fences(text: str) -> str:
    """The lines that GitHub reads as Markdown: those that stand in no fenced block."""
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
    return "\n".join(kept)
