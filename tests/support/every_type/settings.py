"""The realm itself, and what is there for all that is in it."""

from typing import Any, Final

from conformance.sample import Hand
from conformance.samples.component import LDAP
from conformance.samples.realm import FULL

Json = dict[str, Any]

_STORAGE: Final = "org.keycloak.storage.UserStorageProvider"
_LDAP_MAPPER: Final = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper"
_KEYS: Final = "org.keycloak.keys.KeyProvider"
_POLICY: Final = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy"

PASSWORD: Final = "a-password-of-the-mail-server-4b1d"
"""What the realm logs in to its mail server with: Keycloak shows it to nobody."""

_REALM: Final[Json] = {
    **FULL,
    "browserFlow": "our browser",
    "directGrantFlow": "our direct grant",
    "firstBrokerLoginFlow": "our first log-in",
    "passwordPolicy": "length(8) and notUsername and hashIterations(30000)",
    "attributes": {"colour": "red", "frontendUrl": "https://login.example", "größe": "a.b"},
    "browserSecurityHeaders": {"xFrameOptions": "DENY", "referrerPolicy": ""},
    "smtpServer": {
        "host": "mail.example",
        "port": "587",
        "from": "shop@mail.example",
        "fromDisplayName": "Läden",
        "starttls": "true",
        "auth": "true",
        "user": "shop",
        "password": PASSWORD,
    },
}

_PROFILES: Final[list[Json]] = [
    {
        "name": "strict",
        "description": "what we want",
        "executors": [
            {"executor": "pkce-enforcer", "configuration": {"auto-configure": "false"}},
            {"executor": "reject-implicit-grant", "configuration": {"auto-configure": False}},
        ],
    },
    {"name": "empty", "executors": []},
]
_POLICIES: Final[list[Json]] = [
    {
        "name": "for strict ones",
        "enabled": True,
        "conditions": [
            {"condition": "client-roles", "configuration": {"roles": ["strict"]}},
            {"condition": "client-access-type", "configuration": {"type": ["public"]}},
        ],
        "profiles": ["strict", "fapi-1-baseline"],
    },
    {"name": "off", "enabled": False, "conditions": [], "profiles": []},
]


def realm(hand: Hand) -> None:
    """The realm's own fields; it names flows, so it comes late."""
    hand.admin.put(hand.path(), json={"realm": hand.realm, **_REALM})
    at = hand.path("client-policies")
    hand.admin.put(f"{at}/profiles", json={"profiles": _PROFILES})
    hand.admin.put(f"{at}/policies", json={"policies": _POLICIES})


def localization(hand: Hand) -> None:
    """Texts in two languages, one of them empty."""
    at = hand.path("localization")
    hand.admin.post(f"{at}/en", json={"hello": "Hello {0}", "loginTitle": "In ${realm}", "no": ""})
    hand.admin.post(f"{at}/de", json={"hello": "Grüß Gott, „{0}“", "it''s": "ist's"})


def user_profile(hand: Hand) -> None:
    """Attributes and groups of the user profile."""
    at = hand.path("users", "profile")
    profile = hand.get(at)
    profile["unmanagedAttributePolicy"] = "ADMIN_EDIT"
    profile["groups"].append({"name": "work", "displayHeader": "Work", "annotations": {"a": "b"}})
    profile["attributes"] += [
        {
            "name": "department",
            "displayName": "${department}",
            "group": "work",
            "multivalued": False,
            "permissions": {"view": ["admin", "user"], "edit": ["admin"]},
            "required": {"roles": ["admin"], "scopes": ["team"]},
            "selector": {"scopes": ["team", "profile"]},
            "validations": {
                "length": {"min": 2, "max": 40},
                "options": {"options": ["sales", "stock"]},
            },
            "annotations": {"inputType": "select", "size": 7},
        },
        {"name": "phone.private", "permissions": {"view": ["admin"], "edit": ["admin"]}},
    ]
    hand.admin.put(at, json=profile)


