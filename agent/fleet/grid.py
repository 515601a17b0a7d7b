"""A table on a terminal.

Contract: `grid(head, rows, width)` answers its lines; pure. `width` None: nothing is cut.
Rules: columns as wide as their widest cell; the last one takes what is left of the width and goes on in the next lines,
under itself. Cells may hold colours, which have no width; wide characters (CJK) take two places.
"""

import textwrap
import unicodedata
from collections.abc import Sequence

import click

_GAP = "  "
_NARROWEST = 24
_WIDEST_CELL = 40


def grid(head: Sequence[str], rows: Sequence[Sequence[str]], *, width: int | None) -> list[str]:
    """The table's lines, its head first."""
    cells = [list(head), *([_cut(cell) for cell in row[:-1]] + [row[-1]] for row in rows)]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(head) - 1)]
    left = None if width is None else max(_NARROWEST, width - sum(widths) - len(_GAP) * len(widths))
    lines = []
    for index, row in enumerate(cells):
        first, *more = _wrapped(row[-1], left)
        begun = _GAP.join([_padded(cell, wide) for cell, wide in zip(row, widths, strict=False)] + [first]).rstrip()
        lines.append(click.style(begun, bold=True) if index == 0 else begun)
        indent = " " * (sum(widths) + len(_GAP) * len(widths))
        lines += [indent + line for line in more]
    return lines


def _wrapped(cell: str, width: int | None) -> list[str]:
    """The lines of the last cell; a coloured one is not divided."""
    if width is None or _width(cell) <= width or click.unstyle(cell) != cell:
        return [cell]
    return textwrap.wrap(cell, width) or [""]


def _cut(cell: str) -> str:
    return cell if _width(cell) <= _WIDEST_CELL or click.unstyle(cell) != cell else f"{cell[: _WIDEST_CELL - 1]}…"


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(cell: str) -> int:
    text = click.unstyle(cell)
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )
