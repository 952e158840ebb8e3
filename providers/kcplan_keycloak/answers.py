"""What every answer of Keycloak's must look like, looked at once, where it comes in.

Whoever reads an answer then may rely on it: a list has objects (or, in a few places, texts), a
name is a text, and what holds attributes is a table. What people chose the keys of is not judged.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

MAX_DEPTH: Final = 100

Kind = Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _maps_to_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_are_texts, value.values()))


def _are_named(value: Any) -> bool:
    return _are_tables(value) and all(isinstance(item.get("name"), str) for item in value)


def _maps_to_roles(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(item, dict)
        and isinstance(item.get("client"), str)
        and _are_named(item.get("mappings"))
        for item in value.values()
    )


_KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(
        "id _id name clientId alias providerId username containerId protocol protocolMapper "
        "serviceAccountClientId type logic decisionStrategy path parentId providerType "
        "subType identityProvider identityProviderMapper internalId userId userName".split(),
        _is_text,
    ),
    **dict.fromkeys(
        "clientRole composite enabled publicClient bearerOnly serviceAccountsEnabled "
        "fullScopeAllowed consentRequired authorizationServicesEnabled".split(),
        _is_flag,
    ),
    "clientMappings": _maps_to_roles,
    **dict.fromkeys("defaultRole owner scopePermissions".split(), _is_table),
    "subGroupCount": _is_number,
    "realmRoles": _are_texts,
    "clientRoles": _maps_to_texts,
    **dict.fromkeys("attributes config".split(), _is_table),
    **dict.fromkeys(
        "domains protocolMappers realmMappings mappings policiesData resourcesData scopesData "
        "applyPoliciesData".split(),
        _are_named,
    ),
    **dict.fromkeys(
        "defaultClientScopes optionalClientScopes redirectUris webOrigins requiredCredentials "
        "eventsListeners enabledEventTypes supportedLocales uris".split(),
        _are_texts,
    ),
}
"""What stands at a key of Keycloak's own, wherever that is. `null` is always allowed."""

_FREE: Final = frozenset(
    {"attributes", "config", "configuration", "smtpServer", "access", "userProfileMetadata"}
)
"""Tables whose keys people choose; and what older versions say of the fields that users can have,
which nobody reads."""

_NESTING: Final = frozenset({list, dict})
"""The types of what has values in it, as `json` makes them."""

_LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "clients": ("id", "clientId"),
    "roles": ("id", "name"),
    "client-scopes": ("id", "name"),
    "default-client-scopes": ("id", "name"),
    "optional-client-scopes": ("id", "name"),
    "default-default-client-scopes": ("id", "name"),
    "default-optional-client-scopes": ("id", "name"),
    "composites": ("id", "name"),
    "composite": ("id", "name"),
    "realm": ("id", "name"),
    "users": ("id", "username"),
    "flows": ("id", "alias"),
    "executions": ("id", "level", "requirement"),
    "groups": ("id", "name", "path"),
    "children": ("id", "name", "path"),
    "default-groups": ("id", "name", "path"),
    "members": ("id", "username"),
    "federated-identity": ("identityProvider",),
    "instances": ("alias",),
    "organizations": ("id", "alias", "name"),
    "identity-providers": ("alias",),
    "mappers": ("id", "name"),
    "required-actions": ("alias",),
    # Some have no name, such as the user profile.
    "components": ("id", "providerId", "providerType"),
    "scope": ("id", "name"),
    "resource": ("_id", "name"),
    "policy": ("id", "name", "type"),
    "permission": ("id", "name", "type"),
    "associatedPolicies": ("id", "name"),
    "dependentPolicies": ("id", "name"),
    "resources": ("_id", "name"),
    "scopes": ("id", "name"),
    "providers": ("type",),
    "admin-events": ("time",),
    "workflows": ("id", "name"),
}
"""Collections, and what each of their objects must have."""

_SINGLE: Final[Mapping[str, tuple[str, ...]]] = {
    **_LISTS,
    "realms": ("realm",),
    "roles-by-id": ("id", "name"),
    "config": ("id",),
}
"""What one object of a collection must have."""

_NAMED: Final = frozenset(_SINGLE)
"""What is followed by the name or id of one object."""

_ASIDE: Final = frozenset({"count", "search", "providers", "profile"})
"""What may follow a collection and is no name in it; roles may be called so."""

_OBJECTS: Final = frozenset(
    {"resource-server", "service-account-user", "role-mappings", "scope-mappings", "search"}
)

_BELOW_REALM: Final = 3
"""How many segments the path of something that a realm has once is made of."""


def _are_sessions(value: Any) -> bool:
    return _are_tables(value) and all(
        str(item.get(state)).isdecimal() for item in value for state in ("active", "offline")
    )


