"""Admin permissions: which administrators may do what with which objects of the realm.

Keycloak has them among the policies of the client `admin-permissions`. `resources` is below the
type that they are of, as a name says nothing without it: `{"Clients": ["orders"]}`; an empty list
is all of that type.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, error
from kcplan.offered import Listed
from kcplan.resource import Resource, TypeSpec
from kcplan.schema import Leaves
from kcplan.shapes import STRING, STRINGS, ListOf, Object, Ref
from kcplan_keycloak.admin_permissions import (
    AdminType,
    admin_collection,
    requires_admin_permissions,
)
from kcplan_keycloak.authz import (
    DECISION_STRATEGY,
    LOGIC,
    TERMS,
    Document,
    Glossary,
    Term,
    client_of,
    server_path,
)
from kcplan_keycloak.authz_policies import (
    POLICIES,
    POLICY_DEFAULTS,
    RESOURCES,
    SCOPES,
    one_writer,
)
from kcplan_keycloak.bodies import Body, written
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Writing
from kcplan_keycloak.resources.group import GROUP
from kcplan_keycloak.resources.service_account import USER
from kcplan_keycloak.server_info import ADMIN_RESOURCE_TYPE, ADMIN_SCOPE

_FIELDS: Final = ("description", "logic", "decisionStrategy")

_ORGANIZATIONS: Final = Term(
    lambda permission, name: (Address.of(permission.realm, "organizations", name),),
    lambda address: address.name,
    lambda book, i: book.simple("organizations", "alias", i),
)

KINDS: Final[Mapping[str, tuple[Ref, Term]]] = {
    "Clients": (TERMS["clients"].ref("client"), TERMS["clients"]),
    "Groups": (GROUP, TERMS["groups"]),
    "Organizations": (_ORGANIZATIONS.ref("organization"), _ORGANIZATIONS),
    "Roles": (TERMS["roles"].ref("role"), TERMS["roles"]),
    "Users": (USER, TERMS["users"]),
}
"""The resource types, with the shape of a name of such an object, and how it says which."""


SCHEMA: Final = Object(
    {
        "description": STRING,
        "resourceType": STRING,
        "resources": Object(
            {kind: ListOf(shape) for kind, (shape, _) in KINDS.items()},
        ),
        "scopes": STRINGS,
        "policies": ListOf(Ref(type="admin-policy")),
        "logic": LOGIC,
        "decisionStrategy": DECISION_STRATEGY,
    },
    closed=True,
)


def _check(resource: Resource) -> Iterator[Diagnostic]:
    strategy = resource.leaves.get(("decisionStrategy",))
    if strategy not in (None, "UNANIMOUS"):
        yield error(
            "wrong-type",
            f"decisionStrategy of an admin permission must be UNANIMOUS, not {strategy}",
            "Keycloak takes no other: all policies of a permission must agree. To have one of them "
            "suffice, write a policy with `policies` and `decisionStrategy: AFFIRMATIVE`, and name "
            "that one.",
            path=("decisionStrategy",),
        )


def _notes(leaves: Leaves) -> tuple[str, ...]:
    kind = leaves.get(("resourceType",))
    if leaves.get(("resources", str(kind))):
        return ()
    return (f"it is for all {str(kind).lower()} of the realm, those to come as well",)


def _change_notes(before: Leaves, after: Leaves) -> tuple[str, ...]:
    """That a list which becomes empty means all objects, and not none."""
    return _notes(after) if after and not _notes(before) else ()


SPEC: Final = TypeSpec(
    name="admin-permission",
    pattern="REALM/permissions/admin/NAME",
    rank=67,
    where="permissions.admin[name]",
    told_at="authz",
    schema=SCHEMA,
    key=("name",),
    immutable=(("resourceType",),),
    listed=(
        Listed(("resourceType",), ADMIN_RESOURCE_TYPE),
        Listed(("scopes",), ADMIN_SCOPE, of="resourceType"),
    ),
    chooses_id=True,
    namespace="admin policy",
    requires=requires_admin_permissions,
    check=_check,
    creation_notes=_notes,
    change_notes=_change_notes,
    defaults=lambda _: POLICY_DEFAULTS,
    guarded=POLICY_DEFAULTS,
)


def _document(book: Glossary, server: str, policy: Mapping[str, Any]) -> Document:
    """A permission as files have it, from what the Admin API gives."""
    kind = policy.get("config", {}).get("defaultResourceType") or policy.get("resourceType")
    document = {key: policy[key] for key in _FIELDS if key in policy}
    ids = RESOURCES.names(book.api, server, policy)
    if kind is not None:
        names = [] if ids == [kind] else [_name(book, kind, object_id) for object_id in ids]
        document |= {"resourceType": kind, "resources": {kind: names}}
    document["scopes"] = SCOPES.names(book.api, server, policy)
    document["policies"] = POLICIES.names(book.api, server, policy)
    return document


def _name(book: Glossary, kind: str, object_id: str) -> str:
    return book.name(KINDS[kind][1], object_id) if kind in KINDS else object_id


def _body(writing: Writing, document: Mapping[str, Any]) -> Body:
    """A permission as its own end point takes it: all by ids."""
    kind = str(document["resourceType"])
    names = document.get("resources", {}).get(kind) or []
    policies = document.get("policies") or []
    found = [TERMS["applyPolicies"].addresses(writing.address, name)[0] for name in policies]
    return {
        **{key: document[key] for key in _FIELDS if key in document},
        "resourceType": kind,
        "resources": [_id(writing, kind, name) for name in names] or [kind],
        "scopes": document.get("scopes", []),
        "policies": [writing.id_of(policy) for policy in found],
    }


def _id(writing: Writing, kind: str, name: str) -> str:
    if kind not in KINDS:
        return name
    return writing.id_of(KINDS[kind][1].addresses(writing.address, name)[0])


@frozen(kw_only=True)
class AdminPermissionType(AdminType):
    """Permissions, which have their fields in the place of a `config`."""

    def _document(self, names: Names, address: Address, body: Mapping[str, Any]) -> Body:
        server = server_path(address.realm, names.id_of(client_of(address)))
        return _document(Glossary(names.api, names, client_of(address)), server, body)

    def _make(self, writing: Writing, body: Body) -> str | None:
        # Keycloak makes the resource of an object with the first permission that is for it, and
        # answers 409 to another one that comes meanwhile.
        with one_writer(writing):
            return writing.api.post(_own_end_point(self._collection(writing)), body)

    def _put(self, writing: Writing, at: str, own: Leaves) -> None:
        changed = {p: v for p, v in own.items() if p != self.spec.key}
        with one_writer(writing):
            there = self._carried_along(writing, at)
            document = written(self.spec.schema, there, changed, self.puts)
            writing.api.put(_own_end_point(at), self._sent(writing, document))

    def _sent(self, writing: Writing, body: Body) -> Body:
        return {**_body(writing, body), "name": self._new_name(writing)}


def _own_end_point(at: str) -> str:
    """Where permissions are written: there Keycloak checks what they say."""
    return at.replace("/authz/resource-server/policy", "/authz/resource-server/permission/scope")


TYPES: Final = (
    AdminPermissionType(
        spec=SPEC,
        at=admin_collection(),
        part=POLICIES,
        queries=({"permission": "true", "type": "scope", "fields": "*"},),
    ),
)
