"""The command line: the one place that wires files, Keycloak and state together.

main ─▶ app (the group; commands are imported when they are called)
└─▶ the command's module ─▶ session (settings, files, state, connection) ─▶ engine ─▶ output
"""

from kcplan.cli.app import main

__all__ = ["main"]
