"""Older permissions of administrators as an export of a realm has them: with ids in their names.

The ids are those of the realm that was exported. An export of a whole realm has them at the objects
themselves, so that the names of those can take their places, as they do in files.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from kcplan.gathered import Gathered
from kcplan_keycloak.admin_export import listed, names_by_id
from kcplan_keycloak.built_in import is_management
from kcplan_keycloak.legacy_names import renamed

_CLIENTS: Final = "clients"
_SETTINGS: Final = "authorizationSettings"
_RESOURCES: Final = "resources"

_Rename = Callable[[Any], Any]


def gather(document: Mapping[str, Any]) -> Gathered:
    """The document with names in the place of ids of objects that it has itself."""
    found = document.get(_CLIENTS)
    if not isinstance(found, list) or not any(_has_settings(document, item) for item in found):
        return Gathered(document)
    known = cache(lambda: names_by_id(document))

    def rename(name: Any) -> Any:
        return renamed(name, known()) if isinstance(name, str) else name

    clients = [
        {**item, _SETTINGS: _named(item[_SETTINGS], rename)}
        if _has_settings(document, item)
        else item
        for item in found
    ]
    return Gathered({**document, _CLIENTS: clients})


def _has_settings(document: Mapping[str, Any], client: Any) -> bool:
    """Whether it is a client with the roles that administer a realm, with settings."""
    if not isinstance(client, Mapping) or not isinstance(client.get(_SETTINGS), Mapping):
        return False
    return is_management(str(document.get("realm")), str(client.get("clientId")))


def _named(settings: Mapping[str, Any], rename: _Rename) -> Mapping[str, Any]:
    lists = {key: settings[key] for key in (_RESOURCES, "policies") if key in settings}
    return {
        **settings,
        **{
            key: [_with_names(item, rename) for item in items]
            for key, items in lists.items()
            if isinstance(items, list)
        },
    }


def _with_names(item: Any, rename: _Rename) -> Any:
    """A resource or permission under its name, for the resources by theirs."""
    if not isinstance(item, Mapping) or "name" not in item:
        return item
    found = {**item, "name": rename(item["name"])}
    config = item.get("config")
    resources = listed(config.get(_RESOURCES)) if isinstance(config, Mapping) else None
    if not resources or not isinstance(config, Mapping):
        return found
    names = [rename(name) for name in resources]
    is_text = isinstance(config[_RESOURCES], str)
    return {**found, "config": {**config, _RESOURCES: json.dumps(names) if is_text else names}}
