"""Addresses: the name of a resource, in the files' terms and never by id.

An address is a path as in Keycloak's Admin REST API: `microservices/clients/user-service`. A
segment that itself has a `/`, `%` or `*` is percent-encoded, so that text and address stand for
each other one to one.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from sys import intern
from urllib.parse import unquote

_ESCAPES = {"/": "%2F", "%": "%25", "*": "%2A"}
_NEEDS_ESCAPE = re.compile(r"[/%*]")


class Address(tuple[str, ...]):
    """Where a resource lives: the plain names, the realm first.

    A tuple rather than a class of attrs: addresses are looked up a hundred times for each object of
    a plan, and a tuple is compared and hashed without Python's help.
    """

    __slots__ = ()

    @property
    def segments(self) -> tuple[str, ...]:
        """The plain names."""
        return self

    @classmethod
    def of(cls, *segments: str) -> "Address":
        """The address with these plain segments."""
        return cls(segments)

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read an address as it is printed. Raises ValueError on an empty segment."""
        segments = tuple(text.split("/"))
        if "%" in text:
            segments = tuple(map(unquote, segments))
        # Most segments stand in many addresses, and each is compared with itself again and again.
        segments = tuple(map(intern, segments))
        if not all(segments):
            raise ValueError(f"{text!r} is not an address: it has an empty segment")
        return cls(segments)

    @property
    def realm(self) -> str:
        """The name of the realm that the resource lives in."""
        return self[0]

    @property
    def name(self) -> str:
        """The last segment: the resource's own name."""
        return self[-1]

    def title(self, type: str) -> str:  # noqa: A002 - the word for it everywhere
        """What messages call a resource of this type: its name, or what it is the only one of.

        The service account at `shop/clients/web/service-account` is called web. Collections and
        names alternate in an address, so that only such a resource has an even number of segments.
        """
        is_only_one = self.name == type and len(self.segments) % 2 == 0
        return self.segments[-2] if is_only_one else self.name

    @property
    def is_realm(self) -> bool:
        """Whether it is the address of a realm, in which everything else lies."""
        return len(self) == 1

    @property
    def parent(self) -> "Address":
        """The address that this one lies in directly, whatever that is."""
        return Address(self[:-1])

    def child(self, *segments: str) -> "Address":
        """The address below this one."""
        return Address(self + segments)

    def within(self, ancestor: "Address") -> bool:
        """Whether this is `ancestor` or lies below it."""
        return self[: len(ancestor)] == ancestor

    def ancestors(self) -> Iterator["Address"]:
        """All addresses that this one lies in, the nearest first."""
        return (Address(self[:n]) for n in range(len(self) - 1, 0, -1))

    def rebased(self, old: "Address", new: "Address") -> "Address":
        """This address with its beginning `old` replaced by `new`."""
        return Address(new.segments + self.segments[len(old.segments) :])

    def __repr__(self) -> str:
        return f"Address({str(self)!r})"

    def __str__(self) -> str:
        text = "/".join(self)
        if text.count("/") == len(self) - 1 and "%" not in text and "*" not in text:
            return text  # as most are
        return "/".join(_encode(segment) for segment in self.segments)


def _encode(segment: str) -> str:
    return _NEEDS_ESCAPE.sub(lambda match: _ESCAPES[match.group()], segment)


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    """`*` matches within one segment, `**` any number of segments."""
    out = []
    for part in pattern.split("/"):
        if part == "**":
            out.append(r"(?:/[^/]+)*")
        else:
            # Any character may be percent-encoded; addresses are, where they must be.
            pieces = (re.escape(_encode(unquote(piece))) for piece in part.split("*"))
            out.append("/" + "[^/]*".join(pieces))
    return re.compile("".join(out))


def matches(address: Address, pattern: str) -> bool:
    """Whether the address matches a glob: `*` within a segment, `**` any number of segments."""
    return _glob(pattern).fullmatch(f"/{address}") is not None


def matches_any(address: Address, patterns: Iterable[str]) -> bool:
    """Whether one of the globs matches."""
    return any(matches(address, pattern) for pattern in patterns)
