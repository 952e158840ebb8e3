"""Required actions: Keycloak makes them along with the realm, and keeps them."""

from conformance.sample import Sample

_KEPT = "Keycloak makes it along with the realm, and kcplan never unregisters it."

SAMPLE = Sample(
    type="required-action",
    address="required-actions/NAME",
    name="UPDATE_PASSWORD",
    declare=lambda name, fields: {"requiredActions": [{"alias": name, **fields}]},
    where=lambda hand, name: hand.path("authentication", "required-actions", name),
    full={
        "name": "Choose a password",
        "enabled": True,
        "defaultAction": True,
        "priority": 77,
        "config": {"max_auth_age": "77"},
    },
    changed={
        "name": "Choose another password",
        "enabled": False,
        "defaultAction": False,
        "priority": 88,
        "config": {"max_auth_age": "88"},
    },
    secret={"name": "SECRET"},
    cannot={
        "create": _KEPT,
        "rename": "Its alias is what Keycloak finds it by.",
        "odd name": "Its alias is Keycloak's own.",
        "delete": _KEPT,
        "bare": "Keycloak makes none without a name, and no other one.",
        "undo create": _KEPT,
        "undo delete": _KEPT,
        "viewer create": _KEPT,
        "viewer delete": _KEPT,
        "reference": "It refers to nothing in the files.",
    },
)
