"""The matrix: generated combinations of subject, requester and request, each in clients of its own.

Every case has a client that obtains the subject token, a requester and a request. What makes the
requester an audience of the subject token, and what makes a target available to the requester,
are chosen from the ways that there are.
"""

import random
from typing import Any

from attrs import evolve, frozen

from support.exchanging import SECRET

CASES = 360
SEED = 5

REACHES = (
    "mapper mapper mapper mapper mapper mapper custom switched-off unsaid default-scope "
    "optional-scope asked-scope role role-narrow role-scoped hardcoded held-scope unheld-scope "
    "none unknown-first"
).split()
REQUESTS: tuple[tuple[str, ...], ...] = (
    (),
    ("t0",),
    ("t0",),
    ("t0",),
    ("t0", "t1"),
    ("itself",),
    ("ghost",),
    ("off",),
    ("off", "ghost"),
    ("t0", "account"),
    ("t0", "t0"),
)
ROLE = "use"
HELD, UNHELD = "held", "unheld"


@frozen
class Case:
    """One combination, named by its number."""

    number: int
    reach: str
    target: str
    own: bool
    user: bool
    subject_lightweight: bool
    subject_claim: bool
    enabled: str | None
    refresh: str | None
    public: bool
    consent: bool
    disabled: bool
    lightweight: bool
    claim: bool
    audiences: tuple[str, ...]
    refresh_token: bool
    unknown_scope: bool

    @property
    def requester(self) -> str:
        return f"r{self.number}"

    @property
    def subject(self) -> str:
        return self.requester if self.own else f"s{self.number}"

    @property
    def requested(self) -> tuple[str, ...]:
        return tuple(self.requester if name == "itself" else name for name in self.audiences)

    @property
    def subject_scopes(self) -> tuple[str, ...]:
        return (f"to-{self.requester}",) if self.reach == "asked-scope" else ()

    @property
    def scopes(self) -> tuple[str, ...]:
        asked = ("to-t0",) if self.target == "asked-scope" else ()
        return (*asked, "nonsense") if self.unknown_scope else asked


def cases() -> list[Case]:
    """All cases, the same in every run."""
    source = random.Random(SEED)  # noqa: S311 - it must be the same in every run
    return [_case(source, number) for number in range(CASES)]


def _case(source: random.Random, number: int) -> Case:
    def rarely(share: float = 0.06) -> bool:
        return source.random() < share

    case = Case(
        number=number,
        reach=source.choice(REACHES),
        target=source.choice(REACHES),
        own=rarely(0.1),
        user=rarely(0.4),
        subject_lightweight=rarely(0.12),
        subject_claim=rarely(0.6),
        enabled="true" if not rarely(0.1) else source.choice([None, "false", "TRUE", "yes"]),
        refresh=source.choice(["SAME_SESSION", "SAME_SESSION", "SAME_SESSION", None, "YES"]),
        public=rarely(0.05),
        consent=rarely(0.05),
        disabled=rarely(0.03),
        lightweight=rarely(0.12),
        claim=rarely(0.6),
        audiences=source.choice(REQUESTS),
        refresh_token=rarely(0.2),
        unknown_scope=rarely(0.04),
    )
    if case.own and (case.public or case.disabled or case.consent):
        return evolve(case, own=False)
    return case


Json = dict[str, Any]


def mapper(name: str, **config: str) -> Json:
    """An audience mapper; keywords have underscores for dots."""
    return {
        "name": name,
        "protocol": "openid-connect",
        "protocolMapper": "oidc-audience-mapper",
        "config": {key.replace("_", "."): value for key, value in config.items()},
    }


def hardcoded(role: str) -> Json:
    return {
        "name": f"hardcoded {role}",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-hardcoded-role-mapper",
        "config": {"role": role},
    }


def mappers(way: str, audience: str, *, claim: bool) -> list[Json]:
    """The mappers of a client that reaches an audience in this way."""
    on = {"access_token_claim": "true"} | ({"lightweight_claim": "true"} if claim else {})
    named = {"included_client_audience": audience}
    free = {"included_custom_audience": audience}
    ways = {
        "mapper": mapper("aud", **named, **on),
        "custom": mapper("aud", **free, **on),
        "switched-off": mapper("aud", **named, access_token_claim="false"),
        "unsaid": mapper("aud", **named),
        "unknown-first": mapper("aud", included_client_audience="ghost", **free, **on),
        "hardcoded": hardcoded(f"{audience}.{ROLE}"),
    }
    return [ways[way]] if way in ways else []


def default_scopes(way: str, audience: str) -> list[str]:
    """The client scopes that a client gets by default to reach an audience in this way."""
    match way:
        case "default-scope":
            return [f"to-{audience}"]
        case "held-scope":
            return [f"{HELD}-{audience}"]
        case "unheld-scope":
            return [f"{UNHELD}-{audience}"]
    return []


def subject_client(case: Case) -> Json:
    return {
        "clientId": case.subject,
        "secret": SECRET,
        "serviceAccountsEnabled": True,
        "directAccessGrantsEnabled": True,
        "fullScopeAllowed": case.reach not in {"role-narrow", "role-scoped"},
        "protocolMappers": mappers(case.reach, case.requester, claim=case.subject_claim),
        "attributes": _lightweight(on=case.subject_lightweight),
    }


def requester_client(case: Case) -> Json:
    attributes = _lightweight(on=case.lightweight)
    if case.enabled is not None:
        attributes["standard.token.exchange.enabled"] = case.enabled
    if case.refresh is not None:
        attributes["standard.token.exchange.enableRefreshRequestedTokenType"] = case.refresh
    return {
        "clientId": case.requester,
        "enabled": not case.disabled,
        "publicClient": case.public,
        "consentRequired": case.consent,
        "serviceAccountsEnabled": not case.public,
        "directAccessGrantsEnabled": True,
        "fullScopeAllowed": case.target not in {"role-narrow", "role-scoped"},
        "protocolMappers": mappers(case.target, "t0", claim=case.claim),
        "attributes": attributes,
        **({} if case.public else {"secret": SECRET}),
    }


def _lightweight(*, on: bool) -> dict[str, str]:
    return {"client.use.lightweight.access.token.enabled": "TRUE"} if on else {}
