"""How a journal's lines are kept from other eyes: encrypted where there is a passphrase.

The first line of an encrypted journal is in clear, and says how its key is made from the
passphrase. Each line after it is a Fernet token. A journal that begins otherwise is in clear.
"""

import base64
import hashlib
import json
import os

from attrs import asdict

from kcplan.classes import frozen
from kcplan.errors import StateError
from kcplan_state.document import canonical, decode, encode
from kcplan_state.strict import structure

_SCHEME = "fernet-scrypt"


class UnreadableError(Exception):
    """The line was encrypted with another key, or it is damaged."""


@frozen
class Clear:
    """No encryption. `preamble` is the line before all others; here there is none."""

    preamble: bytes = b""

    def seal(self, text: bytes) -> bytes:
        """The text itself."""
        return text

    def open(self, line: bytes) -> bytes:
        """The line itself."""
        return line


class Encrypted:
    """Fernet, with a key made from a passphrase and a random salt."""

    def __init__(self, passphrase: str, salt: bytes) -> None:
        if not passphrase:
            raise StateError(
                "KCPLAN_JOURNAL_KEY is empty",
                "It is set, and has no value. Give it the passphrase that the journal is encrypted "
                "with, or unset it: the journal is then plain text, readable for its owner only.",
            )
        try:
            from cryptography.fernet import Fernet, InvalidToken
        except ModuleNotFoundError:
            raise StateError(
                "KCPLAN_JOURNAL_KEY needs the package cryptography",
                "The journal can only be encrypted and read with it. Install it with "
                "`pip install 'kcplan[encryption]'`.",
            ) from None
        self.preamble = encode(canonical(asdict(_Preamble(_SCHEME, salt.hex()))))
        key = hashlib.scrypt(encode(passphrase), salt=salt, n=2**14, r=8, p=1, dklen=32)
        self._fernet = Fernet(base64.urlsafe_b64encode(key))
        self._invalid = InvalidToken

    def seal(self, text: bytes) -> bytes:
        """The text, encrypted and signed."""
        return self._fernet.encrypt(text)

    def open(self, line: bytes) -> bytes:
        """The text of a token. Raises UnreadableError."""
        try:
            return self._fernet.decrypt(line)
        except self._invalid:
            raise UnreadableError from None


Cipher = Clear | Encrypted
"""Turns the text of a line into what stands in the file (`seal`), and back (`open`)."""


@frozen
class _Preamble:
    encryption: str
    salt: str


def new(passphrase: str | None) -> Cipher:
    """The cipher for a new journal. Raises StateError where it cannot be had."""
    return Clear() if passphrase is None else Encrypted(passphrase, os.urandom(16))


def of(first_line: bytes, passphrase: str | None) -> Cipher:
    """The cipher that a journal was written with, from its first line.

    Raises StateError where it is encrypted and there is no passphrase, and ValueError where the
    first line is not one of a journal.
    """
    document = json.loads(decode(first_line))
    if not isinstance(document, dict) or "encryption" not in document:
        return Clear()
    preamble = structure(document, _Preamble)
    if preamble.encryption != _SCHEME:
        raise ValueError(f"there is no encryption {preamble.encryption!r}")
    if passphrase is None:
        raise StateError(
            "the journal is encrypted",
            "Set KCPLAN_JOURNAL_KEY to the passphrase of the apply that wrote it.",
        )
    return Encrypted(passphrase, bytes.fromhex(preamble.salt))
