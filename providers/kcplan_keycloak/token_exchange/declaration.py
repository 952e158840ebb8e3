"""Permissions as the files declare them: `permissions.tokenExchange`, read strictly."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import field

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.config.located import Located
from kcplan.config.model import Config, Section
from kcplan.diagnostics import Diagnostic, Path, Source, error
from kcplan.resource import Resource
from kcplan.schema import Flat, Leaves, Problem, check, describe
from kcplan.shapes import STRING, Object
from kcplan_keycloak.token_exchange.spec import OPTIONS, SECTION, SPEC, Mode

_ENTRY: Final = Object({"requester": STRING, "mode": STRING, **OPTIONS}, closed=True)

LEGACY_ONLY: Final = ("impersonate", "subjectIssuer", "users")

_FIELDS: Final = f"Allowed here: {', '.join(f'`{name}`' for name in _ENTRY.fields)}."


@frozen
class Permission:
    """That a client may exchange tokens.

    Attributes:
        realm: The realm.
        index: Its place in the list, from 0.
        requester: The client that exchanges.
        subjects: The clients whose tokens it exchanges.
        audiences: The clients that the new token is for.
        refresh_token: Whether it may get a refresh token along with it.
        mode: Standard or legacy.
        scopes: Optional client scopes that it asks for.
        description: What it is for.
        impersonate: Legacy: whether it may get tokens of other users in exchange for its own.
        subject_issuer: Legacy: the alias of the identity provider whose tokens it exchanges.
        users: Legacy: whether it may get tokens of users without giving any.
        sources: The place of each field; `()` is the entry itself.
    """

    realm: str
    index: int
    requester: str
    subjects: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    refresh_token: bool = False
    mode: Mode = Mode.STANDARD
    scopes: tuple[str, ...] = ()
    description: str = ""
    impersonate: bool = False
    subject_issuer: str | None = None
    users: bool = False
    sources: Mapping[Path, Source] = field(factory=dict, eq=False)

    @property
    def address(self) -> Address:
        """Its address."""
        return permission_address(self.realm, self.mode, self.requester)

    @property
    def place(self) -> str:
        """Where it stands in the realm's files, for "because of …"."""
        return f"permissions.{SECTION}[{self.index}]"

    def source(self, path: Path = ()) -> Source | None:
        """The place of a field in the files, or of the entry."""
        return self.sources.get(path) or self.sources.get(())


def permission_address(realm: str, mode: str, requester: str) -> Address:
    """The address of a permission."""
    return Address.of(realm, "permissions", "token-exchange", mode, requester)


