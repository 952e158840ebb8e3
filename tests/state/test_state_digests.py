"""Digests tell whether a secret changed, without the secret."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcplan.secret import Secret
from kcplan.state import Digest
from kcplan_state.digests import LONG, derive_key, digest, matches, new_key

KEY = bytes(range(32))
LINEAGE = "7d9be0f2-5d1c-4d3b-9f60-0c8a3e1d2b4f"


@settings(deadline=None, max_examples=25)
@given(one=st.text(max_size=40), other=st.text(max_size=40))
def test_a_secret_matches_its_own_digest_and_no_other(one: str, other: str) -> None:
    recorded = digest(Secret(one), KEY)
    assert matches(Secret(one), recorded, KEY) is True
    assert matches(Secret(other), recorded, KEY) is (one == other)


@pytest.mark.parametrize(
    ("length", "algorithm"), [(0, "scrypt"), (LONG - 1, "scrypt"), (LONG, "hmac-sha256")]
)
def test_what_can_be_guessed_is_made_expensive_to_try(length: int, algorithm: str) -> None:
    assert digest(Secret("x" * length), KEY).algorithm == algorithm


def test_the_digest_does_not_hold_the_secret() -> None:
    assert "short" not in repr(digest(Secret("short"), KEY))


@pytest.mark.parametrize("value", ["short", "a secret of more than twenty characters"])
def test_digests_under_two_keys_have_nothing_in_common(value: str) -> None:
    one, other = digest(Secret(value), KEY), digest(Secret(value), new_key())
    assert one.value[:8] != other.value[:8]
    assert one.value[8:] != other.value[8:]


@pytest.mark.parametrize("value", ["short", "a secret of more than twenty characters"])
def test_under_another_key_it_cannot_be_told(value: str) -> None:
    recorded = digest(Secret(value), KEY)
    assert matches(Secret(value), recorded, new_key()) is None
    assert matches(Secret(value), recorded, None) is None


def test_a_digest_of_a_later_kcplan_cannot_be_told() -> None:
    recorded = Digest("argon3", digest(Secret("short"), KEY).value)
    assert matches(Secret("short"), recorded, KEY) is None


def test_a_damaged_digest_does_not_match() -> None:
    value = "a secret of more than twenty characters"
    recorded = digest(Secret(value), KEY)
    assert matches(Secret(value), Digest(recorded.algorithm, recorded.value[:-1]), KEY) is False


def test_each_state_has_a_key_of_its_own_under_one_passphrase() -> None:
    assert derive_key("correct horse", LINEAGE) == derive_key("correct horse", LINEAGE)
    assert derive_key("correct horse", LINEAGE) != derive_key("correct horse", "another")
    assert derive_key("correct horse", LINEAGE) != derive_key("battery staple", LINEAGE)
