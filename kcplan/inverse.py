"""The step that undoes a step: what a rollback, and whoever restores, has to write."""

from attrs import evolve

from kcplan.plan import Operation, Step


def invert(step: Step, object_id: str | None) -> Step:
    """The step that undoes a step: a creation is deleted, an update is written back.

    A deletion has no inverse step: it is undone from its image.
    """
    known = step.object_id or object_id
    if step.operation is Operation.CREATE:
        return evolve(
            step,
            id=f"undo {step.id}",
            operation=Operation.DELETE,
            object_id=known,
            before=step.after,
            after={},
        )
    return evolve(step, id=f"undo {step.id}", object_id=known, before=step.after, after=step.before)
