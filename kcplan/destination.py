"""Where an import writes: a file or a folder, and perhaps a file with the secrets.

All of it is written, or none of it: what was written is taken back where the rest fails.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from kcplan import gitignore, secrets_file
from kcplan.classes import frozen
from kcplan.config.document import READERS
from kcplan.config.new_file import place_for
from kcplan.config.settings import Settings
from kcplan.editors import places
from kcplan.errors import UsageError
from kcplan.export import Export, kinds
from kcplan.files import read_regular
from kcplan.resource import Registry
from kcplan.toml_writer import to_toml

Replace = Callable[[Path, bytes], None]
"""Writes a file whole or not at all, for its owner's eyes only. Raises OSError."""

_IGNORES: Final = ".gitignore"


@frozen
class Destination:
    """Where an import writes.

    Attributes:
        path: The file, or the folder.
        is_folder: Whether it is a folder, with a file for each kind of resource.
        secrets: The file with the values of the variables; None where there is to be none.
        is_configured: Whether it was chosen so that `[config] files` finds it.
        schema: The JSON Schema of realm files, which they name for editors; None where there is
            none.
    """

    path: Path
    is_folder: bool = False
    secrets: Path | None = None
    is_configured: bool = False
    schema: Path | None = None

    def texts(self, exported: Export) -> dict[Path, str]:
        """The realm files with what they say."""
        if not self.is_folder:
            return {self.path: self._text(self.path, exported.document)}
        files = {self.path / _file(kind): part for kind, part in exported.kinds.items()}
        return {file: self._text(file, part) for file, part in files.items()}

    def _text(self, file: Path, document: Mapping[str, Any]) -> str:
        """The text of a realm file, which says where its schema is."""
        way = None if self.schema is None else places.way(file, self.schema)
        ending = file.suffix.lower()
        if way is not None and ending == ".json":
            document = places.in_json(document, way)
        text = _FORMATS[ending](document)
        return places.in_toml(text, way) if way is not None and ending == ".toml" else text

    def kept(self) -> dict[str, str | None]:
        """The variables that the file for secrets has already. Raises UsageError."""
        return secrets_file.variables(_text(self.secrets)) if self.secrets else {}


def _names(realm: str) -> list[str]:
    """What a file of a realm may be called, the best first. Raises UsageError."""
    names = [f"{realm}{ending}" for ending in _FORMATS]
    if Path(names[0]).name != names[0] or names[0].startswith("."):
        raise UsageError(
            f"{names[0]} cannot be the name of a file in this folder", "Give one with --out."
        )
    return names


def _file(kind: str) -> str:
    return f"{kind}.toml"


# -- before anything is read -------------------------------------------------------------------


def destination(
    realm: str,
    out: Path | None,
    secrets: Path | None,
    registry: Registry,
    settings: Settings,
) -> Destination:
    """The place that the user named.

    Args:
        realm: The name of the realm.
        out: The file, or the folder; None for a file that is called like the realm, where
            `[config] files` finds it.
        secrets: The file for secrets; None for none.
        registry: The resource types.
        settings: They say which files are read, and which kcplan keeps for itself.

    Raises:
        UsageError: It cannot be written there, or what would be there is not known.
    """
    configured = None if out else place_for(_names(realm), settings.paths())
    path = out or configured or Path(_names(realm)[0])
    try:
        is_folder = path.is_dir() or not path.suffix
        _check(path, is_folder=is_folder, registry=registry)
        if secrets is not None:
            _check_secrets(secrets, path if is_folder else None, settings.own_files)
    except OSError as problem:  # a name that no file system takes, say
        raise _unwritable(problem, path) from None
    schema = settings.folder / places.OF_REALMS
    return Destination(
        path,
        is_folder,
        secrets,
        is_configured=configured is not None,
        schema=schema if schema.is_file() else None,
    )


