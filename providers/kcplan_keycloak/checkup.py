"""What comes of what a server told `kcplan doctor`. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from kcplan.doctor import Check, Verdict
from kcplan.versions import KNOWN, numbers, tells
from kcplan_keycloak.api import Connection
from kcplan_keycloak.examination import Examination, Held
from kcplan_keycloak.rights import Area

MAX_SKEW: Final = 30.0
"""So many seconds between the clocks are too many: tokens may live for 60."""
MIN_DAYS: Final = 14.0
"""A certificate that expires within so many days is to be renewed."""
OLDEST: Final = (26, 2)
"""The oldest version of which kcplan knows what is otherwise there."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_DAY: Final = 86_400


def checks(
    found: Examination, needed: Mapping[str, Sequence[Area]], version: str | None
) -> Iterator[Check]:
    """All checks of a server that answers.

    Args:
        found: What it told.
        needed: The areas in which each realm has something in files or state.
        version: Keycloak's version as kcplan.toml has it.
    """
    login = found.connection
    who = login.username or f"the client {login.client_id}"
    yield Check("connection", Verdict.OK, f"{login.url}, as {who} of the realm {login.auth_realm}")
    yield check_tls(login, found.ends, found.now)
    yield check_clock(found.skew)
    yield check_version(found.version, version)
    if not needed:
        nothing = "not known, since neither files nor state name a realm"
        yield Check("rights", Verdict.UNKNOWN, nothing)
    for realm, held in found.held.items():
        yield check_rights(realm, held, needed[realm])


_ANSWERED: Final = ("connection", "TLS", "clock", "version", "rights")


def unanswered(failed: str) -> Iterator[Check]:
    """The checks that take an answer, where another one failed first, so that nobody asked."""
    for name in _ANSWERED:
        if name == failed:
            continue
        yield Check(name, Verdict.UNKNOWN, "not known, since nothing was asked")


def check_tls(login: Connection, ends: float | None, now: float) -> Check:
    """Whether others can read along, and for how long the certificate is valid."""
    if not login.url.startswith("https:"):
        if urlsplit(login.url).hostname in _LOOPBACK:
            return Check("TLS", Verdict.OK, "none, and none is needed on this machine")
        return Check(
            "TLS",
            Verdict.CAUTION,
            "none: whoever is on the way reads passwords, tokens and secrets",
            "Use an https:// URL.",
        )
    if login.insecure:
        return Check(
            "TLS",
            Verdict.CAUTION,
            "the certificate is not verified (--insecure, KCPLAN_INSECURE or kcplan.toml): "
            "anybody may be the server",
            "Name the certificate of your authority with --ca-file instead.",
        )
    if ends is None:
        return Check("TLS", Verdict.OK, "the certificate is verified")
    days = (ends - now) / _DAY
    text = f"the certificate is verified, and valid for {days:,.0f} more days"
    if days < MIN_DAYS:
        return Check("TLS", Verdict.CAUTION, text, "Renew the server's certificate.")
    return Check("TLS", Verdict.OK, text)


def check_clock(skew: float | None) -> Check:
    """Whether the clocks agree, as far as a whole second tells."""
    if skew is None:
        return Check("clock", Verdict.UNKNOWN, "not known: the token does not say when it was made")
    if abs(skew) <= MAX_SKEW:
        return Check("clock", Verdict.OK, "as Keycloak's, but for a few seconds")
    which = "behind" if skew > 0 else "ahead of"
    return Check(
        "clock",
        Verdict.CAUTION,
        f"this machine's clock is {abs(skew):,.0f} seconds {which} Keycloak's",
        "Set both by a time server. Signed requests, time-based policies and the times of changes "
        "in `refresh` depend on them.",
    )


def check_version(version: str | None, stated: str | None) -> Check:
    """Whether kcplan knows the version."""
    if version is None and stated is None:
        return Check(
            "version",
            Verdict.CAUTION,
            "not known: the account may not see it",
            "That is usual for accounts that may only view. Set `version` in the section "
            "`[keycloak]` of kcplan.toml, so that kcplan applies the rules for it.",
        )
    shown = f"{version or stated}{'' if version else ', as kcplan.toml says'}"
    judged = version or stated
    if not tells(judged):
        return Check("version", Verdict.UNKNOWN, f"{shown}: that is no version that kcplan knows")
    newest = f"{KNOWN[0]}.{KNOWN[1]}"
    if numbers(judged)[:2] > KNOWN:
        return Check(
            "version",
            Verdict.CAUTION,
            f"{shown}: newer than {newest}, the newest that kcplan is tested with",
            "It may have fields and defaults that kcplan does not know. Read plans with care, and "
            "look for a newer kcplan.",
        )
    if numbers(judged)[:2] < OLDEST:
        return Check(
            "version",
            Verdict.CAUTION,
            f"{shown}: older than {OLDEST[0]}.{OLDEST[1]}, and not supported",
            "Defaults and fields are otherwise there, and kcplan does not know how. Update "
            "Keycloak.",
        )
    if numbers(judged)[:2] < KNOWN:
        return Check("version", Verdict.OK, f"{shown}: supported; kcplan is tested with {newest}")
    return Check("version", Verdict.OK, f"{shown}: supported")


def check_rights(realm: str, held: Held, needed: Sequence[Area]) -> Check:
    """What of a realm's areas the account can plan, and what it cannot apply."""
    name = f"rights in {realm}"
    if not held.exists:
        return _rights_to_create(name, held.creates)
    if held.roles is None:
        return Check(
            name,
            Verdict.UNKNOWN,
            "not known: neither the token nor Keycloak tells the account which roles it has",
            "A client with a service account has its roles in its tokens.",
        )
    roles = held.roles
    unseen = [area for area in needed if not area.is_viewed_with(roles)]
    fixed = [area for area in needed if not area.is_managed_with(roles)]
    if unseen:
        return Check(
            name,
            Verdict.FAILS,
            f"plan fails: the account lacks {_list(area.view for area in unseen)}",
            f"Give it these roles of {_where(realm)}. New roles count from the next log-in.",
        )
    if fixed:
        return Check(
            name,
            Verdict.OK,
            "plan and refresh work; apply would lack "
            + _list(dict.fromkeys(area.manage for area in fixed)),
        )
    return Check(name, Verdict.OK, "plan, refresh and apply work")


def _rights_to_create(name: str, creates: bool | None) -> Check:  # noqa: FBT001 - three values
    if creates:
        return Check(name, Verdict.OK, "there is no such realm yet, and the account may create it")
    if creates is None:
        return Check(
            name,
            Verdict.UNKNOWN,
            "there is no such realm yet; whether the account may create it is not known",
        )
    return Check(
        name,
        Verdict.CAUTION,
        "there is no such realm yet, and apply could not create it",
        "Realms are created by an account of the realm master that has the realm role "
        "create-realm or admin.",
    )


def _where(realm: str) -> str:
    return (
        f"the client realm-management in {realm!r}; to an account of the realm master, those of "
        f"the client {realm + '-realm'!r} there"
    )


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
