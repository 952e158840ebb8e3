"""Flows of an export become trees, and trees become flows of an export again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from kcplan.config.load import load
from kcplan.config.settings import KeycloakSettings, Settings
from kcplan.diagnostics import Severity
from kcplan.errors import ConfigError
from kcplan.plan import Plan
from kcplan.snapshot import LiveObject
from kcplan.state import ResourceState
from kcplan_keycloak.flow_leaves import SCHEMA
from kcplan_keycloak.flow_scattering import scatter
from kcplan_keycloak.flow_sections import gather
from kcplan_keycloak.flow_tree import Node, document, tree
from kcplan_keycloak.flows_made import made
from kcplan_keycloak.resources import registry
from support.planning import at, plan, there

EXPORT: dict[str, Any] = {
    "authenticationFlows": [
        {
            "alias": "second factor",
            "providerId": "basic-flow",
            "topLevel": False,
            "builtIn": False,
            "authenticationExecutions": [
                {
                    "authenticator": "auth-otp-form",
                    "authenticatorFlow": False,
                    "requirement": "REQUIRED",
                    "priority": 20,
                    "userSetupAllowed": False,
                }
            ],
        },
        {
            "alias": "staff",
            "description": "for the staff",
            "providerId": "basic-flow",
            "topLevel": True,
            "builtIn": False,
            "authenticationExecutions": [
                {
                    "authenticator": "identity-provider-redirector",
                    "authenticatorConfig": "office",
                    "requirement": "ALTERNATIVE",
                    "priority": 30,
                },
                {
                    "flowAlias": "second factor",
                    "authenticatorFlow": True,
                    "autheticatorFlow": True,
                    "requirement": "CONDITIONAL",
                    "priority": 10,
                },
            ],
        },
    ],
    "authenticatorConfig": [{"id": "1", "alias": "office", "config": {"defaultProvider": "x"}}],
}


def test_a_flow_has_all_that_is_in_it_in_the_order_of_the_file() -> None:
    found = gather(EXPORT)
    assert found.data == {
        "authenticationFlows": [
            {
                "alias": "staff",
                "description": "for the staff",
                "providerId": "basic-flow",
                "authenticationExecutions": {
                    "identity-provider-redirector": {
                        "authenticator": "identity-provider-redirector",
                        "authenticatorConfig": "office",
                        "config": {"defaultProvider": "x"},
                        "requirement": "ALTERNATIVE",
                    },
                    "second factor": {"requirement": "CONDITIONAL", "providerId": "basic-flow"},
                    "second factor/auth-otp-form": {
                        "authenticator": "auth-otp-form",
                        "requirement": "REQUIRED",
                    },
                },
                "order": [
                    "identity-provider-redirector",
                    "second factor",
                    "second factor/auth-otp-form",
                ],
            }
        ]
    }
    assert not found.unsound


def test_each_value_has_the_place_where_it_stood() -> None:
    flow = ("authenticationFlows", 0)
    entries = (*flow, "authenticationExecutions")
    moved = gather(EXPORT).moved
    assert moved[flow] == ("authenticationFlows", 1)
    assert moved[(*entries, "second factor/auth-otp-form")] == (
        *("authenticationFlows", 0, "authenticationExecutions"),
        0,
    )
    assert moved[(*entries, "second factor", "providerId")] == (
        "authenticationFlows",
        0,
        "providerId",
    )
    assert moved[(*entries, "identity-provider-redirector", "config")] == (
        "authenticatorConfig",
        0,
        "config",
    )


def told(**document: Any) -> list[tuple[str, str, Any]]:
    """What is said of a document: the code, the summary, and the place."""
    return [(item.code, item.summary, item.place) for item in gather(document).unsound]


def flow(*executions: Any, alias: str = "staff", top: bool = True, **more: Any) -> dict[str, Any]:
    return {"alias": alias, "topLevel": top, "authenticationExecutions": [*executions], **more}


FLOWS = "authenticationFlows"
EXECUTIONS = "authenticationExecutions"


@pytest.mark.parametrize(
    ("flows", "summary", "place"),
    [
        (
            [flow({"flowAlias": "sub", "requirement": "REQUIRED"})],
            "`authenticationFlows` of this file has no flow `sub`",
            (FLOWS, 0, EXECUTIONS, 0),
        ),
        (
            [flow({"authenticator": "a", "authenticatorConfig": "c", "requirement": "REQUIRED"})],
            "`authenticatorConfig` of this file has no configuration `c`",
            (FLOWS, 0, EXECUTIONS, 0, "authenticatorConfig"),
        ),
        (
            [flow({"authenticator": "a"})],
            "the execution `a` has no `requirement`",
            (FLOWS, 0, EXECUTIONS, 0),
        ),
        (
            [flow({"requirement": "REQUIRED"})],
            "an execution has neither `authenticator` nor `flowAlias`",
            (FLOWS, 0, EXECUTIONS, 0),
        ),
        (
            [flow(), flow(alias="sub", top=False)],
            "the flow `sub` has `topLevel` false, and no flow in this file has it in it",
            (FLOWS, 1),
        ),
        (
            [flow({"flowAlias": "staff", "requirement": "REQUIRED"})],
            "the flow `staff` is in no flow that a realm can be bound to",
            (FLOWS, 0),
        ),
        (
            [
                flow(*[{"flowAlias": "sub", "requirement": "REQUIRED"}] * 2),
                flow(alias="sub", top=False),
            ],
            "the flow `sub` is in two places",
            (FLOWS, 0, EXECUTIONS, 1),
        ),
        (
            [flow({"authenticator": "${env:A}", "requirement": "REQUIRED"})],
            "the name of an execution holds a variable",
            (FLOWS, 0, EXECUTIONS, 0),
        ),
    ],
)
def test_a_flow_of_which_something_is_missing_is_said(
    flows: list[Any], summary: str, place: Any
) -> None:
    assert told(authenticationFlows=flows) == [("incomplete-flow", summary, place)]


def test_an_unknown_field_of_a_flow_in_another_flow_is_said() -> None:
    inner = flow(alias="sub", top=False, descripton="x")
    flows = [flow({"flowAlias": "sub", "requirement": "REQUIRED"}), inner]
    assert told(authenticationFlows=flows) == [
        ("unknown-field", "unknown field `descripton` of the flow `sub`", (FLOWS, 1, "descripton"))
    ]


@pytest.mark.parametrize(
    ("version", "severity"), [("26.7", Severity.ERROR), ("99.1", Severity.WARNING)]
)
def test_an_unknown_field_of_a_flow_in_another_flow_is_a_warning_for_a_newer_keycloak(
    tmp_path: Path, version: str, severity: Severity
) -> None:
    """As one of a flow that is in no other."""
    inner = flow(alias="sub", top=False, novelty="x")
    outer = flow({"flowAlias": "sub", "requirement": "REQUIRED"}, novelty="x")
    file = tmp_path / "realm.json"
    document = {"realm": "r", "authenticationFlows": [outer, inner]}
    file.write_text(json.dumps(document), encoding="utf-8")
    settings = Settings(keycloak=KeycloakSettings(version=version))
    try:
        found = load([file], registry(), {}, settings).diagnostics
    except ConfigError as error:
        found = tuple(error.diagnostics)
    said = [item for item in found if item.code == "unknown-field"]
    assert len(said) == 2
    assert {item.severity for item in said} == {severity}


def test_pieces_of_an_export_that_belong_to_no_flow_are_left_out() -> None:
    configs = [{"alias": "left", "config": {}}]
    hidden = flow(alias="saml ecp", builtIn=True)
    assert told(authenticationFlows=[flow(), hidden], authenticatorConfig=configs) == [
        ("left-out-of-flows", "the flow `saml ecp` is left out", (FLOWS, 1)),
        (
            "left-out-of-flows",
            "no execution has the configuration `left`, which is left out",
            ("authenticatorConfig", 0),
        ),
    ]
    assert len(gather({FLOWS: [flow(), hidden]}).data[FLOWS]) == 1


def test_two_configurations_of_one_alias_must_be_alike() -> None:
    execution = {"authenticator": "a", "authenticatorConfig": "c", "requirement": "REQUIRED"}
    one, other = ({"alias": "c", "config": {"x": value}} for value in "12")
    document = {"authenticationFlows": [flow(execution)]}
    assert told(**document, authenticatorConfig=[one, one]) == []
    assert told(**document, authenticatorConfig=[one, other]) == [
        (
            "incomplete-flow",
            (
                "two configurations have the alias `c`, and are not alike: "
                "`authenticatorConfig` has them as its entries 1 and 2"
            ),
            ("authenticatorConfig", 1),
        )
    ]


def test_an_empty_configuration_is_there_all_the_same() -> None:
    fields = {"authenticator": "a", "authenticatorConfig": "c", "requirement": "REQUIRED"}
    (node,) = tree({EXECUTIONS: {"a": fields}, "order": ["a"]})
    assert (node.config_alias, node.config) == ("c", {})


def test_what_a_client_overrides_goes_by_alias_where_an_export_has_ids() -> None:
    overrides = {"browser": "id-1", "direct_grant": "direct grant"}
    clients = [{"clientId": "a"}, {"authenticationFlowBindingOverrides": overrides}]
    document = {FLOWS: [flow(id="id-1")], "clients": clients}
    assert gather(document).data["clients"] == [
        {"clientId": "a"},
        {"authenticationFlowBindingOverrides": {**overrides, "browser": "staff"}},
    ]
    assert told(**document) == [
        (
            "rewritten-value",
            "authenticationFlowBindingOverrides.browser is taken as `staff`",
            ("clients", 1, "authenticationFlowBindingOverrides", "browser"),
        )
    ]


_NAMES = st.sampled_from(["auth-cookie", "auth-otp-form", "a b", "5%2F", "x*"])
_REQUIREMENTS = st.sampled_from(["REQUIRED", "ALTERNATIVE", "CONDITIONAL", "DISABLED"])
_CONFIGS = st.dictionaries(_NAMES, _NAMES, max_size=2)


def _executions(inner: st.SearchStrategy[tuple[Node, ...]]) -> st.SearchStrategy[tuple[Node, ...]]:
    configured = st.builds(
        Node,
        requirement=_REQUIREMENTS,
        authenticator=_NAMES,
        config_alias=st.just("c"),
        config=_CONFIGS,
    )
    flow = st.builds(
        Node,
        requirement=_REQUIREMENTS,
        alias=st.just("sub"),
        kind=st.sampled_from(["basic-flow", "form-flow"]),
        description=st.sampled_from(["", "what it is"]),
        inner=inner,
    )
    plain = st.builds(Node, requirement=_REQUIREMENTS, authenticator=_NAMES)
    return st.lists(st.one_of(plain, configured, flow), max_size=4).map(tuple)


def _told_apart(nodes: tuple[Node, ...], number: list[int]) -> tuple[Node, ...]:
    """The same with aliases of which each is there once."""
    from attrs import evolve

    found = []
    for node in nodes:
        number[0] += 1
        alias = f"{node.alias} %{number[0]}/" if node.alias else ""
        config = f"{node.config_alias}{number[0]}" if node.config is not None else ""
        inner = _told_apart(node.inner, number)
        found.append(evolve(node, alias=alias, config_alias=config, inner=inner))
    return tuple(found)


TREES = st.recursive(st.just(()), _executions, max_leaves=12).map(
    lambda nodes: _told_apart(nodes, [0])
)


@given(TREES)
def test_a_tree_and_its_fields_are_each_others_inverse(nodes: tuple[Node, ...]) -> None:
    assert tree(document(nodes)) == nodes


@given(TREES)
def test_what_is_scattered_is_gathered_again(nodes: tuple[Node, ...]) -> None:
    flow = {"alias": "top", **document(nodes)}
    found = gather(scatter({"realm": "x", "authenticationFlows": [flow]}))
    assert not found.unsound
    assert found.data == {"realm": "x", "authenticationFlows": [flow]}
    assert list(found.data["authenticationFlows"][0]["order"]) == flow["order"]


# -- flows of other versions ------------------------------------------------------------------


def era(alias: str) -> dict[str, Any]:
    """The flows and configurations of the export of version 21, in `tests/realms/eras/`."""
    path = Path(__file__).parents[1] / "realms" / "eras" / "sanatorium.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    sections = {name: found[name] for name in ("authenticationFlows", "authenticatorConfig")}
    assert any(flow["alias"] == alias for flow in sections["authenticationFlows"])
    return sections


def flows_of(found: Plan) -> dict[str, str]:
    """What a plan does with flows, by alias."""
    changes = (item for item in found.changes if item.type == "flow")
    return {item.address.name: str(item.action) for item in changes}


CHANGES: dict[str, tuple[str, Callable[[dict[str, Any]], object]]] = {
    "another requirement": (
        "Browser - Conditional OTP",
        lambda flow: flow["authenticationExecutions"][1].update(requirement="ALTERNATIVE"),
    ),
    "another order": ("browser", lambda flow: flow["authenticationExecutions"].reverse()),
    "one less": ("forms", lambda flow: flow["authenticationExecutions"].pop(0)),
}


OWN = made(SCHEMA, "browser") or {}
"""The flow as the newest version makes it."""


def live_flow(sections: dict[str, Any], alias: str) -> LiveObject:
    """A flow of the file as it is in Keycloak, in a realm that was upgraded."""
    flows = gather(sections).data["authenticationFlows"]
    fields = next(flow for flow in flows if flow["alias"] == alias)
    return there(f"flows/{alias}", {k: v for k, v in fields.items() if k not in ("id", "alias")})


@pytest.mark.parametrize("realm", ["new", "with those of its own version"])
def test_keycloak_s_own_flows_of_older_versions_are_left_out(tmp_path: Path, realm: str) -> None:
    live = (
        [] if realm == "new" else [there("."), LiveObject(at("flows/browser"), "flow", "id", OWN)]
    )
    found = plan(tmp_path, era("browser"), live=live)
    assert not flows_of(found).keys() & {"browser", "clients", "first broker login"}
    # What this version has in them is what new ones have.
    assert {"direct grant", "registration", "house login"} <= flows_of(found).keys()
    notes = [item for item in found.diagnostics if "older Keycloak" in item.summary]
    assert sorted(item.summary for item in notes) == snapshot(
        [
            "r/flows/browser is left out: it is as an older Keycloak makes it",
            "r/flows/clients is left out: it is as an older Keycloak makes it",
            "r/flows/first broker login is left out: it is as an older Keycloak makes it",
        ]
    )
    assert {(item.code, item.severity) for item in notes} == {("left-out-of-flows", Severity.NOTE)}


def test_a_flow_of_an_older_version_stays_managed_in_a_realm_that_has_it(tmp_path: Path) -> None:
    """The realm was upgraded: what somebody changes in its flow is said, and taken back."""
    sections, key = era("browser"), "forms/Browser - Conditional OTP"
    same = live_flow(sections, "browser")
    known = [ResourceState(same.address, "flow", "id", managed=same.leaves)]
    adopted = plan(tmp_path, sections, live=[there("."), same])
    assert flows_of(adopted)["browser"] == "adopt"
    requirement = ("authenticationExecutions", key, "requirement")
    edited = evolve(same, leaves={**same.leaves, requirement: "DISABLED"})
    [change] = [
        item
        for item in plan(tmp_path, sections, known, [there("."), edited]).changes
        if item.address == same.address
    ]
    assert [(c.path, c.before, c.after) for c in change.changes] == [
        (requirement, "DISABLED", "CONDITIONAL")
    ]


@pytest.mark.parametrize("change", CHANGES)
def test_a_flow_of_an_older_version_that_somebody_changed_is_not_left_out(
    tmp_path: Path, change: str
) -> None:
    alias, edit = CHANGES[change]
    sections = era(alias)
    edit(next(flow for flow in sections["authenticationFlows"] if flow["alias"] == alias))
    assert "browser" in flows_of(plan(tmp_path, sections))


def test_settings_of_a_flow_of_an_older_version_that_somebody_changed_are_not_left_out(
    tmp_path: Path,
) -> None:
    sections = era("first broker login")
    for config in sections["authenticatorConfig"]:
        if config["alias"] == "review profile config":
            config["config"]["update.profile.on.first.login"] = "on"
    assert "first broker login" in flows_of(plan(tmp_path, sections))


def test_an_execution_that_no_keycloak_has_any_more_is_left_out() -> None:
    gone = {"authenticator": "registration-profile-action", "requirement": "REQUIRED"}
    kept = {"authenticator": "registration-user-creation", "requirement": "REQUIRED"}
    flow = {"alias": "mine", "topLevel": True, "authenticationExecutions": [gone, kept]}
    found = gather({"authenticationFlows": [flow]})
    [taken] = found.data["authenticationFlows"]
    assert list(taken["authenticationExecutions"]) == ["registration-user-creation"]
    assert [(item.code, item.harmless) for item in found.unsound] == [("left-out-of-flows", True)]
