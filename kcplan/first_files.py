"""The first files of a project."""

import re
from collections.abc import Iterator
from pathlib import Path

from kcplan import gitignore
from kcplan.classes import frozen
from kcplan.editors.places import OF_REALMS, OF_SETTINGS
from kcplan.errors import UsageError
from kcplan.files import refuse_special

SETTINGS = """\
#:schema ./.kcplan/settings.schema.json

# How kcplan works. Secrets do not belong here: use KCPLAN_PASSWORD or KCPLAN_CLIENT_SECRET.

[keycloak]
url = "http://127.0.0.1:8480"

[config]
files = ["realms"]

# [[lifecycle]]
# match = "{realm}/clients/*"
# prevent_destroy = true
"""

REALM = """\
#:schema ../.kcplan/realm.schema.json

# A realm in the shape of Keycloak's own RealmRepresentation. What is not mentioned here is not
# managed: kcplan never changes it.

realm = "{realm}"
enabled = true

[[roles.realm]]
name = "reader"
description = "May read"

[[clients]]
clientId = "{realm}-service"
serviceAccountsEnabled = true
standardFlowEnabled = false
directAccessGrantsEnabled = false

[[users]]
serviceAccountClientId = "{realm}-service"
realmRoles = ["reader"]
"""

_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
"""What is not in the realm's name, which stands in URLs."""

IGNORED = ("kcplan.state.json*", "kcplan.*.state.json*", "*.kcplan")


@frozen
class Written:
    """What became of a file.

    Attributes:
        file: The file.
        new: Whether it was written; what exists already stays as it is.
        ignores: Whether it is the one that keeps states and saved plans out of a repository.
    """

    file: Path
    new: bool
    ignores: bool = False


def write_first_files(folder: Path, of_realms: str, of_settings: str) -> Iterator[Written]:
    """Write kcplan.toml, a first realm file and .gitignore entries, one after the other.

    Args:
        folder: The folder of kcplan.toml.
        of_realms: The JSON Schema of realm files.
        of_settings: That of kcplan.toml.

    Raises:
        UsageError: One of them cannot be written.
    """
    try:
        refuse_special(folder / ".gitignore")
        realm = realm_of(folder)
        for name, text in {"kcplan.toml": SETTINGS, f"realms/{realm}.toml": REALM}.items():
            yield _write(folder / name, text.replace("{realm}", realm))
        for name, text in {OF_REALMS: of_realms, OF_SETTINGS: of_settings}.items():
            yield _write(folder / name, text)
        yield _ignore(folder / ".gitignore")
    except OSError as problem:
        raise UsageError(
            f"{problem.filename or folder} cannot be written", f"{problem.strerror}."
        ) from None


def realm_of(folder: Path) -> str:
    """The realm that the first file of a folder describes: it is called like the folder.

    It is `example` where that is no name for a realm of one's own.
    """
    name = _UNFIT.sub("-", folder.resolve().name).strip("-.")
    return "example" if name in {"", "master"} else name


def _write(file: Path, text: str) -> Written:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        return Written(file, new=False)
    return Written(file, new=True)


def _ignore(file: Path) -> Written:
    present = file.read_text(encoding="utf-8") if file.exists() else ""
    missing = [line for line in IGNORED if line not in present.splitlines()]
    if missing:
        gitignore.add(file, missing)
    return Written(file, new=bool(missing), ignores=True)
