"""Switches of a realm that exclude each other: about the e-mail addresses of its users.

Whoever logs in with an address, or has it for a user name, must be the only one who has it. So
Keycloak accepts these switches beside `duplicateEmailsAllowed`, and then switches them off.
"""

from collections.abc import Iterator
from typing import Final

from kcplan.resource import Requirement, Resource

DUPLICATES: Final = "duplicateEmailsAllowed"
UNIQUE: Final = ("loginWithEmailAllowed", "registrationEmailAsUsername")


def requires(resource: Resource) -> Iterator[Requirement]:
    """That no two users share an address, where one of the switches is to be on."""
    for name in UNIQUE:
        if resource.leaves.get((name,)) is True:
            yield Requirement(
                resource.address,
                (DUPLICATES,),
                value=False,
                code="duplicate-emails-allowed",
                summary=f"{resource.address} has `{name}` and `{DUPLICATES}`, and can only have "
                "one of them",
                detail=f"Keycloak switches `{name}` off again as long as two users may have the "
                f"same address. Declare `{DUPLICATES}` as false, or remove `{name}`.",
                source_path=(name,),
            )
