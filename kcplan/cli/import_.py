"""`kcplan import`: a live realm becomes a file and a state."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from kcplan.cli import completing
from kcplan.cli.command import Command
from kcplan.cli.options import connection_options, other_server_option, state_options

if TYPE_CHECKING:
    from kcplan.cli.session import Session
    from kcplan.export import Defaults
    from kcplan.snapshot import Snapshot
    from kcplan_keycloak.api import AdminApi
    from kcplan_keycloak.defaults import Defaults as Known

_MANY_USERS: Final = 1000
"""So many are read without a word."""
_MAX_USERS: Final = 10_000
"""So many are read unless more are asked for."""


@click.command(
    "import",
    cls=Command,
    examples=[
        ("kcplan import shop", "writes the realm into a file, and adopts it"),
        ("kcplan import shop --out realms/shop.yaml", "into this file"),
    ],
)
@click.argument("realm", shell_complete=completing.realms)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The file to write, .toml or .json; or a folder, for a file for each kind of resource.  "
    "[default: REALM.toml, where `files` of kcplan.toml finds it]",
)
@click.option(
    "--secrets-out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the secrets that Keycloak shows to this file, such as .env.",
)
@click.option(
    "--users",
    is_flag=True,
    help="Write the users into the file as well, without their passwords.",
)
@click.option(
    "--max-users",
    type=click.IntRange(min=1),
    default=_MAX_USERS,
    show_default=True,
    metavar="NUMBER",
    help="With --users: how many users a realm may have, at most.",
)
@click.option(
    "--compare-with-new-realm",
    "compare",
    is_flag=True,
    help="Create a temporary realm to learn Keycloak's defaults, then delete it.",
)
@other_server_option
@state_options
@connection_options
def import_(
    realm: str,
    out: Path | None,
    secrets_out: Path | None,
    *,
    users: bool,
    max_users: int,
    compare: bool,
    **values: Any,
) -> int:
    """Describe a live realm in a file, and adopt what it has, so that the next plan is empty.

    Keycloak is only read, unless it is to be compared with a new realm. The file names variables
    for secrets, which are written nowhere unless --secrets-out names a file.
    """
    from attrs import evolve

    from kcplan import importing
    from kcplan.address import Address
    from kcplan.cli.printing import emit
    from kcplan.cli.session import Session
    from kcplan.destination import destination
    from kcplan.views import imports
    from kcplan_keycloak import version_tables
    from kcplan_keycloak.accounts import clients_without_account, is_about_users
    from kcplan_keycloak.defaults import Defaults
    from kcplan_keycloak.reader import KeycloakReader
    from kcplan_keycloak.unmanaged import unseen, withheld
    from kcplan_state.disk import replace_file

    session = Session(values)
    place = destination(realm, out, secrets_out, session.registry, session.settings)
    with session.lock("import"), session.api() as api:
        state = session.state()
        session.check_server(state, api.connection.url)
        importing.check_new(realm, state)
        if users:
            _announce(api, realm, max_users)
        # Each user is looked at once; of many, the answers would fill the memory.
        with api.reading_once(lambda at: not is_about_users(at)):
            reader = KeycloakReader(api)
            live = importing.read_realm(reader, realm, session.registry, data=users)
        version = live.server.version or session.settings.keycloak.version
        known = Defaults.read(api, realm, version)
        on_purpose, hidden = withheld(api, live, data=users), unseen(api, live)
        defaults = _compared(session, api, live, known) if compare else known
        importer = importing.Importer(
            session.registry,
            session.settings,
            session.digester(state),
            session.state_file,
            replace_file,
        )
        done = importer.run(realm, place, live, defaults, state)
    missing = tuple(clients_without_account(live.objects))
    is_known = version_tables.is_known(version, live.objects[Address.of(realm)])
    foreign = "" if compare or is_known else version
    done = evolve(done, withheld=on_purpose, unseen=hidden, foreign=foreign)
    tables = tuple(".".join(map(str, each)) for each in version_tables.known())
    emit(imports.text(evolve(done, without_account=missing, tables=tables)))
    return 0


def _announce(api: "AdminApi", realm: str, most: int) -> None:
    """Say how many users will be read, where that takes a while; refuse where they are too many."""
    from kcplan.cli.printing import notify
    from kcplan.errors import UsageError
    from kcplan_keycloak.unmanaged import users

    number = users(api, realm)
    if number > most:
        raise UsageError(
            f"the realm {realm} has {number:,} users, and `import --users` reads {most:,} at most",
            "Each user in a file is a resource: up to three requests now, and again for each plan. "
            f"If you want that, use `--max-users {number}`. Else import without `--users`, and "
            "declare those who matter to the configuration, such as technical users, by hand.",
        )
    if number > _MANY_USERS:
        notify(f"Reading {number:,} users, with up to three requests for each.")


def _compared(session: "Session", api: "AdminApi", live: "Snapshot", known: "Known") -> "Defaults":
    """What a new realm has, in place of what kcplan knows of new realms."""
    from kcplan.cli.printing import notify
    from kcplan_keycloak.comparison import compared
    from kcplan_keycloak.new_realm import new_realm

    # Who makes a realm has rights in it from the next log-in on.
    with new_realm(api, notify) as name, session.api() as later:
        return compared(later, name, live, known)
