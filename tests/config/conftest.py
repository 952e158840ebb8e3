"""A small set of resource types, and a way to load files written on the spot."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from kcplan.address import Address
from kcplan.config.document import parse_documents, read_document
from kcplan.config.load import load
from kcplan.config.load import load_text as kcplan_load_text
from kcplan.config.model import Config
from kcplan.config.settings import Settings
from kcplan.config.settings_file import load_settings
from kcplan.diagnostics import Diagnostic, warning
from kcplan.errors import ConfigError
from kcplan.resource import Registry, Resource, TypeSpec
from kcplan.shapes import (
    BOOLEAN,
    INTEGER,
    STRING,
    STRING_MAP,
    STRINGS,
    ListOf,
    MapOf,
    Named,
    Object,
)
from support.agreement import (
    of_settings,
    of_types,
    require_agreement_of_files,
    settled_by,
)

CLIENT_ID = "clients[clientId]"
POLICIES = f"{CLIENT_ID}.authorizationSettings.policies[name]"


def _no_public_secret(resource: Resource) -> Iterable[Diagnostic]:
    if resource.leaves.get(("publicClient",)) and ("secret",) in resource.leaves:
        yield warning("public-secret", "a public client has no secret", path=("secret",))


TYPES = (
    TypeSpec(
        name="realm",
        pattern="REALM",
        rank=0,
        where="",
        schema=Object(
            {
                "displayName": STRING,
                "enabled": BOOLEAN,
                "accessTokenLifespan": INTEGER,
                "attributes": STRING_MAP,
                "smtpServer": STRING_MAP,
            }
        ),
        unsupported={"groups": "Manage groups in the console."},
        sensitive=(("smtpServer", "password"),),
    ),
    TypeSpec(
        name="role",
        pattern="REALM/roles/ROLE",
        rank=1,
        where="roles.realm[name]",
        schema=Object({"name": STRING, "description": STRING, "attributes": MapOf(STRINGS)}),
        key=("name",),
    ),
    TypeSpec(
        name="client-role",
        pattern="REALM/clients/CLIENT_ID/roles/ROLE",
        rank=3,
        where="roles.client{}[name]",
        schema=Object({"name": STRING, "description": STRING}),
        key=("name",),
    ),
    TypeSpec(
        name="client",
        pattern="REALM/clients/CLIENT_ID",
        rank=2,
        where=CLIENT_ID,
        schema=Object(
            {
                "clientId": STRING,
                "enabled": BOOLEAN,
                "publicClient": BOOLEAN,
                "secret": STRING,
                "redirectUris": STRINGS,
                "attributes": STRING_MAP,
                "nodes": MapOf(INTEGER),
                "protocolMappers": Named(Object({"config": STRING_MAP})),
            }
        ),
        key=("clientId",),
        ignored=(("id",), ("protocolMappers", "*", "id")),
        sensitive=(("secret",), ("attributes", "*private.key")),
        check=_no_public_secret,
    ),
    TypeSpec(
        name="policy",
        pattern="REALM/clients/CLIENT_ID/authorization/policies/NAME",
        rank=4,
        where=POLICIES,
        schema=Object(
            {
                "name": STRING,
                "type": STRING,
                "config": Object({"roles": ListOf(Object({"id": STRING}))}),
            }
        ),
        key=("name",),
        belongs=lambda document: document.get("type") not in ("resource", "scope"),
        json_strings=(("config", "roles"),),
    ),
    TypeSpec(
        name="permission",
        pattern="REALM/clients/CLIENT_ID/authorization/permissions/NAME",
        rank=5,
        where=POLICIES,
        schema=Object({"name": STRING, "type": STRING}, closed=True),
        key=("name",),
        belongs=lambda document: document.get("type") in ("resource", "scope"),
    ),
    TypeSpec(
        name="service-account",
        pattern="REALM/clients/CLIENT_ID/service-account",
        rank=6,
        where="users[serviceAccountClientId]",
        schema=Object(
            {
                "serviceAccountClientId": STRING,
                "realmRoles": STRINGS,
                "clientRoles": MapOf(STRINGS, exhaustive=True),
            }
        ),
        key=("serviceAccountClientId",),
        nameless="kcplan manages service accounts only, and no other users.",
    ),
)

REGISTRY = {spec.name: spec for spec in TYPES}

Load = Callable[..., Config]


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The types of resources that these tests have."""
    return REGISTRY


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(folder: Path) -> Callable[[str, str | bytes], Path]:
    """Writes a file into the folder."""

    def write(name: str, content: str | bytes) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Path(name)

    return write


