"""`kcplan import` knows what new objects have, in each version of Keycloak that it has a table of."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from attrs import evolve
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.diff import same
from kcplan.schema import dotted
from kcplan.snapshot import LiveObject
from kcplan.versions import numbers
from kcplan_keycloak import version_tables
from kcplan_keycloak.defaults import Defaults
from kcplan_keycloak.resources import registry
from kcplan_keycloak.server_info import ServerInfo
from kcplan_keycloak.version_tables import Difference, Table
from support import look_at_versions, new_objects
from support.authorization import connect
from support.harness import Server
from support.importing import forget, imported
from support.sabotage import sent_through
from support.world import Json, World

OLDER = [version for version in version_tables.known() if version != version_tables.KNOWN]


def shown(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


# -- the server at hand -------------------------------------------------------------------------


def test_no_field_is_left_out_that_a_new_object_has_otherwise(
    world: World, keycloak: Server
) -> None:
    new_objects.make(world.admin, world.realm)
    with connect(keycloak.environment) as api:
        defaults = Defaults.read(api, world.realm, api.server_info().version)
    objects = new_objects.read(keycloak, world.realm)
    imported_types = {name for name, spec in registry().items() if spec.where and not spec.virtual}
    # Of these an import writes all that they have.
    assert imported_types - {item.type for item in objects} == snapshot(
        {"admin-permission", "admin-policy", "impersonation", "legacy-exchange", "workflow"}
    )
    otherwise = {
        f"{item.type} {dotted(path)}"
        for item in objects
        if (leaves := new_objects.compared(item)) is not None
        for path, usual in defaults.of(item).items()
        if usual and not same(leaves.get(path), usual)
    }
    # One client was made with another protocol than the usual one.
    assert otherwise == {"client protocol"}


# -- others, whose values the real server is made to show ---------------------------------------


class Older(httpx.HTTPTransport):
    """The real server, which has in its answers what an older version has."""

    def __init__(self, version: str, realm: str) -> None:
        super().__init__()
        self._version = version
        self._realm = realm
        self._table = version_tables.table(version)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        masked = self._mask(request.url.path.removeprefix(f"/admin/realms/{self._realm}"))
        if masked is None or response.status_code != httpx.codes.OK:
            return response
        document = json.loads(httpx.Response(200, content=b"".join(response.stream)).read())
        masked(document)
        return httpx.Response(200, json=document)

    def _mask(self, path: str) -> Callable[[Any], None] | None:
        return {
            "/admin/serverinfo": self._server,
            "": lambda found: self._write("realm", found),
            "/default-default-client-scopes": self._scopes,
            "/authentication/required-actions": lambda found: self._each(
                "required-action", found, "alias"
            ),
            "/identity-provider/instances": lambda found: self._each(
                "identity-provider", found, "alias"
            ),
        }.get(path)

    def _server(self, document: Json) -> None:
        document["systemInfo"]["version"] = self._version

    def _scopes(self, found: list[Json]) -> None:
        missing = {name[-1] for name in self._table.not_made}
        found[:] = [scope for scope in found if scope["name"] not in missing]

    def _each(self, kind: str, found: list[Json], key: str) -> None:
        for document in found:
            self._write(kind, document, document[key])

    def _write(self, kind: str, document: Json, name: str = "") -> None:
        for item in self._table.differences:
            named = item.name in ((), ("required-actions", name))
            liked = all(document.get(key) == value for key, value in item.like.items())
            for path, value in item.fields.items() if item.type == kind and named and liked else ():
                *way, last = path
                inner = document
                for key in way:
                    inner = inner.setdefault(key, {})
                if value is None:
                    inner.pop(last, None)
                else:
                    inner[last] = value


def as_in(world: World, version: tuple[int, ...]) -> tuple[Json, str]:
    """What `import` writes of the realm on a server of this version, and what it says."""
    forget(world)
    with sent_through(Older(f"{shown(version)}.1", world.realm)):
        result = world.kcplan("import", world.realm, "--out", "realm.json")
    return json.loads((world.folder / "realm.json").read_text("utf-8")), result.stderr


def test_what_an_older_version_gives_to_new_objects_is_left_out(inhabited: World) -> None:
    """What it does not make is somebody's, though newer ones make something of that name."""
    world = inhabited
    provider = {"alias": "i", "providerId": "google", "config": {"clientId": "us"}}
    world.admin.post(world.path("identity-provider", "instances"), json=provider)
    now = imported(world, "realm.json")
    sections = {"client-scopes": "clientScopes", "clients": "roles", "components": "components"}
    sections["required-actions"] = "requiredActions"
    for version in OLDER:
        older, told = as_in(world, version)
        assert "kcplan knows" not in told
        assert older.pop("identityProviders")[0]["config"] == {"clientId": "us"}
        by_hand = {name[0] for name in version_tables.table(f"{shown(version)}.1").not_made}
        differing = {key for key in older if older[key] != now.get(key)}
        assert differing == {sections[name] for name in by_hand}


