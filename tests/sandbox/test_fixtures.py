"""The suite's own fixtures: what other tests build on."""

from harness import Admin


def test_a_fresh_realm_is_on_the_session_s_server(admin: Admin, realm: str) -> None:
    assert admin.json(realm)["realm"] == realm
    assert {client["clientId"] for client in admin.export(realm)["clients"]} >= {"account"}
