"""JSON Schemas of the files that people write, for the editors that they write them in."""

from typing import Final

OF_SHAPE: Final = frozenset(
    "empty-entry missing-name missing-realm name-too-long unknown-field wrong-type".split()
)
"""The codes of the errors that the schemas find as well. What they do not find takes more than one
value to see, or another file: references, variables, rules across fields."""
