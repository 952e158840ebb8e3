"""`kcplan explain`: what a diagnostic means, why it matters, and how to fix it."""

import json
from collections.abc import Iterable
from textwrap import fill, indent
from typing import Any

import attrs
import click

from kcplan import catalogue
from kcplan.catalogue import Explanation
from kcplan.errors import UsageError
from kcplan.render.diagnostics import WIDTH, render_error


@click.command()
@click.argument("code", required=False)
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the explanation is printed.",
)
def explain(code: str | None, output: str) -> None:
    """Explain a diagnostic CODE; without one, list all of them."""
    if code is None:
        known = catalogue.explanations().values()
        click.echo(
            _json([attrs.asdict(item) for item in known]) if _is_json(output) else _list(known)
        )
        return
    found = catalogue.explain(code)
    if found is None:
        click.echo(render_error(_unknown(code)), err=True, nl=False)
        raise click.exceptions.Exit(1)
    click.echo(_json(attrs.asdict(found)) if _is_json(output) else _text(found))


def _is_json(output: str) -> bool:
    return output == "json"


def _unknown(code: str) -> UsageError:
    suggestion = catalogue.suggest(code)
    hint = f"Did you mean `{suggestion}`? " if suggestion else ""
    return UsageError(
        f"there is no diagnostic with the code {code!r}", f"{hint}`kcplan explain` lists all codes."
    )


def _json(document: Any) -> str:
    return json.dumps(document, indent=2)


def _list(items: Iterable[Explanation]) -> str:
    known = list(items)
    width = max(len(item.code) for item in known)
    return "\n".join(f"{item.code:<{width}}  {item.severity:<7}  {item.title}" for item in known)


def _text(item: Explanation) -> str:
    parts = [
        f"{item.code} ({item.severity})",
        item.title,
        item.meaning,
        f"Why it matters: {item.why}",
        f"How to fix it: {item.fix}",
    ]
    paragraphs = [fill(part, WIDTH, break_on_hyphens=False) for part in parts]
    if item.example:
        paragraphs.append(indent(item.example, "    "))
    return "\n\n".join(paragraphs)
