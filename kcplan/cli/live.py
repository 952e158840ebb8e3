"""What an execution does, while somebody watches: the region at the foot of a terminal.

What has ended scrolls above it, a line each. In it stands what runs, for how long, and how far all
of it is. Elsewhere than on a terminal there are lines only.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from attrs import field

from kcplan.classes import define
from kcplan.cli.printing import emit
from kcplan.events import EventType, Progress
from kcplan.render.progress import bar, event_line, running_line
from kcplan.views.pieces import View

if TYPE_CHECKING:
    from rich.console import Console, Group

_SHOWN: Final = 5
"""So many of the steps that run have a line; the terminal may have few."""
_BEGINS: Final = frozenset({EventType.APPLY_START, EventType.ROLLBACK_START})

Tell = Callable[[Progress], None]


@contextmanager
def telling(view: "View[Progress]", *, live: bool) -> Iterator[Tell]:
    """Tell of an execution: in a region where that is wanted and can be, else by a view's lines."""
    if not live or not is_watched():
        yield lambda progress: emit(view(progress))
        return
    with _region() as tell:
        yield tell


def is_watched() -> bool:
    """Whether stderr is a terminal on which lines can be drawn again."""
    return sys.stderr.isatty() and os.environ.get("TERM", "dumb") not in {"", "dumb", "unknown"}


@define
class Region:
    """What the region shows.

    Attributes:
        console: The terminal.
        running: What runs, and since when, by the step's id.
        finished: How many steps have ended.
        total: How many there are.
    """

    console: "Console"
    running: dict[str, tuple[Progress, float]] = field(factory=dict)
    finished: int = 0
    total: int = 0

    def tell(self, progress: Progress) -> None:
        """Take note of an event, and print the line of what has ended."""
        event, key = progress.event, progress.event.step.id
        self.finished, self.total = progress.finished, progress.total
        if event.type is EventType.APPLY_STILL:
            return
        if event.type in _BEGINS:
            self.running = {**self.running, key: (progress, time.monotonic())}
            return
        if event.type is not EventType.INTERRUPTED:
            self.running = {k: each for k, each in self.running.items() if k != key}
        if (line := event_line(event)) is not None:
            from rich.text import Text

            self.console.print(Text(line), soft_wrap=True)

    def draw(self) -> "Group":
        """The region as it is now. Another thread asks for it."""
        from rich.console import Group
        from rich.text import Text

        now, running = time.monotonic(), list(self.running.values())
        lines = [running_line(each.event, now - began) for each, began in running[:_SHOWN]]
        if len(running) > _SHOWN:
            lines.append(f"… and {len(running) - _SHOWN} more")
        if self.total:
            lines.append(bar(self.finished, self.total))
        return Group(*(Text(line, no_wrap=True, overflow="ellipsis") for line in lines))


@contextmanager
def _region() -> Iterator[Tell]:
    from rich.console import Console
    from rich.live import Live

    console = Console(file=sys.stderr, highlight=False)
    region = Region(console)
    with Live(
        get_renderable=region.draw,
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        refresh_per_second=5,
    ):
        yield region.tell
