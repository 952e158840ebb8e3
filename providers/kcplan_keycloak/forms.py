"""What a realm file may say in another way than types have it, as JSON Schemas.

A function for each type that has a `gather`: it takes the schema of realm files as the types say
it, and gives it with what that `gather` takes. `kcplan.editors` puts them together.
"""

from typing import Any, Final

from kcplan_keycloak import workflow_sections
from kcplan_keycloak.admin_sections import KINDS, PERMISSIONS, POLICIES, SHORT
from kcplan_keycloak.built_in import ADMIN_CLIENT
from kcplan_keycloak.component_sections import SECTION as COMPONENTS
from kcplan_keycloak.component_sections import USER_PROFILE, WITHIN
from kcplan_keycloak.flow_sections import CONFIGS, NOT_COMPARED, OF_THE_PLACE
from kcplan_keycloak.flow_sections import SECTION as FLOWS
from kcplan_keycloak.flow_tree import EXECUTIONS, ORDER
from kcplan_keycloak.scope_mappings import FIELD, HOLDERS, OF_CLIENTS

Json = dict[str, Any]

_NAME: Final[Json] = {"$ref": "#/$defs/name"}
_TEXT: Final[Json] = {"$ref": "#/$defs/text"}
_NULL: Final[Json] = {"type": "null"}
_STRINGS: Final[Json] = {"type": "array", "items": {"type": "string"}}


def _list(items: Json) -> Json:
    return {"type": ["array", "null"], "items": items}


def _table(properties: Json, **rest: Any) -> Json:
    return {"type": "object", "properties": properties, "additionalProperties": False, **rest}


def scopes(schema: Json) -> Json:
    """Role scopes as an export has them: `scopeMappings` and `clientScopeMappings`."""
    holders = {kind: {"type": ["string", "null"]} for kind in HOLDERS}
    one = [{"required": [kind], "properties": {kind: _NAME}} for kind in HOLDERS]
    entry = _table({**holders, "roles": _STRINGS}, required=["roles"], oneOf=one)
    entry["title"] = "role scope"
    schema["$defs"]["role-scope"] = entry
    items = _list({"$ref": "#/$defs/role-scope"})
    schema["properties"] |= {
        FIELD: items,
        OF_CLIENTS: {"type": ["object", "null"], "additionalProperties": items},
    }
    return schema


def flows(schema: Json) -> Json:
    """Flows as an export has them: executions in lists, and configurations apart."""
    flow = schema["$defs"]["flow"]
    fields = flow["properties"]
    execution = fields[EXECUTIONS]["additionalProperties"]
    fields.pop(ORDER)
    config = execution["properties"].pop("config")
    own = {key: {} for key in sorted(NOT_COMPARED)} | execution["properties"]
    own |= {"requirement": {**own["requirement"], "not": {"enum": [None, ""]}}, "config": {}}
    schema["$defs"]["flow-execution"] = _table(
        own,
        title="step of a flow",
        required=["requirement"],
        anyOf=[{"required": ["authenticator"]}, {"required": ["flowAlias"]}],
    ) | {"additionalProperties": execution["additionalProperties"]}
    fields[EXECUTIONS] = {
        "description": "All steps of the flow, in their order.",
        **_list({"$ref": "#/$defs/flow-execution"}),
    }
    fields |= {key: {} for key in sorted(OF_THE_PLACE - {EXECUTIONS})}
    # A flow that is in another one may be a form.
    fields["providerId"] = execution["properties"]["providerId"]
    config = {"anyOf": [config, {"enum": ["", [], False, 0]}]}
    alias = {"type": "object", "properties": {"alias": _TEXT, "config": config, "id": {}}}
    schema["properties"][CONFIGS] = {
        "description": f"The configurations of steps, by the alias that steps of `{FLOWS}` name.",
        **_list(alias),
    }
    return schema


def components(schema: Json) -> Json:
    """Components as an export has them: those within one by type, and the user profile."""
    section = schema["properties"][COMPONENTS]
    steps = {workflow_sections.STEP: _list({"type": "object"})}
    workflow = {"properties": {WITHIN: {"properties": steps}}}
    section["properties"] = {
        USER_PROFILE: {"type": ["array", "null"]},
        workflow_sections.COMPONENT: _list(workflow),
    }
    component = schema["$defs"]["component"]["properties"]
    mappers = {"type": "array", "items": {"$ref": "#/$defs/component-mapper"}}
    by_type = {"type": "object", "additionalProperties": mappers}
    component[WITHIN] = {
        "description": "What lies in the component, by type.",
        "anyOf": [by_type, {"$ref": "#/$defs/nothing"}],
    }
    empty: Json = {"enum": ["", None, 0, False, [], {}]}
    schema["$defs"]["nothing"] = {
        "anyOf": [empty, {"type": "object", "additionalProperties": {"$ref": "#/$defs/nothing"}}]
    }
    component["subType"] = empty
    items = section["additionalProperties"]["items"]
    items["if"] = {"required": ["subType"], "properties": {"subType": {"not": empty}}}
    for name in ("component-mapper", "component"):
        schema["$defs"][name]["properties"].setdefault("subType", empty)
    return schema


