"""`kcplan import`: a live realm becomes a file and a state."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kcplan.cli.options import connection_options, other_server_option, state_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kcplan.cli.session import Session
    from kcplan.config.model import Config
    from kcplan.diagnostics import Path as FieldPath
    from kcplan.export import Export
    from kcplan.snapshot import Snapshot
    from kcplan.state import State
    from kcplan_keycloak.api import AdminApi


@click.command("import")
@click.argument("realm")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The file to write, .toml or .json.  [default: REALM.toml]",
)
@other_server_option
@state_options
@connection_options
def import_(realm: str, out: Path | None, **values: Any) -> int:
    """Describe a live realm in a file, and adopt what it has, so that the next plan is empty.

    Keycloak is only read. Secrets are not written: the file names variables for them.
    """
    from kcplan.adoption import adopted
    from kcplan.cli.session import Session
    from kcplan.render.diagnostics import render_diagnostics

    session = Session(values)
    file = out or _default_file(realm)
    _check_file(file)
    with session.lock("import"), session.api() as api:
        state = session.state()
        session.check_server(state, api.connection.url)
        _refuse_known(realm, state)
        live, export = _read(api, session, realm)
        text = _text(file, export)
        config = _read_back(session, file, text, export, live, state)
        entries = adopted(config, live.objects, session.registry, session.digester(state))
        _write(session, file, text, state.with_resources(entries), live)
    what = "it as one resource" if len(entries) == 1 else f"its {len(entries)} resources"
    click.echo(f"{file} describes the realm {realm}, and the state knows {what}.")
    _tell(export)
    _tell_missing(live)
    if config.diagnostics:
        click.echo(render_diagnostics(config.diagnostics), err=True)
    return 0


# -- before anything is read ------------------------------------------------------------------


def _default_file(realm: str) -> Path:
    from kcplan.errors import UsageError

    name = f"{realm}.toml"
    if Path(name).name != name or name.startswith("."):
        raise UsageError(
            f"{name} cannot be the name of a file in this folder", "Give one with --out."
        )
    return Path(name)


def _check_file(file: Path) -> None:
    """Raise UsageError where the file cannot be written, or what it would hold is not known."""
    from kcplan.errors import UsageError

    if file.suffix.lower() not in _FORMATS:
        raise UsageError(
            f"{file} is no realm file", "Its name must end in .toml or .json, for the format."
        )
    if file.exists() or file.is_symlink():
        raise _exists(file)
    if not file.parent.is_dir():
        raise UsageError(f"the folder {file.parent} does not exist", "Create it first.")


def _exists(file: Path) -> Exception:
    from kcplan.errors import UsageError

    return UsageError(
        f"{file} exists", "It is not overwritten. Remove it, or name another file with --out."
    )


def _refuse_known(realm: str, state: "State") -> None:
    from kcplan.address import Address
    from kcplan.errors import UsageError

    if any(address.realm == realm for address in state.resources):
        raise UsageError(
            f"the realm {realm} is in the state already",
            f"To import it again, forget it first: kcplan state rm {Address.of(realm)}",
        )


# -- reading ----------------------------------------------------------------------------------


def _read(api: "AdminApi", session: "Session", realm: str) -> "tuple[Snapshot, Export]":
    """The realm with everything in it, and the file for it."""
    from kcplan.address import Address
    from kcplan.errors import UsageError
    from kcplan.export import export
    from kcplan.provider import ReadRequest, Wanted
    from kcplan_keycloak.defaults import Defaults
    from kcplan_keycloak.reader import KeycloakReader

    address = Address.of(realm)
    live = KeycloakReader(api).read(ReadRequest({address: Wanted("realm")}, everything=True))
    if address not in live.objects:
        raise UsageError(
            f"there is no realm {realm} at {api.connection.url}",
            "Names of realms are case-sensitive. Correct the name, or --url.",
        )
    defaults = Defaults.read(api, realm)
    return live, export(realm, live.objects.values(), session.registry, defaults.of)


def _read_back(
    session: "Session",
    file: Path,
    text: str,
    export: "Export",
    live: "Snapshot",
    state: "State",
) -> "Config":
    """The file as the next plan will read it. Raises KcplanError where it is not the realm."""
    from kcplan.adoption import differences
    from kcplan.config.load import load_text
    from kcplan.errors import KcplanError
    from kcplan.schema import dotted

    config = load_text(file, text, session.registry, export.environment, session.settings)
    wrong = list(differences(config, live.objects, session.registry, session.digester(state)))
    if wrong:
        raise KcplanError(
            "the file would not describe the realm as it is",
            "Nothing was written. These do not come back as they are: "
            + ", ".join(f"{address} {dotted(path)}".rstrip() for address, path in wrong),
        )
    return config


# -- writing ----------------------------------------------------------------------------------


def _toml(document: Any) -> str:
    from kcplan.toml_writer import to_toml

    return to_toml(document)


def _json(document: Any) -> str:
    import json

    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


_FORMATS = {".toml": _toml, ".json": _json}


def _text(file: Path, export: "Export") -> str:
    return _FORMATS[file.suffix.lower()](export.document)


def _write(session: "Session", file: Path, text: str, state: "State", live: "Snapshot") -> None:
    """Write the file and the state: both, or none."""
    from attrs import evolve

    from kcplan.errors import UsageError

    try:
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        raise _exists(file) from None
    except OSError as problem:
        raise UsageError(f"{file} cannot be written", f"{problem.strerror}.") from None
    try:
        session.state_file.save(evolve(state, server=live.server))
    except BaseException:
        file.unlink()
        raise


def _tell(export: "Export") -> None:
    """Say what to do about secrets, and what the file does not have."""
    if export.variables:
        click.echo("\nThe file has variables for secrets. Set them for the next plan:", err=True)
        places = [(item.name, (item.address, item.path)) for item in export.variables]
        width = max(len(name) for name, _ in places)
        for name, place in places:
            click.echo(f"  {name:<{width}}  {_field(*place)}", err=True)
        click.echo("Keycloak's console shows the secret of a client under Credentials.", err=True)
    _list("Left out, since Keycloak does not give it away; it stays as it is:", export.hidden)
    _list("Left out, since a file cannot say it:", export.inexpressible)


def _tell_missing(live: "Snapshot") -> None:
    """Say which service accounts were not found: an account that may not see users sees none."""
    switch = ("serviceAccountsEnabled",)
    missing = [
        address
        for address, item in sorted(live.objects.items())
        if item.leaves.get(switch) is True and address.child("service-account") not in live.objects
    ]
    if missing:
        click.echo(
            "\nNo service account was found for these clients. It was deleted, or the account that "
            "kcplan\nlogs in with has no right to see users (view-users):",
            err=True,
        )
        for address in missing:
            click.echo(f"  {address}", err=True)


def _list(title: str, fields: "Iterable[tuple[Any, FieldPath]]") -> None:
    lines = [f"  {_field(*item)}" for item in fields]
    if lines:
        click.echo("\n".join(["", title, *lines]), err=True)


def _field(address: Any, path: "FieldPath") -> str:
    from kcplan.schema import dotted

    return f"{dotted(path)} of {address}"
