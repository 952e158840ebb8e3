"""`kcplan sandbox`: a throw-away real Keycloak on loopback."""

import os
from pathlib import Path

import click

from kcplan.cli.command import Command
from kcplan.cli.options import read_secret
from kcplan.errors import UsageError
from kcplan.secret import Secret

_name = click.option(
    "--name", default="default", show_default=True, help="Which sandbox, where there are several."
)


@click.group()
def sandbox() -> None:
    """Start and stop a throw-away real Keycloak on this machine.

    It listens on 127.0.0.1 only, has a random administrator's password, and leaves nothing behind.
    """


@sandbox.command(
    cls=Command,
    examples=[
        ("kcplan sandbox up", "Keycloak on port 8480"),
        ("kcplan sandbox up --version 26.4.7 --port 0", "another version, on a free port"),
    ],
)
@_name
@click.option("--version", help="The Keycloak version.  [default: 26.7.3]")
@click.option(
    "--features",
    multiple=True,
    metavar="NAME,…",
    help="Keycloak features to enable besides the default ones; may be repeated.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8480,
    show_default=True,
    help="The port on 127.0.0.1; 0 takes a free one.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=1),
    default=300.0,
    show_default=True,
    help="Seconds that the server may take until it answers.",
)
@click.option("--url", help="Record this running server instead of starting one.")
@click.option(
    "--username",
    envvar="KCPLAN_USERNAME",
    default="admin",
    show_default=True,
    help="The administrator of the server at --url.",
)
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with that administrator's password; KCPLAN_PASSWORD holds it otherwise.",
)
def up(
    *,
    name: str,
    version: str | None,
    features: tuple[str, ...],
    port: int,
    timeout: float,
    url: str | None,
    username: str,
    password_file: Path | None,
) -> None:
    """Start a Keycloak and wait until it answers.

    kcplan takes Keycloak from KCPLAN_KEYCLOAK_HOME, else from an earlier start, else from Docker,
    Maven, or the release archive. The first start takes half a minute, later ones ten seconds.
    """
    from kcplan.cli.printing import emit, notify
    from kcplan_keycloak.sandbox import Options, ensure, instance_folder, record_external, views

    folder = instance_folder(name)
    if url:
        secret = _password(password_file)
        emit(views.recorded(record_external(folder, url, username, secret, timeout)))
        return
    names = tuple(part for text in features for part in text.split(",") if part)
    options = Options(version=version, features=names, port=port, timeout=timeout)
    running, new = ensure(options, folder, notify)
    emit(views.started(views.Started(name, running, new)))


@sandbox.command(
    cls=Command,
    examples=[
        ("kcplan sandbox down", "ends it, and removes its files"),
        ("kcplan sandbox down --name other", "ends another sandbox"),
    ],
)
@_name
def down(*, name: str) -> None:
    """End the sandbox and remove its data; a server recorded with --url is only forgotten."""
    from kcplan.cli.printing import emit
    from kcplan_keycloak.sandbox import instance_folder, load, stop, views

    present = load(instance_folder(name))
    if present is not None:
        stop(present)
    emit(views.ended(present))


@sandbox.command(
    cls=Command,
    examples=[
        ('eval "$(kcplan sandbox env)"', "how this shell finds it"),
        ("kcplan sandbox env --name other", "of another sandbox"),
    ],
)
@_name
def env(*, name: str) -> None:
    """Print what a shell must export so that kcplan uses the sandbox."""
    from kcplan.cli.printing import emit
    from kcplan_keycloak.sandbox import alive, instance_folder, load, views

    present = load(instance_folder(name))
    if present is None or not alive(present):
        raise UsageError("no sandbox runs", f"Start one: kcplan sandbox up{views.flag(name)}")
    emit(views.environment(present))


def _password(file: Path | None) -> Secret:
    if file:
        return read_secret(file)
    given = os.environ.get("KCPLAN_PASSWORD")
    if given is None:
        raise UsageError(
            "the password of the server at --url is not known",
            "Set KCPLAN_PASSWORD, or give --password-file.",
        )
    return Secret(given)
