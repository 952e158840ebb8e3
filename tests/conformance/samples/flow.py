"""Authentication flows: one with a flow in it, and a configuration."""

from conformance.flows import edit_flow, in_file, look_at_flow, path_of_flow
from conformance.sample import Sample

SAMPLE = Sample(
    type="flow",
    address="flows/NAME",
    declare=in_file,
    where=path_of_flow,
    full={
        "description": "for the staff",
        "providerId": "basic-flow",
        "authenticationExecutions": {
            "auth-cookie": {"authenticator": "auth-cookie", "requirement": "ALTERNATIVE"},
            "identity-provider-redirector": {
                "authenticator": "identity-provider-redirector",
                "requirement": "ALTERNATIVE",
                "authenticatorConfig": "head office",
                "config": {"defaultProvider": "head-office"},
            },
            "staff forms": {
                "providerId": "basic-flow",
                "description": "name and password",
                "requirement": "ALTERNATIVE",
            },
            "staff forms/auth-username-password-form": {
                "authenticator": "auth-username-password-form",
                "requirement": "REQUIRED",
            },
        },
        "order": [
            "auth-cookie",
            "identity-provider-redirector",
            "staff forms",
            "staff forms/auth-username-password-form",
        ],
    },
    changed={
        "description": "for all who work here",
        "authenticationExecutions": {
            "auth-cookie": None,
            "identity-provider-redirector": {
                "authenticatorConfig": "branch office",
                "config": {"defaultProvider": "branch-office"},
            },
            "staff forms": {"description": "what you know", "requirement": "REQUIRED"},
        },
        "order": [
            "staff forms",
            "staff forms/auth-username-password-form",
            "identity-provider-redirector",
        ],
    },
    look=look_at_flow,
    edit=edit_flow,
    unique=("authenticationExecutions", "order"),
    odd_name="a %é ~5%2F",
    cannot={
        "reference": "It names nothing in the files.",
        "secret": "None of the executions of this sample takes a secret; a test of its own does.",
        "change providerId": "A flow of clients executes other things than one of users.",
    },
)
