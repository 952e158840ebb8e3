"""Fields that files fill with names, and the Admin API with ids: from one to the other.

Which fields those are stands in the schema (`Ref.by_id`).
"""

from collections.abc import Mapping
from typing import Any

from kcplan import refs
from kcplan.address import Address
from kcplan.shapes import MapOf, Named, Ref
from kcplan_keycloak.names import Names


def by_name(names: Names, address: Address, shape: Any, value: Any) -> Any:
    """A value with names where Keycloak has ids; an id that nothing has stays as it is."""
    match shape:
        case Ref(by_id=True) if isinstance(value, str) and value:
            seen = names.address_of(address.realm, value)
            if seen is None:
                # To read any one of them by its name reads them all.
                names.find(_one(shape, address, value))
                seen = names.address_of(address.realm, value)
            return refs.spelled(shape, seen) if seen is not None else value
        case Named() if isinstance(value, list) and _entry_ref(shape) is not None:
            kept = shape.entry.fields.keys()
            return [{k: v for k, v in item.items() if k in kept} for item in value]
        case MapOf() if isinstance(value, Mapping):
            return {k: by_name(names, address, shape.value, v) for k, v in value.items()}
    return value


def by_id(names: Names, address: Address, shape: Any, value: Any) -> Any:
    """A value with ids where Keycloak wants them."""
    match shape:
        case Ref(by_id=True) if isinstance(value, str) and value:
            return names.id_of(_one(shape, address, value))
        case Named() if isinstance(value, list) and (ref := _entry_ref(shape)) is not None:
            ids = [names.id_of(_one(ref, address, item[shape.key])) for item in value]
            return [{"id": i, **item} for i, item in zip(ids, value, strict=True)]
        case MapOf() if isinstance(value, Mapping):
            return {k: by_id(names, address, shape.value, v) for k, v in value.items()}
    return value


def goes_by_id(shape: Any) -> bool:
    """Whether a value of this shape has ids in it."""
    match shape:
        case Ref():
            return shape.by_id
        case MapOf():
            return goes_by_id(shape.value)
        case Named():
            return _entry_ref(shape) is not None
    return False


def _entry_ref(shape: Named) -> Ref | None:
    """What the entries of a named list name, if Keycloak takes their ids beside the names."""
    ref = shape.entry.fields.get(shape.key)
    return ref if isinstance(ref, Ref) and ref.by_id else None


def _one(ref: Ref, address: Address, text: str) -> Address:
    from kcplan_keycloak.resources import registry

    return refs.targets(registry(), ref, address, text)[0]
