"""What a plan says of admin permissions that decide together. Values only."""

from pathlib import Path
from typing import Any

from inline_snapshot import snapshot

from kcplan.config.load import load
from kcplan.plan import Plan
from kcplan.snapshot import LiveObject
from kcplan.state import ResourceState
from kcplan.toml_writer import to_toml
from kcplan_keycloak.resources import registry
from support.planning import plan

Json = dict[str, Any]

ROLES = [{"name": name, "roles": [name]} for name in ("support", "hr", "boss")]


def planned(
    folder: Path, before: list[Json], after: list[Json], roles: Any = ROLES, had: Any = ROLES
) -> Plan:
    """The plan that makes the one list of permissions of the other."""

    def realm(permissions: list[Json], policies: Any) -> Json:
        return {
            "adminPermissionsEnabled": True,
            "permissions": {"adminPolicies": policies, "admin": permissions},
        }

    file = folder / "before.toml"
    file.write_text(to_toml({"realm": "r", **realm(before, had)}))
    known = load([file], registry(), {}).resources.values()
    return plan(
        folder,
        realm(after, roles),
        [ResourceState(r.address, r.type, str(r.address), managed=r.leaves) for r in known],
        [LiveObject(r.address, r.type, str(r.address), r.leaves) for r in known],
    )


def told(made: Plan) -> list[str]:
    """The risks that are about several permissions, each with whom it is about."""
    codes = ("admin-permissions-shut-out", "admin-permission-opens")
    return [f"{r.address.name}: {r.summary}" for r in made.risks if r.code in codes]


def permits(who: str, *scopes: str, kind: str = "Users", **more: Any) -> Json:
    return {"name": who, "resourceType": kind, "scopes": scopes, "policies": [who], **more}


def test_who_shuts_out_whom_is_said_once(tmp_path: Path) -> None:
    support = permits("support", "view", "manage", resources=["ann", "bob"])
    hr = permits("hr", "view", "manage", resources=["ann", "bob"])
    assert told(planned(tmp_path, [], [support, hr])) == snapshot(
        [
            "hr: role hr gets no manage, view of user ann, user bob: the admin permission support must let it in as well",
            "support: role support gets no manage, view of user ann, user bob: the admin permission hr must let it in as well",
        ]
    )
    assert told(planned(tmp_path, [support], [support, hr])) == snapshot(
        [
            "hr: role hr gets no manage, view of user ann, user bob: the admin permission support must let it in as well",
            "hr: it keeps role support from manage, view of user ann, user bob, in spite of the admin permission support",
        ]
    )
    boss = permits("boss", "view-members", kind="Groups", resources=["/vip"])
    assert told(planned(tmp_path, [boss], [boss, permits("support", "manage")])) == snapshot(
        [
            "support: it keeps role boss from view-members of group /vip, in spite of the admin permission boss"
        ]
    )


def test_a_policy_that_keeps_out_more_is_told_with_its_permission(tmp_path: Path) -> None:
    known = [permits("support", "view"), permits("hr", "view")]
    loose = [{"name": n, "roles": ["hr", "support"]} for n in ("hr", "support")]
    assert told(planned(tmp_path, [], known, roles=loose)) == []
    assert told(planned(tmp_path, known, known, had=loose)) == snapshot(
        [
            "hr: the admin permission hr keeps role support from view of all users, in spite of the admin permission support",
            "support: the admin permission support keeps role hr from view of all users, in spite of the admin permission hr",
        ]
    )


def test_who_gets_in_since_a_permission_goes_is_said(tmp_path: Path) -> None:
    support, hr = permits("support", "view", "manage"), permits("hr", "view", resources=["ann"])
    assert told(planned(tmp_path, [support, hr], [support])) == snapshot(
        [
            "hr: it no longer limits view of user ann for role support, which the admin permission support permits"
        ]
    )
    fewer = permits("hr", "view", resources=["bob"])
    assert told(planned(tmp_path, [support, hr], [support, fewer])) == snapshot(
        [
            "hr: it no longer limits view of user ann for role support, which the admin permission support permits"
        ]
    )
    boss = permits("boss", "view")
    together = [support, permits("hr", "view"), boss]
    assert told(planned(tmp_path, together, [*together[:2]])) == snapshot(
        [
            "boss: it no longer limits view, manage of all users for role hr and role support, which the admin permissions hr, support permit"
        ]
    )
