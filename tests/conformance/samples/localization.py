"""Texts of a realm in one language."""

from urllib.parse import quote

from conformance.overlays import Json
from conformance.sample import Hand, Sample


def _where(hand: Hand, name: str) -> str | None:
    return hand.path("localization", name) if name in hand.get(hand.path("localization")) else None


def _edit(hand: Hand, at: str, changes: Json) -> None:
    """Write texts, and take away those that go."""
    texts = {key: value for key, value in changes.items() if value is not None}
    if texts:
        hand.admin.post(at, json=texts)
    for key in changes.keys() - texts.keys():
        hand.admin.delete(f"{at}/{quote(key, safe='')}", check=False)


SAMPLE = Sample(
    type="localization",
    address="localization/NAME",
    declare=lambda name, fields: {"localizationTexts": {name: fields}},
    where=_where,
    name="de",
    full={
        "loginAccountTitle": "Anmelden bei {0}",
        "a/b %é 5%2F": "mit / und %",
        "profile.attributes.colour": "Farbe",
    },
    changed={
        "loginAccountTitle": "Hallo",
        "a/b %é 5%2F": None,
        "doLogIn": "Los",
        "profile.attributes.colour": "Lieblingsfarbe",
    },
    edit=_edit,
    odd_name="zh-Hans",
    secret={"doLogIn": "SECRET"},
    cannot={
        "rename": "A language is what it is called.",
        "reference": "Texts name no other object.",
    },
)
