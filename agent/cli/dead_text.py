"""Dead letters for people.

Contract: pure; an answer of `queue.dead.list` or `queue.dead.show` (agent.runtime.queries) in, lines out.
Rules: one line a letter, so that grep and a narrow terminal work; the rest is in `queue dead show`. What a server said
is shown whole and without control characters.
"""

from collections.abc import Mapping
from typing import Any

from agent.cli.layout import bad, doubtful, faint, joined, paragraphs, section
from agent.cli.queue_text import fields, happening
from agent.cli.words import count, moment, plain

Part = Mapping[str, Any]


def letters(answer: Part) -> list[str]:
    """The lines of `queue dead list`."""
    answer = plain(answer)
    shown, total = answer["letters"], answer["total"]
    if not shown:
        return ["No dead letters: nothing was refused for good."]
    lines = [_line(letter) for letter in shown]
    if total > len(shown):
        lines.append(faint(f"{total - len(shown):,} more; --limit and --after show them"))
    lines.append(faint("kiosk-agent queue dead show NUMBER tells why; retry sends it again; discard throws it away"))
    return lines


def _line(letter: Part) -> str:
    event = letter["event"]
    what = f"{letter['sink']}  {letter['message']}  {bad(letter['code'])}  {event.get('entry_id') or 'no entry'}"
    return f"{letter['number']:>6}  {moment(event['wall'])}  {what}"


def details(letter: Part) -> list[str]:
    """The lines of `queue dead show`."""
    letter = plain(letter)
    event = letter["event"]
    refused = [
        joined(f"{letter['number']}", letter["sink"], letter["message"], bad(letter["code"])),
        letter["answer"],
        f"answered with an error {count(letter['attempts'], 'time')}" if letter.get("attempts") else "",
    ]
    identity = event["identity"]
    owner = [
        joined(event.get("entry_id") or doubtful("no entry"), event.get("media_uri")),
        f"session {event['session_id']}" if event.get("session_id") else "no session",
        faint(f"event {identity['sequence']} of generation {identity['generation']}, part {letter['part']}"),
    ]
    sent = [f"{name:<16} {value}" for name, value in (letter.get("fields") or {}).items()]
    return paragraphs(
        section("refused", [line for line in refused if line]),
        section("event", [happening(event), *owner]),
        section("time", _times(event)),
        section("sent", sent or [faint("not known: it was refused under an earlier version")]),
        section("stored", fields({key: value for key, value in event.items() if key not in _SAID})),
    )


_SAID = ("kind", "identity", "sequence", "wall", "synced", "frozen_time", "entry_id", "media_uri", "session_id")


def _times(event: Part) -> list[str]:
    """When it happened and with which time it was sent, and how far each can be trusted."""
    happened, sent = event["wall"], event.get("frozen_time")
    if not event.get("synced", True):
        lines = [f"{moment(happened)} {doubtful('~ the clock was not synchronised')}"]
        return lines if sent is None else [*lines, f"{moment(sent)} sent, {doubtful('estimated')}"]
    if sent is None or sent == happened:
        return [f"{moment(happened)} exact"]
    return [f"{moment(happened)} exact", f"{moment(sent)} sent, moved behind the event before it"]
