"""A server, gateway or firewall that gives back what it was sent makes kcplan print no secret."""

import base64
import html
import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from support.sabotage import sent_through
from support.world import World

VALUE = 'q8"Zt/ä&7Lm+x-the-value'
SHORT = "zq7Kp"

_PROVIDER = {
    "alias": "idp",
    "providerId": "oidc",
    "config": {"clientId": "x", "tokenUrl": "https://a/t", "authorizationUrl": "https://a/a"},
}
_MAIL = {"host": "mail", "from": "a@b.c", "auth": "true", "user": "u"}
_CONDITION = {"condition": "client-roles", "configuration": {"roles": ["a", "${env:P_TOKEN}"]}}
_POLICY = {"name": "p", "enabled": True, "conditions": [_CONDITION], "profiles": []}


def _client(**more: Any) -> dict[str, Any]:
    return {"clients": [{"clientId": "c", **more}]}


KINDS: dict[str, dict[str, Any]] = {
    "a client's secret": _client(secret="${env:PLAIN}"),
    "a provider's secret": {
        "identityProviders": [
            {**_PROVIDER, "config": {**_PROVIDER["config"], "clientSecret": "${env:PLAIN}"}}  # type: ignore[dict-item]
        ]
    },
    "a mail server's password": {"smtpServer": {**_MAIL, "password": "${env:PLAIN}"}},
    "a file": _client(description="${file:value.txt}"),
    "a variable that says token": _client(attributes={"note": "x-${env:P_TOKEN}-x"}),
    "an item of a list": _client(redirectUris=["https://a/*", "https://x/${env:P_TOKEN}"]),
    "a text of JSON": _client(attributes={"note": '{"a": ["${env:P_TOKEN}"]}'}),
    "a table of a policy": {"clientPolicies": {"policies": [_POLICY]}},
}

ECHOES: dict[str, Callable[[str, str], str]] = {
    "as it is": lambda body, _: f"refused: {body}",
    "in JSON": lambda body, _: json.dumps({"errorMessage": body}),
    "in a URL": lambda body, _: f"blocked?{quote(body, safe='')}",
    "in HTML": lambda body, _: f"blocked: {html.escape(body)}",
    "in base64": lambda body, _: f"blocked {base64.b64encode(body.encode()).decode()}",
    "only the value": lambda _, value: json.dumps({"errorMessage": f"what is {value}?"}),
}


class Echo(httpx.BaseTransport):
    """The real transport, but writes are refused with what they say."""

    def __init__(self, way: Callable[[str, str], str], value: str) -> None:
        self._inner = httpx.HTTPTransport()
        self._way = way
        self._value = value
        self.said: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.method == "GET" or not path.startswith("/admin/"):
            return self._inner.handle_request(request)
        self.said.append(self._way(request.read().decode(), self._value))
        return httpx.Response(400, text=self.said[-1])

    def close(self) -> None:
        self._inner.close()


def forms(value: str) -> set[str]:
    """What must not be found."""
    once = json.dumps(value)[1:-1]
    return {value, once, json.dumps(once)[1:-1], quote(value, safe=""), html.escape(value)}


def shown(world: World, way: str, kind: str, value: str) -> str:
    """What an apply prints that fails so."""
    world.declare(enabled=True)
    world.apply()
    world.variables.update({"PLAIN": value, "P_TOKEN": value})
    (world.folder / "value.txt").write_text(value, encoding="utf-8")
    world.declare(enabled=True, **KINDS[kind])
    echo = Echo(ECHOES[way], value)
    with sent_through(echo):
        result = world.apply(exit_code=3)
    assert echo.said
    text = " ".join(f"{result.stdout} {result.stderr}".split())
    assert "Keycloak says: " in text
    return text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["as it is", "in JSON"])
def test_no_kind_of_secret_is_printed(world: World, kind: str, way: str) -> None:
    assert "q8Zt7Lm" not in shown(world, way, kind, "q8Zt7Lm-x-the-value")


@pytest.mark.parametrize("way", ECHOES)
@pytest.mark.parametrize("value", [VALUE, SHORT])
def test_in_no_form_is_a_secret_printed(world: World, way: str, value: str) -> None:
    if value == SHORT and way == "in base64":
        value = "zq7KpYw2"
    text = shown(world, way, "a variable that says token", value)
    assert not [form for form in forms(value) if form in text]
    assert way != "only the value" or "what is (sensitive value)?" in text
    for word in re.findall(r"[\w+/]{8,}", text) if way == "in base64" else ():
        for start in range(4):
            part = word[start : start + (len(word) - start) // 4 * 4]
            with suppress(ValueError):
                assert value[2:-2].encode() not in base64.b64decode(part)


def test_the_old_secret_is_not_printed_where_the_way_back_is_refused_too(world: World) -> None:
    client = {"clientId": "c", "secret": "${env:PLAIN}"}
    world.variables["PLAIN"] = "the-old-secret-of-this-client"
    world.declare(clients=[client, {"clientId": "d"}])
    world.apply()
    world.variables["PLAIN"] = "the-new-secret-of-this-client"
    world.declare(clients=[client, {"clientId": "d", "description": "x"}])

    class Late(Echo):
        """Lets the client's first write through."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "PUT" and "/clients/" in request.url.path and not self.let:
                self.let = True
                return self._inner.handle_request(request)
            return super().handle_request(request)

        let = False

    with sent_through(Late(ECHOES["as it is"], "")):
        result = world.apply("--parallelism", "1", exit_code=None)
    assert result.exit_code == 4
    with sent_through(Echo(ECHOES["as it is"], "")):
        recovered = world.kcplan("recover", "--auto-approve", exit_code=None)
    output = "".join(f"{item.stdout}{item.stderr}" for item in (result, recovered))
    text = " ".join(output.split())
    assert "Keycloak says: " in text
    assert "-secret-of-this-client" not in text
