"""`kcplan schema`: the JSON Schemas of realm files and of kcplan.toml."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kcplan.cli.command import Command
from kcplan.cli.options import environment_option

if TYPE_CHECKING:
    from kcplan.offered import Offered

REALM = "realm"
SETTINGS = "settings"


@click.command(
    cls=Command,
    examples=[
        ("kcplan schema --out .kcplan/realm.schema.json", "of realm files"),
        ("kcplan schema settings", "of kcplan.toml"),
    ],
)
@click.argument(
    "kind", metavar="[realm|settings]", default=REALM, type=click.Choice([REALM, SETTINGS])
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to this file, and print nothing.",
)
@environment_option
def schema(kind: str, out: Path | None, env: str | None) -> int:
    """Print a JSON Schema (2020-12) of realm files, or of kcplan.toml.

    Editors complete and check files with it: `#:schema FILE` in TOML, `# yaml-language-server:
    $schema=FILE` in YAML, a member "$schema" in JSON. It suggests the names that the server had
    the last time, such as those of themes. With a newer `version` in kcplan.toml it lets fields
    through that kcplan does not know.
    """
    from kcplan.cli.printing import emit
    from kcplan.views.pieces import Out

    text = schema_text(kind, seen=True, environment=env)
    if out is None:
        emit([Out(text)])
    else:
        _write(out, text)
    return 0


def schema_text(kind: str, *, seen: bool = False, environment: str | None = None) -> str:
    """The schema as JSON.

    Args:
        kind: `REALM` or `SETTINGS`.
        seen: Whether to go by the project here: to suggest the names that its server had the last
            time, and by the version that kcplan.toml says.
        environment: The environment of kcplan.toml whose server that is.
    """
    if kind == SETTINGS:
        from kcplan.editors.settings import settings_schema

        found = settings_schema()
    else:
        from kcplan.editors.files import realm_schema
        from kcplan_keycloak.resources import registry

        found = realm_schema(registry(), *(_of_project(environment) if seen else ()))
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _of_project(environment: str | None) -> "tuple[Offered | None, str | None]":
    """The names that the server had the last time, and the version of Keycloak in kcplan.toml.

    Raises KcplanError where somebody names an environment and it cannot be taken.
    """
    from kcplan.cli.session import Session
    from kcplan.errors import KcplanError

    session = Session({"env": environment})
    try:
        seen, version = session.seen(), session.settings.keycloak.version
    except KcplanError:  # what is wrong with kcplan.toml is for other commands to say
        if environment is not None:
            raise
        return None, None
    return seen.offered if seen else None, version


def _write(file: Path, text: str) -> None:
    from kcplan.errors import UsageError
    from kcplan.files import refuse_special

    try:
        refuse_special(file)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise UsageError(f"{str(file)!r} cannot be written", f"{problem.strerror}.") from None
