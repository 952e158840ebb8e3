"""What a server says of itself in `GET /admin/serverinfo`. Pure.

The answer has 300 KB, of which only names are kept. What it does not list is not known: other
versions of Keycloak leave parts out, and so does Keycloak for accounts that may only view.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from kcplan.classes import frozen
from kcplan.offered import OFF, Offered

IDENTITY_PROVIDER: Final = "identity provider"
IDENTITY_PROVIDER_MAPPER: Final = "identity provider mapper"
CLIENT_AUTHENTICATOR: Final = "client authenticator"
PROTOCOL: Final = "protocol"
PROTOCOL_MAPPER: Final = "protocol mapper"
EVENT_LISTENER: Final = "event listener"
EVENT_TYPE: Final = "event type"
PASSWORD_POLICY: Final = "password policy"  # noqa: S105 - a kind of policy
REQUIRED_ACTION: Final = "required action"
POLICY_TYPE: Final = "authorization policy type"
EXECUTOR: Final = "client policy executor"
CONDITION: Final = "client policy condition"
SIGNATURE_ALGORITHM: Final = "signature algorithm"
LOCALE: Final = "locale"
VALIDATOR: Final = "validator"
COMPONENT_TYPE: Final = "type of components"
COMPONENT: Final = "component provider"
COMPONENT_SETTING: Final = "component setting"
AUTHENTICATOR: Final = "authenticator"
ADMIN_RESOURCE_TYPE: Final = "admin resource type"
ADMIN_SCOPE: Final = "admin permission scope"
WORKFLOW_STEP: Final = "workflow step"
WORKFLOW_EVENT: Final = "workflow event"
WORKFLOW_CONDITION: Final = "workflow condition"

_PROVIDERS: Final[Mapping[str, tuple[str, ...]]] = {
    IDENTITY_PROVIDER: ("identity_provider", "social"),
    IDENTITY_PROVIDER_MAPPER: ("identity-provider-mapper",),
    CLIENT_AUTHENTICATOR: ("client-authenticator",),
    PROTOCOL: ("login-protocol",),
    EVENT_LISTENER: ("eventsListener",),
    PASSWORD_POLICY: ("password-policy",),
    REQUIRED_ACTION: ("required-action",),
    POLICY_TYPE: ("policy",),
    EXECUTOR: ("client-policy-executor",),
    CONDITION: ("client-policy-condition",),
    SIGNATURE_ALGORITHM: ("signature",),
    VALIDATOR: ("validator",),
    AUTHENTICATOR: ("authenticator", "client-authenticator", "form-action", "form-authenticator"),
    WORKFLOW_STEP: ("workflow-step",),
    WORKFLOW_EVENT: ("workflow-event",),
    WORKFLOW_CONDITION: ("workflow-condition",),
}
"""For each kind, what Keycloak calls those who provide it."""

_COMMON: Final[Mapping[str, frozenset[str]]] = {
    "org.keycloak.keys.KeyProvider": frozenset(
        """
        certificate ecdhPrivateKey ecdhPublicKey ecdsaPrivateKey ecdsaPublicKey eddsaPrivateKey
        eddsaPublicKey kid privateKey secret
        """.split()
    ),
    "org.keycloak.storage.UserStorageProvider": frozenset(
        """
        batchSizeForSync cachePolicy changedSyncPeriod enabled evictionDay evictionHour
        evictionMinute fullSyncPeriod importEnabled lastSync maxLifespan priority
        removeInvalidUsersEnabled
        """.split()
    ),
}
"""Settings that all components of a type have, and that Keycloak does not list."""

_NO_COMPONENTS: Final = frozenset(
    """
    Authenticator ClientAuthenticator ClientPolicyConditionProvider ClientPolicyExecutorProvider
    FormAction FormAuthenticator IdentityProvider IdentityProviderMapper ProtocolMapper
    SocialIdentityProvider UserProfileProvider Validator WorkflowProvider WorkflowStepProvider
    """.split()
)
"""What Keycloak has among the types of components, and what is configured elsewhere."""

_PERMISSIONS: Final = frozenset({"resource", "scope", "uma"})
"""What Keycloak has among the types of policies, and what are permissions."""


@frozen
class ServerInfo:
    """What the server says of itself.

    Attributes:
        version: Its version; None for an account that may only view.
        features: Names of the enabled features, as in `ADMIN_FINE_GRAINED_AUTHZ_V2`; None where
            they may not be seen.
        offered: The names that it knows; None where they may not be seen.
    """

    version: str | None = None
    features: frozenset[str] | None = None
    offered: Offered | None = None


def theme(kind: str) -> str:
    """The kind of themes of a type, such as `login`."""
    return f"{kind} theme"


def server_info(document: Mapping[str, Any]) -> ServerInfo:
    """What an answer says."""
    version = (document.get("systemInfo") or {}).get("version")
    features = document.get("features")
    found = {kind: _without_empty(groups) for kind, groups in _kinds(document)}
    return ServerInfo(
        version=version,
        features=None
        if features is None
        else frozenset(item["name"] for item in features if item.get("enabled")),
        offered=Offered(version, {kind: groups for kind, groups in found.items() if groups}),
    )


def _kinds(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, frozenset[str]]]]:
    providers = _table(document.get("providers"))
    for kind, sources in _PROVIDERS.items():
        lists = (_table(_table(providers.get(name)).get("providers")) for name in sources)
        names = frozenset(name for found in lists for name in found)
        yield kind, {"": names - _PERMISSIONS if kind == POLICY_TYPE else names}
    mappers = _table(document.get("protocolMapperTypes"))
    yield PROTOCOL_MAPPER, {name: _each(of, "id") for name, of in mappers.items()}
    events = _table(document.get("enums")).get("eventType")
    yield EVENT_TYPE, {"": frozenset(_texts(events))}
    yield from _components(_table(document.get("componentTypes")))
    themes = _table(document.get("themes"))
    for name, of in themes.items():
        yield theme(name), {"": _each(of, "name")}
    yield LOCALE, {"": frozenset(_locales(themes.values()))}
    yield OFF, {"": frozenset(_switched_off(document.get("features")))}


def _switched_off(features: Any) -> Iterator[str]:
    """The features that are off, as `--features` takes them: `ADMIN_API_V2` is `admin-api:v2`."""
    off = (item for item in _tables(features) if item.get("enabled") is False)
    for name in _texts([item.get("name") for item in off]):
        yield re.sub(r"-v(\d+)$", r":v\1", name.lower().replace("_", "-"))


def _components(types: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, frozenset[str]]]]:
    """What components can be: their types, the providers of each, and the settings of those."""
    types = {
        name: of for name, of in types.items() if name.rpartition(".")[2] not in _NO_COMPONENTS
    }
    yield COMPONENT_TYPE, {"": frozenset(types)}
    yield COMPONENT, {name: _each(of, "id") for name, of in types.items()}
    settings: dict[str, frozenset[str]] = {}
    for name, of in types.items():
        for provider in _tables(of):
            own = _each(provider.get("properties"), "name")
            common = _COMMON.get(name, frozenset())
            settings[str(provider.get("id"))] = own | common if own else own
    yield COMPONENT_SETTING, settings


def _locales(themes: Iterable[Any]) -> Iterator[str]:
    """The locales of all themes: a realm may have more of them than its theme for logging in."""
    for of in themes:
        for item in _tables(of):
            yield from _texts(item.get("locales"))


def _without_empty(groups: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
    return {name: names for name, names in groups.items() if names}


def _each(tables: Any, key: str) -> frozenset[str]:
    return frozenset(_texts([item.get(key) for item in _tables(tables)]))


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _tables(value: Any) -> Iterable[Mapping[str, Any]]:
    return (item for item in _items(value) if isinstance(item, Mapping))


def _texts(value: Any) -> Iterable[str]:
    return (item for item in _items(value) if isinstance(item, str))


def _items(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else ()
