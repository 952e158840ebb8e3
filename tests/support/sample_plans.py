"""Plans for tests: small ones made by hand, and random ones with secrets in them."""

import string
from typing import Any

from hypothesis import strategies as st

from kcplan.address import Address
from kcplan.diagnostics import Path, Source, warning
from kcplan.plan import (
    Action,
    ChangeOrigin,
    FieldChange,
    Operation,
    Plan,
    ResourceChange,
    Stage,
    Step,
)
from kcplan.risk import Level, Risk
from kcplan.secret import Origin, Secret
from kcplan.state import Digest, ResourceState, ServerIdentity

SERVER = ServerIdentity("https://sso.example", "26.7.3")
CONFIG = ChangeOrigin.CONFIG


def field(
    path: str | Path, before: Any, after: Any, origin: ChangeOrigin = CONFIG, **more: Any
) -> FieldChange:
    return FieldChange((path,) if isinstance(path, str) else path, before, after, origin, **more)


def change(
    action: Action, address: str, *changes: FieldChange, kind: str = "client", **more: Any
) -> ResourceChange:
    return ResourceChange(Address.parse(address), kind, action, changes=changes, **more)


def update(*changes: FieldChange, **more: Any) -> ResourceChange:
    return change(Action.UPDATE, "shop/clients/web", *changes, **more)


def plan(*changes: ResourceChange, **more: Any) -> Plan:
    return Plan(SERVER, "5d1f6f0a-6a0e-4a57-9c0e-0e6f0f9f6a11", 7, changes=changes, **more)


# -- random plans -----------------------------------------------------------------------------

SECRET_MARK = "hunter2-"
"""Every secret of a random plan has this in it, and nothing else has."""

_texts = st.text(max_size=12)
_names = st.text(min_size=1, max_size=8)
_origins = st.builds(
    Origin,
    kind=st.sampled_from(["environment", "file", "literal"]),
    key=st.text(string.ascii_uppercase, min_size=1, max_size=6),
    source=st.none()
    | st.builds(
        Source,
        file=_texts,
        line=st.none() | st.integers(1, 99),
        column=st.none(),
        path=st.lists(_names, max_size=2).map(tuple),
    ),
)
secrets = st.builds(
    lambda text, origin: Secret(SECRET_MARK + text, origin),
    st.text(string.ascii_letters, min_size=4, max_size=12),
    _origins,
)
_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | _texts
    | st.floats(allow_nan=False, allow_infinity=False)
)


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keys = _names | st.just("$secret") | st.just("name")
    return st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3)


plain_values = st.recursive(_scalars, _containers, max_leaves=6)
secret_values = st.recursive(_scalars | secrets, _containers, max_leaves=6)

addresses = st.lists(_names, min_size=1, max_size=4).map(lambda parts: Address(tuple(parts)))
paths = st.lists(_names, min_size=1, max_size=3).map(tuple)


def _leaves(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(paths, values, max_size=4)


def _field_changes(values: st.SearchStrategy[Any]) -> st.SearchStrategy[FieldChange]:
    return st.builds(
        FieldChange,
        path=paths,
        before=values,
        after=values,
        origin=st.sampled_from(ChangeOrigin),
        sensitive=st.booleans(),
        because=_texts,
        forces_replacement=st.booleans(),
    )


digests = st.builds(Digest, st.just("hmac-sha256"), st.text("0123456789abcdef", max_size=8))
_entries = st.builds(
    ResourceState,
    address=addresses,
    type=st.just("client"),
    id=st.none() | _texts,
    depends_on=st.lists(addresses, max_size=2).map(tuple),
    managed=_leaves(plain_values),
    observed=_leaves(plain_values),
    owned=st.lists(paths, max_size=2).map(tuple),
    secrets=st.dictionaries(paths, digests, max_size=2),
    adopted=st.booleans(),
)


def _resource_changes(values: st.SearchStrategy[Any]) -> st.SearchStrategy[ResourceChange]:
    return st.builds(
        ResourceChange,
        address=addresses,
        type=st.sampled_from(["client", "role", "realm"]),
        action=st.sampled_from(Action),
        reason=_texts,
        changes=st.lists(_field_changes(values), max_size=3).map(tuple),
        before=st.none() | _leaves(values),
        after=st.none() | _leaves(values),
        moved_from=st.none() | addresses,
        left=st.lists(paths, max_size=2).map(tuple),
        notes=st.lists(_texts, max_size=2).map(tuple),
        entry=st.none() | _entries,
    )


def _steps(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    return st.builds(
        Step,
        id=_texts,
        operation=st.sampled_from(Operation),
        address=addresses,
        type=st.just("client"),
        object_id=st.none() | _texts,
        before=_leaves(values),
        after=_leaves(values),
        needs=st.lists(_texts, max_size=2).map(tuple),
        stage=st.sampled_from(Stage),
        lossy=st.lists(_texts, max_size=2).map(tuple),
    )


risks = st.builds(
    Risk,
    level=st.sampled_from(Level),
    code=_texts,
    address=addresses,
    path=paths,
    summary=_texts,
)


def plans(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Plan]:
    """Random plans whose fields have such values."""
    return st.builds(
        Plan,
        server=st.just(SERVER),
        lineage=_texts,
        serial=st.integers(0, 99),
        changes=st.lists(_resource_changes(values), max_size=3).map(tuple),
        steps=st.lists(_steps(values), max_size=2).map(tuple),
        drift=st.lists(_resource_changes(values), max_size=2).map(tuple),
        outside=st.lists(_resource_changes(values), max_size=2).map(tuple),
        diagnostics=st.just((warning("weak-secret", "a short secret", path=("a",)),)),
        risks=st.lists(risks, max_size=2).map(tuple),
        fingerprints=st.dictionaries(addresses, _texts, max_size=2),
        known=st.dictionaries(addresses, _texts, max_size=2),
        digests=st.dictionaries(st.tuples(addresses, paths), digests, max_size=2),
    )
