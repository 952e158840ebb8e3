"""Digests of secrets: whether a secret is the one that kcplan wrote, without keeping it.

A digest is made under a key, so that a state file alone does not let anybody try passwords where
the key is kept elsewhere (`KCPLAN_STATE_KEY`). Long secrets are beyond guessing and get
HMAC-SHA256; short ones get scrypt, which makes each guess expensive.

Each digest begins with the mark of its key. Where the key is another one now, nobody can tell
whether the secret changed, and `matches` says so instead of guessing.
"""

import hashlib
import hmac
import secrets
from functools import lru_cache

from kcplan.errors import StateError
from kcplan.secret import Secret
from kcplan.state import Digest

HMAC = "hmac-sha256"
SCRYPT = "scrypt"
LONG = 20
"""From how many characters on a secret is taken to be beyond guessing."""

_MARK_LENGTH = 8


def new_key() -> bytes:
    """A random key for a new state."""
    return secrets.token_bytes(32)


def derive_key(passphrase: str, lineage: str) -> bytes:
    """The key of a state whose user keeps a passphrase (`KCPLAN_STATE_KEY`).

    Raises StateError for an empty passphrase, the sign of a variable that was not filled.
    """
    return _derive(passphrase, f"kcplan state {lineage}")


def derive_plan_key(passphrase: str, lineage: str) -> bytes:
    """The key that plans for a state are signed with, made from the same passphrase.

    It is another one than that of the digests: who sees one in use learns nothing of the other.

    Raises StateError for an empty passphrase.
    """
    return _derive(passphrase, f"kcplan plan {lineage}")


def derive_look_key(passphrase: str, lineage: str) -> bytes:
    """The key that what was seen last is sealed with, made from the same passphrase.

    Raises StateError for an empty passphrase.
    """
    return _derive(passphrase, f"kcplan look {lineage}")


def digest(secret: Secret, key: bytes) -> Digest:
    """What the secret looks like under the key. Equal secrets have equal digests."""
    mark = _mark(key)
    if len(secret.value) < LONG:
        return Digest(SCRYPT, mark + _scrypt(secret.value, key).hex())
    return Digest(HMAC, mark + _hmac(key, secret.value))


def matches(secret: Secret, recorded: Digest, key: bytes | None) -> bool | None:
    """Whether the secret is the one of a digest; None where that cannot be told.

    It cannot be told without the key that the digest was made with, or where a later kcplan made
    it in a way that this one does not know. Take None as "may have changed": writing a secret
    again is harmless, leaving an old one in place is not.
    """
    known = recorded.algorithm in (HMAC, SCRYPT)
    if key is None or not known or recorded.value[:_MARK_LENGTH] != _mark(key):
        return None
    made = digest(secret, key)
    return made.algorithm == recorded.algorithm and hmac.compare_digest(
        made.value.encode(), recorded.value.encode()
    )


def _derive(passphrase: str, purpose: str) -> bytes:
    if not passphrase:
        raise StateError(
            "KCPLAN_STATE_KEY is empty",
            "It is set, and has no value. Give it the passphrase that the digests of secrets in "
            "the state are made with and saved plans are signed with, or unset it: kcplan then "
            "keeps a random key in the state, and signs no plans.",
        )
    return _scrypt(passphrase, _bytes(purpose))


@lru_cache(maxsize=16)
def _mark(key: bytes) -> str:
    return _hmac(key, "the mark of a key")[:_MARK_LENGTH]


def _hmac(key: bytes, text: str) -> str:
    return hmac.digest(key, _bytes(text), "sha256").hex()


@lru_cache(maxsize=4096)  # a plan asks for the same few secrets again and again
def _scrypt(text: str, salt: bytes) -> bytes:
    return hashlib.scrypt(_bytes(text), salt=salt, n=2**14, r=8, p=1, dklen=32)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
