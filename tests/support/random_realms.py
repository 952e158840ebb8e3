"""Random small realms, as realm files say them, from few names so that two of them overlap.

What hangs together in Keycloak is the same in all of them, by name: a client always says whether
it has a service account, and either always or never which client scopes it has.
"""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]

REALM_ROLES = ("reader", "r/w", "100 % sure", "Prüfer")
CLIENTS = ("app", "api/v1", "Büro 50%")
CLIENT_ROLES = ("view", "edit/all", "Öl *")
SCOPES = ("email", "profile", "address")
WITH_SCOPES = "api/v1"

_TEXT = st.sampled_from(["one", "zwei", "50 % ü/ß", "${role_x}"])
_NAME = st.sampled_from(["colour", "a.b", "x y/%"])
_PERSON = st.sampled_from(["Ada", "Grace"])
_URI = st.sampled_from(["https://a.example/*", "https://b.example/ü", "/relative"])


def _texts(**more: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries({}, optional=more)


def _some(items: tuple[str, ...], at_least: int = 0) -> st.SearchStrategy[list[str]]:
    if not items:
        return _NONE
    return st.lists(st.sampled_from(items), unique=True, min_size=at_least, max_size=len(items))


_NONE = st.just([])

_ATTRIBUTES = st.dictionaries(_NAME, _TEXT, max_size=3)
_LISTS = st.dictionaries(_NAME, st.lists(_TEXT, min_size=1, max_size=2, unique=True), max_size=2)

_REALM = _texts(
    displayName=_TEXT,
    accessTokenLifespan=st.sampled_from([60, 300, 301]),
    internationalizationEnabled=st.booleans(),
    supportedLocales=_some(("de", "en", "fr")),
    enabledEventTypes=_some(("LOGIN", "LOGOUT")),
    attributes=_ATTRIBUTES,
)

_MAPPER = st.fixed_dictionaries(
    {
        "protocol": st.just("openid-connect"),
        "protocolMapper": st.just("oidc-audience-mapper"),
        # Without the last claim Keycloak adds it to a mapper that comes with a new client, and to
        # no other.
        "config": st.fixed_dictionaries(
            {
                "included.custom.audience": _TEXT,
                "access.token.claim": st.just("true"),
                "id.token.claim": st.sampled_from(["true", "false"]),
                "userinfo.token.claim": st.just("false"),
            },
            optional={"lightweight.claim": st.sampled_from(["true", "false"])},
        ),
    }
)

_CLIENT = _texts(
    name=_TEXT,
    description=st.one_of(_TEXT, st.just("")),
    enabled=st.booleans(),
    directAccessGrantsEnabled=st.booleans(),
    redirectUris=st.lists(_URI, unique=True, max_size=2),
    attributes=_ATTRIBUTES,
    protocolMappers=st.dictionaries(_NAME, _MAPPER, max_size=2).map(
        lambda mappers: [{"name": name, **mapper} for name, mapper in mappers.items()]
    ),
    secret=st.sampled_from([f"a long and random secret {number}" for number in range(2)]),
)

_ROLE = _texts(description=_TEXT, attributes=_LISTS)


@st.composite
def realms(draw: st.DrawFn) -> Json:
    """A realm without its name; what it refers to, it declares or every realm has."""
    roles = draw(_some(REALM_ROLES, at_least=2))
    clients = draw(_some(CLIENTS, at_least=1))
    inner = {client: draw(_some(CLIENT_ROLES, at_least=1)) for client in clients}
    granted = _granted(roles, inner)
    return {
        **draw(_REALM),
        "roles": {
            "realm": [_role(draw, name, granted) for name in roles],
            "client": {
                client: [_role(draw, name, granted) for name in names]
                for client, names in inner.items()
            },
        },
        "clients": [_client(draw, name) for name in clients],
        "users": [_account(draw, name, granted) for name in clients if draw(st.booleans())],
    }


def _granted(roles: list[str], inner: Mapping[str, list[str]]) -> st.SearchStrategy[Json]:
    """Roles of the realm, as the fields of an account; composites name the same ones."""
    client = {name: _some(tuple(names)) for name, names in inner.items() if names}
    return _texts(
        realmRoles=_some((*roles, "offline_access")),
        clientRoles=st.fixed_dictionaries({}, optional=client),
    )


def _role(draw: st.DrawFn, name: str, granted: st.SearchStrategy[Json]) -> Json:
    role = {"name": name, **draw(_ROLE)}
    if draw(st.booleans()):
        parts = draw(granted)
        realm = [part for part in parts.get("realmRoles", ()) if part != name]
        role["composites"] = {"realm": realm, "client": parts.get("clientRoles", {})}
    return role


def _client(draw: st.DrawFn, name: str) -> Json:
    # Without web origins Keycloak would derive them from the redirect URIs, once.
    always = {"serviceAccountsEnabled": True, "publicClient": False, "webOrigins": ["+"]}
    client = {"clientId": name, **always, **draw(_CLIENT)}
    if name == WITH_SCOPES:
        default = draw(_some(SCOPES))
        rest = tuple(scope for scope in SCOPES if scope not in default)
        client |= {"defaultClientScopes": default, "optionalClientScopes": draw(_some(rest))}
    return client


def _account(draw: st.DrawFn, client: str, granted: st.SearchStrategy[Json]) -> Json:
    return {
        "serviceAccountClientId": client,
        **draw(_texts(attributes=_LISTS, firstName=_PERSON)),
        **draw(granted),
    }
