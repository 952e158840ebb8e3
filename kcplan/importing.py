"""Importing: a live realm becomes a file and a state, so that the next plan is empty.

    Keycloak ─read─▶ Snapshot ─export─▶ file ─read back─▶ Config ─adopt─▶ state

Nothing is written until the file, read back as the next plan will read it, is the realm as it is.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import evolve, field, frozen

from kcplan.address import Address
from kcplan.adoption import adopted, differences
from kcplan.config.load import load_text
from kcplan.config.model import Config
from kcplan.config.settings import Settings
from kcplan.diagnostics import Diagnostic
from kcplan.digests import Digester
from kcplan.errors import KcplanError, UsageError
from kcplan.export import Defaults, Export, export
from kcplan.provider import Reader
from kcplan.reading import for_import
from kcplan.resource import Registry
from kcplan.schema import dotted
from kcplan.snapshot import Snapshot
from kcplan.state import State
from kcplan.storage import StateStore
from kcplan.toml_writer import to_toml


@frozen
class Imported:
    """What came of an import.

    Attributes:
        realm: The name of the realm.
        file: The file that describes it.
        resources: How many resources the state has of it.
        export: What the file says, and what it leaves out.
        diagnostics: What is to be said of the file.
        without_account: Clients that should have a service account, and none was found.
        unmanaged: How much the realm has that kcplan cannot manage, by a word for one of it.
    """

    realm: str
    file: Path
    resources: int
    export: Export
    diagnostics: tuple[Diagnostic, ...] = ()
    without_account: tuple[Address, ...] = ()
    unmanaged: Mapping[str, int] = field(factory=dict)


@frozen
class Importer:
    """Describes live realms in files, and adopts what they have.

    Attributes:
        registry: The resource types.
        settings: What kcplan.toml says.
        digester: Digests under the state's key.
        store: Where the state is saved.
    """

    registry: Registry
    settings: Settings
    digester: Digester
    store: StateStore

    def run(
        self, realm: str, file: Path, live: Snapshot, defaults: Defaults, state: State
    ) -> Imported:
        """Describe a realm that was read in a file, and adopt what it has.

        Args:
            realm: The name of the realm.
            file: The file to write; `check_file` has accepted it.
            live: The realm with everything in it.
            defaults: What new objects have in their fields.
            state: The state, which does not know the realm.

        Raises:
            UsageError: The file cannot be written.
            KcplanError: The file would not describe the realm, or the state cannot be written.
        """
        exported = export(realm, live.objects.values(), self.registry, defaults)
        text = _FORMATS[file.suffix.lower()](exported.document)
        config = self._read_back(file, text, exported, live)
        entries = adopted(config, live.objects, self.registry, self.digester)
        after = evolve(state.with_resources(entries), server=live.server)
        self._write(file, text, after)
        return Imported(realm, file, len(entries), exported, config.diagnostics)

    def _read_back(self, file: Path, text: str, exported: Export, live: Snapshot) -> Config:
        """The file as the next plan will read it. Raises KcplanError where it is not the realm."""
        config = load_text(file, text, self.registry, exported.environment, self.settings)
        wrong = list(differences(config, live.objects, self.registry, self.digester))
        if wrong:
            raise KcplanError(
                "the file would not describe the realm as it is",
                "Nothing was written. These do not come back as they are: "
                + ", ".join(f"{address} {dotted(path)}".rstrip() for address, path in wrong),
            )
        return config

    def _write(self, file: Path, text: str, state: State) -> None:
        """Write the file and the state: both, or none."""
        try:
            with file.open("x", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
        except FileExistsError:
            raise _exists(file) from None
        except OSError as problem:
            raise UsageError(f"{file} cannot be written", f"{problem.strerror}.") from None
        try:
            self.store.save(state)
        except BaseException:
            file.unlink()
            raise


# -- before anything is written ---------------------------------------------------------------


def default_file(realm: str) -> Path:
    """The file for a realm where the user names none. Raises UsageError."""
    name = f"{realm}.toml"
    if Path(name).name != name or name.startswith("."):
        raise UsageError(
            f"{name} cannot be the name of a file in this folder", "Give one with --out."
        )
    return Path(name)


def check_file(file: Path) -> None:
    """Raise UsageError where the file cannot be written, or what it would hold is not known."""
    if file.suffix.lower() not in _FORMATS:
        raise UsageError(
            f"{file} is not a realm file", "Its name must end in .toml or .json, for the format."
        )
    if file.exists() or file.is_symlink():
        raise _exists(file)
    if not file.parent.is_dir():
        raise UsageError(f"the folder {file.parent} does not exist", "Create it first.")


def check_new(realm: str, state: State) -> None:
    """Raise UsageError where the state knows the realm."""
    if any(address.realm == realm for address in state.resources):
        raise UsageError(
            f"the realm {realm} is in the state already",
            f"To import it again, forget it first: kcplan state rm {Address.of(realm)}",
        )


def read_realm(reader: Reader, realm: str, registry: Registry) -> Snapshot:
    """A realm with everything in it.

    Raises:
        UsageError: There is no such realm.
        ServerError: It could not be read.
    """
    live = reader.read(for_import(realm, registry))
    if Address.of(realm) not in live.objects:
        raise UsageError(
            f"there is no realm {realm} at {live.server.url}",
            "Names of realms are case-sensitive. Correct the name, or --url.",
        )
    return live


def _exists(file: Path) -> UsageError:
    return UsageError(
        f"{file} exists", "It is not overwritten. Remove it, or name another file with --out."
    )


# -- formats ----------------------------------------------------------------------------------


def _to_json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


_FORMATS: Final[Mapping[str, Callable[[Any], str]]] = {".toml": to_toml, ".json": _to_json}
