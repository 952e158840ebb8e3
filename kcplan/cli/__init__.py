"""The command line: the one place that wires files, Keycloak and state together."""


def main() -> None:
    """Entry point."""
