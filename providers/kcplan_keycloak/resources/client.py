"""Clients, with their protocol mappers, scopes and flow overrides.

A `PUT` merges fields and attributes, but replaces protocol mappers, ignores scopes, deletes all
authorization objects unless it says that the client has authorization services, and makes web
origins of the redirect addresses unless it says that there are none. So mappers are added, changed
and removed one by one through their own endpoints, scopes likewise. A client can be created with
all of it in one request.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.agreement import Agreement
from kcplan.diagnostics import Diagnostic, Path, error, warning
from kcplan.mirrors import Mirror
from kcplan.offered import Listed
from kcplan.plan import Operation, Step
from kcplan.provider import Image
from kcplan.resource import Idle, Origin, Requirement, Resource, TypeSpec, Unmanaged
from kcplan.schema import Leaves
from kcplan.shapes import (
    ANY,
    BOOLEAN,
    INTEGER,
    STRING,
    STRING_MAP,
    ListOf,
    MapOf,
    Named,
    Object,
    Ref,
    Shape,
)
from kcplan.snapshot import LiveObject
from kcplan_keycloak import (
    client_addresses,
    client_attributes,
    client_policies,
    default_roles,
    management,
    mappers,
    scope_mappings,
    sight,
    switching,
)
from kcplan_keycloak.api import path
from kcplan_keycloak.bodies import Absent, Body
from kcplan_keycloak.built_in import account_name, is_built_in_client
from kcplan_keycloak.cascade import all_clients
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.grants import GRANTS
from kcplan_keycloak.mappers import LISTED, MAPPERS
from kcplan_keycloak.names import Names
from kcplan_keycloak.parts import Links, RoleSet
from kcplan_keycloak.resource_type import Holders, Writing, read_current
from kcplan_keycloak.rest import RestType
from kcplan_keycloak.roles import given
from kcplan_keycloak.scope_lists import OPENID, in_both, usual_protocol
from kcplan_keycloak.server_info import CLIENT_AUTHENTICATOR, SIGNATURE_ALGORITHM, theme

_TEXTS = """
    adminUrl baseUrl clientAuthenticatorType description name protocol registrationAccessToken
    rootUrl secret type
"""

_SWITCHES = """
    alwaysDisplayInConsole authorizationServicesEnabled bearerOnly consentRequired
    directAccessGrantsEnabled enabled frontchannelLogout fullScopeAllowed implicitFlowEnabled
    publicClient serviceAccountsEnabled standardFlowEnabled surrogateAuthRequired
"""

_LOG_INS: Final = """
    bearerOnly directAccessGrantsEnabled implicitFlowEnabled publicClient serviceAccountsEnabled
    standardFlowEnabled
"""
"""How tokens are got through a client: whether with its secret, and with which flows."""

_FLOW_ATTRIBUTES: Final = """
    oauth2.device.authorization.grant.enabled oidc.ciba.grant.enabled
    standard.token.exchange.enabled
"""
"""The switches of further flows, which Keycloak keeps as attributes."""

_LOG_IN: Final = "clientAuthenticatorType"
_USUAL_LOG_IN: Final = "client-secret"
"""How clients log in that do not say so. A policy may put its default in the place of this one; in
that of another one it would, too, if an update left that out."""

_LONGEST_NAME: Final = 255

_AUTHORIZATION: Final = "authorizationServicesEnabled"

_WITHOUT_SERVICES: Final = ("bearerOnly", "publicClient")
"""Switches with which Keycloak ends a client's authorization services."""

_FLOWS: Final = "authenticationFlowBindingOverrides"
_BINDINGS: Final = frozenset({"browser", "direct_grant"})
"""The flows that Keycloak lets a client override. It keeps others, and never looks at them."""

_ADDRESSES: Final = ListOf(STRING, without_empty=True)

_SCOPE: Final = Ref(type="client-scope")
_SCOPES: Final = ListOf(_SCOPE, owned=True)
_LINKS: Final = Links(
    _SCOPE,
    {
        "defaultClientScopes": "default-client-scopes",
        "optionalClientScopes": "optional-client-scopes",
    },
    held=all_clients,
)


_ROLE_SCOPE: Final = RoleSet(
    "scope-mappings", ("scopeMappings", "realm"), ("scopeMappings", "client"), held=all_clients
)


