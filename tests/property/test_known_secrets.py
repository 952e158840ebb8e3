"""No text that leaves a run has a secret in it, in any form; all other texts stay as they are."""

import html
import json
from base64 import b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcplan import known_secrets
from kcplan.secret import PLACEHOLDER, Origin, Secret, conceal

ORIGIN = Origin("environment", "X")
LONG = "a-secret+of/many&signs ä"
ENCODE = {
    "as it is": str,
    "JSON": json.dumps,
    "JSON with umlauts": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "URL": lambda text: quote(text, safe=""),
    "form": quote_plus,
    "HTML": html.escape,
}


@given(st.text(max_size=9), st.text(max_size=9), st.sampled_from(sorted(ENCODE)))
def test_a_secret_is_found_in_every_form(before: str, after: str, form: str) -> None:
    known_secrets.forget()
    Secret(LONG, ORIGIN)
    encode = ENCODE[form]
    inner = encode(LONG).strip('\\"')
    assert inner not in known_secrets.hidden(encode(f"{before}{LONG}{after}"))


@given(st.binary(max_size=9), st.binary(max_size=9))
def test_a_secret_is_found_in_basic_auth(before: bytes, after: bytes) -> None:
    known_secrets.forget()
    Secret(LONG, ORIGIN)
    text = b64encode(before + LONG.encode() + after).decode()
    shown = known_secrets.hidden(f"Authorization: Basic {text}")
    assert PLACEHOLDER in shown
    # At most a few bytes beside others' are left at both ends.
    assert len(shown) - len(PLACEHOLDER) <= len(f"Authorization: Basic {text}") - 30


@given(st.text(max_size=80))
def test_another_text_stays_as_it_is(text: str) -> None:
    known_secrets.forget()
    Secret(LONG, ORIGIN)
    Secret("x", ORIGIN)
    assert known_secrets.hidden(text) == text


def test_thousands_of_secrets_are_found_as_well() -> None:
    secrets = [f"secret-number-{n}-of-thousands" for n in range(2000)]
    for secret in secrets:
        Secret(secret, ORIGIN)
    text = known_secrets.hidden(" ".join(f"<{secret}>" for secret in secrets))
    assert text == " ".join([f"<{PLACEHOLDER}>"] * 2000)


def test_what_only_keycloak_has_is_kept_from_its_answers_only() -> None:
    conceal(["open", "https://example.org/callback"])
    assert known_secrets.hidden("https://example.org/callback") == "https://example.org/callback"
    assert known_secrets.hidden_from_answer("not https://example.org/callback") == (
        "not (sensitive value)"
    )


def test_short_secrets_are_words_in_answers() -> None:
    Secret("a", ORIGIN)
    assert known_secrets.hidden_from_answer("a name: a") == (
        "(sensitive value) name: (sensitive value)"
    )
    assert known_secrets.hidden("a name: a") == "a name: a"


def test_thousands_of_secrets_that_begin_differently_are_found_as_well() -> None:
    known_secrets.forget()
    secrets = [f"{n:04}-is-the-number-of-a-secret" for n in range(2000)]
    for secret in secrets:
        Secret(secret, ORIGIN)
    text = known_secrets.hidden(" ".join(f"<{secret}>" for secret in secrets))
    assert text == " ".join([f"<{PLACEHOLDER}>"] * 2000)


def test_a_secret_that_is_being_prepared_is_hidden_already(monkeypatch: pytest.MonkeyPatch) -> None:
    known_secrets.forget()
    Secret(LONG, ORIGIN)
    printed: list[str] = []

    def encode(content: bytes) -> bytes:
        """Another text is printed at this very moment, as by another thread."""
        monkeypatch.undo()
        printed.append(known_secrets.hidden(LONG))
        return b64encode(content)

    monkeypatch.setattr(known_secrets, "b64encode", encode)
    printed.append(known_secrets.hidden(LONG))
    assert printed == [PLACEHOLDER, PLACEHOLDER]
