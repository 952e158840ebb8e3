"""Identity providers: where else users may log in.

A `PUT` replaces everything, `config` as well, so it carries what is there. Keycloak gives the
client secret as ten asterisks, and keeps it when it is sent those.

A `POST` looks at everything else before it looks whether the alias is taken. So what Keycloak finds
wrong with a new provider is known while the old one is there.
"""

from typing import Final

from kcplan.mirrors import Mirror
from kcplan.offered import Listed
from kcplan.plan import Operation
from kcplan.resource import ReadOnly, TypeSpec
from kcplan.schema import Leaves
from kcplan.shapes import BOOLEAN, STRING, STRING_MAP, Object, Ref
from kcplan_keycloak import routes
from kcplan_keycloak.api import path
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.errors import ConflictError
from kcplan_keycloak.resource_type import Writing, users_at
from kcplan_keycloak.rest import RestType
from kcplan_keycloak.server_info import IDENTITY_PROVIDER

_SWITCHES: Final = """
    addReadTokenRoleOnCreate authenticateByDefault enabled hideOnLogin linkOnly storeToken
    trustEmail
""".split()

_OF_ORGANIZATION: Final = ReadOnly(
    since=(26, 7, 3),
    advice="A provider is linked at its organization only: in `identityProviders` of one of "
    "`organizations`. Remove `organizationId` here; an update of the provider keeps the link.",
)


def _change_notes(before: Leaves, after: Leaves) -> tuple[str, ...]:
    """What happens to the link to an organization when a provider goes."""
    if after or not before.get(("organizationId",)):
        return ()
    return ("it leaves its organization; one that the files have there comes back to it",)


SPEC: Final = TypeSpec(
    name="identity-provider",
    pattern="REALM/identity-providers/ALIAS",
    rank=20,
    where="identityProviders[alias]",
    told_at="identity-provider",
    schema=Object(
        {
            **dict.fromkeys(("displayName", "organizationId", "providerId"), STRING),
            **dict.fromkeys(
                ("firstBrokerLoginFlowAlias", "postBrokerLoginFlowAlias"), Ref(type="flow")
            ),
            **dict.fromkeys(_SWITCHES, BOOLEAN),
            "config": STRING_MAP,
        }
    ),
    key=("alias",),
    fixed_name="Keycloak cannot rename an identity provider",
    obsolete=dict.fromkeys(
        ("updateProfileFirstLogin", "updateProfileFirstLoginMode"),
        "use the step that reviews the profile in the flow `firstBrokerLoginFlowAlias`.",
    ),
    ignored=(("internalId",), ("types",)),
    mirrors={
        ("config", "hideOnLoginPage"): Mirror(("hideOnLogin",), older=True),
        ("config", "kc.org"): Mirror(("organizationId",)),
    },
    sensitive=(("config", "clientSecret"), ("config", "*[sS]ecret"), ("config", "*[pP]assword")),
    write_only=(("config", "clientSecret"),),
    immutable=(("providerId",),),
    # Keycloak takes it of a provider that is in an organization with that domain.
    late=(routes.FIELD,),
    read_only={("organizationId",): _OF_ORGANIZATION},
    listed=(Listed(("providerId",), IDENTITY_PROVIDER),),
    keeps_empty=(("addReadTokenRoleOnCreate",), ("storeToken",), ("trustEmail",)),
    decisive=("enabled", "trustEmail"),
    chooses_id=True,
    # The organization that it is linked to says so, and here it is by its id.
    defaults=lambda leaves: {
        **{(name,): name == "enabled" for name in _SWITCHES},
        ("organizationId",): leaves.get(("organizationId",)),
    },
    change_notes=_change_notes,
    lossy_delete=(
        "its client secret is lost: Keycloak does not give it back",
        "the links of users to their accounts there are lost",
    ),
)


class IdentityProviderType(RestType):
    """Identity providers, of which Keycloak says what is wrong before they replace another."""

    def rehearse(self, writing: Writing) -> None:
        """Post the provider while its alias is taken: a conflict says that all else is right.

        Raises:
            ServerError: Keycloak refuses it.
        """
        collection = self._collection(writing)
        try:
            writing.api.post(collection, self._body(writing), repeatable=True)
        except ConflictError:
            return
        # Somebody has deleted the old one meanwhile. The new one is made when its turn comes.
        writing.api.delete(self.at.at(collection, writing.address, None))


TYPES: Final = (
    IdentityProviderType(
        spec=SPEC,
        at=Collection(
            path="identity-provider/instances",
            item="{path}/{name}",
            single="{path}/{name}",
            name_key="alias",
            id_key="internalId",
        ),
        absent=dict.fromkeys(_SWITCHES, False),
        carried="mappers",
        # A service account that is made while a realm gets its first provider, or loses its last
        # one, fails: Keycloak looks twice whether there is one.
        unsettles=(Operation.CREATE, Operation.DELETE),
        given=lambda live, _: users_at(
            path("realms", live.address.realm, "users"), idpAlias=live.address.name
        ),
    ),
)
