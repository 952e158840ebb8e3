"""Explanations: what is wrong with a plan, or with what an apply left."""

from kcplan.diagnostics import Severity
from kcplan.explanation import Explanation

EXPLANATIONS = (
    Explanation(
        code="bygone-object",
        title="An object that nobody can make on this server",
        severity=Severity.WARNING,
        meaning="The files have permissions of `realm-management` as older versions of Keycloak "
        "kept them, or, of `master`, the client of a realm that is not there. They are left out.",
        why="Keycloak keeps these clients for itself, and an export of an older server, or of one "
        "with other realms, has what is not there.",
        fix="Grant the rights anew, with `adminPermissionsEnabled` or, for token exchange, with "
        "`permissions`. Nothing is to be done about the client of a realm that is gone.",
    ),
    Explanation(
        code="masked-secret",
        title="A new object whose secret the files have as asterisks",
        severity=Severity.ERROR,
        meaning="The plan makes something that had a secret where the files were exported, and the "
        "files have `**********` there.",
        why="Without the secret the object would not do what the original does: a mail server that "
        "refuses the log-in, say, or applications whose secret is suddenly wrong.",
        fix="Set the variables that the message names, or write placeholders for other ones. To do "
        "without a secret, remove its field: Keycloak makes a new one for a new client. An object "
        "that is there keeps its secret, and needs nothing.",
    ),
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
        code="bindings-not-seen",
        title="Log-ins that kcplan is not allowed to see",
        severity=Severity.NOTE,
        meaning="A plan changes a flow, and the account that kcplan logs in with may not see "
        "clients, or identity providers, of the realm. So `plan` cannot tell whether some that no "
        "file manages are bound to the flow, and everything else is planned as usual.",
        why="A change that asks for less where they log in is a danger, which is not found then. "
        "And an apply refuses to replace a flow while it cannot see what is bound to it.",
        fix="Give kcplan's account the roles `view-clients` and `view-identity-providers` of the "
        "client `realm-management` (of `{realm}-realm`, for an account of `master`). New roles "
        "count from the next log-in.",
    ),
    Explanation(
        code="quick-look",
        title="A look by admin events",
        severity=Severity.NOTE,
        meaning="`kcplan refresh --quick` read only what admin events say was changed since the "
        "last reading of everything, what had changed by then, and what leaves no event.",
        why="That is as good as reading everything as long as the events tell all. Changes that "
        "leave no event (in the database, or by client registration) are found by the next reading "
        "of everything.",
        fix="Nothing is to be done. `[refresh] full_every` in kcplan.toml says after how many "
        "hours everything is read again; `kcplan refresh` without `--quick` does it now.",
        example="[refresh]\nfull_every = 12",
    ),
    Explanation(
        code="read-in-full",
        title="A quick look that read everything",
        severity=Severity.NOTE,
        meaning="`kcplan refresh --quick` read all that is managed in these realms. It says why: "
        "it is the first look, one is due, the realm keeps no admin events or the account may "
        "not see them, they were cleared, or something happened that may have changed more than "
        "an event tells.",
        why="A quick look is only worth something if it finds what a full one would find.",
        fix="Where it happens each time: set `adminEventsEnabled` of the realm to true, give the "
        "account the role `view-events`, and keep the file beside the state whose name ends with "
        "`.look`.",
        example='"adminEventsEnabled": true',
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
        meaning="The plan would delete, disable or rename the realm, the client or the account "
        "that kcplan logs in with, switch its way of logging in off, or take roles from its "
        "account: directly, or by deleting a role that gives them, or taking them out of it. Or it "
        "would give one of them a value with which it cannot log in, such as `notBefore` in the "
        "future, `fullScopeAllowed: false`, tokens that are bound to proofs (DPoP), or a required "
        "action of the user. Or the flow that it logs in through would let it in no more. In "
        "`master` this counts for the console as well: the client `security-admin-console`, and "
        "the flow for browsers without a way to log in.",
        why="In the middle of the apply, kcplan could neither finish nor roll back.",
        fix="Leave these objects as they are, or run kcplan as an account that the files do not "
        "describe. If you want this, make the change in Keycloak's console first. kcplan then "
        "finds nothing to change.",
    ),
    Explanation(
        code="may-lock-out",
        title="kcplan may lock itself out",
        severity=Severity.WARNING,
        meaning="The plan changes something that kcplan's own log-in passes through (a flow, the "
        "lifespan of tokens, the issuer, brute force detection, client policies, the secret of its "
        "client, a step of a flow), deletes a role or a group that gives roles of administration, "
        "takes such roles out of it, or takes kcplan's account out of a group. Whether kcplan "
        "still gets in after that, it cannot see.",
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
        code="made-by-keycloak",
        title="Keys that a new realm makes by itself",
        severity=Severity.NOTE,
        meaning="The files have keys (`privateKey` or `secret` of `rsa-generated` and its kin), as "
        "an offline export has them. The plan makes the realm, and Keycloak makes these keys along "
        "with it: it takes no others afterwards.",
        why="What was signed with the old keys is not valid in the new realm: tokens, cookies of "
        "sessions, links in mails. Applications that have the old public key need the new one.",
        fix="Nothing needs to be done where the realm is a copy. To keep a key, declare it as a "
        "component of another name: for those kcplan uses the key of the file.",
        example='[[components."org.keycloak.keys.KeyProvider"]]\n'
        'name = "the-old-key"\nproviderId = "rsa"\n'
        'config = { privateKey = ["${OLD_KEY}"], priority = ["200"] }',
    ),
    Explanation(
        code="not-compared",
        title="Objects that the account may not see",
        severity=Severity.NOTE,
        meaning="Keycloak does not show workflows to accounts that may only view a realm, nor to "
        "those with `manage-realm`: it takes the role `realm-admin`. The plan leaves workflows as "
        "they are, whatever the files say, and names those of the files and of the state. For "
        "everything else the plan is the same as that of an administrator.",
        why="What cannot be seen cannot be compared, and a plan that fails because of it would be "
        "of no use to people who may only look.",
        fix="Plan and apply with an account that has the role `realm-admin` of the client "
        "`realm-management`.",
    ),
    Explanation(
        code="secret-not-compared",
        title="Secrets of adopted objects that cannot be compared",
        severity=Severity.NOTE,
        meaning="The files have a secret of an object that kcplan adopts: of an identity provider, "
        "the mail server, a user federation or a flow. Keycloak has one there and does not give "
        "it back, so nothing can tell whether it is the same. As the object is otherwise as the "
        "files say, it is left as it is. The state has a digest of the files' secret.",
        why="An export of the server has such secrets in clear. Adopting what was exported is to "
        "change nothing, and a secret that is written cannot be put back.",
        fix="Nothing needs to be done where they are the same. From then on, a secret that changes "
        "in the files is written. To write those of the files whether they changed or not, use "
        "`--write-secrets`, with `--target` for single objects.",
        example="kcplan apply --write-secrets --target 'shop/identity-providers/company'",
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
)
