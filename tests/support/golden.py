"""Files that an older kcplan left, as if it had written them about a realm of today's server.

They were made by that kcplan on a real server. Only names are other ones here: the realm's, the
server's, and ids, each the same in all of the files.
"""

import hashlib
import json
import re
import uuid
from pathlib import Path

from attrs import field, frozen

from kcplan_state import journal
from kcplan_state.document import canonical, checksum
from kcplan_state.records import Header, Record, from_document, to_document
from support.world import Json

_FOLDER = Path(__file__).parent.parent / "state" / "golden"
_SERVER = "http://127.0.0.1:8380"
_REALM = "golden"
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

STATE, PLAN, JOURNAL = "kcplan.state.json", "plan.json", "kcplan.state.json.journal"


@frozen
class Golden:
    """The files of a version, under other names.

    Attributes:
        version: The kcplan that wrote them.
        realm: The realm's new name.
        server: The server's new URL.
        ids: For ids of the files, those that take their place; any others are made up.
    """

    version: str
    realm: str
    server: str
    ids: dict[str, str] = field(factory=dict)

    def write_state(self, folder: Path) -> None:
        """Write the state, in the format that it has."""
        document = self._read("state.json")
        text = canonical(document)
        (folder / STATE).write_text(json.dumps({**document, "checksum": checksum(text)}))

    def write_plan(self, folder: Path) -> None:
        """Write the saved plan."""
        document = self._read("plan.json")
        text = json.dumps(document, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(text.encode("ascii")).hexdigest()
        (folder / PLAN).write_text(json.dumps({**document, "checksum": f"sha256:{digest}"}))

    def write_journal(self, folder: Path) -> None:
        """Write the journal of the apply that was killed."""
        path = folder / JOURNAL
        path.write_bytes((_FOLDER / self.version / "journal").read_bytes())
        found = journal.read(folder / STATE)
        path.unlink()
        header, *records = (self._renamed(item) for item in (found.header, *found.records))
        assert isinstance(header, Header)
        with journal.begin(folder / STATE, header) as writer:
            writer.append([record for record in records if not isinstance(record, Header)])

    def new_id(self, old: str) -> str:
        """What an id of the files is now."""
        return self.ids.setdefault(old, str(uuid.uuid4()))

    def _read(self, name: str) -> Json:
        text = (_FOLDER / self.version / name).read_text()
        document: Json = json.loads(self._named(text))
        del document["checksum"]
        return document

    def _renamed(self, record: Record | Header) -> Record | Header:
        return from_document(json.loads(self._named(json.dumps(to_document(record)))))

    def _named(self, text: str) -> str:
        text = text.replace(_SERVER, self.server).replace(_REALM, self.realm)
        return _ID.sub(lambda found: self.new_id(found[0]), text)