def components(hand: Hand) -> None:
    """Two providers of users, with mappers; keys; policies for the registration of clients."""
    at = hand.path("components")

    def made(kind: str, provider: str, name: str, config: Json, **more: str) -> str:
        lists = {
            key: value if isinstance(value, list) else [value] for key, value in config.items()
        }
        body = {"name": name, "providerId": provider, "providerType": kind, "config": lists}
        return hand.admin.create(at, {**body, **more})

    staff = made(_STORAGE, "ldap", "staff directory", {**LDAP, "priority": "1", **_BOUND})
    made(_STORAGE, "ldap", "a/b %é", {**LDAP, "vendor": "ad", "priority": "2", **_SYNCED})
    named = {"user.model.attribute": "department", "ldap.attribute": "departmentNumber"}
    made(_LDAP_MAPPER, "user-attribute-ldap-mapper", "department", named, parentId=staff)
    role = {"role": "reader"}
    made(_LDAP_MAPPER, "hardcoded-ldap-role-mapper", "all read", role, parentId=staff)
    first = hand.find(f"{at}?parent={staff}", name="email") or {}
    hand.admin.put(
        f"{at}/{first['id']}",
        json={**first, "config": {**first["config"], "ldap.attribute": ["otherMail"]}},
    )
    made(_KEYS, "ecdsa-generated", "ec", {"priority": "77", "ecdsaEllipticCurveKey": "P-384"})
    made(_KEYS, "hmac-generated", "second hmac", {"priority": "50", "algorithm": "HS256"})
    hosts = {"trusted-hosts": ["one.example", "two.example"], "client-uris-must-match": "true"}
    checked = {"host-sending-registration-request-must-match": "false", **hosts}
    made(_POLICY, "trusted-hosts", "ours", checked, subType="anonymous")
    made(_POLICY, "max-clients", "few", {"max-clients": "7"}, subType="authenticated")
    limit = hand.find(at, name="Max Clients Limit") or {}
    hand.admin.put(f"{at}/{limit['id']}", json={**limit, "config": {"max-clients": ["33"]}})


_BOUND: Final[Json] = {
    "authType": "simple",
    "bindDn": "cn=manager",
    "bindCredential": "a-password-of-the-directory-77ab",
    "customUserSearchFilter": "(mail=*)",
}
_SYNCED: Final[Json] = {"editMode": "WRITABLE", "fullSyncPeriod": "3600", "pagination": "true"}


def organizations(hand: Hand) -> None:
    """Two organizations, one with all that there can be."""
    at = hand.path("organizations")
    made = hand.admin.create(
        at,
        {
            "name": "Acme Inc.",
            "alias": "acme",
            "description": "who buys much",
            "redirectUrl": "https://acme.example/app",
            "attributes": {"colour": ["red"], "size": ["1", "2"]},
            "domains": [{"name": "acme.example", "verified": True}, {"name": "acme.test"}],
        },
    )
    hand.admin.post(f"{at}/{made}/identity-providers", json="partner")
    _groups_in(hand, f"{at}/{made}/groups")
    other = {"name": "Other é", "enabled": False, "domains": [{"name": "other.example"}]}
    hand.admin.post(at, json={**other, "alias": "other"})
    user = hand.find(hand.path("users"), username="joan") or {}
    hand.admin.post(f"{at}/{made}/members", json=user["id"])


def _groups_in(hand: Hand, at: str) -> None:
    """Groups of an organization, to some depth, with all that there can be."""
    attributes = {"colour": ["red"], "size": ["1", "2"]}
    top = {"name": "buyers", "description": "who may buy", "attributes": attributes}
    above = hand.admin.create(at, top)
    inner = hand.admin.create(f"{at}/{above}/children", {"name": "a/b %é"})
    fields = {"name": "a/b %é", "description": "who may buy more", "attributes": attributes}
    hand.admin.put(f"{at}/{inner}", json=fields)
    hand.admin.create(f"{at}/{inner}/children", {"name": "buyers"})
    role = hand.get(hand.path("roles", "reader"))
    hand.admin.post(f"{at}/{inner}/role-mappings/realm", json=[role])
