"""Mappers of identity providers."""

import json
import uuid
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan_keycloak.roles import ROLE_TEXT
from support.sabotage import each_write_fails
from support.world import Json, World

AT = "identity-providers/company/mappers/m"
ROLES: Json = {
    "realm": [{"name": "clerk"}],
    "client": {"the.shop": [{"name": "seller"}]},
}


@pytest.fixture
def world(world: World, realm: str) -> World:
    """A world whose realm exists."""
    assert world.realm == realm
    return world


def provider(**fields: Any) -> Json:
    config = {
        "clientId": "us",
        "authorizationUrl": "https://login.example/auth",
        "tokenUrl": "https://login.example/token",
    }
    return {"alias": "company", "providerId": "oidc", "config": config, **fields}


def mapper(name: str = "m", kind: str = "oidc-hardcoded-role-idp-mapper", **config: Any) -> Json:
    return {
        "identityProviderAlias": "company",
        "name": name,
        "identityProviderMapper": kind,
        "config": {"syncMode": "INHERIT", **config},
    }


def declare(world: World, *mappers: Json, **sections: Any) -> None:
    world.declare(
        **{
            "identityProviders": [provider()],
            "identityProviderMappers": list(mappers),
            "roles": ROLES,
            "clients": [{"clientId": "the.shop"}],
            **sections,
        }
    )


def mappers(world: World) -> dict[str, Json]:
    """The mappers of the provider by name."""
    at = world.path("identity-provider", "instances", "company", "mappers")
    return {item["name"]: item for item in world.admin.json(at)}


def moved(*pairs: tuple[str, str]) -> str:
    return "\n".join(f'[[moved]]\nfrom = "REALM/{a}"\nto = "REALM/{b}"\n' for a, b in pairs)


def test_keycloak_follows_what_a_mapper_names_and_so_does_the_plan(world: World) -> None:
    def all_three(role: str, client: str, inner: str) -> None:
        declare(
            world,
            mapper(role=role),
            mapper("n", role=f"{client}.seller"),
            mapper("o", role=f"till.{inner}"),
            roles={
                "realm": [{"name": role}],
                "client": {client: [{"name": "seller"}], "till": [{"name": inner}]},
            },
            clients=[{"clientId": client}, {"clientId": "till"}],
        )

    all_three("clerk", "the.shop", "cashier")
    world.apply()
    all_three("official", "a.store", "teller")
    world.settings(
        moved(
            ("roles/clerk", "roles/official"),
            ("clients/the.shop", "clients/a.store"),
            ("clients/till/roles/cashier", "clients/till/roles/teller"),
        )
    )
    assert world.plan().actions == {
        "roles/official": "move",
        "clients/a.store": "move",
        "clients/till/roles/teller": "move",
    }
    world.apply()
    world.is_settled()
    assert {name: item["config"]["role"] for name, item in mappers(world).items()} == {
        "m": "official",
        "n": "a.store.seller",
        "o": "till.teller",
    }


def test_a_group_is_named_by_its_path(world: World) -> None:
    group = mapper(kind="oidc-hardcoded-group-idp-mapper", group="/staff/sales")
    declare(world, group)
    plan = world.plan(exit_code=1)
    assert [
        item["summary"].replace(world.realm, "REALM") for item in plan.document["diagnostics"]
    ] == snapshot(
        ["identity-provider-mapper m names REALM/groups/staff/sales, which does not exist"]
    )
    staff = world.admin.create(world.path("groups"), {"name": "staff"})
    world.admin.post(world.path("groups", staff, "children"), json={"name": "sales"})
    world.apply()
    world.is_settled()


def test_roles_are_there_before_mappers_that_name_them(world: World) -> None:
    declare(world, mapper(role="the.shop.seller"))
    world.apply("--parallelism", 1)
    world.is_settled()
    assert world.entry(AT)["depends_on"] == [
        f"{world.realm}/clients/the.shop/roles/seller",
        f"{world.realm}/identity-providers/company",
    ]


