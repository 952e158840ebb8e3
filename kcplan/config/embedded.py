"""JSON within texts, as Keycloak's exports have it in the `config` of policies.

It is parsed before placeholders are substituted, so that a value cannot break its syntax.
"""

from collections.abc import Iterator
from typing import Any

from kcplan.config.json_reader import read_json
from kcplan.config.patterns import narrow
from kcplan.config.positions import Place
from kcplan.config.syntax import SyntaxProblemError, check_values
from kcplan.path_patterns import Pattern

_Patterns = tuple[Pattern, ...]


def parse_embedded(
    value: Any, patterns: _Patterns, place: Place, problems: list[tuple[Place, str]]
) -> Any:
    """The value with the JSON texts at the patterns as the values that they stand for.

    Args:
        value: A representation, or a part of it.
        patterns: Where the texts are, from here.
        place: Where the value stands in its document.
        problems: Takes the place of each text that is not JSON, and what is wrong with it.
    """
    if isinstance(value, str):
        return _parsed(value, place, problems) if () in patterns and value.strip() else value
    # A table or list at the end of a pattern is written out already; its texts are no JSON.
    patterns = tuple(pattern for pattern in patterns if pattern)
    if isinstance(value, dict):
        return {
            key: parse_embedded(item, narrow(patterns, key), (*place, key), problems)
            for key, item in value.items()
        }
    if isinstance(value, list) and patterns:
        return [
            parse_embedded(item, narrow(patterns, name), (*place, index), problems)
            for index, name, item in _named(value)
        ]
    return value


def _named(items: list[Any]) -> Iterator[tuple[int, str, Any]]:
    for index, item in enumerate(items):
        name = item.get("name") if isinstance(item, dict) else None
        yield index, name if isinstance(name, str) else "", item


def _parsed(text: str, place: Place, problems: list[tuple[Place, str]]) -> Any:
    try:
        parsed = read_json(text).data
        check_values([parsed])
    except SyntaxProblemError as problem:
        problems.append((place, problem.summary))
        return text
    return parsed
