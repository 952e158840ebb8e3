"""What is measured, each in one declaration. They are run in this order, on one realm.

To measure something else, add a `Scenario`; the tables have it then.
"""

from collections.abc import Callable, Mapping
from typing import Final

import realm_files
from attrs import frozen

HUGE, LARGE, MIDDLE, SMALL = 10_000, 3_000, 1_000, 300
"""The sizes of the goals, in services."""


@frozen
class Place:
    """A folder with a realm file, where commands are run.

    Attributes:
        name: What the folder is called.
        document: The realm, by the number of services.
        ending: The format of its file.
        after: The place with whose state this one begins; all places are about the same realm.
        prepare: Commands that are run once, before anything is measured.
    """

    name: str
    document: realm_files.Document
    ending: str = "json"
    after: "Place | None" = None
    prepare: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The name of the file."""
        return f"realm.{self.ending}"


@frozen
class Limit:
    """The most that something may take: in words, and by the number of services."""

    words: str
    at: Callable[[int], float | None]


@frozen
class Floor:
    """A part of `floor.py`."""

    part: str
    name: str = "the floor"


@frozen
class Scenario:
    """A command in a place, and what it may take.

    Attributes:
        name: What it is called in the tables.
        command: The arguments of kcplan, with `{file}` for the place's file.
        place: Where it is run.
        beside: What takes turns with it: a part of the floor, or another command.
        most: How many times as long as that it may take.
        requests: How many requests it may take.
        seconds: How long it may take.
        largest: The largest realm for which it is run, in services.
        fresh: Whether it begins with no realm and no state.
        cold: Whether Keycloak forgets its caches before.
        away: How many seconds the server is away.
    """

    name: str
    command: str
    place: Place
    beside: "Floor | Scenario | None" = None
    most: float | None = None
    requests: Limit | None = None
    seconds: float | None = None
    largest: int = LARGE
    fresh: bool = False
    cold: bool = False
    away: float = 0.0

    @property
    def only_reads(self) -> bool:
        """Whether it can be run once more without any effect."""
        return self.command.startswith(("plan", "refresh"))

    def times(self, size: int) -> int:
        """How often it is run in each round."""
        if self.fresh or not self.only_reads or self.beside is None:
            return 1
        if self.most is None:
            return 2
        return 5 if size <= SMALL else 3 if size <= MIDDLE else 2


PLANNED: Final = "plan --detailed-exitcode {file}"
APPLIED: Final = "apply --auto-approve {file}"


def variables(ending: str) -> Place:
    """A place with secrets that are in a variable."""
    return Place(f"{ending}-variables", realm_files.services, ending, SERVICES)


def literal(ending: str) -> Place:
    """A place with secrets in plain text."""
    return Place(f"{ending}-literal", realm_files.literal, ending, SERVICES)


def in_clear(ending: str) -> Scenario:
    """A plan with secrets in plain text, beside the same with variables."""
    name = f"plan, nothing to do, {ending.upper()}"
    return Scenario(
        f"{name}, secrets in plain text",
        PLANNED,
        literal(ending),
        Scenario("the same with variables", PLANNED, variables(ending)),
        most=1.1,
        largest=SMALL,
    )


SERVICES: Final = Place("services", realm_files.services)
EXCHANGING: Final = Place(
    "exchanging",
    realm_files.exchanging,
    after=SERVICES,
    prepare=("apply --auto-approve realm.json",),
)
WATCHED: Final = Place(
    "watched", realm_files.watched, after=EXCHANGING, prepare=("apply --auto-approve realm.json",)
)
CHANGED: Final = Place("changed", realm_files.changed, after=WATCHED)
LOOKED_AT: Final = Place(
    "looked-at", realm_files.changed, after=CHANGED, prepare=("refresh --quick",)
)
OF_OTHERS: Final = Place("few", realm_files.few, prepare=("apply --auto-approve realm.json",))

READING: Final = Limit("2.1 N + 15", lambda size: 2.1 * size + 15)

APPLY: Final = Scenario(
    "first apply", APPLIED, SERVICES, Floor("create"), most=1.3, largest=HUGE, fresh=True
)
PLAN: Final = Scenario(
    "plan, nothing to do",
    PLANNED,
    SERVICES,
    Floor("read"),
    most=1.5,
    requests=READING,
    largest=HUGE,
)
EXCHANGE: Final = Scenario(
    "plan, nothing to do, all exchange tokens",
    PLANNED,
    EXCHANGING,
    Floor("read"),
    most=1.7,
    requests=Limit("2.3 N + 60", lambda size: 2.3 * size + 60),
)

SCENARIOS: Final = (
    APPLY,
    PLAN,
    Scenario(
        "plan, nothing to do, cold", PLANNED, SERVICES, Floor("read"), cold=True, largest=MIDDLE
    ),
    Scenario(
        "plan, nothing to do, 20 ms away",
        PLANNED,
        SERVICES,
        Floor("read"),
        away=0.02,
        largest=MIDDLE,
    ),
    *(in_clear(ending) for ending in realm_files.DUMPS),
    Scenario(
        "refresh",
        "refresh",
        SERVICES,
        PLAN,
        most=1.0,
        requests=READING,
    ),
    EXCHANGE,
    Scenario(
        "plan of five clients among all",
        PLANNED,
        OF_OTHERS,
        requests=Limit("40", lambda _: 40),
    ),
    Scenario(
        "refresh --unmanaged, five clients among all",
        "refresh --unmanaged",
        OF_OTHERS,
        requests=Limit("100", lambda _: 100),
    ),
    Scenario("plan, one change", "plan {file} --out saved", CHANGED),
    Scenario("apply, one change (saved plan)", "apply saved", CHANGED),
    Scenario(
        "refresh --quick, nothing changed",
        "refresh --quick",
        LOOKED_AT,
        requests=Limit("10", lambda _: 10),
        seconds=2.0,
    ),
    Scenario("destroy", "destroy --auto-approve --delete-unmanaged", CHANGED),
)

MEMORY: Final = Limit(
    "70, 120, 260, 800 MB at N = 300, 1,000, 3,000, 10,000",
    {SMALL: 70.0, MIDDLE: 120.0, LARGE: 260.0, HUGE: 800.0}.get,
)
"""What no command may be above."""

GROWTH: Final = 15
"""Per cent: by how much the time for each service may differ from that at N = 1,000."""

VALIDATED: Final = 3_150
"""The services of a file that is only validated."""
VALIDATE: Final = "kcplan validate (2.7 MB of JSON)"
ONCE: Final[Mapping[str, float | None]] = {
    "python -c 'import click'": None,
    "kcplan --version": None,
    "kcplan --help": None,
    VALIDATE: 1.0,
}
"""What needs no server: the most seconds that it may take."""
