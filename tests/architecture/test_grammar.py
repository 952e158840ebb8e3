"""Where types stand in files and what their addresses look like: one line of text each."""

import json
from pathlib import Path

import pytest

from kcplan.address import Address
from kcplan.config.load import load
from kcplan.grammar import Items, Keys, Word, pattern, section
from kcplan.layout import Layout
from kcplan.resource import TypeSpec
from kcplan.shapes import STRING, Object


def test_a_way_is_read_step_by_step() -> None:
    assert section("roles.client{}[name]") == (
        Word("roles"),
        Word("client"),
        Keys(),
        Items(("name",)),
    )
    assert section("mappers[alias,name]") == (Word("mappers"), Items(("alias", "name")))
    assert section("groups[name].subGroups*[name]") == (
        Word("groups"),
        Items(("name",), nested="subGroups"),
    )
    assert section("") == ()


@pytest.mark.parametrize("where", ["a b", "a.[x", "a*[name]", "groups[name].subGroups*[id]"])
def test_what_is_no_way_is_a_defect(where: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        section(where)


@pytest.mark.parametrize(
    ("text", "segments", "names"),
    [
        ("REALM", ("r",), ("r",)),
        (
            "REALM/clients/CLIENT_ID/roles/NAME",
            ("r", "clients", "c", "roles", "n"),
            ("r", "c", "n"),
        ),
        (
            "REALM/clients/CLIENT_ID/authorization",
            ("r", "clients", "c", "authorization"),
            ("r", "c"),
        ),
        ("REALM/groups/NAME...", ("r", "groups", "a", "b/c", "d"), ("r", "a", "b/c", "d")),
    ],
)
def test_names_and_address_stand_for_each_other(
    text: str, segments: tuple[str, ...], names: tuple[str, ...]
) -> None:
    address = Address(segments)
    assert pattern(text).fits(address)
    assert pattern(text).names(address) == names
    assert pattern(text).address(names) == address


def test_a_pattern_fits_nothing_else() -> None:
    roles = pattern("REALM/roles/NAME")
    assert not roles.fits(Address.of("r", "roles"))
    assert not roles.fits(Address.of("r", "roles", "a", "b"))
    assert not roles.fits(Address.of("r", "clients", "a"))


def test_an_address_beside_another_shares_its_names() -> None:
    scopes = pattern("REALM/clients/CLIENT_ID/authorization/scopes/NAME")
    resource = Address.of("r", "clients", "c", "authorization", "resources", "x")
    assert scopes.beside(resource, "s") == Address.of(
        "r", "clients", "c", "authorization", "scopes", "s"
    )
    assert pattern("REALM/roles/NAME").beside(resource, "a/b") == Address.of("r", "roles", "a/b")


TEXT = Object({"text": STRING})

REGISTRY = {
    spec.name: spec
    for spec in (
        TypeSpec(name="realm", pattern="REALM", rank=0, where="", schema=TEXT),
        TypeSpec(
            name="group",
            pattern="REALM/groups/NAME...",
            rank=1,
            where="groups[name].subGroups*[name]",
            schema=TEXT,
            key=("name",),
        ),
        TypeSpec(
            name="mapper",
            pattern="REALM/providers/ALIAS/mappers/NAME",
            rank=2,
            where="mappers[alias,name]",
            schema=TEXT,
            key=("name",),
        ),
        TypeSpec(
            name="account",
            pattern="REALM/clients/CLIENT/account",
            rank=3,
            where="users[client]",
            schema=TEXT,
            key=("client",),
        ),
        TypeSpec(
            name="user",
            pattern="REALM/users/NAME",
            rank=4,
            where="users[name]",
            schema=Object({"text": STRING, "name": STRING}),
            key=("name",),
        ),
    )
}

DOCUMENT = {
    "realm": "r",
    "groups": [
        {
            "name": "a",
            "text": "1",
            "subGroups": [{"name": "b/c", "text": "2", "subGroups": [{"name": "d", "text": "3"}]}],
        }
    ],
    "mappers": [{"alias": "idp", "name": "m", "text": "4"}],
    "users": [{"client": "c", "text": "5"}, {"name": "u", "text": "6"}],
}

FOUND = {
    "r": ("realm", {}),
    "r/groups/a": ("group", {("text",): "1"}),
    "r/groups/a/b%2Fc": ("group", {("text",): "2"}),
    "r/groups/a/b%2Fc/d": ("group", {("text",): "3"}),
    "r/providers/idp/mappers/m": ("mapper", {("text",): "4"}),
    "r/clients/c/account": ("account", {("text",): "5"}),
    "r/users/u": ("user", {("text",): "6"}),
}


def test_trees_two_names_and_shared_lists_are_taken_apart(tmp_path: Path) -> None:

    from kcplan.config.settings import Settings

    file = tmp_path / "realm.json"
    file.write_text(json.dumps(DOCUMENT))
    config = load([str(file)], REGISTRY, {}, Settings())
    assert {
        str(address): (resource.type, dict(resource.leaves))
        for address, resource in config.resources.items()
    } == FOUND


def test_and_are_put_together_again() -> None:
    layout = Layout(REGISTRY)
    for text, (word, leaves) in FOUND.items():
        if word != "realm":
            fields = {path[0]: value for path, value in leaves.items()}
            layout.put(REGISTRY[word], Address.parse(text), fields)
    document = layout.document(lambda text: text)
    assert document == {key: value for key, value in DOCUMENT.items() if key != "realm"}
