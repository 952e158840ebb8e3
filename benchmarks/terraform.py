"""The realm that is measured, as OpenTofu and Terraform have it: JSON for the Keycloak provider."""

import json
from pathlib import Path
from typing import Any

import peers

Json = dict[str, Any]

REALM_ID = "${keycloak_realm.all.id}"


def configuration(size: int, *, changed: bool = False) -> Json:
    """The whole of it, but for the log-in, which the provider takes from the environment."""
    document = peers.realm(size, changed=changed)
    clients = {client["clientId"]: _client(client) for client in document["clients"]}
    roles = {f"realm-{r['name']}": _role(r) for r in document["roles"]["realm"]}
    for name, owned in document["roles"]["client"].items():
        holder = f"${{keycloak_openid_client.{name}.id}}"
        roles |= {f"{name}-{r['name']}": {**_role(r), "client_id": holder} for r in owned}
    return {
        "terraform": {"required_providers": {"keycloak": {"source": "keycloak/keycloak"}}},
        "resource": {
            "keycloak_realm": {"all": {"realm": peers.REALM, "enabled": True}},
            "keycloak_openid_client": clients,
            "keycloak_role": roles,
            **_grants(document["users"]),
        },
    }


def _client(client: Json) -> Json:
    """A client; the provider has free attributes in `extra_config`."""
    secret = client["secret"].replace("${BENCHMARK_SECRET}", peers.SECRET["BENCHMARK_SECRET"])
    return {
        "realm_id": REALM_ID,
        "client_id": client["clientId"],
        "description": client["description"],
        "access_type": "CONFIDENTIAL",
        "client_secret": secret,
        "service_accounts_enabled": True,
        "standard_flow_enabled": False,
        "extra_config": client["attributes"],
    }


def _role(role: Json) -> Json:
    described = {"description": role["description"]} if "description" in role else {}
    return {"realm_id": REALM_ID, "name": role["name"], **described}


def _grants(users: list[Json]) -> Json:
    """A resource for each role of an account."""
    of_realm: Json = {}
    of_clients: Json = {}
    for user in users:
        name = user["serviceAccountClientId"]
        holder = f"${{keycloak_openid_client.{name}.service_account_user_id}}"
        whose = {"realm_id": REALM_ID, "service_account_user_id": holder}
        for role in user["realmRoles"]:
            named = f"${{keycloak_role.realm-{role}.name}}"
            of_realm[f"{name}-{role}"] = {**whose, "role": named}
        for client, roles in user["clientRoles"].items():
            for role in roles:
                of_clients[f"{name}-{client}-{role}"] = {
                    **whose,
                    "client_id": f"${{keycloak_openid_client.{client}.id}}",
                    "role": f"${{keycloak_role.{client}-{role}.name}}",
                }
    return {
        "keycloak_openid_client_service_account_realm_role": of_realm,
        "keycloak_openid_client_service_account_role": of_clients,
    }


def write(folder: Path, document: Json) -> None:
    """Write the configuration into a folder."""
    (folder / "main.tf.json").write_text(json.dumps(document), encoding="utf-8")
