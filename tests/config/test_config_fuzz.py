"""Whatever a file holds: a configuration, or an error that says what is wrong. Never a crash."""

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcplan.config.load import load
from kcplan.config.model import Config
from kcplan.config.settings import ConfigSettings, Settings
from kcplan.config.settings_file import load_settings
from kcplan.errors import ConfigError, UsageError
from kcplan.resource import Registry

SEEDS = {
    "r.toml": r"""
realm = "r"
enabled = true
accessTokenLifespan = "${LIFESPAN}"
attributes = { a = "${file:secret}", "b.c" = '$(base64Decoder:$(env:TEXT))' }
[permissions]
tokenExchange = [{ requester = "a", audiences = ["b"] }]
[[roles.realm]]
name = "admin"
[[roles.client."a/b"]]
name = '''reader'''
[[clients]]
clientId = "a"
secret = "${env:TEXT:-x}"
redirectUris = ["https://a/*", "${TEXT}"]
[[clients.protocolMappers]]
name = "m"
config."included.client.audience" = "b"
[[clients.authorizationSettings.policies]]
name = "p"
type = "role"
config.roles = '[{"id": "${TEXT}"}]'
[[users]]
serviceAccountClientId = "a"
clientRoles.b = ["x"]
""",
    "r.json": r"""{"realm": "r", "enabled": false, "accessTokenLifespan": 6, "attributes": {},
"roles": {"realm": [{"name": "\u00fc\"x", "attributes": {"a": ["b", ""]}}], "client": {"a": []}},
"clients": [{"clientId": "${TEXT}", "secret": "**********", "nodes": {"n": -1},
  "protocolMappers": [{"name": "m", "config": {"a": "b"}}],
  "authorizationSettings": {"policies": [{"name": "p", "config": {"roles": "[{\"id\": \"x\"}]"}}]}}],
"users": [{"serviceAccountClientId": "a", "clientRoles": {"b": []}}],
"permissions": {"tokenExchange": [{"requester": "a"}]}}""",
    "r.yaml": r"""
realm: r
attributes: &a {x: "1", y: !!str 2}
roles: {realm: [{name: admin, attributes: {a: [b]}}], client: {a: [{name: r}]}}
clients:
  - clientId: a
    <<: {enabled: true}
    attributes: *a
    secret: |
      ${TEXT}
    protocolMappers: [{name: m, config: {<<: *a, z: '3'}}]
permissions:
  tokenExchange: [{requester: a, audiences: [b, ~, 0x1F, .5, yes]}]
""",
}

SETTINGS = r"""
[keycloak]
url = "https://id.example.org"
client_secret = "hidden"
password_file = 'secret'
insecure = false
timeout = 30.5
parallelism = 4
[config]
files = ["realms/*.toml", "r.json"]
substitution = "keycloak-config-cli"
[state]
path = "state.json"
lock_timeout = 1
[[lifecycle]]
match = "r/clients/**"
ignore_changes = ["attributes.\"a.b\"", 'description']
prevent_destroy = true
on_remove = "release"
[[moved]]
from = "r/clients/a%2Fb"
to = "r/clients/b"
"""

PIECES = st.sampled_from(
    [
        *"{}[]():,.=-*&!|>?#\"'\\\n\t \r\0\x7f\ufeff\u2028é😀$0~<",
        "null",
        "true",
        "NaN",
        "1e999",
        "-0",
        "[[",
        "]]",
        '"""',
        "'''",
        "${",
        "${TEXT}",
        "${MISSING}",
        "${file:.}",
        "${file:\0}",
        "$(",
        "$(sys:x)",
        "\\ud800",
        "realm",
        "name",
        "clients",
        "users",
        "permissions",
        "{}",
        "[]",
        "&a ",
        "*a",
        "<<: ",
        "!!int ",
        "---\n",
        "9" * 25,
        "2026-01-31",
    ]
)


@st.composite
def mutated(draw: st.DrawFn, text: str) -> bytes:
    """The text with a few pieces cut out, doubled, or put in."""
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        match draw(st.integers(0, 3)):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:start] + draw(PIECES) + text[end:]
            case 2:
                text = text[:end] + text[start:end] + text[end:]
            case 3:
                text = text[:start] + draw(PIECES) + text[start:]
    content = text.encode("utf-8", "surrogatepass")
    if draw(st.integers(0, 19)) == 0:
        at = draw(st.integers(0, len(content)))
        content = content[:at] + draw(st.binary(min_size=1, max_size=3)) + content[at:]
    return content


@pytest.mark.parametrize("name", SEEDS)
@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_any_file_gives_a_configuration_or_a_clear_error(
    name: str, data: st.DataObject, registry: Registry
) -> None:
    content = data.draw(mutated(SEEDS[name]))
    environment = {"TEXT": "text", "LIFESPAN": "60", "A_KEY": "hidden"}
    rules = Settings(config=ConfigSettings(substitution="keycloak-config-cli"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        Path(folder, "secret").write_text("content\n")
        outcome = _load(path, registry, environment, rules)
        if isinstance(outcome, ConfigError):
            assert outcome.diagnostics
            for finding in outcome.diagnostics:
                assert finding.source is not None
                f"{finding.source} {finding.summary} {finding.detail}".encode()
        else:
            for resource in outcome.resources.values():
                for where in resource.sources:
                    assert resource.source(where) is not None


@settings(max_examples=250, deadline=None)
@given(content=mutated(SETTINGS))
def test_any_kcplan_toml_gives_settings_or_a_clear_error(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "kcplan.toml")
        path.write_bytes(content)
        outcome = _load_settings(path)
        if isinstance(outcome, ConfigError):
            assert outcome.diagnostics
            for finding in outcome.diagnostics:
                assert finding.source is not None
                f"{finding.source} {finding.summary} {finding.detail}".encode()


def test_the_seed_of_the_settings_is_good(tmp_path: Path) -> None:
    (tmp_path / "kcplan.toml").write_text(SETTINGS)
    assert load_settings(tmp_path / "kcplan.toml").moved


def _load_settings(path: Path) -> Settings | ConfigError:
    try:
        return load_settings(path)
    except ConfigError as problem:
        return problem


def _load(
    path: Path, registry: Registry, environment: dict[str, str], rules: Settings
) -> Config | ConfigError:
    try:
        return load([path], registry, environment, rules)
    except ConfigError as problem:
        return problem


@pytest.mark.parametrize("name", SEEDS)
def test_the_seeds_of_the_fuzzing_are_good(name: str, tmp_path: Path, registry: Registry) -> None:
    (tmp_path / name).write_text(SEEDS[name])
    (tmp_path / "secret").write_text("content\n")
    rules = Settings(config=ConfigSettings(substitution="keycloak-config-cli"))
    environment = {"TEXT": "dGV4dA==", "LIFESPAN": "60"}

    config = load([tmp_path], registry, environment, rules)
    assert len(config.resources) > 3


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=40))
def test_any_path_gives_a_clear_error(text: str, registry: Registry) -> None:
    with contextlib.suppress(UsageError, ConfigError), tempfile.TemporaryDirectory() as folder:
        load([f"{folder}/{text}"], registry, {})
