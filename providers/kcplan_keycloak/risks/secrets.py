"""Secrets in the files: whoever reads the repository reads them as well."""

import re
from collections.abc import Iterator
from typing import Final

from kcplan.diagnostics import Path
from kcplan.path_patterns import path_matches
from kcplan.risk import Level
from kcplan.risk_rules import Found, RiskRule, Subject
from kcplan.secret import Secret
from kcplan_keycloak.resources import registry

_SHORT: Final = 20
"""Secrets with fewer characters than this can be guessed."""
_VAULT: Final = re.compile(r"\$\{vault\.[^{}]+\}")
"""What names a secret that Keycloak itself keeps."""
_WITH_SECRETS: Final = tuple(spec for spec in registry().values() if spec.sensitive)


def _secrets(subject: Subject) -> Iterator[tuple[Path, Secret]]:
    """The secrets in fields that are for such."""
    for item in subject.change.changes:
        if path_matches(item.path, subject.spec.sensitive):
            found = item.after if isinstance(item.after, list) else [item.after]
            for value in found:
                if isinstance(value, Secret) and not _VAULT.fullmatch(value.value):
                    yield item.path, value


def _in_plain_text(subject: Subject) -> Iterator[Found]:
    for path, secret in _secrets(subject):
        if secret.origin is not None and secret.origin.kind == "literal":
            yield path, "a secret is in plain text in the file"


def _short(subject: Subject) -> Iterator[Found]:
    for path, secret in _secrets(subject):
        if len(secret.value) < _SHORT:
            yield path, f"a secret has fewer than {_SHORT} characters"


RULES: Final = (
    RiskRule(
        code="secret-in-file",
        level=Level.CAUTION,
        on=_WITH_SECRETS,
        secrets=True,
        title="A secret in plain text in a file",
        meaning="A field that holds a secret has it literally in the file.",
        why="Whoever reads the repository, now or in its history, has the secret.",
        fix="Use a placeholder for an environment variable (`${env:NAME}`) or a file "
        "(`${file:secrets/name}`), and change the secret if the file was shared.",
        example='secret = "${env:WEB_CLIENT_SECRET}"',
        find=_in_plain_text,
    ),
    RiskRule(
        code="weak-secret",
        level=Level.CAUTION,
        on=_WITH_SECRETS,
        secrets=True,
        title="A short secret",
        meaning=f"A secret has fewer than {_SHORT} characters.",
        why="A short secret can be guessed, also from the digest that the state keeps to notice a "
        "change. kcplan uses a slower digest for it, which makes guessing harder, not impossible.",
        fix="Use a long random secret.",
        example="openssl rand -base64 32",
        find=_short,
    ),
)
