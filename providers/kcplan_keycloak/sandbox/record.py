"""The record of a sandbox: a file that only its owner may read, since it holds the password."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kcplan.files import SpecialFileError, read_regular, refuse_special
from kcplan.secret import Secret
from kcplan_keycloak.sandbox.model import Process, Sandbox, SandboxError

_FILE = "record.json"


def save(sandbox: Sandbox) -> None:
    """Write the record, whole or not at all."""
    sandbox.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    process = sandbox.process
    document = {
        "url": sandbox.url,
        "username": sandbox.username,
        "password": sandbox.password.value,
        "version": sandbox.version,
        "features": sandbox.features,
        "process": process and {"pid": process.pid, "started": process.started},
        "container": sandbox.container,
    }
    new = sandbox.folder / f"{_FILE}.new"
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(document, file, indent=2)
    _require_file(sandbox.folder / _FILE)
    new.replace(sandbox.folder / _FILE)


def load(folder: Path) -> Sandbox | None:
    """The sandbox that was recorded in the folder, whether or not it still runs.

    Raises SandboxError where the record is damaged.
    """
    try:
        document = json.loads(read_regular(folder / _FILE))
        process = document["process"]
        return Sandbox(
            folder=folder,
            url=document["url"],
            username=document["username"],
            password=Secret(document["password"]),
            version=document["version"],
            features=tuple(document["features"]),
            process=process and Process(int(process["pid"]), str(process["started"])),
            container=document["container"],
        )
    except FileNotFoundError:
        return None
    except SpecialFileError as problem:
        raise _unusable(problem) from None
    except (ValueError, KeyError, TypeError) as damage:
        raise SandboxError(
            f"the record of the sandbox is damaged: {folder / _FILE}",
            "End the server that it was about by hand, then remove the folder.",
        ) from damage


def _require_file(path: Path) -> None:
    try:
        refuse_special(path, links=False)
    except SpecialFileError as problem:
        raise _unusable(problem) from None


def _unusable(problem: SpecialFileError) -> SandboxError:
    return SandboxError(f"{problem.filename} cannot be used", f"{problem.strerror}. Remove it.")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep others from starting or ending this sandbox meanwhile; they wait."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder.parent / f".{folder.name}.lock"
    _require_file(path)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
