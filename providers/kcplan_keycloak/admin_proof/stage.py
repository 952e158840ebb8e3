"""What is made in a throw-away realm to try permissions: callers, objects, and what helps them.

Everything that is made has a name with `kcplan-verify`. Callers are users who are made to have what
a policy asks for, and the users and clients that policies name; those get a password of this run.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import evolve, field

from kcplan.classes import define, frozen
from kcplan.errors import ServerError
from kcplan.secret import Secret
from kcplan_keycloak.admin_proof.attempts import Place, Traits
from kcplan_keycloak.admin_proof.calls import CALLS, Found, Props
from kcplan_keycloak.admin_proof.conditions import Kind, Subject
from kcplan_keycloak.admin_proof.making import PREFIX, Maker
from kcplan_keycloak.admin_proof.objects import Objects
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.auth import Connection
from kcplan_keycloak.claims import claims_of
from kcplan_keycloak.names import Names

_OK: Final = 200


@frozen
class Caller:
    """Somebody who can call the Admin API.

    Attributes:
        id: The id of the user, or of the account of a client.
        subject: What Keycloak's policies see of it.
        connection: How it logs in.
        admin_roles: Its roles for the whole realm, which allow things whatever permissions say.
    """

    id: str
    subject: Subject
    connection: Connection
    admin_roles: tuple[str, ...] = ()


@define
class Stage:
    """Makes in a realm what is needed to try its permissions.

    Attributes:
        api: The server, as its administrator.
        realm: The realm.
        objects: Looks up what the files declare.
        make: Makes what is needed besides.
    """

    api: AdminApi
    realm: str
    objects: Objects = field(init=False)
    make: Maker = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.objects = Objects(self.api, self.realm, Names(self.api))
        self.make = Maker(self.api, self.objects)

    # -- callers -------------------------------------------------------------------------------

    def callers(self, wanted: Iterable[Traits]) -> dict[Traits, Caller | str]:
        """Somebody for each set of traits, or why there is nobody. Raises ServerError."""
        self.make.ask_nothing_of_users()
        self.make.client()
        return {traits: self._caller(traits) for traits in dict.fromkeys(wanted)}

    def _caller(self, traits: Traits) -> Caller | str:
        names = {kind: sorted(t.name for t in traits if t.kind is kind) for kind in Kind}
        client = next(iter(names[Kind.CLIENT]), None)
        try:
            if client is not None:
                return self._through(client, names)
            return self._user(names, evolve(self._connection(), client_id=PREFIX))
        except ServerError as error:
            return f"{error.summary}."

    def _through(self, client: str, names: Mapping[Kind, list[str]]) -> Caller | str:
        """A client's own account, or a user who logs in to the client."""
        object_id = self.objects.id_of("clients", client)
        if object_id is None:
            return f"The client {client} does not exist."
        at = self.objects.at("clients", object_id)
        body = self.api.get(at) or {}
        secret = body.get("secret")
        login = evolve(
            self._connection(),
            client_id=client,
            client_secret=Secret(secret) if secret and not body.get("publicClient") else None,
        )
        people = any(names[kind] for kind in Kind if kind is not Kind.CLIENT)
        if body.get("serviceAccountsEnabled") and not people:
            account = self.api.get(f"{at}/service-account-user") or {}
            return self._ready(account["id"], client, login)
        self.api.put(at, {**body, "directAccessGrantsEnabled": True, **self.make.flow()})
        return self._user(names, login)

    def _user(self, names: Mapping[Kind, list[str]], login: Connection) -> Caller | str:
        client = login.client_id
        if names[Kind.USER]:
            (name,) = names[Kind.USER]
            user = self.objects.id_of("users", name)
            if user is None:
                return f"The user {name} does not exist."
            self.make.let_in(user)
        else:
            name = self.make.name()
            user = self.make.user(name, logs_in=True)
            problem = self._give(user, names)
            if problem:
                return problem
        return self._ready(user, client, evolve(login, username=name, password=self.make.password))

    def _give(self, user: str, names: Mapping[Kind, list[str]]) -> str:
        """Give roles and groups to a user; says what does not exist."""
        for name in names[Kind.ROLE]:
            role = self.objects.id_of("roles", name)
            if role is None:
                return f"The role {name} does not exist."
            body = self.objects.with_id("Roles", role).body
            whose = ("clients", body["containerId"]) if body.get("clientRole") else ("realm",)
            at = self.objects.at("users", user, "role-mappings", *whose)
            self.api.post(at, [body], repeatable=True)
        for name in names[Kind.GROUP]:
            group = self.objects.id_of("groups", name)
            if group is None:
                return f"The group {name} does not exist."
            self.make.join(user, group)
        return ""

    def _ready(self, user: str, client: str, login: Connection) -> Caller | str:
        """Log somebody in for the first time, to see what the token says."""
        form: dict[str, Any] = {"client_id": client, "grant_type": "client_credentials"}
        if login.client_secret is not None:
            form["client_secret"] = login.client_secret.value
        if login.username is not None:
            form |= {
                "grant_type": "password",
                "username": login.username,
                "password": self.make.password.value,
            }
        answer = self.api.ask_for_token(self.realm, form)
        body = answer.json() if answer.content else {}
        if answer.status != _OK:
            said = body.get("error_description") or body.get("error") or "nothing"
            return f"Nobody could log in for it: Keycloak answered {answer.status} {said!r}."
        return self._seen(user, client, login, claims_of(body["access_token"]))

    def _seen(self, user: str, client: str, login: Connection, claims: Mapping[str, Any]) -> Caller:
        held = {
            owner: fields.get("roles", [])
            for owner, fields in (claims.get("resource_access") or {}).items()
        }
        roles = set((claims.get("realm_access") or {}).get("roles", []))
        roles |= {f"{owner}/{role}" for owner, names in held.items() for role in names}
        name = (self.api.get(self.objects.at("users", user)) or {}).get("username")
        groups = frozenset(self.objects.groups_of(user))
        subject = Subject(name, client, frozenset(roles), groups)
        return Caller(user, subject, login, tuple(sorted(held.get("realm-management", []))))

    def _connection(self) -> Connection:
        return evolve(
            self.api.connection,
            auth_realm=self.realm,
            client_secret=None,
            username=None,
            password=None,
        )

    # -- objects -------------------------------------------------------------------------------

    def found(self, places: Iterable[Place]) -> dict[Place, Found | str]:
        """What permissions name, and one more object of each type. Raises ServerError."""
        wanted = dict.fromkeys(places)
        wanted |= dict.fromkeys((kind, None) for kind, _ in tuple(wanted))
        return {place: self._found(place) for place in wanted}

    def _found(self, place: Place) -> Found | str:
        kind, name = place
        if kind not in CALLS:
            return f"kcplan does not know how to try permissions for {kind}."
        found = self.objects.found(place) if name is not None else self._made(kind)
        return found if isinstance(found, str) else self._completed(kind, found)

    def _completed(self, kind: str, found: Found) -> Found:
        """With a member, for a group, and with a role, for a client."""
        if kind == "Groups":
            member = self.make.user(self.make.name())
            self.make.join(member, found.id)
            return evolve(found, member=member, groups=self.objects.groups_of(member))
        if kind == "Clients":
            return evolve(found, role=self.make.role(found.id))
        return found

    def _made(self, kind: str) -> Found:
        name = self.make.name()
        match kind:
            case "Users":
                made = self.make.user(name)
            case "Roles":
                role = self.make.role(None)
                return Found(role["id"], role, role=role)
            case "Organizations":
                body = {"name": name, "domains": [{"name": f"{name}.example.org"}]}
                made = str(self.api.post(self.objects.at("organizations"), body))
            case "Clients":
                made = str(self.api.post(self.objects.at("clients"), {"clientId": name}))
            case _:
                made = str(self.api.post(self.objects.at("groups"), {"name": name}))
        return self.objects.with_id(kind, made)

    # -- what helps ----------------------------------------------------------------------------

    def props(self, callers: Iterable[Caller]) -> Props:
        """The other side of requests, with permissions for all callers. Raises ServerError."""
        user = self.make.user(self.make.name())
        group = str(self.api.post(self.objects.at("groups"), {"name": self.make.name()}))
        client = str(self.api.post(self.objects.at("clients"), {"clientId": self.make.name()}))
        role = self.make.role(None)
        holder = self.make.role(client)
        policy = self.make.policy(sorted({caller.id for caller in callers}))
        self.make.permit(policy, "Users", user, ["map-roles", "manage-group-membership"])
        self.make.permit(policy, "Groups", group, ["manage-membership"])
        self.make.permit(policy, "Clients", client, ["manage"])
        self.make.permit(policy, "Roles", role["id"], ["map-role"])
        return Props(user, group, client, holder["id"], role, self.make.password)
