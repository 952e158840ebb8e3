"""Realms. A realm's requests carry the realm's own fields only; all else has types of its own.

A `PUT` seems to leave alone what is not sent, and does not: it sets the lifespans of device codes,
of CIBA and of pushed requests to their defaults, fills up the OTP and WebAuthn policies from
nothing, and replaces `attributes` and `smtpServer`. So the realm is read, changed, and sent whole.
A text is cleared by `""`; null is ignored.
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.errors import LostError
from kcplan.mirrors import mirrored
from kcplan.offered import Listed
from kcplan.provider import Image
from kcplan.resource import Advice, Origin, TypeSpec
from kcplan.schema import Leaves, flatten
from kcplan.shapes import (
    BOOLEAN,
    INTEGER,
    ORDERED_STRINGS,
    STRING,
    STRING_MAP,
    STRINGS,
    TEXT,
    ListOf,
    MapOf,
    Object,
    Ref,
    Shape,
    choice,
)
from kcplan.snapshot import Inhabitants, LiveObject
from kcplan_keycloak import (
    client_policies,
    default_roles,
    email_switches,
    mail_server,
    realm_attributes,
)
from kcplan_keycloak.api import Get, path
from kcplan_keycloak.bodies import Absent, written
from kcplan_keycloak.built_in import DEFAULT_ROLE, is_built_in_client
from kcplan_keycloak.client_policies import ClientPolicies
from kcplan_keycloak.errors import ForbiddenError, NotFoundError
from kcplan_keycloak.names import Names
from kcplan_keycloak.parts import Links
from kcplan_keycloak.realm_attributes import MIRRORS
from kcplan_keycloak.realm_defaults import DEFAULTS
from kcplan_keycloak.resource_type import Part, Reading, Writing
from kcplan_keycloak.resources.group import GROUP, GROUP_TYPE, GROUPS, group_path
from kcplan_keycloak.scope_lists import in_both
from kcplan_keycloak.server_info import (
    EVENT_LISTENER,
    EVENT_TYPE,
    LOCALE,
    PASSWORD_POLICY,
    SIGNATURE_ALGORITHM,
    theme,
)

_TEXTS = """
    accountTheme adminTheme defaultLocale defaultSignatureAlgorithm displayName
    displayNameHtml emailTheme loginTheme otpPolicyAlgorithm otpPolicyType passwordPolicy
    webAuthnPolicyAttestationConveyancePreference webAuthnPolicyAuthenticatorAttachment
    webAuthnPolicyPasswordlessAttestationConveyancePreference
    webAuthnPolicyPasswordlessAuthenticatorAttachment webAuthnPolicyPasswordlessMediation
    webAuthnPolicyPasswordlessRequireResidentKey webAuthnPolicyPasswordlessResidentKey
    webAuthnPolicyPasswordlessRpEntityName webAuthnPolicyPasswordlessRpId
    webAuthnPolicyPasswordlessUserVerificationRequirement webAuthnPolicyRequireResidentKey
    webAuthnPolicyResidentKey webAuthnPolicyRpEntityName webAuthnPolicyRpId
    webAuthnPolicyUserVerificationRequirement
"""

_SWITCHES = """
    adminEventsDetailsEnabled adminEventsEnabled adminPermissionsEnabled bruteForceProtected
    duplicateEmailsAllowed editUsernameAllowed enabled eventsEnabled internationalizationEnabled
    loginWithEmailAllowed offlineSessionMaxLifespanEnabled organizationsEnabled
    otpPolicyCodeReusable permanentLockout registrationAllowed registrationEmailAsUsername
    rememberMe resetPasswordAllowed revokeRefreshToken scimApiEnabled userManagedAccessAllowed
    verifiableCredentialsEnabled verifyEmail
    webAuthnPolicyAvoidSameAuthenticatorRegister
    webAuthnPolicyPasswordlessAvoidSameAuthenticatorRegister
    webAuthnPolicyPasswordlessPasskeysEnabled
