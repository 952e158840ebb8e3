"""What is named and not declared, as `validate` says it: one finding for each name."""

import json
from pathlib import Path

from inline_snapshot import snapshot

from support.harness import Run


def test_what_many_name_is_said_once(run_offline: Run, tmp_path: Path) -> None:
    """An export in which one client scope is missing names it in each client."""
    clients = [
        {"clientId": f"app-{number}", "optionalClientScopes": ["gone"]} for number in range(5)
    ]
    clients[3]["defaultClientScopes"] = ["also gone"]
    document = {"realm": "shop", "clients": clients}
    file = tmp_path / "realm.json"
    file.write_text(json.dumps(document, indent=0), encoding="utf-8")
    result = run_offline("validate", "realm.json", cwd=tmp_path)
    assert result.stderr == snapshot("""\
Warning: 5 fields name shop/client-scopes/gone, which the files do not declare [unknown-reference]
  realm.json: optionalClientScopes (lines 6, 12, 18, 24, 33)
It may exist in Keycloak; `kcplan plan` looks it up there.

Warning: client app-3 names shop/client-scopes/also gone, which the files do not declare [unknown-reference]
  on realm.json:27:1, in shop/clients/app-3, defaultClientScopes

It may exist in Keycloak; `kcplan plan` looks it up there.

""")