def _shapes() -> dict[str, Shape]:
    shapes: dict[str, Shape] = dict.fromkeys(_TEXTS.split(), STRING)
    return {
        **shapes,
        **dict.fromkeys(_SWITCHES.split(), BOOLEAN),
        "attributes": STRING_MAP,
        _FLOWS: MapOf(Ref(type="flow", by_id=True)),
        "defaultClientScopes": _SCOPES,
        "nodeReRegistrationTimeout": INTEGER,
        "notBefore": INTEGER,
        "optionalClientScopes": _SCOPES,
        "protocolMappers": Named(MAPPERS.shape),
        "redirectUris": _ADDRESSES,
        "scopeMappings": scope_mappings.SCHEMA,
        "registeredNodes": MapOf(ANY),
        "webOrigins": _ADDRESSES,
    }


SCHEMA: Final = Object(_shapes())


def _guarded() -> dict[Path, None]:
    """Each stays as it was last declared, or else as it was when the client was created."""
    paths = [(name,) for name in _LOG_INS.split()]
    return dict.fromkeys([*paths, *(("attributes", name) for name in _FLOW_ATTRIBUTES.split())])


def _server_made(_: Address, where: Path, value: Any) -> bool:
    match where:
        case ("attributes", name):
            return name in client_attributes.SERVER_MADE
        case ("defaultClientScopes",):
            return bool(value == "service_account")
    return False


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
    ends = any(switched(name, to=True) for name in _WITHOUT_SERVICES)
    if switched(_AUTHORIZATION, to=False) or (ends and before.get((_AUTHORIZATION,)) is True):
        lost.append("all authorization resources, scopes, policies and permissions go")
    if switched("publicClient", to=True):
        lost.append("the client's secret goes")
    return tuple(lost)


def _check(resource: Resource) -> Iterator[Diagnostic]:
    leaves = resource.leaves
    yield from in_both(resource, *_LINKS.fields)
    accounts = leaves.get(("serviceAccountsEnabled",))
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
        yield warning(
            "service-account-public-client",
            f"client {resource.address.name} is public, so its service account cannot log in",
            "A service account logs in with the client's secret, and a public client has none. "
            "Set `publicClient` to false, or `serviceAccountsEnabled` to false.",
            address=resource.address,
            path=("serviceAccountsEnabled",),
            source=resource.source(("serviceAccountsEnabled",)),
        )


def _does_without(where: Path, leaves: Leaves) -> bool:
    """Whether a client can do without a secret, since it does not log in with it."""
    if where != ("secret",):
        return where in {("registrationAccessToken",), ("attributes", "client.secret.rotated")}
    fields = ("clientAuthenticatorType", "protocol", "publicClient", "bearerOnly")
    log_in, protocol, public, bearer = (leaves.get((name,)) for name in fields)
    by_secret = log_in in {None, _USUAL_LOG_IN, "client-secret-jwt"}
    return not by_secret or protocol not in {None, OPENID} or public is True or bearer is True


def _idle(resource: Resource) -> Iterator[Idle]:
    """What exports of older versions have: a public client's secret, and consent to mappers."""
    yield from mappers.idle(resource)
    leaves = resource.leaves
    if leaves.get(("publicClient",)) is True and leaves.get(("secret",)) is not None:
        yield Idle(
            ("secret",),
            "secret-on-public-client",
            f"client {resource.address.name} is public, and its secret is left out",
            "Keycloak keeps no secret of a public client.",
            "secrets of public clients are left out",
        )


def _requires(resource: Resource) -> Iterator[Requirement]:
    """What other fields must be like."""
    yield from _authorization_requires(resource)
    if resource.leaves.get(("secret",)) is not None and ("publicClient",) not in resource.leaves:
        name = resource.address.name
        yield Requirement(
            resource.address,
            ("publicClient",),
            value=False,
            code="secret-on-public-client",
            summary=f"client {name} is public in Keycloak, which keeps no secret of such a client",
            detail="The files declare a secret and do not say whether the client is public. Set "
            "`publicClient` to false if the client is to have the secret, or remove `secret`.",
            source_path=("secret",),
        )


