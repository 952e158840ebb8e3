"""Components: user federation, keys, policies for the registration of clients, and the like.

Keycloak has all of them in one list, whatever they lie in, and takes two of one name. A `PUT`
keeps what it is not sent of the `config`; an empty list takes an entry away, and ten asterisks, as
Keycloak gives them, keep a secret. But without the kinds of the component it is answered with 500
after it was done. Entries that a provider does not know are kept, and are in no answer.

A new LDAP provider brings mappers by itself, and takes all of its mappers along when it goes.
"""

from collections.abc import Mapping
from typing import Any, Final

from attrs import evolve

from kcplan.offered import Listed
from kcplan.provider import Image
from kcplan.resource import Origin, Pattern, TypeSpec
from kcplan.schema import Leaves
from kcplan.shapes import STRING, STRINGS, MapOf, Object
from kcplan_keycloak import component_sections as sections
from kcplan_keycloak.api import path
from kcplan_keycloak.bodies import Absent, Body
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.component_sections import MAPPERS, last_word
from kcplan_keycloak.components_made import comes_with_ldap, comes_with_realm, made
from kcplan_keycloak.masks import without_masks
from kcplan_keycloak.resource_type import Writing
from kcplan_keycloak.rest import RestType
from kcplan_keycloak.server_info import COMPONENT, COMPONENT_SETTING, COMPONENT_TYPE

_Component = Mapping[str, Any]


def _settings(names: str) -> tuple[tuple[str, str], ...]:
    return tuple(("config", name) for name in names.split())


SECRETS: Final = _settings("*[cC]redential *[pP]rivateKey *[sS]ecret *[pP]assword")

_MADE_KEYS: Final = _settings("*[pP]rivateKey *PublicKey certificate kid secret")
"""What a provider of keys makes by itself, unless a new one is told. It is in no answer."""


def _certificate(before: Leaves, after: Leaves) -> tuple[Pattern, ...]:
    """Keycloak takes a private key only together with its certificate, in one request."""
    where = ("config", "certificate")
    return () if before.get(where) == after.get(where) else (where,)


_SHARED: Final[dict[str, Any]] = {
    "schema": Object(
        {"providerId": STRING, "providerType": STRING, "config": MapOf(STRINGS)},
    ),
    "key": ("name",),
    "ignored": (("id",), ("parentId",)),
    "sensitive": SECRETS,
    "write_only": SECRETS,
    "initial": _MADE_KEYS,
    "drops_secrets": _certificate,
    "immutable": (("providerId",), ("providerType",)),
    "listed": (
        Listed(("providerType",), COMPONENT_TYPE),
        Listed(("providerId",), COMPONENT, beside="providerType"),
        Listed(("config", "*"), COMPONENT_SETTING, of="providerId", keys=True, binding=False),
    ),
    "chooses_id": True,
    "unsupported": {
        "subComponents": "kcplan manages what lies in a component without a subtype, and no deeper."
    },
}

POLICY: Final = TypeSpec(
    name="registration-policy",
    pattern="REALM/components/TYPE/SUBTYPE/NAME",
    rank=22,
    where="components{}[subType,name]",
    origin=Origin(comes_with_realm, filled=True, told=True),
    born=made,
    **_SHARED,
)

SPEC: Final = TypeSpec(
    name="component",
    pattern="REALM/components/TYPE/NAME",
    rank=23,
    where="components{}[name]",
    origin=Origin(comes_with_realm, filled=True, told=True),
    born=made,
    gather=sections.gather,
    scatter=sections.scatter,
    lossy_delete=(
        "its secrets and its keys are lost, and the users that were imported with it are deleted",
    ),
    **_SHARED,
)

MAPPER: Final = TypeSpec(
    name="component-mapper",
    pattern=f"REALM/components/TYPE/PARENT/{MAPPERS}/NAME",
    rank=24,
    where=f"components{{}}[name].{MAPPERS}[name]",
    origin=Origin(comes_with_ldap, filled=True, told=True),
    **_SHARED,
)


def _policy(body: _Component, every: Mapping[str, _Component]) -> tuple[str, ...] | None:
    if body.get("parentId") in every or not body.get("subType"):
        return None
    return last_word(body["providerType"]), body["subType"], body["name"]


def _plain(body: _Component, every: Mapping[str, _Component]) -> tuple[str, ...] | None:
    if body.get("parentId") in every or body.get("subType"):
        return None
    if body["providerType"] == sections.USER_PROFILE:
        return None
    return last_word(body["providerType"]), body["name"]


def _mapper(body: _Component, every: Mapping[str, _Component]) -> tuple[str, ...] | None:
    parent = every.get(body.get("parentId", ""))
    above = None if parent is None else _plain(parent, every)
    return None if above is None else (*above, body["name"])


def _to_server(writing: Writing, body: Body) -> Body:
    """A new component is told where it lies, and its subtype, which its address says."""
    names = writing.address.segments
    if POLICY.fits(writing.address):
        return {**body, "subType": names[3]}
    if MAPPER.fits(writing.address):
        return {**body, "parentId": writing.id_of(writing.address.parent.parent)}
    return body


class ComponentType(RestType):
    """Components, which come back with all that lay in them."""

    def image(
        self, writing: Writing, at: str, body: Body, pointers: list[str] | None = None
    ) -> Image:
        """What brings back a component: what lies in it as well."""
        found = super().image(writing, at, body, pointers)
        return {**found, "carried": self._inside(writing, body["id"])}

    def _inside(self, writing: Writing, object_id: str) -> list[Body]:
        return writing.api.get(self._collection(writing), parent=object_id) or []

    def _carry_back(self, writing: Writing, at: str, image: Image) -> None:
        """Bring back what lay in it, in the place of what Keycloak has just made by itself."""
        collection, holder = self._collection(writing), at.rpartition("/")[2]
        there = {item["id"] for item in self._inside(writing, holder)}
        before = {item["id"]: item for item in image["carried"]}
        for object_id in there - before.keys():
            writing.api.delete(f"{collection}/{path(object_id)}")
        for object_id in before.keys() - there:
            writing.api.post(collection, without_masks(before[object_id]))


_AT: Final = Collection(path="components", paged=False, unique=False, naming=_plain)
_TYPES: Final = ((POLICY, _policy), (SPEC, _plain), (MAPPER, _mapper))

TYPES: Final = tuple(
    ComponentType(
        spec=spec,
        at=evolve(_AT, naming=naming),
        puts=Absent.EMPTY,
        to_server=_to_server,
    )
    for spec, naming in _TYPES
)
