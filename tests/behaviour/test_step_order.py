"""Steps and their order: what waits for what, and what destroys comes last."""

from pathlib import Path

from conformance.flows import in_file
from kcplan.plan import Operation, Stage
from support.planning import entry, needs, plan, step, steps, there
from support.world import Json

FEDERATION = "org.keycloak.storage.UserStorageProvider"
BUILD, WRITE_ONLY, DESTROY = Stage.BUILD, Stage.WRITE_ONLY, Stage.DESTROY

SERVICE = {
    "roles": {
        "realm": [
            {"name": "x", "composites": {"realm": ["y"], "client": {"a": ["reader"]}}},
            {"name": "y", "composites": {"realm": ["x"]}},
        ],
        "client": {"a": [{"name": "reader"}]},
    },
    "clients": [{"clientId": "a", "serviceAccountsEnabled": True}],
    "users": [
        {"serviceAccountClientId": "a", "realmRoles": ["x"], "clientRoles": {"a": ["reader"]}}
    ],
}


def test_creations_wait_for_what_they_lie_in_and_refer_to(tmp_path: Path) -> None:
    made = plan(tmp_path, SERVICE)
    assert needs(made, "create r") == set()
    assert needs(made, "create roles/x") == {"create r"}
    assert needs(made, "create clients/a/roles/reader") == {"create clients/a"}
    assert needs(made, "update clients/a/service-account") == {
        "create clients/a",
        "create roles/x",
        "create clients/a/roles/reader",
    }
    assert {item.stage for item in made.steps} == {BUILD}


def test_a_circle_of_composites_is_written_after_all_of_its_roles(tmp_path: Path) -> None:
    made = plan(tmp_path, SERVICE)
    assert needs(made, "update roles/x (late)") == {
        "create r",
        "create roles/x",
        "create roles/y",
        "create clients/a/roles/reader",
    }
    assert not step(made, "create roles/x").after


POLICY = {
    "name": "strict",
    "conditions": [{"condition": "any-client", "configuration": {}}],
    "profiles": ["machines"],
}
PROFILE = {"name": "machines", "executors": []}


def test_a_new_client_policy_judges_no_client_of_the_same_files(tmp_path: Path) -> None:
    """Keycloak would refuse a client that it would not have looked at a moment before."""
    made = plan(
        tmp_path,
        {
            "clientProfiles": {"profiles": [PROFILE]},
            "clientPolicies": {"policies": [POLICY]},
            "clients": [{"clientId": "a"}, {"clientId": "b"}],
        },
    )
    assert needs(made, "update r (late)") == {"create r", "create clients/a", "create clients/b"}


def test_accounts_of_new_clients_join_no_group_that_the_same_files_make_a_default(
    tmp_path: Path,
) -> None:
    """Else it would be chance which of them do."""
    made = plan(
        tmp_path,
        {
            "groups": [{"name": "g"}],
            "defaultGroups": ["/g"],
            "clients": [{"clientId": "a", "serviceAccountsEnabled": True}],
        },
    )
    assert "create clients/a" in needs(made, "update r (late)")


def test_the_order_is_the_same_whatever_the_order_in_the_files(tmp_path: Path) -> None:
    clients = [{"clientId": name} for name in "cab"]
    one = plan(tmp_path, {"clients": clients})
    other = plan(tmp_path, {"clients": clients[::-1]})
    assert steps(one) == steps(other)
    assert steps(one) == ["create r", "create clients/a", "create clients/b", "create clients/c"]


def test_what_lies_in_something_deleted_has_no_step_of_its_own(tmp_path: Path) -> None:
    names = ("clients/a", "clients/a/roles/reader", "clients/a/service-account")
    made = plan(
        tmp_path,
        {},
        state=[entry("."), *(entry(name, adopted=name.endswith("account")) for name in names)],
        live=[there("."), *map(there, names)],
    )
    assert steps(made) == ["delete clients/a"]
    assert {str(change.action) for change in made.changes} == {"noop", "delete"}


