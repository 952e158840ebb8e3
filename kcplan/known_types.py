"""States, saved plans and journals with resources of types that this kcplan does not know."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from kcplan import __version__
from kcplan.address import Address
from kcplan.errors import KcplanError, PlanFileError, StateError
from kcplan.plan import Plan
from kcplan.resource import Registry
from kcplan.state import State

if TYPE_CHECKING:
    from kcplan.interrupted import Interrupted

_LATER: Final = f"A later version wrote it, or somebody edited it; this is kcplan {__version__}."


def require_known_in_state(state: State, registry: Registry) -> None:
    """Raise StateError where the state has a resource of an unknown type."""
    types = {address: entry.type for address, entry in state.resources.items()}
    advice = "Use that version, or have the state forget the resource: `kcplan state rm {}`."
    _require(types, registry, "the state", advice, StateError)


def require_known_in_plan(plan: Plan, registry: Registry) -> None:
    """Raise PlanFileError where a saved plan has a step for an unknown type."""
    types = {step.address: step.type for step in plan.steps}
    _require(types, registry, "the saved plan", "Make a new plan with this one.", PlanFileError)


def require_known_in_journal(interrupted: "Interrupted", registry: Registry) -> None:
    """Raise StateError where a journal has a step for an unknown type."""
    types = {step.address: step.type for step in interrupted.plan.steps}
    _require(types, registry, "the journal", "Recover with that version.", StateError)


def _require(
    types: Mapping[Address, str],
    registry: Registry,
    what: str,
    advice: str,
    error: type[KcplanError],
) -> None:
    unknown = sorted(address for address, name in types.items() if name not in registry)
    if unknown:
        raise error(
            f"{what} has a resource of the type `{types[unknown[0]]}`, which this kcplan does not "
            "know",
            f"It is {unknown[0]}. {_LATER} {advice.format(unknown[0])}",
        )
