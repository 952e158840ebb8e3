"""No secret is in any output, state, plan or error, over a whole life with good and bad days."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.world import World

CLIENT, PROVIDER, SMTP, SAML, ROTATED, SHORT = (
    "distinctive-secret-of-the-client-0001",
    "distinctive-secret-of-the-provider-0002",
    "distinctive-secret-of-the-mail-server-0003",
    "distinctive-key-of-saml-0004",
    "distinctive-secret-that-was-rotated-0005",
    "tiny-pw-6",
)
SECRETS = {
    "CLIENT_SECRET": CLIENT,
    "PROVIDER_SECRET": PROVIDER,
    "SMTP_PASSWORD": SMTP,
    "SAML_KEY": SAML,
    "ROTATED": ROTATED,
    "SHORT": SHORT,
}


def declare(world: World, **client: Any) -> None:
    """Secrets of every kind; literal ones stand in the realm's file, which is the user's."""
    world.declare(
        smtpServer={
            "host": "mail",
            "from": "a@b.c",
            "auth": "true",
            "user": "u",
            "password": "${SMTP_PASSWORD}",
        },
        identityProviders=[
            {
                "alias": "idp",
                "providerId": "oidc",
                "config": {
                    "clientId": "x",
                    "clientSecret": "${PROVIDER_SECRET}",
                    "tokenUrl": "https://a/t",
                    "authorizationUrl": "https://a/a",
                },
            }
        ],
        clients=[
            {
                "clientId": "a",
                "secret": "${CLIENT_SECRET}",
                "attributes": {
                    "saml.signing.private.key": "${SAML_KEY}",
                    "client.secret.rotated": "${ROTATED}",
                    "note": "${SHORT}",
                },
                **client,
            },
            {"clientId": "b", "secret": "${SHORT}"},
        ],
    )


class Watch:
    """Runs kcplan, and looks through what it prints and leaves for what must not be there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.forbidden = set(SECRETS.values())

    def __call__(self, *args: object, exit_code: int | None = 0, **more: Any) -> str:
        result = self.world.kcplan(*args, exit_code=exit_code, **more)
        text = result.stdout + result.stderr
        self.search(text, f"the output of {args}")
        for file in self.world.folder.iterdir():
            if file != self.world.file and file.is_file():
                self.search(file.read_text(errors="replace"), f"{file.name} after {args}")
        return text

    def search(self, text: str, where: str) -> None:
        for secret in self.forbidden:
            assert secret not in text, f"{secret} in {where}"
            assert json.dumps(secret)[1:-1] not in text


@pytest.fixture
def kcplan(world: World) -> Watch:
    # `note` is no secret field; its variable's name does not say so either.
    world.variables.update(SECRETS)
    watch = Watch(world)
    watch.forbidden.discard(SHORT)
    declare(world)
    return watch


def everything(kcplan: Watch, plan: Path | str) -> None:
    """All ways to look at a plan and a state."""
    for output in ("text", "markdown", "json", "html"):
        kcplan("plan", kcplan.world.file, "--format", output)
    kcplan("plan", kcplan.world.file, "--out", plan)
    for output in ("text", "markdown", "json", "html"):
        kcplan("show", plan, "--format", output)


