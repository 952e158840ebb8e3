"""What several tests need: to reach Keycloak, to run kcplan, to break things, and to compare realms."""
