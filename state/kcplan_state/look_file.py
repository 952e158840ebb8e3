"""What the last looks at Keycloak saw, kept beside the state for `kcplan refresh --quick`.

It is only a memory: where it cannot be read, or is not what kcplan wrote, everything is read again.
A seal tells that, under a key made from `KCPLAN_STATE_KEY` where the user keeps that; else it only
finds accidents. There is no secret in it.
"""

import hmac
import json
from pathlib import Path
from typing import Any, Final

from kcplan.address import Address
from kcplan.files import read_regular
from kcplan.quick import Look, SeenEvents
from kcplan_state import disk

SUFFIX: Final = ".look"
_FORMAT: Final = 1


def path_beside(state: Path) -> Path:
    """The file that belongs to a state."""
    return disk.beside(state, SUFFIX)


def keep(state: Path, look: Look, key: bytes) -> None:
    """Keep what was seen, if there is a state beside which to keep it.

    A folder that takes no files is no reason to fail: the next look is a full one then.
    """
    document = _document(look)
    document["seal"] = _seal(document, key)
    data = (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()
    try:
        if disk.resolved(state).is_file():
            disk.replace_file(path_beside(state), data)
    except OSError:
        return


def load(state: Path, key: bytes) -> Look | None:
    """What was seen; None where that is not known."""
    try:
        document = json.loads(read_regular(path_beside(state)))
        seal = str(document.pop("seal")).encode()
        if not hmac.compare_digest(seal, _seal(document, key).encode()):
            return None
        return _look(document)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _seal(document: dict[str, Any], key: bytes) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, text.encode(), "sha256").hex()


def _document(look: Look) -> dict[str, Any]:
    return {
        "format_version": _FORMAT,
        "url": look.url,
        "lineage": look.lineage,
        "serial": look.serial,
        "kcplan": look.version,
        "server": look.server,
        "account": look.account,
        "seconds": look.seconds,
        "events": {
            realm: {
                "last": seen.last,
                "seconds": seen.seconds,
                "settled": seen.settled,
                "recent": sorted(seen.recent),
            }
            for realm, seen in sorted(look.events.items())
        },
        "differing": sorted(map(str, look.differing)),
        "gone": sorted(map(str, look.gone)),
    }


def _look(document: dict[str, Any]) -> Look | None:
    if document["format_version"] != _FORMAT:
        return None
    return Look(
        url=str(document["url"]),
        lineage=str(document["lineage"]),
        serial=int(document["serial"]),
        version=str(document["kcplan"]),
        server=document["server"],
        account=str(document["account"]),
        seconds=int(document["seconds"]),
        events={
            realm: SeenEvents(
                last=str(seen["last"]),
                seconds=float(seen["seconds"]),
                settled=float(seen["settled"]),
                recent=frozenset(map(str, seen["recent"])),
            )
            for realm, seen in document["events"].items()
        },
        differing=frozenset(map(Address.parse, document["differing"])),
        gone=frozenset(map(Address.parse, document["gone"])),
    )
