"""The realm and what is in it by itself, roles, groups and users, as the provider makes them."""

import json
from typing import Final

from support.terraform.making import Made
from support.terraform.state import Json, block, camel, given, seconds, split


def _realm(made: Made, a: Json) -> None:
    names = [name for name in a if name not in _BLOCKS and name != "internal_id"]
    body = given(a, *names, internal_id="id", user_managed_access="userManagedAccessAllowed")
    body |= {k: seconds(v) for k, v in body.items() if k.endswith(("Timeout", "Lifespan"))}
    languages = block(a, "internationalization")
    if languages:
        body |= {"internationalizationEnabled": True, **given(languages, *languages)}
    headers = block(a, "security_defenses", "headers")
    body["browserSecurityHeaders"] = {camel(k): v for k, v in headers.items()}
    lockout = block(a, "security_defenses", "brute_force_detection")
    body |= {"bruteForceProtected": bool(lockout), **given(lockout, *lockout, **_LOCKOUT)}
    for prefix, name in (("otpPolicy", "otp_policy"), ("webAuthnPolicy", "web_authn_policy")):
        for key, value in block(a, name).items():
            key = key.replace("relying_party", "rp")  # noqa: PLW2901 - its name in Keycloak
            body[camel(f"{prefix}_{key}")] = value
    made.world.admin.post("", json={**body, "smtpServer": _mail_server(a)})


_BLOCKS: Final = {
    "smtp_server",
    "internationalization",
    "security_defenses",
    "otp_policy",
    "web_authn_policy",
}
_LOCKOUT: Final = {
    "max_login_failures": "failureFactor",
    "failure_reset_time_seconds": "maxDeltaTimeSeconds",
}


def _mail_server(a: Json) -> Json:
    server = block(a, "smtp_server")
    login = block(server, "auth")
    names = ("host", "port", "from", "from_display_name", "starttls", "ssl")
    return {
        **given(server, *names),
        "auth": True,
        "user": login["username"],
        "password": login["password"],
    }


def _events(made: Made, a: Json) -> None:
    made.put({camel(k): v for k, v in a.items() if k not in ("id", "realm_id")}, "events", "config")


def _localization(made: Made, a: Json) -> None:
    at = ("localization", a["locale"])
    made.world.admin.post(made.at(*at), json=a["texts"])


def _user_profile(made: Made, a: Json) -> None:
    attributes = []
    for item in a["attribute"]:
        body = given(
            item, "name", "display_name", "group", "annotations", multi_valued="multivalued"
        )
        if roles := item.get("required_for_roles"):
            body["required"] = {"roles": roles}
        body["permissions"] = block(item, "permissions") or {"view": ["admin"], "edit": ["admin"]}
        body["validations"] = {v["name"]: v["config"] for v in item.get("validator", ())}
        attributes.append(body)
    groups = [given(item, "name", "display_header", "display_description") for item in a["group"]]
    policy = given(a, "unmanaged_attribute_policy")
    made.put({"attributes": attributes, "groups": groups, **policy}, "users", "profile")


def _profile(made: Made, a: Json) -> None:
    executors = [
        {"executor": e["name"], "configuration": e["configuration"]} for e in a["executor"]
    ]
    body = {"profiles": [{**given(a, "name", "description"), "executors": executors}]}
    made.put(body, "client-policies", "profiles")


def _policy(made: Made, a: Json) -> None:
    conditions = [
        {
            "condition": c["name"],
            "configuration": {k: json.loads(v) for k, v in c["configuration"].items()},
        }
        for c in a["condition"]
    ]
    body = {**given(a, "name", "description", "enabled", "profiles"), "conditions": conditions}
    made.put({"policies": [body]}, "client-policies", "policies")


def _required_action(made: Made, a: Json) -> None:
    names = ("alias", "name", "enabled", "default_action", "priority")
    made.put(given(a, *names), "authentication", "required-actions", a["alias"])


def _group(made: Made, a: Json) -> str:
    body = {**given(a, "name", "description"), "attributes": split(a["attributes"])}
    at = ("groups", made.ids[a["parent_id"]], "children") if a["parent_id"] else ("groups",)
    if a["parent_id"]:
        answer = made.world.admin.post(made.at(*at), json=body)
        return str(answer.json()["id"])
    return made.create(body, *at)


def _default_groups(made: Made, a: Json) -> None:
    for group in a["group_ids"]:
        made.put(None, "default-groups", made.ids[group])


def _default_roles(made: Made, a: Json) -> None:
    at = made.at("roles", f"default-roles-{made.world.realm}", "composites")
    names = a["default_roles"]
    made.world.admin.delete(at, json=made.world.admin.json(at))
    made.world.admin.post(at, json=[made.world.role(name) for name in names])


def _role(made: Made, a: Json) -> str:
    at = ("clients", made.ids[a["client_id"]]) if a["client_id"] else ()
    body = {**given(a, "name", "description"), "attributes": split(a["attributes"])}
    made.world.admin.post(made.at(*at, "roles"), json=body)
    role = made.world.admin.json(made.at(*at, "roles", a["name"]))
    parts = made.roles(a["composite_roles"])
    made.world.admin.post(made.at("roles-by-id", role["id"], "composites"), json=parts)
    return str(role["id"])


def _user(made: Made, a: Json) -> str:
    names = ("username", "enabled", "email", "email_verified", "first_name", "last_name")
    return made.create({**given(a, *names), "attributes": split(a["attributes"])}, "users")


def _user_groups(made: Made, a: Json) -> None:
    for group in a["group_ids"]:
        made.put(None, "users", made.live(a, "user_id"), "groups", made.ids[group])


def _members(made: Made, a: Json) -> None:
    for name in a["members"]:
        (user,) = made.world.admin.json(made.at("users"), username=name, exact="true")
        made.put(None, "users", user["id"], "groups", made.live(a, "group_id"))


def _organization(made: Made, a: Json) -> str:
    body = given(a, "name", "alias", "enabled", "description", domain="domains")
    return made.create({**body, "attributes": split(a["attributes"])}, "organizations")


def _optional_scopes(made: Made, a: Json) -> None:
    at = "default-optional-client-scopes"
    scopes = {s["name"]: s["id"] for s in made.world.admin.json(made.at("client-scopes"))}
    there = {s["name"] for s in made.world.admin.json(made.at(at))}
    for name in there - {*a["optional_scopes"]}:
        made.world.admin.delete(made.at(at, scopes[name]))
    for name in {*a["optional_scopes"]} - there:
        made.put(None, at, scopes[name])


MAKERS: Final = {
    "realm": _realm,
    "realm_events": _events,
    "realm_localization": _localization,
    "realm_user_profile": _user_profile,
    "realm_client_policy_profile": _profile,
    "realm_client_policy_profile_policy": _policy,
    "realm_optional_client_scopes": _optional_scopes,
    "required_action": _required_action,
    "group": _group,
    "group_roles": lambda made, a: made.grant(
        a["role_ids"], "groups", made.live(a, "group_id"), "role-mappings"
    ),
    "group_memberships": _members,
    "default_groups": _default_groups,
    "default_roles": _default_roles,
    "role": _role,
    "user": _user,
    "user_roles": lambda made, a: made.grant(
        a["role_ids"], "users", made.live(a, "user_id"), "role-mappings"
    ),
    "user_groups": _user_groups,
    "organization": _organization,
}
