"""Every resource type is in the kit, and what it cannot do has a reason."""

from conformance.sample import CHECKS, overlaid
from conformance.samples import samples
from kcplan_keycloak.resources import registry


def test_every_type_has_a_sample() -> None:
    assert set(samples()) == set(registry())