def _authorization_requires(resource: Resource) -> Iterator[Requirement]:
    """What authorization services need; without it Keycloak answers with an internal error."""
    address, leaves = resource.address, resource.leaves
    if leaves.get((_AUTHORIZATION,)) is not True or is_built_in_client(address.realm, address.name):
        return
    needs = [
        (
            "serviceAccountsEnabled",
            True,
            "no service account",
            "Set `serviceAccountsEnabled` to true",
        )
    ]
    if leaves.get(("serviceAccountsEnabled",)) is True:
        needs = [("bearerOnly", False, "is bearer-only", "Set `bearerOnly` to false")]
        if ("publicClient",) not in leaves:
            needs.append(("publicClient", False, "is public", "Set `publicClient` to false"))
    for field, value, what, cure in needs:
        yield Requirement(
            address,
            (field,),
            value,
            code="authorization-needs-service-account",
            summary=f"client {address.name} has authorization services and {what}",
            detail="They act through the client's service account, and Keycloak answers without "
            f"one with an internal error. {cure}, or leave `{_AUTHORIZATION}` off.",
            source_path=(_AUTHORIZATION,),
        )


_DEFAULTS: Final[Leaves] = {
    ("alwaysDisplayInConsole",): False,
    ("authorizationServicesEnabled",): False,
    ("bearerOnly",): False,
    (_LOG_IN,): _USUAL_LOG_IN,
    ("consentRequired",): False,
    ("directAccessGrantsEnabled",): False,
    ("enabled",): True,
    ("fullScopeAllowed",): True,
    ("implicitFlowEnabled",): False,
    ("nodeReRegistrationTimeout",): -1,
    ("notBefore",): 0,
    ("protocol",): "openid-connect",
    ("publicClient",): False,
    ("serviceAccountsEnabled",): False,
    ("standardFlowEnabled",): True,
    ("surrogateAuthRequired",): False,
}


def _defaults(leaves: Leaves) -> Leaves:
    mappers = {where[1] for where in leaves if where[:1] == ("protocolMappers",) != where}
    return {
        **_DEFAULTS,
        **{("protocolMappers", name, "consentRequired"): False for name in mappers},
        ("frontchannelLogout",): leaves.get(("protocol",)) == "saml",
    }


def _direct_grants(field: Unmanaged) -> str | None:
    if BOOLEAN.convert(field.value) is False:
        return None
    return (
        "It belongs to an old Keycloak. Write `standardFlowEnabled` and "
        "`directAccessGrantsEnabled` instead."
    )


_DECISIVE: Final = (
    "enabled",
    "publicClient",
    "bearerOnly",
    "standardFlowEnabled",
    "implicitFlowEnabled",
    "directAccessGrantsEnabled",
    "serviceAccountsEnabled",
    "fullScopeAllowed",
)

SPEC: Final = TypeSpec(
    name="client",
    pattern="REALM/clients/CLIENT_ID",
    rank=30,
    where="clients[clientId]",
    schema=SCHEMA,
    key=("clientId",),
    unsupported={
        "defaultRoles": default_roles.of_client,
        "directGrantsOnly": _direct_grants,
    },
    obsolete=dict.fromkeys(
        ("clientTemplate", "useTemplateConfig", "useTemplateMappers", "useTemplateScope"),
        "use client scopes.",
    ),
    ignored=(("id",), ("access",), ("origin",), ("protocolMappers", "*", "id")),
    keeps_empty=(("name",), ("description",), ("rootUrl",), ("baseUrl",), ("adminUrl",)),
    exclusive=(("defaultClientScopes", "optionalClientScopes"),),
    agreement=Agreement(tuple(_LINKS.paths), ("protocol",), usual_protocol),
    mirrors={("attributes", "type"): Mirror(("type",))},
    sensitive=(
        ("secret",),
        ("registrationAccessToken",),
        ("attributes", "client.secret.rotated"),
        ("attributes", "saml.*.private.key"),
    ),
    does_without=_does_without,
    decisive=_DECISIVE,
    late=(("scopeMappings",),),
    chooses_id=True,
    listed=(
        *LISTED,
        Listed((_FLOWS, "*"), "flow override", keys=True, always=_BINDINGS),
        Listed(("clientAuthenticatorType",), CLIENT_AUTHENTICATOR),
        Listed(("attributes", "login_theme"), theme("login")),
        Listed(("attributes", "access.token.signed.response.alg"), SIGNATURE_ALGORITHM),
        Listed(("attributes", "id.token.signed.response.alg"), SIGNATURE_ALGORITHM),
    ),
    server_made=_server_made,
    lasting=client_attributes.LASTING,
    enforced=client_policies.enforced,
    answers=(
        *(((name,), ((_AUTHORIZATION,),)) for name in _WITHOUT_SERVICES),
        (
            ("protocol",),
            (("defaultClientScopes",), ("optionalClientScopes",), ("attributes", "saml*")),
        ),
    ),
    mentions=((("protocolMappers", "*", "config", "included.client.audience"), "client"),),
    origin=Origin(lambda address, _: is_built_in_client(address.realm, address.name), filled=True),
    keeper=management.keeper,
    keeps_since=management.SINCE,
    formerly=management.formerly,
    bygone=management.of_gone_realm,
    born=lambda address: management.born_client(SCHEMA, address),
    makers=("serviceAccountsEnabled", _AUTHORIZATION),
    takes=_takes,
    destroys=_destroys,
    lossy_delete=("its sessions and its users' consents are lost",),
    check=_check,
    grants=GRANTS,
    features={(_AUTHORIZATION,): "authorization"},
    guarded=_guarded(),
    requires=_requires,
    idle=_idle,
    defaults=_defaults,
    usual_by=("protocol",),
)


