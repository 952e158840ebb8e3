"""Which variables may be taken for asterisks: those whose names fit one field only.

An import numbers the variables of fields that would share one, in the order in which it finds them
in Keycloak. Files need not have all of them, so that no number, and no name that is numbered, says
which field it is for. Such a variable is never taken: it may be the secret of another object.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from kcplan.classes import frozen
from kcplan.config.masks import Field, Masks, variable_of
from kcplan.config.model import Masked
from kcplan.config.substitute import OWN_CREDENTIALS
from kcplan.resource import Registry, Resource
from kcplan.secret import Secret, is_sensitive
from kcplan.variables import variable_name


@frozen
class Declared:
    """What all files declare.

    Attributes:
        resources: The resources, as each file has them.
        masked: Their fields with asterisks.
    """

    resources: tuple[Resource, ...]
    masked: tuple[Masked, ...]


def masks_for(declared: Declared, registry: Registry, environment: Mapping[str, str]) -> Masks:
    """The masks that take what the environment has for single fields."""
    fields = {(item.address, item.path): item.variable for item in declared.masked}
    holders = _holders(declared, registry)
    unclear = {
        field
        for field, name in fields.items()
        if len(holders[name]) > 1 or _is_numbered(name, environment)
    }
    taken = {f: name for f, name in fields.items() if f not in unclear and environment.get(name)}
    return Masks(taken, unclear)


def _is_numbered(name: str, environment: Mapping[str, str]) -> bool:
    """Whether a name has a number, or there is one that has: then several fields shared it."""
    of_kcplan = name.removesuffix("_2") in OWN_CREDENTIALS
    return of_kcplan or variable_name((name,), {name}) in environment


def _holders(declared: Declared, registry: Registry) -> Mapping[str, set[Field]]:
    """The fields that each variable may be for, by its name or since the files say so."""
    found: dict[str, set[Field]] = defaultdict(set)
    for item in declared.masked:
        found[item.variable].add((item.address, item.path))
    for resource in declared.resources:
        for path, value in resource.leaves.items():
            if is_sensitive(value):
                name = variable_of(registry[resource.type], resource.address, path)
                found[name].add((resource.address, path))
            origin = value.origin if isinstance(value, Secret) else None
            if origin is not None and origin.kind == "environment":
                found[origin.key].add((resource.address, path))
    for name, field in _possible(declared, registry):
        if name in found and field[0] not in {address for address, _ in found[name]}:
            found[name].add(field)
    return found


def _possible(declared: Declared, registry: Registry) -> Iterator[tuple[str, Field]]:
    """The masked fields, in each resource of their type: it may have them in Keycloak."""
    types = {resource.address: resource.type for resource in declared.resources}
    paths: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for item in declared.masked:
        path = item.path if item.address.is_realm else item.path[-1:]
        paths[types[item.address]].add(path)
    for address, type_ in types.items():
        for path in paths.get(type_, ()):
            yield variable_of(registry[type_], address, path), (address, path)
