"""What the configuration files say, as values."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import field

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, Source
from kcplan.diagnostics import Path as FieldPath
from kcplan.resource import Resource

LIMITS: Final = "limits"
"""The key in the metadata of an attribute with what the values of its key must be, in the words of
JSON Schema: for editors. `kcplan.config.settings_file` checks it."""

ADDRESSES: Final = "^[^/]+(/[^/]+)*$"
"""What an address looks like, and a glob of addresses."""


@frozen
class Lifecycle:
    """A `[[lifecycle]]` rule of kcplan.toml, for the addresses that `match` (a glob) matches.

    Attributes:
        match: Which resources it is about.
        prevent_destroy: True refuses a plan that would delete one, or something that one lies
            in. False allows what is otherwise never done: deleting a realm that left the files.
        ignore_changes: Fields (dotted, or the first segments of the path) that count when the
            resource is created and are left alone from then on.
        on_remove: `delete` or `release`, for a resource that left the files.
    """

    match: str = field(metadata={LIMITS: {"pattern": ADDRESSES}})
    prevent_destroy: bool | None = None
    ignore_changes: tuple[str, ...] = ()
    on_remove: str | None = field(default=None, metadata={LIMITS: {"enum": ["delete", "release"]}})


@frozen
class Lint:
    """A `[[lint]]` rule of kcplan.toml: another weight for a risk.

    Attributes:
        code: The risk's code.
        level: `off`, or the level that it has instead.
        reason: Why; for whoever reads the file.
        match: Which resources it is about, a glob of addresses; all of them by default.
    """

    code: str
    level: str = field(metadata={LIMITS: {"enum": ["off", "caution", "danger"]}})
    reason: str = field(metadata={LIMITS: {"pattern": r"\S"}})
    match: str = field(default="**", metadata={LIMITS: {"pattern": ADDRESSES}})


@frozen
class Moved:
    """A `[[moved]]` rule: what had one address now has another, and keeps its id.

    Attributes:
        old: The address that it had.
        new: The address that it has now.
        source: Where the rule stands.
    """

    old: Address
    new: Address
    source: Source | None = None


ForEach = tuple[str, ...] | Mapping[str, Mapping[str, str]] | Path
"""Tenants: their names, a table of what each has, or a file with such a table or CSV."""


@frozen
class Tenants:
    """A `[[realms]]` of kcplan.toml: a realm file that is read for each tenant.

    Attributes:
        file: The realm file.
        for_each: The tenants.
        source: The place of these in kcplan.toml.
    """

    file: Path = field(metadata={LIMITS: {"pattern": r"^(?!(.*/)?kcplan\.toml$)"}})
    for_each: ForEach
    source: Source | None = None


@frozen
class Section:
    """A part of the files that is still a document.

    Attributes:
        data: Its values, placeholders substituted.
        sources: The place of everything in it, by the way there: keys, and positions in lists.
    """

    data: Any
    sources: Mapping[tuple[str | int, ...], Source] = field(factory=dict)

    def at(self, place: tuple[str | int, ...]) -> Any:
        """The value at a place; it must be there."""
        value = self.data
        for key in place:
            value = value[key]
        return value

    def source(self, place: tuple[str | int, ...] = ()) -> Source | None:
        """The place of a value in the files, or of what it stands in."""
        while place not in self.sources and place:
            place = place[:-1]
        return self.sources.get(place)


@frozen
class Masked:
    """A field that has asterisks in the files, and that no variable gives.

    Attributes:
        address: The resource.
        path: Its field.
        variable: The variable that would give it; empty where another field would have the same.
        source: Where the asterisks stand.
    """

    address: Address
    path: FieldPath
    variable: str
    source: Source | None = None


@frozen
class Config:
    """The whole configuration of the realms that it names.

    Attributes:
        resources: What the files declare, by address.
        realms: The realms that the files name.
        lifecycle: Rules, the first match for each setting counts.
        moved: Renames.
        lint: Other weights for risks; the first match counts.
        permissions: For each realm that has one, the `permissions` section.
        diagnostics: What is to be said of the files themselves.
        masked: Fields that are left out since the files have asterisks there.
    """

    resources: Mapping[Address, Resource] = field(factory=dict)
    realms: frozenset[str] = frozenset()
    lifecycle: tuple[Lifecycle, ...] = ()
    moved: tuple[Moved, ...] = ()
    lint: tuple[Lint, ...] = ()
    permissions: Mapping[str, Section] = field(factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    masked: tuple[Masked, ...] = ()
