"""Plans that would shut kcplan itself out: what it logs in with would be gone, off, or weaker.

Here is what happens to whole objects and to roles; `own_login` judges single fields.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from kcplan import refs
from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, Path, error, warning
from kcplan.graph import reached
from kcplan.own_flows import CONSOLE_FLOW, OwnFlows, bindings, is_of_steps
from kcplan.own_login import Identity, judge
from kcplan.plan import Action, FieldChange, ResourceChange
from kcplan.resource import Registry, Resource, TypeSpec, spec_at
from kcplan.schema import dotted
from kcplan.snapshot import LiveObject, Snapshot

CODE = "would-lock-out"
MAY = "may-lock-out"

_GROUPS: Final = ("groups",)
"""Where an account has its groups."""


def check(
    changes: Iterable[ResourceChange],
    identity: Identity | None,
    live: Snapshot,
    registry: Registry,
    clock: Callable[[], float] = time.time,
) -> Iterator[Diagnostic]:
    """What of a plan would keep kcplan from logging in, or from doing its work, or may do so.

    In `master`, also what would keep people from the console.
    """
    if identity is None:
        return
    roles = _Roles(registry, live)
    held = roles.held(identity)
    own = [item for item in changes if (item.moved_from or item.address).realm == identity.realm]
    flows = OwnFlows(identity, {item.address: item for item in own}, live.objects)
    for change in own:
        if change.action is not Action.NOOP:
            yield from _judged(change, identity, roles, held, flows, clock())


def _judged(
    change: ResourceChange,
    identity: Identity,
    roles: "_Roles",
    held: set[Address],
    flows: OwnFlows,
    now: float,
) -> Iterator[Diagnostic]:
    reason, path = _reason(change, identity) or (None, ())
    lost = sorted(roles.taken(change, identity))
    if reason is None and lost and change.address in held:
        reason = f"its own role {change.address} would no longer grant {', '.join(lost)}"
        path = next((item.path for item in change.changes), ())
    if reason is not None:
        yield _certain(change, identity, reason, path)
        return
    yield from _fields(change, identity, flows, now)
    yield from _steps(change, identity, flows)
    if change.address == identity.account and (item := _write_to(change, _GROUPS)):
        left = ", ".join(_without(item.before, item.after))
        if left:
            yield warning(
                MAY,
                f"the plan may lock kcplan out: {change.address} would leave groups ({left})",
                "If they give it roles of administration, it can neither finish the apply nor roll "
                "it back.",
                address=change.address,
                path=item.path,
            )
    if change.address == identity.client and _write_to(change, ("secret",)):
        yield warning(
            MAY,
            f"the plan changes the secret that kcplan itself logs in with ({change.address})",
            "kcplan keeps using its current token, and needs the new secret the next time. "
            "If a rollback takes longer than the token lives, kcplan cannot log in again.",
            address=change.address,
            path=("secret",),
        )
    elif lost:
        yield warning(
            MAY,
            f"the plan may lock kcplan out: {change.address} would no longer grant "
            f"{', '.join(lost)}",
            "These are administration roles. If kcplan has them through this role or group, it can "
            "neither finish the apply nor roll it back.",
            address=change.address,
        )


def _certain(
    change: ResourceChange, identity: Identity, reason: str, path: Path = ()
) -> Diagnostic:
    if (change.moved_from or change.address) == identity.console or path == (CONSOLE_FLOW,):
        return _without_console(change, reason, path)
    return error(
        CODE,
        f"the plan would lock kcplan out: {reason}",
        f"kcplan logs in to the realm {identity.realm} with the client {identity.client_id}. Log "
        f"in as another client or user, or leave {change.address} as it is.",
        address=change.address,
        path=path,
    )


def _without_console(change: ResourceChange, reason: str, path: Path) -> Diagnostic:
    return error(
        CODE,
        f"the plan would lock people out of the console: {reason}",
        f"Administrators log in to the console through the realm master. Leave {change.address} "
        "as it is. If you want this, make the change in Keycloak's console first. kcplan then "
        "finds nothing to change.",
        address=change.address,
        path=path,
    )


def _steps(change: ResourceChange, identity: Identity, flows: OwnFlows) -> Iterator[Diagnostic]:
    """What it means that a flow executes something else."""
    paths = [item.path for item in change.changes if is_of_steps(item.path)]
    for name in flows.bound(change.address) if paths else ():
        verdict = flows.verdict(name, change.address.name)
        if verdict is not None:
            reason = f"{change.address} is bound as {name}, and {verdict.reason}"
            if name == CONSOLE_FLOW:
                yield _without_console(change, reason, paths[0])
            else:
                yield _certain(change, identity, reason, paths[0])
            return
        yield warning(
            MAY,
            f"the plan may lock kcplan out: {change.address} is bound as {name}",
            "The flow must let kcplan in, without a second step, and people to the console. If "
            "kcplan is locked out, it can neither finish the apply nor roll it back.",
            address=change.address,
            path=paths[0],
        )


def _fields(
    change: ResourceChange, identity: Identity, flows: OwnFlows, now: float
) -> Iterator[Diagnostic]:
    """What the changed fields of the own realm or client mean."""
    if change.address not in {identity.home, identity.client}:
        return
    told = set()
    for item in change.changes:
        verdict = judge(item.path, item.after, change.address, identity, now)
        if change.address == identity.home and item.path[0] in bindings(identity):
            verdict = flows.verdict(item.path[0], str(item.after)) or verdict
        # Fields of one entry, such as a policy, may be dangerous for one reason.
        entry = (item.path[:3], verdict)
        if verdict is None or entry in told:
            continue
        told.add(entry)
        value = "another one" if item.sensitive else value_text(item.after)
        what = f"{dotted(item.path)} of {change.address} would be {value}"
        if verdict.certain:
            reason = f"{what}, and {verdict.reason}"
            yield _certain(change, identity, reason, item.path)
        else:
            yield warning(
                MAY,
                f"the plan may lock kcplan out: {what}",
                f"{verdict.reason[:1].upper()}{verdict.reason[1:]}. If kcplan is locked out, it "
                "can neither finish the apply nor roll it back.",
                address=change.address,
                path=item.path,
            )


def _reason(change: ResourceChange, identity: Identity) -> tuple[str, Path] | None:
    """What would be wrong for kcplan after a change, and in which field; None where nothing."""
    old = change.moved_from or change.address
    if old not in {identity.home, identity.client, identity.account, identity.console}:
        return None
    off = any(item.path == ("enabled",) and item.after is False for item in change.changes)
    fates = {
        "be deleted": change.action.takes_away,
        "have another name": change.moved_from is not None,
        "be disabled": off,
    }
    fate = next((word for word, comes in fates.items() if comes), None)
    if fate is not None:
        return f"{old} would {fate}", ("enabled",) if off else ()
    if old == identity.account:
        return _account_reason(change)
    return _client_reason(change, identity) if old != identity.home else None


def _client_reason(change: ResourceChange, identity: Identity) -> tuple[str, Path] | None:
    needed = {("bearerOnly",): False}
    if change.address != identity.client:
        needed |= {("standardFlowEnabled",): True}
    elif identity.username is None:
        needed |= {("serviceAccountsEnabled",): True, ("publicClient",): False}
    else:
        needed |= {("directAccessGrantsEnabled",): True}
    for path, value in needed.items():
        item = _write_to(change, path)
        if item is not None and item.after is (not value):
            word = str(not value).lower()
            return f"{'.'.join(path)} of {change.address} would be {word}", path
    return None


def _account_reason(change: ResourceChange) -> tuple[str, Path] | None:
    """Roles that may be what the work is done with, and what is demanded before a log-in."""
    for item in change.changes:
        lost = _without(item.before, item.after)
        if lost and (item.path == ("realmRoles",) or _is_of_administration(item.path)):
            return f"{change.address} would lose roles ({', '.join(lost)})", item.path
        asked = _without(item.after, item.before)
        if asked and item.path == ("requiredActions",):
            return f"{change.address} would have to do {', '.join(asked)} first", item.path
    return None


def _without(some: Any, others: Any) -> list[str]:
    """The names that only the first of two lists has."""
    return sorted(_names(some) - _names(others))


def _is_of_administration(path: Path) -> bool:
    match path:
        case ("clientRoles", client):
            return _administers(client)
    return False


def _administers(client: str) -> bool:
    """Whether the roles of a client are what somebody administers realms with."""
    return client == "realm-management" or client.endswith("-realm")


# -- roles that kcplan may have its rights through -------------------------------------------------


@frozen
class _Roles:
    """The roles that were read, and what they are composed of."""

    registry: Registry
    live: Snapshot

    def held(self, identity: Identity) -> set[Address]:
        """The roles that kcplan's own account has, as far as they were read."""
        account = self.live.objects.get(identity.account)
        return set() if account is None else self._reached(self._parts(account))

    def taken(self, change: ResourceChange, identity: Identity) -> set[str]:
        """The roles of administration that a role or group gives now, and would give no more."""
        spec = spec_at(self.registry, change.address)
        if change.address.realm != identity.realm or spec is None:
            return set()
        if not spec.gives_rights and spec is not self._groups(identity):
            return set()
        lost: Iterable[Address] = [change.address]
        if not change.action.takes_away:
            lost = [
                reference.target
                for item in change.changes
                for name in _names(item.before) - _names(item.after)
                for reference in refs.named(self.registry, spec, change.address, item.path, name)
            ]
        return {name for part in self._reached(lost) for name in _administration(part)}

    def _groups(self, identity: Identity) -> TypeSpec | None:
        """The type of what kcplan's account may be in."""
        account = identity.account
        spec = spec_at(self.registry, account)
        asked = () if spec is None else refs.named(self.registry, spec, account, _GROUPS, "/any")
        return next((spec_at(self.registry, item.target) for item in asked), None)

    def _reached(self, roles: Iterable[Address]) -> set[Address]:
        objects = self.live.objects
        return reached(roles, lambda r: self._parts(objects[r]) if r in objects else ())

    def _parts(self, live: LiveObject) -> Iterator[Address]:
        """The roles that an account or a group has, or that a role is composed of."""
        resource = Resource(live.address, live.type, live.leaves)
        for reference in refs.references(self.registry, resource):
            spec = spec_at(self.registry, reference.target)
            if spec is not None and spec.gives_rights:
                yield reference.target


def _names(value: Any) -> set[str]:
    """The names in a list; other fields hold none."""
    return {str(name) for name in value} if isinstance(value, list) else set()


def _administration(role: Address) -> Iterator[str]:
    """The name of a role, if it is one of administration."""
    match role.segments:
        case ("master", "roles", "admin" | "create-realm"):
            yield role.name
        case (_, "clients", client, "roles", name) if _administers(client):
            yield name


def value_text(value: Any) -> str:
    """A value as a message shows it."""
    return "not set" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _write_to(change: ResourceChange, path: Path) -> FieldChange | None:
    return next((item for item in change.changes if item.path == path), None)
