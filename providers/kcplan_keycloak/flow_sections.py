"""From flows as a realm file has them to trees; `kcplan_keycloak.flow_scattering` is the inverse.

An export has all flows in one list, whatever they lie in, and all configurations in another:

    authenticationFlows   [{alias, topLevel: true, authenticationExecutions:
                               [{flowAlias, requirement}, {authenticator, authenticatorConfig}]},
                           {alias, topLevel: false, …}]
    authenticatorConfig   [{alias, config}]

Here each flow has all that is in it, as `kcplan_keycloak.flow_tree` says. The order is that of the
file: what it says of priorities is left out.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import field

from kcplan.address import Address
from kcplan.classes import define
from kcplan.config.substitute import reads_as_placeholder
from kcplan.gathered import Gathered, Place, Unsound
from kcplan_keycloak.flow_overrides import CLIENTS, by_alias, text_in
from kcplan_keycloak.flow_tree import BASIC, EXECUTIONS, ORDER, free

SECTION: Final = "authenticationFlows"
CONFIGS: Final = "authenticatorConfig"
WRONG: Final = "wrong-type"

_HIDDEN: Final = frozenset({"http challenge", "saml ecp"})
"""Flows that Keycloak makes or made, and that the Admin API does not have: only exports do."""

_BYGONE: Final = {
    "registration-profile-action": "Since version 24 `registration-user-creation` does what it did."
}
"""Executions that older versions had in their own flows, and that went."""

NOT_COMPARED: Final = frozenset(
    """
    authenticatorFlow autheticatorFlow flowAlias flowId id parentFlow priority userSetupAllowed
    """.split()
)
"""What an execution has in an export, and what its place in the tree says."""

OF_THE_PLACE: Final = frozenset({EXECUTIONS, "builtIn", "topLevel"})
"""The same of a flow."""


def gather(document: Mapping[str, Any]) -> Gathered:
    """The document with each flow as a tree, and where each value stood."""
    flows = document.get(SECTION)
    if not isinstance(flows, list):
        return _without_flows(document)
    gathering = _Gathering(document, flows)
    taken = [flow for index in gathering.tops() if (flow := gathering.flow(index)) is not None]
    gathering.say_unused()
    data = {key: value for key, value in document.items() if key != CONFIGS}
    clients, notes = by_alias(document.get(CLIENTS), flows)
    data |= {SECTION: taken} | ({CLIENTS: clients} if notes else {})
    return Gathered(data, gathering.moved, unsound=(*gathering.unsound, *notes))


def _without_flows(document: Mapping[str, Any]) -> Gathered:
    """A document without flows, in which no configuration belongs to anything."""
    if document.get(CONFIGS) in (None, []):
        return Gathered({key: value for key, value in document.items() if key != CONFIGS})
    data = {key: value for key, value in document.items() if key != CONFIGS}
    return Gathered(data, unsound=(_alone((CONFIGS,)),))


def _alone(place: Place) -> Unsound:
    return Unsound(
        place,
        f"`{CONFIGS}` stands in a file without `{SECTION}`",
        "A configuration belongs to an execution of a flow. Put both into the same file.",
        "incomplete-flow",
    )


@define
class _Gathering:
    """The flows of a document, as far as they were brought together."""

    document: Mapping[str, Any]
    flows: list[Any]
    moved: dict[Place, Place] = field(factory=dict)
    unsound: list[Unsound] = field(factory=list)
    _taken: int = 0
    _by_alias: dict[str, int] = field(factory=dict)
    _configs: dict[str, int] = field(factory=dict)
    _named: set[str] = field(factory=set)
    _used: set[str] = field(factory=set)
    _placed: dict[str, Place] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self._by_alias = _by_alias(self.flows)
        self._configs = _by_alias(self.document.get(CONFIGS))
        self._say_doubled()
        self._named = {
            str(item["flowAlias"])
            for flow in self.flows
            for item in _tables(flow, EXECUTIONS)
            if item.get("flowAlias")
        }

    def _say_doubled(self) -> None:
        """Say which configurations of one alias are not alike."""
        configs = self.document.get(CONFIGS)
        items = configs if isinstance(configs, list) else []
        for index, item in enumerate(items):
            alias = text_in(item, "alias")
            first = self._configs[alias] if alias else index
            if first != index and (items[first].get("config") or {}) != (item.get("config") or {}):
                self._say(
                    (CONFIGS, index),
                    f"two configurations have the alias `{alias}`, and are not alike: "
                    f"`{CONFIGS}` has them as its entries {first + 1} and {index + 1}",
                    "An execution names one of them. Give each an alias of its own.",
                )

    def tops(self) -> Iterator[int]:
        """The flows that are not in others."""
        for index, flow in enumerate(self.flows):
            alias = flow.get("alias") if isinstance(flow, Mapping) else None
            if isinstance(alias, str) and self._is_inner(index, flow, alias):
                continue
            yield index

    def _is_inner(self, index: int, flow: Mapping[str, Any], alias: str) -> bool:
        """Whether a flow is only in others; said where it is in none."""
        if alias not in self._named and flow.get("topLevel") is not False:
            return False
        place = (SECTION, index)
        if self._by_alias[alias] != index:
            self._say(place, f"two flows have the alias `{alias}`", "Remove one of them.")
        elif alias not in self._named:
            self._say(
                place,
                f"the flow `{alias}` has `topLevel` false, and no flow in this file has it in it",
                "Name it as `flowAlias` of an execution, or remove it. A flow and all that is in "
                "it stand in the same file.",
            )
        return True

    def flow(self, index: int) -> Any:
        """A flow with all that is in it; None where it is left out."""
        flow, here = self.flows[index], (SECTION, self._taken)
        if not isinstance(flow, Mapping):
            self._say((SECTION, index), f"an entry of `{SECTION}` must be a table", "", WRONG)
            return None
        found = {key: value for key, value in flow.items() if key not in OF_THE_PLACE}
        entries: dict[str, Any] = {}
        if flow.get(EXECUTIONS) is not None:
            self._take(index, (), here, entries)
            found |= {EXECUTIONS: entries, ORDER: list(entries)}
        if text_in(flow, "alias") in _HIDDEN and flow.get("builtIn"):
            self._leave_out(
                (SECTION, index),
                f"the flow `{flow['alias']}` is left out",
                "The Admin API does not have this flow of Keycloak's own. Nothing needs to be "
                "done.",
            )
            return None
        self.moved[here] = (SECTION, index)
        self._taken += 1
        return found

    def _take(
        self, index: int, above: tuple[str, ...], here: Place, entries: dict[str, Any]
    ) -> None:
        """Bring the executions of a flow, and all that is in them, to their places."""
        there = (SECTION, index, EXECUTIONS)
        items = self.flows[index].get(EXECUTIONS)
        if not isinstance(items, list):
            self._say(there, f"`{EXECUTIONS}` must be a list of tables", "", WRONG)
            return
        taken: set[Any] = {text_in(item, "flowAlias") for item in items}
        for number, item in enumerate(items):
            if self._is_bygone(item, (*there, number)):
                continue
            name = self._name(item, (*there, number), taken)
            if name is None:
                continue
            taken.add(name)
            key = str(Address.of(*above, name))
            self.moved[*here, EXECUTIONS, key] = (*there, number)
            entries[key] = self._entry(item, (*there, number), (*here, EXECUTIONS, key))
            inner = item.get("flowAlias")
            if inner and self._is_free(inner, (*there, number)):
                sub = self._by_alias[inner]
                entries[key] |= self._of_flow(sub, (*here, EXECUTIONS, key))
                if self.flows[sub].get(EXECUTIONS) is not None:
                    self._take(sub, (*above, name), here, entries)

    def _is_bygone(self, item: Any, place: Place) -> bool:
        """Whether an execution is one that no Keycloak has any more; it is left out."""
        name = text_in(item, "authenticator")
        if name in _BYGONE and not text_in(item, "flowAlias"):
            detail = f"{_BYGONE[name]} Nothing needs to be done."
            self._leave_out(place, f"the execution `{name}` is left out", detail)
        return name in _BYGONE and not text_in(item, "flowAlias")

    def _name(self, item: Any, place: Place, taken: set[Any]) -> str | None:
        """What an execution is called in its flow; None where it cannot be called anything."""
        if not isinstance(item, Mapping):
            self._say(place, f"an entry of `{EXECUTIONS}` must be a table", "", WRONG)
            return None
        alias, name = item.get("flowAlias"), item.get("authenticator")
        if not isinstance(alias or name, str) or (alias and not isinstance(alias, str)):
            self._say(
                place,
                "an execution has neither `authenticator` nor `flowAlias`",
                "Say what it executes, or the alias of the flow that it is.",
            )
            return None
        if reads_as_placeholder(str(alias or name), foreign=False):
            self._say(
                place,
                "the name of an execution holds a variable",
                "kcplan tells executions apart by these names. Write it out.",
            )
            return None
        if not item.get("requirement"):
            self._say(
                place,
                f"the execution `{alias or name}` has no `requirement`",
                "Say REQUIRED, ALTERNATIVE, CONDITIONAL or DISABLED.",
            )
            return None
        return str(alias) if alias else free(str(name), taken)

    def _entry(self, item: Mapping[str, Any], place: Place, here: Place) -> dict[str, Any]:
        """An execution with its configuration."""
        found = {key: value for key, value in item.items() if key not in NOT_COMPARED}
        alias = item.get(CONFIGS)
        if not isinstance(alias, str) or not alias:
            return found
        index = self._configs.get(alias)
        if index is None:
            self._say(
                (*place, CONFIGS),
                f"`{CONFIGS}` of this file has no configuration `{alias}`",
                "A flow and the configurations of its executions stand in the same file.",
            )
            return found
        self._used.add(alias)
        self.moved[*here, "config"] = (CONFIGS, index, "config")
        return {**found, "config": self.document[CONFIGS][index].get("config") or {}}

    def _is_free(self, alias: str, place: Place) -> bool:
        """Whether a flow is there, and stands in no other place."""
        if alias not in self._by_alias:
            self._say(
                place,
                f"`{SECTION}` of this file has no flow `{alias}`",
                "A flow and all that is in it stand in the same file.",
            )
            return False
        if alias in self._placed:
            self._say(
                place,
                f"the flow `{alias}` is in two places",
                "In Keycloak a flow is in one other flow at most. Give the second a copy of it, "
                "under another alias.",
            )
            return False
        self._placed[alias] = place
        return True

    def _of_flow(self, index: int, here: Place) -> dict[str, Any]:
        """What an execution has of the flow that it is."""
        flow = self.flows[index]
        for name in flow:
            if name in ("providerId", "description"):
                self.moved[*here, name] = (SECTION, index, name)
            elif name not in OF_THE_PLACE | {"alias", "id"}:
                summary = f"unknown field `{name}` of the flow `{flow['alias']}`"
                detail = (
                    "kcplan does not know it, and leaves it out. Correct the name, or remove it."
                )
                place = (SECTION, index, name)
                self.unsound.append(Unsound(place, summary, detail, "unknown-field", left_out=True))
        found = {"providerId": flow.get("providerId") or BASIC}
        return found | ({"description": flow["description"]} if flow.get("description") else {})

    def say_unused(self) -> None:
        """Say which flows are only in each other, and which configurations nothing has."""
        for alias in sorted(self._named & self._by_alias.keys() - self._placed.keys()):
            self._say(
                (SECTION, self._by_alias[alias]),
                f"the flow `{alias}` is in no flow that a realm can be bound to",
                "It is only in itself, or in others of this kind.",
            )
        for alias in sorted(self._configs.keys() - self._used):
            self._leave_out(
                (CONFIGS, self._configs[alias]),
                f"no execution has the configuration `{alias}`, which is left out",
                "Exports hold what was left of executions that were removed. Nothing needs to be "
                "done.",
            )

    def _leave_out(self, place: Place, summary: str, detail: str) -> None:
        self.unsound.append(Unsound(place, summary, detail, "left-out-of-flows", harmless=True))

    def _say(self, place: Place, summary: str, detail: str, code: str = "incomplete-flow") -> None:
        self.unsound.append(Unsound(place, summary, detail, code))


def _by_alias(items: Any) -> dict[str, int]:
    """Where the table with an alias stands in a list; the first, where there are several."""
    found: dict[str, int] = {}
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, Mapping) and isinstance(item.get("alias"), str):
            found.setdefault(item["alias"], index)
    return found


def _tables(table: Any, key: str) -> Iterator[Mapping[str, Any]]:
    items = table.get(key) if isinstance(table, Mapping) else None
    for item in items if isinstance(items, list) else ():
        if isinstance(item, Mapping):
            yield item
