"""The exceptions that a command may end with.

    KcplanError                 one clear message, exit code 1
    ├── ConfigError             the files are wrong; carries diagnostics
    ├── StateError              the state, its lock or its journal cannot be used
    │   └── UnfinishedError     only the journal knows what was done: recover first; exit code 4
    ├── PlanFileError           a saved plan cannot be used (any more)
    ├── LostError               what was there is gone, and nothing brings it back
    ├── ServerError             Keycloak, or the way to it; see kcplan_keycloak.errors for the rest
    │   └── UnavailableError    nobody answers
    ├── StoppedError            not tried, since the user stopped the command before
    └── UsageError              the command line, or kcplan.toml, asks for something impossible

Anything else that escapes is a defect of kcplan, and is reported as one.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kcplan.diagnostics import Diagnostic


class KcplanError(Exception):
    """An error that the user can do something about.

    Args:
        summary: What is wrong, in one line without a full stop.
        detail: Why, and what to do about it, in full sentences.
    """

    exit_code = 1
    passing = False
    """Whether the trouble may be over at another time, so that it is worth trying again."""

    def __init__(self, summary: str, detail: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail


class ConfigError(KcplanError):
    """The configuration files are wrong. Nothing was changed."""

    def __init__(self, diagnostics: "Sequence[Diagnostic]") -> None:
        super().__init__("the configuration has errors")
        self.diagnostics = tuple(diagnostics)


class StateError(KcplanError):
    """The state file, its lock or its journal cannot be used."""


class UnfinishedError(StateError):
    """Keycloak was changed and the state could not be written: only the journal knows of it."""

    exit_code = 4


class PlanFileError(KcplanError):
    """A saved plan cannot be read, or does not fit what is there now."""


class LostError(KcplanError):
    """What was there cannot be brought back as it was, however often it is tried."""


class ServerError(KcplanError):
    """Keycloak refused, failed, or could not be reached."""


class UnavailableError(ServerError):
    """Nobody answers, after all attempts: what else is asked now will get no answer either."""

    passing = True


class StoppedError(KcplanError):
    """It was not tried any more: the user stopped the command before."""

    passing = True


class UsageError(KcplanError):
    """The command line or kcplan.toml asks for something that is not possible."""
