"""A table on a terminal.

Contract: `grid(head, rows, width)` answers its lines; pure. `width` None: nothing is cut.
Rules: columns as wide as their widest cell; the last one takes what is left of the width and goes on in the next lines,
under itself; where too little is left, it stands below its row. Cells may hold one colour, which has no width; wide
characters (CJK) take two places.
"""

import re
import textwrap
import unicodedata
from collections.abc import Sequence

import click

_GAP = "  "
# Less than this is no room for a sentence.
_NARROWEST = 40
_INDENT = 4
_WIDEST_CELL = 40
_COLOURED = re.compile(r"(\x1b\[[0-9;]*m)(.*)(\x1b\[0m)", re.DOTALL)


def grid(head: Sequence[str], rows: Sequence[Sequence[str]], *, width: int | None) -> list[str]:
    """The table's lines, its head first."""
    cells = [list(head), *([_cut(cell) for cell in row[:-1]] + [row[-1]] for row in rows)]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(head) - 1)]
    taken = sum(widths) + len(_GAP) * len(widths)
    is_beside = width is None or width - taken >= _NARROWEST
    indent = taken if is_beside else _INDENT
    lines = []
    for index, row in enumerate(cells):
        begun = [_padded(cell, wide) for cell, wide in zip(row, widths, strict=False)]
        wrapped = _wrapped(row[-1], None if width is None else width - indent)
        first = wrapped.pop(0) if is_beside and wrapped else ""
        line = _GAP.join([*begun, first]).rstrip()
        lines.append(click.style(line, bold=True) if index == 0 else line)
        lines += [" " * indent + more for more in wrapped if index or is_beside]
    return lines


def _wrapped(cell: str, width: int | None) -> list[str]:
    """The lines of the last cell, each in its colour."""
    coloured = _COLOURED.fullmatch(cell)
    begin, text, end = coloured.groups() if coloured else ("", cell, "")
    lines = [text] if width is None else textwrap.wrap(text, width)
    return [f"{begin}{line}{end}" for line in lines if line]


def _cut(cell: str) -> str:
    return cell if _width(cell) <= _WIDEST_CELL or click.unstyle(cell) != cell else f"{cell[: _WIDEST_CELL - 1]}…"


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(cell: str) -> int:
    text = click.unstyle(cell)
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )
