"""Types whose objects lie in each other, to any depth: groups.

Each wanted object is asked for by itself: by its id where the state knows it, else by its name in
what it lies in. So others than the wanted ones cost nothing, however many there are. Only where
all that is there matters the tree is walked, list by list.

A deletion takes along all that lies in the object, so its image has all of that.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from attrs import evolve

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.plan import Operation
from kcplan.provider import Image, UnknownOutcomeError
from kcplan.resource import PLACE
from kcplan.schema import Leaves
from kcplan.snapshot import Inhabitants, LiveObject
from kcplan_keycloak.api import AdminApi, Get
from kcplan_keycloak.bodies import Body
from kcplan_keycloak.cascade import pointers_to, rename_in_policies
from kcplan_keycloak.errors import ConflictError
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Holders, Reading, Writing, read_current
from kcplan_keycloak.rest import RestType

Bodies = dict[Address, Body]


@frozen(kw_only=True)
class TreeType(RestType):
    """A type of resource whose objects lie in each other.

    Attributes:
        inner_count: The field of an object with the number of those that lie in it directly; empty
            where `all_in` needs none.
        policies: The kind of authorization policies that name such objects by their ids; empty
            where none does.
    """

    inner_count: str = ""
    policies: str = ""

    # -- places: what a type overrides whose objects lie in something else than the realm ------

    def _list_of(self, names: Names, holder: Address, holder_id: str | None) -> str:  # noqa: ARG002
        """The path of what lies directly in the realm, or in an object."""
        return self.at.below(holder, holder_id)

    def _object_at(self, names: Names, address: Address, object_id: str | None) -> str:  # noqa: ARG002
        """The path of an object."""
        return self.at.at("", address, object_id)

    def _parent(self, body: Mapping[str, Any]) -> str | None:
        """The id of the object that one lies in; None for one at the top."""
        return body.get(self.at.parent_key)

    # -- reading -----------------------------------------------------------------------------

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The wanted objects, and others where those are looked for."""
        bodies = self._all(reading) if reading.everything else self._some(reading)
        return [self._live(reading, address, "", body) for address, body in bodies.items()]

    def foreseen(self, reading: Reading) -> Iterable[Get]:
        """The objects whose ids are known."""
        if not reading.everything:
            for address in reading.wanted:
                if (known := reading.names.known(address)) is not None:
                    yield Get(self.at.at("", address, known))

    def _all(self, reading: Reading) -> Bodies:
        """The whole tree."""
        return self.all_in(reading.names, Address.of(reading.realm))

    def all_in(self, names: Names, holder: Address, holder_id: str | None = None) -> Bodies:
        """All that lies in the realm, or in an object, however deep. Raises ServerError."""
        found: Bodies = {}
        level = self._beneath(names, {holder: holder_id})
        while level:
            found |= level
            holders = {a: b[self.at.id_key] for a, b in level.items() if self._inner(b)}
            level = self._beneath(names, holders)
        return found

    def _beneath(self, names: Names, holders: Mapping[Address, str | None]) -> Bodies:
        """What lies directly in these: in the realm, or in objects with these ids."""
        lists = names.api.map(
            lambda holder: self.at.read_all(names.api, self._list_of(names, *holder)),
            holders.items(),
        )
        bodies = {
            self.at.address(self.spec, holder, body): body
            for holder, found in zip(holders, lists, strict=True)
            for body in found
        }
        for address, body in bodies.items():
            names.learn(address, body[self.at.id_key])
        return bodies

    def _inner(self, body: Body) -> int:
        """How many objects lie directly in one."""
        return int(body.get(self.inner_count) or 0)

    def _some(self, reading: Reading) -> Bodies:
        """The wanted objects; with `beneath` and `unmanaged` also what lies beside and in them."""
        by_id = self._by_id(reading)
        found: Bodies = {}
        for _, level in groupby(sorted(reading.wanted, key=len), key=len):
            found |= self._level(reading, level, by_id, found)
        return found | self._news(reading, found)

    def _level(
        self, reading: Reading, level: Iterable[Address], by_id: Bodies, found: Bodies
    ) -> Bodies:
        """The objects of these addresses, whose holders were looked for already."""
        asked = [a for a in level if self._holder_id(a, found) is not None]
        bodies = reading.api.map(
            lambda address: self._one(reading.api, address, by_id.get(address), found), asked
        )
        there = {a: body for a, body in zip(asked, bodies, strict=True) if body is not None}
        for address, body in there.items():
            reading.names.learn(address, body[self.at.id_key])
        return there

    def _by_id(self, reading: Reading) -> Bodies:
        """What there is under the ids that the state knows, wherever it lies now."""
        gets = {a: self.at.at("", a, i) for a in reading.wanted if (i := reading.names.known(a))}
        bodies = reading.api.map(reading.api.get, gets.values())
        return {a: body for a, body in zip(gets, bodies, strict=True) if body is not None}

    def _holder_id(self, address: Address, found: Bodies) -> str | None:
        """The id of what an object lies in, empty for the realm; None where that is missing."""
        holder = self.at.holder_of(address)
        if holder.is_realm:
            return ""
        return found[holder][self.at.id_key] if holder in found else None

    def _one(
        self, api: AdminApi, address: Address, known: Body | None, found: Bodies
    ) -> Body | None:
        """The object of an address: the one with the known id, if it is still there."""
        holder_id = self._holder_id(address, found) or None
        if known is not None and self._is_at(known, address.name, holder_id):
            return known
        at = self.at.below(self.at.holder_of(address), holder_id)
        return next(iter(self.at.ask(api, at, address.name)), None)

    def _is_at(self, body: Body, name: str, holder_id: str | None) -> bool:
        return body[self.at.name_key] == name and self._parent(body) == holder_id

    def _news(self, reading: Reading, found: Bodies) -> Bodies:
        """What nobody asked for: in the realm itself, and in the objects that were found.

        What lies in such an object is not told: it is as new as that.
        """
        holders: dict[Address, str | None] = {}
        if reading.unmanaged:
            holders[Address.of(reading.realm)] = None
        if reading.beneath:
            known = [self.at.holder_of(address) for address in found]
            holders |= {
                address: body[self.at.id_key]
                for address, body in found.items()
                if self._inner(body) > known.count(address)
            }
        news = self._beneath(reading.names, holders)
        return {address: body for address, body in news.items() if address not in found}

    def inhabitants(self, names: Names, live: LiveObject) -> Inhabitants:
        """All that lies in an object."""
        return Inhabitants(named={self.spec.name: tuple(self.all_in(names, live.address, live.id))})

    def users(
        self,
        names: Names,
        live: LiveObject,
        found: Mapping[Address, LiveObject],  # noqa: ARG002
    ) -> Holders:
        """The requests for the users who have the object, or one that lies in it."""
        if self.given is None:
            return Holders()
        inner = self.all_in(names, live.address, live.id).items()
        going = (live, *(LiveObject(a, live.type, str(b[self.at.id_key])) for a, b in inner))
        top = self._list_of(names, self.at.outermost(live.address), None)
        return Holders(tuple(self.given(item, top) for item in going))

    # -- moving ------------------------------------------------------------------------------

    def update(self, writing: Writing) -> str | None:
        """Put the object to where it is to be, then write its other fields."""
        step = writing.step
        if PLACE not in step.after:
            return super().update(writing)
        object_id = writing.object_id()
        self._move(writing, object_id, Address.parse(str(step.after[PLACE])))
        rest = evolve(
            step,
            object_id=object_id,
            before={p: v for p, v in step.before.items() if p != PLACE},
            after={p: v for p, v in step.after.items() if p != PLACE},
        )
        super().update(evolve(writing, step=rest))
        was, now = (self._place_in(writing, leaves) for leaves in (step.before, step.after))
        for address in (was, step.address, step.address.parent.child(now.name)):
            writing.names.forget(address)
        writing.names.learn(now, object_id)
        return object_id

    def _place_in(self, writing: Writing, leaves: Leaves) -> Address:
        """Where the object lies, and its name, before or after a step that moves it."""
        named = leaves.get(self.spec.key, None) if self.spec.key is not None else None
        return Address.parse(str(leaves[PLACE])).child(str(named or writing.address.name))

    def _move(self, writing: Writing, object_id: str, place: Address) -> None:
        """Put an object into another one, or to the top."""
        holder = self.at.holder_of(place.child(writing.address.name))
        is_top = holder == self.at.outermost(holder)
        holder_id = None if is_top else writing.id_of(holder)
        item = self._object_at(writing.names, writing.address, object_id)
        name, to = self._new_name(writing), self._list_of(writing.names, holder, holder_id)
        there = read_current(writing, item)
        if self._parent(there) == holder_id:
            return
        try:
            self._post_to(writing, to, there)
        except (ConflictError, UnknownOutcomeError):
            now = read_current(writing, item)
            if self._parent(now) == holder_id:
                return
            if name == now[self.at.name_key]:
                raise
            # Somebody there has its old name.
            writing.api.put(item, {**now, self.at.name_key: name})
            self._post_to(writing, to, {**now, "name": name})

    def _post_to(self, writing: Writing, collection: str, body: Body) -> None:
        keys = (self.at.id_key, self.at.name_key)
        writing.api.post(collection, {key: body[key] for key in keys}, repeatable=True)

    # -- taking back a deletion --------------------------------------------------------------

    def capture(self, writing: Writing) -> Image | None:
        """The object with all that lies in it."""
        if writing.step.operation is not Operation.DELETE:
            return super().capture(writing)
        address, at = writing.address, self._item(writing, writing.object_id())
        bodies: Bodies = {address: read_current(writing, at)}
        bodies |= self.all_in(writing.names, address, writing.object_id())
        images = self.images(writing, bodies)
        return {**images.pop(str(address)), "inner": images}

    def images(self, writing: Writing, bodies: Bodies) -> dict[str, Image]:
        """What brings back each of these objects, by its address. Raises ServerError."""
        lost = list(bodies.values())
        pointers = pointers_to(writing.api, writing.address.realm, self.spec.name, lost)
        return {
            str(a): self._image_of(self._of(writing, a, body[self.at.id_key]), body, pointers)
            for a, body in bodies.items()
        }

    def _image_of(
        self, writing: Writing, body: Body, pointers: Mapping[str, list[str]]
    ) -> dict[str, Any]:
        object_id = writing.object_id()
        at = self._object_at(writing.names, writing.address, object_id)
        return dict(self.image(writing, at, body, pointers[object_id]))

    def restore(self, writing: Writing, image: Image) -> Mapping[Address, str]:
        """Bring back the object, then all that lay in it."""
        return self.restore_all(writing, {str(writing.address): image, **image.get("inner", {})})

    def restore_all(self, writing: Writing, images: Mapping[str, Image]) -> Mapping[Address, str]:
        """Bring back objects, from the outside in; gives the ids that are new.

        Args:
            writing: The step that took them away.
            images: What brings back each, by its address.

        Raises:
            ServerError: One of them could not be brought back.
        """
        new: dict[Address, str] = {}
        old: dict[Address, str] = {}
        for text, image in images.items():
            address = Address.parse(text)
            old[address] = str(image["body"][self.at.id_key])
            new |= super().restore(self._of(writing, address, old[address]), image)
        ids = {old[address]: now for address, now in new.items()}
        if self.policies:
            rename_in_policies(writing.api, writing.address.realm, self.policies, ids)
        return new

    def _of(self, writing: Writing, address: Address, object_id: str) -> Writing:
        """The same for an object that goes or comes along with that of the step."""
        step = evolve(writing.step, type=self.spec.name, address=address, object_id=object_id)
        return evolve(writing, step=step)

    def _make(self, writing: Writing, body: Body) -> str | None:
        """Have the object made, under an id of Keycloak's own: with one it would be moved."""
        known = {self.at.name_key, *self.spec.schema.fields}
        return super()._make(writing, {key: body[key] for key in known & body.keys()})
