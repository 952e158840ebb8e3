"""What `docs/coming-from-terraform.md` says: where the provider's resources are in kcplan."""

import re
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parents[3] / "docs" / "coming-from-terraform.md"

_ROW: Final = re.compile(r"^\| (.*`keycloak_.*) \| (.+) \| (\[.+\]\(resources\.md#.+\)) \|$")
_MAPPER: Final = re.compile(r"^\| `(keycloak_\w+_protocol_mapper)` \| `.+\|$")


def types() -> dict[str, set[str]]:
    """By resource of the provider, kcplan's types that the tables give for it."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    found = {
        name: set(re.findall(r"resources\.md#([\w-]+)\)", row[3]))
        for row in filter(None, map(_ROW.match, lines))
        for name in re.findall(r"`(keycloak_\w+)`", row[1].partition("block")[0])
    }
    mappers = [row[1] for row in filter(None, map(_MAPPER.match, lines))]
    return found | dict.fromkeys(mappers, found["keycloak_generic_protocol_mapper"])
