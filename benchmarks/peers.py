"""The realm that is measured: N services that call each other. 1 + 6N objects."""

import json
from pathlib import Path
from typing import Any

REALM = "kcplan-benchmark"
SECRET = {"BENCHMARK_SECRET": "a secret that is long enough"}
"""What the files take their secrets from."""


def name(number: int) -> str:
    """The clientId of a service."""
    return f"service-{number:05}"


def client(number: int, description: str = "") -> dict[str, Any]:
    """A client with a secret and three attributes."""
    return {
        "clientId": name(number),
        "description": description or f"Service {number}",
        "secret": f"${{BENCHMARK_SECRET}}-{number:05}",
        "serviceAccountsEnabled": True,
        "standardFlowEnabled": False,
        "attributes": {"team": f"team-{number % 17}", "tier": "gold", "cost.center": str(number)},
    }


def account(number: int, size: int) -> dict[str, Any]:
    """A service account with a role of the realm, and one of the next service."""
    return {
        "username": f"service-account-{name(number)}",
        "serviceAccountClientId": name(number),
        "realmRoles": [f"role-{number:05}"],
        "clientRoles": {name((number + 1) % size): ["reader"]},
    }


def realm(size: int, *, changed: bool = False) -> dict[str, Any]:
    """The realm file; `changed` gives one client another description."""
    numbers = range(size)
    return {
        "realm": REALM,
        "enabled": True,
        "clients": [
            client(number, "Changed" if changed and number == size // 2 else "")
            for number in numbers
        ],
        "roles": {
            "realm": [{"name": f"role-{number:05}", "description": "r"} for number in numbers],
            "client": {name(n): [{"name": "reader"}, {"name": "writer"}] for n in numbers},
        },
        "users": [account(number, size) for number in numbers],
    }


def write(folder: Path, size: int, *, changed: bool = False) -> Path:
    """Write the realm file into a folder."""
    file = folder / "realm.json"
    file.write_text(json.dumps(realm(size, changed=changed)), encoding="utf-8")
    return file
