"""Saved plans: everything is checked before the first write, and then exactly that is executed."""

import os
from collections.abc import Sequence
from pathlib import Path

from attrs import evolve

from kcplan import planfile
from kcplan.address import Address
from kcplan.cli.planning import Planned
from kcplan.cli.session import Session
from kcplan.concealing import concealed, secret_fields
from kcplan.config.load import load as load_config
from kcplan.config.model import Config
from kcplan.config.settings import Settings
from kcplan.diagnostics import Path as FieldPath
from kcplan.digests import Digester
from kcplan.errors import KcplanError, PlanFileError
from kcplan.fingerprints import fingerprint
from kcplan.moves import moves_of
from kcplan.plan import Action, Plan, Step
from kcplan.reading import for_saved_plan
from kcplan.render.values import dotted_path, safe
from kcplan.secret import Origin, Secret, Withheld, secret_text
from kcplan.snapshot import Snapshot
from kcplan.state import State
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.reader import KeycloakReader

_AGAIN = "Run plan again, review it, and apply the new one."


def plan_file_of(paths: Sequence[str]) -> Path | None:
    """The saved plan that the arguments name; None where they name configuration.

    A saved plan is one JSON file with an execution part; a realm file has a `realm`.
    """
    if len(paths) != 1 or not Path(paths[0]).is_file():
        return None
    path = Path(paths[0])
    try:
        head = path.read_bytes()[:4096]
    except OSError:
        return None
    looks = head.lstrip().startswith(b"{") and b'"format_version"' in head and b'"summary"' in head
    return path if looks or path.suffix == ".kcplan" else None


def load(session: Session, api: AdminApi, path: Path) -> Planned:
    """The plan in a file, checked against state, server and secrets, ready to be executed.

    Raises:
        PlanFileError: It does not fit what is there now.
        KcplanError: Something could not be read.
    """
    plan = planfile.read(path)
    session.refuse_journal()
    state = session.load_state(plan.lineage)
    _check_state(plan, state)
    if plan.server.url != api.connection.url:
        raise PlanFileError(
            f"the plan was made for {plan.server.url}, and this is {api.connection.url}",
            f"Correct --url, or make a plan for this server. {_AGAIN}",
        )
    if any(item.severity == "error" for item in plan.diagnostics):
        raise PlanFileError("the plan has errors and is not executed", _AGAIN)
    digester = session.digester(state)
    plan = with_secrets(session, plan, digester)
    live = read_live(session, api, plan, state)
    _check_live(plan, live, digester)
    return Planned(with_live(plan, live), state, Config())


def read_live(session: Session, api: AdminApi, plan: Plan, state: State) -> Snapshot:
    """What the plan changes as Keycloak has it, under the addresses that the plan gives it."""
    live = KeycloakReader(api).read(for_saved_plan(plan, session.registry))
    moves = moves_of(plan.changes)
    known = moves.state(state, session.registry).resources.values()
    planned = [change.entry for change in plan.changes if change.entry is not None]
    fields = secret_fields(entries=[*known, *planned])
    return concealed(moves.live(live, session.registry), fields)


def _check_state(plan: Plan, state: State) -> None:
    if plan.lineage != state.lineage:
        raise PlanFileError(
            "the plan was made from another state",
            f"Its lineage is {plan.lineage}, and that of the state is {state.lineage}. Correct "
            f"--state. {_AGAIN}",
        )
    if plan.serial != state.serial:
        raise PlanFileError(
            "the state has changed since the plan was made",
            f"The plan was made from serial {plan.serial}, and the state has {state.serial}: "
            f"something was applied in between. {_AGAIN}",
        )


def with_secrets(session: Session, plan: Plan, digester: Digester) -> Plan:
    """The plan with its secrets, read again from where they come from."""
    files: dict[str, Config] = {}

    def resolve(address: Address, path: FieldPath, origin: Origin) -> Secret:
        secret = reread(session, files, address, path, origin)
        digest = plan.digests.get((address, path))
        if digest is not None and not digester.matches(secret_text(secret), digest):
            raise PlanFileError(
                f"the secret {dotted_path(path)} of {safe(str(address))} is another one now",
                f"It is not the one that the plan was made with. {_AGAIN}",
            )
        return secret

    return planfile.resolve_secrets(plan, resolve)


def reread(
    session: Session, files: dict[str, Config], address: Address, path: FieldPath, origin: Origin
) -> Secret:
    """A secret, from the file and place where it was declared. Raises PlanFileError."""
    name = origin.source.file if origin.source else ""
    try:
        if name not in files:
            settings = Settings(config=evolve(session.settings.config, files=()))
            files[name] = load_config([name], session.registry, os.environ, settings)
        value = files[name].resources[address].leaves[path]
    except (KcplanError, KeyError) as problem:
        cause = f" {problem.summary}." if isinstance(problem, KcplanError) else ""
        raise PlanFileError(
            f"the secret {dotted_path(path)} of {safe(str(address))} cannot be read again",
            f"It came from {safe(str(origin.source or origin.key))}.{cause} {_AGAIN}",
        ) from None
    return value if isinstance(value, Secret) else Secret(str(value), origin)


def _check_live(plan: Plan, live: Snapshot, digester: Digester) -> None:
    """Everything that the plan changes must be as it was when the plan was made."""
    for change in plan.changes:
        if change.action is Action.NOOP:
            continue
        if fingerprint(change, live, digester) != plan.fingerprints.get(change.address):
            raise PlanFileError(
                f"{safe(str(change.address))} has changed in Keycloak since the plan was made",
                f"What the plan would do to it is not what was reviewed. {_AGAIN}",
            )


def with_live(plan: Plan, live: Snapshot) -> Plan:
    """The plan with the secrets that its steps replace: rolling back needs them."""

    def complete(step: Step) -> Step:
        there = live.objects.get(step.address)
        leaves = there.leaves if there else {}
        before = {
            path: leaves.get(path) if isinstance(value, Withheld) else value
            for path, value in step.before.items()
        }
        return evolve(step, before=before)

    return evolve(plan, steps=tuple(map(complete, plan.steps)))
