"""What is tried of admin permissions, and what is said where nothing can be tried."""

from datetime import datetime

from attrs import evolve
from inline_snapshot import snapshot

from kcplan.resource import Resource
from kcplan_keycloak.admin_proof.attempts import Attempt, Reason, Scene, attempts, cast
from kcplan_keycloak.admin_proof.calls import Found
from kcplan_keycloak.admin_proof.conditions import (
    AtLeast,
    Kind,
    Literal,
    Subject,
    Trait,
    most,
    some,
    ways,
)
from kcplan_keycloak.admin_proof.deciding import Rules
from kcplan_keycloak.admin_proof.declaration import permissions_of
from kcplan_keycloak.admin_proof.stand_ins import absent
from support.admin_permissions import by_address, permission, policy, role

NOON = datetime(2026, 11, 26, 12, 0)  # noqa: DTZ001 - the server's own time, whatever its zone
VIEW = permission("p", "Organizations", ["view"], ["who"])


def scene(*resources: Resource) -> Scene:
    """A scene in which everybody has just what they were made for."""
    permissions = permissions_of(by_address(*resources))
    callers = {traits: _subject(traits) for p in permissions for traits in cast(p)}
    places = [(p.resource_type, name) for p in permissions for name in (None, *p.resources)]
    return Scene(Rules(permissions, NOON), callers, {place: Found("id", {}) for place in places})


def _subject(traits: frozenset[Trait]) -> Subject:
    roles = frozenset(trait.name for trait in traits if trait.kind is Kind.ROLE)
    return Subject(roles=roles)


def told(found: list[Attempt]) -> list[tuple[str, str, str, str]]:
    return [
        (" ".join(sorted(map(str, a.caller))), a.scope, str(a.reason), a.unproven) for a in found
    ]


def test_what_is_allowed_and_its_neighbours_are_tried() -> None:
    assert told(attempts(scene(VIEW, role("who", "a")))) == snapshot(
        [
            ("role a", "view", "declared", ""),
            ("", "view", "other-caller", ""),
            ("role a", "manage", "other-scope", ""),
        ]
    )


def test_who_misses_one_of_two_roles_must_be_refused() -> None:
    both = policy(
        "who", "role", config={"roles": {r: {"id": r, "required": True} for r in ("a", "b")}}
    )
    found = told(attempts(scene(VIEW, both)))
    assert ("role b", "view", "other-caller", "") in found


def test_who_has_an_excluded_role_must_be_refused() -> None:
    found = told(attempts(scene(VIEW, role("who", "guest", logic="NEGATIVE"))))
    assert ("role guest", "view", "other-caller", "") in found


def test_what_is_closed_now_is_unproven_and_must_be_refused() -> None:
    night = policy("night", "time", config={"hour": "0", "hourEnd": "5"})
    shift = permission("p", "Organizations", ["view"], ["who", "night"])
    assert told(attempts(scene(shift, role("who", "a"), night))) == snapshot(
        [
            (
                "role a",
                "view",
                "declared",
                "It is the wrong time: allowed only from 0:00 to 5:59, and the server's clock says 2026-11-26 12:00. Verify again at such a time.",
            ),
            ("role a", "view", "other-time", ""),
            ("", "view", "other-caller", ""),
        ]
    )


def test_what_nobody_can_evaluate_is_unproven() -> None:
    found = attempts(scene(permission("p", "Organizations", ["view"], ["elsewhere"])))
    assert [attempt.unproven for attempt in found] == snapshot(
        [
            "Allowed only if the policy elsewhere allows it, which kcplan cannot tell. Try it by hand.",
            "kcplan found nobody whom the permissions of this realm keep from it.",
        ]
    )


def test_policies_that_let_everybody_in_keep_nobody_out() -> None:
    always = policy("who", "time", config={"hour": "0", "hourEnd": "23"})
    found = attempts(scene(VIEW, always))
    assert [a.unproven for a in found if a.reason is Reason.CALLER] == snapshot(
        ["kcplan found nobody whom the permissions of this realm keep from it."]
    )


def test_policies_that_nobody_meets_are_unproven() -> None:
    one, other = (policy(n, "user", config={"users": [n]}) for n in ("alice", "bob"))
    both = permission("p", "Organizations", ["view"], ["alice", "bob"])
    assert told(attempts(scene(both, one, other)))[0] == snapshot(
        (
            "",
            "view",
            "declared",
            "There is nobody to try it: its policies let nobody in, or in too many ways.",
        )
    )


def test_parts_that_nobody_meets_do_not_count_as_ways() -> None:
    a, b, c = (Literal(Trait(Kind.ROLE, name)) for name in "abc")
    assert ways(AtLeast(2, (a, some(()), b))) == [frozenset({a, b})]
    assert ways(most((a, b, c, *[some(())] * 40))) == []  # at once, and not after all combinations


def test_a_caller_who_could_not_be_made_is_the_reason() -> None:
    known = scene(VIEW, role("who", "a"))
    gone = {t: "The role a does not exist." if t else s for t, s in known.callers.items()}
    found = attempts(evolve(known, callers=gone))
    assert (found[0].reason, found[0].unproven) == (Reason.DECLARED, "The role a does not exist.")


def test_what_no_file_declares_gets_a_stand_in_and_accounts_come_with_their_clients() -> None:
    resources = by_address(
        role("sellers", "shop/seller"),
        policy("people", "user", config={"users": ["bob", "service-account-batch"]}),
        permission("p", "Groups", ["view"], ["sellers", "people"], ("/staff/day",)),
    )
    found = absent(permissions_of(resources), resources)
    assert [str(address) for address in found] == [
        "shop/clients/shop/roles/seller",
        "shop/groups/staff/day",
        "shop/users/bob",
    ]


def test_what_keycloak_has_in_every_realm_gets_no_stand_in() -> None:
    resources = by_address(
        role("admins", "realm-management/view-users", "account/clerk", "broker/read-token"),
        role("all", "default-roles-shop", "offline_access", "account/view-profile"),
        policy("tools", "client", config={"clients": ["admin-cli", "cli"]}),
        policy("nowhere", "group", config={"groups": {"/": {"path": "/"}}}),
        permission("p", "Clients", ["view"], ["admins", "all", "tools", "nowhere"], ("account",)),
    )
    found = absent(permissions_of(resources), resources)
    assert [str(address) for address in found] == [
        "shop/clients/account/roles/clerk",
        "shop/clients/cli",
    ]
