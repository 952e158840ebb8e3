"""Resources: what the files declare, and what a type of resource is to the planner.

The type order, from what must be there first to what needs the rest:

    realm ─┬─▶ role ───────────────┬─▶ composites of roles ─▶ service-account
           ├─▶ identity-provider   │                            ▲
           └─▶ client ─▶ client-role ───────────────────────────┤
                   └─▶ authorization ─▶ scopes ─▶ resources ─▶ policies ─▶ permissions
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from attrs import field

from kcplan import grammar
from kcplan.address import Address
from kcplan.agreement import Agreement
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, Path, Severity, Source
from kcplan.drawn import Drawing
from kcplan.gathered import Gather, Scatter
from kcplan.mirrors import Mirrors
from kcplan.offered import Listed
from kcplan.path_patterns import Pattern, Patterns, path_matches
from kcplan.schema import Leaves
from kcplan.shapes import Object, has_refs

if TYPE_CHECKING:
    from kcplan.snapshot import Snapshot

PLACE: Final[Path] = ("place",)
"""The field of a change that puts an object elsewhere: its values are the addresses that the
object's own name follows, before and after. No type has a field of this name."""


@frozen
class Reference:
    """That a field of a resource names another object.

    Attributes:
        target: The address of what it names.
        path: The field with the name.
        required: False where Keycloak is content without it.
        alternatives: What the name may stand for instead, where names are shared.
    """

    target: Address
    path: Path = ()
    required: bool = True
    alternatives: tuple[Address, ...] = ()

    @property
    def candidates(self) -> tuple[Address, ...]:
        """All that the name may stand for."""
        return (self.target, *self.alternatives)


@frozen
class Resource:
    """A resource as the files declare it.

    Attributes:
        address: Its name.
        type: The word for its type, such as `client-role`.
        leaves: The declared fields, and no others.
        sources: The place in the files of each declared field; `()` is the resource itself.
        because: Why kcplan manages a field, where another declaration brought it there.
        extends: Whether the files only add to it, so that they cannot be what it is created from.
    """

    address: Address
    type: str
    leaves: Leaves
    sources: Mapping[Path, Source] = field(factory=dict)
    because: Mapping[Path, str] = field(factory=dict)
    extends: bool = False

    def source(self, path: Path = ()) -> Source | None:
        """The place of a field in the files, or of what it stands in."""
        while path not in self.sources and path:
            path = path[:-1]
        return self.sources.get(path)


SOMETHING: Final = object()
"""That a field must have a value, whatever it is."""


@frozen
class Requirement:
    """That another resource must have a certain value for this one to make sense.

    Attributes:
        address: The other resource.
        path: Its field.
        value: What the field must be, in the files or, where they do not say, in Keycloak;
            `SOMETHING` for any value but an empty one.
        code, summary, detail: What is said otherwise.
        source_path: The field of this resource that brings the requirement.
        open: Whether Keycloak may have the value though no file says so: without asking it, nothing
            is said.
        when_written: Whether it counts only where this resource is created or changed.
    """

    address: Address
    path: Path
    value: Any
    code: str
    summary: str
    detail: str = ""
    source_path: Path = ()
    open: bool = False
    when_written: bool = False

    def is_met_by(self, value: Any) -> bool:
        """Whether the field may have this value."""
        if self.value is SOMETHING:
            return value not in (None, "")
        return bool(value == self.value)


@frozen
class Idle:
    """A field that does nothing beside another one.

    Attributes:
        path: The field.
        code, summary, detail: What is said of it.
        several: What is said of more than one, after their number.
        severity: A note where exports have such a field, a warning where somebody meant it.
    """

    path: Path
    code: str
    summary: str
    detail: str
    several: str
    severity: Severity = Severity.NOTE


@frozen
class ReadOnly:
    """A field that Keycloak gives and does not take.

    Attributes:
        since: The version since which it is so.
        advice: What to do instead.
        at_birth: Whether a new object takes it.
    """

    since: tuple[int, ...]
    advice: str
    at_birth: bool = False


