"""Values whose type is another than their field's: Keycloak takes them, and so does kcplan."""

from support.world import World


def test_values_of_other_types_converge(world: World) -> None:
    """What is compared is what Keycloak keeps, for new objects and for changes."""
    for lifespan, flag, ratio in (("301", "true", 1.50), (" 302", "FALSE", 2)):
        world.declare(
            enabled="true",
            accessTokenLifespan=lifespan,
            rememberMe=flag,
            displayName=2026,
            smtpServer={"host": "mail.example", "from": "a@b.example", "port": 1025, "auth": False},
            attributes={"myFlag": True, "ratio": ratio},
            supportedLocales=["en", 5],
            roles={"realm": [{"name": "r", "attributes": {"level": [ratio, True]}}]},
            clients=[
                {
                    "clientId": "a",
                    "publicClient": flag,
                    "redirectUris": [7],
                    "attributes": {"access.token.lifespan": 60},
                    "protocolMappers": [
                        {
                            "name": "m",
                            "protocol": "openid-connect",
                            "protocolMapper": "oidc-hardcoded-claim-mapper",
                            "config": {"claim.name": "x", "access.token.claim": True},
                        }
                    ],
                }
            ],
            identityProviders=[
                {
                    "alias": "o",
                    "providerId": "oidc",
                    "trustEmail": flag,
                    "config": {"clientId": 5, "allowedClockSkew": 5, "useJwksUrl": True},
                }
            ],
        )
        world.apply()
        world.is_settled()
    found = world.admin.json(world.realm)
    assert (found["accessTokenLifespan"], found["rememberMe"]) == (302, False)
    assert found["attributes"]["myFlag"] == "true"
    assert found["smtpServer"]["port"] == "1025"


def test_a_float_is_the_text_that_keycloak_makes_of_it(world: World) -> None:
    numbers = ["1.50", "1.0", "1e3", "1E-7", "100000000000000000.25", "-0.0"]
    entries = ", ".join(f'"n{index}": {number}' for index, number in enumerate(numbers))
    body = f'{{"realm": "{world.realm}", "attributes": {{{entries}}}}}'
    world.declare()
    world.apply()
    world.admin.put(world.realm, content=body, headers={"Content-Type": "application/json"})
    world.file.write_text(body)
    assert world.plan().change(".")["changes"] == []
