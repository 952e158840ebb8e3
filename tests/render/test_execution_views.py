"""An apply or a recovery, as people and as programs are told of it: what goes where."""

import json

from attrs import evolve
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.errors import LostError, ServerError
from kcplan.events import Applied, Event, EventType, Failure, Outcome, Progress
from kcplan.interrupted import Interrupted, Nothing, Recovered, Remembered
from kcplan.plan import Action, Operation, Plan, ResourceChange, Step
from kcplan.risk import Level, Risk
from kcplan.state import ServerIdentity
from kcplan.views import applies, recoveries
from kcplan.views.pieces import Err, Out, Piece

WEB = Address.parse("shop/clients/wéb")
STEP = Step("create shop/clients/wéb", Operation.CREATE, WEB, "client")
PLAN = Plan(
    ServerIdentity("http://kc"),
    "lineage",
    1,
    changes=(ResourceChange(WEB, "client", Action.CREATE, "it is not in Keycloak", after={}),),
    steps=(STEP,),
)
REFUSED = ServerError("Keycloak refused it", "The name is taken.")
START = Progress(Event(EventType.APPLY_START, STEP), 0, 1)
FAILED = Progress(Event(EventType.APPLY_ERRORED, STEP, 2.0, REFUSED), 1, 1)
DONE = Applied(PLAN, Outcome(done=(STEP,)), 0)
LEFT = Applied(
    PLAN,
    Outcome(
        failures=(Failure(STEP, REFUSED),),
        left=(Failure(STEP, LostError("nothing brings it back", "It had a secret.")),),
    ),
    4,
)
INTERRUPTED = Interrupted(
    "apply", "2026-01-01T00:00:00Z", "http://kc", PLAN, Remembered(doubtful=(STEP.id,))
)

text = applies.view("text", verb="Apply", color=False)
lines = applies.view("json", verb="Apply", color=False)


def out(*pieces: Piece) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Out))


def err(*pieces: Piece) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Err))


def test_people_read_the_plan_and_the_end_on_stdout_and_the_steps_on_stderr() -> None:
    told = [piece for message in (PLAN, START, DONE) for piece in text(message)]

    assert (out(*told), err(*told)) == snapshot(
        (
            """\
kcplan will perform the following actions. Symbols:
  + create

  # shop/clients/wéb will be created
  # (it is not in Keycloak)
  + client "wéb" {
      + id = (known after apply)
    }

Plan: 1 to add, 0 to change, 0 to destroy.
Apply complete! Resources: 1 added, 0 changed, 0 destroyed.
""",
            """\

shop/clients/wéb: Creating...
""",
        )
    )


def test_what_takes_long_and_a_signal_are_told() -> None:
    still = evolve(START, event=evolve(START.event, type=EventType.APPLY_STILL, elapsed_seconds=20))
    signal = evolve(START, event=evolve(START.event, type=EventType.INTERRUPTED))

    assert err(*text(still), *text(signal)) == snapshot("""\
shop/clients/wéb: Still creating... [20s elapsed]
Interrupted. Nothing new begins; what runs now ends first. Press Ctrl-C again to leave the rest to `kcplan recover`.
""")
    assert [json.loads(out(*lines(each)))["type"] for each in (still, signal)] == [
        "apply_still",
        "interrupted",
    ]


def test_people_are_told_what_failed_what_is_left_and_what_to_do() -> None:
    assert (out(*text(LEFT)), err(*text(LEFT))) == snapshot(
        (
            "",
            """\
Error: Keycloak refused it

shop/clients/wéb failed. The name is taken.

Error: nothing brings it back

shop/clients/wéb could not be rolled back. It had a secret.

Apply failed.
These could not be rolled back:
  shop/clients/wéb (create)
Look at them in Keycloak, then run `kcplan plan`.
""",
        )
    )


def test_what_can_be_rolled_back_later_is_said_with_the_command_for_it() -> None:
    later = evolve(LEFT, recoverable=True)

    assert err(*text(later)).splitlines()[-1] == snapshot(
        "The journal is kept. Once the problem is fixed, run `kcplan recover` to roll them back."
    )


