"""How a command's help reads: what it is for, two examples, its own options, then those of many."""

from collections.abc import Sequence
from typing import Any

import click

Example = tuple[str, str]
"""A command line, and what it is for."""


class SharedOption(click.Option):
    """An option of many commands. Help lists it under a heading of its own, after the others.

    Args:
        heading: That heading.
    """

    def __init__(self, *arguments: Any, heading: str = "", **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.heading = heading


class Command(click.Command):
    """A command with examples.

    Args:
        examples: What people call it for most.
    """

    def __init__(self, *arguments: Any, examples: Sequence[Example] = (), **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.examples = tuple(examples)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, and the options by their headings."""
        if self.examples:
            with formatter.section("Examples"):
                write_examples(self.examples, formatter)
        headings: dict[str, list[tuple[str, str]]] = {"Options": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                heading = getattr(parameter, "heading", "Options")
                headings.setdefault(heading, []).append(record)
        for heading, records in headings.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)


def write_examples(examples: Sequence[Example], formatter: click.HelpFormatter) -> None:
    """A line each where there is room; else what each is for stands below it."""
    width = max(len(line) for line, _ in examples)
    indent = " " * formatter.current_indent
    lines = [f"{indent}{line:{width}}  {purpose}\n" for line, purpose in examples]
    if any(len(line) > formatter.width for line in lines):
        lines = [f"{indent}{line}\n{indent}    {purpose}\n" for line, purpose in examples]
    formatter.write("".join(lines))
