"""What a command has to say is a value; a view says it.

    work ─▶ value ─▶ view ─▶ pieces: text for stdout and text for stderr, in their order

A command has a view for people and, with `--format json`, one for programs; both are given the same
values. A view prints nothing: `kcplan.cli.printing` prints its pieces. What a value looks like as
text, Markdown, HTML or JSON is the business of `kcplan.render`.
"""
