"""Clients, with their protocol mappers, scopes and flow overrides.

A `PUT` merges fields and attributes, but replaces protocol mappers, ignores scopes, and deletes all
authorization objects unless it says that the client has authorization services. So mappers
are added, changed and removed one by one through their own endpoints, scopes likewise. A client
can be created with all of it in one request.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import uuid4

from attrs import frozen

from kcplan.address import Address
from kcplan.diagnostics import Diagnostic, Path, error
from kcplan.provider import Image
from kcplan.resource import Reference, Resource, TypeSpec
from kcplan.schema import (
    ANY,
    BOOLEAN,
    INTEGER,
    STRING,
    STRING_MAP,
    STRINGS,
    Leaves,
    ListOf,
    MapOf,
    Named,
    Object,
    Shape,
    flatten,
)
from kcplan.snapshot import LiveObject
from kcplan_keycloak.api import Get, first_pages, path
from kcplan_keycloak.bodies import Body, merged
from kcplan_keycloak.built_in import account_name, is_built_in_client
from kcplan_keycloak.errors import NotFoundError
from kcplan_keycloak.resource_type import FEW, Reading, Writing

_TEXTS = """
    adminUrl baseUrl clientAuthenticatorType clientTemplate description name origin protocol
    registrationAccessToken rootUrl secret type
"""

_SWITCHES = """
    alwaysDisplayInConsole authorizationServicesEnabled bearerOnly consentRequired
    directAccessGrantsEnabled directGrantsOnly enabled frontchannelLogout fullScopeAllowed
    implicitFlowEnabled publicClient serviceAccountsEnabled standardFlowEnabled
    surrogateAuthRequired useTemplateConfig useTemplateMappers useTemplateScope
