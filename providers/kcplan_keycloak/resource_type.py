"""What a resource type is: its spec for the planner, and how it is found, read and written.

One type, one file in `kcplan_keycloak.resources`; each gives one or more `ResourceType` values in
`TYPES`. Most are a `kcplan_keycloak.rest.RestType`, which is data. Reading gets all wanted
addresses of a type in one realm at once, so that a type can page; writing gets one step. Names
become ids through `Names`, and never the other way in files.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

from attrs import evolve, field

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.errors import ServerError
from kcplan.plan import Operation, Step
from kcplan.provider import Image, Wanted
from kcplan.resource import TypeSpec
from kcplan.schema import Leaves
from kcplan.secret import reveal
from kcplan.snapshot import MANY, Inhabitants, LiveObject, PassedOver
from kcplan_keycloak.api import AdminApi, Get
from kcplan_keycloak.errors import NotFoundError
from kcplan_keycloak.names import Names

FEW = 20
"""Up to this many objects are looked up one by one; more are read in pages."""


@frozen
class Reading:
    """A read that is under way: one run of a command reads nothing twice.

    Attributes:
        api: The server.
        names: Ids of everything that was seen.
        wanted: What is to be read of the type at hand, all in one realm.
        found: What was read already, parents among it.
        beneath: Whether objects that nobody asked for are looked for, below the wanted ones.
        unmanaged: Whether new clients and roles are looked for in the whole realm.
        everything: Whether all of the realm is read, with all fields.
        data: Whether that includes what is no configuration, as users are.
        missing: Types of which the realm is known to have nothing: nobody asks what names them.
        passed_over: What is left out of a whole realm, and why; it fills, as `found` does.
    """

    api: AdminApi
    names: Names
    realm: str
    wanted: Mapping[Address, Wanted]
    found: Mapping[Address, LiveObject] = field(factory=dict)
    beneath: bool = False
    unmanaged: bool = False
    everything: bool = False
    data: bool = False
    missing: frozenset[str] = frozenset()
    passed_over: dict[Address, PassedOver] = field(factory=dict)

    @cached_property
    def numbers(self) -> Mapping[Address, int]:
        """How many of the wanted objects lie in each realm and object."""
        return Counter(holder for address in self.wanted for holder in address.ancestors())

    def cares(self, address: Address, *names: str) -> bool:
        """Whether one of these fields matters, which cost a request of their own."""
        wanted = self.wanted.get(address)
        return self.everything or (wanted is not None and not wanted.fields.isdisjoint(names))


@frozen
class Writing:
    """A step that is being performed, with secrets in clear only in `body`.

    Attributes:
        api: The server.
        names: Ids of everything that was seen.
        step: The step.
        managed: What kcplan manages, and not only refers to.
    """

    api: AdminApi
    names: Names
    step: Step
    managed: frozenset[Address] = frozenset()

    def id_of(self, address: Address) -> str:
        """The id of another object. Raises ServerError where there is none."""
        return self.names.id_of(address)

    def object_id(self) -> str:
        """The id of the object that the step is about."""
        return self.step.object_id or self.id_of(self.address)

    def existing(self, addresses: Iterable[Address]) -> list[Address]:
        """Those that are there, in order: what is gone is in no mapping either."""
        return [item for item in sorted(addresses) if self.names.find(item) is not None]

    def role(self, address: Address) -> dict[str, str]:
        """A role as role mappings and composites take it: by id and name."""
        return {"id": self.id_of(address), "name": address.name}

    @property
    def address(self) -> Address:
        """The address of the resource."""
        return self.step.address

    def changed(self, *prefix: str) -> dict[tuple[str, ...], Any]:
        """The fields at or below a path that the step writes, secrets in clear."""
        size = len(prefix)
        return {p: reveal(v) for p, v in self.step.after.items() if p[:size] == prefix}

    def with_fields(self, after: Leaves) -> "Writing":
        """The same for a step that writes these fields of what has none of them."""
        return evolve(self, step=evolve(self.step, before={}, after=after))


def gone(address: Address) -> ServerError:
    """The error where what is to be changed is not there any more."""
    return NotFoundError(
        f"{address} is no longer in Keycloak",
        "It was deleted since the plan was made. Run plan again.",
    )


def read_current(writing: Writing, at: str) -> dict[str, Any]:
    """What is at a path, of the object that a step changes.

    Raises:
        ServerError: It is not there any more, or could not be read.
    """
    body: dict[str, Any] | None = writing.api.get(at)
    if body is None:
        raise gone(writing.address)
    return body


class Part(Protocol):
    """Fields of a representation that have end points of their own."""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields, by the first segment of their paths."""

    @property
    def is_posted(self) -> bool:
        """Whether the fields count when the object is created."""

    def place(self, where: Path) -> str:
        """The path, below the object, to which whoever changes one of the fields writes."""

    def posted(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """The fields as the creation of the object takes them."""

    def asks(self, reading: Reading, address: Address, body: Mapping[str, Any]) -> bool:
        """Whether reading the fields of an object takes a request."""

    def gets(
        self, reading: Reading, address: Address, at: str, body: Mapping[str, Any]
    ) -> Iterable[Get]:
        """The requests that `read` then sends, whatever else is found."""

    def read(
        self, reading: Reading, address: Address, at: str, body: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The fields as in a document; those that stand in the object itself are left out.

        Args:
            reading: The read that is under way.
            address: The object.
            at: Its path.
            body: What its own end point gave.
        """

    def write(self, writing: Writing, at: str) -> None:
        """Write what the step changes of the fields, to the object at this path."""

    def holders(
        self, api: AdminApi, realm: str, word: str, gone: Sequence[Mapping[str, Any]]
    ) -> Iterable[tuple[str, str]]:
        """Where objects that are about to go stand in fields of this kind: id, and path.

        A request to the path puts the object back: a PUT where the path ends with the object's id,
        else a POST that names it.

        Args:
            api: The server.
            realm: The realm's name.
            word: The type of the objects.
            gone: Their representations.
        """


class ResourceType(Protocol):
    """A type of resource, as the reader and the writer use it."""

    @property
    def spec(self) -> TypeSpec:
        """What the planner must know."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """What of it has end points of its own."""

    def path_of(self, address: Address, object_id: str | None) -> str:
        """The path of an object in the Admin API."""

    def find(self, names: Names, address: Address) -> None:
        """Have `names` learn the id of an object, if it is there. Raises ServerError."""

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The wanted objects that exist, and with `beneath` those that nobody asked for."""

    def create(self, writing: Writing) -> str | None:
        """Create the object; gives its id where it is known."""

    def update(self, writing: Writing) -> str | None:
        """Write the changed fields and no others; gives the object's id where it is news."""

    def delete(self, writing: Writing) -> None:
        """Delete the object."""

    def capture(self, writing: Writing) -> Image | None:
        """All that is needed to bring the object back after the step; None if nothing is lost."""

    def restore(self, writing: Writing, image: Image) -> Mapping[Address, str] | None:
        """Bring back what the step took away; gives the ids that could not be the old ones."""


@runtime_checkable
class Foreseeing(Protocol):
    """A type that knows from ids of the state what it will read, before anything is read."""

    def foreseen(self, reading: Reading) -> Iterable[Get]:
        """Requests that `read` will send, whatever else is found. What is doubtful is left out."""


@frozen
class Holders:
    """The users who have an object, or something that lies in it: how they are counted.

    Attributes:
        gets: The requests that list them, or that answer with their number.
        one: What is said where it is one user.
        many: The same of several; `{}` stands for their number.
        counts: Whether a user of a list is one of them.
        complete: Whether these requests find all of them.
    """

    gets: tuple[Get, ...] = ()
    one: str = "one user loses it"
    many: str = "{} lose it"
    counts: Callable[[Mapping[str, Any]], bool] = lambda _: True
    complete: bool = True


def users_at(at: str, **query: Any) -> Get:
    """The request that lists users, so many of them that it is worth to count them."""
    return Get(at, {**query, "max": MANY, "briefRepresentation": "true"})


@runtime_checkable
class HeldByUsers(Protocol):
    """A type whose objects users have, and lose when they go."""

    def users(self, names: Names, live: LiveObject, found: Mapping[Address, LiveObject]) -> Holders:
        """How the users who have the object are counted; `found` has what it lies in.

        Raises ServerError.
        """


@runtime_checkable
class Inhabited(Protocol):
    """A type whose objects may have something in them that kcplan does not manage."""

    def inhabitants(self, names: Names, live: LiveObject) -> Inhabitants:
        """What goes along with an object that is deleted. Raises ServerError."""


@runtime_checkable
class Unsettling(Protocol):
    """A type during some of whose operations Keycloak fails at what else is written."""

    @property
    def unsettles(self) -> Collection[Operation]:
        """The operations that must be performed alone."""


@runtime_checkable
class Rehearsing(Protocol):
    """A type that can ask Keycloak whether an object can be created, without creating it."""

    def rehearse(self, writing: Writing) -> None:
        """Raise ServerError where the creation is refused, though its name were free."""


@runtime_checkable
class LeavingBehind(Protocol):
    """A type with steps that Keycloak does not undo as a whole, although they destroy nothing."""

    def leaves_behind(self, step: Step) -> bool:
        """Whether what there is must be read before a step, so that it can be undone."""


@runtime_checkable
class StandingIn(Protocol):
    """A type that lets other objects stand in for one that is being updated."""

    def is_finished(self, writing: Writing) -> bool:
        """Whether none that stood in for it is left. Raises ServerError."""


Types = Sequence[ResourceType]