def test_a_version_without_a_table_is_said(
    inhabited: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = {(26, 4): Table(), (26, 5): Table()}
    monkeypatch.setattr(version_tables, "_tables", lambda: tables)
    _, told = as_in(inhabited, (26, 3))
    (said,) = [part for part in told.split("\n\n") if "kcplan knows" in part]
    assert said == snapshot("""\
kcplan knows the defaults of Keycloak 26.4, 26.5 and 26.7, and went by those of 26.7.
This server has 26.3.1. Where they differ, the file may have a field too many or too few.
Use --compare-with-new-realm to check.\
""")


def without_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the server tell nothing of itself, as to an account that may only view."""
    monkeypatch.setattr("kcplan_keycloak.api.server_info", lambda _: ServerInfo())


def test_an_account_that_may_not_see_the_version_says_it_in_the_settings(
    inhabited: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = inhabited
    world.settings('[keycloak]\nversion = "26.1.0"\n')
    without_version(monkeypatch)
    assert "This server has 26.1.0." in world.kcplan("import", world.realm).stderr


def test_an_older_server_is_known_by_its_realms_where_it_does_not_tell_its_version(
    inhabited: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = inhabited
    without_version(monkeypatch)
    assert "kcplan knows" not in world.kcplan("import", world.realm).stderr
    _, told = as_in(world, (26, 4))
    (said,) = [part for part in told.split("\n\n") if "kcplan knows" in part]
    assert said == snapshot("""\
kcplan knows the defaults of Keycloak 26.2, 26.3, 26.4, 26.5 and 26.7, and went by those of 26.7.
This server is older, and does not tell this account its version: set `version` in the section
`[keycloak]` of kcplan.toml.\
""")
    world.declare(scimApiEnabled=True)
    with sent_through(Older("26.4.1", world.realm)):
        result = world.kcplan("plan", world.file, exit_code=1)
    assert "does not know scimApiEnabled of" in result.stderr


# -- values -------------------------------------------------------------------------------------


def test_only_what_is_meant_has_something_else() -> None:
    live = LiveObject(Address.of("r", "identity-providers", "i"), "identity-provider", "1")
    google = evolve(live, leaves={("providerId",): "google"})
    table = Table(
        (
            Difference("identity-provider", fields={("trustEmail",): True}),
            Difference("identity-provider", like={"providerId": "google"}, fields={("x",): 1}),
            Difference("identity-provider", ("identity-providers", "o"), fields={("y",): 2}),
            Difference("client", fields={("z",): 3}),
        )
    )
    assert table.of(live) == {("trustEmail",): True}
    assert table.of(google) == {("trustEmail",): True, ("x",): 1}


def test_what_was_looked_at_has_a_table_and_is_told() -> None:
    """After a change: make versions"""
    looked_at = {numbers(version)[:2] for version in look_at_versions.VERSIONS}
    assert looked_at == set(version_tables.known())
    page = (look_at_versions.ROOT / "docs" / "commands.md").read_text("utf-8")
    assert [version for version in look_at_versions.VERSIONS if version not in page] == []


def test_a_version_has_the_table_of_its_first_two_numbers() -> None:
    assert version_tables.table("26.4.99") == version_tables.table("26.4.0") != Table()
    assert version_tables.table("26.7.3") == version_tables.table(None) == Table()
    realm = LiveObject(Address.of("r"), "realm", "1")
    known = [version_tables.is_known(each, realm) for each in ("26.4.1", "26.7.9", "99.0.0", None)]
    assert known == [True, True, False, False]
