"""What `kcplan import` wrote, and what it could not."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from shlex import quote

from kcplan.address import Address
from kcplan.diagnostics import Path as FieldPath
from kcplan.importing import Imported
from kcplan.render.diagnostics import render_diagnostics
from kcplan.render.values import counted, safe
from kcplan.schema import dotted
from kcplan.views.pieces import Err, Out, Piece


def text(imported: Imported) -> Iterator[Piece]:
    """The file and the state, then what the user has to do about it."""
    count = imported.resources
    what = "it as one resource" if count == 1 else f"its {count} resources"
    place = imported.place
    files = f"The files in {place.path} describe" if place.is_folder else f"{place.path} describes"
    yield Out(f"{safe(files)} the realm {safe(imported.realm)}, and the state knows {what}.\n")
    yield from _variables(imported)
    yield from _bare(imported.bare)
    yield from _left_out("they are not configuration", imported.withheld)
    yield from _left_out("a user federation brings them by itself", imported.brought)
    yield from _left_out("Keycloak makes these in every realm", imported.export.unchanged)
    yield from _fields("Keycloak does not show these", imported.export.hidden)
    yield from _fields("a file cannot say these", imported.export.inexpressible)
    yield from _twins(imported.twins, imported.realm)
    yield from _foreign(imported.foreign, imported.tables)
    yield from _unseen(imported.unseen)
    yield from _barred(imported.barred)
    yield from _accounts(imported.without_account)
    if imported.diagnostics:
        yield Err(render_diagnostics(imported.diagnostics) + "\n")
    named = "" if place.is_configured else f" {quote(str(place.path))}"
    yield Err(f"\nNext: kcplan plan{safe(named)}\n")


def _variables(imported: Imported) -> Iterator[Piece]:
    variables, place = imported.export.variables, imported.place
    if not variables:
        return
    files = "The files have" if place.is_folder else "The file has"
    if place.secrets is None:
        yield Err(f"\n{files} variables for secrets. Set them for the next plan:\n")
    else:
        kept = safe(str(place.secrets))
        yield Err(f"\n{files} variables for secrets, and {kept} has their values:\n")
    width = max(len(item.name) for item in variables)
    for item in variables:
        yield Err(f"  {item.name:<{width}}  {_field(item.address, item.path)}\n")
    if place.secrets is None:
        yield Err("Keycloak's console shows the secret of a client under Credentials.\n")
    else:
        yield Err(f"Set them for the next plan with: {safe(_sourcing(place.secrets))}\n")


def _sourcing(file: Path) -> str:
    """The command with which a shell sets the variables of a file."""
    named = str(file) if file.is_absolute() else f"./{file}"
    return f"set -a; . {quote(named)}; set +a"


def _twins(addresses: Iterable[Address], realm: str) -> Iterator[Piece]:
    """Nothing but its name tells kcplan which object a file is about."""
    lines = [f"  {safe(str(address))}\n" for address in addresses]
    if lines:
        yield Err(
            "\nLeft out, because several objects share each of these names; they stay as they "
        )
        yield Err("are:\n" + "".join(lines))
        yield Err(
            "To manage one of them, give the others another name in Keycloak's console. Then add "
            "it to\nthe file; or remove the file, run this, and import again:\n"
            f"  kcplan state rm {safe(quote(str(Address.of(realm))))}\n"
        )


def _bare(counts: Mapping[str, int]) -> Iterator[Piece]:
    """What no server gives back, and what that means for a file that is used elsewhere."""
    found = ", ".join(counted(count, word) for word, count in counts.items())
    if found:
        yield Err(
            "\nWritten without passwords and other credentials, which Keycloak does not show; they "
            f"stay as they are:\n  {found}\n"
            "A user that kcplan creates from this file, in another realm for example, has no "
            "password.\n"
        )


def _unseen(counts: Mapping[str, int]) -> Iterator[Piece]:
    """Keycloak gives such an account an empty list, and does not refuse."""
    found = ", ".join(counted(count, word) for word, count in counts.items())
    if found:
        yield Err(
            "\nLeft out, because the account that kcplan logs in with has no right to see these "
            f"(view-users):\n  {found}\n"
        )


def _barred(collections: Iterable[Address]) -> Iterator[Piece]:
    """Of what Keycloak refuses to show nobody knows whether there is any."""
    found = ", ".join(safe(address.name) for address in collections)
    if found:
        yield Err(
            "\nLeft out, because Keycloak shows them only to accounts with the role realm-admin: "
            f"{found}.\n"
        )


def _foreign(version: str | None, known: tuple[str, ...]) -> Iterator[Piece]:
    """New objects may have something else in other versions."""
    if version == "":
        return
    tables = f"{', '.join(known[:-1])} and {known[-1]}" if known[1:] else known[0]
    yield Err(
        f"\nkcplan knows the defaults of Keycloak {tables}, and went by those of {known[-1]}.\n"
    )
    if version is None:
        yield Err(
            "This server is older, and does not tell this account its version: set `version` in "
            "the section\n`[keycloak]` of kcplan.toml.\n"
        )
    else:
        yield Err(
            f"This server has {safe(version)}. Where they differ, the file may have a field too "
            "many or too few.\nUse --compare-with-new-realm to check.\n"
        )


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


def _fields(reason: str, fields: Iterable[tuple[Address, FieldPath]]) -> Iterator[Piece]:
    lines = [f"  {_field(*item)}" for item in fields]
    if lines:
        title = f"Left out, because {reason}; they stay as they are:"
        yield Err("\n".join(["", title, *lines]) + "\n")


def _field(address: Address, path: FieldPath) -> str:
    return safe(f"{dotted(path)} of {address}" if path else str(address))
