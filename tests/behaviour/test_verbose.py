"""`--verbose` prints a line for each request: what was asked, and nothing of what was said."""

import re

from support.world import World


def test_each_request_is_a_line_of_method_path_status_and_time(world: World) -> None:
    secret = "never-to-be-printed"
    world.declare(clients=[{"clientId": "orders", "secret": secret}])

    result = world.kcplan("apply", world.file, "--auto-approve", "--verbose")

    requests = [line for line in result.stderr.splitlines() if " ms" in line]
    line = re.compile(r"(GET|POST|PUT|DELETE) /(admin|realms)/[^ ?]+ [1-5]\d\d \d+ ms")
    assert all(line.fullmatch(request) for request in requests)
    assert any(f"/{world.realm}/clients 201 " in request for request in requests)
    assert any("/protocol/openid-connect/token 200 " in request for request in requests)
    assert secret not in result.stdout + result.stderr


def test_a_request_without_an_answer_says_so(world: World) -> None:
    world.declare(displayName="x")

    away = {"KCPLAN_URL": "http://127.0.0.1:9"}
    result = world.kcplan("plan", world.file, "--verbose", env=away, exit_code=1)

    assert "POST /realms/master/protocol/openid-connect/token not sent " in result.stderr
