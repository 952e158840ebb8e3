"""Objects that Keycloak keeps for itself: a plan leaves them alone, and says what it cannot change.

What an export has of them is as it is in Keycloak, so the files may say it; nobody can make it
otherwise. What is there and the files do not say is Keycloak's as well.
"""

from collections.abc import Iterable, Iterator

from kcplan.address import Address
from kcplan.diagnostics import Diagnostic, Path, error, note
from kcplan.diff import compare, is_marker
from kcplan.inputs import Context
from kcplan.plan import Action, FieldChange, ResourceChange
from kcplan.resource import Resource, TypeSpec
from kcplan.schema import dotted
from kcplan.versions import numbers, tells


def is_kept(context: Context, spec: TypeSpec, address: Address) -> bool:
    """Whether nobody may change an object, as far as it is known."""
    live = context.live.objects
    if address in live and live[address].locked:
        return True
    keeper = spec.keeper(address)
    if keeper is None:
        return False
    if keeper in live:
        return live[keeper].locked
    if context.live.exists(Address.of(address.realm)):
        return False
    version = context.server_version
    return spec.keeps_since is None or not tells(version) or numbers(version) >= spec.keeps_since


def left_alone(address: Address, type_name: str, *, declared: bool) -> ResourceChange:
    """The change of such an object, which is none. Of one that is declared, `check` says it."""
    reason = "" if declared else "Keycloak keeps it for itself"
    return ResourceChange(address, type_name, Action.NOOP, reason=reason)


def check(context: Context, changes: Iterable[ResourceChange]) -> Iterator[Diagnostic]:
    """What is to be said of the objects that the files declare and Keycloak keeps for itself."""
    resources = context.inputs.config.resources
    noted: set[Address] = set()
    for change in changes:
        spec = context.spec(change.type)
        desired = resources.get(change.address)
        if desired is None or not is_kept(context, spec, change.address):
            continue
        different = list(_different(context, spec, desired))
        keeper = spec.keeper(change.address) or change.address
        if different:
            yield _cannot(desired, spec, different)
        elif keeper not in noted:
            noted.add(keeper)
            yield _noted(keeper, desired)


def _different(context: Context, spec: TypeSpec, desired: Resource) -> Iterator[Path]:
    """The declared fields that the object does not have; `()` is the whole object."""
    live = context.live.objects.get(desired.address)
    leaves = live.leaves if live is not None else spec.born(desired.address)
    if live is None and spec.keeper(desired.address) in context.live.objects:
        leaves = None
    if leaves is None:
        yield ()
        return
    if context.moves.renamed(desired.address) is not None and spec.key is not None:
        yield spec.key
    matches = context.inputs.digester.matches
    found = compare(spec, desired.address, desired, None, leaves, matches)
    yield from (
        change.path
        for change in found.changes
        if _is_wish(desired, change)
        and not spec.formerly(desired.address, change.path, change.after)
    )


def _is_wish(desired: Resource, change: FieldChange) -> bool:
    """Whether the files say something that is not there; what is there besides is Keycloak's."""
    if isinstance(change.after, list) and isinstance(change.before, list):
        return any(item not in change.before for item in change.after)
    emptied = change.after is None and change.path not in desired.leaves
    return not emptied and not is_marker(change.after)


def _cannot(desired: Resource, spec: TypeSpec, different: list[Path]) -> Diagnostic:
    what = ", ".join(map(dotted, different)) if different != [()] else "it is not there"
    return error(
        "kept-object-differs",
        f"Keycloak keeps {desired.address} for itself, and the files want it otherwise: {what}",
        f"Nobody may change this {spec.name.replace('-', ' ')}. Remove it from the files, or say "
        "of it what an export says.",
        address=desired.address,
        path=different[0],
        source=desired.source(different[0]),
    )


def _noted(keeper: Address, desired: Resource) -> Diagnostic:
    return note(
        "kept-object",
        f"Keycloak keeps {keeper} for itself: it is left alone",
        "Nobody may change it. The files say of it what is there, as an export does, so there is "
        "nothing to do. The lines can be removed.",
        address=keeper,
        source=desired.source(),
    )
