"""A plan draws a flow as a tree, with what comes, goes, moves, and is required."""

from pathlib import Path
from typing import Any

from inline_snapshot import snapshot

from conformance.flows import in_file
from kcplan.render.text import render_plan
from kcplan.state import ResourceState
from support.planning import plan, there

Json = dict[str, Any]


def execution(name: str, requirement: str = "REQUIRED", **more: Any) -> Json:
    return {"authenticator": name, "requirement": requirement, **more}


def inner(requirement: str) -> Json:
    return {"providerId": "basic-flow", "requirement": requirement}


def flow(executions: Json) -> Json:
    own = {"providerId": "basic-flow", "authenticationExecutions": executions}
    return {**own, "order": list(executions)}


BEFORE = flow(
    {
        "auth-cookie": execution("auth-cookie", "ALTERNATIVE"),
        "identity-provider-redirector": execution(
            "identity-provider-redirector",
            "ALTERNATIVE",
            authenticatorConfig="office",
            config={"defaultProvider": "office"},
        ),
        "auth-spnego": execution("auth-spnego", "ALTERNATIVE"),
        "forms": inner("ALTERNATIVE"),
        "forms/auth-username-password-form": execution("auth-username-password-form"),
        "forms/code": inner("CONDITIONAL"),
        "forms/code/conditional-user-configured": execution("conditional-user-configured"),
        "forms/code/auth-otp-form": execution("auth-otp-form"),
    }
)
AFTER = flow(
    {
        "identity-provider-redirector": execution(
            "identity-provider-redirector",
            "ALTERNATIVE",
            authenticatorConfig="office",
            config={"defaultProvider": "branch"},
        ),
        "auth-cookie": execution("auth-cookie", "ALTERNATIVE"),
        "forms": inner("ALTERNATIVE"),
        "forms/auth-username-password-form": execution("auth-username-password-form"),
        "forms/webauthn-authenticator": execution("webauthn-authenticator", "ALTERNATIVE"),
        "forms/code": inner("REQUIRED"),
        "forms/code/auth-otp-form": execution("auth-otp-form"),
    }
)


def shown(tmp_path: Path, before: Json | None, after: Json) -> str:
    """The part of a rendered plan that is about the flow."""
    live = [there("flows/staff", before)] if before else []
    state = [ResourceState(i.address, i.type, str(i.id), managed=i.leaves) for i in live]
    text = render_plan(plan(tmp_path, in_file("staff", after), state, live))
    return text[text.index("  # r/flows") : text.index("\nPlan: ")]


def test_a_changed_flow(tmp_path: Path) -> None:
    assert shown(tmp_path, BEFORE, AFTER) == snapshot("""\
  # r/flows/staff will be updated in-place
  ~ flow "staff" {
      ~ authenticationExecutions = {
          ~ identity-provider-redirector = {
              ~ config = {
                  ~ defaultProvider = "office" -> "branch"
                }
            }
        }
        # (1 unchanged attribute hidden)
      ~ executions = {
          ~ identity-provider-redirector         ALTERNATIVE # moved
            auth-cookie                          ALTERNATIVE
          - auth-spnego                          ALTERNATIVE
            forms                                ALTERNATIVE
                auth-username-password-form      REQUIRED
              + webauthn-authenticator           ALTERNATIVE
              ~ code                             CONDITIONAL -> REQUIRED
                  - conditional-user-configured  REQUIRED
                    auth-otp-form                REQUIRED
        }
    }
""")


def test_a_new_flow(tmp_path: Path) -> None:
    assert shown(tmp_path, None, AFTER) == snapshot("""\
  # r/flows/staff will be created
  + flow "staff" {
      + authenticationExecutions = {
          + identity-provider-redirector = {
              + config = {
                  + defaultProvider = "branch"
                }
            }
        }
      + providerId = "basic-flow"
      + executions = {
          + identity-provider-redirector     ALTERNATIVE
          + auth-cookie                      ALTERNATIVE
          + forms                            ALTERNATIVE
              + auth-username-password-form  REQUIRED
              + webauthn-authenticator       ALTERNATIVE
              + code                         REQUIRED
                  + auth-otp-form            REQUIRED
        }
    }
""")


def test_only_a_configuration_changes(tmp_path: Path) -> None:
    name = "identity-provider-redirector"
    before, after = (flow({name: of["authenticationExecutions"][name]}) for of in (BEFORE, AFTER))
    assert shown(tmp_path, before, after) == snapshot("""\
  # r/flows/staff will be updated in-place
  ~ flow "staff" {
      ~ authenticationExecutions = {
          ~ identity-provider-redirector = {
              ~ config = {
                  ~ defaultProvider = "office" -> "branch"
                }
                # (3 unchanged attributes hidden)
            }
        }
        # (2 unchanged attributes hidden)
    }
""")


def test_what_an_execution_executes_changes_under_its_name(tmp_path: Path) -> None:
    def form(kind: str, config: str, requirement: str) -> Json:
        page = execution("page-form", requirement, providerId=kind)
        captcha = execution("captcha", authenticatorConfig=config, config={"site": "x"})
        return flow({"page": page, "page/captcha": captcha})

    before, after = form("form-flow", "old", "REQUIRED"), form("basic-flow", "new", "DISABLED")
    assert shown(tmp_path, before, after) == snapshot("""\
  # r/flows/staff will be updated in-place
  ~ flow "staff" {
      ~ authenticationExecutions = {
          ~ page = {
              ~ providerId = "form-flow" -> "basic-flow"
            }
          ~ "page/captcha" = {
              ~ authenticatorConfig = "old" -> "new"
                # (1 unchanged attribute hidden)
            }
        }
        # (1 unchanged attribute hidden)
      ~ executions = {
          ~ page         REQUIRED -> DISABLED
                captcha  REQUIRED
        }
    }
""")
