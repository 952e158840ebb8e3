"""The model agrees with the server, for every case of the matrix."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from attrs import define, frozen

from kcplan.secret import Secret
from kcplan_keycloak.api import AdminApi, Connection
from kcplan_keycloak.token_exchange.model import Realm
from kcplan_keycloak.token_exchange.reading import read_holder, read_realm
from kcplan_keycloak.token_exchange.rules import Exchange, Refusal, predict
from kcplan_keycloak.token_exchange.tokens import Holder, service_account, token
from support.exchange_matrix import (
    HELD,
    ROLE,
    UNHELD,
    Case,
    cases,
    default_scopes,
    mapper,
    requester_client,
    subject_client,
)
from support.exchanging import PASSWORD, REFRESH, SECRET, Tokens, audience, claims
from support.harness import Admin, Server

WIDTH = 8


def in_parallel(function: Callable[..., Any], items: Iterable[Any]) -> list[Any]:
    with ThreadPoolExecutor(WIDTH) as pool:
        return list(pool.map(function, items))


@define
class Builder:
    """Builds the clients, scopes and roles of all cases in one realm."""

    admin: Admin
    realm: str
    ids: dict[str, str]
    scopes: dict[str, str]

    def at(self, *segments: str) -> str:
        return "/".join([self.realm, *(quote(part, safe="") for part in segments)])

    def client(self, representation: dict[str, Any]) -> None:
        self.ids[representation["clientId"]] = self.admin.create(self.at("clients"), representation)

    def role(self, client: str) -> dict[str, Any]:
        at = self.at("clients", self.ids[client], "roles")
        self.admin.post(at, json={"name": ROLE}, check=False)
        found: dict[str, Any] = self.admin.json(f"{at}/{ROLE}")
        return found

    def scope(self, name: str, target: str, restricted_to: dict[str, Any] | None = None) -> None:
        on = {"included_client_audience": target, "access_token_claim": "true"}
        representation = {
            "name": name,
            "protocol": "openid-connect",
            "protocolMappers": [mapper("aud", **on, lightweight_claim="true")],
        }
        self.scopes[name] = self.admin.create(self.at("client-scopes"), representation)
        if restricted_to:
            at = self.at("client-scopes", self.scopes[name], "scope-mappings", "realm")
            self.admin.post(at, json=[restricted_to])

    def user(self, number: int) -> None:
        self.admin.post(
            self.at("users"),
            json={
                "username": f"user{number}",
                "enabled": True,
                "email": f"user{number}@example.org",
                "firstName": "User",
                "lastName": "Test",
                "credentials": [{"type": "password", "value": PASSWORD}],
            },
        )

    def attach(self, client: str, kind: str, scope: str) -> None:
        self.admin.put(
            self.at("clients", self.ids[client], f"{kind}-client-scopes", self.scopes[scope])
        )

    def grant(self, case: Case, client: str) -> None:
        name = f"user{case.number}" if case.user else f"service-account-{case.subject}"
        user = self.admin.json(self.at("users"), username=name, exact="true")[0]["id"]
        at = self.at("users", user, "role-mappings", "clients", self.ids[client])
        self.admin.post(at, json=[self.role(client)])

    def allow(self, client: str, other: str) -> None:
        at = self.at("clients", self.ids[client], "scope-mappings", "clients", self.ids[other])
        self.admin.post(at, json=[self.role(other)])


def build(admin: Admin, realm: str, todo: list[Case]) -> None:
    builder = Builder(admin, realm, {}, {})
    for name in (HELD, UNHELD):
        admin.post(builder.at("roles"), json={"name": name})
    held = admin.json(builder.at("roles", HELD))
    admin.post(builder.at("roles", f"default-roles-{realm}", "composites"), json=[held])
    for name in ("t0", "t1", "off"):
        builder.client(
            {"clientId": name, "secret": "unused-by-the-tests", "enabled": name != "off"}
        )
    builder.scope("to-t0", "t0")
    builder.scope(f"{HELD}-t0", "t0", held)
    builder.scope(f"{UNHELD}-t0", "t0", admin.json(builder.at("roles", UNHELD)))
    builder.role("t0")
    in_parallel(lambda case: _build_case(builder, case, held), todo)


def _build_case(builder: Builder, case: Case, held: dict[str, Any]) -> None:
    builder.client(requester_client(case))
    if case.user:
        builder.user(case.number)
    if not case.own:
        builder.client(subject_client(case))
    if case.reach in {"default-scope", "optional-scope", "asked-scope"}:
        builder.scope(f"to-{case.requester}", case.requester)
    if case.reach == "held-scope":
        builder.scope(f"{HELD}-{case.requester}", case.requester, held)
    if case.reach == "unheld-scope":
        unheld = builder.admin.json(builder.at("roles", UNHELD))
        builder.scope(f"{UNHELD}-{case.requester}", case.requester, unheld)
    if not case.own:
        _reach(builder, case, case.subject, case.reach, case.requester)
    _reach(builder, case, case.requester, case.target, "t0")


def _reach(builder: Builder, case: Case, client: str, way: str, audience: str) -> None:
    """Let a client reach an audience in a way that takes more than its representation."""
    for scope in default_scopes(way, audience):
        builder.attach(client, "default", scope)
    if way in {"optional-scope", "asked-scope"}:
        builder.attach(client, "optional", f"to-{audience}")
    if way == "hardcoded":
        builder.role(audience)
    if way.startswith("role"):
        builder.grant(case, audience)
    if way == "role-scoped":
        builder.allow(client, audience)


@frozen
class Tried:
    """What a case was predicted to give, and what it gave."""

    case: Case
    predicted: tuple[Any, ...]
    real: tuple[Any, ...]


def expected(realm: Realm, holders: dict[int, Holder], case: Case) -> tuple[Any, ...]:
    client = realm.clients[case.subject]
    holder = holders.get(case.number) or service_account(realm, client)
    given = token(realm, client, holder, case.subject_scopes)
    answer = predict(
        realm,
        Exchange(
            requester=case.requester,
            subject=given,
            audiences=case.requested,
            scopes=case.scopes,
            refresh_token=case.refresh_token,
        ),
    )
    if isinstance(answer, Refusal):
        return (answer.status, answer.error, answer.description, given.audience)
    return (
        200,
        answer.token.audience,
        answer.token.issued_to,
        answer.refresh_token,
        given.audience,
    )


def tried(tokens: Tokens, case: Case) -> tuple[Any, ...]:
    if case.user:
        subject = tokens.of_user(case.subject, f"user{case.number}", case.subject_scopes)
    else:
        subject = tokens.own(case.subject, case.subject_scopes)
    given = frozenset(audience(subject))
    more = {"requested_token_type": REFRESH} if case.refresh_token else {}
    answer = tokens.exchange(
        case.requester,
        subject,
        case.requested,
        secret=None if case.public else SECRET,
        scopes=case.scopes,
        **more,
    )
    body = answer.json()
    if answer.status_code != 200:
        return (answer.status_code, body["error"], body["error_description"], given)
    new = body["access_token"]
    return (200, frozenset(audience(new)), claims(new)["azp"], "refresh_token" in body, given)


@pytest.fixture(scope="module")
def api(keycloak: Server) -> Iterator[AdminApi]:
    connection = Connection(
        url=keycloak.url, username=keycloak.username, password=Secret(keycloak.password)
    )
    with AdminApi(connection) as api:
        yield api


def holders_of(api: AdminApi, realm: str, todo: list[Case]) -> dict[int, Holder]:
    found = api.map(lambda case: (case.number, read_holder(api, realm, f"user{case.number}")), todo)
    return {number: holder for number, holder in found if holder is not None}


@pytest.mark.long("hundreds of exchanges, in one realm that takes most of the time to make")
def test_the_model_predicts_what_the_server_answers(
    admin: Admin, api: AdminApi, realm: str, tokens_of: Callable[[str], Tokens]
) -> None:
    todo = cases()
    build(admin, realm, todo)
    model = read_realm(api, realm)
    assert model is not None
    holders = holders_of(api, realm, [case for case in todo if case.user])
    tokens = tokens_of(realm)
    results = in_parallel(
        lambda case: Tried(case, expected(model, holders, case), tried(tokens, case)), todo
    )
    disagreements = [result for result in results if result.predicted != result.real]
    assert disagreements == []
    outcomes = Counter(_kind(result.predicted) for result in results)
    assert outcomes["granted"] > 70
    assert set(outcomes) == {
        "granted",
        "Invalid client or Invalid client credentials",
        "Standard token exchange is not enabled for the requested client",
        "requested_token_type unsupported",
        "Audience not found",
        "Public client is not allowed to exchange token",
        "Client disabled",
        "Client is not within the token audience",
        "Invalid scopes",
        "Refresh token not valid as requested_token_type because creating a new session is needed",
        "Missing consents for Token Exchange in client",
        "Requested audience not available",
    }


def _kind(predicted: tuple[Any, ...]) -> str:
    """The rule behind an answer, without the names in it."""
    if predicted[0] == 200:
        return "granted"
    return re.split(r": | r\d+$", str(predicted[2]))[0]
