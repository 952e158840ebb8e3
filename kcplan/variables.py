"""Names of variables for what has no name of its own."""

import re
from collections.abc import Collection, Iterable
from unicodedata import normalize

from kcplan.config.substitute import OWN_CREDENTIALS


def variable_name(words: Iterable[str], taken: Collection[str] = ()) -> str:
    """A name for a variable, made of words: upper-case ASCII, and none of those that are taken.

    It is never one that kcplan itself logs in or encrypts with.
    """
    text = normalize("NFKD", "_".join(words)).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")
    if not name[:1].isalpha():
        name = f"_{name}"
    candidate, number = name, 1
    while candidate in taken or candidate in OWN_CREDENTIALS:
        number += 1
        candidate = f"{name}_{number}"
    return candidate