"""

MAPPER: Final = Object(
    {
        "id": STRING,
        "protocol": STRING,
        "protocolMapper": STRING,
        "consentRequired": BOOLEAN,
        "consentText": STRING,
        "config": STRING_MAP,
    }
)

_LONGEST_NAME: Final = 255

_AUTHORIZATION: Final = "authorizationServicesEnabled"

_SCOPES: Final = ListOf(STRING, owned=True)


def _shapes() -> dict[str, Shape]:
    shapes: dict[str, Shape] = dict.fromkeys(_TEXTS.split(), STRING)
    return {
        **shapes,
        **dict.fromkeys(_SWITCHES.split(), BOOLEAN),
        "attributes": STRING_MAP,
        "authenticationFlowBindingOverrides": STRING_MAP,
        "defaultClientScopes": _SCOPES,
        "defaultRoles": STRINGS,
        "nodeReRegistrationTimeout": INTEGER,
        "notBefore": INTEGER,
        "optionalClientScopes": _SCOPES,
        "protocolMappers": Named(MAPPER),
        "redirectUris": STRINGS,
        "registeredNodes": MapOf(ANY),
        "webOrigins": STRINGS,
    }


SCHEMA: Final = Object(_shapes())

_SERVER_MADE_ATTRIBUTES: Final = frozenset({"realm_client", "client.secret.creation.time"})


def _server_made(_: Address, where: Path, value: Any) -> bool:
    match where:
        case ("attributes", name):
            return name in _SERVER_MADE_ATTRIBUTES
        case ("defaultClientScopes",):
            return bool(value == "service_account")
    return False


def _references(resource: Resource) -> Iterator[Reference]:
    realm = resource.address.realm
    for where, value in resource.leaves.items():
        match where:
            case ("defaultClientScopes" | "optionalClientScopes",):
                for name in value:
                    if not _server_made(resource.address, where, name):
                        yield Reference(Address.of(realm, "client-scopes", name), where)
            case ("authenticationFlowBindingOverrides", _) if isinstance(value, str):
                yield Reference(Address.of(realm, "flows", value), where)


def _takes(resource: Resource) -> Iterator[str]:
    """The name of its service account, which is in lower case."""
    if resource.leaves.get(("serviceAccountsEnabled",)) is True:
        yield account_name(resource.address.name)


def _destroys(before: Leaves, after: Leaves) -> tuple[str, ...]:
    """What an update destroys: Keycloak does not keep it for the day it is switched on again."""

    def switched(name: str, to: object) -> bool:
        return before.get((name,)) is (not to) and after.get((name,)) is to

    lost = []
    if switched("serviceAccountsEnabled", to=False):
        lost.append("the service account goes, with its roles; a new one has another id (`sub`)")
    if switched("authorizationServicesEnabled", to=False):
        lost.append("all authorization resources, scopes, policies and permissions go")
    if switched("publicClient", to=True):
        lost.append("the client's secret goes")
    return tuple(lost)


def _check(resource: Resource) -> Iterator[Diagnostic]:
    leaves = resource.leaves
    accounts = leaves.get(("serviceAccountsEnabled",))
    if leaves.get(("authorizationServicesEnabled",)) is True and accounts is False:
        yield error(
            "authorization-needs-service-account",
            f"client {resource.address.name} has authorization services and no service account",
            "Keycloak answers such a client with an internal error. Set `serviceAccountsEnabled` "
            "to true, or leave `authorizationServicesEnabled` off.",
            address=resource.address,
            path=("authorizationServicesEnabled",),
            source=resource.source(("authorizationServicesEnabled",)),
        )
    account = account_name(resource.address.name)
    if accounts is True and len(account) > _LONGEST_NAME:
        yield error(
            "name-too-long",
            f"the service account of client {resource.address.name[:40]}… would have a name of "
            f"{len(account)} characters",
            f"It is called `service-account-` and the clientId, and at most {_LONGEST_NAME} "
            "characters are possible. Choose a shorter clientId, or set `serviceAccountsEnabled` "
            "to false.",
            address=resource.address,
            path=("serviceAccountsEnabled",),
            source=resource.source(("serviceAccountsEnabled",)),
        )
    if leaves.get(("publicClient",)) is True and accounts is True:
        yield error(
            "service-account-public-client",
            f"client {resource.address.name} is public and cannot have a service account",
            "A service account logs in with the client's secret, and a public client has none. "
            "Set `publicClient` to false, or `serviceAccountsEnabled` to false.",
            address=resource.address,
            path=("serviceAccountsEnabled",),
            source=resource.source(("serviceAccountsEnabled",)),
        )


SPEC: Final = TypeSpec(
    name="client",
    pattern="REALM/clients/CLIENT_ID",
    rank=30,
    section=("clients", "[clientId]"),
    schema=SCHEMA,
    key=("clientId",),
    ignored=(("id",), ("access",), ("protocolMappers", "*", "id")),
    sensitive=(
        ("secret",),
        ("registrationAccessToken",),
        ("attributes", "client.secret.rotated"),
        ("attributes", "saml.*.private.key"),
    ),
    chooses_id=True,
    server_made=_server_made,
    references=_references,
    comes_filled=True,
    comes_with=lambda address: (
        is_built_in_client(address.realm, address.name)
        if address.segments[1:2] == ("clients",) and len(address.segments) == 3  # noqa: PLR2004
        else False
    ),
    permanent=lambda address: is_built_in_client(address.realm, address.segments[-1]),
    takes=_takes,
    destroys=_destroys,
    lossy_delete=("its sessions and its users' consents are lost",),
    check=_check,
)


@frozen
class ClientType:
    """Clients through `/admin/realms/{realm}/clients`."""

    spec: TypeSpec = SPEC

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The wanted clients: a few by their clientId, many in pages."""
        if _few(reading):
            batches = reading.api.map(
                lambda get: reading.api.get(get.path, **get.params) or [], self.foreseen(reading)
            )
            clients = [client for batch in batches for client in batch]
        else:
            at = path("realms", reading.realm, "clients")
            clients = reading.api.pages(at, len(reading.wanted))
        for client in clients:
            address = Address.of(reading.realm, "clients", client["clientId"])
            reading.names.learn(address, client["id"])
            if address in reading.wanted or reading.unmanaged:
                yield LiveObject(address, SPEC.name, client["id"], _leaves(reading, client))

    def foreseen(self, reading: Reading) -> Iterable[Get]:
        """All that clients are read with."""
        at = path("realms", reading.realm, "clients")
        if not _few(reading):
            return first_pages(at, len(reading.wanted))
        return [Get(at, {"clientId": address.name}) for address in reading.wanted]

    def create(self, writing: Writing) -> str | None:
        """Create the client with everything in it, in one request."""
        realm = writing.address.realm
        body = merged(SCHEMA, {}, writing.step.after)
        body |= {"id": writing.step.object_id, "clientId": writing.address.name}
        if mappers := body.get("protocolMappers"):
            body["protocolMappers"] = [
                {"protocol": "openid-connect", **mapper, "name": name}
                for name, mapper in mappers.items()
            ]
        else:
            body.pop("protocolMappers", None)
        if overrides := body.get("authenticationFlowBindingOverrides"):
            body["authenticationFlowBindingOverrides"] = _flow_ids(writing, overrides)
        writing.api.post(path("realms", realm, "clients"), body)
        return writing.step.object_id

    def update(self, writing: Writing) -> str | None:
        """Write the changed fields, then mappers and scopes one by one."""
        at = path("realms", writing.address.realm, "clients", writing.object_id())
        own = {
            p: v
            for p, v in writing.step.after.items()
            if p[0] not in {"protocolMappers", "defaultClientScopes", "optionalClientScopes"}
        }
        if own:
            new_name = own.pop(("clientId",), None)
            body = _with_authorization(writing, at, merged(SCHEMA, {}, own, drop=False))
            if overrides := body.get("authenticationFlowBindingOverrides"):
                body["authenticationFlowBindingOverrides"] = _flow_ids(writing, overrides)
            writing.api.put(at, {**body, "clientId": new_name or writing.address.name})
            self._renamed(writing)
        _write_mappers(writing, at)
        _write_scopes(writing, at)
        return writing.step.object_id

    def _renamed(self, writing: Writing) -> None:
        if ("clientId",) in writing.step.after:
            before = str(writing.step.before["clientId",])
            object_id = writing.object_id()
            writing.names.forget(Address.of(writing.address.realm, "clients", before))
            writing.names.learn(writing.address, object_id)

    def delete(self, writing: Writing) -> None:
        """Delete the client, and with it its roles, account and authorization objects."""
        writing.api.delete(path("realms", writing.address.realm, "clients", writing.object_id()))
        writing.names.forget(writing.address)

    def capture(self, writing: Writing) -> Image | None:
        """The client with all that lies in it and all that points to its roles."""
        from kcplan_keycloak.images import capture_client

        return capture_client(writing)

    def restore(self, writing: Writing, image: Image) -> Mapping[Address, str]:
        """Create the client again under its old id, with all that was in it."""
        from kcplan_keycloak.images import restore_client

        return restore_client(writing, image)


