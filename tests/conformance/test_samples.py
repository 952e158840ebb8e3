"""Every resource type is in the kit, and what it cannot do has a reason."""

import pytest

from conformance.overlays import overlaid
from conformance.sample import CHECKS, Sample
from conformance.samples import cannot, samples
from kcplan_keycloak.resources import registry


def test_every_type_has_a_sample() -> None:
    assert set(samples()) == {s.name for s in registry().values() if s.where is not None}


@pytest.mark.parametrize("sample", samples().values(), ids=samples())
def test_what_a_type_cannot_do_is_a_check_and_has_a_reason(sample: Sample) -> None:
    assert [key for key in sample.cannot if not _begins_with_a_check(key)] == []
    assert [key for key, reason in sample.cannot.items() if len(reason.split()) < 4] == []


def _begins_with_a_check(key: str) -> bool:
    """Whether it is a check, or a check and the part that is left out: `change providerId`."""
    return any(key == check or key.startswith(f"{check} ") for check in CHECKS)


@pytest.mark.parametrize("sample", samples().values(), ids=samples())
def test_each_field_of_the_full_object_changes_or_says_why_it_cannot(sample: Sample) -> None:
    exempt = {key.removeprefix("change ") for key in sample.cannot}
    assert sample.full.keys() - sample.changed.keys() - exempt == set()
    assert not sample.can("change") or overlaid(sample.full, sample.changed) != sample.full


@pytest.mark.parametrize("sample", samples().values(), ids=samples())
def test_a_type_with_references_or_texts_has_them_checked(sample: Sample) -> None:
    assert sample.references or not sample.can("reference")
    assert sample.secret or not sample.can("secret")


def test_a_plan_refuses_to_rename_what_cannot_be_renamed() -> None:
    """Of the rest, Keycloak knows no name, or no file has one."""
    fixed = {spec.name for spec in registry().values() if spec.fixed_name}
    others = {
        name
        for name, sample in samples().items()
        if registry()[name].virtual or sample.cannot.keys() == CHECKS.keys()
    }
    assert {
        name for name, sample in samples().items() if not sample.can("rename")
    } - others == fixed


def test_the_table_of_what_types_cannot_do_has_every_type() -> None:
    assert cannot().keys() == samples().keys()
    assert cannot()["identity-provider"]["rename"].startswith("Keycloak does not let the alias")
