"""Reads TOML text, and says where it is broken so that a person finds the spot.

Contract: `parse` answers the tree, or one `Problem` with the line, its column and the line itself (masked: a secret
may stand on it).
"""

import re
import tomllib
from typing import Any

from agent.config.problems import Origin, Problem
from agent.config.redact import masked_line

_POSITION = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")
_QUOTED_LENGTH = 120
# What people get wrong, by how Python's reader names it.
_REMEDIES = (
    ("Invalid value", "A text stands in quotation marks; true and false are written small."),
    ("Unescaped '\\'", "In a path with backslashes use single quotation marks: 'C:\\media'."),
    ("Invalid hex value", "In a path with backslashes use single quotation marks: 'C:\\media'."),
    ("Cannot overwrite a value", "The key or table is written twice; keep one."),
    ("Cannot declare", "The table is written twice; join both, or use [[double brackets]] for a list of tables."),
    ("Expected newline", "One setting a line; a text that goes on needs its closing quotation mark."),
    ("Illegal character '\\n'", "The closing quotation mark is missing."),
)


def parse(text: str, name: str) -> dict[str, Any] | Problem:
    """The tree of a TOML text; `name` is the file's, for the problem's origin."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        return Problem((), "is nested too deeply to be read", origin=Origin(name))
    except ValueError as error:
        return _broken(text, name, str(error))


def _broken(text: str, name: str, message: str) -> Problem:
    text = text.replace("\r\n", "\n")
    rows = text.split("\n")
    found = _POSITION.search(message)
    words = _POSITION.sub("", message)
    remedy = next((remedy for begin, remedy in _REMEDIES if words.startswith(begin)), None)
    if found is None:
        return Problem((), f"is not valid TOML: {words}", remedy=remedy, origin=Origin(name))
    line = int(found["line"] or text.rstrip().count("\n") + 1)
    column = int(found["column"] or len(rows[line - 1]) + 1)
    row = rows[line - 1]
    shown = masked_line(row)
    quote = f"    {shown[:_QUOTED_LENGTH]}"
    # A mark under a masked line would stand under the wrong character.
    if shown == row and column <= _QUOTED_LENGTH:
        indent = "".join(each if each == "\t" else " " for each in row[: column - 1])
        quote += f"\n    {indent}^"
    what = f"is not valid TOML at column {column}: {words[:1].lower()}{words[1:]}"
    return Problem((), what, remedy=remedy, origin=Origin(name, line), quote=quote)
