"""Where a client lets browsers go: redirects, origins, and the way out."""

import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import urlsplit

from kcplan.risk import Level
from kcplan.risk_rules import Found, RiskRule, Subject
from kcplan_keycloak.resources.client import SPEC as CLIENT
from kcplan_keycloak.risk_values import Find, gained

_LOGOUT: Final = ("attributes", "post.logout.redirect.uris")
_LOGOUTS: Final = (
    ("attributes", "backchannel.logout.url"),
    ("attributes", "frontchannel.logout.url"),
)
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_WEB: Final = frozenset({"http", "https"})


def is_anywhere(uri: str) -> bool:
    """Whether a wildcard stands in the scheme or the host, so that strangers' hosts fit."""
    if uri.startswith("/"):
        return False
    rest = uri.partition("://")[2] if "://" in uri else uri
    beginning = uri[: len(uri) - len(rest)] + re.split(r"[/?#]", rest)[0]
    scheme = _scheme(uri)
    return "*" in beginning and (scheme is None or scheme in _WEB or "*" in scheme)


def is_plain_http(uri: str) -> bool:
    """Whether what is sent there travels without TLS."""
    if _scheme(uri) != "http":
        return False
    try:
        host = urlsplit(uri).hostname
    except ValueError:
        return True
    return host not in _LOCAL and not (host or "").endswith(".localhost")


def is_custom_scheme(uri: str) -> bool:
    """Whether an app takes it: any app of a device may say that a scheme is its own."""
    scheme = _scheme(uri)
    return scheme is not None and scheme not in _WEB


def _scheme(uri: str) -> str | None:
    found = _SCHEME.match(uri)
    return found[1].lower() if found else None


def _redirects(test: Callable[[str], bool], words: str) -> Find:
    def find(subject: Subject) -> Iterator[Found]:
        for item in subject.changes(("redirectUris",)):
            for uri in gained(item):
                if test(uri):
                    yield item.path, f"{words}: {uri}"

    return find


def _logout(subject: Subject) -> Iterator[Found]:
    for item in subject.changes(_LOGOUT):
        had = _parts(item.before)
        for uri in _parts(item.after):
            if uri not in had and is_anywhere(uri):
                yield item.path, f"after a logout any site may be next: {uri}"


def _parts(value: object) -> list[str]:
    return value.split("##") if isinstance(value, str) else []


def _plain(subject: Subject) -> Iterator[Found]:
    yield from _redirects(is_plain_http, "codes and tokens travel without TLS")(subject)
    for item in subject.changes(("webOrigins",)):
        for origin in gained(item):
            if is_plain_http(origin):
                yield item.path, f"whoever is on the way can change the scripts of {origin}"
    for item in subject.changes(_LOGOUT, *_LOGOUTS):
        had = _parts(item.before)
        for uri in _parts(item.after):
            if uri not in had and is_plain_http(uri):
                yield item.path, f"a logout goes on without TLS: {uri}"


def _origins(subject: Subject) -> Iterator[Found]:
    for item in subject.changes(("webOrigins",)):
        for origin in gained(item):
            if is_anywhere(origin):
                yield item.path, f"scripts of any site may call Keycloak for the client: {origin}"


RULES: Final = (
    RiskRule(
        code="redirect-anywhere",
        level=Level.DANGER,
        on=(CLIENT,),
        title="Redirects to any site",
        meaning="A redirect URI is added that has a wildcard in the scheme or the host: `*`, "
        "`https://*`, `https://shop.example*` (which fits `https://shop.example.evil.example`, "
        "too).",
        why="Keycloak sends codes and tokens to the redirect URI. With a link that somebody is "
        "made to click, they go to an attacker's site.",
        fix="Write whole addresses. A wildcard may stand at the end of a path.",
        find=_redirects(is_anywhere, "codes and tokens may be sent to any site"),
    ),
    RiskRule(
        code="redirect-without-tls",
        level=Level.CAUTION,
        on=(CLIENT,),
        title="Redirects without TLS",
        meaning="A redirect URI with `http:` is added that is not on the user's own machine, or "
        "such a web origin or address for logouts.",
        why="Codes and tokens travel in clear, and whoever is on the way can read them, or change "
        "the page that gets them.",
        fix="Use `https:`. `http://localhost` and `http://127.0.0.1` are all right.",
        find=_plain,
    ),
    RiskRule(
        code="redirect-custom-scheme",
        level=Level.CAUTION,
        on=(CLIENT,),
        title="Redirects to an app's own scheme",
        meaning="A redirect URI is added with a scheme of its own, such as `myapp:/callback`.",
        why="Any app on the device can say that it takes this scheme, and gets the codes then.",
        fix="Use an `https:` address that belongs to the app (app links, universal links). Where "
        "that is not possible, require PKCE.",
        find=_redirects(is_custom_scheme, "any app on a device may take the redirect"),
    ),
    RiskRule(
        code="logout-anywhere",
        level=Level.CAUTION,
        on=(CLIENT,),
        title="Any site after a logout",
        meaning="A post-logout redirect URI is added that has a wildcard in the scheme or the "
        "host.",
        why="A link to Keycloak can lead on to an attacker's site, which looks like the login "
        "page.",
        fix="Write whole addresses, or `+` for those of `redirectUris`.",
        find=_logout,
    ),
    RiskRule(
        code="origins-anywhere",
        level=Level.CAUTION,
        on=(CLIENT,),
        title="Scripts of any site",
        meaning="A web origin is added that fits any site: `*`.",
        why="A script on any page may call Keycloak's end points as this client, and read the "
        "answers.",
        fix="List the origins, or write `+` for those of `redirectUris`.",
        find=_origins,
    ),
)
