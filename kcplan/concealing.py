"""Secrets where Keycloak sees none, such as a description that the files fill from a secret.

What such a field holds in Keycloak is as secret as what the files say, and Keycloak gives it like
any other. So it is wrapped as soon as files and state are at hand, before anything is compared.
"""

from collections.abc import Iterable, Mapping

from attrs import evolve

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.resource import Resource
from kcplan.secret import Secret, conceal, secrets_in
from kcplan.snapshot import LiveObject, Snapshot
from kcplan.state import ResourceState

SecretFields = Mapping[Address, frozenset[Path]]
"""The fields with a secret, by resource."""


def secret_fields(
    resources: Iterable[Resource] = (), entries: Iterable[ResourceState] = ()
) -> SecretFields:
    """The fields that the files fill with a secret, or that kcplan filled so before."""
    known = [(entry.address, frozenset(entry.secrets)) for entry in entries]
    declared = (
        (resource.address, frozenset(secrets_in(resource.leaves))) for resource in resources
    )
    fields: dict[Address, frozenset[Path]] = {}
    for address, paths in (*known, *declared):
        if paths:
            fields[address] = fields.get(address, frozenset()) | paths
    return fields


def concealed(live: Snapshot, fields: SecretFields) -> Snapshot:
    """What Keycloak has, with the values of these fields wrapped."""
    objects = {a: _concealed(item, fields.get(a, frozenset())) for a, item in live.objects.items()}
    return evolve(live, objects=objects)


def _concealed(there: LiveObject, fields: frozenset[Path]) -> LiveObject:
    seen = {path: there.leaves[path] for path in fields if path in there.leaves}
    # What Keycloak itself takes for a secret is wrapped already.
    found = {path: conceal(value) for path, value in seen.items() if type(value) is not Secret}
    return evolve(there, leaves={**there.leaves, **found}) if found else there
