"""What protects all users of a realm."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from kcplan.diagnostics import Path
from kcplan.risk import Level
from kcplan.risk_rules import Found, RiskRule, Subject
from kcplan_keycloak.resources.realm import SPEC as REALM
from kcplan_keycloak.risk_values import changed, either, no_longer, number, switched

_TLS: Final = {"none": 0, "external": 1, "all": 2}
_FLOWS: Final[tuple[Path, ...]] = (
    ("browserFlow",),
    ("clientAuthenticationFlow",),
    ("directGrantFlow",),
    ("firstBrokerLoginFlow",),
    ("resetCredentialsFlow",),
)
_POLICY: Final = re.compile(r"\s*(\w+)\s*(?:\((.*)\))?\s*", re.DOTALL)
_THE_LESS_THE_BETTER: Final = frozenset({"forceExpiredPasswordChange", "maxAuthAge"})
_MANY_FAILURES: Final = 100


def _no_tls(subject: Subject) -> Iterator[Found]:
    for item in subject.changes(("sslRequired",)):
        if item.after == "none":
            yield item.path, "passwords and tokens may travel without TLS"


def _less_tls(subject: Subject) -> Iterator[Found]:
    for item in subject.changes(("sslRequired",)):
        before, after = (_TLS.get(str(value)) for value in (item.before, item.after))
        if before is not None and after and after < before:
            yield item.path, f"TLS is required for {item.after}, no longer for {item.before}"


def _failures(subject: Subject) -> Iterator[Found]:
    for item in subject.changes(("failureFactor",)):
        before, after = number(item.before), number(item.after)
        if after is not None and after > max(before or 0, _MANY_FAILURES):
            yield item.path, f"an account is locked only after {after:,} wrong passwords"


def _policies(text: Any) -> Mapping[str, str]:
    """What `length(8) and notUsername` demands: names with their parameters."""
    parts = text.split(" and ") if isinstance(text, str) else ()
    found = (_POLICY.fullmatch(part) for part in parts)
    return {match[1]: (match[2] or "").strip() for match in found if match}


def _no_policy(subject: Subject) -> Iterator[Found]:
    for item in subject.changes(("passwordPolicy",)):
        if _policies(item.before) and not _policies(item.after):
            yield item.path, "any password is taken"


def _less_policy(subject: Subject) -> Iterator[Found]:
    for item in subject.changes(("passwordPolicy",)):
        before, after = _policies(item.before), _policies(item.after)
        for name, value in before.items() if after else ():
            if name not in after:
                yield item.path, f"passwords need no longer fit {name}"
            elif _is_less(name, value, after[name]):
                yield item.path, f"passwords need less: {name} is {after[name]}, it was {value}"


def _is_less(name: str, before: str, after: str) -> bool:
    old, new = number(before), number(after)
    if old is None or new is None:
        return name == "hashAlgorithm" and after == "pbkdf2" != before
    # With a password that never expires there is nothing to compare.
    return new > old if name in _THE_LESS_THE_BETTER else new < old


def _headers(subject: Subject) -> Iterator[Found]:
    for item in subject.changes(("browserSecurityHeaders",)):
        name = item.path[-1]
        if _is_weaker(name, str(item.before or ""), str(item.after or "")):
            yield item.path, f"browsers are told less: {name} is {item.after or 'left out'}"


def _is_weaker(name: str, before: str, after: str) -> bool:
    if not before or name.endswith("ReportOnly"):
        return False
    match name:
        case "contentSecurityPolicy":
            return bool(_directives(before) - _directives(after)) or "*" in after.split()
        case "strictTransportSecurity":
            return _age(after) < _age(before)
    return not after or (name == "xFrameOptions" and not re.match("DENY|SAMEORIGIN", after))


def _directives(policy: str) -> set[str]:
    """The names in `frame-src 'self'; object-src 'none';`."""
    return {words[0] for part in policy.split(";") if (words := part.split())}


def _age(header: str) -> int:
    found = re.search(r"max-age=(\d+)", header)
    return int(found[1]) if found else 0


RULES: Final = (
    RiskRule(
        code="tls-not-required",
        level=Level.DANGER,
        on=(REALM,),
        title="TLS is not required",
        meaning="`sslRequired` becomes `none`.",
        why="Passwords, codes and tokens travel in clear, and whoever is on the way can read them.",
        fix="Use `external`, which lets private addresses go without, or `all`.",
        find=_no_tls,
    ),
    RiskRule(
        code="tls-required-less",
        level=Level.CAUTION,
        on=(REALM,),
        title="TLS is required of fewer",
        meaning="`sslRequired` was `all`, and becomes `external`.",
        why="From private addresses Keycloak can be used without TLS. Behind a proxy all requests "
        "may seem to come from such an address.",
        fix="Keep `all`.",
        find=_less_tls,
    ),
    RiskRule(
        code="brute-force-unhindered",
        level=Level.DANGER,
        on=(REALM,),
        title="Passwords can be guessed without end",
        meaning="`bruteForceProtected` was on, and is not any more.",
        why="Nothing stops somebody who tries passwords one after another.",
        fix="Keep it on. For accounts that get locked, choose other waiting times.",
        find=no_longer("bruteForceProtected", words="nothing stops who guesses passwords"),
    ),
    RiskRule(
        code="brute-force-hindered-less",
        level=Level.CAUTION,
        on=(REALM,),
        title="Many guesses of a password",
        meaning=f"`failureFactor` grows beyond {_MANY_FAILURES}.",
        why="So many passwords can be tried before an account is locked.",
        fix="Keycloak's default is 30. Fewer are better.",
        find=_failures,
    ),
    RiskRule(
        code="email-not-verified",
        level=Level.CAUTION,
        on=(REALM,),
        title="E-mail addresses are not verified",
        meaning="`verifyEmail` was on, and is not any more.",
        why="A user can give somebody else's address. Services that go by the address let him in.",
        fix="Keep it on where anything goes by the address.",
        find=no_longer("verifyEmail", words="users may give any e-mail address"),
    ),
    RiskRule(
        code="registration-on",
        level=Level.CAUTION,
        on=(REALM,),
        title="Anybody can register",
        meaning="`registrationAllowed` is switched on.",
        why="Everybody who can reach the login page gets an account, with the realm's default "
        "roles.",
        fix="Check the default roles and `verifyEmail` first.",
        find=switched("registrationAllowed", to=True, words="anybody may make an account"),
    ),
    RiskRule(
        code="password-policy-removed",
        level=Level.DANGER,
        on=(REALM,),
        title="No password policy",
        meaning="The realm had a `passwordPolicy`, and has none any more.",
        why="Any password is taken, one letter too.",
        fix="Keep a policy: `length(12) and notUsername`, for example.",
        find=_no_policy,
    ),
    RiskRule(
        code="password-policy-weakened",
        level=Level.CAUTION,
        on=(REALM,),
        title="A weaker password policy",
        meaning="A part of the `passwordPolicy` goes, or asks for less: a shorter length, fewer "
        "hash iterations, an older hash algorithm.",
        why="Passwords are easier to guess, or to find when the database is stolen.",
        fix="Keep what the policy asked for.",
        find=_less_policy,
    ),
    RiskRule(
        code="security-header-weakened",
        level=Level.CAUTION,
        on=(REALM,),
        title="Browsers are told less to protect the login",
        meaning="An entry of `browserSecurityHeaders` goes, or allows more.",
        why="The login page may be shown within another site, or be reached without TLS.",
        fix="Keep Keycloak's headers, and add single sources where they are needed.",
        find=_headers,
    ),
    RiskRule(
        code="events-off",
        level=Level.CAUTION,
        on=(REALM,),
        title="Events are not kept",
        meaning="`eventsEnabled` or `adminEventsEnabled` was on, and is not any more.",
        why="After an incident nobody can tell who logged in, or who changed what.",
        fix="Keep them on, with `eventsExpiration` against too many.",
        find=either(
            no_longer("eventsEnabled", words="logins are no longer recorded"),
            no_longer("adminEventsEnabled", words="changes by administrators leave no record"),
        ),
    ),
    RiskRule(
        code="login-flow-changed",
        level=Level.CAUTION,
        on=(REALM,),
        title="Another flow for logins",
        meaning="The realm's flow for the browser, direct grants, clients, resetting passwords, or "
        "first logins through identity providers becomes another one.",
        why="Everybody logs in differently from the apply on. With a wrong flow a factor is "
        "missing, or nobody gets in.",
        fix="Try the flow with a test client first (`authenticationFlowBindingOverrides`).",
        find=changed(
            *_FLOWS,
            words=lambda item: f"{item.after or 'no flow'} replaces {item.before or 'none'}",
        ),
    ),
)
