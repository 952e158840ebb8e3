"""State entries: what kcplan will know about a resource once a change is made."""

from collections.abc import Container, Iterable

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.digests import Digester
from kcplan.path_patterns import Pattern, path_matches
from kcplan.resource import (
    Resource,
    TypeSpec,
)
from kcplan.schema import Leaves
from kcplan.secret import is_sensitive, secret_text
from kcplan.state import Digest, ResourceState


def entry_after(
    spec: TypeSpec,
    desired: Resource,
    entry: ResourceState | None,
    *,
    owned: tuple[Path, ...],
    object_id: str | None,
    adopted: bool,
    depends_on: Iterable[Address],
    digester: Digester,
) -> ResourceState:
    """The resource's state after a change that brings it to what the files say."""
    sensitive = spec.sensitive.match
    secret = {p: v for p, v in desired.leaves.items() if is_sensitive(v) or sensitive(p)}
    before = entry.secrets if entry else {}
    return ResourceState(
        address=desired.address,
        type=spec.name,
        id=object_id,
        depends_on=tuple(sorted(depends_on)),
        managed={p: v for p, v in desired.leaves.items() if p not in secret},
        owned=owned,
        secrets={
            path: _digest(secret_text(value), before.get(path), digester)
            for path, value in secret.items()
            if value is not None
        },
        adopted=adopted,
    )


def _digest(text: str, before: Digest | None, digester: Digester) -> Digest:
    """The digest of a secret; the one before where it fits, so that a state stays the same."""
    if before is not None and digester.matches(text, before):
        return before
    return digester.digest(text)


def without_secrets(
    leaves: Leaves, sensitive: tuple[Pattern, ...], secrets: Container[Path]
) -> Leaves:
    """The leaves that may be written to a state file.

    Args:
        leaves: All of them.
        sensitive: Where the type has secrets.
        secrets: Where this resource has secrets, in whatever field the files put one.
    """
    return {
        path: value
        for path, value in leaves.items()
        if path not in secrets and not is_sensitive(value) and not path_matches(path, sensitive)
    }
