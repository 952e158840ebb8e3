"""Objects that the account may not even see: a plan leaves them alone, and says so once."""

from collections.abc import Iterator
from typing import Final

from kcplan.address import Address
from kcplan.diagnostics import Diagnostic, note
from kcplan.inputs import Context
from kcplan.plan import Action, ResourceChange
from kcplan.resource import Registry, spec_at
from kcplan.snapshot import Snapshot

_ANY: Final = "any"
"""A name, to ask of which type the objects of a collection are."""


def left_alone(context: Context, address: Address) -> ResourceChange:
    """The change of such an object, which is none: what the state knows of it stays as it is."""
    known = context.state.resources.get(address)
    one = context.inputs.config.resources.get(address) or known
    if one is None:
        raise AssertionError(f"{address} is neither declared nor known")
    # A renamed one stays in the state under its old name, until somebody can see it.
    stays = known if context.moves.renamed(address) is None else None
    reason = "the account may not see it"
    return ResourceChange(address, one.type, Action.NOOP, reason=reason, entry=stays)


def noted(live: Snapshot, registry: Registry) -> Iterator[Diagnostic]:
    """What could not be compared, once for each type."""
    by_role: dict[tuple[str, str], list[str]] = {}
    # Objects before collections, which are for what else there may be.
    for address in sorted(live.barred, key=lambda item: (-len(item.segments), item)):
        one = spec_at(registry, address)
        if (spec := one or spec_at(registry, address.child(_ANY))) is not None:
            what = str(address) if one is not None else f"whatever is new in {address}"
            by_role.setdefault((spec.name.replace("-", " "), spec.seen_by), []).append(what)
    for (word, role), found in by_role.items():
        which = ", ".join(found)
        yield note(
            "not-compared",
            f"the account that kcplan uses may not see {word}s, so nothing is planned for: {which}",
            f"Keycloak shows a {word} only to accounts that have the role {role}. These stay as "
            f"they are, whatever the files say. Use an account with the role {role}.",
        )
