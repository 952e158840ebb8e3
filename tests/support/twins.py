"""Two realms, compared in everything that Keycloak tells of them, but for ids."""

import json
from collections.abc import Iterator
from typing import Any, Final

from conformance.comparing import plain
from conformance.overlays import by_name, is_named
from conformance.sample import Hand
from support.harness import Admin
from support.whole_realm import differences, whole_realm

Json = dict[str, Any]

_OWN: Final = {"kid", "certificate", "notBefore", "client.secret.creation.time", "organizationId"}
"""What each realm has of its own: keys that Keycloak made, and times."""
_UNSET: Final = {
    "clientOfflineSessionIdleTimeout": "0",
    "clientOfflineSessionMaxLifespan": "0",
    "clientSessionIdleTimeout": "0",
    "clientSessionMaxLifespan": "0",
    "scimApiEnabled": "false",
}
"""Attributes that are there once the field was written, as it is where they are not."""


def unlike(admin: Admin, one: str, other: str, *, users: bool = True) -> list[str]:
    """Where two realms differ, apart from their names, ids, times, and the order of lists.

    What Keycloak shows to nobody, such as secrets of identity providers, counts as the asterisks
    that stand for it: both have one, or neither.

    Args:
        admin: Who may see both.
        one, other: Their names.
        users: Whether people, and where they are members, count as well.
    """
    return list(differences(seen(admin, one, users=users), seen(admin, other, users=users)))


def seen(admin: Admin, realm: str, *, users: bool = True) -> Json:
    """All that Keycloak tells of a realm, in a form that two realms can have in common."""
    hand = Hand(admin, realm)
    found = whole_realm(admin, realm)
    found["organizations"] = list(_organizations(hand, members=users))
    for client in found["export"]["clients"]:
        client.pop("secret", None)  # only asterisks, also for none
    of_admins = [c for c in found["export"]["clients"] if c["clientId"] == "admin-permissions"]
    for client in (*of_admins, found["clients"].get("admin-permissions", {})):
        # What new clients got when it was made; nobody may change it, and nobody logs in with it.
        for field in ("defaultClientScopes", "optionalClientScopes"):
            client.pop(field, None)
        client.pop("authorizationSettings", None)  # told below, by names
    components = {item["id"]: item for item in hand.get(hand.path("components"))}
    # The user profile is one of them; it is told below.
    named = (item for item in components.values() if "name" in item)
    found["components"] = {_component(components, item): item for item in named}
    found["export"].pop("components")
    profile = hand.get(hand.path("users", "profile"))
    found["profile"] = {**profile, "order": ",".join(i["name"] for i in profile["attributes"])}
    found["localization"] = {
        locale: hand.get(hand.path("localization", locale))
        for locale in hand.get(hand.path("localization"))
    }
    if users:
        found["people"] = list(_people(hand))
    for part in found["authorization"].values():
        del part["ids"]
    text = json.dumps(found, ensure_ascii=False)
    for flow in hand.get(hand.path("authentication", "flows")):
        text = text.replace(flow["id"], flow["alias"])
    return _named(plain(json.loads(text.replace(realm, "REALM")), realm))


def _organizations(hand: Hand, *, members: bool) -> Iterator[Json]:
    at = hand.path("organizations")
    if not hand.get(hand.path())["organizationsEnabled"]:
        return
    for item in hand.get(at):
        own = f"{at}/{item['id']}"
        yield {
            **hand.get(own),
            "identityProviders": [i["alias"] for i in hand.get(f"{own}/identity-providers")],
            "members": [i["username"] for i in hand.get(f"{own}/members")] if members else [],
            "groups": _groups(hand, f"{own}/groups"),
        }


def _groups(hand: Hand, at: str) -> list[Json]:
    """All groups of an organization, each told from others by its path."""
    found = hand.get(f"{at}?search=*&briefRepresentation=false")
    return [{**item, "name": item["path"]} for item in found]


def _people(hand: Hand) -> Iterator[Json]:
    for user in hand.get(hand.path("users") + "?max=1000"):
        at = hand.path("users", user["id"])
        mapped = hand.get(f"{at}/role-mappings")
        clients = mapped.get("clientMappings", {})
        yield {
            **user,
            "realmRoles": [role["name"] for role in mapped.get("realmMappings", ())],
            "clientRoles": {c: [r["name"] for r in clients[c]["mappings"]] for c in clients},
            "groups": [group["path"] for group in hand.get(f"{at}/groups")],
            "links": hand.get(f"{at}/federated-identity"),
        }


def _named(value: Any, key: str = "") -> Any:
    """A value with its named lists as maps, without what each realm has of its own."""
    if isinstance(value, dict):
        items = {k: _named(item, k) for k, item in value.items() if k not in _OWN}
        return {k: i for k, i in items.items() if i not in ({}, [], False, _UNSET.get(k))}
    if isinstance(value, list):
        if key == "authenticationExecutions":
            value = list(_ranked(value))
        entries = [_named(item) for item in value]
        named = by_name(entries) if is_named(entries) else {}
        return named if len(named) == len(entries) else entries
    return value


def _ranked(executions: list[Json]) -> Iterator[Json]:
    """Executions with their place in the flow: the numbers that give it may be any."""
    for rank, item in enumerate(sorted(executions, key=lambda item: int(item["priority"]))):
        known = item.get("flowAlias") or item.get("authenticator")
        yield {**item, "priority": rank, "name": f"{rank} {known}"}


def _component(components: dict[str, Json], item: Json) -> str:
    """What a component is known by: Keycloak has some with one name."""
    holder = components.get(item["parentId"], {}).get("name", "")
    return "/".join((item["providerType"], item.get("subType", ""), holder, item["name"]))
