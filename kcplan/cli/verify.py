"""`kcplan verify`: every token exchange and admin permission, tried on a real server."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kcplan.cli.command import Command
from kcplan.cli.options import (
    Values,
    connection_options,
    format_option,
    paths_argument,
    read_secret,
    state_options,
)
from kcplan.errors import UsageError
from kcplan.secret import Secret

if TYPE_CHECKING:
    from kcplan.cli.session import Session
    from kcplan.config.model import Config
    from kcplan_keycloak.api import AdminApi
    from kcplan_keycloak.token_exchange.declaration import Permission
    from kcplan_keycloak.token_exchange.proving import Given, User

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(
    cls=Command,
    examples=[
        ("kcplan verify", "with what the account may do"),
        ("kcplan verify --sandbox", "in a throw-away Keycloak, with real tokens"),
    ],
)
@paths_argument
@format_option("text", "markdown", "json", "junit")
@click.option("--deny", is_flag=True, help="Also try what is not declared, and must be refused.")
@click.option("--sandbox", is_flag=True, help="Apply the files to a throw-away Keycloak first.")
@click.option("--subject-token-file", type=_FILE, help="A file with a token to be exchanged.")
@click.option("--user", "user_name", help="The user whose tokens are exchanged.")
@click.option(
    "--user-password-file",
    type=_FILE,
    help="A file with the user's password; KCPLAN_USER_PASSWORD holds it otherwise.",
)
@state_options
@connection_options
def verify(paths: tuple[str, ...], output: str, **values: Any) -> int:
    """Perform every declared token exchange, and explain each failure.

    With --sandbox, also try the admin permissions of the files: what each lets somebody do, and
    what it does not. Others are not tried, since that takes throw-away users.

    It exchanges a token that the subject obtains with its own credentials, unless you give a token
    or a user. It prints no token and no secret, and exits with 1 unless everything went as
    declared.
    """
    from kcplan.cli.printing import emit
    from kcplan.cli.session import Session
    from kcplan_keycloak.admin_proof.declaration import permissions_of
    from kcplan_keycloak.admin_proof.proving import prove
    from kcplan_keycloak.token_exchange import report, verifying

    session = Session(values)
    config = session.config(paths)
    permissions = verifying.permissions_of(config)
    place = _sandbox(session, paths, config, permissions) if values["sandbox"] else _live(session)
    with place as (api, user):
        means = verifying.Means(user, _given(values["subject_token_file"]), deny=values["deny"])
        verification = verifying.verify(api, config, permissions, means)
        known = permissions_of(config.resources)
        tried = prove(api, known) if values["sandbox"] else ()
    proof = report.Proof(verification, tried, untried=0 if values["sandbox"] else len(known))
    emit(report.view(output)(proof))
    return 0 if proof.passed else 1


@contextmanager
def _live(session: "Session") -> "Iterator[tuple[AdminApi, User | None]]":
    """The server of the command line, with the user whose tokens are to be exchanged."""
    with session.api() as api:
        yield api, _user(session.values)


def _user(values: Values) -> "User | None":
    from kcplan_keycloak.token_exchange.proving import User

    if values["user_name"] is None:
        return None
    if file := values["user_password_file"]:
        return User(values["user_name"], read_secret(file))
    password = os.environ.get("KCPLAN_USER_PASSWORD")
    return User(values["user_name"], Secret(password) if password is not None else None)


def _given(file: Path | None) -> "Given | None":
    from kcplan_keycloak.token_exchange.proving import given_token

    if file is None:
        return None
    try:
        return given_token(Secret(read_secret(file).value.strip()))
    except ValueError as problem:
        raise UsageError(f"{file} holds no usable token", f"{problem}.") from None


@contextmanager
def _sandbox(
    session: "Session",
    paths: Sequence[str],
    config: "Config",
    permissions: "Sequence[Permission]",
) -> "Iterator[tuple[AdminApi, User]]":
    """A throw-away server to which the files are applied, with a state that goes with it."""
    import tempfile

    from kcplan.cli.printing import notify
    from kcplan.cli.session import Session
    from kcplan_keycloak.token_exchange.stage import throw_away

    def apply(api: "AdminApi") -> None:
        _stand_in(api, config)
        _apply(inner, api, paths)

    with tempfile.TemporaryDirectory(prefix="kcplan-verify-") as folder:
        inner = Session({**session.values, "state_path": Path(folder) / "kcplan.state.json"})
        with throw_away(
            config,
            permissions,
            apply=apply,
            notify=notify,
        ) as prepared:
            yield prepared


def _stand_in(api: "AdminApi", config: "Config") -> None:
    """Make what admin permissions name and the files do not declare."""
    from kcplan.cli.printing import notify
    from kcplan_keycloak.admin_proof import stand_ins
    from kcplan_keycloak.admin_proof.declaration import permissions_of

    missing = stand_ins.absent(permissions_of(config.resources), config.resources)
    if missing:
        names = ", ".join(map(str, missing))
        notify(f"The sandbox gets stand-ins for what the files name and do not declare: {names}.")
        stand_ins.make(api, missing, config.resources)


def _apply(session: "Session", api: "AdminApi", paths: Sequence[str]) -> None:
    """Apply the files, without asking. Raises KcplanError where that fails."""
    from kcplan.cli import applying, planning
    from kcplan.cli.printing import emit
    from kcplan.planner import Options
    from kcplan.views import applies, plans

    planned = planning.plan_files(session, api, paths, Options())
    if planned.plan.has_errors:
        emit(plans.diagnostics(planned.plan, color=False))
        raise UsageError("the files cannot be applied", "Correct the errors above.")
    view = applies.view("text", verb="Apply", color=False)
    done = applying.execute(session, api, planned, view, operation="apply", rollback=False)
    if not done.outcome.succeeded:
        raise done.outcome.failures[0].error
