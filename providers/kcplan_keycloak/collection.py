"""Where the objects of a type are in the Admin API: their paths, and how they are listed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import field

from kcplan import grammar
from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.resource import TypeSpec
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.gets import PAGE_SIZE, Get, first_pages
from kcplan_keycloak.names import Names

Naming = Callable[[Mapping[str, Any], Mapping[str, Mapping[str, Any]]], tuple[str, ...] | None]
"""Gives the names of an object of a list, in what the list lies in, or None where the object is of
another type. It takes the object, and the whole list by id."""
_NAME_AND_WORD: Final = 2
"""So many segments an address has for each level: the collection's word, and a name."""

FEW_MISSES: Final = 5
"""So many objects of a paged collection are asked for one by one; then all of them are read."""


@frozen(kw_only=True)
class Collection:
    """A collection of the Admin API, whose objects are addressed by name in files.

    Attributes:
        path: Its path below the realm, or below the object that its objects lie in.
        holder: The word for the type of that object.
        item: The path of one object: `{path}` the collection's, `{id}` its id, `{name}` its name.
        single: How one object is asked for by name: a path as in `item`, and a query if there is
            one (`{path}?clientId={name}`), with all that makes the object whole; None where only
            the whole list helps.
        query: What the list is asked with, so that its objects are whole.
        paged: Whether the list comes in pages.
        page: How many objects a page has.
        are_data: Whether most of the list is no configuration: it is read only where somebody wants
            just that, and objects are asked for one by one.
        registry: The path below the realm at which a new object is registered first, by its name
            and the id of what provides it, before it is written with a PUT; empty for a POST.
        tells: Fields of which it matters what an object has that is only named.
        name_key: The field with the name.
        id_key: The field with the id.
        naming: The names of an object where several types share a list, or a name alone does not
            tell an object of the list from others.
        unique: Whether Keycloak refuses a second object of the same name; else it is looked for.
        located: Whether the answer to a creation says the id of the new object.
        nested: The path below an object to those of its type that lie in it, to any depth; empty
            where none do. `item` must then do without the path of the collection.
        parent_key: The field with the id of the object of the same type that an object lies in.
    """

    path: str
    holder: str | None = None
    item: str = "{path}/{id}"
    single: str | None = None
    query: Mapping[str, Any] = field(factory=dict)
    paged: bool = True
    page: int = PAGE_SIZE
    are_data: bool = False
    registry: str = ""
    tells: tuple[str, ...] = ()
    name_key: str = "name"
    id_key: str = "id"
    naming: Naming | None = None
    unique: bool = True
    located: bool = False
    nested: str = ""
    parent_key: str = "parentId"

    # -- paths -------------------------------------------------------------------------------

    @property
    def is_in_item(self) -> bool:
        """Whether the path of an object begins with that of the collection."""
        return "{path}" in self.item

    def holder_of(self, address: Address) -> Address:
        """What an object of the collection lies in: another object, or the realm."""
        depth = self._depth()
        top = depth + _NAME_AND_WORD
        return address.parent if self.nested and len(address) > top else Address(address[:depth])

    def outermost(self, address: Address) -> Address:
        """What an object lies in that is of another type, or the realm, however deep it lies."""
        return Address(address[: self._depth()])

    def _depth(self) -> int:
        """How many segments the address has of what the collection is in."""
        if self.holder is None:
            return 1
        from kcplan_keycloak.resources import registry

        return len(grammar.pattern(registry()[self.holder].pattern).parts)

    def _has_nested(self, holder: Address) -> bool:
        """Whether what objects of the collection lie in is one of them."""
        return self.nested != "" and self.holder_of(holder) != holder

    def below(self, holder: Address, holder_id: str | None) -> str:
        """The path of the collection in what it lies in."""
        if self._has_nested(holder):
            return f"{self.at('', holder, holder_id)}/{self.nested}"
        if self.holder is None:
            return f"{path('realms', holder.realm)}/{self.path}"
        from kcplan_keycloak.resources import resource_types

        return f"{resource_types()[self.holder].path_of(holder, holder_id)}/{self.path}"

    def within(self, names: Names, address: Address) -> str | None:
        """The path of the collection that an object is in; None where what it lies in is missing.

        Raises:
            ServerError: That could not be found out.
        """
        holder = self.holder_of(address)
        if holder.is_realm:
            return self.below(holder, None)
        holder_id = names.find(holder)
        return None if holder_id is None else self.below(holder, holder_id)

    def at(self, collection: str, address: Address, object_id: str | None) -> str:
        """The path of one object."""
        return self.item.format(
            path=collection,
            realm="" if self.is_in_item else path("realms", address.realm),
            id=path(object_id or ""),
            name=path(address.name),
        )

    # -- requests ----------------------------------------------------------------------------

    def one(self, collection: str, name: str) -> Get:
        """The request for one object by its name."""
        where, _, query = (self.single or "").partition("?")
        pairs = (pair.split("=") for pair in query.split("&") if pair)
        return Get(
            where.format(path=collection, name=path(name)),
            {key: value.format(name=name) for key, value in pairs},
        )

    def lists(self, collection: str, expected: int) -> list[Get]:
        """The requests for the list, as far as it is expected to go."""
        if not self.paged:
            return [Get(collection, self.query)]
        return first_pages(collection, expected, self.page, **self.query)

    def read_all(self, api: AdminApi, collection: str, expected: int = 0) -> list[Any]:
        """All objects. Raises ServerError."""
        if not self.paged:
            return api.get(collection, **self.query) or []
        return api.pages(collection, expected, self.page, **self.query)

    def ask(self, api: AdminApi, collection: str, name: str) -> list[Any]:
        """The object of a name, if there is one. Raises ServerError."""
        if self.single is None:
            everything = self.read_all(api, collection)
            return [body for body in everything if body[self.name_key] == name]
        get = self.one(collection, name)
        found = api.get(get.path, **get.params)
        bodies = found if isinstance(found, list) else [] if found is None else [found]
        if not self.nested:
            return bodies
        return [i for i in bodies if i[self.name_key] == name and self._is_in(collection, i)]

    def _is_in(self, collection: str, body: Mapping[str, Any]) -> bool:
        """Whether what a search has found is in this very collection, and not in what is in it."""
        parent = body.get(self.parent_key)
        if parent is None:
            return not collection.endswith(f"/{self.nested}")
        return collection.endswith(f"/{path(parent)}/{self.nested}")

    def address(self, spec: TypeSpec, holder: Address, body: Mapping[str, Any]) -> Address:
        """The address of an object of the list."""
        if self._has_nested(holder):
            return holder.child(str(body[self.name_key]))
        return grammar.pattern(spec.pattern).beside(holder, str(body[self.name_key]))

    def addressed(
        self, spec: TypeSpec, holder: Address, bodies: Sequence[dict[str, Any]]
    ) -> Iterator[tuple[Address, dict[str, Any]]]:
        """The objects of the type in a list, each with its address."""
        if self.naming is None:
            yield from ((self.address(spec, holder, body), body) for body in bodies)
            return
        pattern = grammar.pattern(spec.pattern)
        by_id, above = {body[self.id_key]: body for body in bodies}, pattern.names(holder)
        for body in bodies:
            names = self.naming(body, by_id)
            if names is not None:
                yield pattern.address((*above, *names)), body

    # -- names and ids -----------------------------------------------------------------------

    def find(self, spec: TypeSpec, names: Names, address: Address) -> None:
        """Learn the id of an object, with all others where they come in one request.

        Raises:
            ServerError: It could not be found out.
        """
        at = self.within(names, address)
        if at is None:
            return
        container = address.parent
        # Of what lies in each other, only what is wanted is asked for, however much there is.
        alone = self.nested or self.are_data
        many = not alone and names.missed(container) > FEW_MISSES
        if not self.paged or self.single is None or many:
            names.load(container, lambda: self._ids(spec, names, address, at))
        if self.single is not None and names.known(address) is None:
            for body in self.ask(names.api, at, address.name)[:1]:
                names.learn(address, body[self.id_key])

    def _ids(
        self, spec: TypeSpec, names: Names, address: Address, at: str
    ) -> Iterable[tuple[Address, str]]:
        holder = self.holder_of(address)
        for found, body in self.addressed(spec, holder, self.read_all(names.api, at)):
            self.tell(names, found, body)
            yield found, body[self.id_key]

    def tell(self, names: Names, address: Address, body: Mapping[str, Any]) -> None:
        """Have `names` remember what matters of an object that may only be named."""
        if self.tells:
            names.tell(address, {(name,): body.get(name) for name in self.tells})
