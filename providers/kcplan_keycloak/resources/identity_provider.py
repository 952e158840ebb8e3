"""Identity providers: where else users may log in.

A `PUT` replaces everything, `config` as well, so it carries what is there. Keycloak gives the
client secret as ten asterisks, and keeps it when it is sent those.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from kcplan.address import Address
from kcplan.errors import LostError
from kcplan.plan import Operation
from kcplan.provider import Image
from kcplan.resource import Reference, Resource, TypeSpec, path_matches
from kcplan.schema import BOOLEAN, STRING, STRING_MAP, Leaves, Object, flatten
from kcplan.secret import Secret
from kcplan.snapshot import LiveObject
from kcplan_keycloak.api import Get, path
from kcplan_keycloak.bodies import merged
from kcplan_keycloak.errors import InvalidRequestError, NotFoundError
from kcplan_keycloak.resource_type import FEW, Reading, Writing

_TEXTS: Final = """
    displayName firstBrokerLoginFlowAlias organizationId postBrokerLoginFlowAlias providerId
"""

_SWITCHES: Final = """
    addReadTokenRoleOnCreate authenticateByDefault enabled hideOnLogin linkOnly storeToken
    trustEmail
"""

_MASK: Final = "**********"

SCHEMA: Final = Object(
    {
        **dict.fromkeys(_TEXTS.split(), STRING),
        **dict.fromkeys(_SWITCHES.split(), BOOLEAN),
        "config": STRING_MAP,
    }
)


def _references(resource: Resource) -> Iterator[Reference]:
    for field in ("firstBrokerLoginFlowAlias", "postBrokerLoginFlowAlias"):
        alias = resource.leaves.get((field,))
        if isinstance(alias, str):
            yield Reference(Address.of(resource.address.realm, "flows", alias), (field,))


SPEC: Final = TypeSpec(
    name="identity-provider",
    pattern="REALM/identity-providers/ALIAS",
    rank=20,
    section=("identityProviders", "[alias]"),
    schema=SCHEMA,
    key=("alias",),
    unsupported={
        "updateProfileFirstLoginMode": "Keycloak no longer keeps it. Its successor is the step "
        "that reviews the profile in the flow `firstBrokerLoginFlowAlias`.",
    },
    ignored=(("internalId",), ("types",)),
    sensitive=(("config", "clientSecret"), ("config", "*[sS]ecret"), ("config", "*[pP]assword")),
    write_only=(("config", "clientSecret"),),
    immutable=(("providerId",),),
    chooses_id=True,
    references=_references,
    lossy_delete=(
        "its client secret is lost: Keycloak does not give it back",
        "the links of users to their accounts there are lost",
    ),
)


@frozen
class IdentityProviderType:
    """Identity providers through `/admin/realms/{realm}/identity-provider/instances`."""

    spec: TypeSpec = SPEC
    # A service account that is made while a realm gets its first provider, or loses its last one,
    # fails: Keycloak looks twice whether there is one.
    unsettles: Collection[Operation] = (Operation.CREATE, Operation.DELETE)

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The wanted identity providers: a few by their alias, many in pages."""
        at = path("realms", reading.realm, "identity-provider", "instances")
        if len(reading.wanted) <= FEW and not reading.everything:
            found = reading.api.map(
                lambda address: reading.api.get(f"{at}/{path(address.name)}"), reading.wanted
            )
            providers = [provider for provider in found if provider is not None]
        else:
            providers = reading.api.pages(at)
        for provider in providers:
            address = Address.of(reading.realm, "identity-providers", provider["alias"])
            reading.names.learn(address, provider["internalId"])
            if address in reading.wanted or reading.everything:
                yield LiveObject(address, SPEC.name, provider["internalId"], _leaves(provider))

    def create(self, writing: Writing) -> str | None:
        """Create the identity provider under the id that the plan chose."""
        body = merged(SCHEMA, {}, writing.step.after)
        body |= {"internalId": writing.step.object_id, "alias": writing.address.name}
        made = writing.api.post(_instances(writing), body)
        # The answer names it by its alias.
        return writing.step.object_id if made is not None else None

    def update(self, writing: Writing) -> str | None:
        """Write the changed fields over what is there."""
        if SPEC.key in writing.step.after:
            return _renamed(writing)
        at = _instance(writing)
        there = writing.api.get(at)
        if there is None:
            raise NotFoundError(
                f"{writing.address} is no longer in Keycloak",
                "It was deleted since the plan was made. Run plan again.",
            )
        writing.api.put(at, merged(SCHEMA, there, writing.step.after))
        return str(there["internalId"])

    def users(self, live: LiveObject, found: Mapping[Address, LiveObject]) -> Get:  # noqa: ARG002
        """Whose accounts are linked to it."""
        return Get(path("realms", live.address.realm, "users"), {"idpAlias": live.address.name})

    def delete(self, writing: Writing) -> None:
        """Delete the identity provider, and with it its mappers and the links of users."""
        writing.api.delete(_instance(writing))
        writing.names.forget(writing.address)

    def capture(self, writing: Writing) -> Image | None:
        """The identity provider as Keycloak gives it, without the secret, and its mappers."""
        at = _instance(writing)
        return {"provider": writing.api.get(at), "mappers": writing.api.get(f"{at}/mappers")}

    def restore(self, writing: Writing, image: Image) -> None:
        """Bring back all but the secrets of a deleted one, and say that they are missing.

        Raises:
            LostError: It is back, without its secrets.
        """
        provider = image["provider"]
        if writing.step.operation is Operation.UPDATE:
            writing.api.put(_instance(writing), provider)
            return
        if writing.api.get(_instance(writing)) is None:
            known = {key: v for key, v in provider["config"].items() if v != _MASK}
            writing.api.post(_instances(writing), {**provider, "config": known})
        writing.names.learn(writing.address, provider["internalId"])
        at = f"{_instance(writing)}/mappers"
        there = {mapper["name"] for mapper in writing.api.get(at) or ()}
        for mapper in image["mappers"]:
            if mapper["name"] not in there:
                writing.api.post(at, mapper)
        if masked := sorted(key for key, v in provider["config"].items() if v == _MASK):
            raise LostError(
                f"{writing.address} is back without its secret ({', '.join(masked)})",
                "Keycloak does not give such secrets back, so kcplan could not keep them. Set "
                "them again.",
            )


def _instances(writing: Writing) -> str:
    return path("realms", writing.address.realm, "identity-provider", "instances")


def _instance(writing: Writing) -> str:
    return f"{_instances(writing)}/{path(writing.address.name)}"


def _renamed(writing: Writing) -> str:
    """Give the id of what has the new alias already: undoing a renaming that was refused."""
    there = writing.api.get(f"{_instances(writing)}/{path(str(writing.step.after['alias',]))}")
    if there is not None:
        return str(there["internalId"])
    raise InvalidRequestError(
        f"{writing.address} cannot have another alias",
        "Keycloak cannot rename an identity provider. Remove the [[moved]] rule; the plan then "
        "deletes the old one and creates the new one.",
    )


def _leaves(provider: Mapping[str, Any]) -> Leaves:
    """An identity provider as leaves. Keycloak leaves out switches that are off."""
    document = {key: provider[key] for key in SCHEMA.fields if key in provider}
    switches = dict.fromkeys(_SWITCHES.split(), False)
    return {
        where: Secret(value)
        if isinstance(value, str) and (value == _MASK or path_matches(where, SPEC.sensitive))
        else value
        for where, value in flatten(SCHEMA, {**switches, **document}).items()
    }


TYPES: Final = (IdentityProviderType(),)