"""

_NUMBERS = """
    accessCodeLifespan accessCodeLifespanLogin accessCodeLifespanUserAction accessTokenLifespan
    accessTokenLifespanForImplicitFlow actionTokenGeneratedByAdminLifespan
    actionTokenGeneratedByUserLifespan clientOfflineSessionIdleTimeout
    clientOfflineSessionMaxLifespan clientSessionIdleTimeout clientSessionMaxLifespan
    eventsExpiration failureFactor maxDeltaTimeSeconds maxFailureWaitSeconds
    maxSecondaryAuthFailures maxTemporaryLockouts minimumQuickLoginWaitSeconds notBefore
    oauth2DeviceCodeLifespan oauth2DevicePollingInterval offlineSessionIdleTimeout
    offlineSessionMaxLifespan otpPolicyDigits otpPolicyInitialCounter otpPolicyLookAheadWindow
    otpPolicyPeriod quickLoginCheckMilliSeconds refreshTokenMaxReuse ssoSessionIdleTimeout
    ssoSessionIdleTimeoutRememberMe ssoSessionMaxLifespan ssoSessionMaxLifespanRememberMe
    waitIncrementSeconds webAuthnPolicyCreateTimeout webAuthnPolicyPasswordlessCreateTimeout
"""

_KEEP_EMPTY = """
    accountTheme adminTheme clientOfflineSessionIdleTimeout clientOfflineSessionMaxLifespan
    clientSessionIdleTimeout clientSessionMaxLifespan defaultLocale displayName displayNameHtml
    emailTheme loginTheme
"""
"""Texts that an empty one takes away; and numbers that are kept as attributes once they are set."""

_LISTS = """
    enabledEventTypes eventsListeners requiredCredentials supportedLocales
    webAuthnPolicyAcceptableAaguids webAuthnPolicyExtraOrigins
    webAuthnPolicyPasswordlessAcceptableAaguids webAuthnPolicyPasswordlessExtraOrigins
"""

_ORDERED_LISTS = "webAuthnPolicySignatureAlgorithms webAuthnPolicyPasswordlessSignatureAlgorithms"


_FLOWS = """
    browserFlow clientAuthenticationFlow directGrantFlow dockerAuthenticationFlow
    firstBrokerLoginFlow registrationFlow resetCredentialsFlow
"""

_SCOPE: Final = Ref(type="client-scope")
_DEFAULT_SCOPES: Final = Links(
    _SCOPE,
    {
        "defaultDefaultClientScopes": "default-default-client-scopes",
        "defaultOptionalClientScopes": "default-optional-client-scopes",
    },
    listed=True,
    held=lambda _, realm: [(path("realms", realm), {})],
)

_DEFAULT_GROUPS: Final = Links(
    GROUP,
    {"defaultGroups": "default-groups"},
    listed=True,
    text=group_path,
    held=lambda _, realm: [(path("realms", realm), {})],
)

_PARTS: Final[tuple[Part, ...]] = (ClientPolicies(), _DEFAULT_SCOPES, _DEFAULT_GROUPS)
"""What has end points of its own, in the order in which it is written."""

_APART: Final = frozenset(name for part in _PARTS for name in part.fields)


def _shapes() -> dict[str, Shape]:
    kinds: tuple[tuple[str, Shape], ...] = (
        (_TEXTS, STRING),
        (_SWITCHES, BOOLEAN),
        (_NUMBERS, INTEGER),
        (_LISTS, STRINGS),
        (_ORDERED_LISTS, ORDERED_STRINGS),
        (_FLOWS, Ref(type="flow")),
    )
    shapes = {name: shape for names, shape in kinds for name in names.split()}
    return shapes | {
        **dict.fromkeys(_DEFAULT_SCOPES.paths, ListOf(_SCOPE, owned=True)),
        **dict.fromkeys(_DEFAULT_GROUPS.paths, GROUPS),
        "attributes": STRING_MAP,
        "bruteForceStrategy": choice("MULTIPLE", "LINEAR"),
        "sslRequired": choice("all", "external", "none"),
        # An empty one switches the header off.
        "browserSecurityHeaders": MapOf(TEXT),
        "defaultRole": Object({"name": STRING}),
        "smtpServer": STRING_MAP,
        **client_policies.SHAPES,
    }


_LEAVE_OUT: Final = (
    "Remove it, or use `--ignore-unsupported SECTION`. What exists in Keycloak stays untouched."
)

_NOT_YET = """
    protocolMappers
    userFederationMappers userFederationProviders
