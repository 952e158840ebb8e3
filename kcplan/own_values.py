"""Says which secrets of the files a plan does not use, since Keycloak makes its own.

What Keycloak makes along with a realm, it gives keys of its own, and takes no others afterwards. An
offline export has the keys of another realm in these places.
"""

from collections.abc import Iterable, Iterator

from kcplan.diagnostics import Diagnostic, note
from kcplan.inputs import Context
from kcplan.path_patterns import path_matches
from kcplan.plan import Action, ResourceChange


def check(context: Context, changes: Iterable[ResourceChange]) -> Iterator[Diagnostic]:
    """A note on each object that comes by itself, and for which the files have secrets."""
    resources = context.inputs.config.resources
    for change in changes:
        comes_along = change.action is Action.UPDATE and not change.before
        desired = resources.get(change.address)
        if not comes_along or desired is None:
            continue
        spec = context.spec(change.type)
        unused = [
            path
            for path in desired.leaves
            if path_matches(path, spec.initial) and path_matches(path, spec.sensitive)
        ]
        if unused:
            yield note(
                "made-by-keycloak",
                f"{change.address} gets keys of Keycloak's own, not those of the file",
                "Keycloak makes these keys along with the realm, and takes no others. What was "
                "signed with the old ones, such as tokens, is not valid in the new realm.",
                address=change.address,
                path=unused[0],
                source=desired.source(unused[0]),
                several="objects get keys of Keycloak's own, not those of the file",
                subject=str(change.address),
            )