def test_deletions_come_last_and_wait_for_what_depended_on_them(tmp_path: Path) -> None:
    made = plan(
        tmp_path,
        {"clients": [{"clientId": "new"}]},
        state=[
            entry("."),
            entry("roles/base"),
            entry("roles/all", needs=["roles/base"]),
            entry("clients/old"),
        ],
        live=[there("."), there("roles/base"), there("roles/all"), there("clients/old")],
    )
    assert steps(made)[0] == "create clients/new"
    assert step(made, "create clients/new").stage is BUILD
    assert step(made, "delete roles/base").stage is DESTROY
    assert needs(made, "delete roles/base") == {"delete roles/all"}


def test_realms_are_deleted_at_the_very_end(tmp_path: Path) -> None:
    made = plan(
        tmp_path,
        {},
        state=[entry("."), entry("clients/a", adopted=True)],
        live=[there("."), there("clients/a")],
        destroy=True,
    )
    assert steps(made) == ["delete r"]
    assert step(made, "delete r").stage is Stage.DESTROY_REALM
    assert not step(made, "delete r").undoable


def test_an_update_that_destroys_is_ordered_with_the_deletions(tmp_path: Path) -> None:
    off = {"clientId": "a", "serviceAccountsEnabled": False, "description": "new"}
    on = {"serviceAccountsEnabled": True, "description": "old"}
    made = plan(
        tmp_path,
        {"clients": [off, {"clientId": "b"}]},
        state=[entry("."), entry("clients/a", on)],
        live=[there("."), there("clients/a", on)],
    )
    assert steps(made) == ["create clients/b", "update clients/a"]
    assert step(made, "update clients/a").stage is DESTROY
    assert "another id" in step(made, "update clients/a").lossy[0]


def test_a_secret_that_cannot_be_read_back_is_written_after_all_that_can_be_undone(
    tmp_path: Path,
) -> None:
    config = {"clientId": "x", "clientSecret": "new-secret-of-the-provider", "tokenUrl": "u"}
    provider = {"alias": "i", "providerId": "oidc", "displayName": "new", "config": config}
    live = {**provider, "displayName": "old", "config": {**config, "clientSecret": "**********"}}
    made = plan(
        tmp_path,
        {"identityProviders": [provider], "clients": [{"clientId": "b"}]},
        state=[entry("."), entry("identity-providers/i")],
        live=[there("."), there("identity-providers/i", live)],
    )
    name = "update identity-providers/i"
    assert step(made, name).stage is BUILD
    assert step(made, f"{name} (secret)").stage is WRITE_ONLY
    assert needs(made, f"{name} (secret)") == {name}
    assert "old secret" in step(made, f"{name} (secret)").lossy[0]


def test_a_replacement_deletes_right_before_it_creates(tmp_path: Path) -> None:
    provider = {"alias": "i", "providerId": "saml"}
    made = plan(
        tmp_path,
        {"identityProviders": [provider]},
        state=[entry("."), entry("identity-providers/i", {"providerId": "oidc"})],
        live=[there("."), there("identity-providers/i", {"providerId": "oidc"})],
    )
    assert needs(made, "create identity-providers/i") == {"delete identity-providers/i"}
    # What it loses nobody brings back: nothing that may fail comes after it.
    assert step(made, "delete identity-providers/i").stage is DESTROY
    assert step(made, "create identity-providers/i").stage is DESTROY


def test_a_replacement_that_loses_nothing_waits_for_nothing(tmp_path: Path) -> None:
    policies = [{"name": "p", "type": "role"}]
    client = {
        "clientId": "a",
        "serviceAccountsEnabled": True,
        "authorizationServicesEnabled": True,
    }
    own, before = "clients/a/authorization/policies/p", {"type": "time"}
    made = plan(
        tmp_path,
        {"clients": [{**client, "authorizationSettings": {"policies": policies}}]},
        state=[entry("."), entry("clients/a", client), entry(own, before)],
        live=[there("."), there("clients/a", client), there(own, before)],
    )
    assert step(made, f"delete {own}").stage is BUILD


