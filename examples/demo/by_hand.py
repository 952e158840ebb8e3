"""What somebody in a hurry does in the Admin Console: a change that kcplan knows nothing of."""
# ruff: noqa: INP001, S310, T201 - a script that prints, and speaks to the sandbox

import json
import os
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

SERVER = os.environ["KCPLAN_URL"]


def main() -> None:
    """Give the account of orders all rights in the realm, and let its tokens live for a day."""
    orders = admin("GET", "/clients?clientId=orders")[0]["id"]
    admin(
        "PUT",
        f"/clients/{orders}",
        {"clientId": "orders", "attributes": {"access.token.lifespan": "86400"}},
    )
    account = admin("GET", "/users?username=service-account-orders&exact=true")[0]["id"]
    management = admin("GET", "/clients?clientId=realm-management")[0]["id"]
    role = admin("GET", f"/clients/{management}/roles/realm-admin")
    admin("POST", f"/users/{account}/role-mappings/clients/{management}", [role])
    print("The service account of orders is realm-admin now, and its tokens live for a day.")


def admin(method: str, path: str, body: Any = None) -> Any:
    """Send a request to the Admin API of the realm shop."""
    headers = {"Authorization": f"Bearer {log_in()}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    return send(Request(f"{SERVER}/admin/realms/shop{path}", data, headers, method=method))


def log_in() -> str:
    """An access token of the administrator."""
    url = f"{SERVER}/realms/master/protocol/openid-connect/token"
    form = {
        "grant_type": "password",
        "client_id": "admin-cli",
        "username": os.environ["KCPLAN_USERNAME"],
        "password": os.environ["KCPLAN_PASSWORD"],
    }
    token: str = send(Request(url, urlencode(form).encode()))["access_token"]
    return token


def send(request: Request) -> Any:
    """The JSON of an answer; None where it is empty."""
    with urlopen(request) as response:
        text = response.read()
    return json.loads(text) if text else None


if __name__ == "__main__":
    main()
