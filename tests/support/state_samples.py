"""For the tests of the state's files: a small state, any state, and what an error says."""

import textwrap
from pathlib import Path as FilePath

from hypothesis import strategies as st

from kcplan.address import Address
from kcplan.authors import OwnAccount
from kcplan.diagnostics import Path
from kcplan.errors import StateError
from kcplan.state import Digest, ResourceState, ServerIdentity, State

REALM = Address.of("prod")
CLIENT = REALM.child("clients", "user-service")


def small_state() -> State:
    """A realm and a client, with something of everything."""
    realm = ResourceState(REALM, "realm", "prod-id", managed={("enabled",): True}, adopted=True)
    client = ResourceState(
        address=CLIENT,
        type="client",
        id="6a3b034a-4186-4339-80a7-09b2dd390b6b",
        depends_on=(REALM,),
        managed={
            ("publicClient",): False,
            ("redirectUris",): ["https://a.example/*"],
            ("attributes",): {},
            ("attributes", "access.token.lifespan"): "300",
            ("description",): None,
        },
        observed={
            ("publicClient",): False,
            ("redirectUris",): ["https://a.example/*", "https://b.example/*"],
            ("attributes", "access.token.lifespan"): "300",
            ("attributes", "client.secret.creation.time"): "1795509430",
            ("protocolMappers",): {},
        },
        owned=(("attributes", "access.token.lifespan"),),
        secrets={("secret",): Digest("hmac-sha256", "aabbccdd" + "00" * 32)},
    )
    return State(
        lineage="7d9be0f2-5d1c-4d3b-9f60-0c8a3e1d2b4f",
        server=ServerIdentity("https://sso.example", "26.7.3"),
        resources={REALM: realm, CLIENT: client},
        key=bytes(range(32)),
    )


def message(error: StateError, folder: FilePath) -> str:
    """An error as a person reads it, without the folder that differs each time."""
    detail = error.detail.replace(str(folder), "DIR")
    return f"{error.summary}\n{textwrap.fill(detail, 88)}"


# Half surrogates are in: Keycloak's JSON lets them pass, so a state may hold them.
texts = st.text(max_size=8) | st.sampled_from(["", "=", "==", "a.b", "a/b", "%2F", "*", "\ud800"])
names = st.text(min_size=1, max_size=8) | st.sampled_from(["a/b", "%", "%2F", "*", "é", "..", " "])
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
addresses = st.lists(names, min_size=1, max_size=4).map(lambda segments: Address(tuple(segments)))
paths: st.SearchStrategy[Path] = st.lists(texts, max_size=3).map(tuple)
leaves = st.dictionaries(paths, json_values, max_size=5)
digests = st.builds(
    Digest, st.sampled_from(["hmac-sha256", "scrypt"]), st.binary(max_size=8).map(bytes.hex)
)


times = st.integers(min_value=0, max_value=4_000_000_000)


@st.composite
def entries(draw: st.DrawFn, address: st.SearchStrategy[Address] = addresses) -> ResourceState:
    """Any resource; what was observed is often what was applied."""
    managed = draw(leaves)
    seen = {path: value for path, value in managed.items() if draw(st.booleans())}
    return ResourceState(
        address=draw(address),
        type=draw(names),
        id=draw(st.none() | texts),
        depends_on=tuple(draw(st.lists(addresses, max_size=2))),
        managed=managed,
        observed=seen | draw(leaves),
        owned=tuple(draw(st.lists(paths, max_size=2))),
        secrets=draw(st.dictionaries(paths, digests, max_size=2)),
        adopted=draw(st.booleans()),
        granted=draw(leaves),
        since=draw(st.none() | times),
    )


servers = st.builds(ServerIdentity, texts, st.none() | texts)
states = st.builds(
    State,
    lineage=texts,
    serial=st.integers(min_value=0),
    server=st.none() | servers,
    resources=st.lists(entries(), max_size=3).map(lambda found: {e.address: e for e in found}),
    key=st.binary(min_size=1, max_size=32),
    own_accounts=st.lists(st.builds(OwnAccount, texts, st.none() | texts, times), max_size=2).map(
        tuple
    ),
)