def _check(path: Path, *, is_folder: bool, registry: Registry) -> None:
    """Raise UsageError where realm files cannot be written."""
    files = [path / _file(kind) for kind in kinds(registry)] if is_folder else [path]
    if not is_folder and path.suffix.lower() not in _FORMATS:
        raise UsageError(
            f"{path} is not a realm file",
            "Its name must end in .toml or .json, for the format. A folder, which gets a file for "
            "each kind of resource, exists already or has no dot in its name.",
        )
    if is_folder and not path.is_dir() and _is_there(path):
        raise _exists(path)
    for file in files:
        if _is_there(file):
            raise _exists(file)
    if not path.parent.is_dir():
        raise _no_folder(path.parent)


def _check_secrets(file: Path, folder: Path | None, own_files: tuple[Path, ...]) -> None:
    """Raise UsageError where a file cannot have secrets in it. A new folder will be there."""
    if file.suffix.lower() in READERS:
        raise UsageError(
            f"{file} would be read as a realm file",
            "It gets a line for each secret, for a shell. Name it .env, say.",
        )
    if os.path.realpath(file) in map(os.path.realpath, own_files):
        raise UsageError(f"{file} is one of kcplan's own files", "Name another one, such as .env.")
    if file.parent != folder and not file.parent.is_dir():
        raise _no_folder(file.parent)
    if file.is_dir():
        raise UsageError(f"{file} is a folder", "Name the file for the secrets, such as .env.")
    for each in (file, file.parent / _IGNORES):
        _text(each)


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _exists(file: Path) -> UsageError:
    return UsageError(
        f"{file} exists", "It is not overwritten. Remove it, or name another file with --out."
    )


def _no_folder(folder: Path) -> UsageError:
    return UsageError(f"the folder {folder} does not exist", "Create it first.")


def _unwritable(problem: OSError, file: Path) -> UsageError:
    named = problem.filename or file
    return UsageError(f"{named} cannot be written", f"{problem.strerror or problem}.")


# -- writing ----------------------------------------------------------------------------------


@contextmanager
def written(
    place: Destination, texts: Mapping[Path, str], secrets: Mapping[str, str], replace: Replace
) -> Iterator[None]:
    """Write the files. They stay where the block ends well, and go where it does not.

    Args:
        place: Where they are to be.
        texts: The realm files.
        secrets: The variables in them, with their values.
        replace: Writes the file with the secrets.

    Raises:
        UsageError: One of them cannot be written, or exists.
    """
    with ExitStack() as undo:
        file = place.path
        try:
            if place.is_folder and not place.path.is_dir():
                place.path.mkdir()
                undo.callback(place.path.rmdir)
            if place.secrets is not None and secrets:
                _write_secrets(place.secrets, secrets, replace, undo)
            for file, text in texts.items():
                with file.open("x", encoding="utf-8", newline="\n") as stream:
                    undo.callback(file.unlink)
                    stream.write(text)
        except FileExistsError:
            raise _exists(file) from None
        except OSError as problem:
            raise _unwritable(problem, file) from None
        yield
        undo.pop_all()


def _write_secrets(
    file: Path, secrets: Mapping[str, str], replace: Replace, undo: ExitStack
) -> None:
    """Keep the file out of the repository, and then put the secrets into it."""
    ignores = file.parent / _IGNORES
    if not gitignore.covers(_text(ignores), file.name):
        undo.callback(_put_back, ignores, _content(ignores), _rewrite)
        gitignore.add(ignores, [gitignore.line_for(file.name)])
    undo.callback(_put_back, file, _content(file), replace)
    replace(file, _bytes(secrets_file.extended(_text(file), secrets)))


def _rewrite(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def _put_back(file: Path, content: bytes | None, write: Replace) -> None:
    if content is None:
        file.unlink(missing_ok=True)
    else:
        write(file, content)


def _content(file: Path) -> bytes | None:
    """What is in a file; None where there is none. Raises UsageError."""
    try:
        return read_regular(file, links=file.name == _IGNORES)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise UsageError(f"{file} cannot be used", f"{problem.strerror or problem}.") from None


def _text(file: Path) -> str:
    """A file's text, in which every byte comes back as it was."""
    return (_content(file) or b"").decode(errors="surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


# -- formats ----------------------------------------------------------------------------------


def _to_json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


_FORMATS: Final[Mapping[str, Callable[[Any], str]]] = {".toml": to_toml, ".json": _to_json}