def _few(reading: Reading) -> bool:
    return len(reading.wanted) <= FEW and not reading.unmanaged


def _with_authorization(writing: Writing, at: str, body: Body) -> Body:
    """The body with authorization services as they are: left out, they would be switched off."""
    if _AUTHORIZATION in body:
        return body
    there = writing.api.get(at)
    if there is None:
        raise NotFoundError(
            f"{writing.address} is no longer in Keycloak",
            "It was deleted since the plan was made. Run plan again.",
        )
    return {_AUTHORIZATION: there.get(_AUTHORIZATION, False), **body}


def _leaves(reading: Reading, client: Mapping[str, Any]) -> Leaves:
    """A client as leaves: known fields, flows by alias."""
    from kcplan.resource import path_matches
    from kcplan.secret import Secret

    # Keycloak leaves this one out where it is off.
    document: dict[str, Any] = {_AUTHORIZATION: False}
    document |= {key: client[key] for key in SCHEMA.fields if key in client}
    if overrides := document.get("authenticationFlowBindingOverrides"):
        document["authenticationFlowBindingOverrides"] = {
            kind: _flow_alias(reading, flow) for kind, flow in overrides.items()
        }
    return {
        where: Secret(value)
        if isinstance(value, str) and path_matches(where, SPEC.sensitive)
        else value
        for where, value in flatten(SCHEMA, document).items()
    }


