"""Switching a client's authorization services on, and undoing it: a role stays behind.

Keycloak makes the role `uma_protection` along with the services, and leaves it when they go. So
that it is known whose it is, a step that switches them on has an image.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from attrs import evolve

from kcplan.address import Address
from kcplan.plan import Operation, Step
from kcplan.provider import Image
from kcplan_keycloak.api import path
from kcplan_keycloak.errors import NotFoundError
from kcplan_keycloak.resource_type import Writing

SERVICES: Final = "authorizationServicesEnabled"
PROTECTION: Final = "uma_protection"


def switches_on(step: Step) -> bool:
    """Whether a step switches the authorization services of a client on."""
    return step.operation is Operation.UPDATE and step.after.get((SERVICES,)) is True


def capture(writing: Writing) -> Image:
    """Whether the services are on, and whether the role is there."""
    at = _path(writing)
    client = writing.api.get(at) or {}
    role = writing.api.get(f"{at}/roles/{PROTECTION}")
    return {"services": client.get(SERVICES, False), "protection": role is not None}


def restore(
    writing: Writing, image: Image, update: Callable[[Writing], object]
) -> Mapping[Address, str]:
    """Undo the step with `update`, and delete the role if it came along."""
    step = writing.step
    update(evolve(writing, step=evolve(step, before=step.after, after=step.before)))
    if not image["services"] and not image["protection"]:
        with suppress(NotFoundError):
            writing.api.delete(f"{_path(writing)}/roles/{PROTECTION}")
    return {}


def _path(writing: Writing) -> str:
    return path("realms", writing.address.realm, "clients", writing.object_id())
