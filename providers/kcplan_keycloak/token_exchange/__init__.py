"""Token exchange as a permission between clients.

    permissions.tokenExchange ─declaration─▶ Permission ─compile─▶ leaves of client resources
              │                                  │
              └── checks ◀── rules ◀── tokens ◀── model ◀── reading, overlay
                                                 │
                                   verify tries it for real, graph shows it

`model`, `tokens` and `rules` know what Keycloak answers and why; everything else asks them.
"""