@pytest.fixture
def load_paths() -> Load:
    """Loads paths."""

    def load_paths(
        paths: Sequence[Path | str],
        environment: Mapping[str, str] | None = None,
        settings: Settings | None = None,
    ) -> Config:
        return load(paths, REGISTRY, environment or {}, settings)

    return load_paths


@pytest.fixture
def load_files(write: Callable[[str, str | bytes], Path]) -> Load:
    """Loads the files with these contents, and no others."""

    def load_files(
        files: Mapping[str, str | bytes],
        environment: Mapping[str, str] | None = None,
        settings: Settings | None = None,
    ) -> Config:
        paths = [write(name, content) for name, content in files.items()]
        try:
            config = load(paths, REGISTRY, environment or {}, settings)
        except ConfigError as problem:
            _require_that_editors_agree(paths, problem.diagnostics)
            raise
        if settings is None or settings.keycloak.version is None:
            _require_that_editors_agree(paths, config.diagnostics)
        return config

    return load_files


def _documents(path: Path, text: str | None = None) -> dict[str, Any]:
    """The document in a file, by its name; nothing where it is none."""
    with suppress(ConfigError):
        read = parse_documents(path, text)[0] if text is not None else read_document(path)
        return {str(path): read.data}
    return {}


def _require_that_editors_agree(paths: Iterable[Path], found: Iterable[Diagnostic]) -> None:
    """Each file of these tests is also one for the JSON Schema of their types."""
    documents = {name: data for path in paths for name, data in _documents(path).items()}
    require_agreement_of_files(of_types(REGISTRY), documents, found)


def _load_settings(path: Path, **options: Any) -> Settings:
    with settled_by(of_settings(), _documents(path)) as found:
        settings = load_settings(path, **options)
        found.extend(settings.diagnostics)
    return settings


def _load_text(path: Path, text: str, types: Registry, *rest: Any) -> Config:
    with settled_by(of_types(types), _documents(path, text)) as found:
        config = kcplan_load_text(path, text, types, *rest)
        found.extend(config.diagnostics)
    return config


def _load(paths: Sequence[Path | str], types: Registry, *rest: Any) -> Config:
    files = [Path(path) for path in paths if Path(path).is_file()]
    documents = {name: data for path in files for name, data in _documents(path).items()}
    with settled_by(of_types(types), documents) as found:
        config = load(paths, types, *rest)
        found.extend(config.diagnostics)
    return config


@pytest.fixture(autouse=True)
def _editors_agree(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else a test here loads, it is also a file for an editor."""
    ours = {"load_settings": _load_settings, "load_text": _load_text, "load": _load}
    theirs = {"load_settings": load_settings, "load_text": kcplan_load_text, "load": load}
    for name, function in theirs.items():
        if getattr(request.module, name, None) is function:
            monkeypatch.setattr(request.module, name, ours[name])


@pytest.fixture
def load_text(load_files: Load) -> Load:
    """Loads one realm file `r.toml`; the key `realm` need not be in the text."""

    def load_text(text: str, **options: Any) -> Config:
        return load_files({"r.toml": f'realm = "r"\n{text}'}, **options)

    return load_text


@pytest.fixture
def errors(load_files: Load) -> Callable[..., str]:
    """What loading files ends with."""

    def errors(files: Mapping[str, str | bytes], **options: Any) -> str:
        with pytest.raises(ConfigError) as caught:
            load_files(files, **options)
        return text_of(caught.value.diagnostics)

    return errors


def text_of(diagnostics: Iterable[Diagnostic]) -> str:
    """Diagnostics, two lines each."""
    return "\n".join(
        f"{item.severity} {item.code} {item.source}\n  {item.summary}" for item in diagnostics
    )


@pytest.fixture(name="text_of")
def text_of_fixture() -> Callable[[Iterable[Diagnostic]], str]:
    return text_of


def leaves(config: Config, *segments: str) -> Mapping[tuple[str, ...], Any]:
    """The leaves of a resource."""
    return config.resources[Address(segments)].leaves


@pytest.fixture(name="leaves")
def leaves_fixture() -> Callable[..., Mapping[tuple[str, ...], Any]]:
    return leaves