_COUNTED: Final[Mapping[str, Kind]] = {
    "client-session-stats": _are_sessions,
    "keys": lambda value: isinstance(value, dict) and _are_tables(value.get("keys")),
}
"""What is only counted."""

_COUNTS: Final[Mapping[str, Kind]] = {
    "users": lambda value: isinstance(value, int),
    "members": lambda value: isinstance(value, int),
    "groups": lambda value: isinstance(value, dict) and isinstance(value.get("count"), int),
}
"""What Keycloak counts by itself."""

_TEXTS: Final = "localization"

_PROFILE: Final = ["users", "profile"]

_MAPPINGS: Final = frozenset({"role-mappings", "scope-mappings", "composites"})


def problem(path: str, content: Any) -> str | None:
    """What is wrong with the content of an answer to a GET; None where it is sound."""
    if path == "serverinfo":
        return None if _is_server_info(content) else "it says nothing of a server"
    segments = path.split("/")
    if (is_sound := _counting(segments)) is not None:
        return None if is_sound(content) else "it does not say how many there are"
    if segments[2:3] == [_TEXTS]:
        return None if _are_messages(segments, content) else "it does not hold texts"
    if segments[2:] == _PROFILE:
        return None if _is_profile(content) else "it is not a user profile"
    return next(_wrong(segments, content), None)


def _counting(segments: list[str]) -> Kind | None:
    """What an answer must be of which only a number is wanted; None for others."""
    if segments[-1] == "count":
        return _COUNTS.get(segments[-2])
    if segments[2:3] == ["attack-detection"]:
        return _is_table
    return _COUNTED.get(segments[-1]) if len(segments) == _BELOW_REALM else None


def _are_messages(segments: list[str], content: Any) -> bool:
    """Whether it may be the languages of a realm, or the texts of one, whose keys people choose."""
    if segments[-1] == _TEXTS:
        return _are_texts(content)
    return isinstance(content, dict) and _are_texts(list(content.values()))


def _is_profile(content: Any) -> bool:
    """Whether it may say which attributes users have; elsewhere attributes are a table."""
    if not isinstance(content, dict):
        return False
    lists = [content.get(key) or [] for key in ("attributes", "groups")]
    return all(_are_named(entries) and not any(_unsound(entries)) for entries in lists)


def _wrong(segments: list[str], content: Any) -> Iterator[str]:
    named = _names_one(segments)
    single = _is_object(segments, named=named)
    needed = _needed(segments, named=named, single=single)
    if not isinstance(content, dict | list):
        yield "it is neither an object nor a list"
    elif single and not isinstance(content, dict):
        yield "it is not an object"
    elif needed and not single and not _are_tables(content):
        yield "it is not a list of objects"
    else:
        items: Any = [content] if single else content
        for item in items if needed else ():
            yield from (f"an object has no `{key}`" for key in needed if item.get(key) is None)
        yield from _unsound(content)


def _is_server_info(content: Any) -> bool:
    """Whether it may be what Keycloak says of itself; most of it nobody reads."""
    if not isinstance(content, dict):
        return False
    system, features = content.get("systemInfo"), content.get("features")
    version = system.get("version", "") if isinstance(system, dict) else system
    names = [item.get("name") for item in features or ()] if _are_tables(features) else features
    return (version is None or isinstance(version, str)) and (names is None or _are_texts(names))


def _needed(segments: list[str], *, named: bool, single: bool) -> tuple[str, ...]:
    """What each object must have, if the path is that of a collection or of one in it."""
    if not named:
        return _LISTS.get(segments[-1], ())
    return _SINGLE[segments[-2]] if single else ("id", "name")


def _names_one(segments: list[str]) -> bool:
    """Whether the last segment is somebody's name or id."""
    named = False
    for before, segment in pairwise(segments):
        aside = segment in _ASIDE and before != "roles"
        named = before in _NAMED and not named and not aside
    return named


def _is_object(segments: list[str], *, named: bool) -> bool:
    if named:
        return _MAPPINGS.isdisjoint(segments[:-1])
    return segments[-1] in _OBJECTS


def _unsound(content: Any) -> Iterator[str]:
    """What is wrong at any place of an answer."""
    level: list[Any] = [content]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, list):
                if None in value:
                    yield "a list in it has an empty place"
                inner += value
            else:
                yield from _unsound_table(value)
                inner += [v for k, v in value.items() if type(v) in _NESTING and k not in _FREE]
        level = [value for value in inner if type(value) in _NESTING]
        if not level:
            return
    yield f"it is nested more than {MAX_DEPTH} deep"


def _unsound_table(table: Mapping[str, Any]) -> Iterator[str]:
    if table.get("clientRole") and not table.get("containerId"):
        yield "a role of a client does not say of which"
    for key in filter(_KINDS.__contains__, table):
        item = table[key]
        if item is not None and not _KINDS[key](item):
            yield f"its `{key}` is of another kind than Keycloak's"
