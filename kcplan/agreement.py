"""Agreements: lists of a resource that may only name objects with the same value in some field.

A client has client scopes of its own protocol; Keycloak leaves others out without a word.
"""

from collections.abc import Callable
from typing import Any

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path


@frozen
class Agreement:
    """What a type's lists demand of the objects that they name.

    Attributes:
        lists: The fields with the names.
        field: The field in which both have the same.
        usual: What an object of an address, a named one too, has there where nobody says.
    """

    lists: tuple[str, ...]
    field: Path
    usual: Callable[[Address], Any]
