"""A server that lists no names, as one of another version may: Keycloak refuses them itself then."""

import pytest

from kcplan_keycloak.server_info import ServerInfo, server_info


def lists_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let kcplan see the version and the features of the server, and none of its names."""

    def without_names(document: dict[str, object]) -> ServerInfo:
        return server_info(
            {name: document[name] for name in ("systemInfo", "features") if name in document}
        )

    monkeypatch.setattr("kcplan_keycloak.api.server_info", without_names)