@frozen
class Forbidden:
    """A change that Keycloak does not make.

    Attributes:
        path: The field.
        summary: What cannot change.
        advice: What to do instead.
    """

    path: Path
    summary: str
    advice: str


@frozen
class Upset:
    """What Keycloak changes in other objects of the realm when an object is written, or goes.

    Attributes:
        type: The word for the type of the others.
        changes: What it makes of one of them, from the other's name and fields: those that change.
        touches: Whether one with these fields has anything that it may change.
        late: Whether those are late fields, so that only what writes them waits.
    """

    type: str
    changes: Callable[[str, Leaves], Leaves]
    touches: Callable[[Leaves], bool]
    late: bool = False


def _upsets_nothing(*_: Any) -> Upset | None:
    return None


@frozen
class Bygone:
    """That the files have an object which nobody can make on this server.

    Attributes:
        holder: What it lies in, or is; there is one finding for all that lies in it.
        summary: What is said; `{count}` stands for the number of objects.
        advice: Why, and what to do instead.
        code: The code of what is said.
        harmless: Whether nothing needs to be done, so that it is a note and no warning.
    """

    holder: Address
    summary: str
    advice: str
    code: str = "bygone-object"
    harmless: bool = False


def _named_itself(address: Address, _: Callable[[Address], Address]) -> Address:
    return address


def _no_defaults(_: Leaves) -> Leaves:
    return {}


def _needs_nothing(_: Address) -> Iterable[Any]:
    return ()


def _nothing_bygone(_: Address, __: "Snapshot", ___: Mapping[Address, Resource]) -> None:
    return None


def _never_without(_: Path, __: Leaves) -> bool:
    return False


def _no_requirements(_: Resource) -> Iterable[Requirement]:
    return ()


def _nothing_missing(_: Resource) -> Iterable[Diagnostic]:
    return ()


def _nothing_idle(_: Resource) -> Iterable[Idle]:
    return ()


def _takes_nothing(_: Resource) -> Iterable[str]:
    return ()


def _draws_nothing(*_: Any) -> None:
    return None


def _forbids_nothing(*_: Any) -> "Iterable[Forbidden]":
    return ()


def _nobody(_: Address) -> None:
    return None


def _nothing_born(_: Address) -> None:
    return None


def _never(*_: Any) -> bool:
    return False


def _always(*_: Any) -> bool:
    return True


def _no_patterns(*_: Any) -> tuple[Pattern, ...]:
    return ()


def _no_text(*_: Any) -> tuple[str, ...]:
    return ()


@frozen
class Origin:
    """What Keycloak makes by itself, along with what it lies in.

    It is a guess: another version of Keycloak may make more. An object that is there already when
    it is to be created, in something that the same plan makes, is updated instead.

    Attributes:
        made: Whether Keycloak makes the object. Takes its address, and the fields of what it lies
            in; None where those are not known.
        on_demand: Whether Keycloak also makes the object anew when it is asked for.
        filled: Whether such an object has entries and items then, which a plan that creates the
            parent cannot know.
        told: Whether `defaults`, or `born`, says what such an object has by itself, so that an
            import can tell what was changed of it.
        kept: Whether Keycloak keeps the object for itself, so that it is never deleted; None for
            those that it makes.
    """

    made: Callable[[Address, Leaves | None], bool] = _never
    on_demand: bool = False
    filled: bool = False
    told: bool = False
    kept: Callable[[Address], bool] | None = None


@frozen
class Unmanaged:
    """A field of a file that kcplan does not manage.

    Attributes:
        names: The names of the resource that it stands in, the realm's first.
        value: Its value as written; its placeholders are substituted where an advice looks at it.
        file: The name of the file.
    """

    names: tuple[str, ...]
    value: Any
    file: str


class Taken(Enum):
    """That a field which is not managed is, as it stands here."""

    TAKEN = "taken"


