"""Where the user keeps a key, nobody without it makes or changes a plan that is applied."""

import json
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan import planfile
from kcplan.errors import PlanFileError
from kcplan.plan import Plan
from kcplan.render.diagnostics import render_error
from kcplan_state.digests import derive_key, derive_plan_key
from support.sample_plans import field, plan, update

KEY = b"k" * 32
MADE = plan(update(field("description", "a", "b")))


def with_key(_lineage: str) -> bytes:
    return KEY


def without_key(_lineage: str) -> None:
    return None


def forged(data: bytes, change: dict[str, Any]) -> bytes:
    """A plan that was changed by somebody who makes its checksum right again."""
    document = json.loads(data) | change
    document.pop("checksum")
    return json.dumps(document | {"checksum": planfile._checksum(document)}).encode()


def refused(data: bytes, keys: planfile.Keys) -> str:
    with pytest.raises(PlanFileError) as caught:
        planfile.load(data, keys)
    return render_error(caught.value)


def test_a_signed_plan_comes_back_under_its_key() -> None:
    assert planfile.load(planfile.dump(MADE, KEY), with_key) == MADE


def test_a_plan_without_a_signature_comes_back_where_there_is_no_key() -> None:
    assert planfile.load(planfile.dump(MADE), without_key) == MADE


def test_a_changed_plan_with_the_right_checksum_is_refused() -> None:
    saved = planfile.dump(MADE, KEY)
    execution = json.loads(saved)["execution"]
    changed = forged(saved, {"execution": execution | {"serial": execution["serial"] + 1}})
    loaded = planfile.load(changed)
    assert loaded != MADE, "it would have been taken without the signature"
    assert refused(changed, with_key) == snapshot("""\
Error: the signature of the saved plan is wrong

The plan was changed after it was made, or KCPLAN_STATE_KEY is not the passphrase that
it was saved with. Run `kcplan plan --out` again to make a new one.
""")


@pytest.mark.parametrize("part", ["server", "summary", "resource_changes", "diagnostics"])
def test_what_a_reviewer_is_shown_is_signed_too(part: str) -> None:
    saved = planfile.dump(MADE, KEY)
    assert "signature of the saved plan is wrong" in refused(forged(saved, {part: ["x"]}), with_key)


@pytest.mark.parametrize("given", ["", "hmac-sha256:", "\udcff", "é", 5, {"a": 1}, [], True])
def test_a_signature_of_any_shape_is_refused(given: Any) -> None:
    changed = forged(planfile.dump(MADE, KEY), {"signature": given})
    assert "signature of the saved plan is wrong" in refused(changed, with_key)


def test_another_key_refuses_it() -> None:
    saved = planfile.dump(MADE, KEY)
    assert "signature of the saved plan is wrong" in refused(saved, lambda _: b"other")


def test_a_plan_without_a_signature_is_refused_where_there_is_a_key() -> None:
    expected = snapshot("""\
Error: the saved plan is not signed

With KCPLAN_STATE_KEY set, kcplan applies only plans that were saved with it: others may
come from whoever can write the file. Run `kcplan plan --out` again with the variable
set.
""")
    assert refused(planfile.dump(MADE), with_key) == expected
    stripped = forged(planfile.dump(MADE, KEY), {"signature": None})
    assert refused(stripped, with_key) == expected


def test_a_signed_plan_is_refused_where_there_is_no_key() -> None:
    assert refused(planfile.dump(MADE, KEY), without_key) == snapshot("""\
Error: the saved plan is signed, and there is no key to check that with

It was saved with KCPLAN_STATE_KEY set, and the variable is not set now. Set it to the
same passphrase.
""")


def test_the_key_belongs_to_the_state_that_the_plan_was_made_from() -> None:
    asked: list[str] = []

    def keys(lineage: str) -> bytes:
        asked.append(lineage)
        return KEY

    planfile.load(planfile.dump(MADE, KEY), keys)
    assert asked == [Plan(MADE.server, MADE.lineage, 0).lineage]


def test_plans_and_digests_have_different_keys_and_so_have_states() -> None:
    keys = {make("p", lineage) for make in (derive_key, derive_plan_key) for lineage in "ab"}
    assert len(keys) == 4
