"""Texts of a realm in one language, which are shown in the place of those of its themes.

A `POST` merges; a key is taken away by a `DELETE` of its own. A language may be there without
texts: Keycloak keeps it when the last one goes. Everybody may add texts to a language, so one in
which somebody else has some is not deleted.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.gathered import Gathered, Unsound
from kcplan.provider import Image
from kcplan.resource import TypeSpec
from kcplan.schema import flatten
from kcplan.secret import reveal
from kcplan.shapes import TEXT, Object
from kcplan.snapshot import LiveObject
from kcplan_keycloak import forms
from kcplan_keycloak.api import Get, path
from kcplan_keycloak.errors import NotFoundError
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Part, Reading, Writing, read_current

_TEXTS: Final = "localizationTexts"
_BUNDLES: Final = "messageBundles"
"""What keycloak-config-cli calls them."""


def gather(document: Mapping[str, Any]) -> Gathered:
    """The document with the texts under Keycloak's own word."""
    if _BUNDLES not in document:
        return Gathered(document)
    data = {(_TEXTS if key == _BUNDLES else key): value for key, value in document.items()}
    if _TEXTS not in document:
        return Gathered(data, {(_TEXTS,): (_BUNDLES,)})
    summary = f"`{_BUNDLES}` and `{_TEXTS}` are the same section"
    detail = f"Put all texts into `{_TEXTS}`, and remove `{_BUNDLES}`."
    problem = Unsound((_BUNDLES,), summary, detail, "duplicate-definition")
    return Gathered({**data, _TEXTS: document[_TEXTS]}, unsound=(problem,))


SPEC: Final = TypeSpec(
    name="localization",
    pattern="REALM/localization/LOCALE",
    rank=3,
    where="localizationTexts{}",
    told_at=None,
    schema=Object(others=TEXT),
    fixed_name="A language is what it is called",
    shared=True,
    gather=gather,
    forms=forms.localization,
)


def _at(address: Address) -> str:
    return path("realms", *address.segments)


@frozen
class LocalizationType:
    """Texts through `/localization/{locale}`."""

    spec: TypeSpec = SPEC
    parts: tuple[Part, ...] = ()

    def path_of(self, address: Address, object_id: str | None) -> str:  # noqa: ARG002
        """The path of a language."""
        return _at(address)

    def find(self, names: Names, address: Address) -> None:
        """Texts have no ids, and nothing names them."""

    def foreseen(self, reading: Reading) -> Iterable[Get]:
        """The list of languages, and those that are wanted."""
        if not reading.wanted:
            return []
        return [Get(_all(reading)), *(Get(_at(address)) for address in sorted(reading.wanted))]

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The wanted languages, and others where those are looked for. They may have no texts."""
        if not reading.wanted and not reading.unmanaged:
            return []
        realm = Address.of(reading.realm)
        locales = reading.api.get(_all(reading)) or ()
        there = {realm.child(SPEC.name, locale) for locale in locales}
        chosen = sorted({*reading.wanted, *(there if reading.unmanaged else ())})
        texts = reading.api.map(lambda address: reading.api.get(_at(address)) or {}, chosen)
        return [
            LiveObject(address, SPEC.name, None, flatten(SPEC.schema, found))
            for address, found in zip(chosen, texts, strict=True)
            if address in there
        ]

    def create(self, writing: Writing) -> str | None:
        """Add the language, with its texts."""
        writing.api.post(_at(writing.address), _texts(writing), repeatable=True)
        return None

    def update(self, writing: Writing) -> str | None:
        """Write the texts that change, and take away those that go."""
        if texts := _texts(writing):
            writing.api.post(_at(writing.address), texts, repeatable=True)
        _take_away(writing, (key for (key,) in writing.step.after if key not in texts))
        return None

    def delete(self, writing: Writing) -> None:
        """Take away the texts that were there when this was planned, and no others."""
        planned = {key for (key,) in writing.step.before}
        if read_current(writing, _at(writing.address)).keys() <= planned:
            writing.api.delete(_at(writing.address))
        else:
            _take_away(writing, planned)

    def capture(self, writing: Writing) -> Image | None:
        """The texts that are there."""
        return {"texts": read_current(writing, _at(writing.address))}

    def restore(self, writing: Writing, image: Image) -> None:
        """Add the texts again."""
        writing.api.post(_at(writing.address), image["texts"], repeatable=True)


def _all(reading: Reading) -> str:
    return path("realms", reading.realm, SPEC.name)


def _texts(writing: Writing) -> dict[str, str]:
    """The texts that a step writes."""
    after = writing.step.after.items()
    return {key: str(reveal(value)) for (key,), value in after if value is not None}


def _take_away(writing: Writing, keys: Iterable[str]) -> None:
    for key in sorted(keys):
        with suppress(NotFoundError):
            writing.api.delete(f"{_at(writing.address)}/{path(key)}")


TYPES: Final = (LocalizationType(),)
