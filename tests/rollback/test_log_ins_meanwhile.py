"""People log in while the flow that they log in with is changed, breaks, and is rolled back."""

import html
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from attrs import define, field

from conformance.flows import in_file
from support.harness import Server
from support.sabotage import WAYS, Saboteur, sent_through
from support.world import Json, World

NAME, PASSWORD = "joan", "correct horse"
BACK = "http://shop.example/back"


def flow(*pages: str) -> Json:
    """A flow in which these pages follow each other."""
    entries = {"auth-cookie": {"authenticator": "auth-cookie", "requirement": "ALTERNATIVE"}}
    forms = {
        f"staff forms/{page}": {"authenticator": page, "requirement": "REQUIRED"} for page in pages
    }
    inner = {"staff forms": {"providerId": "basic-flow", "requirement": "ALTERNATIVE"}}
    executions = {**entries, **inner, **forms}
    return {
        "providerId": "basic-flow",
        "authenticationExecutions": executions,
        "order": list(executions),
    }


ONE_PAGE = flow("auth-username-password-form")
TWO_PAGES = flow("auth-username-form", "auth-password-form")


@define
class Somebody:
    """Somebody who logs in again and again, each time with a new browser."""

    address: str
    done: int = 0
    again: int = 0
    wrong: list[str] = field(factory=list)
    stop: threading.Event = field(factory=threading.Event)

    def go_on(self) -> None:
        """Log in until it is enough."""
        while not self.stop.is_set() and not self.wrong:
            try:
                self.log_in()
            except (AssertionError, httpx.HTTPError) as problem:
                self.wrong.append(repr(problem))

    def log_in(self) -> None:
        """Log in through the form, as a browser does."""
        query = {
            "client_id": "shop",
            "response_type": "code",
            "scope": "openid",
            "redirect_uri": BACK,
        }
        told: list[str] = []
        with httpx.Client(timeout=30) as browser:
            page = browser.get(f"{self.address}/protocol/openid-connect/auth", params=query)
            while page.status_code != httpx.codes.FOUND:
                for cookie in browser.cookies.jar:
                    # To a browser, this very machine is as safe as an encrypted connection.
                    cookie.secure = False
                said = re.sub(r"<[^>]+>|\\s+", " ", page.text)
                assert page.status_code == httpx.codes.OK, f"{told}: {said[-300:]}"
                assert "kc-error-message" not in page.text, f"{told}: {said[-300:]}"
                asked = [name for name in ("username", "password") if f'name="{name}"' in page.text]
                assert asked, page.text
                told += asked
                answer = {"username": NAME, "password": PASSWORD}
                action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
                assert action, page.text
                page = browser.post(
                    html.unescape(action[1]), data={name: answer[name] for name in asked}
                )
        back = page.headers["location"]
        assert back.startswith(BACK), back
        assert "code" in parse_qs(urlsplit(back).query), back
        assert told.count("password") in (1, 2), told
        assert told.count("username") in (1, 2), told
        self.done += 1
        self.again += told.count("username") > 1


@contextmanager
def logging_in(address: str) -> Iterator[Somebody]:
    """Somebody logs in meanwhile, without a pause."""
    somebody = Somebody(address)
    thread = threading.Thread(target=somebody.go_on)
    thread.start()
    try:
        yield somebody
    finally:
        somebody.stop.set()
        thread.join()


@pytest.mark.parametrize("changes", [12, pytest.param(100, marks=pytest.mark.exhaustive)])
def test_nobody_who_logs_in_meets_anything_but_a_flow(
    world: World, keycloak: Server, changes: int
) -> None:
    client = {"clientId": "shop", "publicClient": True, "redirectUris": [BACK]}

    def declare(of: Json) -> None:
        # A password that is checked fast: somebody logs in more often then.
        fast = "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)"
        own = {"enabled": True, "browserFlow": "staff", "passwordPolicy": fast}
        world.declare(**own, clients=[client], **in_file("staff", of))

    declare(ONE_PAGE)
    world.apply()
    person = {"firstName": "J", "lastName": "N", "email": "joan@shop.example"}
    secret = {"type": "password", "value": PASSWORD, "temporary": False}
    user = {"username": NAME, "enabled": True, **person, "credentials": [secret]}
    world.admin.post(f"{world.realm}/users", json=user)
    with logging_in(f"{keycloak.url}/realms/{world.realm}") as somebody:
        for number in range(changes):
            declare(ONE_PAGE if number % 4 in (2, 3) else TWO_PAGES)
            # Every second one breaks, each at another write, and is rolled back.
            breaks = Saboteur({number % 9: WAYS["status 500"]}) if number % 2 == 0 else None
            with sent_through(breaks) if breaks else nullcontext():
                world.apply(exit_code=3 if breaks else 0)
            assert somebody.wrong == [], (number, somebody.done, breaks and breaks.writes)
    assert somebody.wrong == []
    assert somebody.done > changes
