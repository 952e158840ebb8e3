"""The `kcplan` command: finds the command, and turns every error into one clear message.

Exit codes: 0 done · 1 error · 2 changes or drift (with --detailed-exitcode) · 3 apply failed and
was rolled back · 4 apply failed and something is left · 130, 143, 129 interrupted by Ctrl-C,
SIGTERM, SIGHUP.
"""

import atexit
import gc
import os
import signal
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from keyword import iskeyword

import click
from click.shell_completion import CompletionItem

from kcplan import __version__
from kcplan.cli import completing, output
from kcplan.cli.command import write_examples
from kcplan.errors import KcplanError, UsageError
from kcplan.interrupts import SIGNALLED, StopNow, handled_by, never_lost, stop_now, wrapped_stop

COMMANDS = {
    "apply": "Make Keycloak match the files, or execute a saved plan.",
    "completion": "Print the script that completes command lines in a shell.",
    "destroy": "Delete what kcplan created, and release what it adopted.",
    "doctor": "Say what would fail: connection, rights, state, settings.",
    "env": "List the environments of kcplan.toml.",
    "explain": "Explain a diagnostic.",
    "graph": "Draw dependencies, or who can exchange tokens for whom.",
    "import": "Describe a live realm in a file, and adopt what it has.",
    "init": "Write a kcplan.toml and a first realm file.",
    "plan": "Show what apply would change, and change nothing.",
    "recover": "Roll back an interrupted apply, or finish it.",
    "refresh": "Show what changed in Keycloak since the last apply.",
    "sandbox": "Start and stop a throw-away Keycloak on this machine.",
    "schema": "Print a JSON Schema of the files, for editors.",
    "show": "Show a saved plan, or the state.",
    "state": "List, show, forget and rename the resources of the state.",
    "unlock": "Remove the lock of a process that no longer runs.",
    "validate": "Check the files, without a server.",
    "verify": "Try every declared token exchange, and explain each failure.",
}

FIRST_STEPS = (
    ("kcplan init shop && cd shop", "write a first realm file"),
    ("kcplan sandbox up", "start a Keycloak to try it on"),
    ('eval "$(kcplan sandbox env)"', "have the next commands use that"),
    ("kcplan plan", "see what `kcplan apply` would change"),
    ("kcplan import REALM", "or begin with a realm that exists"),
)
"""What the help ends with, which `kcplan` prints without a command."""


class LazyGroup(click.Group):
    """A group that imports a command when it is called, so that help is instant."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command itself, imported now."""
        if cmd_name not in COMMANDS:
            return None
        # A command that is called like a keyword has an underscore at the end.
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        module = import_module(f"kcplan.cli.{name}")
        command: click.Command = getattr(module, name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command. Raises UsageError, with what was probably meant.

        Click knows names that it may have meant for commands that are imported only.
        """
        name = args[0]
        if not ctx.resilient_parsing and name.isidentifier() and name not in COMMANDS:
            close = get_close_matches(name, COMMANDS, n=1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            raise click.UsageError(f"No such command '{name}'.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands in the help without importing them, and what to begin with."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))
        with formatter.section("First steps"):
            write_examples(FIRST_STEPS, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the names of commands without importing them."""
        names = [name for name in sorted(COMMANDS) if name.startswith(incomplete)]
        options = click.Command.shell_complete(self, ctx, incomplete)
        return [*(CompletionItem(name, help=COMMANDS[name]) for name in names), *options]


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="kcplan", message="%(prog)s %(version)s")
@click.option(
    "-C",
    "folders",
    multiple=True,
    metavar="DIR",
    expose_value=False,
    is_eager=True,
    callback=lambda context, _, folders: _go(context, folders),
    help="Run as if kcplan was started in this folder; may be repeated.",
)
@click.option(
    "--env",
    metavar="NAME",
    shell_complete=completing.environments,
    help="The environment of kcplan.toml.  [env: KCPLAN_ENV]",
)
def app(env: str | None) -> None:
    """Plan and apply for Keycloak, with a state file.

    Describe realms in TOML or JSON files, see what would change with `kcplan plan`, and change it
    with `kcplan apply`. `kcplan refresh` shows what somebody changed in Keycloak.
    """


def _go(context: click.Context, folders: Sequence[str]) -> None:
    """Change into each folder, from the one before. Raises UsageError, unless a shell completes."""
    for folder in folders:
        try:
            os.chdir(folder or ".")
        except (OSError, ValueError) as problem:
            if context.resilient_parsing:
                return
            reason = getattr(problem, "strerror", None) or str(problem)
            raise UsageError(
                f"-C {folder}: {reason[:1].lower()}{reason[1:]}",
                "Give a folder that exists; of several, each starts at the one before.",
            ) from None


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line. Always ends with SystemExit."""
    # A command makes many small values that all live until it ends: looking for garbage among
    # them costs a tenth of its time and finds next to nothing.
    gc.set_threshold(500_000, 50, 100)
    # Nor at the end, where Python looks once more, at each module that it takes down.
    atexit.register(gc.freeze)
    with output.guarded(), never_lost(), handled_by(stop_now):
        code = _run(arguments)
    sys.exit(code)


def _run(arguments: Sequence[str] | None) -> int:
    """Run a command, tell what stopped it, and give the exit code."""
    try:
        code = app.main(args=arguments, prog_name="kcplan", standalone_mode=False)
    except click.ClickException as problem:
        problem.show()
        return 1
    except (click.Abort, KeyboardInterrupt) as stop:
        return _interrupted(stop)
    except KcplanError as problem:
        click.echo(_message(problem), err=True, nl=False)
        return problem.exit_code
    except Exception as defect:  # noqa: BLE001 - no traceback reaches a user
        if (signalled := wrapped_stop(defect)) is not None:
            return _interrupted(signalled)
        click.echo(_defect(defect), err=True)
        return 1
    return code if isinstance(code, int) else 0


def _interrupted(stop: BaseException) -> int:
    """Tell that a signal ended the command, and give its exit code.

    Click tells of an Abort instead, and keeps the cause.
    """
    click.echo("Interrupted. Nothing more is done.", err=True)
    cause = stop.__cause__ or stop
    return SIGNALLED + (cause.number if isinstance(cause, StopNow) else signal.SIGINT)


def _message(problem: KcplanError) -> str:
    from kcplan.render.diagnostics import render_error

    return render_error(problem)


def _defect(defect: Exception) -> str:
    """A defect, with the place in kcplan's code and without any value."""
    if os.environ.get("KCPLAN_DEBUG"):
        import traceback

        return traceback.format_exc()
    trace = defect.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}" if trace else "unknown"
    return (
        f"Error: kcplan failed unexpectedly: {type(defect).__name__} in {where}\n\n"
        "This is a defect of kcplan. Please report it with this line and the command; "
        "KCPLAN_DEBUG=1 shows more."
    )
