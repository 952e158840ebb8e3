"""Explanations of what fields need of each other, and of what Keycloak does not take."""

from kcplan.diagnostics import Severity
from kcplan.explanation import Explanation

EXPLANATIONS = (
    Explanation(
        code="secret-on-public-client",
        title="A secret on a public client",
        severity=Severity.NOTE,
        meaning="The files declare a `secret` for a client that is public. Where they also say "
        "`publicClient: true`, kcplan leaves the secret out: exports have such. Where they do not "
        "say it, and the client is public in Keycloak, this is an error of the plan.",
        why="A public client logs in without a secret. Keycloak accepts the secret and does not "
        "keep it, so an apply would fail when it looks.",
        fix="Remove `secret`, or set `publicClient` to false if the client is to have a secret.",
        example='publicClient = false\nsecret = "${env:WEB_CLIENT_SECRET}"',
    ),
    Explanation(
        code="authorization-needs-service-account",
        title="Authorization without a service account",
        severity=Severity.ERROR,
        meaning="A client has `authorizationServicesEnabled` and no `serviceAccountsEnabled`, or "
        "is public or bearer-only. Where the files do not mention these fields, Keycloak's "
        "count; for `kcplan validate` a client that is not in the state is a new one.",
        why="Keycloak answers such a client with 500 `unknown_error`: its authorization services "
        "act through the client's service account.",
        fix="Turn on the service account, or turn off the authorization services.",
        example="serviceAccountsEnabled = true\nauthorizationServicesEnabled = true",
    ),
    Explanation(
        code="authorization-disabled",
        title="Authorization settings on a client without authorization",
        severity=Severity.ERROR,
        meaning="Scopes, resources, policies or permissions are declared for a client whose "
        "`authorizationServicesEnabled` is not true.",
        why="Such a client has no resource server that could hold them; Keycloak answers 404.",
        fix="Turn on the client's authorization services, and its service account along with it.",
        example="serviceAccountsEnabled = true\nauthorizationServicesEnabled = true",
    ),
    Explanation(
        code="admin-permissions-disabled",
        title="Admin permissions in a realm that has them switched off",
        severity=Severity.ERROR,
        meaning="`permissions` has `admin` or `adminPolicies`, and `adminPermissionsEnabled` of "
        "the realm is not true, neither in the files nor in Keycloak.",
        why="Keycloak keeps such permissions in the client `admin-permissions`, which it makes "
        "with that switch, and asks for them only while it is on.",
        fix="Set `adminPermissionsEnabled` in the realm, or remove the permissions.",
        example='realm = "shop"\nadminPermissionsEnabled = true\n\n[[permissions.admin]]\n'
        'name = "help desk resets passwords"\nresourceType = "Users"\n'
        'scopes = ["view", "reset-password"]\n'
        'policies = [{ name = "help desk", roles = ["helpdesk"] }]',
    ),
    Explanation(
        code="organizations-disabled",
        title="An organization in a realm without organizations",
        severity=Severity.ERROR,
        meaning="An organization is declared in a realm whose `organizationsEnabled` is not true.",
        why="In such a realm Keycloak answers 404 to all that is about organizations.",
        fix="Set `organizationsEnabled` in the realm, or remove the organization.",
        example='realm = "shop"\norganizationsEnabled = true\n\n[[organizations]]\n'
        'name = "Acme"\nalias = "acme"',
    ),
    Explanation(
        code="provider-of-disabled-organization",
        title="An identity provider that is on, in an organization that is off",
        severity=Severity.ERROR,
        meaning="An organization with `enabled = false` has an identity provider whose `enabled` "
        "is true. Or a plan changes a provider whose organization is off in Keycloak, and the "
        "files do not say that the provider is off as well; or one whose organization the same "
        "plan switches off; or one that is shown as off, and whose organization the account may "
        "not see.",
        why="Nobody can use such a provider, and Keycloak shows it as off, whatever it is. So a "
        "plan would never come to an end, and an update of the provider would switch it off, or "
        "on, for good.",
        fix="Set `enabled` to false in the provider as well, and back with the organization's. Or "
        "switch on the organization first. Where the account may not see it, any `enabled` will "
        "do, or the role `view-organizations`.",
    ),
    Explanation(
        code="service-account-public-client",
        title="A public client with a service account",
        severity=Severity.WARNING,
        meaning="A client has both `publicClient` and `serviceAccountsEnabled`.",
        why="A service account logs in with the client's secret, and a public client has none. "
        "Keycloak lets a client be both, for instance after somebody switched its authentication "
        "off in the console, and exports have it.",
        fix="Make the client confidential, or turn off its service account. Turning it off deletes "
        "the account: a later one has another id, and none of its roles.",
        example="publicClient = false\nserviceAccountsEnabled = true",
    ),
    Explanation(
        code="username-is-email",
        title="A username where the e-mail address is the username",
        severity=Severity.ERROR,
        meaning="A user that is created or changed has a `username` that is not its `email`, in a "
        "realm with `registrationEmailAsUsername`.",
        why="In such a realm Keycloak takes the e-mail address for the username, and ignores any "
        "other.",
        fix="Write the e-mail address as `username` too, or switch `registrationEmailAsUsername` "
        "off.",
        example='username = "ann@example.org"',
    ),
    Explanation(
        code="not-in-user-profile",
        title="An attribute that the user profile does not have",
        severity=Severity.ERROR,
        meaning="A user has an attribute that is not in the user profile of the realm, whose "
        "`unmanagedAttributePolicy` does not let administrators write such attributes.",
        why="Keycloak accepts the attribute and drops it. In a new realm this is a warning, as a "
        "server may give another profile to new realms.",
        fix="Declare the attribute in `userProfile` (in the console: Realm settings, User "
        "profile), or set `unmanagedAttributePolicy` there: to `ADMIN_EDIT` where only "
        "administrators should see and write such attributes, to `ENABLED` where users may, too. "
        "Accounts of clients may have any attribute.",
        example='[[userProfile.attributes]]\nname = "department"\n'
        'permissions = { view = ["admin"], edit = ["admin"] }',
    ),
    Explanation(
        code="flow-alias-taken",
        title="An alias that another flow has",
        severity=Severity.ERROR,
        meaning="A plan makes a flow, a flow within a flow, or a configuration under an alias that "
        "one of another flow of the realm has. The other one may lie in a third flow, where the "
        "list of flows does not show it. In a realm that is new it is a warning, as another "
        "version of Keycloak may make other flows in it.",
        why="Aliases are unique among all flows of a realm, wherever they lie, and among all "
        "configurations. Keycloak would refuse the flow in the middle of the apply.",
        fix="Take another alias, such as one that begins with the alias of the whole flow. If the "
        "other flow is to lose it, apply that first. `[[moved]]` gives a whole flow another alias.",
    ),
    Explanation(
        code="flow-bound-elsewhere",
        title="A flow that something unmanaged is bound to",
        severity=Severity.ERROR,
        meaning="A change of a flow takes more than one request, and something that no file "
        "manages is bound to the flow, such as a client that overrides the realm's.",
        why="Such a flow is replaced by a new one, so that nobody who logs in meets half of a "
        "change, and all that is bound to the old one moves. kcplan does not touch what it does "
        "not manage.",
        fix="Declare what is bound to the flow, or bind it to another flow.",
    ),
    Explanation(
        code="against-user-profile",
        title="A user that the user profile does not take",
        severity=Severity.ERROR,
        meaning="A username, an e-mail address, a name or another attribute of a user breaks a "
        "rule of the realm's user profile: it is too long or too short, none of the options, no "
        "number, one of several values, not for administrators to write, or missing.",
        why="Keycloak would refuse the user, or drop the value. The plan says it of rules that are "
        "easy to follow; others, such as those of an extension, are found out when it is applied.",
        fix="Correct the value, or change the user profile of the realm.",
        example='[[users]]\nusername = "al"',
    ),
    Explanation(
        code="service-account-disabled",
        title="A service account that the client does not have",
        severity=Severity.ERROR,
        meaning="The files configure the service account of a client (a user with "
        "`serviceAccountClientId`) whose `serviceAccountsEnabled` is not true.",
        why="Keycloak creates the account only for a client that has it enabled. There is nothing "
        "that roles could be given to.",
        fix="Turn on the client's service account, or remove the user from the files.",
        example="serviceAccountsEnabled = true",
    ),
    Explanation(
        code="service-account-username",
        title="A service account of another name",
        severity=Severity.ERROR,
        meaning="The user with `serviceAccountClientId` has another `username` than Keycloak "
        "gives to the account: `service-account-` and the clientId in lower case.",
        why="Keycloak chooses the name; a user of another name is not the client's account.",
        fix="Correct `username`, or leave it out.",
        example='[[users]]\nserviceAccountClientId = "orders"\nrealmRoles = ["reader"]',
    ),
    Explanation(
        code="duplicate-emails-allowed",
        title="Log-in by e-mail address where users may share one",
        severity=Severity.ERROR,
        meaning="A realm is to have `loginWithEmailAllowed` or `registrationEmailAsUsername`, and "
        "has `duplicateEmailsAllowed` as well: in the files or, where they do not mention it, in "
        "Keycloak.",
        why="Keycloak accepts both and switches the first one off again, since an address that two "
        "users share does not say who logs in.",
        fix="Turn `duplicateEmailsAllowed` off in the files, or remove the other switch.",
        example='"loginWithEmailAllowed": true,\n"duplicateEmailsAllowed": false',
    ),
    Explanation(
        code="mail-without-sender",
        title="A mail server without a sender",
        severity=Severity.ERROR,
        meaning="A realm's `smtpServer` has entries, and `from` is neither among them nor in "
        "Keycloak; or the plan would remove it.",
        why="Keycloak refuses a mail server without a sender.",
        fix="Add `from` with the address that mails come from. An empty `smtpServer` removes the "
        "mail server.",
        example='"smtpServer": {"host": "mail.example", "from": "no-reply@shop.example"}',
    ),
    Explanation(
        code="server-feature-missing",
        title="The server lacks a feature",
        severity=Severity.ERROR,
        meaning="The configuration needs a feature of Keycloak that is not enabled on this server, "
        "such as `token-exchange` and `admin-fine-grained-authz:v1` for legacy token exchange, "
        "`oid4vc-vci` for `verifiableCredentialsEnabled`, or `scim-api` for `scimApiEnabled`, and "
        "`workflows` for workflows. `kcplan validate` warns of what had no feature at the last "
        "plan.",
        why="The end points that are needed answer errors, so the apply would fail half way; "
        "Keycloak accepts switches without their feature and drops them.",
        fix="Start the server with the feature, or change the configuration. Standard token "
        "exchange needs no extra feature.",
        example="bin/kc.sh start --features=token-exchange,admin-fine-grained-authz:v1",
    ),
    Explanation(
        code="read-only-field",
        title="A read-only field",
        severity=Severity.ERROR,
        meaning="The plan would write a field that cannot be written where it stands, such as "
        "`organizationId` of an identity provider, since 26.7.3. A value that is in Keycloak "
        "already, as in an export, is fine.",
        why="Keycloak accepts the request, leaves the field as it is, and says nothing.",
        fix="Make the change where Keycloak takes it, as the message says, and remove the field.",
    ),
    Explanation(
        code="field-of-newer-version",
        title="A field or a type that this server does not know yet",
        severity=Severity.ERROR,
        meaning="The plan would write a field that came with a newer Keycloak than the server's, "
        "such as `scimApiEnabled`; or make an object of a type that came with one, as "
        "`organization-group` did with 26.6.",
        why="An older Keycloak refuses the whole request for one unknown field, so the apply would "
        "fail half way.",
        fix="Remove the field or the object, or upgrade the server first.",
    ),
    Explanation(
        code="forbidden-change",
        title="A change that Keycloak does not make",
        severity=Severity.ERROR,
        meaning="The plan would change an object in a way that Keycloak refuses: it would add an "
        "execution to one of Keycloak's own flows, remove one, or replace it.",
        why="In its own flows Keycloak lets only requirements, the order and configurations "
        "change. The apply would fail.",
        fix="Declare a flow of your own, under another alias, with the executions that you want, "
        "and bind the realm to it (`browserFlow`, …).",
    ),
    Explanation(
        code="not-kept-by-server",
        title="Keycloak accepted a value and did not keep it",
        severity=Severity.ERROR,
        meaning="After an apply, kcplan read the object again, and a declared field has another "
        "value than was written.",
        why="Keycloak answers success to some values that it does not store, such as a client's "
        "`defaultRoles` or an empty `webAuthnPolicyRpEntityName`. Without this check they would "
        "look applied, and would be drift on the next day.",
        fix="Correct the value, or remove the field. The step counts as failed and is rolled back.",
    ),
)