def test_programs_get_one_document_a_line_on_stdout_whatever_happens() -> None:
    told = [piece for message in (PLAN, START, FAILED, LEFT) for piece in lines(message)]

    documents = [json.loads(line) for line in out(*told).splitlines()]

    assert [document["type"] for document in documents] == snapshot(
        ["planned_change", "apply_start", "apply_errored", "change_summary"]
    )
    assert documents[0]["resource_type"] == "client"
    assert documents[-1] == snapshot(
        {
            "type": "change_summary",
            "succeeded": False,
            "exit_code": 4,
            "changes": {
                "create": 1,
                "update": 0,
                "replace": 0,
                "delete": 0,
                "adopt": 0,
                "release": 0,
                "move": 0,
                "noop": 0,
            },
            "rolled_back": [],
            "left": ["shop/clients/wéb"],
            "recoverable": False,
        }
    )
    assert "nothing brings it back" in err(*told)


def test_programs_get_the_risks_of_the_plan_first() -> None:
    risk = Risk(Level.DANGER, "wildcard-redirect", WEB, ("redirectUris",), "wéb redirects anywhere")

    documents = [json.loads(line) for line in out(*lines(evolve(PLAN, risks=(risk,)))).splitlines()]

    assert documents[0] == snapshot(
        {
            "type": "risk",
            "code": "wildcard-redirect",
            "level": "danger",
            "address": "shop/clients/wéb",
            "path": ["redirectUris"],
            "summary": "wéb redirects anywhere",
        }
    )
    assert documents[1]["type"] == "planned_change"


def test_a_failure_is_told_the_same_however_often_it_is_shown() -> None:
    assert [*text(LEFT)] == [*text(LEFT)]


def test_a_recovery_says_what_was_interrupted_before_it_asks() -> None:
    view = recoveries.view("text")

    assert err(*view(INTERRUPTED)) == snapshot("""\
A kcplan apply of http://kc was interrupted.
It began 2026-01-01T00:00:00Z; 0 of its 1 steps were done.
  started, outcome unknown: create shop/clients/wéb
""")
    assert out(*view(Nothing.NO_JOURNAL), *view(Nothing.ENDED)) == snapshot("""\
There is nothing to recover.
The apply had ended. Only its journal was left, and it is now removed.
""")


def test_a_recovery_that_rolled_all_back_says_so_to_people_only() -> None:
    back = Recovered(evolve(DONE, outcome=Outcome(rolled_back=(STEP,))), forward=False)

    assert out(*recoveries.view("text")(back)) == snapshot(
        "Recovered: what the interrupted apply did is rolled back.\n"
    )
    assert [*recoveries.view("json")(back)] == []


def test_what_a_rollback_leaves_empty_is_told() -> None:
    traces = {STEP.address: (("description",), ("config", "a.b"))}
    applied = evolve(
        DONE, outcome=Outcome(failures=(Failure(STEP, REFUSED),)), exit_code=3, traces=traces
    )

    assert err(*text(applied)).partition("Apply failed.\n")[2] == snapshot("""\
Every completed step was rolled back: Keycloak is as it was before, but for empty values.
These fields may now be empty instead of absent, which means the same:
  shop/clients/wéb: description, config."a.b"
""")
    back = Recovered(evolve(applied, outcome=Outcome(rolled_back=(STEP,))), forward=False)
    assert out(*recoveries.view("text")(back)) == snapshot("""\
Recovered: what the interrupted apply did is rolled back.
These fields may now be empty instead of absent, which means the same:
  shop/clients/wéb: description, config."a.b"
""")


def test_a_recovery_that_went_forward_reports_like_an_apply() -> None:
    forward = Recovered(DONE, forward=True)

    assert out(*recoveries.view("text")(forward)) == snapshot(
        "Recover complete! Resources: 1 added, 0 changed, 0 destroyed.\n"
    )
    (line,) = recoveries.view("json")(forward)
    assert json.loads(line.text)["succeeded"] is True
