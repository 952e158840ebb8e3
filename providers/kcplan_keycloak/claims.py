"""What a token says of itself."""

import json
from base64 import urlsafe_b64decode
from typing import Any


def claims_of(token: str) -> dict[str, Any]:
    """What a token says. Raises ValueError where it is none; its signature is not checked."""
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        raise ValueError("it is not a JSON Web Token")
    try:
        found = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except RecursionError:
        found = None
    if not isinstance(found, dict):
        raise ValueError("it is not a JSON Web Token")  # noqa: TRY004 - one error for one fault
    return found
