"""The content of an answer, read no further than a limit, however it is packed.

The limit counts both what comes over the network and what it unpacks to, while it comes: a few
kilobytes may unpack to gigabytes. kcplan asks for gzip or no compression, once; anything else is
no answer to what it asked.
"""

import zlib
from collections.abc import Callable, Iterable

from kcplan.errors import ServerError
from kcplan_keycloak.errors import AnswerTooLargeError, MalformedAnswerError
from kcplan_keycloak.exchange import Call

ENCODINGS = "gzip"
"""What a request says that it understands."""

MEBIBYTE = 1024 * 1024
_GZIP = 16 + zlib.MAX_WBITS

_Unpack = Callable[[bytes, int], bytes]
"""Unpacks the next part, to so many bytes at most."""


def read_content(call: Call, encoding: str, parts: Iterable[bytes], limit: int) -> bytes:
    """All of an answer's content.

    Args:
        call: The request, for messages.
        encoding: The answer's Content-Encoding.
        parts: What comes over the network.
        limit: The largest size, in bytes.

    Raises:
        AnswerTooLargeError: It is larger than the limit. No more than that was held in memory.
        MalformedAnswerError: It cannot be unpacked.
    """
    unpack, is_whole = _unpacker(call, encoding)
    found, received = bytearray(), 0
    try:
        for part in parts:
            received += len(part)
            found += unpack(part, limit - len(found) + 1)
            if max(received, len(found)) > limit:
                raise _too_large(call, limit)
    except zlib.error:
        raise _not_unpacked(call) from None
    if received and not is_whole():
        raise _not_unpacked(call)
    return bytes(found)


def _unpacker(call: Call, encoding: str) -> tuple[_Unpack, Callable[[], bool]]:
    """How the content is unpacked, and whether all of it has come."""
    match encoding.strip().lower():
        case "" | "identity":
            return lambda part, _: part, lambda: True
        case "gzip" | "x-gzip":
            stream = zlib.decompressobj(_GZIP)
            return stream.decompress, lambda: stream.eof
    raise MalformedAnswerError(
        f"the answer to {call} is packed in a way that kcplan did not ask for",
        f"Its Content-Encoding is {encoding[:40]!r}, and the request asked for gzip or none. Check "
        "what stands between kcplan and Keycloak.",
    )


def _too_large(call: Call, limit: int) -> ServerError:
    size = f"{limit / MEBIBYTE:g} MiB"
    return AnswerTooLargeError(
        f"the answer to {call} is larger than {size}",
        "kcplan stopped reading it. If that was Keycloak, and it really has so much to say, raise "
        "`max_answer_mib` in the section `[keycloak]` of kcplan.toml.",
    )


def _not_unpacked(call: Call) -> ServerError:
    return MalformedAnswerError(
        f"the answer to {call} cannot be unpacked",
        "It says that it is gzip, and is damaged or cut off. Check what stands between kcplan and "
        "Keycloak.",
    )
