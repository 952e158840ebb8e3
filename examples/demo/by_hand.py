"""What people and services do to the demo's Keycloak without kcplan.

`exchange` does what the service orders does: it exchanges a token of the storefront for one that
payments accepts. `tamper` does what somebody in a hurry does in the Admin Console.
"""
# ruff: noqa: INP001, S310, T201 - a script that prints, and speaks to the sandbox

import json
import os
import sys
from base64 import urlsafe_b64decode
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

SERVER = os.environ["KCPLAN_URL"]
TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a type, not a token


def main() -> None:
    """Do what the first argument says."""
    {"exchange": exchange, "tamper": tamper}[sys.argv[1]]()


def exchange() -> None:
    """Get a token as the storefront does, and exchange it as orders does."""
    token = get_token(
        "shop",
        grant_type="client_credentials",
        client_id="storefront",
        client_secret=os.environ["STOREFRONT_SECRET"],
    )
    print(f"storefront has a token for: {audience(token)}")
    exchanged = get_token(
        "shop",
        grant_type="urn:ietf:params:oauth:grant-type:token-exchange",
        client_id="orders",
        client_secret=os.environ["ORDERS_SECRET"],
        subject_token=token,
        subject_token_type=TOKEN,
        requested_token_type=TOKEN,
        audience="payments",
    )
    print(f"orders has exchanged it for one for: {audience(exchanged)}")


def tamper() -> None:
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
    token = get_token(
        "master",
        grant_type="password",
        client_id="admin-cli",
        username=os.environ["KCPLAN_USERNAME"],
        password=os.environ["KCPLAN_PASSWORD"],
    )
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    return send(Request(f"{SERVER}/admin/realms/shop{path}", data, headers, method=method))


def get_token(realm: str, **fields: str) -> str:
    """Ask the token endpoint for an access token."""
    url = f"{SERVER}/realms/{realm}/protocol/openid-connect/token"
    token: str = send(Request(url, urlencode(fields).encode()))["access_token"]
    return token


def send(request: Request) -> Any:
    """The JSON of an answer; None where it is empty."""
    with urlopen(request) as response:
        text = response.read()
    return json.loads(text) if text else None


def audience(token: str) -> Any:
    """The audience of an access token."""
    claims = token.split(".")[1]
    return json.loads(urlsafe_b64decode(claims + "=" * (-len(claims) % 4))).get("aud")


if __name__ == "__main__":
    main()
