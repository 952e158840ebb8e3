"""Components: user federation, keys, policies for the registration of clients, and the like.

Keycloak has all of them in one list, whatever they lie in, and takes two of one name. A `PUT`
keeps what it is not sent of the `config`; an empty list takes an entry away, and ten asterisks, as
Keycloak gives them, keep a secret. But without the kinds of the component it is answered with 500
after it was done. Entries that a provider does not list are taken with a `POST` only, and are in
no answer.

A new LDAP provider brings mappers by itself, and takes all of its mappers along when it goes.
"""

from typing import Any, Final

from attrs import evolve

from kcplan.diagnostics import Path
from kcplan.offered import Listed
from kcplan.path_patterns import Pattern, path_matches
from kcplan.resource import (
    Origin,
    TypeSpec,
)
from kcplan.schema import Leaves
from kcplan.shapes import STRING, ListOf, MapOf, Object, template
from kcplan_keycloak import component_sections as sections
from kcplan_keycloak import components, forms
from kcplan_keycloak.bodies import Absent, Body
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.component_sections import MAPPERS
from kcplan_keycloak.components import ComponentType
from kcplan_keycloak.components_made import comes_with_ldap, comes_with_realm, made
from kcplan_keycloak.resource_type import Writing
from kcplan_keycloak.server_info import COMPONENT, COMPONENT_SETTING, COMPONENT_TYPE
from kcplan_keycloak.tickets import upset, will_be_for_tickets

_TEXTS: Final = ListOf(template("RANDOM"), without_empty=True)
"""A mapper of a user federation makes a random text of `${RANDOM}`."""


def _settings(names: str) -> tuple[tuple[str, str], ...]:
    return tuple(("config", name) for name in names.split())


SECRETS: Final = _settings("*[cC]redential *[pP]rivateKey *[sS]ecret *[pP]assword")

_MADE_KEYS: Final = _settings("*[pP]rivateKey *PublicKey certificate kid secret")
"""What a provider of keys makes by itself, unless a new one is told. It is in no answer."""


def _does_without(where: Path, leaves: Leaves) -> bool:
    """Whether a component can do without a secret: some providers make their keys themselves."""
    makes_keys = str(leaves.get(("providerId",), "")).endswith("-generated")
    return makes_keys and path_matches(where, _MADE_KEYS)


def _certificate(before: Leaves, after: Leaves) -> tuple[Pattern, ...]:
    """Keycloak takes a private key only together with its certificate, in one request."""
    where = ("config", "certificate")
    return () if before.get(where) == after.get(where) else (where,)


_ENABLES: Final = "Keycloak enables Kerberos in the flows that have it as a disabled step"
_DISABLES: Final = (
    "Keycloak disables Kerberos in all flows, also those that need it for another provider"
)


def _creation_notes(leaves: Leaves) -> tuple[str, ...]:
    """What Keycloak does besides: a provider that takes Kerberos tickets is used at once."""
    return _change_notes({}, leaves)


def _change_notes(before: Leaves, after: Leaves) -> tuple[str, ...]:
    """What Keycloak does besides, where a provider takes tickets from now on, or no more."""
    match will_be_for_tickets(before), will_be_for_tickets(after):
        case (False, True):
            return (_ENABLES,)
        case (True, False):
            return (_DISABLES,)
    return ()


_SHARED: Final[dict[str, Any]] = {
    "schema": Object(
        {"providerId": STRING, "providerType": STRING, "config": MapOf(_TEXTS)},
    ),
    "key": ("name",),
    "ignored": (("id",), ("parentId",)),
    "sensitive": SECRETS,
    "write_only": SECRETS,
    "initial": _MADE_KEYS,
    "does_without": _does_without,
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
    told_at="components",
    origin=Origin(comes_with_realm, filled=True, told=True),
    born=made,
    **_SHARED,
)

SPEC: Final = TypeSpec(
    name="component",
    pattern="REALM/components/TYPE/NAME",
    rank=23,
    where="components{}[name]",
    told_at="components",
    origin=Origin(comes_with_realm, filled=True, told=True),
    born=made,
    gather=sections.gather,
    forms=forms.components,
    scatter=sections.scatter,
    creation_notes=_creation_notes,
    change_notes=_change_notes,
    upsets=upset,
    lossy_delete=(
        "its secrets and its keys are lost, and the users that were imported with it are deleted",
    ),
    **_SHARED,
)

MAPPER: Final = TypeSpec(
    name="component-mapper",
    pattern=f"REALM/components/TYPE/NAME/{MAPPERS}/NAME",
    rank=24,
    where=f"components{{}}[name].{MAPPERS}[name]",
    told_at="components",
    origin=Origin(comes_with_ldap, filled=True, told=True),
    **_SHARED,
)


def _with_subtype(writing: Writing, body: Body) -> Body:
    """A component is told its subtype, which its address says."""
    return {**body, "subType": writing.address.parent.name}


def _with_parent(writing: Writing, body: Body) -> Body:
    """A mapper is told where it lies."""
    return {**body, "parentId": writing.id_of(writing.address.parent.parent)}


def _as_it_is(_: Writing, body: Body) -> Body:
    return body


_AT: Final = Collection(path="components", paged=False, unique=False)

TYPES: Final = tuple(
    ComponentType(spec=spec, at=evolve(_AT, naming=naming), puts=Absent.EMPTY, to_server=to_server)
    for spec, naming, to_server in (
        (POLICY, components.policy, _with_subtype),
        (SPEC, components.plain, _as_it_is),
        (MAPPER, components.mapper, _with_parent),
    )
)
