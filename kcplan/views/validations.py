"""What `kcplan validate` found in the files."""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from kcplan.errors import ConfigError
from kcplan.explanation import Explanation
from kcplan.offline import Validation
from kcplan.views.pieces import Err, Out, Piece, View, document


def view(
    output: str, *, color: bool, explanations: Callable[[], Mapping[str, Explanation]], folder: Path
) -> View[Validation]:
    """The view for a format: text, json, sarif or github.

    Args:
        output: The format.
        color: Whether text is coloured.
        explanations: Gives what each code means.
        folder: What the places in SARIF are relative to.
    """
    match output:
        case "json":
            return json
        case "sarif":
            return partial(sarif, explanations=explanations(), folder=folder)
        case "github":
            return github
        case _:
            return partial(text, color=color)


def text(found: Validation, *, color: bool) -> Iterator[Piece]:
    """The findings, and whether the files can be applied."""
    if found.diagnostics:
        from kcplan.render.diagnostics import render_diagnostics

        yield Err(render_diagnostics(found.diagnostics, color=color) + "\n")
    if found.risks:
        from kcplan.render.text import render_risks

        yield Out(render_risks(found.risks, color=color))
    if found.valid:
        yield Out("The configuration is valid.\n")


def json(found: Validation) -> Iterator[Piece]:
    """The findings for programs."""
    from kcplan.render.json import validate_document

    yield document(validate_document(found.diagnostics, found.risks))


def sarif(
    found: Validation, *, explanations: Mapping[str, Explanation], folder: Path
) -> Iterator[Piece]:
    """The findings for code scanning."""
    from kcplan.render.sarif import sarif_document

    yield document(sarif_document(found, explanations, folder))


def github(found: Validation) -> Iterator[Piece]:
    """The findings as annotations of a pull request, where GitHub Actions has checked it out."""
    from kcplan.render.github import github_lines

    folder = Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd())
    yield Out("".join(f"{line}\n" for line in github_lines(found, folder)))


def github_errors(problem: ConfigError) -> Iterator[Piece]:
    """What is wrong with the files, as annotations: there is no plan."""
    yield from github(Validation(problem.diagnostics))
