"""What a realm's user profile has against the attributes of a user, as an administrator. Pure.

A profile is what `GET users/profile` gives. An attribute that is not in it is dropped without a
word, unless `unmanagedAttributePolicy` says otherwise; one that breaks a rule is refused. Accounts
of clients may have any attribute beside those of the profile, and lack what it requires. Only what
is certain is said: Keycloak has validators that only it can run.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any, Final

from kcplan.classes import frozen

Profile = Mapping[str, Any]
Values = Mapping[str, Sequence[str]]
"""The values of attributes by their names; `username`, `email`, `firstName`, `lastName` as well."""

ROOT: Final = frozenset({"username", "email", "firstName", "lastName"})
"""The attributes that are fields of a user."""

_ADMIN: Final = "admin"
_FREE: Final = frozenset({"ENABLED", "ADMIN_EDIT"})
"""The policies with which administrators may write what is not in the profile."""

_NAMED_ELSEWHERE: Final = frozenset({"username", "email"})
"""Whether there must be one of these, the realm says, and not its profile."""

LOCALE: Final = "locale"
_HIDDEN: Final = frozenset({LOCALE, "terms_and_conditions"})
"""Attributes that are in no profile, and that switches of the realm let in, whatever its policy."""

_LONGEST_MATCHED: Final = 255
_PLAIN_PATTERN: Final = re.compile(
    r"""
    \^? (?:
        (?: \\[dws.\-/@+*?()\[\]{}|^$\\] | \[ \^? (?: [A-Za-z0-9 _.@/+,:;!~'"%=-] | \\[dws.\-] )+ \]
          | [A-Za-z0-9 _@/,:;!~'"%=-] | \. )
        (?: [*+?] | \{\d{1,3}(?:,\d{0,3})?\} )?
    )+ \$?
    """,
    re.VERBOSE,
)
"""Patterns without groups and choices, which mean the same in Java and Python."""
_NO_QUANTIFIER: Final = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]")
_QUANTIFIER: Final = re.compile(r"[*+?]|,\d*\}")
_MOST_QUANTIFIERS: Final = 3
"""With more of them a pattern may take minutes for a value that it does not match."""


@frozen
class Problem:
    """What is wrong with an attribute.

    Attributes:
        name: The attribute.
        words: What it is against, as in "its value must be a whole number"; empty for what the
            profile does not have, which Keycloak drops.
    """

    name: str
    words: str = ""


def problems(
    profile: Profile,
    written: Values,
    *,
    removed: Iterable[str] = (),
    shut_out: Mapping[str, str] | None = None,
    new: bool = False,
    account: bool = False,
) -> Iterator[Problem]:
    """What Keycloak would drop or refuse of the attributes that are written to a user.

    Args:
        profile: The user profile of the realm.
        written: The attributes that are written, with their values.
        removed: The attributes that are taken away.
        shut_out: The attributes that no switch of the realm lets in, each with the reason.
        new: Whether the user is made, with these attributes and no others.
        account: Whether it is the account of a client.
    """
    known = {item["name"]: item for item in profile.get("attributes") or ()}
    is_free = account or profile.get("unmanagedAttributePolicy") in _FREE
    for name, values in written.items():
        if name in known:
            yield from (Problem(name, words) for words in _against(known[name], values))
        elif not account and shut_out and name in shut_out:
            yield Problem(name, shut_out[name])
        elif not is_free and not _is_hidden(name):
            yield Problem(name)
    yield from () if account else _missing(known.values(), written, frozenset(removed), new=new)


def _is_hidden(name: str) -> bool:
    return name in ROOT or name in _HIDDEN or name.startswith("kc.")


def _missing(
    attributes: Iterable[Mapping[str, Any]], written: Values, removed: frozenset[str], *, new: bool
) -> Iterator[Problem]:
    for attribute in attributes:
        name = attribute["name"]
        there = any(value.strip() for value in written.get(name, ()))
        if (new or name in removed) and not there and _is_required(attribute):
            yield Problem(name, "it must have a value")


def _is_required(attribute: Mapping[str, Any]) -> bool:
    """Whether an administrator must give a value."""
    required = attribute.get("required")
    if required is None or attribute["name"] in _NAMED_ELSEWHERE or attribute.get("defaultValue"):
        return False
    roles, scopes = required.get("roles") or (), required.get("scopes") or ()
    return _ADMIN in roles or not (roles or scopes)


def _against(attribute: Mapping[str, Any], values: Sequence[str]) -> Iterator[str]:
    """What the values of an attribute are against."""
    permissions = attribute.get("permissions") or {}
    if attribute["name"] not in ROOT and _ADMIN not in (permissions.get("edit") or ()):
        yield "administrators may not write it"
        return
    validations = attribute.get("validations") or {}
    if len(values) > 1 and not attribute.get("multivalued") and "multivalued" not in validations:
        yield "it has one value only"
    for name, config in validations.items():
        check = _CHECKS.get(name)
        tried = values if check is not None else ()
        words = (check(config or {}, value) for value in tried if check and value.strip())
        yield from islice(filter(None, words), 1)


def _number(config: Mapping[str, Any], key: str) -> int | None:
    with suppress(TypeError, ValueError):
        return int(str(config[key])) if key in config else None
    return None


def _length(config: Mapping[str, Any], value: str) -> str:
    if str(config.get("trim-disabled", "")).lower() != "true":
        value = value.strip("".join(map(chr, range(33))))
    size = len(value.encode("utf-16-le", "surrogatepass")) // 2
    least, most = _number(config, "min"), _number(config, "max")
    if least is not None and size < least:
        return f"it must have {least} characters or more"
    if most is not None and size > most:
        return f"it must not have more than {most} characters"
    return ""


def _integer(config: Mapping[str, Any], value: str) -> str:
    if not value.isascii():
        return ""
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", value):
        return "" if re.fullmatch(r"[+-]?[0-9]+", value) else "it must be a whole number"
    least, most = _number(config, "min"), _number(config, "max")
    if least is not None and int(value) < least:
        return f"it must be {least} or more"
    if most is not None and int(value) > most:
        return f"it must not be more than {most}"
    return ""


def _options(config: Mapping[str, Any], value: str) -> str:
    options = config.get("options")
    if not isinstance(options, list) or value in options:
        return ""
    return f"it must be one of: {', '.join(map(str, options))}"


def _email(_: Mapping[str, Any], value: str) -> str:
    return "" if "@" in value else "it must be an e-mail address"


def _pattern(config: Mapping[str, Any], value: str) -> str:
    pattern = config.get("pattern")
    if not isinstance(pattern, str) or len(value) > _LONGEST_MATCHED or not value.isascii():
        return ""
    if not _is_plain(pattern):
        return ""
    with suppress(re.error):  # such as `[z-a]`
        if not re.fullmatch(pattern, value, re.ASCII):
            return f"it must match the pattern {pattern}"
    return ""


def _is_plain(pattern: str) -> bool:
    """Whether a pattern means the same in Java and Python, and is soon through with a value."""
    # Python will give `--` and `~~` in brackets another meaning, and warns of it.
    if not _PLAIN_PATTERN.fullmatch(pattern) or "--" in pattern or "~~" in pattern:
        return False
    return len(_QUANTIFIER.findall(_NO_QUANTIFIER.sub("", pattern))) <= _MOST_QUANTIFIERS


_CHECKS: Final[Mapping[str, Callable[[Mapping[str, Any], str], str]]] = {
    "length": _length,
    "integer": _integer,
    "options": _options,
    "email": _email,
    "pattern": _pattern,
}
"""The validators of Keycloak that can be told here, by their names: each gives what is wrong."""
