"""Flows of an export become trees, and trees become flows of an export again."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kcplan_keycloak.flow_sections import gather, scatter
from kcplan_keycloak.flow_tree import Node, document, tree

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
