"""How a resource stands in the state file, and how JSON is written so that it can be checked.

Fields are a tree rather than a list of paths, because paths share their beginnings:

    ("clientId",) → "a"                          {"clientId": "a",
    ("attributes", "x.y") → "1"                   "attributes": {"x.y": "1"},
    ("protocolMappers",) → {}                     "protocolMappers": {"=": {}}}

An object is always a level of the tree, any other value the value of a field. The key `=` holds
what the path of its object itself has: a map without entries, or JSON that kcplan does not open. A
segment that begins with `=` has one more of them in front.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from sys import intern
from typing import Any, NoReturn

from attrs import field

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.schema import Leaves, shared, shared_texts
from kcplan.state import Digest, ResourceState
from kcplan_state.strict import structure

_OWN = "="

Tree = dict[str, Any]


def canonical(value: object) -> str:
    """JSON with sorted keys and no white space, so that equal values have equal texts.

    Raises TypeError for a secret, or anything else that is no JSON.
    """
    return _ENCODER.encode(value)


def _refuse(value: object) -> NoReturn:
    raise TypeError(f"a {type(value).__name__} is never written to the state")


_ENCODER = json.JSONEncoder(
    ensure_ascii=False,
    sort_keys=True,
    separators=(",", ":"),
    allow_nan=False,
    default=_refuse,
)


def encode(text: str) -> bytes:
    """Text as it goes into a file. Half surrogates, which Keycloak lets pass, survive."""
    return text.encode("utf-8", "surrogatepass")


def decode(data: bytes) -> str:
    """The text of a file. Raises UnicodeDecodeError, a ValueError."""
    return data.decode("utf-8", "surrogatepass")


def checksum(pieces: Iterable[str]) -> str:
    """SHA-256 of a text in pieces, in hexadecimal."""
    made = hashlib.sha256()
    for piece in pieces:
        made.update(encode(piece))
    return made.hexdigest()


def to_tree(leaves: Leaves) -> Tree:
    """Leaves as a tree; see the module's docstring."""
    root: Tree = {}
    for path in sorted(leaves, key=len):  # what lies above comes before what lies below
        value = leaves[path]
        node, own = root, not path or (type(value) is not str and isinstance(value, Mapping))
        for part in path if own else path[:-1]:
            node = _level(node, _escape(part))
        node[_OWN if own else _escape(path[-1])] = value
    return root


def _level(node: Tree, key: str) -> Tree:
    below = node.get(key)
    if not isinstance(below, dict):
        below = node[key] = {_OWN: below} if key in node else {}
    return below


def _escape(part: str) -> str:
    return _OWN + part if part.startswith(_OWN) else part


def from_tree(tree: Mapping[str, Any]) -> dict[Path, Any]:
    """The leaves of a tree. Raises ValueError where it is none."""
    leaves: dict[Path, Any] = {}
    _walk(tree, (), leaves)
    return leaves


def _walk(node: Mapping[str, Any], path: Path, leaves: dict[Path, Any]) -> None:
    if not node and path:
        raise ValueError(f"an empty level at {list(path)}")
    for key, value in node.items():
        if key == _OWN:
            leaves[shared(path)] = value
            continue
        if key.startswith(_OWN):
            key = key[1:]  # noqa: PLW2901 - the segment that the key stands for
            if not key.startswith(_OWN):
                raise ValueError(f"{key!r} is not escaped at {list(path)}")
        if isinstance(value, dict):
            _walk(value, (*path, key), leaves)
        else:
            leaves[shared((*path, key))] = shared_texts(value)


def identical(one: object, other: object) -> bool:
    """Equal in JSON: `1`, `1.0` and `true` are three values."""
    if type(one) is not type(other):
        return False
    match one, other:
        case dict(), dict():
            return one.keys() == other.keys() and all(identical(one[k], other[k]) for k in one)
        case list(), list():
            return len(one) == len(other) and all(map(identical, one, other))
    return one == other


@frozen
class EntryDocument:
    """A resource in the state file.

    `observed` leaves out what is the same in `managed`; `unobserved` lists the paths of `managed`
    that Keycloak did not return at all. It, `granted` and `since` may be missing.
    """

    address: str
    type: str
    id: str | None
    depends_on: tuple[str, ...]
    managed: Mapping[str, Any]
    observed: Mapping[str, Any]
    owned: tuple[Path, ...]
    secrets: Mapping[str, Any]
    adopted: bool
    unobserved: tuple[Path, ...] = ()
    granted: Mapping[str, Any] = field(factory=dict)
    since: int | None = None


def entry_to_document(entry: ResourceState) -> dict[str, Any]:
    """A resource as it stands in the state file."""
    managed, observed = entry.managed, entry.observed
    news = {
        path: value
        for path, value in observed.items()
        if path not in managed or not identical(value, managed[path])
    }
    document: dict[str, Any] = {
        "address": str(entry.address),
        "type": entry.type,
        "id": entry.id,
        "depends_on": [str(address) for address in entry.depends_on],
        "managed": to_tree(managed),
        "observed": to_tree(news),
        "owned": entry.owned,
        "secrets": to_tree({path: _digest_text(made) for path, made in entry.secrets.items()}),
        "adopted": entry.adopted,
    }
    unobserved = frozenset(managed).difference(observed)
    if unobserved:
        document["unobserved"] = sorted(unobserved)
    if entry.granted:
        document["granted"] = to_tree(entry.granted)
    if entry.since is not None:
        document["since"] = entry.since
    return document


def entry_from_document(document: object) -> ResourceState:
    """A resource of the state file. Raises ValueError that says what is wrong with it."""
    return _entry(structure(document, EntryDocument))


def _entry(document: EntryDocument) -> ResourceState:
    managed = from_tree(document.managed)
    seen = dict(managed)
    for path in document.unobserved:
        seen.pop(path, None)
    return ResourceState(
        address=_address(document.address),
        type=intern(document.type),
        id=shared_texts(document.id),
        depends_on=tuple(map(_address, document.depends_on)),
        managed=managed,
        observed=seen | from_tree(document.observed),
        owned=document.owned,
        secrets={path: _digest(text) for path, text in from_tree(document.secrets).items()},
        adopted=document.adopted,
        granted=from_tree(document.granted),
        since=document.since,
    )


@lru_cache(maxsize=65536)
def _address(text: str) -> Address:
    """An address by its text: the one that others depend on is the same value for all of them."""
    return Address.parse(text)


def _digest_text(digest: Digest) -> str:
    return f"{digest.algorithm}:{digest.value}"


def _digest(text: object) -> Digest:
    algorithm, colon, value = text.partition(":") if isinstance(text, str) else ("", "", "")
    if not colon:
        raise ValueError("a digest is not of the form `algorithm:value`")
    return Digest(algorithm, value)
