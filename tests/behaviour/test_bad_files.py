"""Bad input through the command line: one clear message, exit code 1, and nothing changed."""

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from support.harness import Admin, Run
from support.world import World

BINARY = bytes(range(256)) * 4

TOML = {
    "syntax": 'realm = "REALM"\nenabled = \n',
    "unclosed": 'realm = "REALM\n',
    "duplicate-key": 'realm = "REALM"\nenabled = true\nenabled = false\n',
    "no-realm": "enabled = true\n",
    "empty": "",
    "realm-is-number": "realm = 5\n",
    "wrong-type": 'realm = "REALM"\nenabled = "no"\n',
    "list-for-text": 'realm = "REALM"\ndisplayName = [5]\n',
    "null-scalar": None,
    "list-for-table": 'realm = "REALM"\nattributes = ["a"]\n',
    "missing-client-id": 'realm = "REALM"\n[[clients]]\nname = "x"\n',
    "two-clients": 'realm = "REALM"\n[[clients]]\nclientId = "a"\n[[clients]]\nclientId = "a"\n',
    "two-mappers": (
        'realm = "REALM"\n[[clients]]\nclientId = "a"\n'
        + '[[clients.protocolMappers]]\nname = "m"\nprotocolMapper = "oidc-sub-mapper"\n' * 2
    ),
    "unknown-section": 'realm = "REALM"\n[[protocolMappers]]\nname = "w"\n',
    "groups": 'realm = "REALM"\n[[groups]]\nsubGroups = []\n',
    "users": 'realm = "REALM"\n[[users]]\nemail = "alice@example.org"\n',
    "undefined-variable": 'realm = "REALM"\ndisplayName = "${NOT_DEFINED_ANYWHERE}"\n',
    "authorization-without-account": (
        'realm = "REALM"\n[[clients]]\nclientId = "a"\nauthorizationServicesEnabled = true\n'
        "serviceAccountsEnabled = false\n"
    ),
    "unknown-role": (
        'realm = "REALM"\n[[clients]]\nclientId = "a"\nserviceAccountsEnabled = true\n'
        '[[users]]\nserviceAccountClientId = "a"\nrealmRoles = ["nobody"]\n'
    ),
    "account-of-nobody": 'realm = "REALM"\n[[users]]\nserviceAccountClientId = "nobody"\n',
    "policy-for-nobody": (
        'realm = "REALM"\n[[clients]]\nclientId = "a"\nserviceAccountsEnabled = true\n'
        "authorizationServicesEnabled = true\n[clients.authorizationSettings]\n"
        '[[clients.authorizationSettings.policies]]\nname = "p"\ntype = "client"\n'
        '[clients.authorizationSettings.policies.config]\nclients = ["nobody"]\n'
    ),
    "long-name": f'realm = "REALM"\n[[clients]]\nclientId = "{"x" * 256}"\n',
    "bad-json-string": (
        'realm = "REALM"\n[[clients]]\nclientId = "a"\nserviceAccountsEnabled = true\n'
        "authorizationServicesEnabled = true\n[clients.authorizationSettings]\n"
        '[[clients.authorizationSettings.policies]]\nname = "p"\ntype = "client"\n'
        "[clients.authorizationSettings.policies.config]\nclients = '[\"a\"'\n"
    ),
}


@pytest.fixture(scope="module")
def one_realm(admin: Admin) -> Iterator[str]:
    """One realm for all tests here: none of them may change it."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    admin.post("", json={"realm": name, "enabled": True})
    yield name
    admin.delete(name)


@pytest.fixture
def inhabited(one_realm: str, admin: Admin, tmp_path: Path, run_kcplan: Run) -> World:
    return World(one_realm, tmp_path, admin, run_kcplan)


def write(world: World, name: str) -> Path:
    file = world.folder / "bad.toml"
    text = TOML[name]
    if text is None:
        world.declare(enabled=None)
        return world.file
    file.write_text(text.replace("REALM", world.realm))
    return file


@pytest.fixture
def untouched(inhabited: World) -> Callable[[], None]:
    """Asserts that the realm is as it was, and that no state came about."""
    before = inhabited.export()

    def check() -> None:
        assert inhabited.export() == before
        assert not inhabited.state_file.exists()

    return check


@pytest.mark.parametrize("name", sorted(TOML))
def test_a_bad_file_is_one_clear_error_and_changes_nothing(
    inhabited: World, untouched: Callable[[], None], name: str
) -> None:
    file = write(inhabited, name)
    for command in (("plan", file), ("apply", file, "--auto-approve")):
        result = inhabited.kcplan(*command, exit_code=1)
        assert result.stderr.count("Error:") == 1, result.stderr
        assert "Traceback" not in result.stderr + result.stdout
        assert "defect of kcplan" not in result.stderr
        assert file.name in result.stderr
    untouched()


@pytest.mark.parametrize("suffix", ["toml", "json", "yaml"])
@pytest.mark.parametrize(
    "content", [BINARY, b"\xff\xfe\x00", b"\x00" * 10, b"[]", b"null", b'"text"', b"{" * 5000]
)
def test_what_is_no_realm_file_is_one_error(inhabited: World, suffix: str, content: bytes) -> None:
    file = inhabited.folder / f"bad.{suffix}"
    file.write_bytes(content)
    result = inhabited.kcplan("plan", file, exit_code=1)
    assert result.stderr.count("Error:") == 1, result.stderr
    assert "defect of kcplan" not in result.stderr
    assert len(result.stderr) < 2000


def test_all_that_is_wrong_is_said_at_once(inhabited: World) -> None:
    inhabited.declare(
        enabled="yes",
        clients=[{"clientId": "a", "redirectUris": "x"}, {"name": "nameless"}],
        protocolMappers=[{"name": "w"}],
        displayName="${UNDEFINED_ONE} ${UNDEFINED_TWO}",
    )
    result = inhabited.kcplan("plan", inhabited.file, exit_code=1)
    assert result.stderr.count("Error:") == 4
    assert "Error: 2 findings [wrong-type]" in result.stderr
    assert "Error: 2 variables are not set [undefined-variable]" in result.stderr


def said(world: World, name: str) -> str:
    file = write(world, name)
    text = world.kcplan("plan", file, exit_code=1).stderr
    return text.replace(str(world.folder), "FOLDER").replace(world.realm, "REALM")


def test_messages_name_file_and_place_and_say_what_to_do(inhabited: World) -> None:
    assert said(inhabited, "syntax") == snapshot("""\