def test_a_kind_that_the_server_does_not_have_is_an_error(world: World) -> None:
    declare(world, mapper(kind="oidc-hardcoded-roles-idp-mapper"))
    plan = world.plan(exit_code=1)
    assert [item["summary"] for item in plan.document["diagnostics"]] == snapshot(
        [
            (
                "Keycloak 26.7.3 has no identity provider mapper `oidc-hardcoded-roles-idp-mapper`; "
                "did you mean `oidc-hardcoded-role-idp-mapper`?"
            )
        ]
    )


def test_one_without_its_provider_is_an_error(world: World) -> None:
    declare(world, mapper(role="clerk"), identityProviders=[])
    plan = world.plan(exit_code=1)
    assert [
        item["summary"].replace(world.realm, "REALM") for item in plan.document["diagnostics"]
    ] == snapshot(
        [
            (
                "identity-provider-mapper m lies in REALM/identity-providers/company, "
                "which does not exist"
            )
        ]
    )


def test_a_replaced_provider_has_its_mappers_again(world: World) -> None:
    declare(world, mapper(role="clerk"), mapper("n", role="clerk"))
    world.apply()
    declare(
        world,
        mapper(role="the.shop.seller"),
        mapper("n", role="clerk"),
        identityProviders=[provider(providerId="keycloak-oidc")],
    )
    plan = world.plan()
    assert plan.actions == {
        "identity-providers/company": "replace",
        AT: "replace",
        "identity-providers/company/mappers/n": "replace",
    }
    world.apply()
    world.is_settled()
    assert {name: item["config"]["role"] for name, item in mappers(world).items()} == {
        "m": "the.shop.seller",
        "n": "clerk",
    }


def test_the_plan_says_what_becomes_of_mappers_in_a_replaced_provider(world: World) -> None:
    declare(world, mapper(role="clerk"), mapper("goes", role="clerk"))
    world.apply()
    declare(world, mapper(role="clerk"), identityProviders=[provider(providerId="keycloak-oidc")])
    text = world.kcplan("plan", world.file).stdout.replace(world.realm, "REALM")
    assert text == snapshot("""\
kcplan will perform the following actions. Symbols:
-/+ destroy and then create replacement
  - destroy

  # REALM/identity-providers/company/mappers/goes will be destroyed
  # (it is no longer in the files)
  - identity-provider-mapper "goes" {
      - config                 = {role = "clerk", syncMode = "INHERIT"}
      - identityProviderMapper = "oidc-hardcoded-role-idp-mapper"
    }

  # REALM/identity-providers/company must be replaced
  # (a field changes that only a new object can have with another value)
  # Cannot be undone: its client secret is lost: Keycloak does not give it back
  # Cannot be undone: the links of users to their accounts there are lost
  # Note: each identity-provider-mapper in it that no file declares is lost
-/+ identity-provider "company" {
      ~ providerId = "oidc" -> "keycloak-oidc" # forces replacement
        # (3 unchanged attributes hidden)
    }

  # REALM/identity-providers/company/mappers/m must be replaced
  # (it lies in REALM/identity-providers/company, which is replaced)
-/+ identity-provider-mapper "m" {
        # (3 unchanged attributes hidden)
    }

Plan: 2 to add, 0 to change, 3 to destroy.
""")


def test_a_failed_replacement_brings_provider_and_mappers_back(world: World) -> None:
    declare(world, mapper(role="clerk"), mapper("goes", role="clerk"))
    world.apply()
    before = mappers(world)
    state = json.loads(world.state_file.read_text())["resources"]
    declare(world, mapper(role="clerk"), identityProviders=[provider(providerId="keycloak-oidc")])

    def as_before() -> None:
        assert mappers(world) == before
        assert json.loads(world.state_file.read_text())["resources"] == state

    each_write_fails(world.try_apply, as_before)
    assert mappers(world).keys() == {"m"}


