"""Client policies that configure clients by themselves: what they set belongs to kcplan's write."""

import json
from typing import Any

import pytest

from support.world import World

AUTO = {"auto-configure": True}
SET: dict[str, tuple[dict[str, Any], str]] = {
    "consent-required": (AUTO, "consentRequired"),
    "dpop-bind-enforcer": (AUTO, "attributes.dpop.bound.access.tokens"),
    "full-scope-disabled": (AUTO, "fullScopeAllowed"),
    "holder-of-key-enforcer": (AUTO, "attributes.tls.client.certificate.bound.access.tokens"),
    "pkce-enforcer": (AUTO, "attributes.pkce.code.challenge.method"),
    "secure-client-authenticator": (
        {
            "allowed-client-authenticators": ["client-jwt"],
            "default-client-authenticator": "client-jwt",
        },
        "clientAuthenticatorType",
    ),
}

VALUES = {
    "dpop-bind-enforcer": "true",
    "full-scope-disabled": False,
    "holder-of-key-enforcer": "true",
    "pkce-enforcer": "S256",
    "secure-client-authenticator": "client-jwt",
}


def declare(world: World, description: str, executors: list[str], **client: Any) -> None:
    steps = [{"executor": name, "configuration": SET[name][0]} for name in executors]
    condition = {"condition": "any-client", "configuration": {}}
    policy = {"name": "all", "enabled": True, "profiles": ["p"], "conditions": [condition]}
    world.declare(
        enabled=True,
        clientProfiles={"profiles": [{"name": "p", "executors": steps}]},
        clientPolicies={"policies": [policy]},
        clients=[{"clientId": "web", "description": description, **client}],
    )


def test_what_a_policy_sets_along_with_a_write_is_no_drift(world: World) -> None:
    declare(world, "one", [])
    world.apply()
    declare(world, "one", list(SET))
    world.apply()
    before = world.client("web") or {}
    assert before["consentRequired"] is False, "a policy changes nothing that is not written"
    declare(world, "two", list(SET))
    assert "Changed during" not in world.apply().stdout
    after = world.client("web") or {}
    assert after["consentRequired"] is True
    assert after["clientAuthenticatorType"] == "client-jwt"
    assert after["attributes"]["pkce.code.challenge.method"] == "S256"
    world.is_settled()
    assert world.refresh().outside == {}


@pytest.mark.parametrize("executor", SET)
def test_each_executor_is_known(world: World, executor: str) -> None:
    declare(world, "one", [])
    world.apply()
    declare(world, "two", [executor])
    world.apply()
    declare(world, "three", [executor])
    assert "Changed during" not in world.apply().stdout
    assert world.refresh().outside == {}
    head, _, key = SET[executor][1].partition(".")
    client = world.client("web") or {}
    assert (client[head][key] if key else client[head]) == VALUES.get(executor, True)


def test_the_log_in_of_a_client_stays_where_a_policy_has_another_default(world: World) -> None:
    """An update that left it out would change it, so that the client could not log in any more."""
    executor = "secure-client-authenticator"
    allowed = SET[executor][0]["allowed-client-authenticators"]
    log_in = {"clientAuthenticatorType": "client-x509", "publicClient": False}
    declare(world, "one", [executor], **log_in)
    document = json.loads(world.file.read_text())
    steps = document["clientProfiles"]["profiles"][0]["executors"]
    steps[0]["configuration"]["allowed-client-authenticators"] = [*allowed, "client-x509"]
    world.declare(**document)
    world.apply()
    document["clients"][0]["description"] = "two"
    world.declare(**document)
    world.apply()
    assert (world.client("web") or {})["clientAuthenticatorType"] == "client-x509"
    world.is_settled()


def test_what_somebody_set_before_stays_reported(world: World) -> None:
    declare(world, "one", [])
    world.apply()
    world.edit_client("web", consentRequired=True)
    declare(world, "one", ["consent-required"])
    world.apply()
    declare(world, "two", ["consent-required"])
    world.apply()
    assert world.refresh().outside == {"clients/web": ["consentRequired"]}


def test_a_declared_value_that_a_policy_replaces_is_not_kept(world: World) -> None:
    for description in ("one", "two"):
        declare(world, description, ["consent-required"])
        world.apply()
    declare(world, "two", ["consent-required"], consentRequired=False)
    assert "not-kept-by-server" in world.apply(exit_code=3).stderr
