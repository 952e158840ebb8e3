"""People log in while the flow that they log in with is changed, breaks, and is rolled back."""

import hashlib
import hmac
import html
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from attrs import define, field

from conformance.flows import in_file
from kcplan_keycloak.flow_sections import gather
from support.harness import Server
from support.sabotage import WAYS, Saboteur, sent_through
from support.world import Json, World

NAME, PASSWORD, SEED = "joan", "correct horse", "battery staple seed"
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


def code() -> str:
    """The code that the user's device shows now."""
    moment = int(time.time() // 30).to_bytes(8, "big")
    digest = hmac.digest(SEED.encode(), moment, hashlib.sha1)
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06}"


ANSWERS = {"username": lambda: NAME, "password": lambda: PASSWORD, "otp": code}
"""What is typed into the fields of forms."""


@define
class Somebody:
    """Somebody who logs in again and again, each time with a new browser.

    Attributes:
        address: The realm's.
        factors: What they are to be asked for.
        changing: How many changes of the flow have begun; one that is undone is two.
        changed: How many of them have ended.
        done: How often they got in.
        again: How often they had to start over.
        wrong: What went wrong.
        stop: That it is enough.
    """

    address: str
    factors: tuple[str, ...]
    changing: int = 0
    changed: int = 0
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
        told, changed = Counter[str](), self.changed
        with httpx.Client(timeout=30) as browser:
            page = browser.get(f"{self.address}/protocol/openid-connect/auth", params=query)
            while page.status_code != httpx.codes.FOUND:
                for cookie in browser.cookies.jar:
                    # To a browser, this very machine is as safe as an encrypted connection.
                    cookie.secure = False
                said = re.sub(r"<[^>]+>|\\s+", " ", page.text)
                assert page.status_code == httpx.codes.OK, f"{told}: {said[-300:]}"
                assert "kc-error-message" not in page.text, f"{told}: {said[-300:]}"
                asked = [name for name in ANSWERS if f'name="{name}"' in page.text]
                assert asked, page.text
                told.update(asked)
                action = re.search(r'<form[^>]* action="([^"]+)"', page.text)
                assert action, page.text
                page = browser.post(
                    html.unescape(action[1]), data={name: ANSWERS[name]() for name in asked}
                )
        back = page.headers["location"]
        assert back.startswith(BACK), back
        assert "code" in parse_qs(urlsplit(back).query), back
        assert set(told) == set(self.factors), told
        # With each change they may start over once: so often as one went on meanwhile.
        assert max(told.values()) <= 1 + self.changing - changed, told
        self.done += 1
        self.again += told["username"] > 1


@contextmanager
def logging_in(address: str, *factors: str) -> Iterator[Somebody]:
    """Somebody logs in meanwhile, without a pause, and is asked for just these factors."""
    somebody = Somebody(address, factors)
    thread = threading.Thread(target=somebody.go_on)
    thread.start()
    try:
        yield somebody
    finally:
        somebody.stop.set()
        thread.join()


def somebody_with_a_device(world: World, *, device: bool) -> None:
    """A user who has a password, and a device that shows codes."""
    person = {"firstName": "J", "lastName": "N", "email": "joan@shop.example"}
    kind = {"subType": "totp", "digits": 6, "counter": 0, "period": 30, "algorithm": "HmacSHA1"}
    credentials = [{"type": "password", "value": PASSWORD, "temporary": False}]
    if device:
        told = {"secretData": {"value": SEED}, "credentialData": kind}
        credentials.append({"type": "otp", **{name: json.dumps(v) for name, v in told.items()}})
    user = {"username": NAME, "enabled": True, **person, "credentials": credentials}
    world.admin.post(f"{world.realm}/users", json=user)


