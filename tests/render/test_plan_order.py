"""A plan has the same order in every format: danger, what is destroyed, the rest by type."""

from collections.abc import Callable
from html import unescape
from re import sub

import pytest

from kcplan.drift import Drift
from kcplan.plan import Action, Operation, Plan, Step
from kcplan.render.blocks import plan_blocks, plan_groups
from kcplan.render.html import html_plan
from kcplan.render.json import plan_document
from kcplan.render.markdown import markdown_plan
from kcplan.render.text import render_drift, render_plan
from support.review_plan import review_plan
from support.sample_plans import change, field, plan, update


def visible(plan: Plan) -> str:
    """A page without its markup."""
    page = html_plan(plan)
    return unescape(sub("<[^>]*>", "", page[page.index("<h1>") :]))


each_format = pytest.mark.parametrize("render", [render_plan, markdown_plan, visible])

ORDER = (
    "Needs attention",
    "shop/clients/legacy-storefront-of-the-old-warehouse-management-system will be destroyed",
    "shop/roles/reader will be destroyed",
    "shop/identity-providers/partner must be replaced",
    "shop will be updated in-place",
    "shop/client-scopes/scope-0 will be adopted",
    "shop/roles/role-00 will be created",
    "shop/clients/web will be updated in-place",
    "shop/roles/buyer stays as it is",
    "Changed outside of the files",
    "Objects have changed outside of kcplan",
)


@each_format
def test_danger_then_what_is_destroyed_then_the_rest_by_type(
    render: Callable[[Plan], str],
) -> None:
    text = render(review_plan())
    assert sorted(ORDER, key=text.index) == list(ORDER)


@each_format
def test_each_change_stands_there_once(render: Callable[[Plan], str]) -> None:
    made = review_plan()
    text = render(made)
    for block in plan_blocks(made):
        assert text.count(f" {block.heading}") + text.count(f"\n{block.heading}") == 1


def test_an_update_with_a_loss_comes_right_after_what_is_destroyed() -> None:
    lost = change(Action.UPDATE, "shop/clients/z", field("publicClient", before=False, after=True))
    step = Step("x", Operation.UPDATE, lost.address, "client", lossy=("the secret",))
    deleted = change(Action.DELETE, "shop/roles/a", kind="role", before={})
    made = plan(update(field("enabled", before=True, after=False)), lost, deleted, steps=(step,))
    assert [(group.title, len(group.blocks)) for group in plan_groups(made)] == [
        ("Destroy", 1),
        ("Cannot be undone", 1),
        ("Clients", 1),
    ]


def test_with_several_realms_the_rest_is_by_realm_and_type() -> None:
    made = plan(
        change(Action.CREATE, "a", kind="realm"),
        change(Action.CREATE, "a/client-scopes/x", kind="client-scope"),
        change(Action.DELETE, "b", kind="realm", before={}),
        change(Action.CREATE, "c/roles/x", kind="role"),
    )
    titles = [group.heading for group in plan_groups(made)]
    assert titles == ["Destroy", "Realm a", "Client scopes of a", "Roles of c"]


def test_programs_get_the_changes_in_the_order_of_the_plan() -> None:
    made = review_plan()
    document = plan_document(made)
    found = [item["address"] for item in document["resource_changes"]]
    assert found == [str(item.address) for item in made.changes]
    assert list(document).index("risks") < list(document).index("resource_changes")


def test_drift_has_what_was_destroyed_first() -> None:
    changed = update(field("enabled", before=True, after=False))
    deleted = change(Action.DELETE, "shop/roles/z", kind="role", before={})
    text = render_drift(Drift((changed, deleted)))
    assert text.index("shop/roles/z has been deleted") < text.index("shop/clients/web has changed")


@pytest.mark.parametrize("color", [False, True])
def test_what_a_plan_says_in_the_terminal_is_80_columns_wide(*, color: bool) -> None:
    text = sub("\x1b\\[[0-9]+m", "", render_plan(review_plan(), color=color))
    values = (" = ", '"', " must be ", " will be ")
    assert text == render_plan(review_plan())
    for line in text.splitlines():
        if not any(part in line for part in values):
            assert len(line) <= 80, line
