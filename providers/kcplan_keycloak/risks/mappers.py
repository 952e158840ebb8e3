"""What tokens say of users, and whether users can write it themselves.

The user profile, which says who may edit an attribute, need not be in the files, and then it is not
read for a plan.
So a rule tells what to look at, and is silent about what everybody expects of a user's own word.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from kcplan.address import Address
from kcplan.risk import Level
from kcplan.risk_rules import Found, RiskRule, Subject
from kcplan.schema import Leaves
from kcplan_keycloak.resources.client import SPEC as CLIENT
from kcplan_keycloak.resources.client_scope import SPEC as CLIENT_SCOPE
from kcplan_keycloak.resources.realm import SPEC as REALM
from kcplan_keycloak.risk_values import is_on, texts

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

_WITH_SUB: Final = "basic"
"""The scope with the mapper of `sub`, in each realm since Keycloak 25."""
_SUB_MAPPER: Final = "oidc-sub-mapper"
_SUB_MAPPERS: Final = (_SUB_MAPPER, "oidc-sha256-pairwise-sub-mapper")
"""Mappers of `sub`; others are so where they are told this claim."""
_LOG_INS: Final = (
    ("standardFlowEnabled",),
    ("implicitFlowEnabled",),
    ("directAccessGrantsEnabled",),
    ("attributes", "oauth2.device.authorization.grant.enabled"),
    ("attributes", "oidc.ciba.grant.enabled"),
)
"""The switches of the flows with which users log in."""


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


def _without_subject(subject: Subject) -> Iterator[Found]:
    """Lists of scopes that come without the one with `sub`, or lose it; scopes that lose `sub`."""
    if subject.spec is CLIENT_SCOPE:
        yield from _loses_subject(subject)
        return
    field = "defaultClientScopes" if subject.spec is CLIENT else "defaultDefaultClientScopes"
    if subject.spec is CLIENT and not _logs_users_in(subject):
        return
    for item in subject.changes((field,)):
        had = texts(item.before)
        lacks = isinstance(item.after, list) and _WITH_SUB not in item.after
        if lacks and (_WITH_SUB in had or not had) and not _names_subject(subject, item.after):
            whose = "the client's tokens" if subject.spec is CLIENT else "tokens of new clients"
            yield item.path, f"{whose} do not say who the user is (`sub`): no scope `{_WITH_SUB}`"


def _loses_subject(subject: Subject) -> Iterator[Found]:
    """The mapper of `sub` that a scope had, where no other of the scope takes its place."""
    if _maps_subject(subject.world.after(subject.address)):
        return
    words = "tokens of clients with the scope no longer say who the user is (`sub`)"
    for item in subject.changes(("protocolMappers",)):
        match item.path, item.before:
            case (_, _, "protocolMapper"), kind if kind == _SUB_MAPPER:
                yield item.path, words
            case (_, _), {"protocolMapper": kind} if kind == _SUB_MAPPER:
                yield item.path, words


def _logs_users_in(subject: Subject) -> bool:
    """Whether a client gets tokens of users. Those of its own account say so in any case."""
    if subject.after("protocol") != "openid-connect" or is_on(subject.after("bearerOnly")):
        return False
    return any(is_on(subject.after(*path)) for path in _LOG_INS)


def _names_subject(subject: Subject, scopes: object) -> bool:
    """Whether the client itself, or a scope that is known, has a mapper of `sub`."""
    realm = Address.of(subject.address.realm)
    own = subject.world.after(subject.address)
    shared = (subject.world.after(realm.child("client-scopes", name)) for name in texts(scopes))
    return any(_maps_subject(leaves) for leaves in (own, *shared))


def _maps_subject(leaves: Leaves) -> bool:
    """Whether one of the mappers is of `sub`."""
    for path, value in leaves.items():
        match path:
            case ("protocolMappers", _, "protocolMapper"):
                found = value in _SUB_MAPPERS
            case ("protocolMappers", _, "config", "claim.name"):
                found = value == "sub"
            case _:
                continue
        # One that is taken away as a whole is nothing, and its fields are still there.
        if found and leaves.get(path[:2], value) is not None:
            return True
    return False


RULES: Final = (
    RiskRule(
        code="tokens-without-subject",
        level=Level.CAUTION,
        on=(CLIENT, CLIENT_SCOPE, REALM),
        title="Tokens that do not say who the user is",
        meaning="`defaultClientScopes` of a client that logs users in with OpenID Connect, or a "
        "realm's `defaultDefaultClientScopes`, is declared without the scope `basic`, or loses it; "
        "or a client scope loses its mapper of `sub` (`oidc-sub-mapper`). No other mapper of `sub` "
        "takes its place.",
        why="Since Keycloak 25 the claims `sub` and `auth_time` come from that scope. Lists of "
        "older exports do not have it, and a list is complete. Applications that know their "
        "users by `sub` take no such token.",
        fix="Add `basic` to the list, or remove the list, so that the client has what a new one "
        "has. Leave the mapper in the scope. If it is to be so, silence the risk.",
        find=_without_subject,
        example='[[clients]]\nclientId = "shop"\n'
        'defaultClientScopes = ["basic", "profile", "email", "roles", "web-origins"]',
    ),
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
