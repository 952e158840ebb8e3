"""Proof of admin permissions: each is tried in a throw-away realm, as somebody whom it lets in.

What no permission allows is tried as well, and must be refused. Tokens and passwords stay here: a
verdict holds names and Keycloak's words.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Final

from attrs import field

from kcplan.classes import define
from kcplan.errors import ServerError
from kcplan_keycloak.admin_proof.attempts import Attempt, Scene, Traits, attempts, cast
from kcplan_keycloak.admin_proof.calls import CALLS, Found, Props, Request
from kcplan_keycloak.admin_proof.deciding import Rules
from kcplan_keycloak.admin_proof.declaration import Permission
from kcplan_keycloak.admin_proof.stage import Caller, Stage
from kcplan_keycloak.admin_proof.verdicts import Tried, Verdict, judged
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.errors import ForbiddenError
from kcplan_keycloak.token_exchange.attempts import Outcome

_JAVA_DATE: Final = "%a %b %d %H:%M:%S %Y"


def prove(api: AdminApi, permissions: Sequence[Permission]) -> tuple[Verdict, ...]:
    """Try admin permissions, realm by realm, on a server that may be thrown away afterwards.

    Raises:
        ServerError: The server could not be reached, or lets kcplan not prepare it.
    """
    realms = dict.fromkeys(permission.realm for permission in permissions)
    return tuple(
        verdict
        for realm in realms
        for verdict in _realm(api, realm, [p for p in permissions if p.realm == realm])
    )


def _realm(api: AdminApi, realm: str, permissions: Sequence[Permission]) -> Iterable[Verdict]:
    stage = Stage(api, realm)
    callers = stage.callers(traits for p in permissions for traits in cast(p))
    places = [(p.resource_type, name) for p in permissions for name in p.resources or (None,)]
    objects = stage.found(places)
    known = {traits: c for traits, c in callers.items() if isinstance(c, Caller)}
    scene = Scene(
        rules=Rules(tuple(permissions), _now(api)),
        callers={t: c if isinstance(c, str) else c.subject for t, c in callers.items()},
        objects=objects,
    )
    with ExitStack() as opened:
        prover = _Prover(stage, known, objects, stage.props(known.values()), opened)
        return [_verdict(scene, prover, attempt) for attempt in attempts(scene)]


def _verdict(scene: Scene, prover: "_Prover", attempt: Attempt) -> Verdict:
    if attempt.scope not in CALLS.get(attempt.permission.resource_type, {}):
        words = f"kcplan knows no request that needs the scope `{attempt.scope}`."
        return Verdict(attempt, Outcome.UNPROVEN, (attempt.unproven or words,))
    if attempt.unproven:
        return Verdict(attempt, Outcome.UNPROVEN, (attempt.unproven,))
    return judged(scene, attempt, prover.known[attempt.caller], prover.tried(attempt))


@define
class _Prover:
    """Sends requests as callers, one after the other, as they may meet each other."""

    stage: Stage
    known: Mapping[Traits, Caller]
    objects: Mapping[tuple[str, str | None], Found | str]
    props: Props
    opened: ExitStack
    _apis: dict[Traits, AdminApi] = field(factory=dict)

    def tried(self, attempt: Attempt) -> Tried:
        """What Keycloak answers. Raises ServerError where it could not be asked."""
        found = self.objects[attempt.place]
        assert isinstance(found, Found)  # noqa: S101 - else the attempt says why it is unproven
        request = CALLS[attempt.permission.resource_type][attempt.scope](found, self.props)
        at = f"{self.stage.objects.at()}/{request.path}"
        try:
            done = _send(self._api(attempt.caller), request, at)
        except ForbiddenError:
            return Tried(allowed=False, words="Keycloak answered 403 Forbidden.")
        except ServerError as error:
            return Tried(allowed=None, words=f"{error.summary}.")
        if not done:
            return Tried(allowed=None, words="Keycloak answered 404 Not Found.")
        if request.undo:
            self.stage.api.delete(f"{self.stage.objects.at()}/{request.undo}")
        return Tried(allowed=True, words="Keycloak allowed it.")

    def _api(self, traits: Traits) -> AdminApi:
        if traits not in self._apis:
            api = AdminApi(self.known[traits].connection)
            self._apis[traits] = self.opened.enter_context(api)
        return self._apis[traits]


def _send(api: AdminApi, request: Request, at: str) -> bool:
    """Whether there was something. Raises ServerError where it was refused."""
    match request.method:
        case "GET":
            return api.get(at) is not None
        case "PUT":
            api.put(at, request.body)
        case _:
            api.post(at, request.body, repeatable=True)
    return True


def _now(api: AdminApi) -> datetime:
    """What the server's clock says, in its own time zone."""
    info = (api.get("serverinfo") or {}).get("systemInfo") or {}
    words = str(info.get("serverTime") or "").split()
    try:
        return datetime.strptime(" ".join([*words[:4], *words[5:]]), _JAVA_DATE)  # noqa: DTZ007
    except ValueError:
        return datetime.now().astimezone()
