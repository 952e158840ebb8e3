"""A plan as a reviewer meets it: large, with everything in it that a plan can have to say."""

from kcplan.address import Address
from kcplan.diagnostics import Source, error, note, warning
from kcplan.plan import Action, ChangeOrigin, Operation, Plan, ResourceChange, Step
from kcplan.risk import Level, Risk
from kcplan.secret import Secret
from support.sample_plans import change, field, plan

DRIFT = ChangeOrigin.DRIFT
LOST = "the client's secret, and the sessions of 1,204 users"
PROFILE = (
    '{"attributes":[{"name":"username","displayName":"${username}","validations":{"length":'
    '{"min":3,"max":255},"username-prohibited-characters":{}},"permissions":{"view":["admin",'
    '"user"],"edit":["admin"]}},{"name":"email","validations":{"email":{}}}]}'
)


def _deletions() -> list[ResourceChange]:
    legacy = change(
        Action.DELETE,
        "shop/clients/legacy-storefront-of-the-old-warehouse-management-system",
        reason="it is no longer in the files",
        before={
            ("enabled",): True,
            ("secret",): Secret("pw"),
            ("attributes", "access.token.lifespan"): "300",
            ("redirectUris",): [f"https://{n}.legacy.example/callback" for n in range(9)],
        },
        notes=("Its service account goes with it.",),
    )
    role = change(
        Action.DELETE,
        "shop/roles/reader",
        kind="role",
        before={("description",): "Reads the catalogue"},
        reason="it is no longer in the files",
    )
    return [legacy, role]


def _clients() -> list[ResourceChange]:
    uris = [
        f"https://app-{n:02}.customers.shop.example/login/oauth2/code/keycloak" for n in range(24)
    ]
    wild = change(
        Action.UPDATE,
        "shop/clients/web",
        field("redirectUris", uris, [*uris[4:], "*", "https://shop.example/logged-out?from=web"]),
        field("publicClient", before=False, after=True, origin=ChangeOrigin.BOTH),
        field(("attributes", "post.logout.redirect.uris"), "a", "https://shop.example/bye##+"),
        before={("enabled",): True},
        after={("enabled",): True, ("name",): "x"},
    )
    texts = [
        change(
            Action.UPDATE, f"shop/clients/team-{n:02}", field("description", "of team", f"of {n}")
        )
        for n in range(12)
    ]
    new = [
        change(
            Action.CREATE,
            f"shop/clients/service-{n:02}",
            after={
                ("enabled",): True,
                ("secret",): Secret("pw"),
                ("redirectUris",): [f"https://service-{n:02}.shop.example/*"],
                ("protocolMappers", "audience", "config", "included.client.audience"): "orders",
            },
        )
        for n in range(20)
    ]
    moved = change(
        Action.MOVE,
        "shop/clients/storefront",
        field("clientId", "web-shop", "storefront"),
        moved_from=Address.parse("shop/clients/web-shop"),
    )
    return [wild, *texts, *new, moved]


def _others() -> list[ResourceChange]:
    realm = change(
        Action.UPDATE,
        "shop",
        field("sslRequired", "external", "none"),
        field(("attributes", "userProfile"), PROFILE, PROFILE.replace("255", "64")),
        field("smtpServer", None, {"host": "mail.example", "from": "shop@example.com"}),
        field(("localizationTexts", "en"), "Welcome\nto the shop", "Welcome\nback\nto the shop"),
        kind="realm",
    )
    partner = change(
        Action.REPLACE,
        "shop/identity-providers/partner",
        field("providerId", "oidc", "saml", forces_replacement=True),
        kind="identity-provider",
        reason="a field changes that only a new object can have with another value",
        notes=("12,031 users are linked to it. Their links are lost.",),
    )
    adopted = [
        change(
            Action.ADOPT, f"shop/client-scopes/scope-{n}", kind="client-scope", after={("a",): 1}
        )
        for n in range(6)
    ]
    roles = [
        change(
            Action.CREATE,
            f"shop/roles/role-{n:02}",
            kind="role",
            after={("description",): "A role"},
        )
        for n in range(15)
    ]
    released = change(Action.RELEASE, "shop/roles/guest", kind="role", reason="it left the files")
    kept = change(Action.NOOP, "shop/roles/buyer", kind="role", left=(("description",),))
    return [realm, partner, *adopted, *roles, released, kept]


def _risk(level: Level, code: str, address: str, summary: str, *path: str) -> Risk:
    return Risk(level, code, Address.parse(address), path, summary)


RISKS = (
    _risk(
        Level.DANGER,
        "redirect-anywhere",
        "shop/clients/web",
        "codes and tokens may be sent to any site: *",
        "redirectUris",
    ),
    _risk(
        Level.DANGER,
        "admin-for-service-account",
        "shop/clients/billing/service-account",
        "the service account gets the role realm-admin (changed in Keycloak, and left so)",
        "clientRoles",
        "realm-management",
    ),
    _risk(Level.DANGER, "no-tls", "shop", "passwords and tokens go unencrypted", "sslRequired"),
    _risk(
        Level.CAUTION,
        "client-made-public",
        "shop/clients/web",
        "no secret any more",
        "publicClient",
    ),
    _risk(Level.CAUTION, "role-deleted", "shop/roles/reader", "whoever has the role loses it"),
)


def review_plan(*, errors: bool = False) -> Plan:
    """The plan; with errors it cannot be applied."""
    deletions = _deletions()
    found = [
        *(
            warning(
                "weak-secret",
                f"the secret of service-{n:02} is short",
                "Use 20 characters or more. `openssl rand -base64 30` makes one.",
                source=Source("realms/shop/clients-of-all-the-teams.json", line=10 * n),
                subject=f"service-{n:02}",
                several="short secrets",
            )
            for n in range(12)
        ),
        note(
            "kept-object",
            "realm-management is kept by Keycloak itself",
            "kcplan leaves it as it is.",
            address=Address.parse("shop/clients/realm-management"),
        ),
    ]
    if errors:
        found.append(
            error(
                "unknown-reference",
                "the client scope orders:read does not exist",
                'Declare it:\n\n    [[clientScopes]]\n    name = "orders:read"\n\n'
                "or take it out of `optionalClientScopes`.",
                address=Address.parse("shop/clients/web"),
                path=("optionalClientScopes",),
                source=Source("realms/shop.toml", line=12, column=3),
            )
        )
    outside = (
        change(
            Action.UPDATE,
            "shop/clients/billing/service-account",
            field(("clientRoles", "realm-management"), [], ["realm-admin"], DRIFT),
            kind="service-account",
        ),
    )
    drifted = change(Action.UPDATE, "shop", field("bruteForceProtected", before=True, after=False))
    return plan(
        *_others(),
        *_clients(),
        *deletions,
        steps=(
            Step("x", Operation.DELETE, deletions[0].address, "client", lossy=(LOST,)),
            Step("y", Operation.CREATE, Address.parse("shop/roles/role-00"), "role"),
        ),
        drift=(drifted,),
        outside=outside,
        diagnostics=tuple(found),
        risks=RISKS,
    )
