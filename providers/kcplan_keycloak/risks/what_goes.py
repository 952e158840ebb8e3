"""What others rely on and will not find any more."""

from collections.abc import Iterator
from typing import Final

from kcplan import grammar
from kcplan.resource import PLACE
from kcplan.risk import Level
from kcplan.risk_rules import Found, RiskRule, Subject
from kcplan_keycloak.resources.client import SPEC as CLIENT
from kcplan_keycloak.resources.client_role import SPEC as CLIENT_ROLE
from kcplan_keycloak.resources.component import SPEC as COMPONENT
from kcplan_keycloak.resources.group import SPEC as GROUP
from kcplan_keycloak.resources.identity_provider import SPEC as IDENTITY_PROVIDER
from kcplan_keycloak.resources.organization import SPEC as ORGANIZATION
from kcplan_keycloak.resources.organization_group import SPEC as ORGANIZATION_GROUP
from kcplan_keycloak.resources.realm import SPEC as REALM
from kcplan_keycloak.resources.role import SPEC as ROLE
from kcplan_keycloak.resources.user import SPEC as USER
from kcplan_keycloak.risk_values import Find


def _deleted(words: str) -> Find:
    def find(subject: Subject) -> Iterator[Found]:
        if subject.is_deleted:
            yield (), words

    return find


def _component_deleted(provider_type: str, words: str) -> Find:
    def find(subject: Subject) -> Iterator[Found]:
        before = subject.world.live.get(subject.address, {})
        if subject.is_deleted and before.get(("providerType",)) == provider_type:
            yield (), words

    return find


def _renamed(words: str) -> Find:
    def find(subject: Subject) -> Iterator[Found]:
        old = subject.change.moved_from
        # What lies in something that is renamed has another address, and the same name.
        if old is not None and old.name != subject.address.name and subject.spec.key is not None:
            yield subject.spec.key, words.format(old=old.name)

    return find


def _another_path(subject: Subject) -> Iterator[Found]:
    for item in subject.change.changes:
        if item.path in (PLACE, subject.spec.key):
            old = subject.change.moved_from or subject.address
            outside = len(grammar.pattern(subject.spec.pattern).parts) - 1
            path = "".join("/" + name.replace("/", "~/") for name in old[outside:])
            yield item.path, f"its path is no longer {path}"
            return


