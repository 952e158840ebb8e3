from html.parser import HTMLParser

from kcplan.address import Address
from kcplan.diagnostics import error
from kcplan.drift import Drift
from kcplan.plan import Action, ResourceChange
from kcplan.render.html import html_drift, html_plan
from support.sample_plans import change, field, plan, update

VOID = {"meta", "br"}


class Outline(HTMLParser):
    """Reads a page, checks that every element is closed, and keeps tags and visible text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def test_a_page_has_the_summary_the_diagnostics_and_every_change() -> None:
    page = outline(
        html_plan(
            plan(
                update(field("enabled", before=True, after=False)),
                change(Action.CREATE, "shop/roles/reader", kind="role", after={("a",): "x"}),
                drift=(update(field("name", "a", "b")),),
                diagnostics=(error("mass-delete", "much is deleted"),),
            )
        )
    )
    assert "Plan: 1 to add, 1 to change, 0 to destroy." in page.text
    assert "For https://sso.example, Keycloak 26.7.3" in page.text
    assert "Error: much is deleted [mass-delete]" in page.text
    assert "~ enabled = true -> false" in page.text
    assert "shop/roles/reader will be created" in page.text
    assert "Objects have changed outside of kcplan" in page.text
    assert page.tags.count("details") == 3


def test_a_page_loads_and_runs_nothing() -> None:
    page = html_plan(plan(update(field("baseUrl", None, "https://shop.example"))))
    found = outline(page)
    assert not {"script", "link", "img", "iframe", "a"} & set(found.tags)
    assert not {"src", "href", "onclick"} & found.attributes
    assert "default-src 'none'" in page


def test_a_page_without_changes() -> None:
    assert "No changes. Your Keycloak matches" in outline(html_plan(plan())).text


def test_a_page_of_drift() -> None:
    other = update(field("x", "a", "b"))
    found = outline(html_drift(Drift((update(field("name", "a", "b")),), (other,))))
    assert "Changed outside of the files, left as it is" in found.text
    assert "Changed outside of the files" in outline(html_plan(plan(outside=(other,)))).text
    assert "No drift." in outline(html_drift(Drift())).text


def test_nothing_from_outside_becomes_markup() -> None:
    hostile = "</pre></details><script>alert(1)</script><img src=x onerror=y>\"'&amp;"
    made = plan(
        ResourceChange(
            Address.of(hostile, "clients", hostile),
            hostile,
            Action.UPDATE,
            reason=hostile,
            changes=(field((hostile, "x"), hostile, hostile + "x", because=hostile),),
            left=((hostile,),),
            notes=(hostile,),
        ),
        diagnostics=(error(hostile, hostile, hostile),),
    )
    found = outline(html_plan(made))
    assert "script" not in found.tags
    assert "img" not in found.tags
    assert "onerror" not in found.attributes
