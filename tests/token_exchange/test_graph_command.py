"""`kcplan graph`: resources, and who can exchange tokens for whom."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
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
from support.harness import Result, Run
from support.world import World

PAGE = Path(__file__).parents[2] / "docs" / "token-exchange.md"
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
  n0["a"]
  n1["frontend"]
  n2["b"]
  n3["c"]
  n0 -->|"accepts tokens of"| n1
  n0 -->|"gets tokens for"| n2
  n2 -->|"accepts tokens of"| n0
  n2 -->|"gets tokens for"| n3
%% `accepts tokens of`: it can exchange tokens that the other client obtained.
%% `gets tokens for`: what it gets in exchange can be for the other client.
%% Arrows that stand out are possible, and no permission declares them.
""")


def test_the_page_on_token_exchange_draws_its_example(world: World) -> None:
    example, picture = (
        re.findall(rf"^```{kind}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)[0]
        for kind in ("toml", "mermaid")
    )
    file = world.folder / "page.toml"
    file.write_text(example.replace("microservices", world.realm))
    world.kcplan("apply", file, "--auto-approve")
    text = world.kcplan("graph", file, "--token-exchange").stdout
    assert re.sub(r"^%%.*\n", "", text, flags=re.MULTILINE) == picture


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
    assert drawn.edges == (Edge("b", "a", "accepts tokens of"), Edge("b", "c", "gets tokens for"))


def test_what_nobody_declared_stands_out(world: World) -> None:
    chain(world)
    world.apply()
    at = world.in_client("a", "protocol-mappers", "models")
    world.admin.post(at, json=audience_mapper("by hand", "c"))
    text = world.kcplan("graph", world.file, "--token-exchange", "--format", "dot").stdout
    loud = [line.strip() for line in text.splitlines() if "dashed" in line]
    assert loud == ['"a" -> "c" [label="gets tokens for", color="#d1242f", style=dashed];']


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
  node [shape=box, style=rounded, fontname="sans-serif"];
  edge [fontname="sans-serif", fontsize=11];
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


def test_a_labelled_arrow_past_a_box_runs_below_all_boxes() -> None:
    edges = (Edge("a", "b", "to"), Edge("b", "c", "to"), Edge("a", "c", "past"))
    root = ET.fromstring(svg(Diagram("", {name: name for name in "abc"}, edges)))  # noqa: S314
    boxes, labels = root.iter(f"{SVG}rect"), root.iter(f"{SVG}text")
    floor = max(float(box.attrib["y"]) + float(box.attrib["height"]) for box in boxes)
    heights = {label.text: float(label.attrib["y"]) for label in labels}
    assert heights["to"] < floor < heights["past"]


def test_a_page_loads_nothing_and_lists_the_arrows() -> None:
    page = html(CIRCLE, svg(CIRCLE))
    assert page.count("<tr") == 4
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "<b>" not in page


def test_nothing_to_draw_is_still_a_diagram() -> None:
    empty = Diagram("Nothing")
    assert ET.fromstring(svg(empty)).tag == f"{SVG}svg"  # noqa: S314
    assert mermaid(empty) == "%% Nothing\nflowchart LR\n"


LARGE_REALM = {"realm": "large", "clients": [{"clientId": f"c{n}"} for n in range(50)]}
DOT = f"""\
#!/bin/sh
[ "$*" = -Tsvg ] || exit 2
echo '<?xml version="1.0"?>'
echo '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">'
echo "<svg xmlns='http://www.w3.org/2000/svg'>$({shutil.which("grep")} -c 'client c')</svg>"
"""


Draw = Callable[[str, str], Result]


@pytest.fixture
def draw(tmp_path: Path, run_offline: Run) -> Draw:
    """Draw a realm with 51 boxes in a format, where `dot` is this program; none if it is empty."""
    realm, programs = tmp_path / "large.json", tmp_path / "programs"
    realm.write_text(json.dumps(LARGE_REALM))
    programs.mkdir()

    def run(output: str, program: str) -> Result:
        if program:
            (programs / "dot").write_text(program)
            (programs / "dot").chmod(0o755)
        return run_offline("graph", realm, "--format", output, env={"PATH": str(programs)})

    return run


def test_graphviz_draws_what_is_large(draw: Draw) -> None:
    drawn = draw("svg", DOT)
    assert drawn.stdout == "<svg xmlns='http://www.w3.org/2000/svg'>50</svg>\n"
    page = draw("html", DOT)
    assert f"<figure>\n{drawn.stdout}</figure>" in page.stdout
    assert (drawn.exit_code, drawn.stderr, page.exit_code, page.stderr) == (0, "", 0, "")


def test_without_graphviz_one_message_says_what_to_do(draw: Draw) -> None:
    drawn = draw("svg", "")
    assert (drawn.exit_code, drawn.stdout) == (1, "")
    assert drawn.stderr == snapshot("""\
Error: 51 boxes are for Graphviz to lay out, and it is not installed

Install Graphviz, so that `dot` is on the PATH. Or print the graph with `--format dot`,
and have it drawn where Graphviz is: `dot -Tsvg`.
""")
    page = draw("html", "")
    assert page.exit_code == 0
    assert page.stdout.count("<tr") == 50
    assert "<figure" not in page.stdout
    assert page.stderr == snapshot(
        "The page has no picture: 51 boxes are for Graphviz to lay out, and there is no `dot` on the PATH.\n"
    )
    assert draw("dot", "").stdout.count("client c") == 50


def test_what_graphviz_says_of_its_failure_is_passed_on(draw: Draw) -> None:
    drawn = draw("svg", "#!/bin/sh\necho 'no room left' >&2\nexit 1\n")
    assert (drawn.exit_code, drawn.stdout) == (1, "")
    assert drawn.stderr == snapshot("""\
Error: Graphviz's `dot` ended with exit code 1

no room left
""")
