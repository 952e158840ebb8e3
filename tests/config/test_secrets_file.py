"""Files of variables for shells: what kcplan writes is what a shell reads, and the rest stays."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcplan import gitignore
from kcplan.secrets_file import extended, variables

SECRETS = {
    "PLAIN": "s3cret",
    "EMPTY": "",
    "SPACES": " a  b ",
    "DOLLAR": "$HOME ${HOME} $(id) `id`",
    "SINGLE": "it's",
    "BOTH": 'it\'s "$1" \\ !',
    "LINES": "-----BEGIN KEY-----\nA=b\nc'd\n-----END KEY-----\n",
    "HASH": "#a # b",
    "TILDE": "~root",
    "LETTERS": "größe ✓",
}


def test_a_shell_reads_what_is_written(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(extended("# mine\nexport FIRST=1", SECRETS))
    script = "set -a; . ./.env; set +a; exec env -0"
    shell = ["/bin/sh", "-c", script]
    shown = subprocess.run(shell, cwd=tmp_path, env={}, check=True, capture_output=True).stdout
    found = dict(line.split("=", 1) for line in shown.decode().split("\0") if line)
    assert {name: found[name] for name in SECRETS} == SECRETS
    assert found["FIRST"] == "1"


values = st.dictionaries(
    st.from_regex("[A-Z_][A-Z0-9_]*", fullmatch=True),
    st.text(st.characters(exclude_categories=["Cs"])) | st.text("'\"\\$\n!# "),
    max_size=4,
)


@given(values)
def test_what_is_written_is_read_as_the_same(secrets: dict[str, str]) -> None:
    assert variables(extended("", secrets)) == secrets


def test_what_is_there_stays_as_it_is() -> None:
    before = "# don't touch\nA='1'\r\nexport B=\"two\"\nC=$A"
    assert extended(before, {"A": "1", "D": "4"}) == f"{before}\nD='4'\n"
    assert extended(before, {"A": "1"}) == before
    assert variables(before) == {"A": "1", "B": "two", "C": None}


@pytest.mark.parametrize(
    ("ignores", "covered"),
    [
        ("", False),
        ("/.env\n", True),
        (".env", True),
        (".env*\n", True),
        ("*.env\n", True),
        ("**/.env\n", True),
        ("# .env\n", False),
        ("\\.env\n", True),
        ("folder/.env\n", False),
        (".env/\n", False),
        (".env\n!.env\n", False),
        ("!.env\n*.env\n", True),
    ],
)
def test_lines_that_keep_a_file_out_of_a_repository(ignores: str, *, covered: bool) -> None:
    assert gitignore.covers(ignores, ".env") is covered


@pytest.mark.parametrize("name", [".env", "a b", "#x", "!x", "[x]*?", "a\\b"])
def test_a_line_keeps_out_the_file_that_it_is_for(name: str) -> None:
    assert gitignore.covers(gitignore.line_for(name), name)
    assert not gitignore.covers(gitignore.line_for(name), f"{name}x")
