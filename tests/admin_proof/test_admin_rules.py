"""What kcplan says about admin permissions together is what Keycloak answers."""

from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest
from attrs import evolve, frozen

from kcplan_keycloak.admin_proof.conditions import Hours, Kind, Literal, Subject, Trait
from kcplan_keycloak.admin_proof.deciding import Rules, Target
from kcplan_keycloak.admin_proof.declaration import Permission
from support.exchanging import PASSWORD
from support.harness import Admin, Server
from support.world import Json

YES, NO = "caller", "member"
"""Whom a permission lets in: the caller, or somebody else."""

Entry = tuple[str, str | None, str, str]
"""A permission: type and name of the object (None for all), the scopes, whom it lets in."""

SCENES: list[list[Entry]] = [
    # Scopes by themselves; types have nothing to do with each other.
    [
        ("Users", "user", "view", YES),
        ("Clients", "client", "manage", YES),
        ("Organizations", None, "manage", YES),
    ],
    [
        ("Users", None, "reset-password", YES),
        ("Clients", None, "view", YES),
        ("Clients", None, "manage", YES),
        ("Organizations", None, "view manage", YES),
    ],
    [
        ("Users", None, "manage", YES),
        ("Clients", "client", "view", YES),
        ("Clients", "client", "manage", NO),
    ],
    [("Groups", "group", "view-members", YES), ("Clients", None, "view", YES)],
    # Named objects, and all of the type.
    [("Users", "user", "view", YES), ("Users", None, "view", NO)],
    [("Users", "user", "view", NO), ("Users", None, "view", YES)],
    [("Users", "user", "manage", NO), ("Users", None, "view", YES), ("Clients", None, "view", NO)],
    [("Users", "user", "view", YES), ("Users", None, "manage", NO)],
    [("Users", None, "manage", YES), ("Users", "user", "reset-password", NO)],
    # Two for all of the type.
    [
        ("Users", None, "view", YES),
        ("Users", None, "view", NO),
        ("Clients", None, "view", YES),
        ("Clients", None, "manage", NO),
    ],
    # Members of groups.
    [("Groups", "group", "view-members", YES), ("Users", None, "manage", NO)],
    [("Groups", "group", "view-members", NO), ("Users", None, "view", YES)],
    [("Groups", None, "view-members", YES), ("Groups", None, "view", NO)],
]


@frozen
class Hall:
    """A realm with a caller, and objects to call for."""

    admin: Admin
    realm: str
    server: str
    ids: dict[str, str]
    caller: httpx.Client

    def permit(self, number: int, entry: Entry) -> str:
        kind, name, scopes, who = entry
        body: Json = {
            "name": f"permission {number}",
            "resourceType": kind,
            "scopes": scopes.split(),
            "policies": [self.ids[f"policy {who}"]],
        }
        if name is not None:
            body["resources"] = [self.ids[name]]
        made: Json = self.admin.post(f"{self.server}/permission/scope", json=body).json()
        return f"{self.server}/permission/scope/{made['id']}"

    def lets_in_at(self, config: dict[str, str]) -> bool:
        """Whether a time policy holds now."""
        body = {"name": f"at {config}", **config}
        policy: Json = self.admin.post(f"{self.server}/policy/time", json=body).json()
        with_time = evolve(self, ids={**self.ids, "policy now": policy["id"]})
        path = with_time.permit(0, ("Users", "user", "view", "now"))
        found = self.may("GET", f"users/{self.ids['user']}")
        self.admin.delete(path)
        return found

    def may(self, method: str, path: str, body: Json | None = None) -> bool:
        """Whether Keycloak lets the caller in; what it then says of the body does not count."""
        answer = self.caller.request(method, path, json=body)
        assert answer.status_code in {200, 204, 400, 403}, answer.text
        return answer.status_code != 403

    def answers(self) -> dict[tuple[Target, str], bool]:
        user, member, group, client, organization = (
            self.ids[name] for name in ("user", "member", "group", "client", "organization")
        )
        a_user, a_member = Target("Users", "user"), Target("Users", groups=("/group",))
        acme = {"name": "organization", "domains": [{"name": "acme.example"}]}
        return {
            (a_user, "view"): self.may("GET", f"users/{user}"),
            (a_user, "manage"): self.may("POST", f"users/{user}/logout"),
            (a_user, "reset-password"): self.may("PUT", f"users/{user}/reset-password", {}),
            (a_member, "view"): self.may("GET", f"users/{member}"),
            (Target("Groups", "group"), "view"): self.may("GET", f"groups/{group}"),
            (Target("Clients", "client"), "view"): self.may("GET", f"clients/{client}"),
            (Target("Clients", "client"), "manage"): self.may(
                "POST", f"clients/{client}/registration-access-token"
            ),
            (Target("Organizations", "organization"), "manage"): self.may(
                "PUT", f"organizations/{organization}", acme
            ),
        }


