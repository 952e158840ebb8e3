"""Before-images in journals of kcplan 0.1.0, in the form that today's types take.

A journal outlives its kcplan: an apply that was killed may be recovered by a newer one.
"""

from collections.abc import Mapping
from typing import Any

from kcplan.address import Address
from kcplan.provider import Image


def current(image: Image) -> Image:
    """The image, converted where it is an old one."""
    match image:
        case {"provider": body, "mappers": mappers}:
            return {"body": body, "parts": {}, "pointers": [], "carried": mappers}
        case {"role": _}:
            return _role(image)
        case {"client": _, "roles": roles}:
            return {**image, "roles": [current(role) for role in roles]}
    return image


def _role(image: Image) -> Image:
    composites: dict[str, Any] = {"realm": [], "client": {}}
    for text in image["composites"]:
        match Address.parse(text).segments:
            case (_, "roles", name):
                composites["realm"].append(name)
            case (_, "clients", client, "roles", name):
                composites["client"].setdefault(client, []).append(name)
    parts: Mapping[str, Any] = {"composites": composites}
    return {
        "body": image["role"],
        "parts": parts,
        "pointers": image["pointers"],
        "carried": [],
    }
