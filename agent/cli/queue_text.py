"""The answers of `queue` for people.

Contract: pure; an answer of agent.runtime.queries in, lines out.
Rules: one line an event, so that grep and a narrow terminal work; everything else is in `queue show`.
"""

from collections.abc import Mapping
from typing import Any

from agent.cli.layout import doubtful, faint, joined
from agent.cli.words import media_time, moment, plain

Part = Mapping[str, Any]

_NARROWEST = 24
_ENTRY = 10
_NAMES = ("deed", "button_name", "page_name", "page_type", "name", "role")
"""What an application's event or a spot is called, the most telling first."""


def events(answer: Part) -> list[str]:
    """The lines of `queue list`."""
    answer = plain(answer)
    shown, total = answer["events"], answer["total"]
    if not shown:
        return ["Nothing waits: every event has been delivered or passed over."]
    lines = [event_line(event) for event in shown]
    if not all(event.get("synced", True) for event in shown):
        lines.append(faint("~ the clock was not synchronised when it happened"))
    if total > len(shown):
        lines.append(faint(f"{total - len(shown):,} more; --limit and --after show them"))
    return lines


def event_line(event: Part) -> str:
    """`42  2026-11-21 18:40:03 UTC  progressed 25% at 0:15  0_abcd1234  → stats.collect`; `~`: a doubtful time."""
    entry = event.get("entry_id")
    owner = entry.ljust(_ENTRY) if entry else faint("no entry".ljust(_ENTRY))
    mark = " " if event.get("synced", True) else doubtful("~")
    line = f"{event['sequence']:>8} {mark}{moment(event['wall'])}  {happening(event):<{_NARROWEST}}  {owner}"
    waits = event.get("waits_for")
    return f"{line}  → {', '.join(waits)}" if waits else line.rstrip()


def happening(event: Part) -> str:
    """`progressed 25% at 0:15`, `engaged share-opened at 0:12`: what an event of any version says of itself."""
    fact = event.get("fact")
    head = fact.get("head") if isinstance(fact, Mapping) else None
    position = head.get("position") if isinstance(head, Mapping) else None
    detail = ""
    if isinstance(fact, Mapping):
        if fact.get("fraction") is not None:
            detail = f"{fact['fraction']:.0%}"
        elif fact.get("ending"):
            detail = str(fact["ending"])
        elif fact.get("target") is not None:
            detail = f"to {media_time(fact['target'])}"
        else:
            detail = next((str(fact[name]) for name in _NAMES if isinstance(fact.get(name), str)), "")
    where = "" if position is None else f"at {media_time(position)}"
    return " ".join(part for part in (event["kind"], detail, where) if part)


def details(answer: Part) -> list[str]:
    """The lines of `queue show`: every field that is set, nested ones indented."""
    return fields(plain(answer))


def fields(part: Part, depth: int = 0) -> list[str]:
    """A line for each field that is set, nested ones indented."""
    lines: list[str] = []
    for key, value in part.items():
        if value is None or value == [] or value == {}:
            continue
        name = "  " * depth + key
        if isinstance(value, Mapping):
            lines += [name, *fields(value, depth + 1)]
        else:
            shown = joined(str(value), moment(value)) if key in ("wall", "frozen_time") else str(value)
            lines.append(f"{name:<20} {shown}")
    return lines
