"""The two lists of client scopes that clients and realms have: default ones, and optional ones."""

from collections.abc import Iterator

from kcplan.diagnostics import Diagnostic, error
from kcplan.resource import Resource


def in_both(resource: Resource, default: str, optional: str) -> Iterator[Diagnostic]:
    """Errors for scopes that both lists name: Keycloak has each in one of them at most."""
    first, second = (resource.leaves.get((name,)) for name in (default, optional))
    if not isinstance(first, list) or not isinstance(second, list):
        return
    if both := sorted(item for item in first if isinstance(item, str) and item in second):
        yield error(
            "duplicate-definition",
            f"{optional} and {default} both name {', '.join(both)}",
            f"A client scope is in one of the two lists. {default} is at "
            f"{resource.source((default,))}. Remove it from one of them.",
            address=resource.address,
            path=(optional,),
            source=resource.source((optional,)),
        )
