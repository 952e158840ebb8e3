"""`kcplan validate`: check the files without a server."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kcplan.cli.command import Command
from kcplan.cli.options import (
    environment_option,
    fail_on_option,
    format_option,
    lint_option,
    no_color_option,
    paths_argument,
    use_color,
)

if TYPE_CHECKING:
    from kcplan.explanation import Explanation


@click.command(
    cls=Command,
    examples=[
        ("kcplan validate", "the files of kcplan.toml"),
        ("kcplan validate --lint realms/shop.toml", "with advice"),
    ],
)
@paths_argument
@format_option("text", "json", "sarif", "github")
@lint_option
@fail_on_option
@no_color_option
@environment_option
def validate(paths: tuple[str, ...], output: str, **values: Any) -> int:
    """Check the files: syntax, fields and types, references, token exchange rules.

    It needs no server, so what the files do not declare may exist in Keycloak: that is a warning
    here, and settled by `kcplan plan`. So are names that the server did not have the last time.
    """
    from kcplan.cli.printing import emit
    from kcplan.cli.session import Session
    from kcplan.errors import ConfigError
    from kcplan.offline import Validation, offline_diagnostics
    from kcplan.risk import any_reaches
    from kcplan.risk_rules import lint, of_secrets, silenced, weighed
    from kcplan.state import State
    from kcplan.views import validations
    from kcplan_keycloak.risks import rules
    from kcplan_keycloak.token_exchange.preparing import prepare

    session = Session(values)
    try:
        config = prepare(session.config(paths), State(""), lint=values["lint"]).config
        known, seen = session.known, session.seen()
        diagnostics = offline_diagnostics(config, session.registry, known, seen)
        declared, weights = config.resources, config.lint
        risks = of_secrets(rules, declared.values(), session.registry)
        if values["lint"]:
            risks = (*lint(rules(), declared.values(), session.registry), *risks)
        found = Validation(diagnostics, weighed(risks, weights), silenced(risks, weights), declared)
    except ConfigError as problem:
        found = Validation(problem.diagnostics)
    view = validations.view(
        output,
        color=use_color(no_color=values["no_color"]),
        explanations=_explanations,
        folder=Path.cwd(),
    )
    emit(view(found))
    return 1 if any_reaches(found.risks, values["fail_on"]) or not found.valid else 0


def _explanations() -> "Mapping[str, Explanation]":
    from kcplan.cli.explain import every_explanation

    return every_explanation()
