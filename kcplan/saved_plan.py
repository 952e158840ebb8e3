"""Saved plans: everything is checked before the first write, and then exactly that is executed."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve, field

from kcplan import planfile
from kcplan.address import Address
from kcplan.classes import define
from kcplan.concealing import concealed, secret_fields
from kcplan.config.load import load as load_config
from kcplan.config.model import Config
from kcplan.config.settings import Settings
from kcplan.config.variables import Given
from kcplan.diagnostics import Path, Severity
from kcplan.diff import value_at
from kcplan.digests import Digester
from kcplan.errors import ConfigError, KcplanError, PlanFileError
from kcplan.fingerprints import fingerprint
from kcplan.moves import moves_of
from kcplan.older_plans import opened
from kcplan.plan import Action, Plan, Step
from kcplan.provider import Reader
from kcplan.reading import for_saved_plan
from kcplan.render.values import dotted_path, safe
from kcplan.resource import Registry
from kcplan.secret import Origin, is_withheld, secret_text
from kcplan.snapshot import Snapshot
from kcplan.state import State

_AGAIN = "Run plan again, review it, and apply the new one."


def require_environment(plan: Plan, environment: str | None) -> None:
    """Raise PlanFileError where the plan was made for another environment."""
    if plan.environment == environment:
        return
    made = safe(plan.environment or "")
    named = f"the environment `{made}`" if made else "no environment"
    this = f"`{environment}`" if environment else "none"
    cure = f"Apply it with `--env {made}`. " if made else ""
    raise PlanFileError(
        f"the plan was made for {named}, and this is {this}",
        f"{cure}For another environment, make a plan there: it has other settings and files.",
    )


def require_fit(plan: Plan, state: State, url: str) -> None:
    """Raise PlanFileError where the plan was made for another state or server, or has errors."""
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
    if plan.server.url != url:
        raise PlanFileError(
            f"the plan was made for {plan.server.url}, and this is {url}",
            f"Correct --url, or make a plan for this server. {_AGAIN}",
        )
    if plan.has_errors:
        raise PlanFileError("the plan has errors and is not executed", _AGAIN)


def completed(
    plan: Plan,
    state: State,
    reader: Reader,
    registry: Registry,
    digester: Digester,
    secrets: planfile.Resolver,
) -> Plan:
    """The plan with all that a file does not hold, ready to be executed.

    Raises:
        PlanFileError: A secret or something in Keycloak is not as it was when the plan was made.
        ServerError: Keycloak could not be read.
    """
    plan = with_secrets(plan, digester, secrets)
    live = read_live(reader, plan, state, registry)
    _require_unchanged(plan, live, digester)
    return with_live(opened(plan, registry), live, registry)


@define
class DeclaredSecrets:
    """Secrets, read again from the files and places where they were declared.

    Attributes:
        registry: The resource types.
        settings: What kcplan.toml says.
        environment: The environment variables.
        given: Variables that go before these.
    """

    registry: Registry
    settings: Settings
    environment: Mapping[str, str]
    given: Mapping[str, Given] = field(factory=dict)
    _files: dict[str, Config] = field(factory=dict)

    def __call__(self, address: Address, path: Path, origin: Origin) -> Any:
        """The value of a field with a secret. Raises PlanFileError."""
        name = origin.source.file if origin.source else ""
        try:
            return self._config(name).resources[address].leaves[path]
        except (KcplanError, KeyError) as problem:
            reason = f" {_reason(problem)}." if isinstance(problem, KcplanError) else ""
            raise PlanFileError(
                f"the secret {dotted_path(path)} of {safe(str(address))} cannot be read again",
                f"It came from {safe(str(origin.source or origin.key))}.{reason} {_AGAIN}",
            ) from None

    def _config(self, name: str) -> Config:
        if name not in self._files:
            config = evolve(self.settings.config, files=())
            settings = evolve(self.settings, config=config, alone=True)
            self._files[name] = load_config(
                [name], self.registry, self.environment, settings, self.given
            )
        return self._files[name]


def _reason(problem: KcplanError) -> str:
    """Why the files cannot be read: in short, since they could be when the plan was made."""
    found = problem.diagnostics if isinstance(problem, ConfigError) else ()
    text = next((item.summary for item in found if item.severity is Severity.ERROR), "")
    text = text or problem.summary
    return text[:1].upper() + text[1:]


def with_secrets(plan: Plan, digester: Digester, secrets: planfile.Resolver) -> Plan:
    """The plan with its secrets. Raises PlanFileError where one is not the one it was made with."""

    def resolve(address: Address, path: Path, origin: Origin) -> Any:
        secret = secrets(address, path, origin)
        digest = plan.digests.get((address, path))
        if digest is not None and not digester.matches(secret_text(secret), digest):
            raise PlanFileError(
                f"the secret {dotted_path(path)} of {safe(str(address))} is another one now",
                f"It is not the one that the plan was made with. {_AGAIN}",
            )
        return secret

    return planfile.resolve_secrets(plan, resolve)


def read_live(reader: Reader, plan: Plan, state: State, registry: Registry) -> Snapshot:
    """What the plan changes as Keycloak has it, under the addresses that the plan gives it."""
    live = reader.read(for_saved_plan(plan, registry))
    moves = moves_of(plan.changes)
    known = moves.state(state, registry).resources.values()
    planned = [change.entry for change in plan.changes if change.entry is not None]
    fields = secret_fields(entries=[*known, *planned])
    return concealed(moves.live(live, registry), fields)


def with_live(plan: Plan, live: Snapshot, registry: Registry) -> Plan:
    """The plan with the secrets that its steps replace: rolling back needs them."""

    def complete(step: Step) -> Step:
        current = live.objects.get(step.address)
        leaves, spec = current.leaves if current else {}, registry[step.type]
        before = {
            path: value_at(spec, step.address, leaves, path) if is_withheld(value) else value
            for path, value in step.before.items()
        }
        return evolve(step, before=before)

    return evolve(plan, steps=tuple(map(complete, plan.steps)))


def _require_unchanged(plan: Plan, live: Snapshot, digester: Digester) -> None:
    """Everything that the plan changes must be as it was when the plan was made."""
    for change in plan.changes:
        if change.action is Action.NOOP:
            continue
        if fingerprint(change, live, digester) != plan.fingerprints.get(change.address):
            raise PlanFileError(
                f"{safe(str(change.address))} has changed in Keycloak since the plan was made",
                f"What the plan would do to it is not what was reviewed. {_AGAIN}",
            )
