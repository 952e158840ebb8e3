"""Decisions of the planner that a server is not needed for."""

from pathlib import Path

import pytest
from attrs import evolve
from inline_snapshot import snapshot

from kcplan.config.model import Lifecycle
from kcplan.plan import Plan
from kcplan.secret import Secret
from support.planning import at, entry, local, plan, there


def actions(made: Plan) -> dict[str, str]:
    return {local(change.address): str(change.action) for change in made.changes}


@pytest.mark.parametrize(
    ("declared", "known", "live", "action"),
    [
        (True, False, True, "adopt"),
        (True, True, True, "noop"),
        (True, False, False, "create"),
        (True, True, False, "create"),
        (False, True, True, "delete"),
        (False, True, False, "noop"),
    ],
)
def test_what_happens_follows_from_files_state_and_keycloak(
    tmp_path: Path, *, declared: bool, known: bool, live: bool, action: str
) -> None:
    made = plan(
        tmp_path,
        {"clients": [{"clientId": "a"}]} if declared else {},
        state=[entry("."), *([entry("clients/a")] if known else [])],
        live=[there("."), *([there("clients/a")] if live else [])],
    )
    assert actions(made)["clients/a"] == action


def test_an_adoption_takes_away_a_secret_that_the_files_rule_out(tmp_path: Path) -> None:
    provider = {"alias": "o", "providerId": "oidc", "config": {}}
    masked = {"config": {"clientSecret": Secret("**********")}}
    live = [there("."), there("identity-providers/o", {**provider, **masked})]
    made = plan(tmp_path, {"identityProviders": [provider]}, state=[entry(".")], live=live)
    [change] = [item for item in made.changes if item.type == "identity-provider"]
    assert [(item.path, item.after) for item in change.changes] == [
        (("config", "clientSecret"), None)
    ]


def test_an_object_that_is_made_again_has_its_old_id(tmp_path: Path) -> None:
    made = plan(
        tmp_path,
        {"clients": [{"clientId": "a"}, {"clientId": "b"}]},
        state=[entry("."), entry("clients/a")],
        live=[there(".")],
    )
    ids = {local(item.address): item.object_id for item in made.steps}
    assert ids == {"clients/a": "id of clients/a", "clients/b": "new 0"}


def test_a_missing_object_is_drift_and_its_creation_says_so(tmp_path: Path) -> None:
    made = plan(
        tmp_path,
        {"clients": [{"clientId": "a", "name": "n"}]},
        state=[entry("."), entry("clients/a", {"name": "n"})],
        live=[there(".")],
    )
    assert [local(item.address) for item in made.drift] == ["clients/a"]
    change = made.changes[1]
    assert {item.origin for item in change.changes} == {"drift"}


def test_a_realm_that_no_file_names_is_neither_planned_nor_deleted(tmp_path: Path) -> None:
    from attrs import evolve

    from kcplan.address import Address

    other = evolve(entry("."), address=Address.of("other"))
    made = plan(tmp_path, {}, state=[entry("."), other], live=[there(".")])
    assert actions(made) == {"r": "noop"}
    assert [item.code for item in made.diagnostics] == ["realm-not-in-files"]
    [said] = made.diagnostics
    assert ("kcplan state rm" in said.detail, "destroy" in said.detail) == (True, False)


@pytest.mark.parametrize("master", [True, False])
def test_destroy_deletes_what_was_created_and_releases_what_was_adopted(
    tmp_path: Path, *, master: bool
) -> None:
    made = plan(
        tmp_path,
        {},
        state=[
            entry(".", adopted=master),
            entry("clients/a"),
            entry("clients/b", adopted=True),
            entry("clients/account", adopted=True),
        ],
        live=[there("."), *map(there, ("clients/a", "clients/b", "clients/account"))],
        destroy=True,
    )
    released = "release" if master else "delete"
    assert actions(made) == {
        "r": released,
        "clients/a": "delete",
        "clients/b": released,
        "clients/account": released,
    }


def test_the_first_rule_that_says_something_counts(tmp_path: Path) -> None:
    rules = [
        Lifecycle("r/clients/keep", on_remove="release"),
        Lifecycle("r/clients/*", on_remove="delete", prevent_destroy=False),
        Lifecycle("r/**", on_remove="release", prevent_destroy=True),
    ]
    names = ("clients/keep", "clients/gone", "roles/kept")
    made = plan(
        tmp_path,
        {},
        state=[entry("."), *map(entry, names)],
        live=[there("."), *map(there, names)],
        lifecycle=rules,
    )
    assert actions(made) == {
        "r": "noop",
        "clients/keep": "release",
        "clients/gone": "delete",
        "roles/kept": "release",
    }
    assert made.diagnostics == ()


