"""Secrets of new objects that the files have as asterisks: all of them in one error. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from kcplan.config.model import Masked
from kcplan.diagnostics import Diagnostic, error
from kcplan.inputs import Context
from kcplan.path_patterns import path_matches
from kcplan.plan import Action, ResourceChange
from kcplan.schema import dotted


def check(context: Context, changes: Iterable[ResourceChange]) -> Iterator[Diagnostic]:
    """What the plan would make without a secret that it had where the files were exported."""
    made = {change.address: change for change in changes if _is_made(context, change)}
    missing = [
        item
        for item in context.inputs.config.masked
        if item.address in made and _is_needed(context, made[item.address], item)
    ]
    if missing:
        yield _missing(missing)


def _is_made(context: Context, change: ResourceChange) -> bool:
    """Whether the object is new; one that Keycloak will make by itself is no less so."""
    if change.action is Action.UPDATE:
        return change.address not in context.live.objects
    return change.action in {Action.CREATE, Action.REPLACE}


def _is_needed(context: Context, change: ResourceChange, item: Masked) -> bool:
    """Whether it is a secret, and the object cannot do without it."""
    spec = context.spec(change.type)
    leaves = context.inputs.config.resources[item.address].leaves
    is_secret = path_matches(item.path, (*spec.sensitive, *spec.write_only, *spec.masked))
    return is_secret and not spec.does_without(item.path, leaves)


_TO_DO_WITHOUT: Final = (
    "To do without a secret, remove its field: Keycloak gives a new client another one."
)


def _missing(missing: list[Masked]) -> Diagnostic:
    first = missing[0]
    one = "the secret of a new object is masked in the files"
    named = [item for item in missing if item.variable]
    unclear = [item for item in missing if not item.variable]
    return error(
        "masked-secret",
        one if len(missing) == 1 else f"{len(missing)} secrets of new objects are masked",
        "Keycloak writes asterisks into an export in their place. "
        + "\n\n".join([*_to_write(unclear), *_to_set(named), _TO_DO_WITHOUT]),
        address=first.address,
        path=first.path,
        source=first.source,
    )


def _to_set(missing: list[Masked]) -> Iterator[str]:
    """The variables that give them."""
    if missing:
        width = max(len(item.variable) for item in missing)
        lines = "\n".join(f"  {item.variable:{width}}  {_field(item)}" for item in missing)
        yield (
            "Set these variables, or write placeholders for others into the files:\n\n"
            f"{lines}\n\n"
            "`kcplan import REALM --secrets-out .env`, where the export comes from, writes those "
            "that Keycloak shows into a file."
        )


def _to_write(missing: list[Masked]) -> Iterator[str]:
    """What no variable says by its name."""
    if missing:
        lines = "\n".join(f"  {_field(item)}" for item in missing)
        yield (
            "For these, no variable says by its name which one it is for. Write placeholders "
            f"into the files, each for the right variable:\n\n{lines}"
        )


def _field(item: Masked) -> str:
    return f"{dotted(item.path)} of {item.address}"