Advice = str | Callable[[Unmanaged], str | Taken | None]
"""What to do in the place of a field that kcplan does not manage; None where it only says what
Keycloak has by itself, so that it is left out."""


@frozen
class Discriminator:
    """Which documents of a section are of a type, where several types share the section.

    Attributes:
        field: The field that tells.
        values: What it says.
        within: Whether it says one of these; else anything but these, or nothing.
    """

    field: str
    values: tuple[str, ...]
    within: bool = True

    def __call__(self, document: Mapping[str, Any]) -> bool:
        """Whether a document is of the type."""
        # Compared, not looked up: a file may have anything here.
        return (document.get(self.field) in self.values) is self.within


@frozen
class TypeSpec:
    """What the planner must know about a type of resource. All of it is data or pure.

    Attributes:
        name: The word for the type.
        pattern: Its address pattern, such as `REALM/clients/CLIENT_ID`.
            See `kcplan.grammar`.
        rank: Place in the type order: what has a lower rank is read, shown and written to files
            first, so that of what the objects lie in must be lower. What is done to Keycloak first
            follows from references.
        where: Where it stands in a realm file; see `kcplan.grammar`. The empty text is the realm,
            None is a type that files only refer to.
        schema: The fields of its representation, apart from those of resources within it.
        key: The field with the resource's name; the address holds it, the leaves do not.
        belongs: Whether a document in the section is of this type, where several share it; a
            `Discriminator` where one field tells.
        unsupported: Fields that look like configuration and that no type manages yet, each with
            what to do instead.
        obsolete: Fields that Keycloak takes and does not keep, each with what took their place:
            dropped, with a note.
        ignored: Fields that are no configuration (ids, what Keycloak computes): dropped, with a
            note, so that an export can be used as it is.
        agreement: Lists that may only name what has the same value in a field.
        exclusive: Pairs of lists of which only one can have an item.
        mirrors: Entries that only say again what a field says.
        idle: Fields of a resource that do nothing beside another one: dropped, and said.
        nameless: What to say of an item of the section that has no name.
        json_strings: Fields whose text is itself JSON, as in Keycloak's exports.
        sensitive: Fields that hold secrets.
        write_only: Fields that Keycloak never gives back.
        initial: Fields that count only when the object is made, as far as Keycloak does not give
            them back: no update changes them.
        once: Fields that count when an object is created, and are neither compared nor remembered.
        drops_secrets: The fields whose change makes Keycloak drop a write-only one, given the
            leaves before and after it: they are written as late as secrets are.
        immutable: Fields that only a new object can have with another value.
        read_only: Fields that Keycloak gives and does not take.
        lacked: Fields that older versions of Keycloak refuse, each with the newest of them, as two
            numbers; the empty path stands for the type itself.
        forbids: What no update of such an object can do, given its address, and its leaves before
            and after it.
        made_anew: Whether a change of these fields makes the object anew, so that secrets that
            Keycloak does not give back are written along with it.
        masked: Secrets that Keycloak does not give back, and that are written with all else of the
            object: a new one replaces the old one for good.
        does_without: Whether a new object with these fields can do without a secret, which the
            files have as asterisks: it is never used, or Keycloak makes it.
        given: Lists, each with the field of the realm that names the item which Keycloak gives to
            every such object: it is neither compared nor written.
        server_made: Entries, and items of lists, that Keycloak keeps by itself: never compared,
            never removed. Takes the resource's address, the path, and the value or item.
        lasting: Entries that Keycloak gives to such an object, which a map that is to be empty
            still has: each with its value, or with None where it may have any.
        keeps_empty: Fields that keep an empty value in the place of none, once they had another.
        late: Fields written after everything they may refer to is there (legal cycles).
        judges: Late fields with which Keycloak judges, or adds to, what is written to objects of
            another type in the realm, each with that type: what is new in them is written after
            those.
        joined: The field that lists what the account of each new object in it joins. An account has
            what comes of that since it was made: nobody granted it.
        chooses_id: Whether kcplan may choose the id of a new object. Where Keycloak ignores it, a
            creation cannot be undone.
        needs: What must be there because of the address of a resource. What its fields name is in
            the schema (`Ref`).
        named_after: What such an object is called once what its own name holds is renamed, given
            its address and the new address of any other.
        mentions: Fields that hold the name of an object as a plain text, which Keycloak does not
            follow when the object is renamed; and the type of that object.
        listed: Fields with names that the server lists, such as those of themes.
        features: Switches that do nothing without a feature of the server, each with the feature.
        feature: The feature without which a server has no such objects, as `/admin/serverinfo` has
            it; empty where every server has them.
        seen_by: The role without which an account may not even see such objects; empty where
            whoever may view the realm may see them.
        origin: What Keycloak makes by itself.
        keeper: For an object that Keycloak may keep for itself, so that nobody can change it: the
            object of which it says so. None for others.
        keeps_since: The version of Keycloak since which it keeps the new ones as well.
        formerly: Whether Keycloak may have given a field of such an object this value, long ago or
            in another realm, so that an export of it has that, and nobody wishes it.
        bygone: Says of a declared object that it cannot be on this server, where an export of an
            older one, or of one with other realms, has it. Takes what is there, and is declared.
        born: What such an object has when Keycloak makes it; None where it makes none. Other fields
            it does not have.
        shared: Whether somebody else may have entries in such an object as a matter of course: one
            with entries that the files never had is released and not deleted.
        makers: Switches with which Keycloak makes objects in such an object.
        spelled: A name of such an object as Keycloak spells it.
        fixed_name: Why such an object cannot be renamed; empty where it can.
        movable: Whether such an object can be put into another one of its type, and out of it.
        defaults: What a new object like one with these fields has in them by itself.
        usual_by: Fields that decide what a new object has in others, besides those that only a new
            object can have and those that decide who may do what.
        told_at: Where the paths of admin events begin that may be about any object of the type.
            Empty where a path says which one; None where not all changes leave an event.
        gather: Brings what an export spreads out to the resources that it belongs to. Pure.
        understands: Sections of old that `gather` reads as something else; a user who leaves one
            out has none of it read.
        scatter: Its inverse.
        forms: The same for the JSON Schema of realm files: gives the schema with what `gather`
            takes. Pure, but for the schema that it is given, which it may change.
        takes: Names apart from its own that such a resource takes in its realm.
        namespace: A word that types share whose names must differ from each other.
        sole: Entries that only one object of the type in a realm can have: what takes one waits for
            what gives it up.
        gives_rights: Whether such an object is a role, which gives rights to whoever has it.
        watched: Fields that count as drift even where the files do not mention them.
        gives: Roles that such a resource itself gives to an account, from its address: the account,
            the field of its roles, and the role.
        grants: What is watched of the account that comes with such an object: roles, and what gives
            them. None where none comes with it.
        guarded: Fields that decide who may do what. In an object that kcplan created they stay as
            they were then, as if they were declared. Each with the value that it goes back to when
            the files no longer mention it; None where it stays as the files had it.
        decisive: Fields that decide who may do what, and that an import always writes, so that a
            later plan repairs them. Others it leaves out where they are as in a new object.
        requires: What other resources must be like.
        creation_notes: What the reader should know of a new object with these fields.
        change_notes: What the reader should know of an update, given the leaves before and after,
            or of a deletion, after which there are none. It can all be undone.
        destroys: What an update destroys for good, given the leaves before and after.
        lossy_delete: What deleting such an object loses, that no rollback brings back.
        draws: What lies in such an object as a tree, from its leaves before and after a change;
            None where nothing of that changes.
        check: What is wrong with a resource in itself, apart from its shape.
        virtual: Whether such a resource is only a declaration, which Keycloak knows nothing of: it
            is in plan and state, is never read, and no step writes it.
        upsets: What Keycloak changes in other objects when such an object comes to be, becomes
            another, or goes, given its leaves before and after that. What the files declare of the
            others is written after it.
        enforced: What the realm has Keycloak set whenever an object is written, from the realm's
            fields.
        answers: What Keycloak changes by itself when certain fields are written, so that it is no
            drift, and single values come back when the write is undone: for each pattern of written
            fields, those of what changes.
        explains: Whether a resource of the state is the reason for a field of another one. Takes
            the resource's state, the other's address, and the path.
    """

    name: str
    pattern: str
    rank: int
    where: str | None
    schema: Object
    key: Path | None = None
    belongs: Callable[[Mapping[str, Any]], bool] = _always
    unsupported: Mapping[str, Advice] = field(factory=dict)
    obsolete: Mapping[str, str] = field(factory=dict)
    ignored: Patterns = field(factory=Patterns, converter=Patterns)
    agreement: Agreement | None = None
    exclusive: tuple[tuple[str, str], ...] = ()
    mirrors: Mirrors = field(factory=dict)
    idle: Callable[[Resource], Iterable[Idle]] = _nothing_idle
    nameless: str = ""
    json_strings: tuple[Pattern, ...] = ()
    sensitive: Patterns = field(factory=Patterns, converter=Patterns)
    write_only: Patterns = field(factory=Patterns, converter=Patterns)
    initial: Patterns = field(factory=Patterns, converter=Patterns)
    once: Patterns = field(factory=Patterns, converter=Patterns)
    drops_secrets: Callable[[Leaves, Leaves], tuple[Pattern, ...]] = _no_patterns
    immutable: Patterns = field(factory=Patterns, converter=Patterns)
    read_only: Mapping[Path, ReadOnly] = field(factory=dict)
    lacked: Mapping[Pattern, tuple[int, int]] = field(factory=dict)
    forbids: Callable[[Address, Leaves, Leaves], Iterable[Forbidden]] = _forbids_nothing
    made_anew: Callable[[set[Path]], bool] = _never
    masked: Patterns = field(factory=Patterns, converter=Patterns)
    does_without: Callable[[Path, Leaves], bool] = _never_without
    given: Mapping[Path, Path] = field(factory=dict)
    server_made: Callable[[Address, Path, Any], bool] = _never
    lasting: Mapping[Pattern, str | None] = field(factory=dict)
    keeps_empty: Patterns = field(factory=Patterns, converter=Patterns)
    late: Patterns = field(factory=Patterns, converter=Patterns)
    judges: Mapping[Pattern, str] = field(factory=dict)
    joined: Path = ()
    chooses_id: bool = False
    needs: Callable[[Address], Iterable[Address]] = _needs_nothing
    named_after: Callable[[Address, Callable[[Address], Address]], Address] = _named_itself
    mentions: tuple[tuple[Pattern, str], ...] = ()
    listed: tuple[Listed, ...] = ()
    features: Mapping[Path, str] = field(factory=dict)
    feature: str = ""
    seen_by: str = ""
    origin: Origin = Origin()
    keeper: Callable[[Address], Address | None] = _nobody
    keeps_since: tuple[int, ...] | None = None
    formerly: Callable[[Address, Path, Any], bool] = _never
    bygone: Callable[[Address, "Snapshot", Mapping[Address, Resource]], Bygone | None] = (
        _nothing_bygone
    )
    born: Callable[[Address], Leaves | None] = _nothing_born
    shared: bool = False
    makers: tuple[str, ...] = ()
    spelled: Callable[[str], str] = str
    fixed_name: str = ""
    movable: bool = False
    defaults: Callable[[Leaves], Leaves] = _no_defaults
    usual_by: tuple[str, ...] = ()
    told_at: str | None = ""
    gather: Gather | None = None
    understands: frozenset[str] = frozenset()
    scatter: Scatter | None = None
    forms: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    takes: Callable[[Resource], Iterable[str]] = _takes_nothing
    namespace: str = ""
    sole: tuple[Pattern, ...] = ()
    gives_rights: bool = False
    watched: Patterns = field(factory=Patterns, converter=Patterns)
    gives: Callable[[Address], Iterable[tuple[Address, Path, str]]] = _needs_nothing
    grants: Object | None = None
    guarded: Mapping[Path, Any] = field(factory=dict)
    decisive: tuple[str, ...] = ()
    requires: Callable[[Resource], Iterable[Requirement]] = _no_requirements
    creation_notes: Callable[[Leaves], tuple[str, ...]] = _no_text
    change_notes: Callable[[Leaves, Leaves], tuple[str, ...]] = _no_text
    destroys: Callable[[Leaves, Leaves], tuple[str, ...]] = _no_text
    lossy_delete: tuple[str, ...] = ()
    draws: Callable[[Leaves, Leaves], Drawing | None] = _draws_nothing
    check: Callable[[Resource], Iterable[Diagnostic]] = _nothing_missing
    virtual: bool = False
    answers: tuple[tuple[Pattern, tuple[Pattern, ...]], ...] = ()
    upsets: Callable[[Leaves, Leaves], Upset | None] = _upsets_nothing
    enforced: Callable[[Leaves], Leaves] = _no_defaults
    explains: Callable[[Any, Address, Path], bool] = _never

    naming: tuple[str, ...] = field(init=False, eq=False, repr=False)
    """The fields of a resource's document that its address holds."""
    left_out: frozenset[str] = field(init=False, eq=False, repr=False)
    """The fields of such a document that are not managed, or no longer there."""
    referring: frozenset[str] = field(init=False, eq=False, repr=False)
    """The fields in which something may name other objects."""

    @naming.default
    def _fields_with_names(self) -> tuple[str, ...]:
        way = grammar.section(self.where or "")
        named = way[-1].fields if way and isinstance(way[-1], grammar.Items) else ()
        return named if self.key is None else tuple({*named, self.key[0]})

    @left_out.default
    def _fields_that_are_left_out(self) -> frozenset[str]:
        return frozenset(self.unsupported) | frozenset(self.obsolete)

    @referring.default
    def _fields_with_references(self) -> frozenset[str]:
        return frozenset(name for name, shape in self.schema.fields.items() if has_refs(shape))

    def address(self, names: Sequence[str]) -> Address:
        """The address of a resource, from the realm's name and the names along `where`."""
        return grammar.pattern(self.pattern).address(names)

    @property
    def seeds(self) -> tuple[str, ...]:
        """The fields that decide what a new object has in all others."""
        immutable = (pattern[0] for pattern in self.immutable)
        return tuple(dict.fromkeys((*self.usual_by, *immutable, *self.decisive)))

    def names(self, address: Address) -> tuple[str, ...]:
        """The names in the address of a resource, the realm's first."""
        return grammar.pattern(self.pattern).names(address)

    def fits(self, address: Address) -> bool:
        """Whether an address is one of this type."""
        return grammar.pattern(self.pattern).fits(address)

    def refers(self, path: Path) -> bool:
        """Whether the field that a path begins with may name other objects."""
        return bool(path) and path[0] in self.referring

    def lasts(self, path: Path, value: Any) -> bool:
        """Whether an entry is one that Keycloak gave to the object, with its value."""
        return any(
            path_matches(path, (pattern,)) and usual in (None, value)
            for pattern, usual in self.lasting.items()
        )

    def comes_with(self, address: Address, parent: Leaves | None = None) -> bool:
        """Whether Keycloak makes the object along with what it lies in."""
        return self.fits(address) and self.origin.made(address, parent)

    def permanent(self, address: Address, parent: Leaves | None = None) -> bool:
        """Whether Keycloak keeps the object for itself, so that it is never deleted."""
        kept = self.origin.kept
        if kept is None:
            return self.comes_with(address, parent)
        return self.fits(address) and kept(address)


Registry = Mapping[str, TypeSpec]
"""The types by their word."""


def spec_at(registry: Registry, address: Address) -> TypeSpec | None:
    """The type whose address pattern fits; types that share a pattern give the first of them."""
    return next((spec for spec in registry.values() if spec.fits(address)), None)
