"""Realm roles."""

from conformance.roles import edit, look, point_to_role
from conformance.sample import Sample

SAMPLE = Sample(
    type="role",
    address="roles/NAME",
    declare=lambda name, fields: {"roles": {"realm": [{"name": name, **fields}]}},
    where=lambda hand, name: hand.path("roles", name),
    around={
        "roles": {
            "realm": [{"name": "part"}, {"name": "other part"}],
            "client": {"holder": [{"name": "inner"}, {"name": "other inner"}]},
        },
        "clients": [{"clientId": "holder"}],
    },
    full={
        "description": "reads",
        "attributes": {"colour": ["red"], "size": ["1", "2"]},
        "composites": {"realm": ["part"], "client": {"holder": ["inner"]}},
    },
    changed={
        "description": "writes",
        "attributes": {"colour": ["blue", "green"], "size": None, "shape": ["round"]},
        "composites": {"realm": ["other part"], "client": {"holder": ["other inner"]}},
    },
    look=look,
    point=point_to_role,
    edit=edit,
    secret={"description": "SECRET"},
    references=(
        ({"composites": {"realm": ["missing"]}}, "roles/missing"),
        ({"composites": {"client": {"holder": ["missing"]}}}, "clients/holder/roles/missing"),
    ),
)
