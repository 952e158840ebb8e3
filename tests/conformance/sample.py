"""What a resource type gives to the conformance kit: one object of it, and how it may change.

A sample is data, but for two or three functions that say where the object stands: in a realm file
(`declare`), and in the Admin API (`where`), as somebody at the console sees it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from attrs import Factory, field, frozen

from conformance.overlays import Json, overlaid, within
from support.harness import Admin

CHECKS: Final[Mapping[str, str]] = {
    "create": "An object is created, and has in Keycloak what the files say.",
    "empty": "After an apply, plan and refresh have nothing to say.",
    "change": "Each field can be changed and changed back, and the plan names just these fields.",
    "drift": "Each field that somebody changes is drift, named by refresh, and repaired by apply.",
    "alone": "A field that the files leave out stays as somebody sets it.",
    "elsewhere": "Imported, and applied to another realm, it is the same object.",
    "rename": "[[moved]] gives it another name; it is the same object after that.",
    "odd name": "Its name may hold `/`, `%`, spaces and letters of all alphabets.",
    "delete": "It is deleted when the files have it no longer, and can be created again.",
    "undo": "A failure at any write leaves Keycloak and the state as they were before.",
    "bare": "A bare object that gets all its fields is as bare as before when the change fails.",
    "recover": "An apply that was killed is rolled back, or finished, by `kcplan recover`.",
    "viewer": "An account that may only view gets the same plan as an administrator.",
    "secret": "A secret in one of its fields is in no output and in no file of kcplan.",
    "reference": "A name of something that does not exist is an error that says the name.",
}
"""What the kit checks of each type."""


@frozen
class Hand:
    """Somebody who works at the console of one realm: the Admin API, without kcplan."""

    admin: Admin
    realm: str

    def of(self, realm: str) -> "Hand":
        """The same person in another realm."""
        return Hand(self.admin, realm)

    def path(self, *segments: str) -> str:
        """A path in the realm, of segments that need not be encoded."""
        return "/".join(quote(part, safe="") for part in (self.realm, *segments))

    def get(self, path: str) -> Any:
        """What is there; None where nothing is."""
        answer = self.admin.get(path, check=False)
        return None if answer.status_code == 404 else answer.raise_for_status().json()

    def find(self, path: str, **by: str) -> Json | None:
        """The object of a list that has these values."""
        found = (item for item in self.get(path) or () if by.items() <= item.items())
        return next(found, None)

    def client(self, client_id: str, *segments: str) -> str | None:
        """A path in a client; None where there is no such client."""
        there = self.find(self.path("clients"), clientId=client_id)
        return self.path("clients", there["id"], *segments) if there else None

    def role(self, name: str, client_id: str | None = None) -> Json:
        """A role as mappings take it."""
        at = self.client(client_id, "roles", name) if client_id else self.path("roles", name)
        found = self.get(str(at))
        return {"id": found["id"], "name": found["name"]}


def _segment(name: str) -> str:
    return name.replace("%", "%25").replace("/", "%2F").replace("*", "%2A")


def _edit(hand: Hand, at: str, changes: Json) -> None:
    """Change fields as the console does: read the object, and write it whole."""
    hand.admin.put(at, json=overlaid(hand.get(at), changes))


def _look(hand: Hand, at: str) -> Any:
    return hand.get(at)


def _nobody_points(_: Hand, __: str) -> None:
    """Nothing refers to the object."""


def _nothing(_: Hand) -> None:
    """Nobody has anything in the realm that the object needs."""


@frozen
class Sample:
    """One object of a type.

    Attributes:
        address: Its address in the realm, with `NAME` for its name.
        declare: What a realm file says of an object with this name and these fields.
        where: The path of the object with this name in the Admin API; None where there is none.
        full: Fields of an object, each kind of field at least once.
        changed: Other values for these fields, as `overlaid` takes them.
        minimal: Fields that no such object can do without.
        holder: The address of what the object comes, goes and is renamed with, if Keycloak makes
            it by itself along with that.
        along: Addresses of what may change along with the object.
        unique: Fields whose values no two objects may share.
        is_realm: Whether the object is a realm of its own, called `REALM-NAME`.
        around: What else the realm's file has: what the object refers to.
        furnish: Puts into the realm what the object refers to and kcplan does not manage.
        look: What Keycloak has of the object, given its path. Fields that are declared and stand
            there under their own names are compared with the files.
        edit: Changes fields by hand, given the object's path and an overlay.
        point: Has others point to the object at a path, or have something in it, if they do not
            yet: a deletion takes that along, and is undone with it.
        name: The name of the object.
        odd_name: A name as awkward as Keycloak takes it.
        secret: A field (as an overlay) for which SECRET is a value.
        secrets: Values that the fields have from the start and nobody may see.
        references: Overlays with a name that nothing has, and the address that they name.
        cannot: What the type cannot do: a check of the kit, or `check field`, and the reason.
    """

    type: str
    address: str
    declare: Callable[[str, Json], Json]
    where: Callable[[Hand, str], str | None]
    full: Json
    changed: Json
    minimal: Json = Factory(dict)
    holder: str = ""
    along: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    is_realm: bool = False
    around: Json = Factory(dict)
    furnish: Callable[[Hand], None] = _nothing
    look: Callable[[Hand, str], Any] = _look
    edit: Callable[[Hand, str, Json], None] = _edit
    point: Callable[[Hand, str], None] = _nobody_points
    name: str = "plain"
    odd_name: str = "a/b %é 5%2F"
    secret: Json = Factory(dict)
    secrets: Mapping[str, str] = Factory(dict)
    references: tuple[tuple[Json, str], ...] = ()
    cannot: Mapping[str, str] = field(factory=dict)

    def local(self, name: str) -> str:
        """The address of the object with this name, without the realm."""
        return self.address.replace("NAME", _segment(name))

    def subject(self, name: str) -> str:
        """The address of what is created, renamed and deleted: the object, or what holds it."""
        return (self.holder or self.address).replace("NAME", _segment(name))

    def can(self, check: str) -> bool:
        """Whether a check of the kit applies to the whole of it."""
        return check not in self.cannot

    def changes(self, check: str) -> Json:
        """The changed fields, but for those for which a check does not apply."""
        exempt = {key.removeprefix(f"{check} ") for key in self.cannot if key.startswith(check)}
        return {key: value for key, value in self.changed.items() if key not in exempt}

    def companions(self, name: str) -> set[str]:
        """The addresses of what may change along with the object of this name."""
        return {address.replace("NAME", _segment(name)) for address in self.along}

    @property
    def another(self) -> Json:
        """The fields of one more object beside the full one."""
        return {key: value for key, value in self.full.items() if key not in self.unique}

    def declared(self, changes: Json) -> Json:
        """Those of the changes that are of fields of `full`: what was added is somebody else's."""
        return within(changes, self.full)

    @property
    def other_name(self) -> str:
        """A name for a renamed object."""
        return self.odd_name if self.can("odd name") else "renamed"
