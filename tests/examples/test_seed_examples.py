"""The examples of the token exchange page work: planned, applied, confirmed, removed."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from support.harness import Admin, Result, Run

SEED = Path(__file__).parents[2] / "examples" / "seed"
SECRETS = {
    "ADMIN_PORTAL_SECRET": "portal-0c6cf5a1d94e4d0b8b1e",
    "EXTERNAL_INTEGRATION_SECRET": "integration-51b1f2a5c6d74e",
    "EXTERNAL_IDP_SECRET": "provider-9d0f3f7a2c8b4e6d9a",
}
INERT = {"oauth2.token.exchange.grant.enabled": "true"}


@frozen
class Realm:
    """What a test asks the Admin API about a realm."""

    admin: Admin
    name: str

    def get(self, path: str, **params: Any) -> Any:
        return self.admin.json(f"{self.name}/{path}", **params)

    def client(self, client_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.get("clients", clientId=client_id)[0]
        return found

    def secret(self, client_id: str) -> str:
        secret: str = self.get(f"clients/{self.client(client_id)['id']}/client-secret")["value"]
        return secret

    def account_roles(self, client_id: str) -> set[str]:
        """The realm roles of a service account, without creating the account."""
        users = self.get("users", username=f"service-account-{client_id}", exact="true")
        mappings = self.get(f"users/{users[0]['id']}/role-mappings/realm")
        return {role["name"] for role in mappings}

    def authorization(self, client_id: str, what: str) -> dict[str, Any]:
        at = f"clients/{self.client(client_id)['id']}/authz/resource-server/{what}"
        return {item["name"]: item for item in self.get(at)}


def check_basic_client(realm: Realm) -> None:
    attributes = realm.client("moped-client")["attributes"]
    assert attributes["standard.token.exchange.enabled"] == "true"
    refresh = attributes["standard.token.exchange.enableRefreshRequestedTokenType"]
    assert refresh == "SAME_SESSION"


def check_service_to_service(realm: Realm) -> None:
    for name in ("user-service", "order-service"):
        client = realm.client(name)
        assert client["attributes"].items() >= INERT.items()
        assert not client["publicClient"]
        assert not client["standardFlowEnabled"]
        assert realm.secret(name) == f"{name}-secret"
        assert realm.account_roles(name) == {f"default-roles-{realm.name}"}


def check_delegation(realm: Realm) -> None:
    assert realm.client("frontend-app")["publicClient"]
    backend = realm.client("backend-api")
    assert backend["authorizationServicesEnabled"]
    assert realm.secret("backend-api") == "backend-api-secret"


def check_microservices(realm: Realm) -> None:
    for name in ("api-gateway", "user-service", "order-service", "payment-service"):
        attributes = realm.client(name)["attributes"]
        assert attributes["standard.token.exchange.enabled"] == "true"


def check_admin_impersonation(realm: Realm) -> None:
    roles = {role["name"]: role.get("description") for role in realm.get("roles")}
    assert roles["admin"] == "Administrator role"
    assert roles["user"] == "Standard user"
    assert "admin" in realm.account_roles("admin-portal")
    assert "user" not in realm.account_roles("admin-portal")
    assert realm.secret("admin-portal") == SECRETS["ADMIN_PORTAL_SECRET"]


def check_external_token(realm: Realm) -> None:
    provider = realm.get("identity-provider/instances/external-idp")
    assert provider["config"]["tokenUrl"] == "https://external-idp.com/token"
    assert provider["config"]["clientSecret"] == "**********"
    assert realm.secret("external-integration") == SECRETS["EXTERNAL_INTEGRATION_SECRET"]


def check_exchange_permission(realm: Realm) -> None:
    resources = realm.authorization("source-client", "resource")
    kind = resources["Token Exchange Permission"]["type"]
    assert kind == "urn:source-client:resources:token-exchange"
    policy = realm.authorization("source-client", "policy/client")["Allow Token Exchange"]
    assert policy["clients"] == [realm.client("target-client")["id"]]
    permission = realm.authorization("source-client", "permission")["Token Exchange"]
    at = f"clients/{realm.client('source-client')['id']}/authz/resource-server/policy"
    applied = realm.get(f"{at}/{permission['id']}/associatedPolicies")
    assert [item["name"] for item in applied] == ["Allow Token Exchange"]


CHECKS: dict[str, Callable[[Realm], None]] = {
    "basic-client": check_basic_client,
    "service-to-service": check_service_to_service,
    "delegation": check_delegation,
    "microservices": check_microservices,
    "admin-impersonation": check_admin_impersonation,
    "external-token": check_external_token,
    "exchange-permission": check_exchange_permission,
}
examples = pytest.mark.parametrize("example", CHECKS)


def test_every_example_has_a_test() -> None:
    assert {path.stem for path in SEED.glob("*.json")} == {*CHECKS, "impersonation"}


@examples
def test_an_example_makes_its_realm_and_takes_it_away(
    example: str, admin: Admin, realm_name: str, run_kcplan: Run, tmp_path: Path
) -> None:
    run = _cycle(run_kcplan, _copy(example, realm_name, tmp_path))

    assert run("plan", "--detailed-exitcode").exit_code == 2
    assert admin.get(realm_name, check=False).status_code == 404
    assert run("apply", "--auto-approve").exit_code == 0
    CHECKS[example](Realm(admin, realm_name))
    _assert_settled(run)
    assert run("destroy", "--auto-approve").exit_code == 0
    assert admin.get(realm_name, check=False).status_code == 404


@examples
def test_an_example_adopts_a_realm_and_leaves_it_as_it_was(
    example: str, admin: Admin, realm: str, run_kcplan: Run, tmp_path: Path
) -> None:
    run = _cycle(run_kcplan, _copy(example, realm, tmp_path))
    before = _export(admin, realm)

    assert run("plan", "--detailed-exitcode").exit_code == 2
    assert _export(admin, realm) == before
    assert run("apply", "--auto-approve").exit_code == 0
    CHECKS[example](Realm(admin, realm))
    _assert_settled(run)
    assert run("destroy", "--auto-approve").exit_code == 0
    assert _export(admin, realm) == before


@pytest.mark.alone("compares the whole realm master, in which each realm has a client and roles")
def test_the_example_in_master_never_deletes_that_realm(
    admin: Admin, realm_name: str, run_kcplan: Run, tmp_path: Path
) -> None:
    client = f"admin-service-{realm_name}"
    text = (SEED / "impersonation.json").read_text()
    for prefix in ("", "service-account-"):
        text = text.replace(f'"{prefix}admin-service"', f'"{prefix}{client}"')
    file = tmp_path / "impersonation.json"
    file.write_text(text)
    run = _cycle(run_kcplan, file)
    before = _master(admin)

    planned = run("plan", "--detailed-exitcode")
    assert planned.exit_code == 2
    assert "# master will be adopted" in planned.stdout
    assert _master(admin) == before
    assert run("apply", "--auto-approve").exit_code == 0
    assert "admin" in Realm(admin, "master").account_roles(client)
    assert Realm(admin, "master").secret(client) == "admin-service-secret"
    _assert_settled(run)
    assert run("destroy", "--auto-approve", "--delete-adopted").exit_code == 0
    assert _master(admin) == before


def _copy(example: str, realm: str, folder: Path) -> Path:
    """The example in a folder, with another realm and otherwise untouched."""
    text = (SEED / f"{example}.json").read_text()
    renamed, count = re.subn(r'"realm": "\w+"', f'"realm": "{realm}"', text)
    assert count == 1
    file = folder / f"{example}.json"
    file.write_text(renamed)
    return file


def _cycle(run_kcplan: Run, file: Path) -> Run:
    """Runs a command on the file, and looks for secrets in all that it leaves."""
    secrets = {*SECRETS.values(), *re.findall(r'"secret": "([^$"]+)"', file.read_text())}

    def run(command: str, *options: str) -> Result:
        files = () if command in {"refresh", "destroy"} else (file,)
        result = run_kcplan(command, *files, *options, env=SECRETS)
        state = file.parent / "kcplan.state.json"
        texts = [result.stdout, result.stderr, state.read_text() if state.exists() else ""]
        assert not [secret for secret in secrets for text in texts if secret in text]
        return result

    return run


def _assert_settled(run: Run) -> None:
    assert run("plan", "--detailed-exitcode").exit_code == 0
    assert run("refresh", "--detailed-exitcode").exit_code == 0


def _export(admin: Admin, realm: str) -> Any:
    return _sorted(admin.export(realm))


def _master(admin: Admin) -> Any:
    """The realm master without what other realms, which may come and go, have in it."""
    export = admin.export("master")
    export["clients"] = [c for c in export["clients"] if not c["clientId"].endswith("-realm")]
    roles = export["roles"]
    roles["client"] = {k: v for k, v in roles["client"].items() if not k.endswith("-realm")}
    for role in roles["realm"]:
        client = role.get("composites", {}).get("client", {})
        for name in [name for name in client if name.endswith("-realm")]:
            del client[name]
    return _sorted(export)


def _sorted(value: Any) -> Any:
    """The value with every list in one order; Keycloak gives sets in any."""
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted(map(_sorted, value), key=lambda item: json.dumps(item, sort_keys=True))
    return value
