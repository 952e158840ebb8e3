"""What is a sound answer, on values."""

from kcplan_keycloak.answers import problem


def test_what_older_versions_say_beside_a_user_is_sound() -> None:
    """Keycloak 26.4 gives it with each user of a list; it has a list called `attributes`."""
    about = {"attributes": [{"name": "username", "validators": {"length": {"max": 255}}}]}
    user = {"id": "1", "username": "service-account-app", "userProfileMetadata": about}
    assert problem("realms/r/users", [user]) is None
    assert problem("realms/r/users", [{**user, "attributes": []}]) is not None
