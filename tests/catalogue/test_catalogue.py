import ast
import re
from collections.abc import Iterator
from pathlib import Path

from kcplan import catalogue
from kcplan_keycloak import risks

ROOT = Path(__file__).parents[2]
SOURCES = ("kcplan", "providers/kcplan_keycloak", "state/kcplan_state")
CALLS = {"error", "warning", "note", "Problem", "Diagnostic", "_report"}
KEBAB = re.compile(r"[a-z]+(-[a-z0-9]+)+")


def codes_in(tree: ast.AST) -> Iterator[str]:
    """Codes that a module gives to what makes diagnostics, directly or as `code=`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        first = node.args[:2] if name in CALLS or name.endswith("Error") else []
        named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        for argument in [*first, *named]:
            for part in ast.walk(argument):
                if isinstance(part, ast.Constant) and KEBAB.fullmatch(str(part.value)):
                    yield str(part.value)


def used_codes() -> set[str]:
    files = [path for source in SOURCES for path in (ROOT / source).rglob("*.py")]
    assert len(files) > 30
    return {code for path in files for code in codes_in(ast.parse(path.read_text("utf-8")))}


def test_every_code_that_kcplan_uses_is_explained() -> None:
    assert used_codes() - set(catalogue.explanations()) - set(risks.explanations()) == set()


def test_the_documentation_has_every_explanation() -> None:
    """After a change: make pages"""
    assert (ROOT / "docs" / "diagnostics.md").read_text("utf-8") == catalogue.markdown()
    assert (ROOT / "docs" / "risks.md").read_text("utf-8") == risks.markdown()


def test_a_code_means_one_thing() -> None:
    assert set(catalogue.explanations()) & set(risks.explanations()) == set()


def test_an_explanation_is_written_in_sentences() -> None:
    for item in (*catalogue.explanations().values(), *risks.explanations().values()):
        assert KEBAB.fullmatch(item.code), item.code
        assert not item.title.endswith("."), item.code
        for text in (item.meaning, item.why, item.fix):
            assert text.endswith((".", ")")), item.code
            assert "  " not in text, item.code


def test_a_code_that_nearly_exists_is_suggested() -> None:
    assert catalogue.suggest("token-exchange-public") == "token-exchange-public-client"
    assert catalogue.suggest("Unknown-Feild") == "unknown-field"
    assert catalogue.suggest("zzz") is None


def test_there_is_no_explanation_of_an_unknown_code() -> None:
    assert catalogue.explain("no-such-code") is None
