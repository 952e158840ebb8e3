"""What README and the pages show of a terminal is so: a shell executes it, line by line.

Each page is followed in one shell, in a folder of its own, against the real server. Where the page
shows what a command says, it says that; `…` stands for anything. Only two things are otherwise than
for a newcomer: `kcplan sandbox up` finds that the session's server is the sandbox already, and the
realm `shop` has a name that nobody else uses.
"""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from attrs import frozen

from kcplan.cli.app import FIRST_STEPS
from support.harness import Run, Server

ROOT = Path(__file__).parents[2]
PAGES = {
    str(page.relative_to(ROOT)): page
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md")))
    if "```console" in page.read_text()
}

ELSEWHERE: Final = {
    "README.md": {
        "kcplan plan\nNeeds": "of the demo: tests/examples/test_demo.py",
        "make demo": "tests/examples/test_demo.py",
        "make test": "it runs this test",
        "pip install .": "the tests run with kcplan installed",
    },
    "docs/architecture.md": {
        ".venv/bin/pytest tests/conformance": "for a type that the page has its reader write",
    },
    "docs/commands.md": {"jq ": "not everybody has jq"},
    "docs/sandbox.md": {
        "kcplan sandbox up\n": "starts a server: tests/sandbox/test_sandbox_command.py",
        "kcplan sandbox down": "ends one: tests/sandbox/test_sandbox_command.py",
        "kcplan sandbox up --name legacy": "starts a server with these features; so do many tests",
    },
    "docs/secrets.md": {
        "": "with programs that stand in for those of others: tests/docs/test_secrets_page.py"
    },
    "docs/verify.md": {
        "kcplan verify\n": "somebody tampers first: tests/token_exchange/test_verify_command.py",
        "kcplan verify --sandbox": "starts a server: tests/admin_proof/test_admin_verify.py",
    },
}
"""What is not executed here, by how it begins on its page, and why not."""

_BEFORE: Final = {
    "docs/environments.md": 'mkdir state; eval "$(kcplan sandbox env)"; unset KCPLAN_URL',
    "docs/sandbox.md": "kcplan init shop && cd shop",
}
"""What the reader of a page has done before, besides writing the files that it shows."""

_MARK: Final = "\x1e"


@frozen
class Line:
    """A command, and what the page shows of what it says; nothing where the page leaves it out."""

    command: str
    shown: str

    @property
    def whole(self) -> str:
        """Both."""
        return f"{self.command}\n{self.shown}"


def lines(page: Path) -> list[Line]:
    """All that the blocks of a page have behind a prompt."""
    blocks = re.findall(r"^```console\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    assert all(block.startswith("$ ") for block in blocks)
    parts = [re.split(r"^\$ ", block, flags=re.MULTILINE)[1:] for block in blocks]
    return [Line(*part.split("\n", 1)) for block in parts for part in block]


def executed(name: str) -> list[Line]:
    """Those of a page's lines that are executed here."""
    others = tuple(ELSEWHERE.get(name, {}))
    return [line for line in lines(PAGES[name]) if not line.whole.startswith(others or "\0")]


@pytest.fixture
def sandbox(keycloak: Server, tmp_path: Path, run_offline: Run) -> dict[str, str]:
    """The environment of a newcomer whose sandbox is the session's server."""
    records = tmp_path / "records"
    known = run_offline(
        *("sandbox", "up", "--url", keycloak.url, "--username", keycloak.username),
        env={"KCPLAN_PASSWORD": keycloak.password, "XDG_STATE_HOME": str(records)},
    )
    assert known.exit_code == 0, known.stderr
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(tmp_path), "XDG_STATE_HOME": str(records)}


def write_environments(folder: Path, keycloak: Server, realm: str) -> None:
    """The files of the page on environments, all of which are the session's server."""
    settings = re.findall(
        r"^```toml\n(.*?)^```", PAGES["docs/environments.md"].read_text(), re.MULTILINE | re.DOTALL
    )[0]
    settings = re.sub(r'"https?://(?!shop).*?(:8080|\.com)"', f'"{keycloak.url}"', settings)
    settings = re.sub(r"^client_secret_file.*\n", "", settings, flags=re.MULTILINE)
    files = {
        "kcplan.toml": settings.replace('client_id = "kcplan"', 'client_id = "admin-cli"'),
        "realms/shop.toml": 'realm = "shop"\nattributes.frontendUrl = "${SHOP_URL}"\n',
        "env/dev/shop.toml": 'realm = "shop"\ndisplayName = "For tests"\n',
        "env/prod/shop.toml": 'realm = "shop"\ndisplayName = "Shop"\n',
    }
    for file, text in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(own(text, realm) if file.endswith("shop.toml") else text)


@pytest.mark.parametrize("name", [name for name in PAGES if executed(name)])
def test_what_a_page_shows_of_a_terminal_is_so(
    name: str, sandbox: dict[str, str], keycloak: Server, realm_name: str, tmp_path: Path
) -> None:
    if name == "docs/environments.md":
        write_environments(tmp_path, keycloak, realm_name)
    before = [Line(_BEFORE[name], "")] if name in _BEFORE else []
    todo = [*before, *executed(name)]

    said = follow([own(line.command, realm_name) for line in todo], tmp_path, sandbox)

    for line, (code, output) in zip(todo, said, strict=True):
        assert code == 0, f"{line.command}\n{output}"
        shown = re.escape(own(line.shown, realm_name)).replace("…", ".*")
        assert not line.shown or re.fullmatch(shown, output, re.DOTALL), output


def test_the_help_ends_with_the_first_steps_of_readme(run_offline: Run) -> None:
    alone = run_offline()

    commands = " && ".join(line.command for line in executed("README.md"))
    for command, purpose in FIRST_STEPS:
        assert command.replace("REALM", "shop") in commands
        assert re.search(rf"^  {re.escape(command)} +{purpose}$", alone.stderr, re.MULTILINE)
    assert (alone.exit_code, alone.stdout) == (1, "")
    assert run_offline("--help").stdout == alone.stderr


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_is_not_executed_here_is_on_its_page(name: str) -> None:
    for beginning in ELSEWHERE[name]:
        assert any(line.whole.startswith(beginning) for line in lines(PAGES[name])), beginning


def own(text: str, realm: str) -> str:
    """The text with another name for the realm and its folder."""
    return re.sub(r"\bshop\b", realm, text)


def follow(commands: list[str], folder: Path, environment: dict[str, str]) -> list[tuple[int, str]]:
    """Execute commands in one shell, which somebody sits at who approves of everything.

    Gives the exit code of each, and what it says.
    """
    script = "exec 2>&1\n" + "".join(f"{each}\nprintf '{_MARK}%s{_MARK}' $?\n" for each in commands)
    ours, theirs = pty.openpty()
    try:
        os.write(ours, b"yes\n")
        done = subprocess.run(
            ["bash", "-c", script],  # noqa: S607
            cwd=folder,
            env=environment,
            stdin=theirs,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    parts = done.stdout.split(_MARK)
    return [(int(code), output) for output, code in zip(parts[::2], parts[1::2], strict=False)]
