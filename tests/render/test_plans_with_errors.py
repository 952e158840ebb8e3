"""A plan with errors never says that all is well, whatever format it is shown in."""

from collections.abc import Callable

import pytest
from inline_snapshot import snapshot

from kcplan.diagnostics import error, warning
from kcplan.plan import Action, Plan
from kcplan.render.html import html_plan
from kcplan.render.json import plan_document
from kcplan.render.markdown import markdown_plan
from kcplan.render.text import render_plan
from support.sample_plans import change, field, plan, update

UNCHANGED = change(Action.NOOP, "shop/clients/web", after={("enabled",): True})
CHANGED = update(field("description", "a", "b"))
UNKNOWN = error("unknown-reference", "the client scope nobody does not exist")

each_format = pytest.mark.parametrize("render", [render_plan, markdown_plan, html_plan])


@each_format
def test_no_change_and_an_error(render: Callable[[Plan], str]) -> None:
    shown = render(plan(UNCHANGED, diagnostics=(UNKNOWN,)))
    assert "The plan has errors and cannot be applied." in shown
    assert "No changes" not in shown
    assert "matches" not in shown


@each_format
def test_a_change_and_an_error(render: Callable[[Plan], str]) -> None:
    shown = render(plan(CHANGED, diagnostics=(UNKNOWN,)))
    line = "Plan: 0 to add, 1 to change, 0 to destroy. The plan has errors and cannot be applied."
    assert line in shown
    assert "kcplan will" not in shown


@each_format
def test_a_warning_is_no_error(render: Callable[[Plan], str]) -> None:
    found = (warning("weak-secret", "a short secret"),)
    assert "No changes." in render(plan(UNCHANGED, diagnostics=found))
    assert "errors" not in render(plan(CHANGED, diagnostics=found))


def test_programs_are_told_as_well() -> None:
    assert plan_document(plan(UNCHANGED, diagnostics=(UNKNOWN,)))["errored"] is True
    assert plan_document(plan(UNCHANGED))["errored"] is False


def test_what_the_terminal_shows() -> None:
    assert render_plan(plan(UNCHANGED, diagnostics=(UNKNOWN,))) == snapshot(
        "The plan has errors and cannot be applied.\n"
    )
    assert render_plan(plan(CHANGED, diagnostics=(UNKNOWN,))) == snapshot("""\
kcplan would perform the following actions. Symbols:
  ~ update in-place

  # shop/clients/web will be updated in-place
  ~ client "web" {
      ~ description = "a" -> "b"
    }

Plan: 0 to add, 1 to change, 0 to destroy. The plan has errors and cannot be applied.
""")
