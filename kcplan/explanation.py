"""What an explanation of a diagnostic or a risk is."""

from kcplan.classes import frozen
from kcplan.diagnostics import Severity
from kcplan.risk import Level


@frozen
class Explanation:
    """What the code of a diagnostic or a risk means, for the person who meets it.

    Attributes:
        code: The code, in kebab-case.
        title: What is wrong, in a few words.
        severity: How much it weighs, mostly; the text says where it differs.
        meaning: What kcplan found.
        why: Why that matters: what Keycloak does then.
        fix: What to do about it.
        example: A piece of a realm file or a command that is right.
    """

    code: str
    title: str
    severity: Severity | Level
    meaning: str
    why: str
    fix: str
    example: str = ""
