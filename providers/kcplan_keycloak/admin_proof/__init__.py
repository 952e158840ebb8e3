"""Fine-grained admin permissions: who may do what to whom, drawn and proven.

    resources ─declared─▶ Permission ─┬─graph─▶ Diagram
                                      └─attempts─▶ Attempt ─Prover─▶ Verdict ─report─▶ …

`conditions` knows who meets a policy, `deciding` what follows from all permissions together, and
`calls` which request of the Admin API needs which scope.
"""
