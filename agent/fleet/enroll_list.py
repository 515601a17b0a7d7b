"""Reads the list of devices that are to be enrolled.

Contract: `read_list(text)` answers the devices in the list's order, or every mistake in it with its line. Pure.
Rules: columns `id` (needed), `name`, `site`, `groups`, `tags`, in any order, divided by commas, semicolons or tabs as
the first line is; several groups or tags stand in one cell, divided by | or ;. Lines without content are passed over,
since spreadsheets write them. What a cell may hold is the schema's to say: the same check that the device makes.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.config.broker import NAME_PATTERN
from agent.config.check import check
from agent.config.kinds import quoted
from agent.config.problems import Problem
from agent.config.suggest import closest

COLUMNS = ("id", "name", "site", "groups", "tags")
# A list of more was named by mistake; each device costs a folder of files.
MOST_DEVICES = 100_000
_DIVIDERS = re.compile("[;|]")
_ID = re.compile(NAME_PATTERN)


@dataclass(frozen=True, slots=True)
class Entry:
    """One device of the list. `line`: where it stands, from 1."""

    line: int
    id: str
    name: str | None = None
    site: str | None = None
    groups: tuple[str, ...] = field(default=())
    tags: tuple[str, ...] = field(default=())

    def device_table(self) -> dict[str, Any]:
        """Its `[device]` table, without what is not set."""
        table = {"id": self.id, "name": self.name, "site": self.site, "tags": list(self.tags)}
        return {key: value for key, value in table.items() if value}


class ListError(Exception):
    """The list cannot be used. `mistakes`: all of them, each with its line."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


def read_list(text: str) -> tuple[Entry, ...]:
    """The devices in `text`; raises `ListError`."""
    rows = list(_rows(text))
    if not rows:
        raise ListError(["The list is empty: its first line names the columns, as id,name,site,groups,tags."])
    (_, heads), *rest = rows
    names = [head.strip().lower() for head in heads]
    mistakes = list(_wrong_columns(names))
    if mistakes:
        raise ListError(mistakes)
    if len(rest) > MOST_DEVICES:
        raise ListError([f"The list has {len(rest)} devices; at most {MOST_DEVICES} are taken."])
    entries: list[Entry] = []
    lines: dict[str, int] = {}
    for line, cells in rest:
        found = _entry(line, names, cells)
        if isinstance(found, Entry):
            first = lines.setdefault(found.id, line)
            mistakes += [f'line {line}: the id "{found.id}" stands on line {first} already.'] if first != line else []
            entries.append(found)
        else:
            mistakes += found
    if not entries and not mistakes:
        mistakes.append("The list names no device.")
    if mistakes:
        raise ListError(mistakes)
    return tuple(entries)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows with content, each with the line on which it begins."""
    text = text.removeprefix("\ufeff")
    head = text.lstrip("\r\n").split("\n", 1)[0]
    divider = max(",;\t", key=head.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=divider, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise ListError([f"line {line}: is not CSV: {error}."]) from None


def _wrong_columns(names: Sequence[str]) -> Iterator[str]:
    for index, name in enumerate(names):
        if name not in COLUMNS:
            meant = closest(name, COLUMNS) if name else None
            hint = f" Did you mean {meant}?" if meant else ""
            yield f"line 1: {quoted(name)} is not a column; allowed: {', '.join(COLUMNS)}.{hint}"
        elif name in names[:index]:
            yield f"line 1: the column {name} stands there twice."
    if "id" not in names:
        yield "line 1: the column id is missing."


def _entry(line: int, names: Sequence[str], cells: Sequence[str]) -> Entry | list[str]:
    if len(cells) != len(names):
        return [f"line {line}: has {len(cells)} cells, and the first line names {len(names)} columns."]
    said = {name: cell.strip() for name, cell in zip(names, cells, strict=True)}
    if _ID.fullmatch(said["id"]) is None:
        allowed = "1 to 63 lower-case letters, digits and dashes, with no dash at either end"
        return [f"line {line}: id: found {quoted(said['id'])}; allowed: {allowed}."]
    entry = Entry(
        line,
        said["id"],
        said.get("name") or None,
        said.get("site") or None,
        _several(said.get("groups", "")),
        _several(said.get("tags", "")),
    )
    return [f"line {line}: {problem}" for problem in _problems(entry)] or entry


def _several(cell: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in _DIVIDERS.split(cell) if part.strip()))


def _problems(entry: Entry) -> list[Problem]:
    """What the device itself would refuse; what the rest of its file lacks is not this list's matter."""
    tree: Mapping[str, Any] = {"device": entry.device_table(), "remote": {"groups": list(entry.groups)}}
    found = check(tree)
    if not isinstance(found, tuple):
        return []
    return [each for each in found if each.place[:1] == ("device",) or each.place[:2] == ("remote", "groups")]
