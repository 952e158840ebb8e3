"""The risk rules of Keycloak: a module for each subject, found by themselves.

To add a rule, add a `RiskRule` to the `RULES` of a module here. `kcplan explain` and docs/risks.md
take its words from it:

    python -m kcplan_keycloak.risks > docs/risks.md
"""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from kcplan.explanation import Explanation
from kcplan.risk_rules import RiskRule

_INTRODUCTION = """\
A plan begins with what needs attention: changes that make a realm less safe, or that lose
something for good. A risk stops nothing by itself. `kcplan plan --fail-on danger` exits with 1
where there is one, `--fail-on caution` for any risk, after everything was printed. `kcplan explain
CODE` prints the same text as this page.

`kcplan refresh` does the same with what changed in Keycloak. A plan also names the risks of such
changes where it leaves them as they are, since no file mentions the fields.

A rule speaks only of what changes. A new object is compared with what Keycloak gives to
it by itself, so usual settings that are written down are no risk. With `--lint`, `kcplan validate`
and `kcplan plan` also name the risks of what the files have, changed or not; some rules speak only
then. Secrets in the files are the exception: `secret-in-file` and `weak-secret` speak wherever
files are read. [`[[lint]]`](configuration.md#lint) in `kcplan.toml` gives a risk another level, or
silences it, with a reason. `kcplan validate --lint --format sarif` has all of them for [code
scanning](commands.md#code-scanning)."""


@cache
def rules() -> tuple[RiskRule, ...]:
    """All rules, the most dangerous first, then by code.

    Raises:
        TypeError: Two rules have one code. That is a defect.
    """
    found: dict[str, RiskRule] = {}
    for info in pkgutil.iter_modules(__path__):
        if info.name.startswith("_"):
            continue
        for rule in import_module(f"{__name__}.{info.name}").RULES:
            if rule.code in found:
                raise TypeError(f"two risk rules are called {rule.code}")
            found[rule.code] = rule
    return tuple(sorted(found.values(), key=lambda rule: (rule.level.rank, rule.code)))


def explanations() -> Mapping[str, Explanation]:
    """What `kcplan explain` says of each rule, by code."""
    return {rule.code: rule.explanation for rule in rules()}


def markdown() -> str:
    """The documentation page with all rules."""
    from kcplan.catalogue import page

    return page("Risks", _INTRODUCTION, "level", [("", tuple(explanations().values()))])
