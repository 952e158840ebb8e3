"""What the server offered when it was asked last, kept beside the state for `kcplan validate`.

It is only a memory: no command fails because it cannot be read or written, and a new plan makes it
again. It holds names that every administrator may see, and no secret.
"""

import json
from pathlib import Path
from typing import Any, Final

from kcplan.files import read_regular
from kcplan.offered import Offered, Seen
from kcplan_state import disk

_FORMAT: Final = 1


def path_beside(state: Path) -> Path:
    """The file that belongs to a state."""
    return disk.beside(state, ".server")


def keep(state: Path, url: str, offered: Offered) -> None:
    """Keep what a server offers, if there is a state beside which to keep it.

    Nothing is written where the file says the same, and says it of today.
    """
    file = path_beside(state)
    data = _document(Seen(url, disk.now()[:10], offered))
    try:
        if disk.resolved(state).is_file() and _content(file) != data:
            disk.replace_file(file, data)
    except OSError:
        # A folder that takes no files is no reason for a plan to fail.
        return


def load(state: Path) -> Seen | None:
    """What the server offered; None where that is not known."""
    try:
        return _seen(json.loads(_content(path_beside(state)) or b"null"))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _content(file: Path) -> bytes | None:
    try:
        return read_regular(file)
    except FileNotFoundError:
        return None


def _document(seen: Seen) -> bytes:
    names = {
        kind: {group: sorted(names) for group, names in sorted(groups.items())}
        for kind, groups in sorted(seen.offered.names.items())
    }
    document = {
        "format_version": _FORMAT,
        "url": seen.url,
        "seen": seen.day,
        "version": seen.offered.version,
        "names": names,
    }
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _seen(document: Any) -> Seen | None:
    if document is None or document["format_version"] != _FORMAT:
        return None
    names = {
        str(kind): {str(group): frozenset(map(str, names)) for group, names in groups.items()}
        for kind, groups in document["names"].items()
    }
    version = document["version"]
    offered = Offered(None if version is None else str(version), names)
    return Seen(str(document["url"]), str(document["seen"]), offered)