"""

_UNSUPPORTED: Final[Mapping[str, Advice]] = {
    **dict.fromkeys(_NOT_YET.split(), _LEAVE_OUT),
    **dict.fromkeys(("privateKey", "publicKey", "certificate", "codeSecret"), _LEAVE_OUT),
    **{
        old: f"It belongs to an old Keycloak. Write {new} instead."
        for old, new in {
            "applicationScopeMappings": "`clientScopeMappings`",
            "applications": "`clients`",
            "clientTemplates": "`clientScopes`",
            "oauthClients": "`clients`",
            "socialProviders": "`identityProviders`",
        }.items()
    },
    # What Keycloak keeps of the users of a user federation: data, as the users are.
    "federatedUsers": lambda _: None,
    "defaultRole": default_roles.role_of_realm,
    "defaultRoles": default_roles.of_realm,
}

_OBSOLETE: Final[Mapping[str, str]] = {
    "passwordCredentialGrantAllowed": "use `directAccessGrantsEnabled` of each client.",
    "updateProfileOnInitialSocialLogin": "use the step that reviews the profile in the flow "
    "`firstBrokerLoginFlow`.",
    "social": "use `identityProviders`.",
    **dict.fromkeys(
        ("realmCacheEnabled", "userCacheEnabled"), "caches are configured where the server starts."
    ),
}

MASTER: Final = "master"


def _creation_notes(leaves: Leaves) -> tuple[str, ...]:
    """Keycloak creates a realm switched off, unless it is told otherwise."""
    if ("enabled",) in leaves:
        return ()
    return ("nobody can log in to the realm: a new one is off unless `enabled` is true",)


SCHEMA: Final = Object(_shapes())


def _password_policies(text: Any) -> Iterable[str]:
    """The names in `length(8) and notUsername`."""
    parts = text.split(" and ") if isinstance(text, str) else ()
    names = (part.partition("(")[0].strip() for part in parts)
    return (name for name in names if name.isidentifier())


_LISTED: Final = (
    Listed(("eventsListeners",), EVENT_LISTENER),
    Listed(("enabledEventTypes",), EVENT_TYPE),
    Listed(("passwordPolicy",), PASSWORD_POLICY, names=_password_policies),
    Listed(("defaultSignatureAlgorithm",), SIGNATURE_ALGORITHM),
    *(Listed((f"{kind}Theme",), theme(kind)) for kind in ("account", "admin", "email", "login")),
    # A realm may have texts of its own in a language of which no theme knows.
    Listed(("defaultLocale",), LOCALE, binding=False),
    Listed(("supportedLocales",), LOCALE, binding=False),
    *client_policies.LISTED,
)

_FEATURES: Final[Mapping[Path, str]] = {
    ("adminPermissionsEnabled",): "admin-fine-grained-authz:v2",
    ("organizationsEnabled",): "organization",
    ("scimApiEnabled",): "scim-api",
    ("verifiableCredentialsEnabled",): "oid4vc-vci",
}

_LACKED: Final[Mapping[Path, tuple[int, int]]] = {
    ("maxSecondaryAuthFailures",): (26, 5),
    ("scimApiEnabled",): (26, 5),
    ("webAuthnPolicyPasswordlessMediation",): (26, 6),
    ("webAuthnPolicyPasswordlessPasskeysEnabled",): (26, 2),
    ("webAuthnPolicyPasswordlessResidentKey",): (26, 6),
    ("webAuthnPolicyResidentKey",): (26, 6),
}

_SWITCHED_OFF: Final = {name: False for name, shape in SCHEMA.fields.items() if shape is BOOLEAN}
_DEFAULTS: Final = flatten(SCHEMA, {**_SWITCHED_OFF, **DEFAULTS})


def _defaults(leaves: Leaves) -> Leaves:
    """Keycloak's own values; and attributes that only say again what a field says."""
    again = {
        where: value
        for where, value in leaves.items()
        if where[0] == "attributes"
        and (mirror := mirrored(MIRRORS, where)) is not None
        and mirror.path in leaves
    }
    return {**_DEFAULTS, **again}


