"""How long tokens and sessions live."""

from collections.abc import Iterator, Mapping
from typing import Final

from kcplan.risk import Level
from kcplan.risk_rules import Found, RiskRule, Subject
from kcplan_keycloak.resources.client import SPEC as CLIENT
from kcplan_keycloak.resources.realm import SPEC as REALM
from kcplan_keycloak.risk_values import Find, no_longer, number

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 24 * _HOUR

_TOKENS: Final[Mapping[tuple[str, ...], int]] = {
    ("accessTokenLifespan",): 30 * _MINUTE,
    ("accessTokenLifespanForImplicitFlow",): 30 * _MINUTE,
    ("accessCodeLifespan",): 5 * _MINUTE,
    ("actionTokenGeneratedByAdminLifespan",): 7 * _DAY,
    ("actionTokenGeneratedByUserLifespan",): _DAY,
    ("attributes", "access.token.lifespan"): 30 * _MINUTE,
}
"""The seconds beyond which a token lives long."""

_SESSIONS: Final[Mapping[tuple[str, ...], int]] = {
    ("ssoSessionIdleTimeout",): 8 * _HOUR,
    ("ssoSessionMaxLifespan",): 7 * _DAY,
    ("ssoSessionIdleTimeoutRememberMe",): 30 * _DAY,
    ("ssoSessionMaxLifespanRememberMe",): 90 * _DAY,
    ("clientSessionIdleTimeout",): 8 * _HOUR,
    ("clientSessionMaxLifespan",): 7 * _DAY,
    ("offlineSessionIdleTimeout",): 90 * _DAY,
    ("attributes", "client.session.idle.timeout"): 8 * _HOUR,
    ("attributes", "client.session.max.lifespan"): 7 * _DAY,
    ("attributes", "client.offline.session.idle.timeout"): 90 * _DAY,
}
"""The seconds beyond which a session lives long."""


_ENDLESS: Final = -1
"""In a token's lifespan: as long as the session. In other fields it is nothing at all."""


def _longer(bounds: Mapping[tuple[str, ...], int], thing: str) -> Find:
    def find(subject: Subject) -> Iterator[Found]:
        for item in subject.changes(*bounds):
            before, after = number(item.before) or 0, number(item.after)
            if after is not None and after > max(before, bounds.get(item.path, after)):
                yield item.path, f"{thing} live {_span(after)}"

    return find


def _endless(subject: Subject) -> Iterator[Found]:
    for item in subject.changes(*_TOKENS):
        if number(item.after) == _ENDLESS:
            yield item.path, "tokens live as long as their session"


def _span(seconds: int) -> str:
    for size, word in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= 2 * size or seconds == size:
            count = seconds // size
            return f"{count:,} {word}{'' if count == 1 else 's'}"
    return f"{seconds:,} seconds"


def _tokens(subject: Subject) -> Iterator[Found]:
    yield from _longer(_TOKENS, "tokens")(subject)
    yield from _endless(subject)


def _reuse(subject: Subject) -> Iterator[Found]:
    yield from no_longer("revokeRefreshToken", words="a stolen refresh token works unnoticed")(
        subject
    )
    for item in subject.changes(("refreshTokenMaxReuse",)):
        before, after = number(item.before), number(item.after)
        if before is not None and after is not None and after > before:
            yield item.path, f"a refresh token works {after + 1} times"


RULES: Final = (
    RiskRule(
        code="tokens-live-long",
        level=Level.CAUTION,
        on=(REALM, CLIENT),
        title="Tokens live long",
        meaning="The lifespan of access tokens grows beyond 30 minutes, that of codes beyond 5 "
        "minutes, or that of links in e-mails beyond a day (a week for those of administrators); "
        "or it becomes -1, which is as long as the session.",
        why="An access token cannot be taken back: whoever has stolen it uses it to its end.",
        fix="Minutes are enough, since clients get new ones with their refresh token.",
        find=_tokens,
    ),
    RiskRule(
        code="sessions-live-long",
        level=Level.CAUTION,
        on=(REALM, CLIENT),
        title="Sessions live long",
        meaning="Sessions may be idle for more than 8 hours or live for more than a week; with "
        '"remember me" 30 and 90 days, offline sessions idle for 90 days.',
        why="Who comes to the device later is still logged in. A stolen refresh token works as "
        "long.",
        fix="Keep sessions as short as users can live with.",
        find=_longer(_SESSIONS, "sessions"),
    ),
    RiskRule(
        code="offline-tokens-endless",
        level=Level.CAUTION,
        on=(REALM,),
        title="Offline tokens without end",
        meaning="`offlineSessionMaxLifespanEnabled` was on, and is not any more.",
        why="An offline token that is used from time to time never ends, nor does a stolen one.",
        fix="Keep it on, with `offlineSessionMaxLifespan`.",
        find=no_longer("offlineSessionMaxLifespanEnabled", words="offline tokens never end"),
    ),
    RiskRule(
        code="refresh-tokens-reused",
        level=Level.CAUTION,
        on=(REALM,),
        title="Refresh tokens can be used again",
        meaning="`revokeRefreshToken` was on, and is not any more, or `refreshTokenMaxReuse` "
        "grows.",
        why="When a refresh token is used twice, one of the two has stolen it. Keycloak no longer "
        "notices.",
        fix="Keep `revokeRefreshToken` on and `refreshTokenMaxReuse` at 0.",
        find=_reuse,
    ),
)
