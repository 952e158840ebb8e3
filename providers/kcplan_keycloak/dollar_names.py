"""Names in which keycloak-config-cli writes an id, such as `client.resource.$app`.

Keycloak names the resources and permissions of its own administration by the ids of objects. That
tool puts the id in the place of `$` and a name. So does kcplan, in the client that Keycloak keeps
them in; in any other client Keycloak would keep the name.
"""

import re
from collections.abc import Iterator
from typing import Final

from kcplan.diagnostics import Diagnostic, Path, error
from kcplan.resource import Resource
from kcplan_keycloak.legacy_names import is_of_old_administration, named_in

_NAME: Final = re.compile(
    r"(?:client|idp|role|group)\.resource\.\$.+|.+\.permission\.(?:(?:client|idp|group)\.)?\$.+"
)
_CONTAINER: Final = 2
"""How many segments an address has that is of no object: `shop/groups`."""


def dollar_names(resource: Resource) -> Iterator[Diagnostic]:
    """An error for a resource, policy or permission with such names, in it or as its own."""
    if is_of_old_administration(resource.address):
        yield from _naming_nothing(resource)
        return
    for path, name in _names(resource):
        if isinstance(name, str) and _NAME.fullmatch(name):
            yield error(
                "unknown-placeholder",
                f"`{name}` has a `$` in the place of an id, which only keycloak-config-cli writes",
                "Keycloak would keep the name as it is, and nothing would look for it. Write the "
                "id itself. Who may exchange tokens is better said in the section `permissions`.",
                path=path,
            )
            return


def _naming_nothing(resource: Resource) -> Iterator[Diagnostic]:
    """An error for such a name with nothing behind the `$`, or a path with a piece missing."""
    for path, name in _names(resource):
        named = named_in(resource.address.parent.child(name)) if isinstance(name, str) else ()
        if any(len(a.segments) <= _CONTAINER or not all(a.segments) for a in named):
            yield error(
                "unknown-placeholder",
                f"`{name}` names nothing behind the `$`",
                "Write a client's `clientId` there, a provider's alias, the path of a group, or a "
                "role: that of a client as `CLIENT/ROLE`.",
                path=path,
            )
            return


def _names(resource: Resource) -> Iterator[tuple[Path, object]]:
    yield (), resource.address.name
    for path, value in resource.leaves.items():
        if path[0] == "config":
            yield from ((path, item) for item in (value if isinstance(value, list) else [value]))