SPEC: Final = TypeSpec(
    name="realm",
    pattern="REALM",
    rank=0,
    where="",
    told_at=None,
    schema=SCHEMA,
    key=("realm",),
    unsupported=_UNSUPPORTED,
    obsolete=_OBSOLETE,
    ignored=(
        ("id",),
        ("adminPermissionsClient",),
        *default_roles.IGNORED,
        ("keycloakVersion",),
        ("otpSupportedApplications",),
        ("clientProfiles", "globalProfiles"),
        ("clientPolicies", "globalPolicies"),
        *realm_attributes.INTERNAL,
    ),
    mirrors=MIRRORS,
    read_only={DEFAULT_ROLE: default_roles.READ_ONLY},
    sensitive=mail_server.SECRETS,
    write_only=mail_server.SECRETS,
    drops_secrets=mail_server.drops_secrets,
    idle=mail_server.idle,
    lasting={
        ("attributes", "ciba*"): None,
        ("attributes", "parRequestUriLifespan"): None,
        **{path: None for path, mirror in MIRRORS.items() if mirror.kept},
        ("browserSecurityHeaders", "*"): None,
    },
    answers=(
        ((email_switches.DUPLICATES,), tuple((name,) for name in email_switches.UNIQUE)),
        *(((name,), ((email_switches.DUPLICATES,),)) for name in email_switches.UNIQUE),
        (("adminPermissionsEnabled",), (("adminPermissionsClient",),)),
        *((path, (mirror.path,)) for path, mirror in MIRRORS.items() if mirror.kept),
    ),
    keeps_empty=tuple((name,) for name in _KEEP_EMPTY.split()),
    decisive=("enabled", "sslRequired", "registrationAllowed", "bruteForceProtected"),
    # Flows lie in the realm themselves: they are there before it is bound to them.
    late=tuple((name,) for name in sorted({*_APART, *_FLOWS.split()})),
    judges={("clientPolicies",): "client", ("defaultGroups",): "client"},
    joined=("defaultGroups",),
    listed=_LISTED,
    features=_FEATURES,
    lacked=_LACKED,
    chooses_id=True,
    creation_notes=_creation_notes,
    makers=("adminPermissionsEnabled", "organizationsEnabled"),
    origin=Origin(kept=lambda address: address.realm == MASTER),
    requires=lambda realm: chain(email_switches.requires(realm), mail_server.requires(realm)),
    check=lambda realm: in_both(realm, *_DEFAULT_SCOPES.fields),
    defaults=_defaults,
    lossy_delete=(
        "everything in the realm goes with it: its users and their credentials, sessions, keys",
    ),
)

_OTP_POLICY: Final[Mapping[str, Any]] = {
    "otpPolicyType": "totp",
    "otpPolicyAlgorithm": "HmacSHA1",
    "otpPolicyInitialCounter": 0,
    "otpPolicyDigits": 6,
    "otpPolicyLookAheadWindow": 1,
    "otpPolicyPeriod": 30,
}
"""Keycloak's defaults. It takes a policy only whole: what is missing would be 0, or break the realm
so that it cannot be read any more."""

_KEPT_AS_ATTRIBUTES: Final = frozenset(
    """
    clientOfflineSessionIdleTimeout clientOfflineSessionMaxLifespan clientSessionIdleTimeout
    clientSessionMaxLifespan scimApiEnabled
    """.split()
)
"""Fields that are there as attributes, too, once they were set. Sent back, they would set them."""

_NOT_SENT: Final = _KEPT_AS_ATTRIBUTES.union(_DEFAULT_GROUPS.fields)
"""What a `PUT` goes without. It would only add default groups, by paths that may mean others."""


def realm_path(address: Address) -> str:
    """The path of the realm that an address lies in."""
    return path("realms", address.realm)


