"""User profiles: Keycloak makes them along with the realm, and keeps them."""

from conformance.overlays import Json, overlaid
from conformance.sample import Hand, Sample

_KEPT = "Keycloak makes it along with the realm, and it goes with that."


def _edit(hand: Hand, at: str, changes: Json) -> None:
    """Change the profile, which Keycloak takes only whole."""
    there = {"groups": [], **hand.get(at)}
    hand.admin.put(at, json=overlaid(there, changes))


SAMPLE = Sample(
    type="user-profile",
    address="user-profile",
    name="user-profile",
    declare=lambda _, fields: {"userProfile": fields},
    where=lambda hand, _: hand.path("users", "profile"),
    around={"clientScopes": [{"name": "staff", "protocol": "openid-connect"}]},
    full={
        "unmanagedAttributePolicy": "ADMIN_VIEW",
        "attributes": [
            {"name": "username", "validations": {"length": {"min": 2, "max": 200}}},
            {
                "name": "department",
                "displayName": "Department",
                "group": "work",
                "multivalued": False,
                "defaultValue": "sales",
                "permissions": {"view": ["admin", "user"], "edit": ["admin"]},
                "required": {"roles": ["user"], "scopes": ["staff"]},
                "selector": {"scopes": ["staff"]},
                "validations": {
                    "length": {"min": 2, "max": 40},
                    "person-name-prohibited-characters": {},
                    "options": {"options": ["sales", "stock"]},
                },
                "annotations": {"inputType": "select", "size": "big"},
            },
            {"name": "email"},
            {"name": "firstName"},
            {"name": "lastName"},
            {"name": "phone", "permissions": {"view": ["admin"], "edit": ["admin"]}},
        ],
        "groups": [
            {"name": "user-metadata"},
            {
                "name": "work",
                "displayHeader": "Your work",
                "displayDescription": "What you do here",
                "annotations": {"colour": "red"},
            },
        ],
    },
    changed={
        "unmanagedAttributePolicy": "ADMIN_EDIT",
        "attributes": {
            "department": {
                "displayName": "Your department",
                "group": "user-metadata",
                "multivalued": True,
                "defaultValue": "stock",
                "permissions": {"view": ["admin"], "edit": ["admin", "user"]},
                "selector": {"scopes": ["profile"]},
                "validations": {
                    "length": None,
                    "not-blank": {},
                },
                "annotations": {"inputType": "text", "size": None, "shape": "round"},
            },
            "phone": None,
            "room": {"name": "room"},
        },
        "groups": {
            "work": {
                "displayHeader": "Work",
                "displayDescription": "What you do",
                "annotations": {"colour": "blue"},
            }
        },
    },
    edit=_edit,
    secret={
        "unmanagedAttributePolicy": "ADMIN_VIEW",
        "groups": {"work": {"displayHeader": "SECRET"}},
    },
    references=(
        (
            {"attributes": {"department": {"selector": {"scopes": ["missing"]}}}},
            "client-scopes/missing",
        ),
        (
            {"attributes": {"department": {"required": {"scopes": ["missing"]}}}},
            "client-scopes/missing",
        ),
    ),
    cannot={
        "create": _KEPT,
        "rename": "It is the only one of its realm.",
        "odd name": "It has no name of its own.",
        "delete": _KEPT,
        "bare": "It is never bare: Keycloak wants attributes in it.",
        "undo create": _KEPT,
        "undo delete": _KEPT,
        "viewer create": _KEPT,
        "viewer delete": _KEPT,
    },
)
