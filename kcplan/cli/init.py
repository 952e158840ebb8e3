"""`kcplan init`: the first files of a project."""

from pathlib import Path

import click

from kcplan.cli.command import Command


@click.command(
    cls=Command,
    examples=[
        ("kcplan init", "in this folder"),
        ("kcplan init shop", "in a new folder"),
    ],
)
@click.argument("directory", default=".", metavar="[DIR]", type=click.Path(path_type=Path))
def init(directory: Path) -> int:
    """Write kcplan.toml, a first realm file, and .gitignore entries. Nothing is overwritten.

    The folder `.kcplan` gets the JSON Schemas of both, which the files name for editors.
    """
    from kcplan.cli.printing import emit
    from kcplan.cli.schema import REALM, SETTINGS, schema_text
    from kcplan.first_files import write_first_files
    from kcplan.views import beginnings

    for written in write_first_files(directory, schema_text(REALM), schema_text(SETTINGS)):
        emit(beginnings.written(written))
    emit(beginnings.what_next())
    return 0
