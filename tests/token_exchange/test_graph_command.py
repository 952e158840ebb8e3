"""`kcplan graph`: resources, and who can exchange tokens for whom."""

from xml.etree import ElementTree as ET

from inline_snapshot import snapshot

from kcplan.render.diagram import Diagram, Edge, dot, mermaid
from kcplan.render.drawing import html, svg
from kcplan_keycloak.token_exchange.declaration import Permission
from kcplan_keycloak.token_exchange.graph import diagram
from kcplan_keycloak.token_exchange.model import (
    AUDIENCE_MAPPER,
    CLIENT_AUDIENCE,
    ENABLED,
    IN_ACCESS_TOKEN,
    Client,
    Mapper,
    Realm,
)
from support.exchanging import allow, audience_mapper, permit, service
from support.world import World

SVG = "{http://www.w3.org/2000/svg}"


def chain(world: World) -> None:
    world.declare(
        enabled=True,
        clients=[service(name) for name in ("frontend", "a", "b", "c")],
        permissions=permit(allow("a", ["frontend"], ["b"]), allow("b", ["a"], ["c"])),
    )


def test_a_chain_is_drawn_as_declared(world: World) -> None:
    chain(world)
    world.apply()
    text = world.kcplan("graph", world.file, "--token-exchange").stdout
    assert text.replace(world.realm, "REALM") == snapshot("""\
%% Token exchange in REALM
flowchart LR
  n0["frontend"]
  n1["a"]
  n2["b"]
  n3["c"]
  n0 -->|"exchanged by"| n1
  n1 -->|"for"| n2
  n1 -->|"exchanged by"| n2
  n2 -->|"for"| n3
%% `exchanged by`: the other client may exchange its tokens.
%% `for`: the tokens that it gets in exchange may be for the other client.
%% Arrows that stand out are possible, and no permission declares them.
""")


def test_a_requester_needs_no_tokens_of_its_own() -> None:
    """What it may ask for counts with the tokens that it exchanges."""
    to_b = Mapper("m", AUDIENCE_MAPPER, {CLIENT_AUDIENCE: "b", IN_ACCESS_TOKEN: "true"})
    to_c = Mapper("m", AUDIENCE_MAPPER, {CLIENT_AUDIENCE: "c", IN_ACCESS_TOKEN: "true"})
    clients = (
        Client("a", mappers=(to_b,), account=True, flows=frozenset({"serviceAccountsEnabled"})),
        Client("b", mappers=(to_c,), attributes={ENABLED: "true"}),
        Client("c"),
    )
    realm = Realm("shop", clients={client.client_id: client for client in clients})
    drawn = diagram(realm, [Permission("shop", 0, "b", ("a",), ("c",))])
    assert drawn.edges == (Edge("a", "b", "exchanged by"), Edge("b", "c", "for"))


def test_what_nobody_declared_stands_out(world: World) -> None:
    chain(world)
    world.apply()
    at = world.in_client("a", "protocol-mappers", "models")
    world.admin.post(at, json=audience_mapper("by hand", "c"))
    text = world.kcplan("graph", world.file, "--token-exchange", "--format", "dot").stdout
    loud = [line.strip() for line in text.splitlines() if "dashed" in line]
    assert loud == ['"a" -> "c" [label="for", color="#d1242f", style=dashed];']


def test_the_resources_are_drawn_without_a_server(world: World) -> None:
    chain(world)
    text = world.kcplan("graph", world.file, env={"KCPLAN_URL": None}).stdout
    assert text.replace(world.realm, "REALM") == snapshot("""\
%% Resources
flowchart LR
  n0["realm REALM"]
  n1["client a"]
  n2["client b"]
  n3["client c"]
  n4["client frontend"]
  n5["token-exchange a"]
  n6["token-exchange b"]
  n0 --> n1
  n0 --> n2
  n0 --> n3
  n0 --> n4
  n0 --> n5
  n1 --> n5
  n2 --> n5
  n4 --> n5
  n0 --> n6
  n1 --> n6
  n2 --> n6
  n3 --> n6
%% An arrow points from a resource to what needs it.
""")


def test_a_realm_that_does_not_exist_cannot_be_drawn(world: World) -> None:
    chain(world)
    result = world.kcplan("graph", world.file, "--token-exchange", exit_code=1)
    assert "none of the realms of the files exists" in result.stderr


NAMES = ('<b>&"', "b\x1b[0m", "c")
CIRCLE = Diagram(
    title="A <circle>",
    nodes={name: name for name in NAMES},
    edges=(
        Edge(NAMES[0], NAMES[1], "to"),
        Edge(NAMES[0], NAMES[1], "again", stands_out=True),
        Edge(NAMES[1], NAMES[2]),
        Edge(NAMES[2], NAMES[0], "back"),
    ),
    legend=("What it means.",),
)


def test_names_cannot_break_out_of_a_diagram() -> None:
    assert mermaid(CIRCLE) == snapshot("""\
%% A <circle>
flowchart LR
  n0["&lt;b&gt;&#quot;"]
  n1["b\\u001b[0m"]
  n2["c"]
  n0 -->|"to"| n1
  n0 -.->|"again"| n1
  n1 --> n2
  n2 -->|"back"| n0
  linkStyle 1 stroke:#d1242f,stroke-width:2px
%% What it means.
""")
    assert dot(CIRCLE) == snapshot("""\
digraph "A <circle>" {
  rankdir=LR;
  node [shape=box];
  "<b>&\\"" [label="<b>&\\""];
  "b\\\\u001b[0m" [label="b\\\\u001b[0m"];
  "c" [label="c"];
  "<b>&\\"" -> "b\\\\u001b[0m" [label="to"];
  "<b>&\\"" -> "b\\\\u001b[0m" [label="again", color="#d1242f", style=dashed];
  "b\\\\u001b[0m" -> "c";
  "c" -> "<b>&\\"" [label="back"];
  // What it means.
}
""")


def test_an_image_has_every_box_and_arrow_in_its_column() -> None:
    root = ET.fromstring(svg(CIRCLE))  # noqa: S314
    columns = [float(box.attrib["x"]) for box in root.iter(f"{SVG}rect")]
    assert columns == sorted(columns)
    assert len(set(columns)) == 3
    arrows = [path for path in root.iter(f"{SVG}path") if "edge" in path.get("class", "")]
    assert len(arrows) == 4
    assert ["loud" in arrow.attrib["class"] for arrow in arrows] == [False, True, False, False]
    assert "\x1b" not in svg(CIRCLE)


def test_a_page_loads_nothing_and_lists_the_arrows() -> None:
    page = html(CIRCLE)
    assert page.count("<tr") == 4
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "<b>" not in page


def test_nothing_to_draw_is_still_a_diagram() -> None:
    empty = Diagram("Nothing")
    assert ET.fromstring(svg(empty)).tag == f"{SVG}svg"  # noqa: S314
    assert mermaid(empty) == "%% Nothing\nflowchart LR\n"
