"""`kcplan verify`: every declared token exchange, tried on a real server."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kcplan.cli.options import (
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
    from kcplan_keycloak.token_exchange.attempts import Verdict
    from kcplan_keycloak.token_exchange.declaration import Permission
    from kcplan_keycloak.token_exchange.proving import Given, Prover, User

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@paths_argument
@format_option("text", "markdown", "json", "junit")
@click.option("--deny", is_flag=True, help="Also try what is not declared, and must be refused.")
@click.option("--sandbox", is_flag=True, help="Do it all in a throw-away Keycloak.")
@click.option("--subject-token-file", type=_FILE, help="A file with a token to be exchanged.")
@click.option("--user", "user_name", help="A user to obtain the tokens to be exchanged for.")
@click.option(
    "--user-password-file",
    type=_FILE,
    help="A file with the user's password; KCPLAN_USER_PASSWORD holds it otherwise.",
)
@state_options
@connection_options
def verify(paths: tuple[str, ...], output: str, **values: Any) -> int:
    """Perform every declared token exchange, and explain each failure.

    The token to be exchanged is one that the subject obtains by its own credentials, unless a
    token or a user is given. No token and no secret is printed. Exits with 1 unless all exchanges
    went as declared.
    """
    from kcplan.cli.session import Session
    from kcplan_keycloak.token_exchange.attempts import Outcome
    from kcplan_keycloak.token_exchange.declaration import declared

    session = Session(values)
    config = session.config(paths)
    found = declared(config)
    if found.diagnostics:
        from kcplan.errors import ConfigError

        raise ConfigError(found.diagnostics)
    verdicts: list[Verdict] = []
    user: User | None
    with ExitStack() as stack:
        if values["sandbox"]:
            api, user = stack.enter_context(_sandbox(session, paths, config, found.permissions))
        else:
            api, user = stack.enter_context(session.api()), _user(values)
        given = _given(values["subject_token_file"])
        for realm in sorted(config.realms):
            prover = _prover(api, realm, config, user, given)
            permissions = [p for p in found.permissions if p.realm == realm]
            verdicts += _proved(prover, config, permissions, deny=values["deny"])
    click.echo(_rendered(verdicts, output), nl=False)
    return 0 if all(verdict.outcome is Outcome.PASSED for verdict in verdicts) else 1


def _user(values: dict[str, Any]) -> "User | None":
    from kcplan_keycloak.token_exchange.proving import User

    if values["user_name"] is None:
        return None
    if file := values["user_password_file"]:
        return User(values["user_name"], read_secret(file))
    password = os.environ.get("KCPLAN_USER_PASSWORD")
    return User(values["user_name"], Secret(password) if password is not None else None)


def _given(file: Path | None) -> "Given | None":
    from kcplan_keycloak.token_exchange.judging import claims_of
    from kcplan_keycloak.token_exchange.proving import Given

    if file is None:
        return None
    token = Secret(read_secret(file).value.strip())
    try:
        claims = claims_of(token.value)
    except ValueError as problem:
        raise UsageError(f"{file} holds no usable token", f"{problem}.") from None
    return Given(token, claims, user=bool(claims.get("sid")))


def _prover(
    api: "AdminApi", realm: str, config: "Config", user: "User | None", given: "Given | None"
) -> "Prover":
    from kcplan_keycloak.token_exchange.proving import Prover

    secrets = {
        address.name: resource.leaves["secret",]
        for address, resource in config.resources.items()
        if address.realm == realm
        and resource.type == "client"
        and isinstance(resource.leaves.get(("secret",)), Secret)
    }
    return Prover(api, realm, secrets, user, given)


def _proved(
    prover: "Prover", config: "Config", permissions: "Sequence[Permission]", *, deny: bool
) -> "list[Verdict]":
    from kcplan_keycloak.token_exchange.attempts import Outcome, attempts, undeclared

    todo = list(attempts(permissions))
    if deny:
        managed = {
            address.name
            for address, resource in config.resources.items()
            if address.realm == prover.realm and resource.type == "client"
        }
        todo += undeclared(prover.realm, managed, permissions)
    verdicts = prover.prove_all(todo)
    untried = [v for v in verdicts if not v.attempt.permission and v.outcome is Outcome.UNPROVEN]
    if untried:
        names = ", ".join(sorted({verdict.attempt.subject for verdict in untried}))
        click.echo(f"Not tried, for want of a token to exchange: those of {names}.", err=True)
    return [verdict for verdict in verdicts if verdict not in untried]


def _rendered(verdicts: "list[Verdict]", output: str) -> str:
    import json

    from kcplan_keycloak.token_exchange import report

    match output:
        case "markdown":
            return report.markdown(verdicts)
        case "json":
            return json.dumps(report.document(verdicts), indent=2, ensure_ascii=False) + "\n"
        case "junit":
            return report.junit(verdicts)
    return report.text(verdicts)


@contextmanager
def _sandbox(
    session: "Session",
    paths: Sequence[str],
    config: "Config",
    permissions: "Sequence[Permission]",
) -> "Iterator[tuple[AdminApi, User]]":
    """A throw-away server to which the files are applied, with a user for the tokens of users."""
    import tempfile

    from kcplan.cli import applying, planning
    from kcplan.cli.printing import emit
    from kcplan.cli.session import Session
    from kcplan.planner import Options as PlanOptions
    from kcplan.views import applies, plans
    from kcplan_keycloak.api import AdminApi
    from kcplan_keycloak.auth import Connection
    from kcplan_keycloak.sandbox import Options, running
    from kcplan_keycloak.token_exchange.legacy import FEATURES
    from kcplan_keycloak.token_exchange.spec import Mode
    from kcplan_keycloak.token_exchange.stage import prepare_stage

    legacy = any(permission.mode is Mode.LEGACY for permission in permissions)
    options = Options(port=0, features=FEATURES if legacy else ())
    with (
        tempfile.TemporaryDirectory(prefix="kcplan-verify-") as folder,
        running(options, lambda line: click.echo(line, err=True)) as server,
    ):
        connection = Connection(url=server.url, username=server.username, password=server.password)
        state = Path(folder) / "kcplan.state.json"
        inner = Session({**session.values, "state_path": state})
        with AdminApi(connection) as api:
            planned = planning.plan_files(inner, api, paths, PlanOptions())
            if planned.plan.has_errors:
                emit(plans.diagnostics(planned.plan, color=False))
                raise UsageError("the files cannot be applied", "Correct the errors above.")
            view = applies.view("text", verb="Apply", color=False, bar=sys.stderr.isatty())
            done = applying.execute(inner, api, planned, view, operation="apply", rollback=False)
            if not done.outcome.succeeded:
                raise done.outcome.failures[0].error
            yield api, prepare_stage(api, config, permissions)