RULES: Final = (
    RiskRule(
        code="realm-deleted",
        level=Level.DANGER,
        on=(REALM,),
        title="A realm is deleted",
        meaning="The plan deletes a realm.",
        why="Its users and their passwords, sessions and keys go with it, and nothing brings them "
        "back but a backup of the database.",
        fix="Make sure that nobody uses it, and that there is a backup.",
        find=_deleted("the realm goes, with its users, their passwords, and its keys"),
    ),
    RiskRule(
        code="client-deleted",
        level=Level.DANGER,
        on=(CLIENT,),
        title="A client is deleted",
        meaning="The plan deletes a client.",
        why="Nobody can log in to the application any more. Its sessions and its users' consents "
        "are lost.",
        fix="Disable it first (`enabled = false`), and delete it when nobody misses it.",
        find=_deleted("the application can log nobody in any more"),
    ),
    RiskRule(
        code="identity-provider-deleted",
        level=Level.DANGER,
        on=(IDENTITY_PROVIDER,),
        title="An identity provider is deleted",
        meaning="The plan deletes an identity provider.",
        why="Users who log in there cannot do so any more, and the links to their accounts are "
        "lost.",
        fix="Disable it first (`enabled = false`), and delete it when nobody misses it.",
        find=_deleted("users who log in there no longer can, and the links to them are lost"),
    ),
    RiskRule(
        code="user-federation-deleted",
        level=Level.DANGER,
        on=(COMPONENT,),
        title="A user federation is deleted",
        meaning="The plan deletes a component through which users come, such as an LDAP provider.",
        why="The users that Keycloak imported with it are deleted, with their roles, groups, "
        "sessions and consents. Nobody who comes from there can log in any more.",
        fix='Disable it first (`enabled = ["false"]` in its `config`), and delete it when nobody '
        "misses it.",
        find=_component_deleted(
            "org.keycloak.storage.UserStorageProvider",
            "the users that were imported with it are deleted, and nobody logs in through it",
        ),
    ),
    RiskRule(
        code="keys-deleted",
        level=Level.CAUTION,
        on=(COMPONENT,),
        title="Keys of a realm are deleted",
        meaning="The plan deletes a component that has or makes keys of the realm.",
        why="Tokens and cookies that were signed with them are refused at once: sessions end, and "
        "services that hold on to tokens are turned away.",
        fix='Make it passive first (`active = ["false"]` in its `config`), and delete it when all '
        "that it has signed has expired.",
        find=_component_deleted(
            "org.keycloak.keys.KeyProvider", "what was signed with its keys is refused at once"
        ),
    ),
    RiskRule(
        code="role-deleted",
        level=Level.CAUTION,
        on=(ROLE, CLIENT_ROLE),
        title="A role is deleted",
        meaning="The plan deletes a role.",
        why="All users, groups and roles that have it lose it, and what asks for it refuses them.",
        fix="Look who has it: the plan tells how many users do.",
        find=_deleted("whoever has the role loses it"),
    ),
    RiskRule(
        code="organization-deleted",
        level=Level.DANGER,
        on=(ORGANIZATION,),
        title="An organization is deleted",
        meaning="The plan deletes an organization.",
        why="Its members belong to nobody any more, and lose what they may do as such. Those who "
        "came in through one of its identity providers are deleted, with all that they have.",
        fix="Switch it off first (`enabled = false`), and delete it when nobody misses it. The "
        "plan tells how many members it has.",
        find=_deleted("its members belong to it no longer, and its own users are deleted"),
    ),
    RiskRule(
        code="user-deleted",
        level=Level.CAUTION,
        on=(USER,),
        title="A user is deleted",
        meaning="The plan deletes a user.",
        why="The person can log in no more. Passwords, sessions, consents and what applications "
        "keep under the user's id are lost; a user that comes back has another id.",
        fix="Disable the user first (`enabled = false`), and delete it when nobody misses it.",
        find=_deleted("the person can log in no more, and the password is lost"),
    ),
    RiskRule(
        code="group-deleted",
        level=Level.CAUTION,
        on=(GROUP, ORGANIZATION_GROUP),
        title="A group is deleted",
        meaning="The plan deletes a group, with the groups in it.",
        why="Nobody is in it any more: its members lose the roles that it gives them, and a group "
        "that is made again has none. Authorization policies and permissions lose it, too.",
        fix="Look who is in it: the plan tells how many users are. A group that belongs elsewhere "
        "is moved by `[[moved]]`, with its members.",
        find=_deleted("whoever is in the group is in it no longer, and loses its roles"),
    ),
    RiskRule(
        code="group-path-changes",
        level=Level.CAUTION,
        on=(GROUP, ORGANIZATION_GROUP),
        title="A group gets another path",
        meaning="The plan renames a group, or moves it elsewhere.",
        why="Tokens have groups by their paths, and so have mappers of identity providers. In "
        "another group, its members also have the roles of that, and no longer those of the one "
        "it was in.",
        fix="Change what looks for the path at the same time.",
        find=_another_path,
    ),
    RiskRule(
        code="client-renamed",
        level=Level.CAUTION,
        on=(CLIENT,),
        title="A clientId changes",
        meaning="The plan renames a client.",
        why="The application still logs in under the old clientId, and is refused. Services that "
        "expect the old name in `aud` or `azp` refuse its tokens.",
        fix="Change the applications at the same time.",
        find=_renamed("the application still calls itself {old}"),
    ),
    RiskRule(
        code="realm-renamed",
        level=Level.CAUTION,
        on=(REALM,),
        title="A realm's name changes",
        meaning="The plan renames a realm.",
        why="The name is in the issuer of all tokens and in all addresses of Keycloak: every "
        "application has to know the new one.",
        fix="Change the applications at the same time.",
        find=_renamed("the applications still know the realm as {old}"),
    ),
)
