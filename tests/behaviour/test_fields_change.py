"""Single fields: changed in the files, behind kcplan's back, in both, emptied, and let go."""

from support.world import World

A = {"clientId": "a"}


def test_only_the_field_that_changed_in_the_files_is_written(world: World) -> None:
    client = {**A, "description": "one", "redirectUris": ["https://a/*", "https://b/*"]}
    world.declare(displayName="One", accessTokenLifespan=60, clients=[client])
    world.apply()
    world.admin.put(world.realm, json={"realm": world.realm, "loginTheme": "keycloak"})
    world.edit_client("a", name="somebody's")
    world.declare(
        displayName="Two", accessTokenLifespan=60, clients=[{**client, "description": "two"}]
    )

    plan = world.plan("--detailed-exitcode", exit_code=2)

    assert plan.actions == {".": "update", "clients/a": "update"}
    assert plan.fields(".") == {"displayName": ("One", "Two", "config")}
    assert plan.fields("clients/a") == {"description": ("one", "two", "config")}
    world.apply()
    world.is_settled()
    realm = world.admin.json(world.realm)
    assert (realm["displayName"], realm["loginTheme"]) == ("Two", "keycloak")
    live = world.client("a") or {}
    assert (live["description"], live["name"]) == ("two", "somebody's")


def test_a_plan_says_whether_the_files_or_keycloak_moved(world: World) -> None:
    attributes = {"x": "1", "y": "1"}
    world.declare(clients=[{**A, "name": "1", "description": "1", "attributes": attributes}])
    world.apply()
    world.edit_client("a", description="x", attributes={"x": "x", "y": "2"})
    attributes = {"x": "2", "y": "2"}
    world.declare(clients=[{**A, "name": "2", "description": "1", "attributes": attributes}])

    plan = world.plan()

    assert plan.fields("clients/a") == {
        "name": ("1", "2", "config"),
        "description": ("x", "1", "drift"),
        "attributes.x": ("x", "2", "both"),
    }
    drift = plan.fields("clients/a", of="drift")
    assert set(drift) == {"description", "attributes.x", "attributes.y"}
    assert plan.document["summary"]["update"] == 1


def test_refresh_reports_the_same_drift_until_it_is_accepted_or_repaired(world: World) -> None:
    world.declare(displayName="One", clients=[{**A, "description": "one"}])
    world.apply()
    world.edit_client("a", description="two")
    world.admin.put(world.realm, json={"realm": world.realm, "displayName": "Two"})

    for _ in range(2):
        drift = world.refresh("--detailed-exitcode", exit_code=2)
        assert drift.drift == {".": "update", "clients/a": "update"}
        assert drift.fields("clients/a", of="drift") == {"description": ("one", "two", "drift")}

    world.refresh("--accept")
    assert world.refresh("--detailed-exitcode").drift == {}
    # Accepted or not, the files still say otherwise: from now on it is they who moved.
    assert world.plan().fields("clients/a") == {"description": ("two", "one", "config")}
    world.apply()
    world.is_settled()


def test_a_field_that_leaves_the_files_keeps_its_value_and_is_no_longer_managed(
    world: World,
) -> None:
    client = {**A, "description": "mine", "redirectUris": ["https://a/*"], "fullScopeAllowed": True}
    world.declare(clients=[client])
    world.apply()
    world.declare(clients=[{**A, "fullScopeAllowed": True}])

    plan = world.plan()

    assert plan.actions == {}
    assert plan.change("clients/a")["left"] == [["description"], ["redirectUris"]]
    assert "left as it is" in world.kcplan("plan", world.file).stdout
    world.apply()
    assert (world.client("a") or {})["description"] == "mine"
    world.edit_client("a", description="theirs")
    world.is_settled()
    assert world.plan().change("clients/a")["left"] == []
    assert world.refresh().fields("clients/a", of="outside") == {
        "description": ("mine", "theirs", "drift")
    }


def test_null_and_an_empty_text_take_a_text_away(world: World) -> None:
    client = {**A, "description": "d", "name": "n", "attributes": {"x": "1", "y": "1"}}
    world.declare(displayName="D", clients=[client])
    world.apply()
    gone = {**A, "description": None, "name": "", "attributes": {"x": None, "y": ""}}
    world.declare(displayName=None, clients=[gone])

    plan = world.plan()

    assert plan.fields(".") == {"displayName": ("D", None, "config")}
    assert plan.fields("clients/a") == {
        "description": ("d", None, "config"),
        "name": ("n", None, "config"),
        "attributes.x": ("1", None, "config"),
        "attributes.y": ("1", None, "config"),
    }
    world.apply()
    world.is_settled()
    live = world.client("a") or {}
    assert not live.get("description")
    assert not live.get("name")
    assert not {"x", "y"} & live["attributes"].keys()
    # Absent is a value like others: somebody who fills it again is found.
    world.edit_client("a", description="back", attributes={"x": "back"})
    assert world.refresh().fields("clients/a", of="drift") == {
        "description": (None, "back", "drift"),
        "attributes.x": (None, "back", "drift"),
    }


def test_lists_that_are_sets_are_compared_without_order_and_emptied_by_an_empty_list(
    world: World,
) -> None:
    world.declare(clients=[{**A, "redirectUris": ["https://b/*", "https://a/*", "https://b/*"]}])
    world.apply()
    world.is_settled()
    world.edit_client("a", redirectUris=["https://a/*", "https://c/*", "https://b/*"])
    assert world.plan().fields("clients/a") == {
        "redirectUris": (
            ["https://a/*", "https://b/*", "https://c/*"],
            ["https://a/*", "https://b/*"],
            "drift",
        )
    }
    world.declare(clients=[{**A, "redirectUris": []}])
    world.apply()
    world.is_settled()
    assert (world.client("a") or {})["redirectUris"] == []


def test_each_kind_of_realm_field_can_be_set_and_set_again(world: World) -> None:
    rounds = {
        "accessTokenLifespan": (60, 120, 180),
        "enabled": (True, False, True),
        "loginTheme": ("keycloak", "keycloak.v2", None),
        "supportedLocales": (["de", "en"], ["de"], []),
        "enabledEventTypes": (["LOGIN", "LOGOUT"], ["LOGIN"], ["LOGOUT"]),
        "webAuthnPolicySignatureAlgorithms": (["RS256", "ES256"], ["ES256", "RS256"], ["ES256"]),
        "webAuthnPolicyPasswordlessCreateTimeout": (10, 20, 30),
        "otpPolicyDigits": (8, 6, 8),
        "otpPolicyType": ("totp", "hotp", "totp"),
        "oauth2DeviceCodeLifespan": (700, 800, 900),
        "attributes": ({"k": "1"}, {"k": "2"}, {"l": "1", "clientSessionIdleTimeout": "70"}),
        "browserSecurityHeaders": (
            {"xFrameOptions": "DENY"},
            {"xFrameOptions": "SAMEORIGIN", "xRobotsTag": "all"},
            {"xRobotsTag": "none"},
        ),
        "smtpServer": (
            {"host": "a", "from": "a@b.c"},
            {"host": "b", "from": "a@b.c"},
            {"host": "b", "from": "a@b.c", "port": "25"},
        ),
    }
    for values in zip(*rounds.values(), strict=True):
        world.declare(**dict(zip(rounds, values, strict=True)))
        world.apply()
        world.is_settled()
    live = world.admin.json(world.realm)
    assert live["otpPolicyDigits"] == 8
    assert "k" not in live["attributes"]