@pytest.fixture
def hall(admin: Admin, keycloak: Server, realm: str) -> Iterator[Hall]:
    switches = {"adminPermissionsEnabled": True, "organizationsEnabled": True}
    admin.put(realm, json={"realm": realm, **switches})
    server = f"{realm}/clients/{admin.client_id(realm, 'admin-permissions')}/authz/resource-server"
    ids = {name: _user(admin, realm, name) for name in ("caller", "user", "member")}
    ids["group"] = admin.create(f"{realm}/groups", {"name": "group"})
    ids["client"] = admin.create(f"{realm}/clients", {"clientId": "client"})
    acme = {"name": "organization", "domains": [{"name": "acme.example"}]}
    ids["organization"] = admin.create(f"{realm}/organizations", acme)
    admin.put(f"{realm}/users/{ids['member']}/groups/{ids['group']}")
    for who in (YES, NO):
        body = {"name": f"policy {who}", "users": [ids[who]]}
        ids[f"policy {who}"] = admin.post(f"{server}/policy/user", json=body).json()["id"]
    form = {"grant_type": "password", "client_id": "admin-cli", "username": "caller"}
    token = httpx.post(
        f"{keycloak.url}/realms/{realm}/protocol/openid-connect/token",
        data={**form, "password": PASSWORD},
        timeout=60,
    ).json()["access_token"]
    with httpx.Client(
        base_url=f"{keycloak.url}/admin/realms/{realm}/",
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    ) as caller:
        yield Hall(admin, realm, server, ids, caller)


def _user(admin: Admin, realm: str, name: str) -> str:
    return admin.create(
        f"{realm}/users",
        {
            "username": name,
            "enabled": True,
            "email": f"{name}@example.org",
            "firstName": name,
            "lastName": name,
            "credentials": [{"type": "password", "value": PASSWORD}],
        },
    )


def as_values(entries: list[Entry]) -> tuple[Permission, ...]:
    return tuple(
        Permission(
            realm="any",
            name=str(number),
            resource_type=kind,
            resources=tuple(_named(kind, name)),
            scopes=tuple(scopes.split()),
            condition=Literal(Trait(Kind.USER, who)),
        )
        for number, (kind, name, scopes, who) in enumerate(entries)
    )


def _named(kind: str, name: str | None) -> list[str]:
    if name is None:
        return []
    return [f"/{name}" if kind == "Groups" else name]


def test_the_rules_say_what_keycloak_answers(hall: Hall) -> None:
    """Every request, under permissions that agree, differ and shut each other out."""
    wrong = []
    for entries in SCENES:
        made = [hall.permit(number, entry) for number, entry in enumerate(entries)]
        rules = Rules(as_values(entries))
        for (target, scope), answer in hall.answers().items():
            if rules.allowed(Subject(user="caller"), _at(target), scope) is not answer:
                wrong.append((entries, target, scope, answer))
        for path in made:
            hall.admin.delete(path)
    assert wrong == []
    # Hours that would be all of them, over midnight, and an end without a beginning.
    assert not hall.lets_in_at({"hour": "12", "hourEnd": "11"})
    assert hall.lets_in_at({"hourEnd": "0"})


def _at(target: Target) -> Target:
    return Target("Groups", "/group") if target.resource_type == "Groups" else target


NOW = datetime(2026, 11, 26, 15, 42)  # noqa: DTZ001 - the server's own time, whatever its zone


@pytest.mark.parametrize(
    ("config", "holds"),
    [
        ({"hour": "15"}, True),
        ({"hour": "9", "hourEnd": "15"}, True),
        ({"hour": "9", "hourEnd": "14"}, False),
        ({"hour": "22", "hourEnd": "16"}, False),
        ({"hourEnd": "9"}, True),
        ({"year": "2026", "month": "11", "dayMonth": "26", "minute": "42"}, True),
        ({"month": "12"}, False),
        ({"notBefore": "2026-11-26 15:42:00"}, True),
        ({"notOnOrAfter": "2026-11-26 15:41:59"}, False),
        ({"notBefore": "tomorrow"}, None),
        ({"notBefore": "2026-01-01 00:00:00Z"}, None),
    ],
)
def test_it_is_said_when_a_time_policy_holds(config: dict[str, str], holds: object) -> None:
    assert Hours(config).met(Subject(), NOW) is holds
