"""Keycloak: HTTP, resource types, token exchange rules, sandbox."""
