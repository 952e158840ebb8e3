"""Roles of a client."""

from attrs import evolve

from conformance.samples import role

SAMPLE = evolve(
    role.SAMPLE,
    type="client-role",
    address="clients/holder/roles/NAME",
    declare=lambda name, fields: {"roles": {"client": {"holder": [{"name": name, **fields}]}}},
    where=lambda hand, name: hand.client("holder", "roles", name),
)
