"""Advice: what is not wrong, and could be better. Only for those who ask, with `--lint`."""

from collections.abc import Iterator
from typing import Final

from kcplan.address import Address
from kcplan.diagnostics import Diagnostic, Path, note
from kcplan_keycloak.token_exchange.checks import Situation
from kcplan_keycloak.token_exchange.model import Client
from kcplan_keycloak.token_exchange.relevance import INERT

_CODE: Final = "token-exchange-advice"
_LIFESPAN: Final = "access.token.lifespan"


def advice(situation: Situation) -> Iterator[Diagnostic]:
    """The advice for a realm with token exchange."""
    exchanging = [client for client in situation.realm.clients.values() if client.exchanges]
    for client in sorted(exchanging, key=lambda item: item.client_id):
        if situation.declared(client.client_id) is not None:
            yield from _client(situation, client)
    for permission in situation.permissions:
        if not permission.description:
            yield note(
                _CODE,
                f"{permission.place} has no description",
                "Say what the exchange is for: who reviews it later will want to know.",
                address=permission.address,
                source=permission.source(),
            )
    if exchanging:
        yield from _events(situation)


def _client(situation: Situation, client: Client) -> Iterator[Diagnostic]:
    name = client.client_id
    if name not in situation.requesters:
        yield _about(
            situation,
            client,
            ("attributes", "standard.token.exchange.enabled"),
            f"{name} may exchange tokens, and no permission says what for",
            "Declare it under `permissions.tokenExchange`, or switch it off: exchange should be "
            "on only where it is used.",
        )
    if INERT in client.attributes:
        yield _about(
            situation,
            client,
            ("attributes", INERT),
            f"`{INERT}` can be removed",
            "Keycloak never reads it.",
        )
    unneeded = sorted(client.flows & {"implicitFlowEnabled", "directAccessGrantsEnabled"})
    for flow in unneeded:
        yield _about(
            situation,
            client,
            (flow,),
            f"{flow} is on for {name}, which exchanges tokens",
            f"A service that exchanges tokens logs nobody in. Write `{flow} = false`.",
        )
    if _LIFESPAN not in client.attributes:
        yield _about(
            situation,
            client,
            (),
            f"exchanged tokens of {name} live as long as all others",
            f'Let them live only as long as a call takes: `attributes = {{ "{_LIFESPAN}" = "60" }}`'
            " (seconds).",
        )


def _about(
    situation: Situation, client: Client, path: Path, summary: str, detail: str
) -> Diagnostic:
    resource = situation.declared(client.client_id)
    return note(
        _CODE,
        summary,
        detail,
        address=situation.address(client.client_id),
        path=path,
        source=resource.source(path) if resource else None,
    )


def _events(situation: Situation) -> Iterator[Diagnostic]:
    realm = situation.resources.get(Address.of(situation.realm.name))
    if realm is not None and realm.leaves.get(("eventsEnabled",)) is not True:
        yield note(
            _CODE,
            f"the realm {situation.realm.name} does not log events",
            "Token exchanges are logged as TOKEN_EXCHANGE. Write `eventsEnabled = true`.",
            address=realm.address,
            path=("eventsEnabled",),
            source=realm.source(("eventsEnabled",)),
        )
