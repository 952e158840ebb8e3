"""`kcplan doctor`: what would fail, and what to do about it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from kcplan.cli.command import Command
from kcplan.cli.options import (
    connection_options,
    format_option,
    no_color_option,
    paths_argument,
    state_options,
    use_color,
)

if TYPE_CHECKING:
    from kcplan.address import Address
    from kcplan.cli.session import Session
    from kcplan.config.model import Config
    from kcplan.doctor import Check
    from kcplan.state import State
    from kcplan_keycloak.rights import Area

VARIABLES = frozenset(
    f"KCPLAN_{name}"
    for name in """
    AUTH_REALM CA_FILE CLIENT_CERT CLIENT_ID CLIENT_KEY CLIENT_SECRET DEBUG ENV FILES INSECURE
    JOURNAL_KEY KEYCLOAK_HOME PARALLELISM PASSWORD STATE STATE_KEY TIMEOUT URL USERNAME
    USER_PASSWORD
    """.split()
)
"""The variables that kcplan reads."""


@click.command(
    cls=Command,
    examples=[
        ("kcplan doctor", "before the first plan, or when something fails"),
        ("kcplan doctor --format json", "for a pipeline: exit code 1 where something would fail"),
    ],
)
@paths_argument
@format_option("text", "json")
@no_color_option
@state_options
@connection_options
def doctor(paths: tuple[str, ...], output: str, **values: Any) -> int:
    """Check settings, files, state, connection and rights, and say what to do.

    It only reads, and takes no lock. It exits with 1 where a command would fail.
    """
    from kcplan.cli.printing import emit
    from kcplan.cli.session import Session
    from kcplan.doctor import fails
    from kcplan.views import checkups

    found = tuple(_checks(Session(values), paths))
    emit(checkups.view(output, color=use_color(no_color=values["no_color"]))(found))
    return 1 if fails(found) else 0


def _checks(session: "Session", paths: Sequence[str]) -> "Iterator[Check]":
    from kcplan.doctor import Check, Verdict, failed
    from kcplan.errors import KcplanError

    try:
        settings = session.settings
    except KcplanError as error:
        yield failed("settings", _brief(error))
        yield Check("all else", Verdict.UNKNOWN, "not known, since the settings cannot be read")
        return
    there = (settings.folder / "kcplan.toml").exists()
    what = "kcplan.toml" if there else "there is no kcplan.toml: defaults, flags and variables"
    chosen = f", environment {settings.environment}" if settings.environment else ""
    yield Check("settings", Verdict.OK, what + chosen)
    config, about_files = _files(session, paths)
    yield from about_files
    state, about_state = _state(session)
    yield from about_state
    yield from _beside_the_state(session)
    if config is not None and state is not None:
        yield _rules(session, config, state)
    yield from _server(session, _needed(config, state), state)


def _brief(error: Any) -> Any:
    """An error with many findings as one with their number and the first of them."""
    from kcplan.errors import ConfigError, UsageError

    if not isinstance(error, ConfigError) or not error.diagnostics:
        return error
    first, count = error.diagnostics[0], len(error.diagnostics)
    more = f", and {count - 1} more" if count > 1 else ""
    place = f" ({first.source})" if first.source else ""
    return UsageError(
        f"{first.summary}{place}{more}", "`kcplan validate` shows all findings and what to do."
    )


def _files(session: "Session", paths: Sequence[str]) -> "tuple[Config | None, list[Check]]":
    """What the files declare, and whether they and the variables are in order."""
    import os

    from kcplan.config.load import load
    from kcplan.doctor import Check, Recorder, Verdict, check_variables, failed
    from kcplan.errors import KcplanError
    from kcplan.state import State
    from kcplan_keycloak.token_exchange.preparing import prepare

    read: set[str] = set()
    config = None
    try:
        environment = Recorder(os.environ, read.add)
        loaded = load(list(paths), session.registry, environment, session.settings, session.given)
        config = prepare(loaded, State("")).config
        count = len(config.resources)
        realms = ", ".join(sorted(config.realms))
        found = Check("files", Verdict.OK, f"{count:,} resources of {realms}")
    except KcplanError as error:
        found = failed("files", _brief(error))
    return config, [found, check_variables(os.environ, VARIABLES, read)]


def _state(session: "Session") -> "tuple[State | None, list[Check]]":
    from kcplan.doctor import Check, Verdict, failed
    from kcplan.errors import KcplanError
    from kcplan.known_types import require_known_in_state
    from kcplan_state.disk import require_folder

    try:
        path = session.state_path
        require_folder(path, "the state")
        state = session.load_state()
        require_known_in_state(state, session.registry)
    except KcplanError as error:
        return None, [failed("state", error)]
    if not path.exists():
        return state, [Check("state", Verdict.OK, f"there is none yet: {path}")]
    count = len(state.resources)
    return state, [
        Check("state", Verdict.OK, f"{path}: {count:,} resources, serial {state.serial}")
    ]


def _beside_the_state(session: "Session") -> "Iterator[Check]":
    """The lock, and the journal of an apply that did not end."""
    from kcplan.doctor import Check, Verdict, failed
    from kcplan.errors import KcplanError
    from kcplan_state import lock

    try:
        holder = lock.holder(session.state_path)
    except KcplanError as error:
        yield failed("lock", error)
    else:
        yield _lock(holder)
    try:
        session.refuse_journal()
    except KcplanError as error:
        yield failed("journal", error)
    else:
        yield Check("journal", Verdict.OK, "none: no apply was interrupted")


def _lock(holder: Any) -> "Check":
    from kcplan.doctor import Check, Verdict

    if holder is None:
        return Check("lock", Verdict.OK, "nobody holds it")
    if holder.is_gone:
        return Check(
            "lock",
            Verdict.CAUTION,
            f"left behind by {holder}, since {holder.since}",
            "That process is gone: the next command takes the lock over by itself.",
        )
    return Check(
        "lock",
        Verdict.FAILS,
        f"held by {holder}, since {holder.since}",
        "Wait until it ends, or give --lock-timeout. If that process is gone for certain, run "
        "`kcplan unlock`.",
    )


def _rules(session: "Session", config: "Config", state: "State") -> "Check":
    from kcplan.doctor import check_rules

    addresses = {*config.resources, *state.resources}
    return check_rules(session.settings, addresses, state.resources, session.registry)


def _needed(config: "Config | None", state: "State | None") -> "Mapping[str, tuple[Area, ...]]":
    """For each realm of files and state, the areas in which it has something."""
    from kcplan_keycloak.rights import areas_of

    found: dict[str, list[tuple[str, Address]]] = {
        realm: [] for realm in (config.realms if config else ())
    }
    resources = [*(config.resources.items() if config else ())]
    entries = [*(state.resources.items() if state else ())]
    for address, item in (*resources, *entries):
        found.setdefault(address.realm, []).append((item.type, address))
    return {realm: areas_of(items) for realm, items in found.items()}


def _server(
    session: "Session", needed: "Mapping[str, tuple[Area, ...]]", state: "State | None"
) -> "Iterator[Check]":
    from kcplan.doctor import failed
    from kcplan.errors import KcplanError, StateError
    from kcplan_keycloak.checkup import checks, unanswered
    from kcplan_keycloak.examination import examine

    try:
        with session.api() as api:
            if state is not None:
                session.check_server(state, api.connection.url)
            found = examine(api, needed)
    except KcplanError as error:
        name = "state" if isinstance(error, StateError) else "connection"
        yield failed(name, error)
        yield from unanswered(name)
        return
    yield from checks(found, needed, session.settings.keycloak.version)
