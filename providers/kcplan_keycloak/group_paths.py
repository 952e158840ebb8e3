"""Paths of groups as an export has them: a `/` in a name looks like one between names.

Only the groups themselves tell which it is. So where the file has them, a path that is that of one
group, and can be of no other, is taken as files have it: `/arts/crafts` of the group `arts/crafts`
as `/arts~/crafts`. Keycloak writes such paths for the default groups of a realm, for the groups of
users, and in policies about groups.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from attrs import field

from kcplan.classes import define
from kcplan.gathered import Gathered, Place, Unsound
from kcplan.schema import REWRITTEN

_GROUPS: Final = "groups"
_DEFAULTS: Final = "defaultGroups"

_Table = Mapping[str, Any]
_Change = Callable[[_Table, Place], _Table]


def gather(document: Mapping[str, Any]) -> Gathered:
    """The document with the paths of its groups as files have them."""
    paths = _ambiguous(document.get(_GROUPS))
    if not paths:
        return Gathered(document)
    work = _Rewriting(paths)
    found = dict(document)
    if _DEFAULTS in found:
        found[_DEFAULTS] = work.list(found[_DEFAULTS], (_DEFAULTS,))
    found |= work.each(found, "users", (), work.account)
    found |= work.each(found, "clients", (), work.client)
    return Gathered(found, unsound=tuple(work.notes.values()))


def _ambiguous(groups: Any) -> Mapping[str, str]:
    """The paths that an export gives to groups in which a name has a `/`; how files have each."""
    meant: dict[str, set[str]] = defaultdict(set)
    for names in _names(groups, ()):
        path = "".join("/" + name.replace("/", "~/") for name in names)
        meant["/" + "/".join(names)].add(path)
    return {
        raw: next(iter(paths))
        for raw, paths in meant.items()
        if len(paths) == 1 and raw not in paths
    }


def _names(groups: Any, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for group in groups if isinstance(groups, list) else ():
        name = group.get("name") if isinstance(group, Mapping) else None
        if isinstance(name, str):
            yield (*above, name)
            yield from _names(group.get("subGroups"), (*above, name))


@define
class _Rewriting:
    """Paths that are replaced, and what is said of each where it stands first."""

    paths: Mapping[str, str]
    notes: dict[str, Unsound] = field(factory=dict)

    def each(
        self, table: Mapping[str, Any], key: str, place: Place, change: _Change
    ) -> dict[str, Any]:
        """The list in a table, with each table in it changed; nothing where there is none."""
        items = table.get(key)
        if not isinstance(items, list):
            return {}
        return {
            key: [
                change(item, (*place, key, index)) if isinstance(item, Mapping) else item
                for index, item in enumerate(items)
            ]
        }

    def account(self, user: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
        """A user with the groups as files name them."""
        if _GROUPS not in user:
            return user
        return {**user, _GROUPS: self.list(user[_GROUPS], (*place, _GROUPS))}

    def client(self, client: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
        """A client with the groups in its policies as files name them."""
        key = "authorizationSettings"
        settings = client.get(key)
        if not isinstance(settings, Mapping):
            return client
        policies = self.each(settings, "policies", (*place, key), self._policy)
        return {**client, key: {**settings, **policies}}

    def _policy(self, policy: Mapping[str, Any], place: Place) -> Mapping[str, Any]:
        config = policy.get("config")
        if not isinstance(config, Mapping):
            return policy
        entries: Any = None
        with suppress(TypeError, ValueError, RecursionError):
            entries = json.loads(config.get(_GROUPS, ""))
        if not isinstance(entries, list):
            return policy
        here = (*place, "config", _GROUPS)
        found = [self._entry(entry, here) for entry in entries]
        if found == entries:
            return policy
        return {**policy, "config": {**config, _GROUPS: json.dumps(found)}}

    def _entry(self, entry: Any, place: Place) -> Any:
        if not isinstance(entry, Mapping) or "path" not in entry:
            return entry
        return {**entry, "path": self.path(entry["path"], place)}

    def list(self, paths: Any, place: Place) -> Any:
        """A list of paths as files have them."""
        if not isinstance(paths, list):
            return paths
        return [self.path(path, (*place, index)) for index, path in enumerate(paths)]

    def path(self, path: Any, place: Place) -> Any:
        """A path as files have it."""
        meant = self.paths.get(path) if isinstance(path, str) else None
        if meant is None:
            return path
        self.notes.setdefault(
            path,
            Unsound(
                place,
                f"the group `{path}` is taken as `{meant}`",
                "The file has this group, with a `/` in its name. An export does not tell it from "
                "one between names.",
                REWRITTEN,
                harmless=True,
            ),
        )
        return meant
