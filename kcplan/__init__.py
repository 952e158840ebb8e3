"""kcplan: plan and apply for Keycloak, with a state file.

The data flows through these modules, each a step that a person can read on its own:

    files ──config──▶ Config ──graph──▶ ResourceGraph ─┐
                                  live  Snapshot ──────┼──planner──▶ Plan ──apply──▶ Outcome
                                        State ─────────┘                              │
                                          ▲──────────────────────────────────────────┘

Everything that flows is a frozen value. Nothing in this package speaks HTTP or knows a Keycloak
endpoint (that is `kcplan_keycloak`), and nothing writes a state file (that is `kcplan_state`);
`kcplan.cli` is the one place that wires the three together.
"""

__version__ = "0.1.0"
