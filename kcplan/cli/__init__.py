"""The command line: the one place that wires files, Keycloak and state together.

main ─▶ app (the group; commands are imported when they are called)
└─▶ the command's module ─▶ session (settings, files, state, connection) ─▶ engine ─▶ a value
                                                          a value ─▶ its view ─▶ printing

A command parses, calls, and prints. What it does is the engine's business, and what it has to say
that of a view (`kcplan.views`).
"""

from kcplan.cli.app import main

__all__ = ["main"]
