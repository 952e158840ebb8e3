"""The resource types of Keycloak: one file each, found by themselves.

To add a type, add a module here that gives its `ResourceType` values in `TYPES`.
"""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from kcplan.address import Address
from kcplan.resource import Registry, spec_at
from kcplan_keycloak.resource_type import ResourceType


@cache
def resource_types() -> Mapping[str, ResourceType]:
    """All types by their word, in the type order.

    Raises:
        TypeError: A module has no `TYPES`, or two types have one name. That is a defect.
    """
    types: dict[str, ResourceType] = {}
    for info in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{info.name}")
        found = getattr(module, "TYPES", None)
        if not isinstance(found, tuple) or not found:
            raise TypeError(f"{module.__name__} gives no TYPES")
        for kind in found:
            if kind.spec.name in types:
                raise TypeError(f"two resource types are called {kind.spec.name}")
            types[kind.spec.name] = kind
    return dict(sorted(types.items(), key=lambda item: item[1].spec.rank))


@cache
def registry() -> Registry:
    """The specs of all types by their word, in the type order, virtual ones at the end."""
    from kcplan_keycloak.token_exchange.spec import SPEC as TOKEN_EXCHANGE

    real = {name: kind.spec for name, kind in resource_types().items()}
    return {**real, TOKEN_EXCHANGE.name: TOKEN_EXCHANGE}


def type_at(address: Address) -> ResourceType | None:
    """The type of what is at an address, also where files only refer to it."""
    spec = spec_at(registry(), address)
    return None if spec is None else resource_types().get(spec.name)
