"""Attributes of users that the realm's user profile does not take: said when planning.

The profile is asked for only where a plan writes attributes of users. A realm that is new has the
usual one, as far as it is known: a server may give another one to all new realms. So what is said
of those is a warning.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from attrs import evolve

from kcplan.address import Address
from kcplan.config.model import Config
from kcplan.diagnostics import Diagnostic, Path, error, warning
from kcplan.errors import ServerError
from kcplan.moves import moves_of
from kcplan.plan import Action, Plan, ResourceChange
from kcplan.schema import flatten, lies_in, unflatten
from kcplan.secret import reveal
from kcplan.snapshot import LiveObject, Snapshot
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.profile_defaults import PROFILE
from kcplan_keycloak.profile_rules import LOCALE, ROOT, Problem, Profile, problems
from kcplan_keycloak.resources.service_account import SPEC as ACCOUNT
from kcplan_keycloak.resources.user import SPEC as USER
from kcplan_keycloak.resources.user_profile import SPEC as USER_PROFILE

Say = Callable[..., Diagnostic]

_ATTRIBUTES: Final = "attributes"
_USERNAME: Final = "username"
_LANGUAGES: Final[Path] = ("internationalizationEnabled",)


def with_profile_problems(api: AdminApi, config: Config, live: Snapshot, plan: Plan) -> Plan:
    """The plan with what Keycloak would drop or refuse of the attributes that it writes."""
    changes = [change for change in plan.changes if _writes(change)]
    moves, found = moves_of(plan.changes), list[Diagnostic]()
    for realm in dict.fromkeys(change.address.realm for change in changes):
        old = moves.old(Address.of(realm))
        there = old in live.objects
        profile = _planned(_profile(api, old.realm) if there else PROFILE, realm, plan)
        if profile is None:
            continue
        say = error if there else warning
        shut_out = _shut_out(realm, live.objects.get(old), plan)
        for change in changes:
            if change.address.realm == realm:
                found += _diagnostics(config, change, profile, shut_out, say)
    return evolve(plan, diagnostics=(*plan.diagnostics, *found)) if found else plan


def _writes(change: ResourceChange) -> bool:
    """Whether a change writes attributes of a user, or of the account of a client."""
    if change.type not in (USER.name, ACCOUNT.name) or change.action.takes_away:
        return False
    new = change.type == USER.name and change.action is Action.CREATE
    return new or any(_name(item.path) for item in change.changes)


def _profile(api: AdminApi, realm: str) -> Profile | None:
    """The user profile of a realm; None where it cannot be seen."""
    try:
        found: Profile | None = api.get(path("realms", realm, "users", "profile"))
    except ServerError:
        return None
    return found


def _planned(profile: Profile | None, realm: str, plan: Plan) -> Profile | None:
    """A profile as it is after the plan, which may change it."""
    address = Address.of(realm, USER_PROFILE.name)
    changes = [
        item for change in plan.changes if change.address == address for item in change.changes
    ]
    if profile is None or not changes:
        return profile
    shape = USER_PROFILE.schema
    gone = {item.path for item in changes if item.after is None}
    kept = {at: value for at, value in flatten(shape, profile).items() if not lies_in(at, gone)}
    return unflatten(shape, {**kept, **{item.path: item.after for item in changes}})


def _shut_out(realm: str, there: LiveObject | None, plan: Plan) -> Mapping[str, str]:
    """The attributes that no switch of a realm lets in after the plan, as far as it is known."""
    address = Address.of(realm)
    is_on = False if there is None else there.leaves.get(_LANGUAGES)
    for change in plan.changes:
        if change.address == address:
            is_on = next((i.after for i in change.changes if i.path == _LANGUAGES), is_on)
    return {LOCALE: f"`{_LANGUAGES[0]}` of {address} is off"} if is_on is False else {}


def _diagnostics(
    config: Config,
    change: ResourceChange,
    profile: Profile,
    shut_out: Mapping[str, str],
    say: Say,
) -> Iterator[Diagnostic]:
    account = change.type == ACCOUNT.name
    new = change.action is Action.CREATE and not account
    changed = {name: item.after for item in change.changes if (name := _name(item.path))}
    if new or USER.key in {item.path for item in change.changes}:
        changed[_USERNAME] = change.address.name
    written = {name: _values(value) for name, value in changed.items() if value is not None}
    removed = changed.keys() - written.keys()
    for problem in problems(
        profile, written, removed=removed, shut_out=shut_out, new=new, account=account
    ):
        yield _diagnostic(config, change.address, problem, say)


def _name(where: Path) -> str:
    """The attribute that a field of a user is; empty for other fields."""
    if where[0] == _ATTRIBUTES:
        return where[1] if where[1:] and where[1] not in ROOT else ""
    return where[0] if where[0] in ROOT else ""


def _values(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(reveal(item)) for item in values]


def _diagnostic(config: Config, address: Address, problem: Problem, say: Say) -> Diagnostic:
    name = problem.name
    field = (name,) if name in ROOT else (_ATTRIBUTES, name)
    resource = config.resources.get(address)
    where: Mapping[str, Any] = {
        "address": address,
        "path": field,
        "source": None if resource is None else resource.source(field),
    }
    if problem.words:
        return say(
            "against-user-profile",
            f"the user profile does not take {name} of {address}: {problem.words}",
            "Keycloak would not keep it. Correct the value, or change the realm's user profile.",
            several="attributes of users are against the user profile",
            subject=f"{name} of {address}: {problem.words}",
            **where,
        )
    return say(
        "not-in-user-profile",
        f"the user profile has no attribute {name}, which {address} is to have",
        "Keycloak would drop it. Declare it in `userProfile`, or set `unmanagedAttributePolicy` "
        "there: to `ADMIN_EDIT` where only administrators should see such attributes, to `ENABLED` "
        "where users may write them too.",
        several="attributes of users are not in the user profile",
        subject=f"{name} of {address}",
        **where,
    )
