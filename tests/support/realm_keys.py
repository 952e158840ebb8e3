"""Realms with keys that are there already: to make two of them is most of making a realm.

Keycloak makes RSA keys for each realm that comes without. Here every request of this process that
makes a realm brings the same two, unless it has keys of its own; the rest Keycloak makes.
"""

import json
from datetime import UTC, datetime
from functools import cache
from typing import Any

import httpx
import pytest

_PROVIDER = "org.keycloak.keys.KeyProvider"


def bring_keys(patch: pytest.MonkeyPatch) -> None:
    """Have all realms made with these keys from now on."""
    send = httpx.HTTPTransport.handle_request

    def handle_request(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        makes_realm = request.method == "POST" and request.url.path.rstrip("/") == "/admin/realms"
        return send(self, _with_keys(request) if makes_realm else request)

    patch.setattr(httpx.HTTPTransport, "handle_request", handle_request)


def _with_keys(request: httpx.Request) -> httpx.Request:
    try:
        realm = json.loads(request.read())
    except ValueError:
        return request
    if not isinstance(realm, dict) or "components" in realm:
        return request
    headers = request.headers.copy()
    for name in ("Content-Length", "Transfer-Encoding"):
        headers.pop(name, None)
    content = json.dumps({**realm, "components": {_PROVIDER: _components()}}).encode()
    return httpx.Request(
        request.method,
        request.url,
        headers=headers,
        content=content,
        extensions=request.extensions,
    )


@cache
def _components() -> list[dict[str, Any]]:
    """The four kinds of keys that a realm has, named as Keycloak names them."""
    return [
        _component("rsa-generated", "rsa-generated", **new_key()),
        _component("rsa-enc-generated", "rsa-enc-generated", **new_key(), algorithm="RSA-OAEP"),
        _component("hmac-generated", "hmac-generated-hs512", algorithm="HS512"),
        _component("aes-generated", "aes-generated"),
    ]


def _component(provider: str, name: str, **config: str) -> dict[str, Any]:
    settings = {key: [value] for key, value in {"priority": "100", **config}.items()}
    return {"name": name, "providerId": provider, "config": settings}


def new_key() -> dict[str, str]:
    """A key with its certificate: where both are there, Keycloak makes none."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .sign(key, SHA256())
    )
    return {
        "privateKey": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "certificate": certificate.public_bytes(Encoding.PEM).decode(),
    }
