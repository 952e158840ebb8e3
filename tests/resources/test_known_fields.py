"""kcplan knows all fields that the server reads: those that no answer has by default, too.

Keycloak refuses a whole request for one field that it does not know, so the lists of the schemas
are compared with the classes of the server's own distribution.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from kcplan.shapes import Object, shape_at
from kcplan_keycloak.mappers import MAPPERS
from kcplan_keycloak.resources import registry
from kcplan_keycloak.sandbox import distribution
from support.harness import Admin
from support.world import World

REGISTRY = registry()

PROFILE = "org.keycloak.representations.userprofile.config"

CLASSES = {
    "realm": "RealmRepresentation",
    "required-action": "RequiredActionProviderRepresentation",
    "role": "RoleRepresentation",
    "client-role": "RoleRepresentation",
    "client-scope": "ClientScopeRepresentation",
    "identity-provider": "IdentityProviderRepresentation",
    "identity-provider-mapper": "IdentityProviderMapperRepresentation",
    "registration-policy": "ComponentExportRepresentation",
    "component": "ComponentExportRepresentation",
    "component-mapper": "ComponentExportRepresentation",
    "organization": "OrganizationRepresentation",
    "organization-group": "GroupRepresentation",
    "client": "ClientRepresentation",
    "group": "GroupRepresentation",
    "service-account": "UserRepresentation",
    "user": "UserRepresentation",
    "user-profile": f"{PROFILE}.UPConfig",
    "authorization": "authorization.ResourceServerRepresentation",
    "authorization-scope": "authorization.ScopeRepresentation",
    "authorization-resource": "authorization.ResourceRepresentation",
    "authorization-policy": "authorization.PolicyRepresentation",
    "authorization-permission": "authorization.PolicyRepresentation",
    "workflow": "org.keycloak.representations.workflows.WorkflowRepresentation",
}

SECTIONS = {
    "realm": set(
        "authenticationFlows authenticatorConfig "
        "clients clientScopeMappings clientScopes components groups identityProviderMappers "
        "identityProviders localizationTexts organizations requiredActions roles scopeMappings "
        "users".split()
    ),
    "component": {"subType"},
    "component-mapper": {"subType"},
    "client": {"authorizationSettings"},
    "group": {"subGroups"},
    "organization": {"groups"},
    "organization-group": {"subGroups"},
    "user": {"serviceAccountClientId"},
    "authorization": {"policies", "resources", "scopes"},
}
"""Fields that are sections of other types."""

NOT_READ = {
    "realm": {
        *("passwordCredentialGrantAllowed", "realmCacheEnabled", "social"),
        *("updateProfileOnInitialSocialLogin", "userCacheEnabled"),
    },
    "role": {"scopeParamRequired"},
    "client-role": {"scopeParamRequired"},
    "client": {
        "scopeMappings",
        "clientTemplate",
        "useTemplateConfig",
        "useTemplateMappers",
        "useTemplateScope",
    },
    "client-scope": {"scopeMappings"},
    "registration-policy": {"parentId", "providerType"},
    "component": {"parentId", "providerType"},
    "component-mapper": {"parentId", "providerType"},
    "authorization-resource": {"id"},
}
"""Fields that kcplan knows and Keycloak does not read there: it has role scopes elsewhere, and the
others are of other versions and tools; what an export says of a component by where it stands, the
Admin API has as a field."""

NESTED = {
    "OrganizationDomainRepresentation": shape_at(REGISTRY["organization"].schema, ("domains", "*")),
    f"{PROFILE}.UPAttribute": shape_at(REGISTRY["user-profile"].schema, ("attributes", "*")),
    f"{PROFILE}.UPGroup": shape_at(REGISTRY["user-profile"].schema, ("groups", "*")),
    "ProtocolMapperRepresentation": MAPPERS.shape,
    "RoleRepresentation$Composites": shape_at(REGISTRY["role"].schema, ("composites",)),
    "ClientProfilesRepresentation": shape_at(REGISTRY["realm"].schema, ("clientProfiles",)),
    "ClientPoliciesRepresentation": shape_at(REGISTRY["realm"].schema, ("clientPolicies",)),
}


@pytest.fixture(scope="module")
def read_by_keycloak(admin: Admin) -> Mapping[str, set[str]]:
    """The fields that the session's Keycloak reads, by class."""
    version = admin.get("../serverinfo").json()["systemInfo"]["version"]
    found = distribution.local(version) or distribution.fetch(version, print)
    jars = ":".join(str(found.folder / "lib/lib" / part / "*") for part in ("main", "boot"))
    home = os.environ.get("JAVA_HOME")
    classes = sorted({*CLASSES.values(), *NESTED})
    program = Path(__file__).parents[1] / "support" / "KnownFields.java"
    java = [f"{home}/bin/java" if home else "java", "-cp", jars, str(program), *classes]
    lines = subprocess.run(java, capture_output=True, text=True, check=True).stdout.splitlines()
    fields: dict[str, set[str]] = {}
    for line in lines:
        name, field = line.split()
        fields.setdefault(name, set()).add(field)
    return fields


