"""What a plan is made from, and what is derived from that once."""

from collections.abc import Callable
from uuid import uuid4

from attrs import field

from kcplan.classes import frozen
from kcplan.config.model import Config
from kcplan.digests import Digester
from kcplan.graph import ResourceGraph, build_graph
from kcplan.lifecycle import Rules
from kcplan.moves import Moves
from kcplan.own_login import Identity
from kcplan.resource import Registry, TypeSpec
from kcplan.risk_rules import RiskRule
from kcplan.snapshot import Snapshot
from kcplan.state import State


@frozen
class Options:
    """What the command line asks of a plan.

    Attributes:
        destroy: Take everything away instead of applying the files.
        delete_adopted: With `destroy`, also delete what kcplan adopted.
        delete_unmanaged: Delete what there is together with what kcplan does not manage in it.
        allow_mass_delete: Accept a plan that deletes a large part of what is managed.
        write_secrets: Write secrets that Keycloak does not give back, changed or not.
        lint: Also name risks of what the files have, changed or not.
        targets: Globs of addresses; only these, and what they need, are planned.
        identity: Who kcplan is, so that it does not lock itself out.
        server_version: Keycloak's version, where the server does not tell it.
        seal: For a plan that will be saved: makes the digests that it carries.
        new_id: Chooses the ids of new objects.
    """

    destroy: bool = False
    delete_adopted: bool = False
    delete_unmanaged: bool = False
    allow_mass_delete: bool = False
    write_secrets: bool = False
    lint: bool = False
    targets: tuple[str, ...] = ()
    identity: Identity | None = None
    server_version: str | None = None
    seal: Digester | None = None
    new_id: Callable[[], str] = field(default=lambda: str(uuid4()))


@frozen
class Inputs:
    """All that a plan is made from; `graph` is that of the files.

    `risk_rules` gives the rules that say what of the plan is risky. It is asked only where
    something changes, or where the files have secrets.
    """

    config: Config
    state: State
    live: Snapshot
    registry: Registry
    digester: Digester
    options: Options = field(factory=Options)
    graph: ResourceGraph = field()
    risk_rules: Callable[[], tuple[RiskRule, ...]] = tuple

    @graph.default
    def _graph_of_the_files(self) -> ResourceGraph:
        return build_graph(self.config.resources, self.registry)


@frozen
class Context:
    """The inputs after the moves, and what is derived from them once."""

    inputs: Inputs
    state: State
    live: Snapshot
    moves: Moves
    graph: ResourceGraph
    rules: Rules

    @property
    def server_version(self) -> str | None:
        """Keycloak's version, as it says or as the user says; None where nobody does."""
        return self.live.server.version or self.inputs.options.server_version

    def spec(self, type_name: str) -> TypeSpec:
        """The type of a word."""
        return self.inputs.registry[type_name]