def changing(world: World, keycloak: Server, alias: str, flows: list[Json], changes: int) -> None:
    """Change the flow that the realm is bound to, so often, while somebody logs in with it."""
    client = {"clientId": "shop", "publicClient": True, "redirectUris": [BACK]}

    def declare(of: Json) -> None:
        # A password that is checked fast: somebody logs in more often then.
        fast = "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)"
        own = {"enabled": True, "browserFlow": alias, "passwordPolicy": fast}
        again = {"otpPolicyCodeReusable": True}
        world.declare(**own, **again, clients=[client], **in_file(alias, of))

    declare(flows[0])
    world.apply()
    device = alias != "staff"
    somebody_with_a_device(world, device=device)
    factors = ("username", "password", *(["otp"] if device else ()))
    with logging_in(f"{keycloak.url}/realms/{world.realm}", *factors) as somebody:
        for number in range(changes):
            # Every second one breaks, each at another write, and is rolled back.
            breaks = Saboteur({number // 2 % 11: WAYS["status 500"]}) if number % 2 == 0 else None
            declare(flows[(number // 2 + 1) % len(flows)])
            somebody.changing += 2 if breaks else 1
            with sent_through(breaks, waits=True) if breaks else nullcontext():
                code = world.apply(exit_code=None).exit_code
            somebody.changed = somebody.changing
            broke = breaks is not None and len(breaks.writes) > number // 2 % 11
            assert code == (3 if broke else 0)
            assert somebody.wrong == [], (number, somebody.done, breaks and breaks.writes)
    assert somebody.wrong == []
    assert somebody.done > changes


A_HUNDRED = (pytest.mark.exhaustive, pytest.mark.long("logs in while a flow changes 100 times"))


@pytest.mark.parametrize("changes", [12, pytest.param(100, marks=A_HUNDRED)])
def test_nobody_who_logs_in_meets_anything_but_a_flow(
    world: World, keycloak: Server, changes: int
) -> None:
    changing(world, keycloak, "staff", [ONE_PAGE, TWO_PAGES], changes)


def built_in(world: World) -> Json:
    """The fields of Keycloak's own flow for browsers, in a realm that is made for it."""
    world.declare(enabled=True)
    world.apply()
    found = gather(world.admin.export(world.realm)).data["authenticationFlows"]
    (browser,) = (flow for flow in found if flow["alias"] == "browser")
    return {name: browser[name] for name in ("providerId", "authenticationExecutions", "order")}


def required(of: Json, **requirements: str) -> Json:
    """The flow with other requirements of executions, each by the end of its key."""
    entries = {
        key: entry | {"requirement": requirements.get(key.rpartition("/")[2], entry["requirement"])}
        for key, entry in of["authenticationExecutions"].items()
    }
    return {**of, "authenticationExecutions": entries}


@pytest.mark.exhaustive
@pytest.mark.long("logs in while a flow changes 100 times")
def test_nobody_meets_anything_but_a_flow_where_that_is_keycloaks_own(
    world: World, keycloak: Server
) -> None:
    own = built_in(world)
    # With only one of these two changes, nobody would be asked for a code.
    always = {"Browser - Conditional 2FA": "REQUIRED", "conditional-user-configured": "DISABLED"}
    less = {"auth-cookie": "DISABLED", "webauthn-authenticator": "ALTERNATIVE"}
    at_once = required(own, **always, **{"conditional-credential": "DISABLED"})
    changing(world, keycloak, "browser", [own, at_once, required(own, **less)], 100)


@pytest.mark.exhaustive
@pytest.mark.long("logs in while a flow changes 100 times")
def test_nobody_meets_anything_but_a_flow_where_that_is_a_copy_of_keycloaks_own(
    world: World, keycloak: Server
) -> None:
    own = renamed(built_in(world))
    copy = {"newName": "copy"}
    world.admin.post(f"{world.realm}/authentication/flows/browser/copy", json=copy)
    changing(world, keycloak, "copy", [own, pages_apart(own), without_cookie(own)], 100)


def renamed(of: Json) -> Json:
    """The flow as a copy of it has it: the aliases of the flows in it begin with the new name."""
    flows = [k for k, e in of["authenticationExecutions"].items() if "authenticator" not in e]

    def name(key: str) -> str:
        above = [key[: m.start()] for m in re.finditer("/", key)]
        parts = [("copy " if k in flows else "") + k.rpartition("/")[2] for k in (*above, key)]
        return "/".join(parts)

    entries = {name(k): without_alias(e) for k, e in of["authenticationExecutions"].items()}
    return {**of, "authenticationExecutions": entries, "order": [name(k) for k in of["order"]]}


def without_alias(entry: Json) -> Json:
    """An execution of a copy: its configuration has the name of the copy as well."""
    alias = entry.get("authenticatorConfig")
    return {**entry, "authenticatorConfig": f"copy {alias}"} if alias else entry


def pages_apart(of: Json) -> Json:
    """The flow with two pages in the place of that for username and password."""
    key = "copy forms/auth-username-password-form"
    pages = [f"copy forms/{name}" for name in ("auth-username-form", "auth-password-form")]
    entries = {k: e for k, e in of["authenticationExecutions"].items() if k != key}
    entries |= {
        page: {"authenticator": page.rpartition("/")[2], "requirement": "REQUIRED"}
        for page in pages
    }
    order = [item for k in of["order"] for item in (pages if k == key else [k])]
    return {**of, "authenticationExecutions": entries, "order": order}


def without_cookie(of: Json) -> Json:
    """The flow without what logs people in again, and without organizations."""
    gone = ("auth-cookie", "copy Organization")
    entries = {
        k: e for k, e in of["authenticationExecutions"].items() if k.split("/")[0] not in gone
    }
    return {
        **of,
        "authenticationExecutions": entries,
        "order": [k for k in of["order"] if k in entries],
    }
