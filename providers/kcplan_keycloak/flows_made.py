"""The flows that Keycloak makes in a new realm: what is in them by itself.

A line is an execution: what is required of it, what it executes, behind `>` the flow that it is and
what that is said to be, and in brackets its configuration.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from attrs import evolve

from kcplan.schema import Leaves, flatten
from kcplan.shapes import Object
from kcplan_keycloak.flow_tree import BASIC, Node, document

_INDENT: Final = "  "
_FORM: Final = "form-flow"

_MADE: Final = """
browser = basic-flow: Browser based authentication
  ALTERNATIVE auth-cookie
  DISABLED auth-spnego
  ALTERNATIVE identity-provider-redirector
  ALTERNATIVE > Organization
    CONDITIONAL > Browser - Conditional Organization: Flow to determine if the organization \
identity-first login is to be used
      REQUIRED conditional-user-configured
      ALTERNATIVE organization
  ALTERNATIVE > forms: Username, password, otp and other auth forms.
    REQUIRED auth-username-password-form
    CONDITIONAL > Browser - Conditional 2FA: Flow to determine if any 2FA is required for the \
authentication
      REQUIRED conditional-user-configured
      REQUIRED conditional-credential [browser-conditional-credential: credentials = \
webauthn-passwordless]
      ALTERNATIVE auth-otp-form
      DISABLED webauthn-authenticator
      DISABLED auth-recovery-authn-code-form
clients = client-flow: Base authentication for clients
  ALTERNATIVE client-secret
  ALTERNATIVE client-jwt
  ALTERNATIVE client-secret-jwt
  ALTERNATIVE client-x509
  ALTERNATIVE federated-jwt
direct grant = basic-flow: OpenID Connect Resource Owner Grant
  REQUIRED direct-grant-validate-username
  REQUIRED direct-grant-validate-password
  CONDITIONAL > Direct Grant - Conditional OTP: Flow to determine if the OTP is required for the \
authentication
    REQUIRED conditional-user-configured
    REQUIRED direct-grant-validate-otp
docker auth = basic-flow: Used by Docker clients to authenticate against the IDP
  REQUIRED docker-http-basic-authenticator
first broker login = basic-flow: Actions taken after first broker login with identity provider \
account, which is not yet linked to any Keycloak account
  REQUIRED idp-review-profile [review profile config: update.profile.on.first.login = missing]
  REQUIRED > User creation or linking: Flow for the existing/non-existing user alternatives
    ALTERNATIVE idp-create-user-if-unique [create unique user config: \
require.password.update.after.registration = false]
    ALTERNATIVE > Handle Existing Account: Handle what to do if there is existing account with \
same email/username like authenticated identity provider
      REQUIRED idp-confirm-link
      REQUIRED > Account verification options: Method with which to verify the existing account
        ALTERNATIVE idp-email-verification
        ALTERNATIVE > Verify Existing Account by Re-authentication: Reauthentication of existing \
account
          REQUIRED idp-username-password-form
          CONDITIONAL > First broker login - Conditional 2FA: Flow to determine if any 2FA is \
required for the authentication
            REQUIRED conditional-user-configured
            REQUIRED conditional-credential [first-broker-login-conditional-credential: \
credentials = webauthn-passwordless]
            ALTERNATIVE auth-otp-form
            DISABLED webauthn-authenticator
            DISABLED auth-recovery-authn-code-form
  CONDITIONAL > First Broker Login - Conditional Organization: Flow to determine if the \
authenticator that adds organization members is to be used
    REQUIRED conditional-user-configured
    REQUIRED idp-add-organization-member
registration = basic-flow: Registration flow
  REQUIRED registration-page-form > registration form: Registration form
    REQUIRED registration-user-creation
    REQUIRED registration-password-action
    DISABLED registration-recaptcha-action
    DISABLED registration-terms-and-conditions
reset credentials = basic-flow: Reset credentials for a user if they forgot their password or \
something
  REQUIRED reset-credentials-choose-user
  REQUIRED reset-credential-email
  REQUIRED reset-password
  CONDITIONAL > Reset - Conditional OTP: Flow to determine if the OTP should be reset or not. \
Set to REQUIRED to force.
    REQUIRED conditional-user-configured
    REQUIRED reset-otp
"""
"""Those of Keycloak 26.7."""


BUILT_IN: Final = frozenset(
    line.partition(" = ")[0] for line in _MADE.strip().splitlines() if not line.startswith(_INDENT)
)
"""The aliases of these flows."""


def made(schema: Object, alias: str) -> Leaves | None:
    """What Keycloak gives to a flow of a new realm; None where it makes none."""
    found = _flows().get(alias)
    return None if found is None else flatten(schema, found)


@cache
def _flows() -> Mapping[str, Mapping[str, Any]]:
    """The fields of the flows by alias."""
    found, lines = {}, _MADE.strip().splitlines()
    starts = [n for n, line in enumerate(lines) if not line.startswith(_INDENT)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        alias, _, rest = lines[start].partition(" = ")
        kind, _, description = rest.partition(": ")
        own = {"providerId": kind, "description": description}
        found[alias] = own | document(tuple(_nodes(lines[start + 1 : end])))
    return found


def _nodes(lines: Sequence[str]) -> Iterator[Node]:
    """The executions of lines, each with those of the lines below it that are further in."""
    if not lines:
        return
    lines = [line.removeprefix(_INDENT) for line in lines]
    starts = [n for n, line in enumerate(lines) if not line.startswith(_INDENT)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield evolve(_node(lines[start]), inner=tuple(_nodes(lines[start + 1 : end])))


def _node(line: str) -> Node:
    rest, _, config = line.removesuffix("]").partition(" [")
    said, _, flow = rest.partition(" > ")
    requirement, _, authenticator = said.partition(" ")
    alias, _, description = flow.partition(": ")
    name, _, setting = config.partition(": ")
    kind = _FORM if authenticator else BASIC
    return Node(
        requirement=requirement,
        authenticator=authenticator,
        alias=alias,
        kind=kind if alias else "",
        description=description,
        config_alias=name,
        config=dict([setting.split(" = ")]) if config else None,
    )
