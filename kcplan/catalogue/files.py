"""Explanations: what is wrong with the files themselves."""

from kcplan.diagnostics import Severity
from kcplan.explanation import Explanation

EXPLANATIONS = (
    Explanation(
        code="syntax-error",
        title="The file is not valid TOML, JSON or YAML",
        severity=Severity.ERROR,
        meaning="A configuration file cannot be parsed. The message names the line.",
        why="kcplan takes the files as the whole configuration of a realm. With a part that cannot "
        "be read, everything in it would look deleted.",
        fix="Correct the file at the place that the message names. The file's extension says how "
        "it is read: `.toml`, `.json`, `.yaml` or `.yml`. The text must be UTF-8.",
        example='realm = "shop"\n\n[[clients]]\nclientId = "web"',
    ),
    Explanation(
        code="missing-realm",
        title="A file that does not say its realm",
        severity=Severity.ERROR,
        meaning="A file has no top-level key `realm`; or it is a state file or a saved plan, and "
        "no realm file.",
        why="All that a file declares belongs to one realm, and is merged with the other files of "
        "that realm.",
        fix="Add the key, or do not name the file. A saved plan is the only argument of "
        "`kcplan apply`.",
        example='realm = "shop"',
    ),
    Explanation(
        code="ignored-field",
        title="Fields that are not configuration",
        severity=Severity.NOTE,
        meaning="The file has fields that Keycloak computes itself, as an export has them. kcplan "
        "leaves them out.",
        why="They describe how an object was stored, not how it should be.",
        fix="Nothing needs to be done. Remove them where they are in the way.",
    ),
    Explanation(
        code="repeated-field",
        title="Entries that only repeat a field",
        severity=Severity.WARNING,
        meaning="The file has an entry, such as a realm's attribute `bruteForceProtected`, for "
        "which there is a field. Keycloak has one value for both. Where the entry says the same as "
        "the field, this is a note; where it differs, or the files do not declare the field, a "
        "warning.",
        why="Keycloak keeps most of a realm's newer fields as attributes, and exports of older "
        "versions have both. It does not give such an attribute back, so it is left out; where "
        "both are sent, the field counts.",
        fix="Declare the field. Remove the entry, or leave it as it is where it says the same.",
        example='displayName = "Shop"   # instead of attributes = { displayName = "Shop" }',
    ),
    Explanation(
        code="unused-field",
        title="Fields that other fields make useless",
        severity=Severity.WARNING,
        meaning="`smtpServer` declares a user, a password or a token for a log-in that does not "
        'use it: `auth` is not "true", or `authType` says the other kind of log-in. kcplan leaves '
        "it out.",
        why="Keycloak drops what the log-in does not use with the next update of the realm, "
        "whatever that changes.",
        fix='Set `auth` to "true" (and `authType` to "token" for a log-in with a token), or '
        "remove what is not used.",
        example='smtpServer = { host = "mail.example", from = "shop@mail.example", auth = "true", '
        'user = "shop", password = "${env:MAIL_PASSWORD}" }',
    ),
    Explanation(
        code="empty-section",
        title="An empty section that kcplan does not manage",
        severity=Severity.NOTE,
        meaning="The file has a section that kcplan does not manage yet, and it is empty: `[]`, "
        '`{}`, `""` or null. kcplan leaves it out.',
        why="It says nothing. Exports have such sections.",
        fix="Nothing needs to be done. What exists in Keycloak stays untouched.",
    ),
    Explanation(
        code="obsolete-field",
        title="A field that Keycloak no longer keeps",
        severity=Severity.NOTE,
        meaning="The file has a field of an older Keycloak. A newer one ignores "
        "it. kcplan leaves it out; the message says what took its place.",
        why="The field would look like a change in each plan, since Keycloak never gives it back.",
        fix="Remove the field. If it meant something to you, use what took its place.",
    ),
    Explanation(
        code="rewritten-value",
        title="A value in another form than Keycloak keeps",
        severity=Severity.NOTE,
        meaning="A value is written in a form that Keycloak accepts, or accepted once, and keeps "
        "in another: a word in other letters (`EXTERNAL`), a text in the place of a list, the old "
        "name of a field. kcplan takes it in the form that Keycloak keeps.",
        why="Otherwise each plan would want to change the value again.",
        fix="Nothing needs to be done. To get rid of the note, write the value in Keycloak's form.",
        example='sslRequired = "external"',
    ),
    Explanation(
        code="unreadable-file",
        title="A file cannot be read",
        severity=Severity.ERROR,
        meaning="A configuration file, or a file that `${file:…}` names, is missing, is a folder, "
        "or may not be read by this user.",
        why="A secret that is silently empty, or a realm that is silently incomplete, would be "
        "applied as such.",
        fix="Check the path and its permissions. The path in `${file:…}` is relative to the file "
        "that mentions it.",
        example='secret = "${file:secrets/web-client}"',
    ),
    Explanation(
        code="wrong-type",
        title="A value has the wrong type",
        severity=Severity.ERROR,
        meaning="A field has a value of another type than it takes, such as a text where a list "
        'belongs, or `"yes"` where a boolean does.',
        why="Keycloak refuses most of these with `Cannot parse the JSON` and does not say which "
        "field it was. Others it reads in its own way, such as 1 as true.",
        fix="Write the value in the type that the message names. kcplan converts values whose "
        'meaning is certain: the texts `"true"` and `"301"` are a boolean and an integer, true '
        'and 587 in the place of a text are `"true"` and `"587"`. So a placeholder can stand '
        "for a value of any type, and so can its default.",
        example='enabled = true\naccessTokenLifespan = "${env:LIFESPAN:-300}"',
    ),
    Explanation(
        code="unknown-field",
        title="A field that Keycloak does not know",
        severity=Severity.ERROR,
        meaning="kcplan does not know this field at this place; often it is a typing error, and "
        "the message suggests the nearest known name. It is a warning, and kcplan passes the field "
        "on, where kcplan.toml says that Keycloak is newer than this kcplan.",
        why="Keycloak refuses a whole client or realm for a single unknown field (`400 "
        "Unrecognized field`).",
        fix="Correct the name. Names are case-sensitive and as in Keycloak's Admin REST API. If "
        "your Keycloak is newer and knows the field, set its `version` in the section `[keycloak]` "
        "of kcplan.toml.",
        example='redirectUris = ["https://shop.example/*"]',
    ),
    Explanation(
        code="unknown-entry",
        title="An entry that looks like a typing error",
        severity=Severity.WARNING,
        meaning="A map that may have any entries, such as the `config` of an authorization policy, "
        "has one that nothing of Keycloak's own reads, and whose name is nearly that of another.",
        why="Keycloak silently keeps such an entry, so that a misspelt `hourEnd` of a policy "
        "leaves the policy open.",
        fix="Correct the name. Where an extension of the server reads the entry, leave it.",
        example='config = { hour = "8", hourEnd = "18" }',
    ),
    Explanation(
        code="empty-entry",
        title="An entry that says nothing but its name",
        severity=Severity.ERROR,
        meaning="An entry of a list with names (a protocol mapper, say) has no other field.",
        why="It could not be created: Keycloak would not know what it is.",
        fix="Say what the entry is, or remove it.",
    ),
    Explanation(
        code="missing-name",
        title="An entry without a name",
        severity=Severity.ERROR,
        meaning="An entry of a list has no name (`name`, `clientId`, `alias`, …), or an empty one.",
        why="kcplan and Keycloak tell the entries of such a list apart by their names alone.",
        fix="Give the entry a name of its own.",
        example='[[clients.protocolMappers]]\nname = "audience"',
    ),
    Explanation(
        code="invalid-name",
        title="A name that Keycloak does not take",
        severity=Severity.ERROR,
        meaning="A name has characters that Keycloak does not take in such names. In those of "
        "users' attributes it takes letters from a to z, digits, and `.`, `_` and `-`. Names of "
        "domains of an organization are in lower case.",
        why="Keycloak refuses the whole user profile for one such name. It keeps a domain under "
        "another name than the files give it, which would come from a variable.",
        fix="Give it another name. What users see of an attribute is its `displayName`, which may "
        "be any text. Write a domain in lower case in the variable.",
    ),
    Explanation(
        code="name-too-long",
        title="A name of more than 255 characters",
        severity=Severity.ERROR,
        meaning="A name is longer than Keycloak's database can hold.",
        why="Keycloak answers such a request with 500 and gives no reason.",
        fix="Choose a name of at most 255 characters.",
    ),
    Explanation(
        code="duplicate-definition",
        title="One thing is set twice",
        severity=Severity.ERROR,
        meaning="The same field, entry or resource is defined twice, in one file or in two files "
        "of one realm. The message names both places.",
        why="Which of them counts would depend on the order of the files, and a reader of one file "
        "could not tell what applies.",
        fix="Keep one of the definitions. Different fields of one resource may well stand in "
        "different files.",
    ),
    Explanation(
        code="nothing-to-take-out",
        title="An overlay takes out what is not there",
        severity=Severity.WARNING,
        meaning="A field is `null` in an overlay, which takes it out of the configuration, and no "
        "file that the overlay lies over declares it.",
        why="Usually a name is misspelled, in the overlay or in a file below it. The field "
        "that was meant is still managed.",
        fix="Correct the name, or remove the `null`.",
        example='{"realm": "shop", "clients": [{"clientId": "web", "description": null}]}',
    ),
    Explanation(
        code="unknown-environment",
        title="An environment that kcplan.toml does not have",
        severity=Severity.ERROR,
        meaning="`--env` or `KCPLAN_ENV` names an environment that is not under `[environments]` "
        "in kcplan.toml.",
        why="An environment says which server, state and files count. kcplan does not guess.",
        fix="Correct the name. `kcplan env list` shows those that there are.",
        example='[environments.prod]\nurl = "https://sso.example.com"\nprotect = true',
    ),
    Explanation(
        code="undefined-variable",
        title="A placeholder without a value",
        severity=Severity.ERROR,
        meaning="A file mentions a variable that is not set, or a placeholder gives "
        "an empty text where a secret belongs.",
        why="An empty text in its place would be a change that nobody asked for; Keycloak accepts "
        "an empty client secret.",
        fix="Set the variable in the environment, with `--var` or `--var-file`, or in "
        "`[variables]` of kcplan.toml; or give a default with `:-`. A secret gets no default: that "
        "would be the secret in plain text. Write `$${` where a literal `${` is "
        "meant. Lower-case names such as `${role_admin}` belong to Keycloak and stay as they are.",
        example='baseUrl = "${env:SHOP_URL:-https://shop.example}"',
    ),
    Explanation(
        code="wrong-tenants",
        title="Tenants that cannot be read",
        severity=Severity.ERROR,
        meaning="`for_each` of a `[[realms]]` in kcplan.toml names no tenant, or its file is not "
        "what it should be: a table of tables in TOML or JSON, or CSV with a column `name`. Or the "
        "file that is read for them holds several documents, or an overlay is for a realm that no "
        "tenant has.",
        why="A tenant that is not read would look as if it had left the files.",
        fix="Correct the file at the place that the message names. Each line of a CSV has all "
        "columns; an empty cell is an empty text.",
        example='[[realms]]\nfile = "tenant.toml"\nfor_each = ["acme", "globex"]',
    ),
    Explanation(
        code="unknown-each",
        title="A tenant's placeholder that stands for nothing",
        severity=Severity.ERROR,
        meaning="`${each.KEY}` stands in a file that is not read for tenants, or a tenant has no "
        "such key, or has a value that cannot be part of another placeholder.",
        why="Keycloak would keep the text as it is.",
        fix="Give each tenant the key, if need be with an empty text. For the text itself, write "
        "`$${each.KEY}`.",
        example='[[realms]]\nfile = "tenant.toml"\nfor_each.acme = { url = "https://a.example" }',
    ),
    Explanation(
        code="duplicate-realm",
        title="A tenant's realm that is another's as well",
        severity=Severity.ERROR,
        meaning="Two tenants have a realm of the same name, or a tenant has that of an ordinary "
        "realm file, or the file of a `[[realms]]` names the same realm for each tenant.",
        why="What one of them declares would be in the realm of the other.",
        fix="Put the tenant into the realm's name, as in `${each.name}`.",
        example='realm = "${each.name}"',
    ),
    Explanation(
        code="unused-variable",
        title="A variable that no file uses",
        severity=Severity.WARNING,
        meaning="`--var`, `--var-file` or `[variables]` of kcplan.toml has a variable that no "
        "placeholder of the realm files names. Of an environment only its own `variables` count: "
        "those of the top level may be for another one.",
        why="Its name may be misspelled: then a default counts, or another value, and not what was "
        "given.",
        fix="Correct the name, or remove the variable. What the environment has and no file uses "
        "is never mentioned.",
        example="kcplan plan --var SHOP_URL=https://shop.example",
    ),
    Explanation(
        code="wrong-variable",
        title="A variable that no placeholder can name",
        severity=Severity.ERROR,
        meaning="A name in a `--var-file` or in `[variables]` of kcplan.toml is no name of a "
        "variable, or is that of one of kcplan's own credentials.",
        why="No realm file could use it.",
        fix="A name has letters of ASCII, digits and underscores, and does not begin with a digit. "
        "What kcplan logs in with (`KCPLAN_PASSWORD`, …) belongs in kcplan's environment.",
        example='[variables]\nSHOP_URL = "https://shop.example"',
    ),
    Explanation(
        code="secret-in-command",
        title="A secret on the command line",
        severity=Severity.WARNING,
        meaning="A variable of `--var` gives a field that holds a secret.",
        why="Everybody on the machine can read a command in the list of processes, and a shell "
        "keeps it in its history.",
        fix="Use `--var-file`, which also reads standard input, or the environment.",
        example="vault kv get -format=json secret/shop | jq .data.data | kcplan plan --var-file -",
    ),
    Explanation(
        code="unknown-risk",
        title="A [[lint]] rule for an unknown risk",
        severity=Severity.ERROR,
        meaning="The `code` of a `[[lint]]` rule in kcplan.toml is not that of a risk.",
        why="The rule would do nothing: the risk that was meant keeps its level, and is not "
        "silenced.",
        fix="Take the code from the plan, or from `kcplan explain`. Diagnostics have codes as "
        "well, and no `[[lint]]` rule is for those.",
        example='[[lint]]\ncode = "redirect-custom-scheme"\nlevel = "off"\n'
        'reason = "the app has no other way, and uses PKCE"',
    ),
    Explanation(
        code="unknown-address",
        title="A [[lint]] rule that matches no address",
        severity=Severity.ERROR,
        meaning="The `match` of a `[[lint]]` rule in kcplan.toml fits no address of any type.",
        why="The rule would do nothing: the risk that was meant keeps its level, and is not "
        "silenced.",
        fix="Write an address as a plan has it, beginning with the realm. `*` matches within one "
        "segment, `**` any number of segments.",
        example='match = "shop/clients/*"',
    ),
    Explanation(
        code="unknown-placeholder",
        title="A look-up that kcplan does not perform",
        severity=Severity.ERROR,
        meaning="A file uses a look-up of keycloak-config-cli that kcplan does not perform, such "
        "as `${javascript: …}`, or one in a place where kcplan replaces nothing; or a name such as "
        "`client.resource.$app`, in which that tool writes an id, in another client than the one "
        "that administers the realm. It is a warning where a text only looks like a variable of "
        "the environment.",
        why="The text would be sent to Keycloak as it is.",
        fix="Use `${env:NAME}` or `${file:/path}`, and put the value there. With `[config] "
        'substitution = "keycloak-config-cli"`, `$(env:NAME)` and `$(file:UTF-8:/path)` work as '
        "well. Write `$${` for `${` and `$$(` for `$(` where the text itself is meant.",
        example='secret = "$(env:WEB_CLIENT_SECRET)"',
    ),
    Explanation(
        code="file-outside",
        title="A file from elsewhere on the machine",
        severity=Severity.ERROR,
        meaning="`${file:…}` or `$(file:…)` names a file, perhaps by a link, that is neither in "
        "the folder of the file that mentions it, nor in that of kcplan.toml, nor in a folder that "
        "the variable `KCPLAN_FILES` names; or it is in a folder `.git`. Or it is `for_each` of a "
        "`[[realms]]` that names such a file.",
        why="Whoever may propose a change of a realm file could have a token of the machine that "
        "runs kcplan, or another's secret, written into a field that they can read.",
        fix="Put the file beside the realm files. Or let kcplan's environment say which other "
        "folders are for them: `KCPLAN_FILES=/run/secrets`, several with `:` between them. No file "
        "can say so.",
        example='secret = "${file:secrets/web-client}"',
    ),
    Explanation(
        code="own-credential",
        title="kcplan's own credentials in a file",
        severity=Severity.ERROR,
        meaning="A placeholder, or `for_each` of a `[[realms]]`, names a variable or a file with "
        "which kcplan itself logs in, one of its keys, its settings, its state or a file of "
        "variables. Or it has the same value.",
        why="Whoever may propose a change of a realm file could write the administrator's password "
        "into a field that they can read.",
        fix="Give the value that belongs in the file a variable or file of its own.",
        example='secret = "${env:WEB_CLIENT_SECRET}"',
    ),
    Explanation(
        code="own-secret-in-file",
        title="The secret of kcplan's own log-in in plain text",
        severity=Severity.WARNING,
        meaning="`password` or `client_secret` in the section `[keycloak]` of kcplan.toml.",
        why="Whoever reads the repository, now or in its history, can administer Keycloak.",
        fix="Use the variable `KCPLAN_PASSWORD` or `KCPLAN_CLIENT_SECRET`, or a file that is not "
        "in the repository, and change the secret if kcplan.toml was shared.",
        example='password_file = "/run/secrets/kcplan"',
    ),
    Explanation(
        code="secret-name",
        title="A name that comes from a secret",
        severity=Severity.ERROR,
        meaning="The name of a resource or entry is a placeholder for a secret: a file, or a "
        "variable whose name says secret, password, token or key.",
        why="Names are shown in plans, in the state and in messages. Secrets never are.",
        fix="Take the name from a variable that is not named like a secret, or write it literally.",
    ),
    Explanation(
        code="masked-value",
        title="Asterisks instead of a secret",
        severity=Severity.WARNING,
        meaning="A field has the value `**********`. kcplan takes it as not declared; or, as a "
        "note, it takes the variable that `kcplan import` names for the secret, which is set and "
        "can be for no other field.",
        why="Keycloak writes these asterisks into exports in place of secrets, and would store "
        "them as the secret itself when they are sent back.",
        fix="Remove the field, or give the secret with a placeholder.",
        example='secret = "${env:WEB_CLIENT_SECRET}"',
    ),
    Explanation(
        code="unknown-type",
        title="An entry of a kind that kcplan does not manage",
        severity=Severity.ERROR,
        meaning="An entry of a section is of none of the types that the section may hold, such as "
        "a user that is no client's service account.",
        why="kcplan would have to leave it out, and the plan would not be what the file says.",
        fix="Remove the entry, or complete it so that it is one of the types that the message "
        "names.",
    ),
    Explanation(
        code="unsupported-section",
        title="A section that kcplan can't manage",
        severity=Severity.ERROR,
        meaning="The file has a section of Keycloak's export format that kcplan can't manage yet.",
        why="Keycloak answers success to a realm update with such a section, and does nothing. "
        "The plan would promise what does not happen.",
        fix="Remove the section from the file, or write what the message shows instead. Or leave "
        "it out: with `--ignore-unsupported SECTION` (may be repeated), or with "
        "`ignore_unsupported` in kcplan.toml. It is a note then, as it is for an empty section. "
        "What the section describes stays in Keycloak as it is.",
        example='[config]\nignore_unsupported = ["userFederationProviders"]',
    ),
    Explanation(
        code="wrong-step",
        title="A step of a workflow that is none",
        severity=Severity.ERROR,
        meaning="A step of a workflow does not say in `uses` what it does, or has a field other "
        "than `uses`, `after` and `with`.",
        why="Keycloak refuses the first, and takes an unknown field as one more setting of the "
        "step, which nothing reads.",
        fix="Correct the step. Its settings belong into `with`.",
        example='"steps": [{"uses": "notify-user", "after": "30d", "with": {"subject": "Hello"}}]',
    ),
    Explanation(
        code="workflow-left-out",
        title="A workflow of which the export has the id only",
        severity=Severity.NOTE,
        meaning="An export that the console makes has of each workflow its id, and neither its "
        "name nor its steps. It is left out.",
        why="There is nothing to compare or to create.",
        fix="Nothing needs to be done. To manage the workflow, write it into the section "
        "`workflows`, or use `kcplan import`.",
    ),
    Explanation(
        code="incomplete-flow",
        title="A flow of which something is missing",
        severity=Severity.ERROR,
        meaning="`authenticationFlows` cannot be put together: an execution names a flow or a "
        "configuration that is not in the file, a flow is in two places or in none, or an "
        "execution does not say what it executes or what is required of it.",
        why="A flow counts with all that is in it. With a part missing, people would log in "
        "differently from what the file says.",
        fix="Put a flow, the flows in it and their configurations (`authenticatorConfig`) into one "
        "file, as an export has them.",
    ),
    Explanation(
        code="left-out-of-export",
        title="Something in an export that is no configuration",
        severity=Severity.NOTE,
        meaning="The file has users who come from a user federation (they have "
        "`federationLink`). kcplan leaves them out.",
        why="A user federation brings its users by itself; one whom kcplan made would not be of "
        "the federation any more. Exports have both, so that they can be used as they are.",
        fix="Nothing needs to be done. What is in Keycloak stays as it is.",
        example='[[users]]\nusername = "ada"\nfederationLink = "cQ8nrELUSn2d7fLR52N_KQ"',
    ),
    Explanation(
        code="absent-stays",
        title="What the files do not name stays",
        severity=Severity.NOTE,
        meaning="The files are those of keycloak-config-cli (`substitution` in kcplan.toml), and "
        "kcplan has applied nothing yet.",
        why="That tool deletes what a file does not name, such as groups, flows and identity "
        "providers, also those that others made. kcplan deletes only what it created, once it "
        "leaves the files.",
        fix="Nothing needs to be done. `kcplan refresh --unmanaged` lists what nobody declares.",
    ),
    Explanation(
        code="left-out-of-flows",
        title="A piece of an export that belongs to no flow",
        severity=Severity.NOTE,
        meaning="The file has a configuration that no execution names, or a flow that the Admin "
        "API does not have (`saml ecp`, `http challenge`), or an execution that Keycloak does not "
        "have any more (`registration-profile-action`). Or a flow of Keycloak's own is just as an "
        "older version made it, and the realm is new, or has other executions in it.",
        why="Exports hold such pieces, and nobody logs in with them. The executions of Keycloak's "
        "own flows cannot be made others.",
        fix="Nothing needs to be done. To be rid of the note, remove the piece from the file.",
    ),
)
