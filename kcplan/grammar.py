"""Where resources of a type stand in a realm file, and what their addresses look like.

Both are one line of text in a type's declaration:

    where                                          pattern
    roles.client{}[name]                           REALM/clients/CLIENT_ID/roles/NAME
    users[serviceAccountClientId]                  REALM/clients/CLIENT_ID/service-account
    identityProviderMappers[identityProviderAlias,name]
                                                   REALM/identity-providers/ALIAS/mappers/NAME
    groups[name].subGroups*[name]                  REALM/groups/NAME...

In `where` a word is a key of the file, `{}` a map whose keys are names, and `[field]` a list of
tables that are named by that field (by several: `[field,field]`). `word*[field]` says that such
tables lie in each other to any depth under that word. The names along the way, the realm's first,
take the places of the capital words of the pattern, in order; `NAME...` takes all that are left.
"""

import re
from collections.abc import Sequence
from functools import cache

from attrs import field

from kcplan.address import Address, matches
from kcplan.classes import frozen

_STEP = re.compile(r"(?P<word>\w+)(?P<deep>\*?)(?P<map>(?:\{\})?)(?:\[(?P<fields>[\w,]+)\])?")


@frozen
class Word:
    """A key of a table."""

    text: str


@frozen
class Keys:
    """A map whose keys are names."""


@frozen
class Items:
    """A list of tables that are named by some of their fields.

    Attributes:
        fields: The fields with the names.
        nested: The key under which such tables have tables of the same kind; empty for none.
    """

    fields: tuple[str, ...]
    nested: str = ""


Section = tuple[Word | Keys | Items, ...]
"""The way from the top of a realm file to the resources of a type; `()` is the realm itself."""


@cache
def section(where: str) -> Section:
    """Read the way to a type's resources.

    Raises:
        ValueError: The text is none. That is a defect of the type.
    """
    steps: list[Word | Keys | Items] = []
    for part in where.split(".") if where else ():
        found = _STEP.fullmatch(part)
        if found is None:
            raise ValueError(f"{part!r} in {where!r} is no step")
        fields = tuple(found["fields"].split(",")) if found["fields"] else ()
        if found["deep"]:
            last = steps[-1]
            if not isinstance(last, Items) or last.fields != fields:
                raise ValueError(f"{part!r} in {where!r} does not repeat what stands before it")
            steps[-1] = Items(fields, nested=found["word"])
            continue
        steps.append(Word(found["word"]))
        if found["map"]:
            steps.append(Keys())
        if fields:
            steps.append(Items(fields))
    return tuple(steps)


def _is_name(part: str) -> bool:
    return part.removesuffix("...").replace("_", "").isupper()


@frozen
class Pattern:
    """What the addresses of a type look like.

    Attributes:
        parts: The segments; a capital word stands for a name.
        open_ended: Whether the last one stands for any number of names.
    """

    parts: tuple[str, ...]
    open_ended: bool = False
    _are_names: tuple[bool, ...] = field(init=False, eq=False, repr=False)
    _fixed: tuple[tuple[int, str], ...] = field(init=False, eq=False, repr=False)
    _places: tuple[int, ...] = field(init=False, eq=False, repr=False)

    @_are_names.default
    def _which_are_names(self) -> tuple[bool, ...]:
        return tuple(map(_is_name, self.parts))

    @_fixed.default
    def _where_words_are(self) -> tuple[tuple[int, str], ...]:
        return tuple((place, part) for place, part in enumerate(self.parts) if not _is_name(part))

    @_places.default
    def _where_names_are(self) -> tuple[int, ...]:
        return tuple(place for place, part in enumerate(self.parts) if _is_name(part))

    def fits(self, address: Address) -> bool:
        """Whether an address looks like this."""
        size = len(address)
        if size != len(self.parts) and not (self.open_ended and size > len(self.parts)):
            return False
        # A loop, since it is asked of all types for each of thousands of addresses.
        for place, part in self._fixed:  # noqa: SIM110
            if address[place] != part:
                return False
        return True

    def meets(self, glob: str) -> bool:
        """Whether a glob matches some address that looks like this."""
        wanted = glob.split("/")
        at = _past_stars({0}, wanted)
        for part, is_name in zip(self.parts, self._are_names, strict=True):
            at = _step(at, wanted, None if is_name else part)
        for _ in wanted if self.open_ended else ():
            at |= _step(at, wanted, None)
        return len(wanted) in at

    @property
    def words(self) -> tuple[str, ...]:
        """The segments that are no names."""
        pairs = zip(self.parts, self._are_names, strict=True)
        return tuple(part for part, is_name in pairs if not is_name)

    def address(self, names: Sequence[str]) -> Address:
        """The address with these names, the realm's first."""
        found = [*self.parts, *names[len(self._places) :]]
        for place, name in zip(self._places, names, strict=False):
            found[place] = name
        return Address(found)

    def names(self, address: Address) -> tuple[str, ...]:
        """The names in an address, the realm's first."""
        size = len(self.parts)
        fixed = zip(self._are_names, address.segments, strict=False)
        return (*(name for is_name, name in fixed if is_name), *address.segments[size:])

    def beside(self, context: Address, *names: str) -> Address:
        """The address with these names that shares the rest with another address.

        An authorization scope that a resource of the same client names has that client's name in
        its address, so the resource's address is the context.
        """
        found = [*self.parts[:-1], *names]
        shared = min(len(self.parts) - 1, len(context))
        for place in self._places:
            if place < shared:
                found[place] = context[place]
        return Address(found)


def _step(at: set[int], wanted: Sequence[str], part: str | None) -> set[int]:
    """How far a glob may be read after one more segment; None is any name."""
    stay = {place for place in at if wanted[place : place + 1] == ["**"]}
    on = {
        place + 1
        for place in at - stay
        if place < len(wanted) and (part is None or matches(Address((part,)), wanted[place]))
    }
    return _past_stars(stay | on, wanted)


def _past_stars(at: set[int], wanted: Sequence[str]) -> set[int]:
    """The same places, and those after each `**`, which may be no segment at all."""
    found = set(at)
    for place, segment in enumerate(wanted):
        if place in found and segment == "**":
            found.add(place + 1)
    return found


@cache
def pattern(text: str) -> Pattern:
    """Read an address pattern."""
    parts = text.split("/")
    open_ended = parts[-1].endswith("...")
    return Pattern(tuple(part.removesuffix("...") for part in parts), open_ended)
