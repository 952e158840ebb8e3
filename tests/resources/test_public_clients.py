"""Secrets of public clients, which Keycloak does not keep."""

import json
from pathlib import Path
from typing import Any

from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.config.load import load
from kcplan_keycloak.resources import registry
from support.world import World

SECRET = "0123456789abcdef0123456789abcdef"


def public(client_id: str, **fields: Any) -> dict[str, Any]:
    return {"clientId": client_id, "publicClient": True, "secret": "${env:A_VALUE}", **fields}


def loaded(folder: Path, *files: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """What is said of files, and the fields of the clients that they declare."""
    paths = []
    for index, document in enumerate(files):
        paths.append(folder / f"{index}.json")
        paths[-1].write_text(json.dumps({"realm": "r", **document}, indent=1))
    config = load(paths, registry(), {"A_VALUE": SECRET})
    said = [
        f"{item.severity} {item.code} {item.source}\n{item.summary}\n{item.detail}".replace(
            f"{folder}/", ""
        )
        for item in config.diagnostics
    ]
    clients = {a.name: set(r.leaves) for a, r in config.resources.items() if r.type == "client"}
    return said, clients


def test_a_public_clients_secret_is_left_out(tmp_path: Path) -> None:
    said, clients = loaded(tmp_path, {"clients": [public("a")]})
    assert "\n".join(said) == snapshot("""\
note secret-on-public-client 0.json:7:4
client a is public, and its secret is left out
Keycloak keeps no secret of a public client.\
""")
    assert clients == {"a": {("publicClient",)}}


def test_several_are_one_note_for_each_file(tmp_path: Path) -> None:
    said, clients = loaded(
        tmp_path,
        {"clients": [public(f"a{index}", publicClient="true") for index in range(12)]},
        {"clients": [public("b"), public("c", publicClient=False)]},
    )
    assert "\n".join(said) == snapshot("""\
note secret-on-public-client 0.json:7:4
client a0 is public, and its secret is left out
Keycloak keeps no secret of a public client.
note secret-on-public-client 0.json:12:4
client a1 is public, and its secret is left out
Keycloak keeps no secret of a public client.
note secret-on-public-client 0.json:17:4
client a2 is public, and its secret is left out
Keycloak keeps no secret of a public client.
note secret-on-public-client 0.json:22:4
client a3 is public, and its secret is left out
Keycloak keeps no secret of a public client.
note secret-on-public-client 0.json:27:4
client a4 is public, and its secret is left out
Keycloak keeps no secret of a public client.
note secret-on-public-client 0.json:32:4
client a5 is public, and its secret is left out
Keycloak keeps no secret of a public client.
note secret-on-public-client 0.json:37:4
client a6 is public, and its secret is left out
Keycloak keeps no secret of a public client.
note secret-on-public-client 0.json:42:4
client a7 is public, and its secret is left out
Keycloak keeps no secret of a public client.
note secret-on-public-client 0.json:47:4
client a8 is public, and its secret is left out
Keycloak keeps no secret of a public client.
note secret-on-public-client 0.json:52:4
client a9 is public, and its secret is left out
Keycloak keeps no secret of a public client.
note secret-on-public-client 0.json:57:4
client a10 is public, and its secret is left out
Keycloak keeps no secret of a public client.
note secret-on-public-client 0.json:62:4
client a11 is public, and its secret is left out
Keycloak keeps no secret of a public client.
note secret-on-public-client 1.json:7:4
client b is public, and its secret is left out
Keycloak keeps no secret of a public client.\
""")
    assert clients["c"] == {("publicClient",), ("secret",)}


def test_another_file_may_say_that_the_client_is_public(tmp_path: Path) -> None:
    said, clients = loaded(
        tmp_path,
        {"clients": [{"clientId": "a", "publicClient": True}]},
        {"clients": [{"clientId": "a", "secret": "${env:A_VALUE}"}]},
    )
    assert len(said) == 1
    assert clients == {"a": {("publicClient",)}}


def test_a_public_clients_secret_is_not_sent(world: World) -> None:
    """Neither to a new client, nor when a confidential one becomes public."""
    world.variables["A_VALUE"] = SECRET
    world.declare(clients=[public("a"), public("b", publicClient=False)])
    assert "secret-on-public-client" in world.plan().codes
    world.apply()
    world.is_settled()
    world.declare(clients=[public("a", name="A"), public("b")])
    world.apply()
    world.is_settled()
    for name in ("a", "b"):
        client = world.client(name)
        assert client is not None
        assert (client["publicClient"], "secret" in client) == (True, False)


def test_the_plan_says_that_the_client_is_public_in_keycloak(world: World) -> None:
    world.variables["A_VALUE"] = SECRET
    world.declare(clients=[{"clientId": "a", "publicClient": True}])
    world.apply()
    client = {"clientId": "a", "secret": "${env:A_VALUE}"}
    world.declare(clients=[client])
    text = world.kcplan("plan", world.file, exit_code=1).stderr
    assert text.replace(str(world.folder), "FOLDER").replace(world.realm, "REALM") == snapshot("""\
Error: client a is public in Keycloak, which keeps no secret of such a client [secret-on-public-client]
  on FOLDER/realm.json:6:7, in REALM/clients/a, secret

The files declare a secret and do not say whether the client is public. Set
`publicClient` to false if the client is to have the secret, or remove `secret`.

""")
    world.declare(clients=[{**client, "publicClient": False}])
    world.apply()
    world.is_settled()
    found = world.client("a")
    assert found is not None
    assert found["secret"] == SECRET


def test_a_new_client_with_a_secret_is_confidential(world: World) -> None:
    world.variables["A_VALUE"] = SECRET
    world.declare(clients=[{"clientId": "a", "secret": "${env:A_VALUE}"}])
    world.apply()
    world.is_settled()
    assert world.entry("clients/a")["address"] == str(Address.of(world.realm, "clients", "a"))


def test_a_public_client_may_have_an_account_that_cannot_log_in(world: World) -> None:
    """Keycloak has such clients where somebody switched their authentication off."""
    world.declare(clients=[{"clientId": "a", "publicClient": True, "serviceAccountsEnabled": True}])
    plan = world.plan()
    assert plan.codes == ["service-account-public-client"]
    assert plan.document["diagnostics"][0]["severity"] == "warning"
    world.apply()
    world.is_settled()
    client = world.client("a")
    assert client is not None
    assert (client["publicClient"], client["serviceAccountsEnabled"]) == (True, True)