def _flow_alias(reading: Reading, flow: str) -> str:
    seen = reading.names.address_of(reading.realm, flow)
    if seen is None:
        # Reading any flow by its alias reads them all.
        reading.names.find(Address.of(reading.realm, "flows", "browser"))
        seen = reading.names.address_of(reading.realm, flow)
    return seen.name if seen else flow


def _flow_ids(writing: Writing, overrides: Mapping[str, str]) -> dict[str, str]:
    """Flow overrides by id; an empty text removes one (an empty map is ignored)."""
    realm = writing.address.realm
    return {
        kind: writing.id_of(Address.of(realm, "flows", alias)) if alias else ""
        for kind, alias in overrides.items()
    }


def _write_mappers(writing: Writing, client: str) -> None:
    """Add, change and remove protocol mappers, one by one.

    They are read with the client: their own endpoint adds defaults, which would be written then.
    """
    touched = {p[1] for p in writing.step.after if p[0] == "protocolMappers" and len(p) > 1}
    if not touched:
        return
    at = f"{client}/protocol-mappers/models"
    found = (writing.api.get(client) or {}).get("protocolMappers", ())
    there = {mapper["name"]: mapper for mapper in found}
    for name in sorted(touched):
        entry = ("protocolMappers", name)
        leaves = {p[2:]: v for p, v in writing.step.after.items() if p[:2] == entry}
        present = there.get(name)
        if _is_removed(leaves):
            if present is not None:
                _delete_mapper(writing, f"{at}/{present['id']}")
            continue
        whole = leaves.pop((), None)
        body = merged(MAPPER, whole or present or {"protocol": "openid-connect"}, leaves)
        if present is None:
            writing.api.post(at, {"id": str(uuid4()), **body, "name": name})
        else:
            writing.api.put(f"{at}/{present['id']}", {**body, "name": name, "id": present["id"]})


def _is_removed(leaves: Leaves) -> bool:
    """Whether the mapper goes: as a whole, or (undoing its creation) with all of its fields."""
    return any(where in leaves and leaves[where] is None for where in ((), ("protocolMapper",)))


def _delete_mapper(writing: Writing, at: str) -> None:
    try:
        writing.api.delete(at)
    except NotFoundError:
        return


def _write_scopes(writing: Writing, at: str) -> None:
    """Attach and detach client scopes. One that changes sides is detached first."""
    realm = writing.address.realm
    wanted: list[tuple[str, str]] = []
    for field, kind in (
        ("defaultClientScopes", "default-client-scopes"),
        ("optionalClientScopes", "optional-client-scopes"),
    ):
        if (field,) not in writing.step.after:
            continue
        before = set(writing.step.before.get((field,)) or ())
        after = set(writing.step.after[field,] or ())
        for name in sorted(before - after):
            scope = writing.id_of(Address.of(realm, "client-scopes", name))
            writing.api.delete(f"{at}/{kind}/{scope}")
        wanted += [(kind, name) for name in sorted(after - before)]
    for kind, name in wanted:
        scope = writing.id_of(Address.of(realm, "client-scopes", name))
        writing.api.put(f"{at}/{kind}/{scope}")


TYPES: Final = (ClientType(),)