def test_mappers_are_imported_with_their_provider(world: World) -> None:
    declare(world, mapper(role="clerk"))
    world.apply()
    world.kcplan("import", world.realm, "--out", "imported.json", "--state", "imported.state")
    document = json.loads((world.folder / "imported.json").read_text())
    assert document["identityProviderMappers"] == [mapper(role="clerk")]


def test_one_that_somebody_else_made_is_adopted_and_stays(world: World) -> None:
    declare(world)
    world.apply()
    at = world.path("identity-provider", "instances", "company", "mappers")
    world.admin.post(at, json=mapper(role="clerk"))
    declare(world, mapper(role="the.shop.seller"))
    assert world.plan().actions == {AT: "adopt"}
    world.apply()
    world.is_settled()
    declare(world)
    assert world.plan().actions == {AT: "release"}
    world.apply()
    assert mappers(world).keys() == {"m"}


def collection(world: World) -> str:
    return world.path("identity-provider", "instances", "company", "mappers")


def test_what_a_post_wants(world: World) -> None:
    declare(world)
    world.apply()

    def posted(**body: Any) -> int:
        return world.admin.post(collection(world), json=body, check=False).status_code

    chosen = str(uuid.uuid4())
    assert posted(**mapper(role="clerk"), id=chosen) == 201
    assert mappers(world)["m"]["id"] == chosen
    assert posted(**mapper(role="clerk")) == 400
    nameless = {k: v for k, v in mapper("n").items() if k != "identityProviderAlias"}
    assert posted(**nameless) == 409


def test_what_a_post_takes_although_nothing_comes_of_it(world: World) -> None:
    declare(world)
    world.apply()
    world.admin.post(collection(world), json=mapper("a", role="nonesuch"))
    world.admin.post(collection(world), json=mapper("b", group="/nonesuch"))
    world.admin.post(collection(world), json=mapper("c", kind="nonesuch"))
    assert mappers(world).keys() == {"a", "b", "c"}


def test_what_a_put_does(world: World) -> None:
    declare(world, mapper(role="clerk"))
    world.apply()
    there = mappers(world)["m"]
    changed = {**mapper("n", kind="oidc-role-idp-mapper"), "id": there["id"]}
    changed["config"] = {"claim": "job", "claim.value": ""}
    world.admin.put(f"{collection(world)}/{there['id']}", json=changed)
    assert mappers(world) == {"n": {**changed, "config": {"claim": "job"}}}


def test_keycloak_follows_groups(world: World) -> None:
    declare(world)
    world.apply()
    top = world.admin.create(world.path("groups"), {"name": "top"})
    children = world.path("groups", top, "children")
    sub = world.admin.post(children, json={"name": "sub"}).json()["id"]
    kind = "oidc-hardcoded-group-idp-mapper"
    world.admin.post(collection(world), json=mapper(kind=kind, group="/top/sub"))

    def group() -> str:
        return str(mappers(world)["m"]["config"]["group"])

    world.admin.put(world.path("groups", sub), json={"name": "inner"})
    assert group() == "/top/inner"
    world.admin.put(world.path("groups", top), json={"name": "outer"})
    assert group() == "/outer/inner"
    world.admin.post(world.path("groups"), json={"id": sub, "name": "inner"})
    assert group() == "/inner"
    world.admin.delete(world.path("groups", sub))
    assert group() == "/inner"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("clerk", ["roles/clerk"]),
        ("shop.clerk", ["clients/shop/roles/clerk", "roles/shop.clerk"]),
        (
            "a.b.c",
            ["clients/a.b/roles/c", "clients/a/roles/b.c", "roles/a.b.c"],
        ),
        (".a.", ["roles/.a."]),
    ],
)
def test_a_role_is_named_as_keycloak_looks_for_it(text: str, names: list[str]) -> None:
    holder = Address.of("r", "identity-providers", "i", "mappers", "m")
    found = ROLE_TEXT.read(holder, text)
    assert [str(address) for address in found] == [f"r/{name}" for name in names]
    assert {ROLE_TEXT.write(address) for address in found} == {text}