def test_a_whole_life_leaks_nothing(kcplan: Watch) -> None:
    world = kcplan.world
    kcplan("validate", world.file)
    kcplan("validate", world.file, "--format", "json")
    everything(kcplan, "first.kcplan")
    kcplan("apply", "first.kcplan")
    for command in (("show",), ("show", "--format", "json"), ("state", "list")):
        kcplan(*command)
    for address in sorted(world.known()):
        name = world.realm if address == "." else f"{world.realm}/{address}"
        kcplan("state", "show", name)
        kcplan("state", "show", name, "--format", "json")
    for secret in list(kcplan.forbidden):
        world.variables[next(k for k, v in SECRETS.items() if v == secret)] = f"{secret}-new"
        kcplan.forbidden.add(f"{secret}-new")
    everything(kcplan, "second.kcplan")
    kcplan("apply", world.file, "--auto-approve", "--format", "json")
    world.edit_client("a", secret="distinctive-secret-by-hand-0007")
    kcplan.forbidden.add("distinctive-secret-by-hand-0007")
    for output in ("text", "markdown", "json", "html"):
        kcplan("refresh", "--format", output)
        kcplan("refresh", "--format", output, "--unmanaged")
    everything(kcplan, "third.kcplan")
    kcplan("refresh", "--accept")
    kcplan("plan", "--destroy", world.file)
    kcplan("destroy", "--auto-approve", "--format", "json")
    assert world.admin.get(world.realm, check=False).status_code == 404


def test_failures_leak_nothing(kcplan: Watch) -> None:
    world = kcplan.world
    kcplan("apply", world.file, "--auto-approve")
    world.variables["CLIENT_SECRET"] = f"{CLIENT}-new"
    kcplan.forbidden.add(f"{CLIENT}-new")
    bad: list[dict[str, Any]] = [
        {"redirectUris": ["javascript:alert(1)"]},
        {"description": "x" * 300},
        {"noSuchField": "${CLIENT_SECRET}"},
        {"secret": "${CLIENT_SECRET}" * 10},
        {"rootUrl": "${CLIENT_SECRET}"},
        {"enabled": "${CLIENT_SECRET}"},
        {"redirectUris": "${CLIENT_SECRET}"},
        {"attributes": {"x": {"y": "${CLIENT_SECRET}"}}},
        {"clientAuthenticatorType": "${CLIENT_SECRET}"},
        {"protocolMappers": [{"name": "m", "protocolMapper": "${CLIENT_SECRET}"}]},
        {"defaultClientScopes": ["${CLIENT_SECRET}"]},
    ]
    for fields in bad:
        declare(world, **fields)
        for command in (
            ("validate", world.file),
            ("plan", world.file, "--format", "json"),
            ("apply", world.file, "--auto-approve"),
        ):
            kcplan(*command, exit_code=None)


def test_a_secret_in_a_file_of_its_own_leaks_nothing(kcplan: Watch) -> None:
    world = kcplan.world
    secrets = world.folder / "secrets"
    secrets.mkdir()
    (secrets / "one").write_text("distinctive-secret-in-a-file-0008\n")
    kcplan.forbidden.add("distinctive-secret-in-a-file-0008")
    world.declare(
        clients=[
            {
                "clientId": "a",
                "secret": f"${{file:{secrets}/one}}",
                # A value from such a file is sensitive wherever it stands.
                "description": f"${{file:{secrets}/one}}",
            }
        ]
    )
    everything(kcplan, "the.kcplan")
    kcplan("apply", "the.kcplan")
    kcplan("refresh")
    world.edit_client("a", description="by hand")
    everything(kcplan, "other.kcplan")
    kcplan("apply", "other.kcplan")
    world.is_settled()


def test_kcplans_own_credentials_cannot_be_put_into_a_realm(
    world: World, kcplan: Callable[..., str]
) -> None:
    world.declare(displayName="${KCPLAN_PASSWORD}")
    text = kcplan("plan", world.file, exit_code=1)
    assert "KCPLAN_PASSWORD" in text


def test_the_state_holds_digests_and_the_key_only(kcplan: Watch) -> None:
    world = kcplan.world
    kcplan("apply", world.file, "--auto-approve")
    assert set(world.entry("clients/a")["secrets"]) == {"secret", "attributes"}
    assert world.state_file.stat().st_mode & 0o077 == 0
    backup = world.folder / "kcplan.state.json.backup"
    declare(world, description="changed")
    kcplan("apply", world.file, "--auto-approve")
    assert backup.stat().st_mode & 0o077 == 0
