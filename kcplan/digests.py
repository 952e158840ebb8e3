"""What the planner asks of digests; how they are made is the business of `kcplan_state`."""

from typing import Protocol

from kcplan.state import Digest


class Digester(Protocol):
    """Makes and compares digests of secrets, under a key of its own."""

    def digest(self, text: str) -> Digest:
        """What the secret looks like."""

    def matches(self, text: str, digest: Digest) -> bool | None:
        """Whether it is the secret of the digest; None where that cannot be told."""