@pytest.mark.parametrize("name", CLASSES)
def test_the_fields_of_each_type_are_those_that_keycloak_reads(
    read_by_keycloak: Mapping[str, set[str]], name: str
) -> None:
    spec = REGISTRY[name]
    known = {
        *spec.schema.fields,
        *spec.schema.older,
        *spec.unsupported,
        *spec.obsolete,
        *(path[0] for path in spec.ignored),
        *spec.naming,
    }
    known = known - NOT_READ.get(name, set()) | SECTIONS.get(name, set())
    assert known == read_by_keycloak[CLASSES[name]]


@pytest.mark.parametrize("name", NESTED)
def test_the_fields_of_tables_in_them_are_those_that_keycloak_reads(
    read_by_keycloak: Mapping[str, set[str]], name: str
) -> None:
    shape = NESTED[name]
    assert isinstance(shape, Object)
    of_old = {"consentRequired", "consentText"}
    assert shape.fields.keys() - of_old <= read_by_keycloak[name]
    assert read_by_keycloak[name] - shape.fields.keys() <= {
        *("id", "name", "application"),
        *("globalProfiles", "globalPolicies"),
    }


def test_an_export_has_no_field_that_kcplan_does_not_know(world: World) -> None:
    world.declare(
        enabled=True,
        adminPermissionsEnabled=True,
        webAuthnPolicyPasswordlessPasskeysEnabled=True,
        webAuthnPolicyPasswordlessMediation="optional",
        identityProviders=[{"alias": "o", "providerId": "oidc", "config": {"clientId": "x"}}],
        clients=[
            {
                "clientId": "rs",
                "publicClient": False,
                "serviceAccountsEnabled": True,
                "authorizationServicesEnabled": True,
                "authorizationSettings": {"scopes": [{"name": "view"}]},
            }
        ],
    )
    world.apply()
    world.is_settled()
    world.file.write_text(json.dumps(world.admin.export(world.realm)))
    result = world.kcplan("validate", world.file, "--format", "json", exit_code=None)
    found = json.loads(result.stdout)["diagnostics"]
    assert [item for item in found if item["code"] == "unknown-field"] == []


def test_the_passkey_fields_can_be_changed_and_left_out(world: World) -> None:
    for passkeys, mediation in ((True, "optional"), (False, "silent"), (True, "")):
        world.declare(
            webAuthnPolicyPasswordlessPasskeysEnabled=passkeys,
            webAuthnPolicyPasswordlessMediation=mediation,
        )
        world.apply()
        world.is_settled()
        found = world.admin.json(world.realm)
        assert found["webAuthnPolicyPasswordlessPasskeysEnabled"] is passkeys
    world.declare()
    world.apply()
    world.is_settled()
