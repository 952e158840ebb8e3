"""Who can exchange whose tokens for whom, computed from the live realm by the model.

    requester ──accepts tokens of──▶ client      requester ──gets tokens for──▶ audience

What a user's own roles add to a token is not known here: tokens of users count with the default
roles, tokens of service accounts with the roles that the accounts hold.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from attrs import evolve

from kcplan.classes import frozen
from kcplan.errors import UsageError
from kcplan.render.diagram import Diagram, Edge
from kcplan_keycloak.token_exchange.checks import subject_tokens
from kcplan_keycloak.token_exchange.declaration import Permission
from kcplan_keycloak.token_exchange.model import Client, Realm
from kcplan_keycloak.token_exchange.rules import Exchange, Granted, predict
from kcplan_keycloak.token_exchange.spec import Mode
from kcplan_keycloak.token_exchange.tokens import Token

_EVERYBODYS: Final = frozenset({"account"})
"""The audience that all tokens have, through the default roles."""


@frozen
class Link:
    """That a client's tokens may be exchanged by a requester, or that it may ask for an audience.

    Attributes:
        requester: The client that exchanges.
        other: The client whose tokens it takes, or that the new token is for.
        kind: `subject` or `audience`.
        declared: Whether a permission says so.
    """

    requester: str
    other: str
    kind: str
    declared: bool


def links(realm: Realm, permissions: Iterable[Permission]) -> list[Link]:
    """Everything that is possible in standard mode, and whether a permission declares it."""
    known = [p for p in permissions if p.realm == realm.name and p.mode is Mode.STANDARD]
    subjects = {(p.requester, name) for p in known for name in p.subjects}
    audiences = {(p.requester, name) for p in known for name in p.audiences}
    found: list[Link] = []
    for requester in sorted(realm.clients.values(), key=lambda client: client.client_id):
        name = requester.client_id
        if not requester.exchanges:
            continue
        given = _exchangeable(realm, requester)
        takes = dict.fromkeys(token.issued_to for token in given if token.issued_to != name)
        gives = list(_audiences(realm, requester, given))
        found += [Link(name, s, "subject", (name, s) in subjects) for s in takes]
        found += [Link(name, a, "audience", (name, a) in audiences) for a in gives]
    return found


def _exchangeable(realm: Realm, requester: Client) -> list[Token]:
    """The tokens that a requester may exchange, of all clients that can obtain some."""
    clients = sorted(realm.clients.values(), key=lambda item: item.client_id)
    obtained = (t for client in clients if client.enabled for t in subject_tokens(realm, client))
    name = requester.client_id
    return [t for t in obtained if isinstance(predict(realm, Exchange(name, t)), Granted)]


def _audiences(realm: Realm, requester: Client, given: Iterable[Token]) -> Iterator[str]:
    """Whom the new tokens may be for, whatever scopes the requester asks for."""
    tokens, scopes = list(given), tuple(sorted(requester.optional_scopes))
    for name in sorted(realm.clients.keys() - _EVERYBODYS):
        exchanges = (Exchange(requester.client_id, token, (name,), scopes) for token in tokens)
        if any(isinstance(predict(realm, exchange), Granted) for exchange in exchanges):
            yield name


def diagram_of(realms: Sequence[Realm], permissions: Iterable[Permission]) -> Diagram:
    """The links of all these realms in one diagram.

    Raises:
        UsageError: There is no realm.
    """
    known = tuple(permissions)
    diagrams = [diagram(realm, known) for realm in realms]
    if not diagrams:
        raise UsageError(
            "none of the realms of the files exists in Keycloak", "Apply the files first."
        )
    return diagrams[0] if len(diagrams) == 1 else _together(realms, diagrams)


def _together(realms: Iterable[Realm], diagrams: Sequence[Diagram]) -> Diagram:
    """Several realms in one diagram: each client under its realm's name."""
    nodes: dict[str, str] = {}
    edges: list[Edge] = []
    for realm, item in zip(realms, diagrams, strict=True):
        nodes |= {
            f"{realm.name}/{name}": f"{realm.name}/{text}" for name, text in item.nodes.items()
        }
        edges += [
            evolve(edge, start=f"{realm.name}/{edge.start}", end=f"{realm.name}/{edge.end}")
            for edge in item.edges
        ]
    return Diagram("Token exchange", nodes, edges, diagrams[0].legend)


def diagram(realm: Realm, permissions: Iterable[Permission]) -> Diagram:
    """The links of a realm as a diagram; what no permission declares stands out."""
    found = links(realm, permissions)
    names = dict.fromkeys(name for link in found for name in (link.requester, link.other))
    return Diagram(
        title=f"Token exchange in {realm.name}",
        nodes={name: name for name in names},
        edges=tuple(_edge(link) for link in found),
        legend=(
            "`accepts tokens of`: it can exchange tokens that the other client obtained.",
            "`gets tokens for`: what it gets in exchange can be for the other client.",
            "Arrows that stand out are possible, and no permission declares them.",
        ),
    )


def _edge(link: Link) -> Edge:
    label = "accepts tokens of" if link.kind == "subject" else "gets tokens for"
    return Edge(link.requester, link.other, label, stands_out=not link.declared)
