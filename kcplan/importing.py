"""Importing: a live realm becomes files and a state, so that the next plan is empty.

    Keycloak ─read─▶ Snapshot ─export─▶ files ─read back─▶ Config ─adopt─▶ state

Nothing is written until the files, read back as the next plan will read them, are the realm as it
is.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from attrs import evolve, field

from kcplan.address import Address
from kcplan.adoption import adopted, differences
from kcplan.classes import frozen
from kcplan.config.load import load_texts
from kcplan.config.model import Config
from kcplan.config.settings import Settings
from kcplan.destination import Destination, Replace, written
from kcplan.diagnostics import Diagnostic
from kcplan.digests import Digester
from kcplan.errors import KcplanError, UsageError
from kcplan.export import Defaults, Export, export
from kcplan.provider import Reader
from kcplan.reading import for_import
from kcplan.resource import Registry, spec_at
from kcplan.schema import dotted
from kcplan.snapshot import PassedOver, Snapshot
from kcplan.state import State
from kcplan.storage import StateStore


@frozen
class Imported:
    """What came of an import.

    Attributes:
        realm: The name of the realm.
        place: Where the files are that describe it.
        resources: How many resources the state has of it.
        export: What the file says, and what it leaves out.
        diagnostics: What is to be said of the file.
        without_account: Clients that should have a service account, and none was found.
        foreign: The server's version where kcplan went by the defaults of another one; None where
            that is an older one which nobody tells, else empty.
        tables: The versions whose defaults kcplan knows, oldest first.
        withheld: How much it has that is left out on purpose, by a word for one of it.
        twins: Names that several objects share, so that none of them is in the file.
        brought: How much is left out because something outside of Keycloak brings it, by type.
        unseen: How much it has that the account may not see, by a word for one of it.
        barred: What of it the account may not see, where nobody can tell how much that is.
        bare: How much is in the file without what counts for a new one only, such as passwords,
            which Keycloak does not give back; by type.
    """

    realm: str
    place: Destination
    resources: int
    export: Export
    diagnostics: tuple[Diagnostic, ...] = ()
    without_account: tuple[Address, ...] = ()
    withheld: Mapping[str, int] = field(factory=dict)
    foreign: str | None = ""
    tables: tuple[str, ...] = ()
    twins: tuple[Address, ...] = ()
    brought: Mapping[str, int] = field(factory=dict)
    unseen: Mapping[str, int] = field(factory=dict)
    barred: tuple[Address, ...] = ()
    bare: Mapping[str, int] = field(factory=dict)


@frozen
class Importer:
    """Describes live realms in files, and adopts what they have.

    Attributes:
        registry: The resource types.
        settings: What kcplan.toml says.
        digester: Digests under the state's key.
        store: Where the state is saved.
        replace: Writes the file with the secrets.
    """

    registry: Registry
    settings: Settings
    digester: Digester
    store: StateStore
    replace: Replace

    def run(
        self, realm: str, place: Destination, live: Snapshot, defaults: Defaults, state: State
    ) -> Imported:
        """Describe a realm that was read in files, and adopt what it has.

        Args:
            realm: The name of the realm.
            place: Where to write.
            live: The realm with everything in it.
            defaults: What new objects have in their fields.
            state: The state, which does not know the realm.

        Raises:
            UsageError: The file cannot be written.
            KcplanError: The file would not describe the realm, or the state cannot be written.
        """
        objects = live.objects.values()
        exported = export(
            realm,
            objects,
            self.registry,
            defaults,
            place.kept(),
            foreign=self.settings.foreign,
        )
        texts = place.texts(exported)
        config = self._read_back(texts, exported, live)
        entries = adopted(config, live.objects, self.registry, self.digester)
        after = evolve(state.with_resources(entries), server=live.server)
        with written(place, texts, exported.environment, self.replace):
            self.store.save(after)
        return Imported(
            realm,
            place,
            len(entries),
            exported,
            config.diagnostics,
            twins=tuple(sorted(_passed(live, PassedOver.TWIN))),
            barred=tuple(sorted(_passed(live, PassedOver.BARRED))),
            brought=_by_type(_passed(live, PassedOver.BROUGHT), self.registry),
            bare=_by_type(
                (e.address for e in entries if self.registry[e.type].once), self.registry
            ),
        )

    def _read_back(self, texts: Mapping[Path, str], exported: Export, live: Snapshot) -> Config:
        """The files as the next plan will read them. Raises KcplanError where they differ."""
        config = load_texts(texts, self.registry, exported.environment, self.settings)
        wrong = list(differences(config, live.objects, self.registry, self.digester))
        if wrong:
            raise KcplanError(
                "the file would not describe the realm as it is",
                "Nothing was written. These do not come back as they are: "
                + ", ".join(f"{address} {dotted(path)}".rstrip() for address, path in wrong),
            )
        return config


def _passed(live: Snapshot, reason: PassedOver) -> Iterator[Address]:
    return (address for address, why in live.passed_over.items() if why is reason)


def _by_type(addresses: Iterable[Address], registry: Registry) -> Mapping[str, int]:
    return Counter(spec.name for a in addresses if (spec := spec_at(registry, a)) is not None)


# -- before anything is written ---------------------------------------------------------------


def check_new(realm: str, state: State) -> None:
    """Raise UsageError where the state knows the realm."""
    if any(address.realm == realm for address in state.resources):
        raise UsageError(
            f"the realm {realm} is in the state already",
            f"To import it again, forget it first: kcplan state rm {Address.of(realm)}",
        )


def read_realm(reader: Reader, realm: str, registry: Registry, *, data: bool = False) -> Snapshot:
    """A realm with everything in it; with `data` also users, say.

    Raises:
        UsageError: There is no such realm.
        ServerError: It could not be read.
    """
    live = reader.read(for_import(realm, registry, data=data))
    if Address.of(realm) not in live.objects:
        raise UsageError(
            f"there is no realm {realm} at {live.server.url}",
            "Names of realms are case-sensitive. Correct the name, or --url.",
        )
    return live
