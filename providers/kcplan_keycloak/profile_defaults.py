"""The user profile that Keycloak gives to a new realm, as the Admin API has it."""

from collections.abc import Mapping
from typing import Any, Final

_EVERYBODY: Final = {"view": ["admin", "user"], "edit": ["admin", "user"]}
_FOR_USERS: Final = {"roles": ["user"]}


def _attribute(name: str, validations: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "displayName": f"${{{name}}}",
        "permissions": _EVERYBODY,
        "multivalued": False,
        "validations": validations,
        **more,
    }


_USERNAME: Final = {
    "length": {"min": 3, "max": 255},
    "username-prohibited-characters": {},
    "up-username-not-idn-homograph": {},
}
_EMAIL: Final = {"email": {}, "length": {"max": 255}}
_PERSON: Final = {"length": {"max": 255}, "person-name-prohibited-characters": {}}

PROFILE: Final[Mapping[str, Any]] = {
    "attributes": [
        _attribute("username", _USERNAME),
        _attribute("email", _EMAIL, required=_FOR_USERS),
        _attribute("firstName", _PERSON, required=_FOR_USERS),
        _attribute("lastName", _PERSON, required=_FOR_USERS),
    ],
    "groups": [
        {
            "name": "user-metadata",
            "displayHeader": "User metadata",
            "displayDescription": "Attributes, which refer to user metadata",
        }
    ],
}
