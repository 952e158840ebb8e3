"""Verifying a configuration: all that its permissions declare is tried, realm by realm.

config ─▶ permissions ─▶ attempts ─Prover─▶ Verification ─report─▶ table, Markdown, JSON, JUnit
"""

from collections.abc import Iterable, Iterator, Sequence

from kcplan.classes import frozen
from kcplan.config.model import Config
from kcplan.errors import ConfigError
from kcplan.resource import Resource
from kcplan.secret import Secret
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.resources.client import SPEC as CLIENT
from kcplan_keycloak.token_exchange.attempts import (
    Attempt,
    Outcome,
    Verdict,
    attempts,
    undeclared,
)
from kcplan_keycloak.token_exchange.declaration import Permission, declared
from kcplan_keycloak.token_exchange.proving import Given, Prover, User


@frozen
class Verification:
    """What came of trying.

    Attributes:
        verdicts: What was tried, realm by realm.
        skipped: For each realm where exchanges that no permission declares could not be tried, the
            clients whose tokens these needed.
    """

    verdicts: tuple[Verdict, ...]
    skipped: tuple[tuple[str, ...], ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all exchanges went as declared."""
        return all(verdict.outcome is Outcome.PASSED for verdict in self.verdicts)


@frozen
class Means:
    """What exchanges are tried with.

    Attributes:
        user: A user to obtain the tokens to be exchanged for; None takes the clients' own tokens.
        given: A token to be exchanged, where somebody has obtained one.
        deny: Whether to try also what no permission declares, and what must be refused.
    """

    user: User | None = None
    given: Given | None = None
    deny: bool = False


def permissions_of(config: Config) -> tuple[Permission, ...]:
    """The permissions that the files declare. Raises ConfigError where they are wrong."""
    found = declared(config)
    if found.diagnostics:
        raise ConfigError(found.diagnostics)
    return found.permissions


def verify(
    api: AdminApi, config: Config, permissions: Iterable[Permission], means: Means
) -> Verification:
    """Try every exchange that the permissions declare, in all realms of the files.

    Raises:
        ServerError: The server could not be reached, or does not let kcplan see its clients.
    """
    known = tuple(permissions)
    verdicts: list[Verdict] = []
    skipped: list[tuple[str, ...]] = []
    for realm in sorted(config.realms):
        prover = Prover(api, realm, _secrets(config, realm), means.user, means.given)
        todo = _attempts(config, realm, [p for p in known if p.realm == realm], deny=means.deny)
        tried, names = _sorted_out(prover.prove_all(todo))
        verdicts += tried
        if names:
            skipped.append(names)
    return Verification(tuple(verdicts), tuple(skipped))


def _attempts(
    config: Config, realm: str, permissions: Sequence[Permission], *, deny: bool
) -> Iterator[Attempt]:
    yield from attempts(permissions)
    if deny:
        clients = {resource.address.name for resource in _clients(config, realm)}
        yield from undeclared(realm, clients, permissions)


def _sorted_out(verdicts: Iterable[Verdict]) -> tuple[list[Verdict], tuple[str, ...]]:
    """What was tried, and whose tokens were missing for what is not declared."""
    tried: list[Verdict] = []
    subjects: set[str] = set()
    for verdict in verdicts:
        if not verdict.attempt.permission and verdict.outcome is Outcome.UNPROVEN:
            subjects.add(verdict.attempt.subject)
        else:
            tried.append(verdict)
    return tried, tuple(sorted(subjects))


def _secrets(config: Config, realm: str) -> dict[str, Secret]:
    """The secrets of clients that the files declare."""
    return {
        resource.address.name: secret
        for resource in _clients(config, realm)
        if isinstance(secret := resource.leaves.get(("secret",)), Secret)
    }


def _clients(config: Config, realm: str) -> Iterator[Resource]:
    return (
        resource
        for address, resource in config.resources.items()
        if address.realm == realm and resource.type == CLIENT.name
    )
