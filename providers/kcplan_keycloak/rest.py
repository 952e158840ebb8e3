"""A resource type that is data: where its objects are, and what is special about them.

    Collection   paths, listing, how one object is asked for by its name
    parts        fields with end points of their own
    puts         what a PUT does with what it does not name
    two hooks    `from_server` and `to_server`, for Keycloak's oddities

From these follow finding, reading (in pages, and ahead), creating, updating, deleting, and taking
back a deletion: the object as it was, its parts, and all that pointed to it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from attrs import evolve, field

from kcplan import refs
from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.errors import LostError, ServerError
from kcplan.path_patterns import path_matches
from kcplan.plan import Operation
from kcplan.provider import Image
from kcplan.resource import TypeSpec
from kcplan.schema import Leaves, flatten, shared_texts
from kcplan.secret import MASK, conceal
from kcplan.snapshot import LiveObject, PassedOver
from kcplan_keycloak.api import Get, path
from kcplan_keycloak.bodies import Absent, Body, written
from kcplan_keycloak.cascade import point_again, pointers_to
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.errors import ConflictError, TwinsError
from kcplan_keycloak.masks import masked, without_masks
from kcplan_keycloak.named_ids import by_id, by_name, goes_by_id
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import FEW, Holders, Part, Reading, Writing, read_current
from kcplan_keycloak.sight import Sight

FromServer = Callable[[Names, Address, Mapping[str, Any]], Mapping[str, Any]]
ToServer = Callable[[Writing, Body], Body]
Given = Callable[[LiveObject, str], Get]

Found = tuple[Address, str, Body]
"""An object of a list: its address, the path of the list, and what the list says of it."""


@frozen(kw_only=True)
class RestType:
    """A type of resource in a collection of the Admin API.

    Attributes:
        spec: What the planner must know.
        at: Where its objects are.
        parts: Fields that have end points of their own.
        puts: What a PUT does with a field that is to be absent.
        whole: Whether a PUT carries all that is there; else only what changes.
        absent: What a representation leaves out where it has this value.
        from_server: Makes what Keycloak gives to what an export has.
        to_server: Makes what an export has to what Keycloak takes.
        unkept: Which fields a creation does not keep and an update does, of a new object with this
            address and these fields.
        holds: Whether an object of the type that these lie in has such objects at all.
        locks: Whether an object with this representation is one that nobody may change.
        given: The request for the users who have an object, where users have it; it takes the
            object, and the path of the collection that it is in.
        unsettles: Operations during which nothing else may be written.
        carried: A path below an object to what goes with it, and that no type of kcplan manages.
        sight: Whether the account sees all such objects, where Keycloak leaves others out.
    """

    spec: TypeSpec
    at: Collection
    parts: tuple[Part, ...] = ()
    puts: Absent = Absent.LEFT_OUT
    whole: bool = True
    absent: Mapping[str, Any] = field(factory=dict)
    from_server: FromServer = lambda _, __, body: body
    to_server: ToServer = lambda _, body: body
    unkept: Callable[[Address, Leaves], Leaves] = lambda _, __: {}
    holds: Callable[[LiveObject], bool] = lambda _: True
    locks: Callable[[Address, Mapping[str, Any]], bool] = lambda _, __: False
    given: Given | None = None
    unsettles: tuple[Operation, ...] = ()
    carried: str = ""
    sight: Sight | None = None
    _fields_by_id: frozenset[str] = field(init=False, eq=False, repr=False)

    @_fields_by_id.default
    def _that_go_by_id(self) -> frozenset[str]:
        fields = self.spec.schema.fields.items()
        return frozenset(name for name, shape in fields if goes_by_id(shape))

    # -- finding -----------------------------------------------------------------------------

    def path_of(self, address: Address, object_id: str | None) -> str:
        """The path of an object that lies in the realm itself."""
        return self.at.at(self.at.below(Address.of(address.realm), None), address, object_id)

    def find(self, names: Names, address: Address) -> None:
        """Have `names` learn the id of an object, if it is there."""
        self.at.find(self.spec, names, address)

    # -- reading -----------------------------------------------------------------------------

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The wanted objects, and others where those are looked for."""
        batches = reading.api.map(lambda place: self._list(reading, *place), self._places(reading))
        bodies = [item for batch in batches for item in batch]
        for address, _, body in bodies:
            reading.names.learn(address, body[self.at.id_key])
            self.at.tell(reading.names, address, body)
        news = self._is_news(reading)
        chosen = [item for item in bodies if item[0] in reading.wanted or news]
        asking = [item for item in chosen if self._asks(reading, item[0], item[2])]
        asked = reading.api.map(lambda item: self._live(reading, *item), asking)
        answered = {live.address: live for live in asked}
        return [answered.get(item[0]) or self._live(reading, *item) for item in chosen]

    def _asks(self, reading: Reading, address: Address, body: Body) -> bool:
        """Whether an object takes requests of its own, beside the list that it is in."""
        return any(part.asks(reading, address, body) for part in self.parts)

    def foreseen(self, reading: Reading) -> Iterable[Get]:
        """The lists, as far as it is known what they lie in."""
        for holder in self._wanted_holders(reading):
            holder_id = reading.names.known(holder)
            if self.at.holder is None or holder_id is not None:
                yield from self._gets(reading, holder, self.at.below(holder, holder_id))

    def _is_news(self, reading: Reading) -> bool:
        if self.at.are_data and not reading.data:
            return False
        return reading.unmanaged if self.at.holder is None else reading.beneath

    def _wanted_holders(self, reading: Reading) -> list[Address]:
        return sorted({self.at.holder_of(address) for address in reading.wanted})

    def _places(self, reading: Reading) -> list[tuple[Address, str]]:
        """What the wanted objects lie in, with the path of the collection in it."""
        if self.at.holder is None:
            realm = Address.of(reading.realm)
            wanted = bool(reading.wanted) or self._is_news(reading)
            return [(realm, self.at.below(realm, None))] if wanted else []
        found = {a: live for a, live in reading.found.items() if live.type == self.at.holder}
        chosen = {a: found[a] for a in self._wanted_holders(reading) if a in found}
        if self._is_news(reading):
            chosen |= {a: live for a, live in found.items() if self.holds(live)}
        return [(a, self.at.below(a, live.id)) for a, live in sorted(chosen.items())]

    def _gets(self, reading: Reading, holder: Address, collection: str) -> list[Get]:
        """The requests for what is wanted of a collection: one by one where they are few."""
        if self._is_few(reading):
            gets = [self.at.one(collection, address.name) for address in reading.wanted]
        else:
            gets = self.at.lists(collection, reading.numbers[holder])
        return self._followed(reading, holder, collection, gets)

    def _followed(
        self, reading: Reading, holder: Address, collection: str, gets: Iterable[Get]
    ) -> list[Get]:
        """Requests for objects, followed by those for what these have elsewhere."""

        def then(content: Any) -> Iterable[Get]:
            needed = {self.at.id_key, self.at.name_key}
            listed = content if isinstance(content, list) else [content]
            bodies = [body for body in listed if needed <= body.keys()]
            for address, body in self.at.addressed(self.spec, holder, bodies):
                if address in reading.wanted:
                    yield from self._asked(reading, address, collection, body)

        return [evolve(get, then=then) for get in gets] if self._may_ask() else list(gets)

    def _may_ask(self) -> bool:
        """Whether objects of the type may take requests of their own, beside the list."""
        return bool(self.parts)

    def _asked(
        self, reading: Reading, address: Address, collection: str, body: Body
    ) -> Iterable[Get]:
        """The requests that an object takes, beside the list that it is in."""
        at = self.at.at(collection, address, body[self.at.id_key])
        return (get for part in self.parts for get in part.gets(reading, address, at, body))

    def _is_few(self, reading: Reading) -> bool:
        if self.at.are_data:
            return not reading.data
        few = self.at.single is not None and len(reading.wanted) <= FEW
        return few and self.at.holder is None and self.at.paged and not self._is_news(reading)

    def _list(self, reading: Reading, holder: Address, collection: str) -> list[Found]:
        if self._is_few(reading):
            answers = reading.api.map(
                lambda address: self.at.ask(reading.api, collection, address.name), reading.wanted
            )
            bodies = [body for answer in answers for body in answer]
        else:
            bodies = self.at.read_all(reading.api, collection, reading.numbers[holder])
        # Of a list that somebody adds to meanwhile, one object may be on two pages.
        found = {
            body[self.at.id_key]: (address, collection, body)
            for address, body in self.at.addressed(self.spec, holder, bodies)
        }
        return self._told_apart(reading, list(found.values()))

    def _told_apart(self, reading: Reading, found: list[Found]) -> list[Found]:
        """What has a name of its own, and lies in nothing that has none.

        Where all of a realm is read the others are passed over; else they are refused where one of
        them is wanted.
        """
        numbers = Counter(address for address, _, _ in found)
        twins = [address for address, number in numbers.items() if number > 1]
        for address in twins:
            if address in reading.wanted:
                raise TwinsError(
                    f"{address} stands for several objects in Keycloak",
                    "They have the same name, and nothing else tells them apart. Give all but "
                    "one of them another name in Keycloak's console, or remove them.",
                )
        if not reading.everything:
            return found
        passed = reading.passed_over
        in_none = [item for item in found if passed.keys().isdisjoint(item[0].ancestors())]
        passed |= dict.fromkeys((a for a, _, _ in in_none if numbers[a] > 1), PassedOver.TWIN)
        return [item for item in in_none if item[0] not in passed]

    def _live(self, reading: Reading, address: Address, collection: str, body: Body) -> LiveObject:
        object_id = shared_texts(body[self.at.id_key])
        at = self.at.at(collection, address, object_id)
        document = {**self.absent, **self._document(reading.names, address, body)}
        for part in self.parts:
            document |= part.read(reading, address, at, body)
        locked = self.locks(address, body)
        return LiveObject(address, self.spec.name, object_id, self._leaves(document), locked)

    def _document(self, names: Names, address: Address, body: Mapping[str, Any]) -> Body:
        """The fields that are configuration, names in the place of ids."""
        found, fields = self.from_server(names, address, body), self.spec.schema.fields
        document = {key: found[key] for key in fields if key in found}
        for key in self._fields_by_id & document.keys():
            document[key] = by_name(names, address, fields[key], document[key])
        return document

    def _leaves(self, document: Mapping[str, Any]) -> Leaves:
        def is_secret(where: tuple[str, ...], value: object) -> bool:
            if isinstance(value, list):
                return MASK in value or path_matches(where, self.spec.sensitive)
            return isinstance(value, str) and (
                value == MASK or path_matches(where, self.spec.sensitive)
            )

        leaves = flatten(self.spec.schema, document)
        return {w: conceal(v) if is_secret(w, v) else v for w, v in leaves.items()}

    # -- writing -----------------------------------------------------------------------------

    def create(self, writing: Writing) -> str | None:
        """Create the object under the id that the plan chose, where Keycloak takes one."""
        after = writing.step.after
        own = self._own(after)
        made = self._post(writing, self._body(writing))
        if unkept := self.unkept(writing.address, own):
            self.update(_updating(writing, made, unkept))
        rest = {p: v for p, v in after.items() if self._has_part(p) and not self._is_posted(p)}
        if rest:
            if made is not None:
                writing.names.learn(writing.address, made)
            self._write_parts(writing.with_fields(rest), self._item(writing, made))
        return made

    def _own(self, after: Leaves) -> Leaves:
        """The fields that are posted with a new object."""
        return {p: v for p, v in after.items() if not self._has_part(p) or self._is_posted(p)}

    def _body(self, writing: Writing) -> Body:
        """What is posted of a new object."""
        own = self._own(writing.step.after)
        body = self._sent(writing, written(self.spec.schema, {}, own, Absent.LEFT_OUT))
        for part in self.parts:
            body |= part.posted({name: body[name] for name in part.fields if name in body})
        return body

    def _post(self, writing: Writing, body: Body) -> str | None:
        chosen = writing.step.object_id if self.spec.chooses_id else None
        if chosen is not None:
            body = {**body, self.at.id_key: chosen}
        made = self._make(writing, body)
        if chosen is None:
            # Where the answer has no id, a new look finds it.
            writing.names.forget(writing.address)
            return made if self.at.located else None
        return chosen

    def _make(self, writing: Writing, body: Body) -> str | None:
        """Have the object made; one that is registered first is written then.

        Gives what the answer has of it, which is its id where the collection says so.
        """
        if not self.at.unique:
            self._refuse_second(writing)
        if not self.at.registry:
            return writing.api.post(self._collection(writing), body)
        provider = body.get("providerId", writing.address.name)
        at = f"{path('realms', writing.address.realm)}/{self.at.registry}"
        writing.api.post(at, {"providerId": provider, "name": body.get("name", provider)})
        made = f"{self._collection(writing)}/{path(provider)}"
        try:
            writing.api.put(made, {**(writing.api.get(made) or {}), **body})
        except ServerError:
            # A creation that is refused leaves nothing behind, as with a single request.
            with suppress(ServerError):
                writing.api.delete(made)
            raise
        return None

    def _refuse_second(self, writing: Writing) -> None:
        """Refuse to make a second object of the same name where Keycloak does not."""
        bodies = self.at.read_all(writing.api, self._collection(writing))
        holder = self.at.holder_of(writing.address)
        if any(a == writing.address for a, _ in self.at.addressed(self.spec, holder, bodies)):
            raise ConflictError(
                f"{writing.address} is there already",
                "It was made since the plan was. Run plan again.",
            )

    def update(self, writing: Writing) -> str | None:
        """Write the changed fields: the object's own, then those with end points of their own."""
        own = {p: v for p, v in writing.step.after.items() if not self._has_part(p)}
        object_id = writing.object_id()
        at = self._item(writing, object_id)
        if own:
            self._put(writing, self._old_item(writing, object_id), own)
        self._write_parts(writing, at)
        if self.spec.key in own:
            writing.names.forget(_old_address(writing, self.spec.key))
            renamed = (*writing.address.segments[:-1], self._new_name(writing))
            writing.names.learn(Address(renamed), object_id)
        return object_id

    def _new_name(self, writing: Writing) -> str:
        """What the object is called after the step; undoing a renaming, it is the old name."""
        name = writing.step.after.get(self.spec.key) if self.spec.key is not None else None
        return str(name or writing.address.name)

    def _old_item(self, writing: Writing, object_id: str) -> str:
        """The path of the object under the name that it has before the step."""
        return self._at(writing, _old_address(writing, self.spec.key), object_id)

    def _put(self, writing: Writing, at: str, own: Leaves) -> None:
        changed = {p: v for p, v in own.items() if p != self.spec.key}
        body = written(self.spec.schema, self._carried_along(writing, at), changed, self.puts)
        writing.api.put(at, self._sent(writing, body))

    def _carried_along(self, writing: Writing, at: str) -> Mapping[str, Any]:
        """What a PUT must carry of what is there, by name as in a document."""
        if not self.whole:
            return {}
        body = read_current(writing, at)
        known = {**body, **self._document(writing.names, writing.address, body)}
        return {key: value for key, value in known.items() if not self._has_part((key,))}

    def _sent(self, writing: Writing, body: Body) -> Body:
        sent = dict(body)
        for key in self._fields_by_id & body.keys():
            shape = self.spec.schema.fields[key]
            sent[key] = by_id(writing.names, writing.address, shape, sent[key])
        return self.to_server(writing, {**sent, self.at.name_key: self._new_name(writing)})

    def delete(self, writing: Writing) -> None:
        """Delete the object, and with it all that lies in it."""
        writing.api.delete(self._item(writing, writing.object_id()))
        writing.names.forget(writing.address)

    def _has_part(self, where: tuple[str, ...]) -> bool:
        return any(where[0] in part.fields for part in self.parts)

    def _is_posted(self, where: tuple[str, ...]) -> bool:
        return any(where[0] in part.fields and part.is_posted for part in self.parts)

    def _write_parts(self, writing: Writing, at: str) -> None:
        for part in self.parts:
            if any(where[0] in part.fields for where in writing.step.after):
                part.write(writing, at)

    def _collection(self, writing: Writing) -> str:
        holder = self.at.holder_of(writing.address)
        holder_id = None if holder.is_realm else writing.id_of(holder)
        return self.at.below(holder, holder_id)

    def _item(self, writing: Writing, object_id: str | None) -> str:
        return self._at(writing, writing.address, object_id)

    def _at(self, writing: Writing, address: Address, object_id: str | None) -> str:
        """The path of an object. What it lies in is looked up only where that is in the path."""
        collection = self._collection(writing) if self.at.is_in_item else ""
        return self.at.at(collection, address, object_id)

    # -- taking back a deletion --------------------------------------------------------------

    def users(
        self,
        names: Names,  # noqa: ARG002
        live: LiveObject,
        found: Mapping[Address, LiveObject],
    ) -> Holders:
        """The request for the users who have the object."""
        if self.given is None:
            return Holders()
        holder = self.at.holder_of(live.address)
        holder_id = None if holder.is_realm else found[holder].id
        return Holders((self.given(live, self.at.below(holder, holder_id)),))

    def capture(self, writing: Writing) -> Image | None:
        """The object as Keycloak gives it, its parts, what it carries, and where it is named."""
        at = self._item(writing, writing.object_id())
        return self.image(writing, at, read_current(writing, at))

    def image(
        self, writing: Writing, at: str, body: Body, pointers: list[str] | None = None
    ) -> Image:
        """What brings back an object of which this is the representation."""
        realm = writing.address.realm
        if pointers is None and writing.step.operation is Operation.DELETE:
            pointers = pointers_to(writing.api, realm, self.spec.name, [_with_id(self.at, body)])[
                body[self.at.id_key]
            ]
        reading = Reading(writing.api, writing.names, realm, {}, everything=True)
        parts: Body = {}
        for part in self.parts:
            parts |= part.read(reading, writing.address, at, body)
        carried = writing.api.get(f"{at}/{self.carried}") if self.carried else None
        return {"body": body, "parts": parts, "pointers": pointers or [], "carried": carried or []}

    def restore(self, writing: Writing, image: Image) -> Mapping[Address, str]:
        """Bring back all but the secrets of a deleted object, and say that those are missing.

        Raises:
            LostError: It is back, without its secrets.
        """
        body, address = image["body"], writing.address
        old = str(body[self.at.id_key])
        at = self._item(writing, old)
        if writing.step.operation is Operation.UPDATE:
            writing.api.put(at, body)
            return {}
        existing = self._existing(writing, body)
        made = existing is None
        if existing is None:
            new_id = self._make(writing, without_masks(body))
            existing = self._made(writing, body, new_id)
        now = str(existing[self.at.id_key])
        writing.names.learn(address, now)
        at = self._item(writing, now)
        self._carry_back(writing, at, image, made=made)
        self._restore_parts(writing, at, image)
        point_again(writing.api, image["pointers"], _with_id(self.at, existing), old)
        if missing := sorted(where[-1] for where in masked(body)):
            raise LostError(
                f"{address} is back without its secret ({', '.join(missing)})",
                "Keycloak does not give such secrets back, so kcplan could not keep them. Set "
                "them again.",
            )
        return {} if now == old else {address: now}

    def _existing(self, writing: Writing, body: Body) -> Body | None:
        """What is there under the old id, or under the name where ids cannot be chosen."""
        if self.spec.chooses_id:
            found: Body | None = writing.api.get(self._item(writing, body[self.at.id_key]))
            return found
        named = self.at.ask(writing.api, self._collection(writing), writing.address.name)
        return next((item for item in named), None)

    def _made(self, writing: Writing, body: Body, new_id: str | None) -> Body:  # noqa: ARG002
        """What has just come back; `new_id` is what the answer has of it."""
        return self._existing(writing, body) or body

    def _restore_parts(self, writing: Writing, at: str, image: Image) -> None:
        leaves = flatten(self.spec.schema, image["parts"])
        kept = {p: v for p, v in leaves.items() if p[0] in image["parts"] and v not in ([], {})}
        if kept:
            self._write_parts(_with_what_is_there(writing, kept), at)

    def _carry_back(
        self,
        writing: Writing,
        at: str,
        image: Image,
        *,
        made: bool,  # noqa: ARG002
    ) -> None:
        """Bring back what went with the object, which was made again or was still there."""
        if not image["carried"]:
            return
        present = {item["name"] for item in writing.api.get(f"{at}/{self.carried}") or ()}
        for item in image["carried"]:
            if item["name"] not in present:
                writing.api.post(f"{at}/{self.carried}", item)


def _updating(writing: Writing, made: str | None, after: Leaves) -> Writing:
    """The step that writes these fields of the object that a step has just created."""
    update = evolve(
        writing.step, operation=Operation.UPDATE, object_id=made, before={}, after=after
    )
    return evolve(writing, step=update)


def _old_address(writing: Writing, key: tuple[str, ...] | None) -> Address:
    name = writing.step.before.get(key, writing.address.name) if key is not None else None
    return Address((*writing.address.segments[:-1], str(name or writing.address.name)))


def _with_id(at: Collection, body: Mapping[str, Any]) -> Body:
    """A representation with its id and name under those keys."""
    return {**body, "id": body[at.id_key], "name": body[at.name_key]}


def _with_what_is_there(writing: Writing, kept: Leaves) -> Writing:
    """A step that writes these fields, without the names of what is not there (yet)."""
    from kcplan_keycloak.resources import registry

    spec = registry()[writing.step.type]

    def existing(where: tuple[str, ...], value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [
            text
            for text in value
            if all(
                writing.names.find(reference.target) is not None
                for reference in refs.named(registry(), spec, writing.address, where, text)
            )
        ]

    return writing.with_fields({where: existing(where, value) for where, value in kept.items()})