class ClientType(RestType):
    """Clients, which come back with all that was in them."""

    def leaves_behind(self, step: Step) -> bool:
        """Whether undoing a step is more than writing what was there."""
        return switching.switches_on(step)

    def users(
        self,
        names: Names,
        live: LiveObject,
        found: Mapping[Address, LiveObject],  # noqa: ARG002
    ) -> Holders:
        """The requests for the users who have roles of the client. Its own account goes with it."""
        at = f"{self.path_of(live.address, live.id)}/roles"
        roles = names.api.get(at, briefRepresentation="false") or ()
        own = account_name(live.address.name)
        return Holders(
            tuple(given(role["name"], at) for role in roles),
            one="one user loses roles of it",
            many="{} lose roles of it",
            counts=lambda user: user.get("username") != own,
        )

    def capture(self, writing: Writing) -> Image | None:
        """The client with all that lies in it and all that points to its roles."""
        from kcplan_keycloak.images import capture_client

        if switching.switches_on(writing.step) and not writing.step.lossy:
            return switching.capture(writing)
        return capture_client(writing)

    def restore(self, writing: Writing, image: Image) -> Mapping[Address, str]:
        """Create the client again under its old id, with all that was in it."""
        from kcplan_keycloak.images import restore_client

        if "services" in image:
            return switching.restore(writing, image, self.update)
        return restore_client(writing, image)


def _to_server(writing: Writing, body: Body) -> Body:
    """What Keycloak insists on besides what the files say."""
    if writing.step.operation is Operation.CREATE:
        return {**_confidential(body), **body}
    if writing.step.operation is not Operation.UPDATE or body.keys() >= {_LOG_IN, *_LOST}:
        return body
    at = path("realms", writing.address.realm, "clients", writing.object_id())
    live = read_current(writing, at)
    chosen = live.get(_LOG_IN, _USUAL_LOG_IN)
    kept = {} if chosen == _USUAL_LOG_IN else {_LOG_IN: chosen}
    return {**{name: live.get(name, usual) for name, usual in _LOST.items()}, **kept, **body}


def _unkept(address: Address, leaves: Leaves) -> Leaves:
    """What a new client has otherwise than the files say, until it is updated."""
    return {**client_attributes.unkept(address, leaves), **client_addresses.unkept(leaves)}


_LOST: Final[Mapping[str, Any]] = {
    _AUTHORIZATION: False,
    "frontchannelLogout": False,
    "webOrigins": [],
}
"""What an update changes where it leaves them out: it switches authorization services off, before
26.6 front-channel logout too, and makes web origins of redirect addresses where there are none."""


def _confidential(body: Body) -> Body:
    """That a new client is not public, where it has what no public client has.

    Keycloak makes a new client with a `protocol` public unless it says otherwise, and one without a
    `protocol` not.
    """
    private = [body.get(name) for name in ("serviceAccountsEnabled", _AUTHORIZATION, "secret")]
    return {"publicClient": False} if any(private) else {}


TYPES: Final = (
    ClientType(
        spec=SPEC,
        at=Collection(path="clients", single="{path}?clientId={name}", name_key="clientId"),
        parts=(MAPPERS, _LINKS, _ROLE_SCOPE),
        puts=Absent.EMPTY,
        whole=False,
        # Keycloak leaves this one out where it is off.
        absent={_AUTHORIZATION: False},
        to_server=_to_server,
        unkept=_unkept,
        locks=management.locks,
        sight=sight.of_clients,
    ),
)