@frozen
class Declared:
    """The permissions of a configuration.

    Attributes:
        permissions: Those that can be understood.
        resources: The same, as resources of the plan.
        diagnostics: What is wrong with the others.
    """

    permissions: tuple[Permission, ...] = ()
    resources: Mapping[Address, Resource] = field(factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()


def declared(config: Config) -> Declared:
    """Read the permissions of all realms."""
    reader = _Reader()
    for realm, section in sorted(config.permissions.items()):
        reader.read(realm, section)
    return Declared(tuple(reader.permissions.values()), reader.resources, tuple(reader.diagnostics))


class _Reader:
    """Collects permissions, and what is wrong with them."""

    def __init__(self) -> None:
        self.permissions: dict[Address, Permission] = {}
        self.resources: dict[Address, Resource] = {}
        self.diagnostics: list[Diagnostic] = []

    def read(self, realm: str, section: Section) -> None:
        for key in section.data:
            if key != SECTION:
                self._report(
                    "unknown-field",
                    f"unknown field `permissions.{key}`",
                    f"Allowed here: `{SECTION}`, a list of who may exchange tokens; `admin`, a "
                    "list of who may administer what; and `adminPolicies`, the policies of those.",
                    section.source((key,)),
                )
        entries = section.data.get(SECTION) or []
        if not isinstance(entries, list):
            self._report(
                "wrong-type",
                f"permissions.{SECTION} must be a list of tables, not {describe(entries)}",
                f"In TOML each entry begins with `[[permissions.{SECTION}]]`.",
                section.source((SECTION,)),
            )
            return
        for index, entry in enumerate(entries):
            self._entry(realm, section, index, entry)

    def _entry(self, realm: str, section: Section, index: int, entry: Any) -> None:
        place = (SECTION, index)
        if not isinstance(entry, Mapping):
            self._report(
                "wrong-type",
                f"permissions.{SECTION}[{index}] must be a table, not {describe(entry)}",
                "",
                section.source(place),
            )
            return
        flat = check(_ENTRY, entry)
        problems = [*flat.problems, *_missing(entry), *_impossible(flat)]
        for problem in problems:
            self._report(
                problem.code,
                problem.summary,
                _FIELDS if problem.code == "unknown-field" else problem.detail,
                section.source((*place, *problem.place)),
            )
        if not problems:
            places = {path: (*place, *where) for path, where in _places(flat)}
            sources = Located(places, section.source)
            self._add(_permission(realm, index, flat.leaves, sources))

    def _add(self, permission: Permission) -> None:
        earlier = self.permissions.get(permission.address)
        if earlier is not None:
            self._report(
                "duplicate-definition",
                f"{permission.requester} has two permissions in {permission.mode} mode",
                f"The other one stands at {earlier.source()}. Keycloak cannot tell whose token "
                "may go to which audience, so there is one entry for each requester, and all of "
                "its subjects and audiences go together. Merge the two.",
                permission.source(),
            )
            return
        self.permissions[permission.address] = permission
        self.resources[permission.address] = Resource(
            permission.address, SPEC.name, _leaves(permission), permission.sources
        )

    def _report(self, code: str, summary: str, detail: str, source: Source | None) -> None:
        self.diagnostics.append(error(code, summary, detail, source=source))


def _places(flat: Flat) -> Iterable[tuple[Path, tuple[str | int, ...]]]:
    return [((), ()), *flat.places.items()]


def _missing(entry: Mapping[str, Any]) -> Iterator[Problem]:
    if not entry.get("requester"):
        yield Problem(
            "missing-name",
            (),
            (),
            f"an entry of permissions.{SECTION} has no `requester`",
            "Name the client that exchanges the tokens.",
        )


def _impossible(flat: Flat) -> Iterator[Problem]:
    """What has the right shape, and makes no sense."""
    mode = flat.leaves.get(("mode",))
    if mode is not None and mode not in list(Mode):
        yield Problem(
            "wrong-type",
            ("mode",),
            ("mode",),
            f"mode must be `standard` or `legacy`, not {describe(mode)}",
            "`standard` is Keycloak's supported token exchange, and the default.",
        )
    if mode == Mode.LEGACY:
        return
    for name in LEGACY_ONLY:
        if flat.leaves.get((name,)):
            yield Problem(
                "token-exchange-impersonation-unsupported",
                (name,),
                (name,),
                f"`{name}` is not possible in standard mode",
                _ONLY_LEGACY[name],
            )


_IMPERSONATION = (
    "Keycloak would answer 400 \"Parameter 'requested_subject' is not supported for standard "
    "token exchange\". Exchange the user's own token where there is one. Otherwise write `mode = "
    '"legacy"`, and start the server with --features=token-exchange,admin-fine-grained-authz:v1.'
)

_ONLY_LEGACY: Final = {
    "impersonate": _IMPERSONATION,
    "users": _IMPERSONATION,
    "subjectIssuer": (
        "Keycloak's standard token exchange takes only tokens of its own realm. The modern way "
        "for external tokens is the JWT authorization grant of the identity provider. Otherwise "
        'write `mode = "legacy"`, and start the server with '
        "--features=token-exchange,admin-fine-grained-authz:v1."
    ),
}


def _permission(
    realm: str, index: int, leaves: Leaves, sources: Mapping[Path, Source]
) -> Permission:
    def text(name: str) -> str:
        return leaves.get((name,)) or ""

    def clients(name: str) -> tuple[str, ...]:
        return tuple(leaves.get((name,)) or ())

    requester = text("requester")
    return Permission(
        realm=realm,
        index=index,
        requester=requester,
        subjects=clients("subjects") or (requester,),
        audiences=clients("audiences"),
        refresh_token=bool(leaves.get(("refreshToken",))),
        mode=Mode(text("mode") or Mode.STANDARD),
        scopes=clients("scopes"),
        description=text("description"),
        impersonate=bool(leaves.get(("impersonate",))),
        subject_issuer=text("subjectIssuer") or None,
        users=bool(leaves.get(("users",))),
        sources=sources,
    )


def _leaves(permission: Permission) -> Leaves:
    """What the plan shows of a permission: what it says, and no defaults but the subjects."""
    fields: dict[Path, Any] = {
        ("subjects",): list(permission.subjects),
        ("audiences",): list(permission.audiences),
        ("refreshToken",): permission.refresh_token,
        ("scopes",): list(permission.scopes),
        ("description",): permission.description,
        ("impersonate",): permission.impersonate,
        ("subjectIssuer",): permission.subject_issuer,
        ("users",): permission.users,
    }
    return {path: value for path, value in fields.items() if value}
