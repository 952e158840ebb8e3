"""`kcplan init`: the first files of a project."""

from pathlib import Path

import click

_SETTINGS = """\
# How kcplan works. Secrets do not belong here: use KCPLAN_PASSWORD or KCPLAN_CLIENT_SECRET.

[keycloak]
url = "http://127.0.0.1:8480"

[config]
files = ["realms"]

# [[lifecycle]]
# match = "example/clients/*"
# prevent_destroy = true
"""

_REALM = """\
# A realm in the shape of Keycloak's own RealmRepresentation. What is not mentioned here is not
# managed: kcplan never changes it.

realm = "example"
enabled = true

[[roles.realm]]
name = "reader"
description = "May read"

[[clients]]
clientId = "example-service"
serviceAccountsEnabled = true
standardFlowEnabled = false
directAccessGrantsEnabled = false

[[users]]
serviceAccountClientId = "example-service"
realmRoles = ["reader"]
"""

_IGNORED = ("kcplan.state.json*", "*.kcplan")


@click.command()
@click.argument("directory", default=".", metavar="[DIR]", type=click.Path(path_type=Path))
def init(directory: Path) -> int:
    """Write kcplan.toml, a first realm file, and .gitignore entries. Nothing is overwritten."""
    from kcplan.errors import UsageError

    try:
        for name, text in {"kcplan.toml": _SETTINGS, "realms/example.toml": _REALM}.items():
            _write(directory / name, text)
        _ignore(directory / ".gitignore")
    except OSError as problem:
        raise UsageError(
            f"{problem.filename or directory} cannot be written", f"{problem.strerror}."
        ) from None
    click.echo("\nNext: kcplan sandbox up, then kcplan plan.", err=True)
    return 0


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        click.echo(f"{path} exists and stays as it is.")
    else:
        click.echo(f"{path} is written.")


def _ignore(path: Path) -> None:
    present = path.read_text(encoding="utf-8") if path.exists() else ""
    missing = [line for line in _IGNORED if line not in present.splitlines()]
    if not missing:
        click.echo(f"{path} exists and stays as it is.")
        return
    gap = "" if not present or present.endswith("\n") else "\n"
    with path.open("a", encoding="utf-8") as file:
        file.write(gap + "".join(f"{line}\n" for line in missing))
    click.echo(f"{path} now leaves out the state and saved plans.")
