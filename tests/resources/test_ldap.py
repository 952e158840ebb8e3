"""User federation with a real directory server: what kcplan declares is what Keycloak works with."""

from collections.abc import Iterator

import httpx
import pytest

from support.faults import FaultyTransport
from support.harness import Server
from support.ldap import MANAGER, PEOPLE, Directory, directory
from support.sabotage import WAYS, Saboteur, sent_through
from support.world import Json, World

pytestmark = pytest.mark.xdist_group("the directory server")

FEDERATION = "org.keycloak.storage.UserStorageProvider"
MAPPER = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper"
ADDRESS = "components/UserStorageProvider/company"
MAPPERS = f"{ADDRESS}/mappers"


@pytest.fixture(scope="module")
def ldap() -> Iterator[Directory]:
    with directory() as found:
        yield found


def provider(ldap: Directory, *mappers: Json, **config: str) -> Json:
    """A section with an LDAP provider for the directory server."""
    settings = {
        "enabled": "true",
        "vendor": "other",
        "editMode": "READ_ONLY",
        "connectionUrl": ldap.url,
        "usersDn": PEOPLE,
        "usernameLDAPAttribute": "uid",
        "rdnLDAPAttribute": "uid",
        "uuidLDAPAttribute": "entryUUID",
        "userObjectClasses": "inetOrgPerson",
        "authType": "simple",
        "bindDn": MANAGER,
        "bindCredential": "${LDAP_PASSWORD}",
        **config,
    }
    return {
        FEDERATION: [
            {
                "name": "company",
                "providerId": "ldap",
                "config": {key: [value] for key, value in settings.items()},
                "subComponents": {MAPPER: list(mappers)},
            }
        ]
    }


def mapper(name: str, attribute: str, field: str) -> Json:
    config = {"user.model.attribute": [field], "ldap.attribute": [attribute]}
    return {"name": name, "providerId": "user-attribute-ldap-mapper", "config": config}


@pytest.fixture
def company(world: World, ldap: Directory) -> World:
    """A realm whose users come from the directory server."""
    world.variables["LDAP_PASSWORD"] = ldap.password
    world.declare(enabled=True, components=provider(ldap))
    world.apply()
    return world


def ada(world: World) -> Json | None:
    """The user of the directory server, looked for through Keycloak."""
    found = world.admin.json(world.path("users"), username="ada", exact="true")
    return found[0] if found else None


def logs_in(world: World, keycloak: Server) -> bool:
    """Whether the user of the directory server can log in with the password there."""
    url = f"{keycloak.url}/realms/{world.realm}/protocol/openid-connect/token"
    form = {"grant_type": "password", "client_id": "admin-cli", "username": "ada"}
    answer = httpx.post(url, data={**form, "password": "ada-has-a-long-password"})
    return answer.status_code == httpx.codes.OK


def test_users_are_found_and_log_in(company: World, keycloak: Server) -> None:
    found = ada(company)
    assert found is not None
    assert (found["email"], found["lastName"]) == ("ada@example.org", "Lovelace")
    assert logs_in(company, keycloak)
    company.is_settled()


def test_a_mapper_works(company: World, ldap: Directory) -> None:
    company.declare(
        enabled=True,
        components=provider(ldap, mapper("last name", "departmentNumber", "lastName")),
    )
    assert company.plan().actions == {f"{MAPPERS}/last name": "adopt"}
    company.apply()
    found = ada(company)
    assert found is not None
    assert found["lastName"] == "engines"


def test_another_change_keeps_the_password_working(company: World, ldap: Directory) -> None:
    company.declare(enabled=True, components=provider(ldap, pagination="true", priority="7"))
    assert set(company.plan().fields(ADDRESS)) == {"config.pagination", "config.priority"}
    company.apply()
    assert ada(company) is not None
    company.is_settled()


def test_a_failed_change_keeps_the_password_working(company: World, ldap: Directory) -> None:
    company.declare(
        enabled=True,
        components=provider(ldap, pagination="true", priority="7"),
        clients=[{"clientId": "bad", "redirectUris": ["javascript:alert(1)"]}],
    )
    transport = FaultyTransport()
    with sent_through(transport):
        company.apply(exit_code=3)
    assert transport.count("PUT", "/components/") > 0
    assert ada(company) is not None


def test_a_password_that_is_replaced_is_marked_as_lost_and_used(
    company: World, ldap: Directory
) -> None:
    company.variables["LDAP_PASSWORD"] = "this-is-not-the-password-0001"
    plan = company.plan()
    assert set(plan.fields(ADDRESS)) == {"config.bindCredential"}
    assert "the old secret is lost" in company.kcplan("plan", company.file).stdout
    company.apply()
    answer = company.admin.get(company.path("users"), check=False, params={"username": "ada"})
    assert answer.status_code != httpx.codes.OK or answer.json() == []
    company.variables["LDAP_PASSWORD"] = ldap.password
    company.apply()
    assert ada(company) is not None


def test_its_users_go_with_it(company: World) -> None:
    assert ada(company) is not None
    company.declare(enabled=True)
    company.apply()
    assert ada(company) is None


def test_a_deletion_that_is_undone_brings_back_all_but_the_password(
    company: World, ldap: Directory
) -> None:
    mappers = (
        mapper("department", "departmentNumber", "department"),
        mapper("last name", "cn", "lastName"),
    )
    client = {"clients": [{"clientId": "web"}], "roles": {"realm": [{"name": "reader"}]}}
    company.declare(enabled=True, components=provider(ldap, *mappers), **client)
    company.apply()
    before = inside(company)
    company.declare(enabled=True)
    plan = company.plan()
    assert plan.actions[ADDRESS] == "delete"
    assert "user-federation-deleted" in {risk["code"] for risk in plan.document["risks"]}
    with sent_through(Saboteur({2: WAYS["status 500"]})):
        result = company.apply("--parallelism", "1", exit_code=4)
    assert inside(company) == before
    said = " ".join(result.stderr.split())
    assert f"{ADDRESS} is back without its secret (bindCredential)" in said


def inside(world: World) -> dict[str, Json]:
    """What lies in the provider, by name."""
    every = world.admin.json(world.path("components"))
    (holder,) = (item["id"] for item in every if item["name"] == "company")
    return {item["name"]: item for item in every if item.get("parentId") == holder}


def test_its_users_are_left_out_of_an_import(company: World, ldap: Directory) -> None:
    """Also where Keycloak keeps no copy of them."""
    company.declare(enabled=True, components=provider(ldap, importEnabled="false"))
    company.apply()
    company.kcplan("state", "rm", company.realm)
    result = company.kcplan("import", company.realm, "--users", "--out", "all.toml")
    assert "because a user federation brings them by itself; they stay as they are:\n  1 user" in (
        result.stderr
    )
    assert "ada" not in (company.folder / "all.toml").read_text()
