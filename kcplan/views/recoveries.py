"""A recovery by `kcplan recover`: what was interrupted, what happens, how it ended."""

from collections.abc import Iterator

from kcplan.classes import frozen
from kcplan.events import Progress
from kcplan.interrupted import Interrupted, Nothing, Recovered
from kcplan.render.progress import trace_lines
from kcplan.render.values import safe
from kcplan.views import applies
from kcplan.views.pieces import Err, Out, Piece, View

Message = Nothing | Interrupted | Progress | Recovered
"""What a recovery has to say: what there is to recover, then every event, then how it ended."""

_NOTHING = {
    Nothing.NO_JOURNAL: "There is nothing to recover.",
    Nothing.ENDED: "The apply had ended. Only its journal was left, and it is now removed.",
}


def view(output: str) -> View[Message]:
    """The view for a format: text or json."""
    if output == "json":
        return Told(applies.Json(), done="")
    done = "Recovered: what the interrupted apply did is rolled back.\n"
    return Told(applies.Text("Recover"), done)


@frozen
class Told:
    """A recovery, told as executions are.

    Attributes:
        execution: The view of what happens, and of how it ended where that needs a report.
        done: What to say where all that was done is rolled back.
    """

    execution: View[applies.Message]
    done: str

    def __call__(self, message: Message) -> Iterator[Piece]:
        """What to print."""
        match message:
            case Nothing():
                yield Out(f"{_NOTHING[message]}\n")
            case Interrupted():
                yield Err("\n".join(_description(message)) + "\n")
            case Progress():
                yield from self.execution(message)
            case Recovered(applied, forward):
                if forward or applied.outcome.left:
                    yield from self.execution(applied)
                elif self.done:
                    yield Out(self.done)
                    yield from (Out(f"{line}\n") for line in trace_lines(applied))


def _description(interrupted: Interrupted) -> Iterator[str]:
    """What was interrupted, for whoever must decide."""
    remembered = interrupted.remembered
    done, total = len(remembered.done), len(interrupted.plan.steps)
    what = safe(f"{interrupted.operation} of {interrupted.server}")
    yield f"A kcplan {what} was interrupted."
    yield f"It began {safe(interrupted.started)}; {done} of its {total} steps were done."
    for name in remembered.done:
        yield f"  done: {safe(name)}"
    for name in remembered.doubtful:
        yield f"  started, outcome unknown: {safe(name)}"
