"""Components as a realm file has them, and as addresses call them.

An export has them by the full name of their type, and what lies in one by type once more:

    components    {"org.keycloak.keys.KeyProvider": [{name, …}],
                   "org.keycloak.storage.UserStorageProvider": [{name, …,
                       subComponents: {"org.keycloak.storage.ldap.…": [{name, …}]}}]}

Here the last word of the type is enough, and what lies in one is a list of mappers:

    components    {KeyProvider: [{name, providerType: "org.keycloak.keys.KeyProvider", …}],
                   UserStorageProvider: [{name, providerType: …, mappers: [{name, …}]}]}

The user profile is a component to Keycloak, and an end point of its own is the only way to it. So
its text is taken as the section `userProfile`. Workflows are components in exports alone: they are
taken as the section `workflows`.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, TypeGuard

from attrs import field

from kcplan.classes import define
from kcplan.gathered import Gathered, Place, Unsound
from kcplan_keycloak import workflow_sections

SECTION: Final = "components"
TYPE: Final = "providerType"
WITHIN: Final = "subComponents"
_SUBTYPE: Final = "subType"
MAPPERS: Final = "mappers"

FEDERATION: Final = "org.keycloak.storage.UserStorageProvider"
USER_PROFILE: Final = "org.keycloak.userprofile.UserProfileProvider"
_PROFILE_SECTION: Final = "userProfile"
_PROFILE_TEXT: Final = "kc.user.profile.config"
_WORKFLOWS: Final = "workflows"

KEYS: Final = "org.keycloak.keys.KeyProvider"
_KEY_USE: Final = "keyUse"
_OF_ONE_USE: Final = frozenset({"rsa", "rsa-enc", "rsa-enc-generated", "rsa-generated"})
"""Keys of which the provider says what they are used for."""


def last_word(provider_type: str) -> str:
    """What addresses call a type of components: `KeyProvider`."""
    return provider_type.rpartition(".")[2] or provider_type


def gather(document: Mapping[str, Any]) -> Gathered:
    """The document with components as addresses call them, and where each stood."""
    found = document.get(SECTION)
    if not isinstance(found, Mapping):
        return Gathered(document)
    gathering = _Gathering()
    # Types may share a last word: what is no list comes after the lists, and does not hide there.
    for provider_type, items in sorted(found.items(), key=lambda pair: not _is_list(pair[1])):
        gathering.take(str(provider_type), items)
    gathering.bring_workflows(document)
    data = {**document, **gathering.beside, SECTION: gathering.section}
    profile = gathering.profile
    if profile is not None and _PROFILE_SECTION not in data:
        data[_PROFILE_SECTION] = profile
        gathering.moved[_PROFILE_SECTION,] = gathering.place_of_profile
    elif profile is not None and data[_PROFILE_SECTION] != profile:
        gathering.unsound.append(_other_profile(gathering.place_of_profile))
    return Gathered(data, gathering.moved, unsound=tuple(gathering.unsound))


def _other_profile(place: Place) -> Unsound:
    return Unsound(
        place,
        f"`{_PROFILE_SECTION}` of this file is another user profile than this component",
        f"A realm has one user profile. Say all of it in `{_PROFILE_SECTION}`, and remove "
        f"`{USER_PROFILE}` from `{SECTION}`.",
        "duplicate-definition",
    )


def _wrong_step(place: Place, wanted: str) -> Unsound:
    what = "the steps of a workflow" if wanted == "a list" else "a step of a workflow"
    return Unsound(
        place,
        f"{what} must be {wanted}",
        "Each step is a component: a table with `providerId` and `config`, in a list.",
    )


def _empty_workflow(place: Place) -> Unsound:
    return Unsound(
        place,
        "the export has the id of a workflow, and not what it does: it is left out",
        "Exports that the console makes are so. What is in Keycloak stays as it is. `kcplan "
        "import` writes workflows into a file, and so does `kc.sh export`.",
        "workflow-left-out",
        harmless=True,
    )


@define
class _Gathering:
    """The components of a document, as far as they were brought to their places."""

    section: dict[str, Any] = field(factory=dict)
    moved: dict[Place, Place] = field(factory=dict)
    profile: Any = None
    place_of_profile: Place = ()
    workflows: list[tuple[Any, Place]] = field(factory=list)
    beside: dict[str, Any] = field(factory=dict)
    unsound: list[Unsound] = field(factory=list)

    def take(self, provider_type: str, items: Any) -> None:
        """Bring the components of a type to their place."""
        place, word = (SECTION, provider_type), last_word(provider_type)
        if not _is_list(items):
            if items is not None:
                self.section[provider_type] = items
                self.moved[SECTION, provider_type] = place
            return
        if provider_type == workflow_sections.COMPONENT:
            self.workflows += [(item, (*place, index)) for index, item in enumerate(items)]
            return
        if provider_type == USER_PROFILE:
            self._take_profile(place, items)
            return
        taken = self.section.setdefault(word, [])
        for index, item in enumerate(items):
            here, there = (SECTION, word, len(taken)), (*place, index)
            self.moved[here] = there
            taken.append(self._component(item, provider_type, here, there))

    def bring_workflows(self, document: Mapping[str, Any]) -> None:
        """Bring workflows to a section of their own; of those without a name only ids are told."""
        own = document.get(_WORKFLOWS)
        brought = list(own) if isinstance(own, list) else []
        for component, place in self.workflows:
            self.unsound += (
                _wrong_step((*place, *within), wanted)
                for within, wanted in workflow_sections.misshapen(component)
            )
            found = workflow_sections.workflow(component)
            if found is None:
                self.unsound.append(_empty_workflow(place))
                continue
            self.moved[_WORKFLOWS, len(brought)] = place
            brought.append(found)
        if self.workflows and (own is None or isinstance(own, list)):
            self.beside[_WORKFLOWS] = brought

    def _component(self, item: Any, provider_type: str, here: Place, there: Place) -> Any:
        """A component with its type; what lies in it as `mappers`, where it can have some."""
        if not isinstance(item, Mapping):
            return item
        found = {TYPE: provider_type, **item}
        if provider_type == KEYS:
            found = self._without_use(found, there)
        self.moved[*here, TYPE] = there[:-1]
        for name in (WITHIN, _SUBTYPE):
            if not found.get(name):
                found.pop(name, None)
        within = found.get(WITHIN)
        if MAPPERS in here or _SUBTYPE in found or not _is_map_of_lists(within):
            return found
        del found[WITHIN]
        return {**found, MAPPERS: list(self._mappers(within, here, there))}

    def _mappers(self, within: Mapping[str, Any], here: Place, there: Place) -> Iterator[Any]:
        number = 0
        for provider_type, items in within.items():
            for index, item in enumerate(items):
                new = (*here, MAPPERS, number)
                old = (*there, WITHIN, provider_type, index)
                self.moved[new] = old
                yield self._component(item, provider_type, new, old)
                number += 1

    def _without_use(self, key: dict[str, Any], there: Place) -> dict[str, Any]:
        """A key without what it is used for, where its provider says so: Keycloak takes none."""
        config = key.get("config")
        provider = key.get("providerId")
        of_one = isinstance(provider, str) and provider in _OF_ONE_USE
        if not of_one or not isinstance(config, Mapping) or _KEY_USE not in config:
            return key
        self.unsound.append(
            Unsound(
                (*there, "config", _KEY_USE),
                f"`{_KEY_USE}` is left out",
                "What such a key is used for follows from its `providerId`: Keycloak writes it "
                "into exports, and takes no other. Nothing needs to be done.",
                "ignored-field",
                harmless=True,
            )
        )
        return {**key, "config": {k: v for k, v in config.items() if k != _KEY_USE}}

    def _take_profile(self, place: Place, items: list[Any]) -> None:
        for index, item in enumerate(items):
            config = item.get("config") if isinstance(item, Mapping) else None
            texts = config.get(_PROFILE_TEXT) if isinstance(config, Mapping) else None
            if isinstance(texts, list) and texts and isinstance(texts[0], str):
                self.profile = texts[0]
                with suppress(ValueError, RecursionError):
                    self.profile = json.loads(texts[0])
                self.place_of_profile = (*place, index)


def _is_list(value: Any) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_map_of_lists(value: Any) -> TypeGuard[Mapping[str, list[Any]]]:
    return isinstance(value, Mapping) and all(isinstance(item, list) for item in value.values())


def scatter(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The inverse of `gather`: a document as an export has it."""
    if SECTION not in document:
        return document
    section: dict[str, list[Any]] = {}
    for items in document[SECTION].values():
        for provider_type, item in map(_exported, items):
            section.setdefault(provider_type, []).append(item)
    return {**document, SECTION: section}


def _exported(item: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """A component as an export has it, and its type."""
    found = {key: value for key, value in item.items() if key not in (TYPE, MAPPERS)}
    within: dict[str, list[Any]] = {}
    for provider_type, mapper in map(_exported, item.get(MAPPERS, ())):
        within.setdefault(provider_type, []).append(mapper)
    return item[TYPE], {**found, **({WITHIN: within} if within else {})}
