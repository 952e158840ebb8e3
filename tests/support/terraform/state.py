"""The objects in a state of Terraform's Keycloak provider, and where kcplan has them.

A state is JSON: `resources` by type and name, each with the arguments that the provider knew last.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from kcplan.address import Address

Json = dict[str, Any]

_UNITS: Final = {"h": 3600, "m": 60, "s": 1}


@frozen
class Resource:
    """A resource of a state, or a data source."""

    type: str
    name: str
    of_data: bool
    attributes: Json
    needs: tuple[str, ...]

    @property
    def address(self) -> str:
        return f"{'data.' if self.of_data else ''}{self.type}.{self.name}"

    def text(self, name: str) -> str:
        value: str = self.attributes[name]
        return value


def resources(file: Path, realm: str) -> list[Resource]:
    """The resources of a state of the realm `library`, after what they need; for another realm."""
    state = json.loads(file.read_text(encoding="utf-8"))
    known = {item.address: item for item in (_resource(i, realm) for i in state["resources"])}
    order = TopologicalSorter({name: item.needs for name, item in known.items()})
    return [known[name] for name in order.static_order()]


def _resource(item: Json, realm: str) -> Resource:
    (instance,) = item["instances"]
    needs = tuple(instance.get("dependencies", ()))
    text = json.dumps(instance["attributes"])
    attributes = json.loads(re.sub(r'(?<=")library(?=["/])', realm, text))
    return Resource(item["type"], item["name"], item["mode"] == "data", attributes, needs)


def given(attributes: Json, *names: str, **renamed: str) -> Json:
    """Those arguments that say something, in Keycloak's names: `renamed` has one per argument."""
    named = {name: camel(name) for name in names} | renamed
    return {
        to: attributes[name]
        for name, to in named.items()
        if attributes.get(name) not in (None, "", [], {})
    }


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def texts(values: Json) -> dict[str, str]:
    """Values as they are in attributes and `config`: all are strings."""
    return {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in values.items()
    }


def split(values: dict[str, str]) -> dict[str, list[str]]:
    """Attributes with their values, which the provider joins with `##`."""
    return {key: value.split("##") for key, value in values.items()}


def seconds(duration: str) -> int:
    """A duration as Go writes it, such as `2m30s`."""
    return sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)([hms])", duration))


def block(attributes: Json, *path: str) -> Json:
    """A block in a block: lists of one in a state."""
    for name in path:
        attributes = next(iter(attributes.get(name, ())), {})
    return attributes


def places(items: Iterable[Resource]) -> Iterator[tuple[str, str]]:
    """The type of each resource of a state, and kcplan's address of it."""
    everything = list(items)
    of_id = {item.attributes["id"]: item for item in everything}
    realm = next(item.text("realm") for item in everything if item.type == "keycloak_realm")
    for item in everything:
        if not item.of_data:
            yield item.type, str(Address.of(realm, *_place(item, of_id)))


_IN_THE_REALM: Final = {
    "realm",
    "realm_events",
    "realm_client_policy_profile",
    "realm_client_policy_profile_policy",
    "realm_optional_client_scopes",
    "default_groups",
    "authentication_bindings",
}
_AT: Final = {
    "realm_user_profile": "user-profile",
    "realm_localization": "localization {locale}",
    "realm_keystore_hmac_generated": "components KeyProvider {name}",
    "realm_client_registration_policy": "components ClientRegistrationPolicy {sub_type} {name}",
    "required_action": "required-actions {alias}",
    "openid_client": "clients {client_id}",
    "saml_client": "clients {client_id}",
    "openid_client_scope": "client-scopes {name}",
    "saml_client_scope": "client-scopes {name}",
    "ldap_user_federation": "components UserStorageProvider {name}",
    "organization": "organizations {alias}",
    "oidc_identity_provider": "identity-providers {alias}",
    "saml_identity_provider": "identity-providers {alias}",
    "authentication_flow": "flows {alias}",
    "user": "users {username}",
    "default_roles": "roles default-roles-{realm_id}",
}
_PARENTS: Final = ("group_id", "user_id", "client_id", "client_scope_id")
_PARTS: Final = {"resource": "resources", "scope": "scopes", "permission": "permissions"}

_Known = dict[str, Resource]


def _place(item: Resource, of_id: _Known) -> tuple[str, ...]:
    name = item.type.removeprefix("keycloak_")
    if name in _IN_THE_REALM:
        return ()
    if name in _AT:
        return tuple(part.format(**item.attributes) for part in _AT[name].split())
    for ending, place in _BY_ENDING.items():
        if name.endswith(ending):
            return place(item, of_id)
    return _place(of_id[item.text(_parents(item, of_id)[0])], of_id)


def _parents(item: Resource, of_id: _Known) -> list[str]:
    """The arguments that name what a resource is part of."""
    return [name for name in _PARENTS if item.attributes.get(name) in of_id]


def _role(item: Resource, of_id: _Known) -> tuple[str, ...]:
    client = of_id.get(item.text("client_id"))
    return (*(_place(client, of_id) if client else ()), "roles", item.text("name"))


def _provider_mapper(item: Resource, of_id: _Known) -> tuple[str, ...]:
    del of_id
    alias = item.text("identity_provider_alias")
    return ("identity-providers", alias, "mappers", item.text("name"))


def _federation_mapper(item: Resource, of_id: _Known) -> tuple[str, ...]:
    federation = of_id[item.text("ldap_user_federation_id")]
    return (*_place(federation, of_id), "mappers", item.text("name"))


def _account(item: Resource, of_id: _Known) -> tuple[str, ...]:
    account = item.text("service_account_user_id")
    clients = (item for item in of_id.values() if item.type == "keycloak_openid_client")
    of_account = (i for i in clients if i.attributes.get("service_account_user_id") == account)
    return ("clients", next(of_account).text("client_id"), "service-account")


def _authorization(item: Resource, of_id: _Known) -> tuple[str, ...]:
    client = of_id[item.text("resource_server_id")].text("client_id")
    part = _PARTS.get(item.type.rpartition("_")[2], "policies")
    return ("clients", client, "authorization", part, item.text("name"))


def _flow(item: Resource, of_id: _Known) -> tuple[str, ...]:
    """The flow at the top in which an execution is."""
    alias = item.text("parent_flow_alias")
    for other in of_id.values():
        if other.type == "keycloak_authentication_subflow" and other.text("alias") == alias:
            return _flow(other, of_id)
    return ("flows", alias)


_BY_ENDING: Final[dict[str, Callable[[Resource, _Known], tuple[str, ...]]]] = {
    "service_account_role": _account,
    "service_account_realm_role": _account,
    "group_memberships": lambda item, _: ("users", item.attributes["members"][0]),
    "identity_provider_mapper": _provider_mapper,
    "ldap_user_attribute_mapper": _federation_mapper,
    "ldap_hardcoded_role_mapper": _federation_mapper,
    "openid_client_authorization_scope": _authorization,
    "openid_client_authorization_resource": _authorization,
    "openid_client_authorization_permission": _authorization,
    "policy": _authorization,
    "authentication_execution": _flow,
    "authentication_subflow": _flow,
    "authentication_execution_config": lambda item, of_id: _flow(
        of_id[item.text("execution_id")], of_id
    ),
    "role": _role,
    "group": lambda item, _: ("groups", *item.text("path")[1:].split("/")),
}
