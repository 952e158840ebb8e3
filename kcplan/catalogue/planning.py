"""Explanations: what is wrong with a plan, or with what an apply left."""

from kcplan.catalogue.model import Explanation
from kcplan.diagnostics import Severity

EXPLANATIONS = (
    Explanation(
        code="unknown-reference",
        title="A name that does not exist",
        severity=Severity.ERROR,
        meaning="A resource names a role, client, scope or other object that neither the files "
        "declare nor Keycloak has. Offline (`kcplan validate`) it is a warning, because the "
        "object may exist in Keycloak.",
        why="Keycloak drops some of these names silently (a default client scope, a composite of "
        "a realm role) and answers others with 500.",
        fix="Declare the object, or correct the name. If the object is removed by the same plan, "
        "remove what refers to it as well.",
    ),
    Explanation(
        code="does-not-agree",
        title="A client scope of another protocol",
        severity=Severity.ERROR,
        meaning="A client lists a client scope that is for another protocol than the client: a "
        "SAML scope for an OpenID Connect client, or the other way round. For scopes that "
        "Keycloak makes itself, such as `role_list`, this is a note, and they are left out.",
        why="Keycloak attaches only scopes of the client's own protocol, and silently leaves "
        "out the rest. Exports of older versions have its own scopes of either protocol on every "
        "client.",
        fix="Remove the scope from the list, or declare the protocol that is meant, of the scope "
        "or of the client.",
        example='clientScopes = [{ name = "orders", protocol = "openid-connect" }]',
    ),
    Explanation(
        code="unknown-to-server",
        title="A name that the server does not have",
        severity=Severity.ERROR,
        meaning="A field names something of a kind that the server lists, and this server does not "
        "have it: an identity provider, a client authenticator, a protocol, a protocol mapper, an "
        "event listener or type, a theme, a locale, a password policy, a required action, a type "
        "of authorization policies, a signature algorithm, an executor or condition of client "
        "policies. So is an override of a flow other than `browser` and `direct_grant`, which is "
        "all that clients can override. It is a warning for locales (a realm may have texts of "
        "its own), where Keycloak has kept the name so far, and offline: `kcplan validate` only "
        "knows what the server had at the last plan.",
        why="Keycloak refuses some of these names, at the apply, and silently takes "
        "most of them: events go nowhere, a mapper maps nothing, a theme is not used. What is "
        "replaced, such as an identity provider of another kind, would already be deleted by then.",
        fix="Correct the name. If an extension or a feature of the server brings it, install or "
        "enable that first.",
        example='"eventsListeners": ["jboss-logging", "email"]',
    ),
    Explanation(
        code="circular-reference",
        title="Resources that need each other",
        severity=Severity.ERROR,
        meaning="Some resources refer to each other in a circle, so that none of them can be "
        "created first.",
        why="There is no order in which the plan could be executed. (Composites of roles may form "
        "circles; Keycloak allows those, and so does kcplan.)",
        fix="Remove one of the references that the message lists.",
    ),
    Explanation(
        code="realm-not-in-files",
        title="A realm in the state that no file names",
        severity=Severity.WARNING,
        meaning="The state knows a realm that none of the given files is about. It is neither "
        "planned nor deleted.",
        why="A forgotten file or a wrong path looks the same as a realm to delete, and "
        "deleting a realm takes all of its users along.",
        fix="Give all files of the realm as well. If kcplan should no longer manage it, remove it "
        "from the state; it stays in Keycloak.",
        example="kcplan state rm old-realm",
    ),
    Explanation(
        code="prevent-destroy",
        title="A protected resource would be destroyed",
        severity=Severity.ERROR,
        meaning="The plan would delete or replace a resource, or destroy a part of it, and a "
        "`[[lifecycle]]` rule protects it or something in it. Realms are protected without a rule.",
        why="The rule exists so that this cannot happen by accident.",
        fix="Declare the resource again. To delete it, first change the rule in a "
        "reviewed change of its own.",
        example='[[lifecycle]]\nmatch = "shop/clients/old-*"\nprevent_destroy = false',
    ),
    Explanation(
        code="roles-changed-outside",
        title="Roles that somebody granted in Keycloak",
        severity=Severity.WARNING,
        meaning="Since the last apply, somebody granted a role to a service account (or took one "
        "away, or changed what a role is composed of), and the files do not mention that field.",
        why="A role that the files do not mention stays as it is. One such as `realm-admin` gives "
        "the account the whole realm, so it must not pass unseen.",
        fix="Declare `realmRoles` and `clientRoles` (or `composites`): they are exhaustive where "
        "they are declared, and the plan takes away what is too much. If the change is right, "
        "accept it.",
        example="kcplan refresh --accept",
    ),
    Explanation(
        code="accounts-not-seen",
        title="Service accounts that kcplan is not allowed to see",
        severity=Severity.NOTE,
        meaning="The account that kcplan logs in with may not see users. So `plan` cannot tell "
        "whether somebody let the service account of a managed client administer the realm, and "
        "`refresh` not what these accounts were granted.",
        why="Whoever has the client's secret has the roles of its account. A grant that nobody "
        "sees is a way in.",
        fix="Give kcplan's account the role `view-users` of the client `realm-management` (of "
        "`{realm}-realm`, for an account of `master`). New roles count from the next log-in.",
    ),
    Explanation(
        code="authors-not-kept",
        title="A realm that does not keep who changed it",
        severity=Severity.NOTE,
        meaning="`kcplan refresh` found changes, and cannot say who made them and when: the realm "
        "keeps no admin events.",
        why="Drift is easier to judge when you can ask who made it.",
        fix="Set `adminEventsEnabled` of the realm to true. `adminEventsExpiration` in its "
        "`attributes` says for how many seconds the events are kept; without it, forever. What "
        "was changed before stays without a name.",
        example='"adminEventsEnabled": true, "attributes": {"adminEventsExpiration": "7776000"}',
    ),
    Explanation(
        code="authors-not-seen",
        title="Admin events that could not be read",
        severity=Severity.NOTE,
        meaning="`kcplan refresh` found changes, and cannot say who made them and when: the realm "
        "keeps admin events, and the account may not see them, or they could not be read.",
        why="Drift is easier to judge when you can ask who made it.",
        fix="Give the account the role `view-events` of the client `realm-management` (of "
        "`{realm}-realm`, for an account of `master`).",
    ),
    Explanation(
        code="administration-granted-outside",
        title="An account that somebody lets administer the realm",
        severity=Severity.WARNING,
        meaning="The service account of a client that kcplan manages was given a role that "
        "administers the realm, such as `manage-users`: itself, by a role that is composed of one, "
        "or through a group. No file declares the account, and nobody accepted it.",
        why="Whoever has the client's secret may then do with the realm what the role allows, and "
        "give itself more.",
        fix="Take the role away in Keycloak, or declare the account's roles: they are exhaustive "
        "where they are declared. If it is meant, take it as it is. `kcplan refresh` also names "
        "roles that do not administer.",
        example="kcplan refresh --accept",
    ),
    Explanation(
        code="mass-delete",
        title="A plan that deletes many resources",
        severity=Severity.ERROR,
        meaning="The plan deletes more than 10 resources, and more than 30 % of all that kcplan "
        "manages.",
        why="Usually a file was forgotten, or a path is wrong.",
        fix="Check the paths. If the plan is right, use `--allow-mass-delete`.",
        example="kcplan plan --allow-mass-delete",
    ),
    Explanation(
        code="unmanaged-in-realm",
        title="A realm would be deleted with what kcplan does not manage",
        severity=Severity.ERROR,
        meaning="The plan would delete a realm in which users, groups or clients live that kcplan "
        "does not manage.",
        why="Keycloak deletes them along with the realm, and no rollback brings them back.",
        fix="Keep the realm, or move them elsewhere. To delete them too, use `--delete-unmanaged`.",
        example="kcplan destroy --delete-unmanaged",
    ),
    Explanation(
        code="unmanaged-within",
        title="An object would be deleted with what kcplan does not manage",
        severity=Severity.ERROR,
        meaning="The plan would delete an object, such as a group, that contains others which "
        "kcplan does not manage.",
        why="Keycloak deletes them along with it, however deep they lie.",
        fix="Move them elsewhere, or declare the object again. To delete them too, use "
        "`--delete-unmanaged`.",
        example="kcplan apply --delete-unmanaged",
    ),
    Explanation(
        code="would-lock-out",
        title="kcplan would lock itself out",
        severity=Severity.ERROR,
        meaning="The plan would delete, disable or rename the realm or the client that kcplan logs "
        "in with, switch its way of logging in off, or take roles from its service account: "
        "directly, or by deleting a role that gives them, or taking them out of it. Or it would "
        "give the realm or the client a value with which it cannot log in, such as `notBefore` in "
        "the future, `fullScopeAllowed: false`, or tokens that are bound to proofs (DPoP).",
        why="In the middle of the apply, kcplan could neither finish nor roll back.",
        fix="Leave these objects as they are, or run kcplan as an account that the files do not "
        "describe.",
    ),
    Explanation(
        code="may-lock-out",
        title="kcplan may lock itself out",
        severity=Severity.WARNING,
        meaning="The plan changes something that kcplan's own log-in passes through (a flow, the "
        "lifespan of tokens, the issuer, brute force detection, client policies, the secret of its "
        "client), or takes roles of administration out of a role. Whether kcplan still gets in "
        "after that, it cannot see.",
        why="Locked out in the middle of an apply, kcplan could neither finish nor roll back.",
        fix="Make such changes in an apply of their own, with another account at hand, or run "
        "kcplan as an account that they do not concern.",
    ),
    Explanation(
        code="built-in-object",
        title="One of Keycloak's own objects would be deleted",
        severity=Severity.ERROR,
        meaning="The plan would delete or replace an object that Keycloak makes in every realm, "
        "such as the client `account` or the realm's default role.",
        why="Keycloak refuses to delete most of them, and does not work properly without the "
        "others.",
        fix="Leave it in the files, or let kcplan forget it; it then stays in Keycloak.",
        example="kcplan state rm shop/clients/account",
    ),
    Explanation(
        code="kept-object",
        title="An object that Keycloak keeps for itself",
        severity=Severity.NOTE,
        meaning="The files say of an object what it is in Keycloak, and nobody may change it: the "
        "client `realm-management` and its roles since Keycloak 26.6.3, those of the clients "
        "`NAME-realm` in the realm `master`, and the client `admin-permissions`. kcplan leaves it "
        "alone and does not manage it.",
        why="An export has these objects, so that its file can be used as it is.",
        fix="Nothing needs to be done. The lines can be removed from the files.",
    ),
    Explanation(
        code="kept-object-differs",
        title="An object that Keycloak keeps for itself, wanted otherwise",
        severity=Severity.ERROR,
        meaning="The files want a client or role to be other than it is that Keycloak keeps for "
        "itself, such as `realm-management`, or a new role in it.",
        why="Since 26.6.3 Keycloak answers such a request with 403, whoever sends it.",
        fix="Remove the object from the files. A role of your own can be a realm role, or one of "
        "another client, with roles of `realm-management` as its composites.",
    ),
    Explanation(
        code="moved-conflict",
        title="A rename that is not possible",
        severity=Severity.ERROR,
        meaning="A `[[moved]]` rule of kcplan.toml cannot be followed: both names exist, the old "
        "one is still declared, or the new one lies elsewhere.",
        why="A rename keeps the object and its id. Where both exist, kcplan cannot know which of "
        "them is to stay.",
        fix="Remove the old declaration, or the rule; or delete one of the two objects first.",
        example='[[moved]]\nfrom = "shop/clients/web"\nto = "shop/clients/storefront"',
    ),
    Explanation(
        code="moved-name-in-use",
        title="The old name is still mentioned elsewhere",
        severity=Severity.WARNING,
        meaning="A client is renamed, and an audience mapper or policy that the files do not "
        "declare holds its old clientId as text.",
        why="Keycloak does not follow a rename there: tokens keep the old audience.",
        fix="Declare the mapper or policy with the new name, or change it by hand.",
    ),
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
        "is true.",
        why="Nobody can use such a provider, and Keycloak shows it as off. So a plan would never "
        "come to an end, and the next update of the provider would switch it off for good.",
        fix="Set `enabled` to false in the provider as well, and back with the organization's.",
    ),
    Explanation(
        code="service-account-public-client",
        title="A public client with a service account",
        severity=Severity.ERROR,
        meaning="A client has both `publicClient` and `serviceAccountsEnabled`.",
        why="A service account logs in with the client's secret, and a public client has none.",
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
        "`oid4vc-vci` for `verifiableCredentialsEnabled`, or `scim-api` for `scimApiEnabled`. "
        "`kcplan validate` warns of switches that had no feature at the last plan.",
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
        title="A field that this server does not know yet",
        severity=Severity.ERROR,
        meaning="The plan would write a field that came with a newer Keycloak than the server's, "
        "such as `scimApiEnabled`.",
        why="An older Keycloak refuses the whole request for one unknown field, so the apply would "
        "fail half way.",
        fix="Remove the field, or upgrade the server first.",
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
