"""Shells complete commands, options, addresses, realms and codes, with the script that we print."""

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kcplan.address import Address, matches
from kcplan.state import ResourceState, State
from kcplan_state.file import StateFile

BIN = str(Path(sys.executable).parent)
ADDRESSES = [
    Address.of("shop"),
    Address.of("shop", "clients", "https://sp.example/a b"),
    Address.of("shop", "clients", "orders"),
]


def environment(folder: Path) -> dict[str, str]:
    """Of a shell that has nothing of its user's in it."""
    path = os.pathsep.join([BIN, os.environ["PATH"]])
    return {"PATH": path, "HOME": str(folder), "TERM": "dumb", "LANG": "C.UTF-8"}


def run(folder: Path, *command: str) -> list[str]:
    """The lines that a shell prints."""
    done = subprocess.run(
        command, cwd=folder, env=environment(folder), capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


def in_bash(folder: Path, *words: str) -> list[str]:
    quoted = " ".join(f"'{word}'" for word in words)
    script = f"""
        eval "$(kcplan completion bash)"
        COMP_WORDS=({quoted})
        COMP_CWORD={len(words) - 1}
        _kcplan_completion kcplan
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return [line.removeprefix("plain,") for line in run(folder, "bash", "--norc", "-c", script)]


def in_fish(folder: Path, *words: str) -> list[str]:
    line = " ".join(words)
    script = f"kcplan completion fish | source; complete -C '{line}'"
    return [text.split("\t")[0] for text in run(folder, "fish", "-N", "-c", script)]


def in_zsh(folder: Path, *words: str) -> list[str]:
    """What stands on the line after a tab."""
    ours, theirs = pty.openpty()
    setup = 'PS1=""; unsetopt zle_bracketed_paste; autoload -U compinit; compinit -u -D'
    with subprocess.Popen(
        [str(shutil.which("zsh")), "-f", "-i"],
        cwd=folder,
        env=environment(folder),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        try:
            os.write(ours, f'{setup}; eval "$(kcplan completion zsh)"; echo "RE""ADY"\n'.encode())
            read_until(ours, "READY\r\n")
            os.write(ours, f'{" ".join(words)}\t\x01: \x05; echo "E"ND\n'.encode())
            text = read_until(ours, "END\r\n")
        finally:
            process.kill()  # it would look for its terminal for ever
    os.close(ours)
    os.close(theirs)
    return text.split()


def read_until(terminal: int, end: str) -> str:
    """What the shell writes until there is this, for at most 20 seconds."""
    text, late = "", time.monotonic() + 20
    while end not in text and time.monotonic() < late:
        if select.select([terminal], [], [], 0.2)[0]:
            text += os.read(terminal, 65536).decode("utf-8", "replace")
    return text


COMPLETE = {"bash": in_bash, "fish": in_fish, "zsh": in_zsh}
SHELLS = [shell for shell in COMPLETE if shutil.which(shell)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a state."""
    entries = [ResourceState(a, "realm" if a.is_realm else "client", "id") for a in ADDRESSES]
    state = State(lineage="l", resources={entry.address: entry for entry in entries})
    StateFile(tmp_path / "kcplan.state.json").save(state)
    return tmp_path


def test_bash_is_there() -> None:
    assert "bash" in SHELLS


@pytest.mark.parametrize("shell", SHELLS)
def test_commands_and_options_are_completed(shell: str, folder: Path) -> None:
    complete = COMPLETE[shell]

    assert "plan" in complete(folder, "kcplan", "pl")
    assert "--parallelism" in complete(folder, "kcplan", "plan", "--pa")


@pytest.mark.parametrize("shell", SHELLS)
def test_addresses_are_completed_in_a_form_that_needs_no_quotes(shell: str, folder: Path) -> None:
    found = COMPLETE[shell](folder, "kcplan", "state", "show", "shop/clients/h")

    assert "shop/clients/https%3A%2F%2Fsp.example%2Fa%20b" in found


@pytest.mark.parametrize("shell", SHELLS)
def test_targets_realms_and_codes_are_completed(shell: str, folder: Path) -> None:
    complete = COMPLETE[shell]

    assert "shop/clients/orders" in complete(folder, "kcplan", "plan", "--target", "shop/clients/o")
    assert "shop" in complete(folder, "kcplan", "import", "sh")
    assert "unknown-reference" in complete(folder, "kcplan", "explain", "unknown-r")


def test_environments_and_their_addresses_are_completed(folder: Path) -> None:
    text = "[environments.dev]\n[environments.prod]\nstate = 'kcplan.state.json'\n"
    (folder / "kcplan.toml").write_text(text)
    (folder / "inner").mkdir()

    assert in_bash(folder, "kcplan", "plan", "--env", "p") == ["prod"]
    assert in_bash(folder, "kcplan", "-C", "inner", "-C", "..", "--env", "d") == ["dev"]
    words = ("kcplan", "--env", "prod", "state", "show", "shop/clients/o")
    assert in_bash(folder, *words) == ["shop/clients/orders"]
    assert in_bash(folder, "kcplan", "--env", "dev", "state", "show", "shop/clients/o") == [""]


def test_where_there_is_no_state_nothing_is_said(folder: Path) -> None:
    (folder / "kcplan.state.json").write_text("{")
    assert in_bash(folder, "kcplan", "state", "show", "shop") == [""]

    (folder / "kcplan.toml").write_text("[[[")
    assert in_bash(folder, "kcplan", "state", "show", "shop") == [""]


def test_what_is_completed_names_the_same_resource() -> None:
    odd = Address.of("shop", "clients", "https://sp.example/a b:*%")
    word = "shop/clients/https%3A%2F%2Fsp.example%2Fa%20b%3A%2A%25"

    assert Address.parse(word) == odd
    assert matches(odd, word)
    assert not matches(Address.of("shop", "clients", "https://sp.example/a b:x%"), word)
