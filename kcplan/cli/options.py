"""Options that several commands share, and the connection made of flags, environment and file."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kcplan import known_secrets
from kcplan.cli import completing
from kcplan.cli.command import SharedOption
from kcplan.errors import UsageError
from kcplan.secret import Secret

if TYPE_CHECKING:
    from kcplan.config.settings import KeycloakSettings
    from kcplan_keycloak.auth import Connection

Command = TypeVar("Command", bound=Callable[..., Any])
Values = Mapping[str, Any]

_FILE = click.Path(dir_okay=False, path_type=Path)

_connection = partial(click.option, cls=SharedOption, heading="Connection")
_state = partial(click.option, cls=SharedOption, heading="State")

_CONNECTION = (
    _connection("--url", help="Keycloak's base URL.  [env: KCPLAN_URL]"),
    _connection("--auth-realm", help="The realm to log in to.  [default: master]"),
    _connection("--client-id", help="The client to log in with.  [default: admin-cli]"),
    _connection("--client-secret", help="Its secret; better in KCPLAN_CLIENT_SECRET or a file."),
    _connection("--client-secret-file", type=_FILE, help="A file with the client's secret."),
    _connection("--username", help="The user to log in as.  [env: KCPLAN_USERNAME]"),
    _connection("--password", help="The password; better in KCPLAN_PASSWORD or a file."),
    _connection("--password-file", type=_FILE, help="A file with the password."),
    _connection("--ca-file", type=_FILE, help="Certificate authorities to trust (PEM)."),
    _connection("--client-cert", type=_FILE, help="A client certificate (PEM)."),
    _connection("--client-key", type=_FILE, help="The key of the client certificate (PEM)."),
    _connection("--insecure/--no-insecure", default=None, help="Do not verify TLS. Warns."),
    _connection("--timeout", type=float, help="Seconds a request may take.  [default: 60]"),
    _connection("--parallelism", type=int, help="Requests at a time.  [default: 10]"),
    _connection("--verbose", is_flag=True, help="Print each request on standard error."),
)


def _named_environment(context: click.Context, _: click.Parameter, name: str | None) -> str | None:
    """The environment, which may stand before the command or after it. Raises UsageError."""
    before = context.find_root().params.get("env")
    if name and before and name != before:
        raise UsageError(f"--env names two environments, {before} and {name}", "Give one of them.")
    return name or before


environment_option = click.option(
    "--env",
    metavar="NAME",
    callback=_named_environment,
    shell_complete=completing.environments,
    help="The environment of kcplan.toml.  [env: KCPLAN_ENV]",
)

_STATE = (
    _state(
        "--state",
        "state_path",
        type=_FILE,
        help="The state file.  [env: KCPLAN_STATE; default: kcplan.state.json]",
    ),
    _state("--lock-timeout", type=float, help="Seconds to wait for the lock of the state."),
)

_ignore_option = click.option(
    "--ignore-unsupported",
    multiple=True,
    metavar="SECTION",
    help="Leave out this section, which kcplan can't manage; may be repeated.",
)


_VARIABLES = (
    click.option(
        "--var",
        "variables",
        multiple=True,
        metavar="NAME=VALUE",
        help="A variable for placeholders, before all others; may be repeated.",
    ),
    click.option(
        "--var-file",
        "var_files",
        multiple=True,
        metavar="FILE",
        help="Variables in TOML, JSON or .env; - is standard input; may be repeated.",
    ),
)


def variable_options(command: Command) -> Command:
    """The options that give variables for placeholders."""
    for option in reversed(_VARIABLES):
        command = option(command)
    return command


def paths_argument(command: Command) -> Command:
    """The files to read, what to leave out of them, and the variables in them."""
    command = _ignore_option(variable_options(command))
    return click.argument("paths", nargs=-1, metavar="[PATH]...")(command)


target_option = click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="ADDRESS",
    shell_complete=completing.addresses,
    help="Only this resource (a glob) and what it needs; may be repeated.",
)

write_secrets_option = click.option(
    "--write-secrets",
    is_flag=True,
    help="Write secrets that Keycloak does not give back, changed or not.",
)

lint_option = click.option(
    "--lint",
    is_flag=True,
    help="Also give advice, and name the risks of what the files have, changed or not.",
)

fail_on_option = click.option(
    "--fail-on",
    type=click.Choice(["danger", "caution"]),
    help="Exit with 1 where there is a risk of this level, or a worse one.",
)

no_color_option = click.option("--no-color", is_flag=True, help="No colours. [env: NO_COLOR]")

other_server_option = click.option(
    "--allow-other-server",
    is_flag=True,
    help="Use the state although it was made for another server.",
)


def format_option(*formats: str) -> Callable[[Command], Command]:
    """`--format`, with these choices; the first is the default."""
    return click.option(
        "--format", "output", type=click.Choice(formats), default=formats[0], show_default=True
    )


def connection_options(command: Command) -> Command:
    """The options that say where Keycloak is and how to log in."""
    for option in reversed(_CONNECTION):
        command = option(command)
    return command


def state_options(command: Command) -> Command:
    """The options that say where the state is, and in which environment."""
    for option in reversed(_STATE):
        command = option(command)
    return environment_option(command)


def use_color(*, no_color: bool) -> bool:
    """Whether to colour the output: on a terminal, unless the user does not want it."""
    return not no_color and not os.environ.get("NO_COLOR") and sys.stdout.isatty()


# The Terraform provider's names, read where kcplan's own are absent.
_TERRAFORM = {
    "url": "KEYCLOAK_URL",
    "auth_realm": "KEYCLOAK_REALM",
    "client_id": "KEYCLOAK_CLIENT_ID",
    "client_secret": "KEYCLOAK_CLIENT_SECRET",
    "username": "KEYCLOAK_USER",
    "password": "KEYCLOAK_PASSWORD",
}


def _environment(name: str) -> str | None:
    given = os.environ.get(f"KCPLAN_{name.upper()}")
    return given or os.environ.get(_TERRAFORM.get(name, ""), "") or None


def make_connection(values: Values, settings: "KeycloakSettings") -> "Connection":
    """The connection: a flag goes before the environment, and that before kcplan.toml.

    Raises:
        UsageError: Something is missing, contradictory or unusable.
    """
    from kcplan_keycloak.auth import Connection

    def chosen(name: str) -> Any:
        given = values.get(name)
        if given is not None:
            return given
        return _environment(name) or getattr(settings, name)

    insecure = _is_insecure(chosen("insecure"))
    _warn(values, insecure=insecure)
    url = chosen("url")
    if not url:
        raise UsageError(
            "kcplan does not know where Keycloak is",
            "Give --url, set KCPLAN_URL, or set `url` in the section `[keycloak]` of "
            "kcplan.toml. `kcplan sandbox up` starts a Keycloak to try things with.",
        )
    optional: dict[str, Any] = {
        name: str(value)
        for name in ("auth_realm", "client_id", "username", "ca_file", "client_cert", "client_key")
        if (value := chosen(name)) is not None
    }
    numbers: dict[str, Any] = {
        name: _number(name, value)
        for name in ("timeout", "parallelism")
        if (value := chosen(name)) is not None
    }
    if settings.max_answer_mib is not None:
        numbers["max_answer_mib"] = settings.max_answer_mib
    return Connection(
        url=url,
        client_secret=_secret("client_secret", values, settings),
        password=_secret("password", values, settings),
        insecure=insecure,
        **optional,
        **numbers,
    )


def variables(values: Values) -> Sequence[str]:
    """What `--var` was given. Warns of what is a secret by its name."""
    pairs: Sequence[str] = values.get("variables", ())
    if not pairs:
        return pairs
    from kcplan.config.substitute import says_secret

    names = [pair.partition("=")[0] for pair in pairs]
    if secret := [name for name in names if says_secret(name)]:
        click.echo(
            f"Warning: --var shows the secret {', '.join(secret)} in the process list. Use "
            "--var-file or the environment.",
            err=True,
        )
    return pairs


def _number(name: str, value: Any) -> Any:
    kind = int if name == "parallelism" else float
    try:
        return kind(value)
    except ValueError:
        raise UsageError(
            f"{name} must be a number, not {value!r}", f"Correct --{name} or KCPLAN_{name.upper()}."
        ) from None


def _is_insecure(given: Any) -> bool:
    """Whether TLS is left unverified; the text of the variable is `true` or `false`."""
    if isinstance(given, str):
        if given not in {"true", "false"}:
            raise UsageError(
                f"KCPLAN_INSECURE must be true or false, not {given!r}",
                "Only `true` leaves TLS unverified. Correct KCPLAN_INSECURE, or unset it.",
            )
        return given == "true"
    return bool(given)


def _warn(values: Values, *, insecure: bool) -> None:
    for name in ("client_secret", "password"):
        if values.get(name) is not None:
            flag = name.replace("_", "-")
            click.echo(
                f"Warning: --{flag} shows the secret in the process list. Use "
                f"KCPLAN_{name.upper()} or --{flag}-file.",
                err=True,
            )
    if insecure:
        click.echo(
            "Warning: TLS is not verified (--insecure, KCPLAN_INSECURE or kcplan.toml).", err=True
        )


def _secret(name: str, values: Values, settings: "KeycloakSettings") -> Secret | None:
    """A secret from the flag, a file, the environment, or kcplan.toml; nothing printed shows it."""
    found = _found_secret(name, values, settings)
    if found is not None:
        known_secrets.note(found.value, outside=True)
    return found


def _found_secret(name: str, values: Values, settings: "KeycloakSettings") -> Secret | None:
    """The first of the flag, a file, the environment, and kcplan.toml that has it."""
    if values.get(name) is not None:
        return Secret(values[name])
    if file := values.get(f"{name}_file"):
        return read_secret(file)
    if text := _environment(name):
        return Secret(text)
    if file := getattr(settings, f"{name}_file"):
        return read_secret(file)
    found: Secret | None = getattr(settings, name)
    return found


def read_secret(file: Path) -> Secret:
    """The secret in a file, without the line's end. Raises UsageError."""
    try:
        return Secret(file.read_text(encoding="utf-8").rstrip("\r\n"))
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8 text"
        raise UsageError(f"the secret file {file} cannot be read", f"{reason}.") from None
