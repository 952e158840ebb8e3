"""Role scopes: what an export spreads out is gathered, and is spread out again, without loss."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kcplan_keycloak.scope_mappings import gather, scatter
from support.world import Json

NAMES = st.sampled_from(["a", "b", "a/b", "é 5%"])
ROLES = st.lists(st.sampled_from(["x", "y", "z"]), max_size=3, unique=True)
HOLDERS = st.sampled_from(["client", "clientScope"])


@st.composite
def mappings(draw: st.DrawFn, at_least: int = 0) -> list[Json]:
    """Entries, no two of the same holder."""
    keys = draw(st.lists(st.tuples(HOLDERS, NAMES), min_size=at_least, max_size=3, unique=True))
    return [{kind: name, "roles": draw(ROLES)} for kind, name in keys]


@st.composite
def documents(draw: st.DrawFn) -> Json:
    """A document as an export has it."""
    found = {
        "realm": "r",
        "clients": [{"clientId": n, "enabled": True} for n in draw(st.sets(NAMES))],
        "clientScopes": [{"name": n, "protocol": "saml"} for n in draw(st.sets(NAMES))],
        "scopeMappings": draw(mappings()),
        "clientScopeMappings": draw(st.dictionaries(NAMES, mappings(at_least=1), max_size=2)),
    }
    return {key: value for key, value in found.items() if value}


SCOPES = st.fixed_dictionaries(
    {},
    optional={
        "realm": ROLES,
        "client": st.dictionaries(NAMES, ROLES, min_size=1, max_size=2),
    },
).filter(bool)


@st.composite
def gathered_documents(draw: st.DrawFn) -> Json:
    """A document with role scopes at what has them."""

    def items(key: str) -> list[Json]:
        found = []
        for name in draw(st.sets(NAMES)):
            scope = draw(st.none() | SCOPES)
            found.append({key: name} | ({} if scope is None else {"scopeMappings": scope}))
        return found

    sections = {"clients": items("clientId"), "clientScopes": items("name")}
    return {"realm": "r", **{key: value for key, value in sections.items() if value}}


def in_any_order(value: Any) -> Any:
    """A value with its lists sorted."""
    match value:
        case dict():
            return {key: in_any_order(item) for key, item in value.items()}
        case list():
            return sorted(map(in_any_order, value), key=repr)
    return value


def without_holders_of_scopes_only(document: Json) -> Json:
    """A document without what is there only to have role scopes."""
    found = dict(document)
    for section in ("clients", "clientScopes"):
        items = [item for item in document.get(section, ()) if len(item) > 1]
        found = {**found, section: items} if items else without(found, section)
    return found


def without(document: Json, section: str) -> Json:
    return {key: value for key, value in document.items() if key != section}


@given(documents())
def test_what_was_gathered_is_spread_out_again(document: Json) -> None:
    found = gather(document)
    assert found.unsound == ()
    again = without_holders_of_scopes_only(dict(scatter(found.data)))
    assert in_any_order(again) == in_any_order(document)


@given(gathered_documents())
def test_what_was_spread_out_is_gathered_again(document: Json) -> None:
    found = gather(scatter(document))
    assert (found.data, found.extending) == (document, frozenset())


@given(documents())
def test_each_value_knows_where_it_stood(document: Json) -> None:
    found = gather(document)

    def at(data: Any, place: Any) -> Any:
        for part in place:
            data = data[part]
        return data

    for now, then in found.moved.items():
        here, there = at(found.data, now), at(document, then)
        if isinstance(here, str | list):
            assert here == there