def organizations(schema: Json) -> Json:
    """Organizations whose name is their alias."""
    found = schema["$defs"]["organization"]
    del found["required"]
    alias = found["properties"]["alias"]
    found["properties"]["alias"] = {"anyOf": [alias, _NULL]}
    found["anyOf"] = [
        {"required": ["alias"], "properties": {"alias": alias}},
        {"required": ["name"], "properties": {"name": _NAME}},
    ]
    return schema


def localization(schema: Json) -> Json:
    """Texts under keycloak-config-cli's word."""
    schema["properties"]["messageBundles"] = {
        **schema["properties"]["localizationTexts"],
        "description": "keycloak-config-cli's word for `localizationTexts`.",
    }
    return schema


def users(schema: Json) -> Json:
    """Users whom a user federation brings, and who are left out."""
    section = schema["properties"]["users"]
    said: Json = {"federationLink": {"not": {"enum": [None, "", False, 0, [], {}]}}}
    section["items"] = {
        "if": {"type": "object", "required": ["federationLink"], "properties": said},
        "then": {"description": "A user of a user federation, who is left out."},
        "else": section["items"],
    }
    return schema


def admin_permissions(schema: Json) -> Json:
    """Policies that say in one field whom they are about, and permissions with policies in them."""
    definitions = schema["$defs"]
    policy = definitions["admin-policy"]
    definitions["admin-policy-in-short"] = _in_short(policy)
    said: Json = {"anyOf": [{"required": ["config"]}, {"required": ["type"]}]}
    either = {
        "if": said,
        "then": {"$ref": "#/$defs/admin-policy"},
        "else": {"$ref": "#/$defs/admin-policy-in-short"},
    }
    schema["properties"][PERMISSIONS]["properties"][POLICIES] = _list(either)
    permission = definitions["admin-permission"]
    fields = permission["properties"]
    fields["policies"] = _list({"anyOf": [{"type": "string"}, {"type": "object", **either}]})
    fields["resources"] = {
        "description": "Names of that type; without it the permission is on all of them.",
        "type": ["array", "null"],
        "items": {"type": "string"},
        "minItems": 1,
    }
    kinds = {"anyOf": [{"enum": list(KINDS)}, {"type": ["string", "number", "boolean"]}]}
    fields["resourceType"] = {**kinds, "not": {"enum": [""]}}
    fields["decisionStrategy"] = _unanimous(fields["decisionStrategy"])
    permission["required"] = ["name", "resourceType"]
    permission["if"] = {"required": ["resources"], "properties": {"resources": {"type": "array"}}}
    permission["then"] = {"properties": {"resourceType": {"enum": list(KINDS)}}}
    return _with_exported(schema)


def _unanimous(strategy: Json) -> Json:
    """Keycloak takes one strategy only for a permission."""
    from kcplan.editors.definitions import in_any_case

    _, _, placeholder = strategy["anyOf"]
    words = ("UNANIMOUS",)
    return {**strategy, "anyOf": [{"enum": [*words]}, in_any_case(words), placeholder]}


def _in_short(policy: Json) -> Json:
    """A policy that says in one field whom it is about."""
    own = {k: v for k, v in policy["properties"].items() if k not in ("config", "type")}
    config = policy["properties"]["config"]
    fields: Json = {}
    for name, short in SHORT.items():
        fields[name] = config["properties"][short.config] if short.config else config
        if short.key:
            listed, text = fields[name]["anyOf"]
            items = {"anyOf": [{"type": "string", "minLength": 1}, listed["items"]]}
            fields[name] = {**fields[name], "anyOf": [{**listed, "items": items}, text]}
    one = [{"required": [name]} for name in SHORT]
    return {**policy, "properties": {**own, **fields}, "oneOf": one}


def _with_exported(schema: Json) -> Json:
    """The client in which an export has admin permissions may have settings of another kind."""
    client = schema["$defs"]["client"]
    open_settings = {**client["properties"], "authorizationSettings": {}}
    schema["$defs"]["admin-permissions-client"] = {**client, "properties": open_settings}
    schema["properties"]["clients"]["items"] = {
        "if": {"required": ["clientId"], "properties": {"clientId": {"const": ADMIN_CLIENT}}},
        "then": {"$ref": "#/$defs/admin-permissions-client"},
        "else": schema["properties"]["clients"]["items"],
    }
    return schema


def exchange(schema: Json) -> Json:
    """Who may exchange tokens."""
    from kcplan.editors.values import Fragment
    from kcplan_keycloak.token_exchange.spec import SECTION, SPEC, Mode

    fields = Fragment.of(SPEC).object(SPEC.schema)["properties"]
    requester = {
        "description": "The client that exchanges tokens.",
        "type": ["string", "number", "boolean"],
        "not": {"enum": ["", 0, False]},
    }
    none = {"type": ["string", "null"], "maxLength": 0}
    either = {
        "anyOf": [{"enum": [*map(str, Mode)]}, none, {"$ref": "#/$defs/placeholder"}],
        "default": str(Mode.STANDARD),
    }
    schema["$defs"]["token-exchange"] = {
        "title": "token exchange",
        **_table({"requester": requester, "mode": either, **fields}, required=["requester"]),
    }
    section = schema["properties"][PERMISSIONS]
    section["properties"][SECTION] = {
        "description": "Who may exchange tokens: an entry for each client that does.",
        **_list({"$ref": "#/$defs/token-exchange"}),
    }
    section["additionalProperties"] = False
    return schema
