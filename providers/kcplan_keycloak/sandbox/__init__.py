"""Throw-away real Keycloak servers on loopback.

    Options ──distribution──▶ a Keycloak ──server──▶ a folder of its own ──process──▶ Sandbox
         └────(no distribution at hand, and Docker runs)────container────────────────────┘

`ensure` and `stop` keep a sandbox that outlives the caller, `running` one that cannot outlive it.
A sandbox listens on loopback only, has a random administrator's password, and keeps everything
that it writes in one folder, gone with it.
"""

from kcplan_keycloak.sandbox.lifecycle import alive, ensure, record_external, running, start, stop
from kcplan_keycloak.sandbox.model import (
    DEFAULT_PORT,
    DEFAULT_VERSION,
    Options,
    Sandbox,
    SandboxError,
    instance_folder,
)
from kcplan_keycloak.sandbox.record import load

__all__ = [
    "DEFAULT_PORT",
    "DEFAULT_VERSION",
    "Options",
    "Sandbox",
    "SandboxError",
    "alive",
    "ensure",
    "instance_folder",
    "load",
    "record_external",
    "running",
    "start",
    "stop",
]
