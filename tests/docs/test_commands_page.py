"""The page on the commands has every command and flag, and none that does not exist."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from kcplan.cli.app import app
from kcplan.cli.command import Command

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
SHARED = {
    "(#variable-options)": "Variable options",
    "(#state-options)": "State options",
    "(#connection-options)": "Connection options",
}


def commands(group: click.Group, name: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        assert command is not None
        yield f"{name} {word}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {word}")


COMMANDS = dict(commands(app, "kcplan"))


def sections() -> dict[str, str]:
    """The text of each section, by its heading."""
    parts = re.split(r"^## (.+)\n", PAGE.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def documented_flags(text: str) -> set[str]:
    return set(re.findall(r"^\| `(--[a-z-]+)` \|", text, flags=re.MULTILINE))


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    headings = {re.sub(r" [\[A-Z].*", "", heading) for heading in sections()}
    assert headings - set(SHARED.values()) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_flag_is_documented_and_every_documented_flag_exists(name: str) -> None:
    known = sections()
    text = next(t for heading, t in known.items() if re.fullmatch(rf"{name}( [\[A-Z].*)?", heading))
    documented = documented_flags(text)
    for link, heading in SHARED.items():
        if link in text:
            documented |= documented_flags(known[heading])
    flags = {
        flag
        for parameter in COMMANDS[name].params
        if isinstance(parameter, click.Option)
        for flag in parameter.opts
    }
    assert documented == flags


SINGLE = {name: command for name, command in COMMANDS.items() if isinstance(command, Command)}


def test_every_command_but_the_groups_has_examples() -> None:
    groups = {name for name, command in COMMANDS.items() if isinstance(command, click.Group)}
    assert set(COMMANDS) - set(SINGLE) == groups


@pytest.mark.parametrize("name", SINGLE)
def test_its_two_examples_are_command_lines_that_it_takes(name: str) -> None:
    command = SINGLE[name]

    assert len(command.examples) == 2
    for line, purpose in command.examples:
        bare = re.sub(r'^eval "\$\((.*)\)"$', r"\1", line).split(" >")[0]
        assert bare.startswith(name)
        words = shlex.split(bare.removeprefix(name))
        command.make_context(name, words)
        assert f"  {line}" in command.get_help(click.Context(command, info_name=name))
        assert purpose


def test_a_command_that_does_not_exist_is_answered_with_the_one_that_was_meant() -> None:
    with pytest.raises(click.UsageError, match=r"No such command .aply.\. Did you mean .apply.\?"):
        app.main(["aply"], standalone_mode=False)