def test_a_deletion_that_frees_a_name_runs_before_its_next_holder(tmp_path: Path) -> None:
    client = {
        "clientId": "a",
        "serviceAccountsEnabled": True,
        "authorizationServicesEnabled": True,
    }
    base = "clients/a/authorization"
    made = plan(
        tmp_path,
        {
            "clients": [
                {
                    **client,
                    "authorizationSettings": {"policies": [{"name": "n", "type": "scope"}]},
                }
            ]
        },
        state=[
            entry("."),
            entry("clients/a", client),
            entry(base),
            entry(f"{base}/policies/n", {"type": "role"}),
        ],
        live=[
            there("."),
            there("clients/a", client),
            there(base),
            there(f"{base}/policies/n", {"type": "role"}),
        ],
    )
    assert needs(made, f"create {base}/permissions/n") == {f"delete {base}/policies/n"}
    assert step(made, f"delete {base}/policies/n").stage is BUILD


def test_no_step_runs_in_an_earlier_stage_than_what_it_needs(tmp_path: Path) -> None:
    on = {"authorizationServicesEnabled": True, "serviceAccountsEnabled": True}
    off = {"clientId": "a", **dict.fromkeys(on, False)}
    made = plan(
        tmp_path,
        {"clients": [off], "roles": {"client": {"a": [{"name": "new"}]}}},
        state=[entry("."), entry("clients/a", on)],
        live=[there("."), there("clients/a", on)],
    )
    by_id = {item.id: item for item in made.steps}
    assert needs(made, "create clients/a/roles/new") == {"update clients/a"}
    assert all(by_id[need].stage <= item.stage for item in made.steps for need in item.needs)


def test_a_release_writes_nothing_where_nothing_is_taken_back(tmp_path: Path) -> None:
    made = plan(
        tmp_path,
        {},
        state=[entry("."), entry("clients/a", {"description": "d"}, adopted=True)],
        live=[there("."), there("clients/a", {"description": "d"})],
    )
    assert steps(made) == []
    assert [str(change.action) for change in made.changes] == ["noop", "release"]


def test_a_step_carries_all_that_undoes_it(tmp_path: Path) -> None:
    live = {"description": "old", "attributes": {"x": "1"}}
    made = plan(
        tmp_path,
        {"clients": [{"clientId": "a", "description": "new"}]},
        state=[entry("."), entry("clients/a", live), entry("clients/b")],
        live=[there("."), there("clients/a", live), there("clients/b", live)],
    )
    assert step(made, "update clients/a").before == {("description",): "old"}
    assert step(made, "update clients/a").after == {("description",): "new"}
    assert step(made, "delete clients/b").before == there("clients/b", live).leaves
    assert step(made, "delete clients/b").operation is Operation.DELETE


def flow(alias: str, authenticator: str, *more: str) -> tuple[Json, Json]:
    """A flow of one's own with these steps, as a file and as Keycloak has it."""
    entries = {
        name: {"authenticator": name, "requirement": "ALTERNATIVE"}
        for name in (authenticator, *more)
    }
    fields = {"authenticationExecutions": entries, "order": list(entries)}
    return in_file(alias, fields), {"providerId": "basic-flow", "description": "", **fields}


def test_only_flows_with_a_step_for_kerberos_wait_for_a_federation_that_takes_tickets(
    tmp_path: Path,
) -> None:
    federation = "components/UserStorageProvider/company"
    takes_tickets = {"providerId": "kerberos", "providerType": FEDERATION}
    forms, had_forms = flow("forms", "auth-otp-form"), flow("forms", "auth-cookie")[1]
    gains, had_gains = flow("gains", "auth-cookie", "auth-spnego"), flow("gains", "auth-cookie")[1]
    loses, had_loses = flow("loses", "auth-cookie"), flow("loses", "auth-cookie", "auth-spnego")[1]
    flows = {"flows/forms": had_forms, "flows/gains": had_gains, "flows/loses": had_loses}
    made = plan(
        tmp_path,
        {
            "authenticationFlows": [
                body for file, _ in (forms, gains, loses) for body in file["authenticationFlows"]
            ]
        },
        state=[entry("."), entry(federation), *(entry(name, had) for name, had in flows.items())],
        live=[
            there("."),
            there(federation, takes_tickets),
            *(there(name, had) for name, had in flows.items()),
        ],
    )
    goes = f"delete {federation}"
    assert step(made, "update flows/forms").stage is BUILD
    assert needs(made, "update flows/forms") == set()
    assert needs(made, "update flows/gains") == needs(made, "update flows/loses") == {goes}
