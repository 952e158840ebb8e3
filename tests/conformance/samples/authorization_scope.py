"""Authorization scopes of a client."""

from conformance.authorization import AROUND, inside, pointed_to_by, settings
from conformance.sample import Sample

SAMPLE = Sample(
    type="authorization-scope",
    address="clients/holder/authorization/scopes/NAME",
    declare=lambda name, fields: settings(scopes=[{"name": name, **fields}]),
    where=inside("scope"),
    around=AROUND,
    full={"displayName": "Read", "iconUri": "https://icons.example/read.png"},
    changed={"displayName": "Look", "iconUri": "https://icons.example/look.png"},
    point=pointed_to_by("permission/scope", "scopes", {}),
    secret={"displayName": "SECRET"},
    cannot={"reference": "It refers to nothing but its client."},
)
