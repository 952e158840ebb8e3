"""Organizations: customers or partners with domains and identity providers of their own.

A `PUT` clears what it does not carry, the attributes excepted, and wants the alias, which nobody
can change. Identity providers are linked at an end point of their own, and so are members, who are
no configuration. Nobody chooses the id of an organization. Those who came in through one of its
identity providers are deleted along with it.

A realm has organizations where it is told to; else Keycloak answers as if it knew none of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import evolve

from kcplan.address import Address
from kcplan.diagnostics import Diagnostic, Path, error
from kcplan.gathered import Gathered, Place
from kcplan.inverse import invert
from kcplan.path_patterns import path_matches
from kcplan.plan import Operation, Step
from kcplan.provider import Image
from kcplan.resource import (
    Requirement,
    Resource,
    TypeSpec,
    Upset,
)
from kcplan.schema import Leaves
from kcplan.shapes import BOOLEAN, STRING, STRINGS, MapOf, Named, Object, Ref
from kcplan.snapshot import Inhabitants, LiveObject
from kcplan_keycloak import forms, routes
from kcplan_keycloak.api import AdminApi, Get, path
from kcplan_keycloak.bodies import Body
from kcplan_keycloak.cascade import LINKED_PROVIDERS
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.errors import ConflictError, InvalidRequestError, NotFoundError
from kcplan_keycloak.names import Names
from kcplan_keycloak.parts import Bodies, PlainPart
from kcplan_keycloak.resource_type import Holders, Reading, Writing
from kcplan_keycloak.resources.group import members_of
from kcplan_keycloak.resources.identity_provider import SPEC as PROVIDER
from kcplan_keycloak.resources.organization_group import ORGANIZATION_GROUPS
from kcplan_keycloak.rest import RestType

_SECTION: Final = "organizations"
_DOMAINS: Final = "domains"
_PROVIDERS: Final = "identityProviders"
_ROUTES: Final = "routes"
_PAGE: Final = 100


def gather(document: Mapping[str, Any]) -> Gathered:
    """The document with organizations as Keycloak has them.

    Where there is no alias, the name is one. Names of domains are in lower case.
    """
    found = document.get(_SECTION)
    if not isinstance(found, list):
        return Gathered(document)
    moved: dict[Place, Place] = {}
    kept = []
    for index, item in enumerate(found):
        own = item
        if isinstance(item, Mapping) and item.get("alias") is None and "name" in item:
            moved[_SECTION, index, "alias"] = (_SECTION, index, "name")
            own = {**item, "alias": item["name"]}
        kept.append(_with_small_domains(own))
    return Gathered({**document, _SECTION: kept}, moved)


def _with_small_domains(organization: Any) -> Any:
    domains = organization.get(_DOMAINS) if isinstance(organization, Mapping) else None
    if not isinstance(domains, list):
        return organization
    return {**organization, _DOMAINS: [_small(domain) for domain in domains]}


def _small(domain: Any) -> Any:
    name = domain.get("name") if isinstance(domain, Mapping) else None
    # The name of a variable counts as it is written.
    if not isinstance(name, str) or "$" in name:
        return domain
    return {**domain, "name": name.lower()}


class _Providers(PlainPart):
    """The identity providers of an organization, each linked and unlinked by its alias."""

    fields = (_PROVIDERS,)

    def asks(self, reading: Reading, address: Address, *_: Any) -> bool:
        """Whether somebody wants them: the organization does not have them."""
        return reading.cares(address, _PROVIDERS)

    def gets(self, reading: Reading, address: Address, at: str, *_: Any) -> Iterable[Get]:
        """The request for the aliases."""
        return [Get(f"{at}/{LINKED_PROVIDERS}")] if self.asks(reading, address) else []

    def read(
        self,
        reading: Reading,
        address: Address,
        at: str,
        body: Mapping[str, Any],  # noqa: ARG002
    ) -> Mapping[str, Any]:
        """The aliases, with a request."""
        if not self.asks(reading, address):
            return {}
        return {_PROVIDERS: [{"alias": alias} for alias in _linked(reading.api, at)]}

    def place(self, _: Path) -> str:
        """The path that takes the aliases."""
        return LINKED_PROVIDERS

    def write(self, writing: Writing, at: str) -> None:
        """Link and unlink what the step says."""
        wanted = {
            where[1]: value is not None
            for where, value in writing.step.after.items()
            if where[0] == _PROVIDERS and len(where) > 1
        }
        there = _linked(writing.api, at) if wanted else set()
        for alias, is_wanted in sorted(wanted.items()):
            if is_wanted and alias not in there:
                _link(writing.api, at, alias)
            elif not is_wanted and alias in there:
                writing.api.delete(f"{at}/{LINKED_PROVIDERS}/{path(alias)}")

    def holders(
        self,
        api: AdminApi,  # noqa: ARG002
        realm: str,
        word: str,
        lost: Bodies,
    ) -> Iterable[tuple[str, str]]:
        """The organizations that identity providers are linked to."""
        for body in lost if word == PROVIDER.name else ():
            if organization := body.get("organizationId"):
                at = path("realms", realm, _SECTION, organization)
                yield body["id"], f"{at}/{LINKED_PROVIDERS}"


def _linked(api: AdminApi, at: str) -> set[str]:
    return {item["alias"] for item in _linked_bodies(api, at)}


def _linked_bodies(api: AdminApi, at: str) -> list[Body]:
    return api.get(f"{at}/{LINKED_PROVIDERS}") or []


def _link(api: AdminApi, at: str, alias: str) -> None:
    api.post(f"{at}/{LINKED_PROVIDERS}", alias, repeatable=True)


def _requires(organization: Resource) -> Iterator[Requirement]:
    yield Requirement(
        address=Address.of(organization.address.realm),
        path=("organizationsEnabled",),
        value=True,
        code="organizations-disabled",
        summary=f"the realm {organization.address.realm} has no organizations, and the files "
        "declare one",
        detail="Set `organizationsEnabled` to true in the realm, or remove the organization.",
    )
    if organization.leaves.get(("enabled",)) is False:
        yield from map(_off, _providers(organization))


def _check(organization: Resource) -> Iterator[Diagnostic]:
    """Names of domains that come from variables, which are only known when they are resolved."""
    for where in organization.leaves:
        match where:
            case (first, name, "name") if first == _DOMAINS and name != name.lower():
                yield error(
                    "invalid-name",
                    f"the name of a domain is in lower case in Keycloak, and {name} is not",
                    f"Write `{name.lower()}` in the variable.",
                    path=where,
                )


def _providers(organization: Resource) -> Iterator[tuple[Address, Path]]:
    """The identity providers that an organization names, and where."""
    realm = Address.of(organization.address.realm)
    for where in organization.leaves:
        if path_matches(where, ((_PROVIDERS, "*", "alias"),)):
            yield realm.child("identity-providers", where[1]), where


def _off(named: tuple[Address, Path]) -> Requirement:
    provider, where = named
    return Requirement(
        address=provider,
        path=("enabled",),
        value=False,
        code="provider-of-disabled-organization",
        summary=f"identity provider {provider.name} is on, and its organization is off",
        detail="Keycloak shows such a provider as off, whatever it is told. Set `enabled` to false "
        "in the provider as well, or switch on the organization.",
        source_path=where,
    )


def _upsets(before: Leaves, after: Leaves) -> Upset | None:
    """What its providers lose along with it: the domain that they serve there, which goes or moves.

    One that comes to it can only be told a domain of it then.
    """
    domains, providers = (
        (_entries(before, field), _entries(after, field)) for field in (_DOMAINS, _PROVIDERS)
    )
    if domains[0] == domains[1] and providers[0] == providers[1]:
        return None
    gone, unlinked = domains[0] - domains[1], providers[0] - providers[1]

    def changes(name: str, provider: Leaves) -> Leaves:
        served = provider.get(routes.FIELD)
        lost = served in gone or (name in unlinked and served is not None)
        return {routes.FIELD: None} if lost else {}

    return Upset(PROVIDER.name, changes, touches=lambda leaves: routes.FIELD in leaves, late=True)


def _entries(leaves: Leaves, field: str) -> frozenset[str]:
    """The names in a field of an organization, without what goes as a whole."""
    found = {where[1:]: value for where, value in leaves.items() if where[0] == field}
    return frozenset(
        where[0]
        for where, value in found.items()
        if where and value is not None and found.get(where[:1], ...) is not None
    )


_OF_PROVIDERS: Final = (*PROVIDER.schema.fields, "internalId", "types")
"""What an export may say of an identity provider within its organization, once more."""

SPEC: Final = TypeSpec(
    name="organization",
    pattern="REALM/organizations/ALIAS",
    rank=28,
    where="organizations[alias]",
    told_at=None,
    schema=Object(
        {
            **dict.fromkeys(("name", "description", "redirectUrl"), STRING),
            "enabled": BOOLEAN,
            "attributes": MapOf(STRINGS),
            _DOMAINS: Named(Object({"name": STRING, "verified": BOOLEAN})),
            _PROVIDERS: Named(Object({"alias": Ref(type=PROVIDER.name)}), key="alias"),
        }
    ),
    key=("alias",),
    fixed_name="Keycloak cannot change the alias of an organization",
    sole=((_DOMAINS, "*"), (_PROVIDERS, "*")),
    ignored=(("id",), ("members",), *((_PROVIDERS, "*", name) for name in _OF_PROVIDERS)),
    gather=gather,
    forms=forms.organizations,
    requires=_requires,
    upsets=_upsets,
    check=_check,
    defaults=lambda _: {("enabled",): True},
    lossy_delete=(
        "its invitations are lost",
        "whoever came in through one of its identity providers is deleted",
        "its identity providers lose the domain (`kc.org.domain`) that they serve",
        "brought back, it has another id, and all its members are as if they had been invited",
    ),
)


def _with_name(writing: Writing, body: Body) -> Body:
    """An organization that nobody gave a name is called by its alias."""
    return {"name": writing.address.name, **body}


class OrganizationType(RestType):
    """Organizations, which come back with those who were members, and with their groups."""

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The organizations, where the realm has some: who may not see them need not ask."""
        realm = reading.found.get(Address.of(reading.realm))
        switched_off = realm is None or realm.leaves.get(("organizationsEnabled",)) is not True
        return () if switched_off and not reading.wanted else super().read(reading)

    def users(self, names: Names, live: LiveObject, found: Mapping[Address, LiveObject]) -> Holders:
        """The request for its members."""
        found_there = super().users(names, live, found)
        return evolve(found_there, one="it has one member", many="it has {} as members")

    def inhabitants(self, names: Names, live: LiveObject) -> Inhabitants:
        """What goes along with an organization: its groups, and users who are its own."""
        at = self.path_of(live.address, live.id)
        own = _members(names.api, at, membershipType="MANAGED")
        groups = tuple(ORGANIZATION_GROUPS.all_in(names, live.address))
        return Inhabitants({"user": len(own)}, {ORGANIZATION_GROUPS.spec.name: groups})

    def leaves_behind(self, step: Step) -> bool:
        """Whether identity providers lose the domain that they serve, and stay without it."""
        return step.operation is Operation.UPDATE and any(
            where[0] in (_DOMAINS, _PROVIDERS) and value is None
            for where, value in step.after.items()
        )

    def capture(self, writing: Writing) -> Image | None:
        """The organization, what its providers serve, and who is a member by invitation."""
        image = super().capture(writing)
        if image is None:
            return image
        at = self.path_of(writing.address, writing.object_id())
        served = routes.routes(_linked_bodies(writing.api, at))
        if writing.step.operation is not Operation.DELETE:
            return {**image, _ROUTES: served}
        # The others are deleted along with it.
        members = _members(writing.api, at, membershipType="UNMANAGED")
        return {
            **image,
            _ROUTES: served,
            "members": [item["id"] for item in members],
            "groups": ORGANIZATION_GROUPS.images(
                writing, ORGANIZATION_GROUPS.all_in(writing.names, writing.address)
            ),
        }

    def restore(self, writing: Writing, image: Image) -> Mapping[Address, str]:
        """Make the organization what it was, with what its providers served and its members."""
        api, realm, then = writing.api, writing.address.realm, image.get(_ROUTES, {})
        known = routes.switches(api, realm, then)
        new: dict[Address, str] = {}
        if writing.step.operation is Operation.UPDATE:
            self.update(evolve(writing, step=invert(writing.step, None)))
        else:
            new |= super().restore(writing, image)
            at = self.path_of(writing.address, writing.id_of(writing.address))
            for member in image.get("members", ()):
                _invite_again(writing, at, member)
            new |= ORGANIZATION_GROUPS.restore_all(writing, image.get("groups", {}))
        routes.put_back(api, realm, then, known)
        return new


def _invite_again(writing: Writing, at: str, member: str) -> None:
    """Have a user be a member again, who may be gone, or be one already."""
    try:
        writing.api.post(f"{at}/members", member, repeatable=True)
    except (ConflictError, NotFoundError):
        return
    except InvalidRequestError:
        # So Keycloak before 26.7 says that there is no such user.
        if writing.api.get(path("realms", writing.address.realm, "users", member)) is not None:
            raise


def _members(api: AdminApi, at: str, **query: Any) -> list[Any]:
    return list(api.pages(f"{at}/members", page_size=_PAGE, **query))


TYPES: Final = (
    OrganizationType(
        spec=SPEC,
        at=Collection(
            path=_SECTION,
            query={"briefRepresentation": "false"},
            name_key="alias",
            page=_PAGE,
            located=True,
        ),
        parts=(_Providers(),),
        to_server=_with_name,
        given=members_of,
    ),
)