Error: the TOML is broken: invalid value [syntax-error]
  on FOLDER/bad.toml:2:11

Texts stand in quotes, each key once, and each entry on a line of its own.
""")
    assert said(inhabited, "wrong-type") == snapshot("""\
Error: enabled must be a boolean (true or false), not the string 'no' [wrong-type]
  on FOLDER/bad.toml:2:1, in REALM, enabled
""")
    assert said(inhabited, "users") == snapshot("""\
Error: an entry of users has no `username` [missing-name]
  on FOLDER/bad.toml:2:1

A user is recognised by its `username`, a service account by its
`serviceAccountClientId`. Add one of them.
""")
    assert said(inhabited, "unknown-role") == snapshot("""\
Error: service-account a names REALM/roles/nobody, which does not exist [unknown-reference]
  on FOLDER/bad.toml:7:1, in REALM/clients/a/service-account, realmRoles

It is neither in the files nor in Keycloak. Declare it, or correct the name.

""")
    assert said(inhabited, "undefined-variable") == snapshot("""\
Error: the variable NOT_DEFINED_ANYWHERE is not set [undefined-variable]
  on FOLDER/bad.toml:2:1

Set it in the environment, with `--var` or `--var-file`, or in `[variables]` of
kcplan.toml; or give a default: `${env:NAME:-default}`. To have the text itself, write
`$${` for `${`.
""")
    assert said(inhabited, "account-of-nobody") == snapshot("""\
Error: service-account nobody lies in REALM/clients/nobody, which does not exist [unknown-reference]
  on FOLDER/bad.toml:2:1, in REALM/clients/nobody/service-account

It is neither in the files nor in Keycloak. Declare it, or correct the name.

""")


@pytest.mark.parametrize(
    "fields",
    [
        {"sslRequired": "bogus"},
        {"clients": [{"clientId": "a", "redirectUris": ["javascript:alert(1)"]}]},
        {"clients": [{"clientId": "a", "rootUrl": "no url"}]},
        {"clients": [{"clientId": "a", "noSuchField": True}]},
        {"clients": [{"clientId": "a", "description": "x" * 300}]},
        {"identityProviders": [{"alias": "i", "providerId": "nobody"}]},
        {"loginTheme": "x" * 300},
    ],
)
def test_what_only_keycloak_refuses_ends_in_a_rollback_with_its_reason(
    inhabited: World, fields: dict[str, Any]
) -> None:
    world = inhabited
    before = world.export()
    world.declare(roles={"realm": [{"name": "first"}]}, **fields)
    result = world.kcplan("apply", world.file, "--auto-approve", exit_code=None)
    assert result.exit_code in {1, 3}
    assert "Error:" in result.stderr
    assert "defect of kcplan" not in result.stderr
    assert world.export() == before


def test_errors_of_a_plan_as_json_are_in_the_document(inhabited: World) -> None:
    inhabited.declare(clients=[{"clientId": "a", "defaultClientScopes": ["nobody"]}])
    result = inhabited.kcplan("plan", inhabited.file, "--format", "json", exit_code=1)
    assert json.loads(result.stdout)["diagnostics"][0]["severity"] == "error"


@pytest.mark.parametrize(
    "text",
    [
        "[keycloak]\nurl = 5\n",
        "[keyclock]\n",
        '[[lifecycle]]\nmatch = "*"\nprevent_destroy = "yes"\n',
        '[[moved]]\nfrom = "a"\n',
        "not toml at all",
    ],
)
def test_a_bad_kcplan_toml_is_one_error(inhabited: World, text: str) -> None:
    inhabited.settings(text)
    inhabited.declare()
    result = inhabited.kcplan("plan", inhabited.file, exit_code=1)
    assert result.stderr.count("Error:") == 1
    assert "kcplan.toml" in result.stderr


@pytest.mark.parametrize("arguments", [(), ("nowhere.toml",), ("*.nothing",), ("folder",)])
def test_paths_that_name_nothing_are_an_error(inhabited: World, arguments: tuple[str, ...]) -> None:
    (inhabited.folder / "folder").mkdir()
    result = inhabited.kcplan("plan", *arguments, exit_code=1)
    assert result.stderr.count("Error:") == 1
