"""What `kcplan import` wrote, and what it could not."""

from collections.abc import Iterable, Iterator, Mapping

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.importing import Imported
from kcplan.render.diagnostics import render_diagnostics
from kcplan.render.values import counted, safe
from kcplan.schema import dotted
from kcplan.views.pieces import Err, Out, Piece


def text(imported: Imported) -> Iterator[Piece]:
    """The file and the state, then what the user has to do about it."""
    count = imported.resources
    what = "it as one resource" if count == 1 else f"its {count} resources"
    yield Out(
        f"{safe(str(imported.file))} describes the realm {safe(imported.realm)}, and the state "
        f"knows {what}.\n"
    )
    yield from _variables(imported)
    yield from _left_out("kcplan can't manage these yet", imported.unmanaged)
    yield from _left_out("Keycloak makes these in every realm", imported.export.unchanged)
    yield from _fields("Keycloak does not show these", imported.export.hidden)
    yield from _fields("a file cannot say these", imported.export.inexpressible)
    yield from _accounts(imported.without_account)
    if imported.diagnostics:
        yield Err(render_diagnostics(imported.diagnostics) + "\n")


def _variables(imported: Imported) -> Iterator[Piece]:
    variables = imported.export.variables
    if not variables:
        return
    yield Err("\nThe file has variables for secrets. Set them for the next plan:\n")
    width = max(len(item.name) for item in variables)
    for item in variables:
        yield Err(f"  {item.name:<{width}}  {_field(item.address, item.path)}\n")
    yield Err("Keycloak's console shows the secret of a client under Credentials.\n")


def _accounts(addresses: Iterable[Address]) -> Iterator[Piece]:
    """An account that may not see users sees no service account."""
    lines = [f"  {safe(str(address))}\n" for address in addresses]
    if lines:
        yield Err(
            "\nNo service account was found for these clients. It was deleted, or the account that "
            "kcplan\nlogs in with has no right to see users (view-users):\n"
        )
        yield Err("".join(lines))


def _left_out(reason: str, counts: Mapping[str, int]) -> Iterator[Piece]:
    """How many of each kind are not in the file."""
    found = ", ".join(counted(count, word) for word, count in counts.items() if count)
    if found:
        yield Err(f"\nLeft out, because {reason}; they stay as they are:\n  {found}\n")


def _fields(reason: str, fields: Iterable[tuple[Address, Path]]) -> Iterator[Piece]:
    lines = [f"  {_field(*item)}" for item in fields]
    if lines:
        title = f"Left out, because {reason}; they stay as they are:"
        yield Err("\n".join(["", title, *lines]) + "\n")


def _field(address: Address, path: Path) -> str:
    return safe(f"{dotted(path)} of {address}" if path else str(address))