def test_more_than_ten_and_more_than_a_third_is_too_much(tmp_path: Path) -> None:
    def codes(deleted: int, kept: int) -> list[str]:
        gone = [f"roles/gone-{number}" for number in range(deleted)]
        stay = [f"roles/stay-{number}" for number in range(kept)]
        made = plan(
            tmp_path,
            {"roles": {"realm": [{"name": name.removeprefix("roles/")} for name in stay]}},
            state=[entry("."), *map(entry, [*gone, *stay])],
            live=[there("."), *map(there, [*gone, *stay])],
        )
        return [item.code for item in made.diagnostics]

    assert codes(10, 0) == []
    assert codes(11, 0) == ["mass-delete"]
    assert codes(11, 60) == []


def test_a_rename_reaches_every_field_that_refers_by_id(tmp_path: Path) -> None:
    account = {"realmRoles": ["r1"], "clientRoles": {"old": ["reader"]}}
    role = {"composites": {"realm": [], "client": {"old": ["reader"]}}}
    client = {"serviceAccountsEnabled": True}
    names = {
        "clients/old": client,
        "clients/old/roles/reader": {},
        "clients/old/service-account": account,
        "roles/all": role,
        "roles/r1": {"composites": {"realm": [], "client": {}}},
    }
    made = plan(
        tmp_path,
        {
            "clients": [{"clientId": "new", **client}],
            "roles": {
                "realm": [
                    {"name": "r2"},
                    {"name": "all", "composites": {"client": {"new": ["reader"]}}},
                ],
                "client": {"new": [{"name": "reader"}]},
            },
            "users": [
                {
                    "serviceAccountClientId": "new",
                    "realmRoles": ["r2"],
                    "clientRoles": {"new": ["reader"]},
                }
            ],
        },
        state=[entry("."), *(entry(name, fields) for name, fields in names.items())],
        live=[there("."), *(there(name, fields) for name, fields in names.items())],
        moved=[("clients/old", "clients/new"), ("roles/r1", "roles/r2")],
    )
    changed = {name: action for name, action in actions(made).items() if action != "noop"}
    assert changed == {"clients/new": "move", "roles/r2": "move"}
    assert made.drift == ()
    assert {change.moved_from for change in made.changes} == {
        None,
        at("clients/old"),
        at("roles/r1"),
    }


def test_secrets_without_a_variable_of_their_own_are_asked_for_as_placeholders(
    tmp_path: Path,
) -> None:
    """The names of the variables for `my-app` and `my.app` are the same."""
    names = ("my-app", "my.app", "other")
    masked = [{"clientId": name, "secret": "*" * 10} for name in names]
    both = plan(tmp_path, {"clients": masked}, live=[there(".")])
    alike = plan(tmp_path, {"clients": masked[:2]}, live=[there(".")])
    details = [
        "\n".join(d.detail for d in made.diagnostics if d.code == "masked-secret")
        for made in (both, alike)
    ]
    assert details == snapshot(
        [
            """\
Keycloak writes asterisks into an export in their place. For these, no variable says by its name which one it is for. Write placeholders into the files, each for the right variable:

  secret of r/clients/my-app
  secret of r/clients/my.app

Set these variables, or write placeholders for others into the files:

  R_OTHER_SECRET  secret of r/clients/other

`kcplan import REALM --secrets-out .env`, where the export comes from, writes those that Keycloak shows into a file.

To do without a secret, remove its field: Keycloak gives a new client another one.\
""",
            """\
Keycloak writes asterisks into an export in their place. For these, no variable says by its name which one it is for. Write placeholders into the files, each for the right variable:

  secret of r/clients/my-app
  secret of r/clients/my.app

To do without a secret, remove its field: Keycloak gives a new client another one.\
""",
        ]
    )


def test_what_does_not_change_is_not_there_twice(tmp_path: Path) -> None:
    fields = {"description": "web", "redirectUris": ["https://web.example"]}
    known = entry("clients/a", {**fields, "clientId": "a"}, needs=["."])
    known = evolve(known, managed={p: v for p, v in known.managed.items() if p != ("clientId",)})

    made = plan(
        tmp_path,
        {"clients": [{"clientId": "a", **fields}]},
        state=[entry("."), known],
        live=[there("."), there("clients/a", fields)],
    )

    [after] = [change.entry for change in made.changes if change.address == at("clients/a")]
    assert after is not None
    assert after.managed is known.managed
    assert after.depends_on is known.depends_on
