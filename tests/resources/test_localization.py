"""Texts of a realm, language by language and key by key."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from inline_snapshot import snapshot

from kcplan.config.load import load
from kcplan.errors import ConfigError
from kcplan_keycloak.resources import registry
from support.sabotage import each_write_fails
from support.world import World

AT = "localization/de"


@pytest.fixture
def world(inhabited: World) -> World:
    """A world whose realm is not kcplan's."""
    return inhabited


def declare(world: World, **texts: Any) -> None:
    world.declare(localizationTexts={"de": texts})


def texts(world: World, locale: str = "de") -> dict[str, str]:
    found: dict[str, str] = world.admin.json(world.path("localization", locale))
    return found


def locales(world: World) -> list[str]:
    found: list[str] = world.admin.json(world.path("localization"))
    return found


def add(world: World, **more: str) -> None:
    """Somebody else adds texts."""
    world.admin.post(world.path("localization", "de"), json=more)


def test_texts_of_others_stay_and_those_that_leave_the_files_go(world: World) -> None:
    add(world, theirs="1", both="1")
    declare(world, ours="1", both="2", gone="1")
    world.apply()
    world.is_settled()
    declare(world, ours="2", both="2")
    assert world.plan().fields(AT) == {
        "gone": ("1", None, "config"),
        "ours": ("1", "2", "config"),
    }
    world.apply()
    assert texts(world) == {"theirs": "1", "both": "2", "ours": "2"}


def test_a_language_that_leaves_the_files_is_deleted_if_nobody_else_has_texts_in_it(
    world: World,
) -> None:
    declare(world, ours="1")
    world.apply()
    world.declare()
    assert world.plan().actions == {AT: "delete"}
    world.apply()
    assert locales(world) == []


@pytest.mark.parametrize("how", ["out of the files", "destroy"])
def test_else_it_is_released_without_ours(world: World, how: str) -> None:
    declare(world, ours="1")
    world.apply()
    add(world, theirs="1")
    if how == "destroy":
        world.destroy()
    else:
        world.declare()
        assert world.plan().actions == {AT: "release"}
        world.apply()
    assert texts(world) == {"theirs": "1"}


def test_what_somebody_adds_after_the_plan_stays(world: World) -> None:
    declare(world, ours="1")
    world.apply()
    world.declare()
    saved = world.folder / "the.kcplan"
    world.kcplan("plan", world.file, "--out", saved)
    add(world, theirs="1")
    world.kcplan("apply", saved, "--auto-approve", exit_code=None)
    assert texts(world)["theirs"] == "1"


ODD = ["a/b", "a%b", "a.b.c", "a b", "ü", "a+b", "a;b", "a?b", "a\\b", "{0}", "a#b"]


def test_keys_may_be_odd_and_texts_empty(world: World) -> None:
    declare(world, **dict.fromkeys(ODD, "1"), empty="")
    world.apply()
    world.is_settled()
    assert texts(world) == {**dict.fromkeys(ODD, "1"), "empty": ""}
    assert world.admin.json(world.path("localization", "de"))["empty"] == ""
    declare(world, kept="1")
    world.apply()
    assert texts(world) == {"kept": "1"}


def test_an_empty_text_is_another_one_than_none(world: World) -> None:
    declare(world, a="", b="1", c=None)
    add(world, c="", b="")
    assert world.plan().fields(AT) == {
        "a": (None, "", "config"),
        "b": ("", "1", "config"),
        "c": ("", None, "config"),
    }
    world.apply()
    world.is_settled()
    assert texts(world) == {"a": "", "b": "1"}
    world.admin.delete(f"{world.path('localization', 'de')}/a")
    assert world.refresh().fields(AT, of="drift") == {"a": ("", None, "drift")}


def test_an_imported_language_is_the_same_elsewhere(world: World) -> None:
    add(world, a="", b="${user.name} {0}", **dict.fromkeys(ODD, "1"))
    world.kcplan("import", world.realm, "--out", "imported.json", "--state", "imported.state")
    document = json.loads((world.folder / "imported.json").read_text())
    before = texts(world)
    world.admin.delete(world.path("localization", "de"))
    world.declare(localizationTexts=document["localizationTexts"])
    world.apply()
    world.is_settled()
    assert texts(world) == before


