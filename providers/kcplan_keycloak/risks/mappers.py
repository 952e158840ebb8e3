"""What tokens say of users, and whether users can write it themselves.

The user profile, which says who may edit an attribute, is neither in the files nor read for a plan.
So a rule tells what to look at, and is silent about what everybody expects of a user's own word.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from kcplan.risk import Level
from kcplan.risk_rules import Found, RiskRule, Subject
from kcplan_keycloak.resources.client import SPEC as CLIENT
from kcplan_keycloak.resources.client_scope import SPEC as CLIENT_SCOPE
from kcplan_keycloak.risk_values import is_on

_MAPPERS: Final[Mapping[str, str]] = {
    "oidc-usermodel-attribute-mapper": "claim.name",
    "saml-user-attribute-mapper": "attribute.name",
}
"""Mappers of users' attributes, each with the entry that has the name in the token."""
_ATTRIBUTE: Final = "user.attribute"
_TOKENS: Final = (
    "access.token.claim",
    "id.token.claim",
    "introspection.token.claim",
    "lightweight.claim",
    "userinfo.token.claim",
)
_DECIDING: Final = frozenset({_ATTRIBUTE, *_MAPPERS.values(), *_TOKENS})
_ABOUT_ONESELF: Final = frozenset(
    """
    birthdate family_name gender given_name locale middle_name name nickname phone_number picture
    profile updated_at website zoneinfo
    """.split()
)
"""Claims in which OpenID Connect has what users say of themselves."""
_OF_KEYCLOAK: Final = frozenset(
    {
        ("email", "email"),
        ("phone_number_verified", "phoneNumberVerified"),
        ("preferred_username", "username"),
        ("upn", "username"),
    }
)
"""Claims and attributes of the scopes that each realm has by itself."""
_IN_SAML: Final = frozenset({"email", "firstName", "lastName", "locale", "username"})
"""Attributes that SAML clients get under all kinds of names."""


def _of_attributes(subject: Subject) -> Iterator[Found]:
    for name in dict.fromkeys(_changed(subject)):
        path = ("protocolMappers", name)
        kind = str(subject.after(*path, "protocolMapper"))
        attribute = subject.after(*path, "config", _ATTRIBUTE)
        target = subject.after(*path, "config", _MAPPERS.get(kind, ""))
        if not isinstance(attribute, str) or not isinstance(target, str):
            continue
        if not _is_usual(kind, attribute, target) and _reaches_a_token(subject, kind, name):
            words = f"users decide what {target} is in tokens, if they may edit their {attribute}"
            yield (*path, "config", _ATTRIBUTE), words


def _changed(subject: Subject) -> Iterator[str]:
    """The mappers of which something changes that decides what is in tokens."""
    for item in subject.changes(("protocolMappers",)):
        match item.path:
            case (_, name, "protocolMapper"):
                yield name
            case (_, name, "config", entry) if entry in _DECIDING and item.after is not None:
                yield name


def _is_usual(kind: str, attribute: str, target: str) -> bool:
    if kind.startswith("saml"):
        return attribute in _IN_SAML
    return target in _ABOUT_ONESELF or (target, attribute) in _OF_KEYCLOAK


def _reaches_a_token(subject: Subject, kind: str, name: str) -> bool:
    config = ("protocolMappers", name, "config")
    return kind.startswith("saml") or any(is_on(subject.after(*config, key)) for key in _TOKENS)


RULES: Final = (
    RiskRule(
        code="mapper-of-user-attribute",
        level=Level.CAUTION,
        on=(CLIENT, CLIENT_SCOPE),
        title="A claim that users may be able to write",
        meaning="A mapper is added that puts an attribute of users into tokens, or it takes "
        "another attribute. It is silent about claims that are users' own word anyway, such as "
        "`nickname` and `locale`. kcplan does not read who may edit the attribute.",
        why="Users can edit an attribute in the account console if the user profile says so, or "
        "where unmanaged attributes are enabled. Who edits his `tenant` gets at another tenant.",
        fix="Look into the realm's user profile: only administrators may edit the attribute, and "
        "unmanaged attributes are off, or for administrators.",
        find=_of_attributes,
    ),
)
