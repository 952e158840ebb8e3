"""An apply at a terminal: one region at its foot, and above it a line for what has ended."""

import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from fcntl import ioctl
from pathlib import Path

import pyte
import pytest

from kcplan import execution
from support.faults import FaultyTransport, slow
from support.harness import Server
from support.sabotage import sent_through
from support.world import World

BAR = re.compile(r"^\[█*·*\] \d+ of 25$")


def watched(
    world: World, keycloak: Server, columns: int, *arguments: str
) -> Iterator[pyte.HistoryScreen]:
    """Run kcplan at a terminal of so many columns; gives the screen whenever it changes."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    screen = pyte.HistoryScreen(columns, 24, history=1000, ratio=0.01)
    stream = pyte.ByteStream(screen)
    program = str(Path(sys.executable).with_name("kcplan"))
    with subprocess.Popen(
        [program, *arguments],
        cwd=world.folder,
        env={
            **keycloak.environment,
            "TERM": "xterm",
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
        },
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        while process.poll() is None or select.select([ours], [], [], 0)[0]:
            if select.select([ours], [], [], 0.2)[0]:
                try:
                    stream.feed(os.read(ours, 4096))
                except OSError:  # the other end is closed
                    break
                yield screen
    os.close(ours)


def shown(screen: pyte.HistoryScreen) -> list[str]:
    """The lines on the screen."""
    return [line.rstrip() for line in screen.display]


def scrolled(screen: pyte.HistoryScreen) -> list[str]:
    """The lines that went out at the top."""
    return [
        "".join(line[column].data for column in range(screen.columns)).rstrip()
        for line in screen.history.top
    ]


@pytest.mark.parametrize("columns", [80, 200])
def test_what_has_ended_scrolls_above_one_bar(world: World, keycloak: Server, columns: int) -> None:
    roles = [{"name": f"{'a-long-name-' * 5}{number}"} for number in range(24)]
    world.declare(roles={"realm": roles})
    bars = 0

    for screen in watched(world, keycloak, columns, "apply", str(world.file), "--auto-approve"):
        found = [line for line in shown(screen) if BAR.match(line)]
        assert len(found) <= 1
        assert not any(line.endswith(" 0 of 0") for line in shown(screen))
        bars += len(found)

    text = [*scrolled(screen), *shown(screen)]
    assert bars > 0
    assert not any(BAR.match(line) for line in text)
    whole = "".join(text)
    assert whole.count("Creation complete") == 25
    assert not any("Creating..." in line for line in text)
    assert "Apply complete! Resources: 25 added, 0 changed, 0 destroyed." in text


def test_elsewhere_there_are_lines_and_what_takes_long_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "STILL_SECONDS", 0.4)
    transport = FaultyTransport()
    transport.fail(slow(1.5), method="POST", path="/admin/realms")
    world.declare(displayName="Shop")

    with sent_through(transport):
        result = world.apply()

    lines = result.stderr.splitlines()
    told = [line.partition(" [")[0] for line in lines if world.realm in line]
    assert told[0] == f"{world.realm}: Creating..."
    assert told[1:3] == [f"{world.realm}: Still creating..."] * 2
    assert told[-1].startswith(f"{world.realm}: Creation complete after")
    assert "\x1b" not in result.stderr