def test_a_language_may_be_none_of_the_realms(world: World) -> None:
    """Keycloak keeps it, and shows it once the realm supports the language."""
    world.declare(
        internationalizationEnabled=True,
        supportedLocales=["en"],
        localizationTexts={"pt-BR": {"a": "1"}, "xx": {"a": "1"}},
    )
    world.apply()
    world.is_settled()
    assert sorted(locales(world)) == ["pt-BR", "xx"]


def test_a_language_without_texts_is_settled(world: World) -> None:
    world.declare(localizationTexts={"de": {}})
    world.apply()
    world.is_settled()
    assert locales(world) == ["de"]


def test_a_failing_step_takes_texts_back(world: World) -> None:
    add(world, theirs="1", both="")
    declare(world, ours="1", gone="1")
    world.apply()
    before = texts(world)
    declare(world, ours="2", both="2", new="1")

    def as_before() -> None:
        assert texts(world) == before

    each_write_fails(world.try_apply, as_before)
    assert texts(world) == {"theirs": "1", "both": "2", "ours": "2", "new": "1"}


def test_the_login_page_shows_them_and_nothing_for_an_empty_one(world: World) -> None:
    def declare_german(**texts: str) -> None:
        world.declare(
            internationalizationEnabled=True,
            supportedLocales=["en", "de"],
            localizationTexts={"de": texts},
        )
        world.apply()

    declare_german(loginAccountTitle="Grüß Gott")
    assert "Grüß Gott" in login_page(world)
    assert "Anmelden" in login_page(world)
    declare_german(loginAccountTitle="Grüß Gott", doLogIn="")
    assert "Grüß Gott" in login_page(world)
    assert "Anmelden" not in login_page(world)


def login_page(world: World) -> str:
    redirect = str(world.admin.get("../serverinfo").url).split("/admin/")[0]
    query = {
        "client_id": "account-console",
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": f"{redirect}/realms/{world.realm}/account/",
        "ui_locales": "de",
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
    }
    text = "&".join(f"{key}={quote(value, safe='')}" for key, value in query.items())
    at = f"../../realms/{world.realm}/protocol/openid-connect/auth?{text}"
    return str(world.admin.get(at).text)


def test_keycloak_config_cli_calls_them_message_bundles(world: World) -> None:
    world.declare(messageBundles={"de": {"a": "1"}})
    world.apply()
    assert texts(world) == {"a": "1"}
    declare(world, a="1")
    world.is_settled()


def test_one_file_cannot_have_both_words(tmp_path: Any) -> None:
    file = tmp_path / "r.json"
    file.write_text(
        json.dumps({"realm": "r", "messageBundles": {}, "localizationTexts": {}}, indent=1)
    )
    with pytest.raises(ConfigError) as caught:
        load([file], registry(), {})
    (found,) = caught.value.diagnostics
    assert found.source is not None
    assert (found.code, found.source.line, found.summary, found.detail) == snapshot(
        (
            "duplicate-definition",
            3,
            "`messageBundles` and `localizationTexts` are the same section",
            "Put all texts into `localizationTexts`, and remove `messageBundles`.",
        )
    )


def test_what_is_wrong_in_a_bundle_is_said_at_its_place(tmp_path: Any) -> None:
    file = tmp_path / "r.json"
    file.write_text(json.dumps({"realm": "r", "messageBundles": {"de": {"a": ["1"]}}}, indent=1))
    with pytest.raises(ConfigError) as caught:
        load([file], registry(), {})
    (found,) = caught.value.diagnostics
    assert found.source is not None
    assert (found.code, found.source.line, found.summary) == snapshot(
        ("wrong-type", 5, "a must be a string, not a list")
    )


def test_the_realm_itself_has_no_texts(world: World) -> None:
    add(world, a="1")
    assert "localizationTexts" not in world.admin.json(world.realm)
    assert world.admin.export(world.realm)["localizationTexts"] == {"de": {"a": "1"}}
    body = {"realm": world.realm, "localizationTexts": {"de": {"a": "2"}, "en": {"b": "1"}}}
    world.admin.put(world.realm, json=body)
    assert texts(world) == {"a": "1"}