@frozen
class RealmType:
    """Realms through `/admin/realms`."""

    spec: TypeSpec = SPEC
    parts: tuple[Part, ...] = _PARTS

    def path_of(self, address: Address, object_id: str | None) -> str:  # noqa: ARG002
        """The path of the realm."""
        return realm_path(address)

    def find(self, names: Names, address: Address) -> None:
        """Learn the realm's id, if it is there and the account may see it."""
        found = names.api.get(realm_path(address)) or {}
        if "id" in found:
            names.learn(address, found["id"])

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The realm, if it exists. Its default role's id is remembered."""
        address = Address.of(reading.realm)
        found = reading.api.get(realm_path(address))
        if found is None:
            return
        if "id" not in found:
            raise _no_right_to_see(address.realm)
        reading.names.learn(address, found["id"])
        if default_role := found.get("defaultRole"):
            reading.names.learn(address.child("roles", default_role["name"]), default_role["id"])
            reading.names.learn_default_role(reading.realm, default_role["id"])
        if address in reading.wanted:
            own = (key for key in SPEC.schema.fields if key not in _DEFAULT_GROUPS.fields)
            fields = {key: found[key] for key in own if key in found}
            if not default_roles.is_told(reading, address, fields):
                fields.pop("defaultRole", None)
            for part in (_DEFAULT_SCOPES, _DEFAULT_GROUPS):
                fields |= part.read(reading, address, realm_path(address), found)
            yield LiveObject(address, SPEC.name, found["id"], flatten(SPEC.schema, fields))

    def foreseen(self, reading: Reading) -> Iterable[Get]:
        """The realm itself."""
        return [Get(realm_path(Address.of(reading.realm)))]

    def inhabitants(self, names: Names, live: LiveObject) -> Inhabitants:
        """What lives in it. Keycloak does not count service accounts."""
        api, at = names.api, realm_path(live.address)
        clients = (client["clientId"] for client in api.pages(f"{at}/clients"))
        own = (i for i in clients if not is_built_in_client(live.address.realm, i))
        named = {
            "client": tuple(live.address.child("clients", i) for i in own),
            "group": tuple(sorted(GROUP_TYPE.all_in(names, live.address))),
        }
        return Inhabitants({"user": int(api.get(f"{at}/users/count") or 0)}, named)

    def create(self, writing: Writing) -> str | None:
        """Create the realm with its own fields."""
        body = {
            "id": writing.step.object_id,
            "realm": writing.address.realm,
            **written(SCHEMA, _OTP_POLICY, writing.step.after, Absent.EMPTY_FIELDS),
        }
        writing.api.post(path("realms"), body)
        return writing.step.object_id

    def update(self, writing: Writing) -> str | None:
        """Write the changed fields into the realm as it is, and send it whole."""
        after = {p: v for p, v in writing.step.after.items() if p[0] not in _APART}
        if after:
            self._put(writing, after)
        for part in self.parts if len(after) < len(writing.step.after) else ():
            part.write(writing, realm_path(writing.address))
        return writing.step.object_id

    def _put(self, writing: Writing, after: dict[Path, Any]) -> None:
        renamed = after.pop(("realm",), None)
        address = writing.address
        at = path("realms", writing.step.before["realm",]) if renamed else realm_path(address)
        there = writing.api.get(at)
        if there is None:
            raise NotFoundError(
                f"the realm {address.realm} is no longer in Keycloak",
                "It was deleted since the plan was made. Run plan again.",
            )
        if "id" not in there:
            raise _no_right_to_see(address.realm)
        along = realm_attributes.fields_along(SCHEMA, _DEFAULTS, after)
        rest = {k: v for k, v in {**there, **along}.items() if k not in _NOT_SENT}
        body = written(SCHEMA, {**_OTP_POLICY, **rest}, after, Absent.EMPTY_FIELDS)
        writing.api.put(at, {**body, "realm": address.realm})
        if renamed:
            writing.names.forget(Address.of(writing.step.before["realm",]))

    def delete(self, writing: Writing) -> None:
        """Delete the realm and everything in it."""
        # It goes object by object: a minute for some thousand clients.
        writing.api.delete(realm_path(writing.address), slow=True)
        writing.names.forget(writing.address)

    def capture(self, writing: Writing) -> Image | None:
        """Nothing: a deleted realm cannot be brought back, and the plan says so."""

    def restore(self, writing: Writing, image: Image) -> None:  # noqa: ARG002
        """Refuse, in words."""
        raise LostError(
            f"the realm {writing.address.realm} is deleted and cannot be brought back",
            "Restore it from a backup of Keycloak's database.",
        )


def _no_right_to_see(realm: str) -> ForbiddenError:
    """Keycloak does not refuse: it gives the realm's name, and leaves out all else."""
    return ForbiddenError(
        f"the account has no right to see the realm {realm}",
        "Keycloak tells it no more than the realm's name. It needs the role view-realm of the "
        f"client realm-management in {realm!r}; an account of the realm master, that of the "
        f"client {realm + '-realm'!r} there. New roles count from the next log-in.",
    )


TYPES: Final = (RealmType(),)
