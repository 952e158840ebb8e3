"""The user profile of a realm: which attributes users have, in which order, and who may edit them.

A `PUT` replaces all of it, so it carries what is there. Keycloak wants `username` and `email` in
it, which are there from the start. An attribute without `required` is required of nobody; one with
an empty `required` of everybody.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, Path, error
from kcplan.offered import Listed
from kcplan.order import arranged
from kcplan.path_patterns import path_matches
from kcplan.plan import Step
from kcplan.provider import Image
from kcplan.resource import (
    SOMETHING,
    Origin,
    Requirement,
    Resource,
    TypeSpec,
)
from kcplan.schema import flatten
from kcplan.shapes import (
    ANY,
    BOOLEAN,
    STRING,
    ListOf,
    MapOf,
    Named,
    Object,
    Ref,
    Whole,
    choice,
)
from kcplan.snapshot import LiveObject
from kcplan_keycloak.api import Get, path
from kcplan_keycloak.bodies import Absent, Body, written
from kcplan_keycloak.names import Names
from kcplan_keycloak.profile_defaults import PROFILE
from kcplan_keycloak.resource_type import Part, Reading, Writing, read_current
from kcplan_keycloak.server_info import VALIDATOR

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_WHO: Final = ListOf(choice("admin", "user"))
_SCOPES: Final = ListOf(Ref(type="client-scope", follows=False))
_ANNOTATIONS: Final = MapOf(ANY)

ATTRIBUTES: Final = "attributes"
_GROUPS: Final = "groups"
_GROUP_OF_ATTRIBUTE: Final = (ATTRIBUTES, "*", "group")

_ATTRIBUTE: Final = Object(
    {
        "name": STRING,
        "displayName": STRING,
        "group": STRING,
        "multivalued": BOOLEAN,
        "defaultValue": STRING,
        "permissions": Object({"view": _WHO, "edit": _WHO}),
        "required": Whole(Object({"roles": _WHO, "scopes": _SCOPES})),
        "selector": Object({"scopes": _SCOPES}),
        "validations": MapOf(Whole(Object(others=ANY))),
        "annotations": _ANNOTATIONS,
    }
)
_GROUP: Final = Object(
    {
        "name": STRING,
        "displayHeader": STRING,
        "displayDescription": STRING,
        "annotations": _ANNOTATIONS,
    }
)

SCHEMA: Final = Object(
    {
        ATTRIBUTES: Named(_ATTRIBUTE, order="order of attributes"),
        _GROUPS: Named(_GROUP, order="order of groups"),
        "unmanagedAttributePolicy": choice("ENABLED", "ADMIN_VIEW", "ADMIN_EDIT"),
    }
)

_DEFAULTS: Final = flatten(SCHEMA, PROFILE)


def _groups_of_attributes(profile: Resource) -> Iterator[Requirement]:
    """Keycloak refuses an attribute in a group that the profile does not have."""
    for where, value in profile.leaves.items():
        if path_matches(where, (_GROUP_OF_ATTRIBUTE,)) and isinstance(value, str):
            yield Requirement(
                address=profile.address,
                path=(_GROUPS, value, "name"),
                value=SOMETHING,
                code="unknown-reference",
                summary=f"the attribute {where[1]} is in the group {value}, which the user profile "
                "does not have",
                detail=f"Declare the group in `{_GROUPS}`, or correct the name.",
                source_path=where,
                open=True,
            )


def _check(profile: Resource) -> Iterator[Diagnostic]:
    """What Keycloak refuses of names."""
    for where in profile.leaves:
        match where:
            case (first, name, "name") if first == ATTRIBUTES and not _NAME.fullmatch(name):
                yield error(
                    "invalid-name",
                    f"an attribute of users cannot be called {name!r}",
                    "Keycloak takes letters from a to z, digits, and `.`, `_` and `-`.",
                    path=where,
                )


SPEC: Final = TypeSpec(
    name="user-profile",
    pattern="REALM/user-profile",
    rank=18,
    where="userProfile",
    schema=SCHEMA,
    fixed_name="It is the only one of its realm",
    origin=Origin(lambda _, __: True, filled=True, told=True),
    born=lambda _: _DEFAULTS,
    defaults=lambda _: _DEFAULTS,
    lacked={(ATTRIBUTES, "*", "defaultValue"): (26, 3)},
    lasting={(ATTRIBUTES, "username"): None, (ATTRIBUTES, "email"): None},
    listed=(Listed((ATTRIBUTES, "*", "validations", "*"), VALIDATOR, keys=True),),
    requires=_groups_of_attributes,
    check=_check,
)


def _at(realm: str) -> str:
    return path("realms", realm, "users", "profile")


@frozen
class UserProfileType:
    """User profiles through `/users/profile`."""

    spec: TypeSpec = SPEC
    parts: tuple[Part, ...] = ()

    def path_of(self, address: Address, object_id: str | None) -> str:  # noqa: ARG002
        """The path of a realm's profile."""
        return _at(address.realm)

    def find(self, names: Names, address: Address) -> None:
        """A profile is there where its realm is, and has no other id."""
        realm_id = names.find(Address.of(address.realm))
        if realm_id is not None:
            names.learn(address, realm_id)

    def foreseen(self, reading: Reading) -> Iterable[Get]:
        """The profile, where it is wanted."""
        return [Get(_at(reading.realm))] if reading.wanted else []

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The profile, where it is wanted."""
        if not reading.wanted and not reading.everything:
            return
        found = reading.api.get(_at(reading.realm))
        realm = Address.of(reading.realm)
        if found is not None:
            address, leaves = realm.child(SPEC.name), flatten(SCHEMA, _document(found))
            yield LiveObject(address, SPEC.name, reading.names.known(realm), leaves)

    def create(self, writing: Writing) -> str | None:
        """Bring the profile, which Keycloak makes itself, to what the files say."""
        return self.update(writing)

    def update(self, writing: Writing) -> str | None:
        """Write the changed fields into the profile as it is, and send it whole."""
        at = _at(writing.address.realm)
        body = written(SCHEMA, read_current(writing, at), writing.step.after, Absent.LEFT_OUT)
        writing.api.put(at, body)
        return writing.step.object_id

    def delete(self, _: Writing) -> None:
        """Leave it: it goes with the realm."""

    def leaves_behind(self, _: Step) -> bool:
        """What goes from a list comes back to its place in it only from what was read before."""
        return True

    def capture(self, writing: Writing) -> Image | None:
        """The profile as it is."""
        return {"body": read_current(writing, _at(writing.address.realm))}

    def restore(self, writing: Writing, image: Image) -> None:
        """Write back what the step wrote, and leave what others wrote meanwhile."""
        at = _at(writing.address.realm)
        now = read_current(writing, at)
        writing.api.put(at, _put_back(image["body"], now, writing.step.after))


def _document(found: Mapping[str, Any]) -> Body:
    """The fields of a profile, without tables that say nothing."""
    return {
        key: [_without_empty(entry) for entry in value] if isinstance(value, list) else value
        for key, value in found.items()
        if key in SCHEMA.fields
    }


def _without_empty(entry: Mapping[str, Any]) -> Body:
    # Only `required` says something where there is nothing in it.
    return {key: value for key, value in entry.items() if value != {} or key == "required"}


def _put_back(then: Body, now: Body, paths: Iterable[Path]) -> Body:
    """A profile as it is now, with what is at these paths as it was."""
    body = dict(now)
    for name in {where[0] for where in paths if len(where) == 1}:
        body.pop(name, None)
        if name in then:
            body[name] = then[name]
    for name in (ATTRIBUTES, _GROUPS):
        old, there = ({i["name"]: i for i in of.get(name) or ()} for of in (then, now))
        for entry in {where[1] for where in paths if where[0] == name and len(where) > 1}:
            there.pop(entry, None)
            if entry in old:
                there[entry] = old[entry]
        body[name] = [there[entry] for entry in arranged(list(there), list(old))]
    return body


TYPES: Final = (UserProfileType(),)
