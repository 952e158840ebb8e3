"""Plans that would shut kcplan itself out: what it logs in with would be gone, off, or weaker.

Here is what happens to whole objects and to roles; `own_login` judges single fields.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from attrs import frozen

from kcplan import refs
from kcplan.address import Address
from kcplan.diagnostics import Diagnostic, Path, error, warning
from kcplan.graph import reached
from kcplan.own_login import Identity, judge
from kcplan.plan import Action, FieldChange, ResourceChange
from kcplan.resource import Registry, Resource, spec_at
from kcplan.schema import dotted
from kcplan.snapshot import LiveObject, Snapshot

CODE = "would-lock-out"
MAY = "may-lock-out"


def check(
    changes: Iterable[ResourceChange],
    identity: Identity | None,
    live: Snapshot,
    registry: Registry,
    clock: Callable[[], float] = time.time,
) -> Iterator[Diagnostic]:
    """What of a plan would keep kcplan from logging in, or from doing its work, or may do so."""
    if identity is None:
        return
    roles = _Roles(registry, live)
    held = roles.held(identity)
    for change in changes:
        where = change.moved_from or change.address
        if change.action is Action.NOOP or where.realm != identity.realm:
            continue
        yield from _judged(change, identity, roles, held, clock())


def _judged(
    change: ResourceChange, identity: Identity, roles: "_Roles", held: set[Address], now: float
) -> Iterator[Diagnostic]:
    reason = _reason(change, identity)
    lost = sorted(roles.taken(change, identity))
    if reason is None and lost and change.address in held:
        reason = f"its own role {change.address} would no longer grant {', '.join(lost)}"
    if reason is not None:
        yield _certain(change, identity, reason)
        return
    yield from _fields(change, identity, now)
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
            "These are administration roles. If kcplan has them through this role, it can "
            "neither finish the apply nor roll it back.",
            address=change.address,
        )


def _certain(
    change: ResourceChange, identity: Identity, reason: str, path: Path = ()
) -> Diagnostic:
    return error(
        CODE,
        f"the plan would lock kcplan out: {reason}",
        f"kcplan logs in to the realm {identity.realm} with the client {identity.client_id}. Log "
        f"in as another client or user, or leave {change.address} as it is.",
        address=change.address,
        path=path,
    )


def _fields(change: ResourceChange, identity: Identity, now: float) -> Iterator[Diagnostic]:
    """What the changed fields of the own realm or client mean."""
    if change.address not in {identity.home, identity.client}:
        return
    told = set()
    for item in change.changes:
        verdict = judge(item.path, item.after, change.address, identity, now)
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


def _reason(change: ResourceChange, identity: Identity) -> str | None:
    """What would be wrong for kcplan after a change; None where nothing would."""
    old = change.moved_from or change.address
    if old not in {identity.home, identity.client, identity.account}:
        return None
    off = any(item.path == ("enabled",) and item.after is False for item in change.changes)
    fates = {
        "be deleted": change.action.takes_away,
        "have another name": change.moved_from is not None,
        "be disabled": off,
    }
    fate = next((word for word, comes in fates.items() if comes), None)
    if fate is not None:
        return f"{old} would {fate}"
    if old == identity.client:
        return _client_reason(change, identity)
    is_ours = old == identity.account and identity.username is None
    return _account_reason(change) if is_ours else None


def _client_reason(change: ResourceChange, identity: Identity) -> str | None:
    needed = {("bearerOnly",): False}
    if identity.username is None:
        needed |= {("serviceAccountsEnabled",): True, ("publicClient",): False}
    else:
        needed |= {("directAccessGrantsEnabled",): True}
    for path, value in needed.items():
        item = _write_to(change, path)
        if item is not None and item.after is (not value):
            word = str(not value).lower()
            return f"{'.'.join(path)} of {change.address} would be {word}"
    return None


def _account_reason(change: ResourceChange) -> str | None:
    """Roles that may be what the work is done with: realm roles, and those of administration."""
    lost = sorted(
        name
        for item in change.changes
        if item.path == ("realmRoles",) or _is_of_administration(item.path)
        for name in set(item.before or ()) - set(item.after or ())
    )
    return f"{change.address} would lose roles ({', '.join(lost)})" if lost else None


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
        """The roles that kcplan's own service account has, as far as they were read."""
        account = self.live.objects.get(identity.account)
        if account is None or identity.username is not None:
            return set()
        return self._reached(self._parts(account))

    def taken(self, change: ResourceChange, identity: Identity) -> set[str]:
        """The roles of administration that a role gives now, and would not give any more."""
        spec = spec_at(self.registry, change.address)
        if change.address.realm != identity.realm or spec is None or not spec.gives_rights:
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

    def _reached(self, roles: Iterable[Address]) -> set[Address]:
        objects = self.live.objects
        return reached(roles, lambda r: self._parts(objects[r]) if r in objects else ())

    def _parts(self, live: LiveObject) -> Iterator[Address]:
        """The roles that an account has, or that a role is composed of."""
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
        case ("master", "roles", "admin"):
            yield role.name
        case (_, "clients", client, "roles", name) if _administers(client):
            yield name


def value_text(value: Any) -> str:
    """A value as a message shows it."""
    return "not set" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _write_to(change: ResourceChange, path: Path) -> FieldChange | None:
    return next((item for item in change.changes if item.path == path), None)
