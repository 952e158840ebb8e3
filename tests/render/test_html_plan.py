import re
from html.parser import HTMLParser

import pytest

from kcplan.address import Address
from kcplan.diagnostics import error, note
from kcplan.drift import Drift
from kcplan.plan import Action, ResourceChange
from kcplan.render.html import html_drift, html_plan
from kcplan.render.stylesheet import STYLE
from kcplan.risk import Level, Risk
from support.review_plan import review_plan
from support.sample_plans import SERVER, change, field, plan, update

VOID = {"meta", "br", "input"}


class Outline(HTMLParser):
    """Reads a page, checks that every element is closed, and keeps tags and visible text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.ids += [value or "" for name, value in attrs if name == "id"]
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
    page = html_plan(review_plan(errors=True))
    found = outline(page)
    assert not {"script", "link", "img", "iframe", "form", "button"} & set(found.tags)
    assert "src" not in found.attributes
    assert not [name for name in found.attributes if name.startswith("on")]
    assert "default-src 'none'" in page
    assert "url(" not in page
    assert "@import" not in page


def test_links_go_from_a_risk_to_the_change_on_the_same_page() -> None:
    page = html_plan(review_plan())
    found = outline(page)
    assert len(found.ids) == len(set(found.ids))
    assert found.links
    assert all(link.startswith("#") and link[1:] in found.ids for link in found.links)
    name = re.search('<a href="#(c[0-9]+)">shop/clients/web</a>', page)
    assert name
    assert f'id="{name[1]}" open>' in page
    assert "<strong>shop/clients/web</strong> will be updated" in card(page, name[1])
    assert '<span class="mark del">Danger</span>' in card(page, name[1])


def test_only_the_change_that_a_risk_leads_to_has_its_mark() -> None:
    text = outline(html_plan(review_plan())).text
    assert "shop will be updated in-place Danger" in text
    assert "shop has changed Danger" not in text
    assert "shop/clients/billing/service-account has changed Danger" in text


def card(page: str, name: str) -> str:
    """The card with this id."""
    start = page.index(f'id="{name}"')
    return page[start : page.index("</details>", start)]


def test_a_page_counts_once() -> None:
    found = outline(html_plan(review_plan()))
    assert found.text.count("to add") == 1
    assert "table" not in found.tags


def test_a_page_has_one_title_and_a_heading_for_each_section() -> None:
    page = html_plan(review_plan(errors=True))
    assert re.findall("<h[1-6]>(.*)</h[1-6]>", page) == [
        "Plan for shop",
        "Needs attention",
        "Errors",
        "Destroy",
        "Replace",
        "Realm",
        "Client scopes",
        "Roles",
        "Clients",
        "Stays as it is",
        "Changed outside of the files, left as it is",
        "Objects have changed outside of kcplan",
        "Warnings and notes",
    ]
    assert page.count("<h1>") == 1


def is_open(page: str, heading: str) -> bool:
    """Whether the card with this heading is unfolded."""
    start = page[: page.index(heading)].rindex("<details")
    return page[start : page.index(">", start)].endswith(" open")


def test_what_is_trivial_is_folded_and_what_is_dangerous_is_not() -> None:
    page = html_plan(review_plan())
    assert is_open(page, "<strong>shop/clients/web</strong>")
    assert is_open(page, "<strong>shop/roles/reader</strong>")
    assert is_open(page, "<strong>shop/identity-providers/partner</strong>")
    assert not is_open(page, "<strong>shop/clients/team-00</strong>")
    assert not is_open(page, "<strong>shop/client-scopes/scope-0</strong>")
    assert not is_open(page, "<strong>shop/clients/service-00</strong>")


def test_a_few_creations_are_unfolded_and_a_dangerous_text_as_well() -> None:
    created = change(Action.CREATE, "shop/roles/a", kind="role", after={("description",): "x"})
    described = update(field("description", "a", "b"))
    where = Address.parse("shop/clients/web")
    risk = Risk(Level.CAUTION, "a-code", where, ("description",), "x")
    assert is_open(html_plan(plan(created, described)), "shop/roles/a")
    assert not is_open(html_plan(plan(created, described)), "<strong>shop/clients/web")
    page = html_plan(plan(created, described, risks=(risk,)))
    assert is_open(page, "<strong>shop/clients/web")


def test_buttons_are_for_the_kinds_of_changes_that_there_are() -> None:
    labels = re.findall("<label><input[^>]*> (.*)</label>", html_plan(review_plan()))
    assert labels == [
        "everything",
        "needs attention",
        "destroy",
        "replace",
        "change",
        "add",
        "rename",
        "adopt",
        "release",
        "leave",
    ]
    assert "<fieldset" not in html_plan(plan(update(field("enabled", before=True, after=False))))


def test_every_button_has_a_rule_that_hides_the_rest() -> None:
    page = html_plan(review_plan())
    kinds = re.findall('id="show-([a-z]+)"', page)
    for kind in set(kinds) - {"all"}:
        assert f"main:has(#show-{kind}:checked) .filtered .change:not(.is-{kind})" in page
        assert re.search(f'class="[^"]*\\bis-{kind}\\b', page)


def luminance(color: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    digits = color.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_all_text_can_be_read(scheme: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    colors = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", blocks[scheme]))
    for text in ("fg", "dim", "add", "del", "chg", "oth"):
        for ground in ("bg", "soft", "add-bg", "del-bg", "chg-bg", "oth-bg"):
            low, high = sorted(luminance(colors[name]) for name in (text, ground))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (text, ground)


def test_errors_come_before_the_changes_and_notes_after() -> None:
    made = plan(
        update(field("enabled", before=True, after=False)),
        diagnostics=(note("a-note", "to be known"), error("mass-delete", "much is deleted")),
    )
    text = outline(html_plan(made)).text
    order = ["much is deleted", "shop/clients/web will be updated", "to be known"]
    assert sorted(order, key=text.index) == order


def test_advice_has_its_code_as_code() -> None:
    made = plan(diagnostics=(error("a-code", "x", "Say:\n\n    a = 1\n    b = 2\n\nor `c <d>`."),))
    page = html_plan(made)
    assert "<p>Say:</p>\n<pre>a = 1\nb = 2</pre>\n<p>or <code>c &lt;d&gt;</code>.</p>" in page
    odd = html_plan(plan(diagnostics=(error("a-code", "x", "a ` is a backtick"),)))
    assert "<p>a ` is a backtick</p>" in odd


def test_a_page_without_changes() -> None:
    assert "No changes. Your Keycloak matches" in outline(html_plan(plan())).text


def test_a_page_of_drift() -> None:
    other = update(field("x", "a", "b"))
    found = outline(html_drift(Drift((update(field("name", "a", "b")),), (other,))))
    assert "Changed outside of the files, left as it is" in found.text
    assert "Changed outside of the files" in outline(html_plan(plan(outside=(other,)))).text
    assert "No drift." in outline(html_drift(Drift())).text
    page = outline(html_drift(Drift(server=SERVER, realms=("a", "b")))).text
    assert "Drift for a and b" in page
    assert "For https://sso.example, Keycloak 26.7.3" in page


def test_a_page_says_which_realms() -> None:
    names = [chr(ord("a") + number) for number in range(5)]
    many = outline(html_plan(plan(*(change(Action.NOOP, name) for name in names)))).text
    assert "Plan for 5 realms" in many
    assert "Realms: a, b, c, d, e" in many


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
