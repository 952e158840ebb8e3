"""With `KCPLAN_STATE_KEY` a saved plan is signed, and `apply` takes no other."""

import json

import pytest
from inline_snapshot import snapshot

from kcplan import planfile
from support.world import World

PLAN = "the.kcplan"


@pytest.fixture
def signed(inhabited: World) -> World:
    """A world with a key, and a signed plan for a state that does not exist yet."""
    inhabited.variables["KCPLAN_STATE_KEY"] = "a passphrase"
    inhabited.declare(clients=[{"clientId": "a", "description": "as reviewed"}])
    inhabited.plan("--out", PLAN)
    return inhabited


def refused(world: World, words: str) -> None:
    result = world.kcplan("apply", PLAN, exit_code=1)
    assert result.stderr.count("Error:") == 1
    assert words in result.stderr
    assert world.client("a") is None
    assert not world.state_file.exists()


def forge(world: World, *, sign: bool) -> None:
    """Change the plan as somebody does who can write the file, and has no key."""
    file = world.folder / PLAN
    document = json.loads(file.read_text().replace("as reviewed", "evil"))
    document.pop("checksum")
    if not sign:
        document.pop("signature")
    file.write_text(json.dumps(document | {"checksum": planfile._checksum(document)}))


def test_a_signed_plan_is_executed(signed: World) -> None:
    signed.kcplan("apply", PLAN)
    assert (signed.client("a") or {})["description"] == "as reviewed"
    signed.is_settled()


def test_one_after_the_first_is_executed_too(signed: World) -> None:
    signed.kcplan("apply", PLAN)
    signed.declare(clients=[{"clientId": "a", "description": "reviewed again"}])
    signed.plan("--out", PLAN)
    signed.kcplan("apply", PLAN)
    assert (signed.client("a") or {})["description"] == "reviewed again"


@pytest.mark.parametrize("sign", [True, False], ids=["old signature", "no signature"])
def test_a_forged_plan_with_the_right_checksum_is_refused(signed: World, *, sign: bool) -> None:
    forge(signed, sign=sign)
    refused(signed, "the signature of the saved plan is wrong" if sign else "is not signed")
    signed.kcplan("show", PLAN, exit_code=1)


def test_without_a_key_a_checksum_is_all_there_is(inhabited: World) -> None:
    inhabited.declare(clients=[{"clientId": "a", "description": "as reviewed"}])
    inhabited.plan("--out", PLAN)
    document = json.loads((inhabited.folder / PLAN).read_text())
    assert "signature" not in document
    (inhabited.folder / PLAN).write_text(json.dumps(document | {"signature": None}))
    refused(inhabited, "was changed after it was made")


def test_a_plan_that_was_saved_without_the_key_is_refused_with_it(inhabited: World) -> None:
    inhabited.declare(clients=[{"clientId": "a"}])
    inhabited.plan("--out", PLAN)
    inhabited.variables["KCPLAN_STATE_KEY"] = "a passphrase"
    refused(inhabited, "the saved plan is not signed")


def test_a_plan_that_was_saved_with_the_key_is_refused_without_it(signed: World) -> None:
    signed.variables.pop("KCPLAN_STATE_KEY")
    refused(signed, "Set it to the")
    assert "as reviewed" in signed.kcplan("show", PLAN).stdout


@pytest.mark.parametrize(
    ("key", "words"), [("another", "signature of the saved plan is wrong"), ("", "is empty")]
)
def test_another_passphrase_refuses_it(signed: World, key: str, words: str) -> None:
    signed.variables["KCPLAN_STATE_KEY"] = key
    refused(signed, words)


def test_an_empty_passphrase_saves_nothing(inhabited: World) -> None:
    inhabited.variables["KCPLAN_STATE_KEY"] = ""
    inhabited.declare(clients=[{"clientId": "a"}])
    result = inhabited.kcplan("plan", inhabited.file, "--out", PLAN, exit_code=1)
    assert not (inhabited.folder / PLAN).exists()
    assert result.stderr == snapshot("""\
Error: KCPLAN_STATE_KEY is empty

It is set, and has no value. Give it the passphrase that the digests of secrets in the
state are made with and saved plans are signed with, or unset it: kcplan then keeps a
random key in the state, and signs no plans.
""")
