"""What `status` says of the screen.

Contract: `screen_word` is a few words for the short report, None where the agent says nothing of it; `display_lines`
are the long report's. Pure. Rules: as agent.cli.status_text.
"""

from collections.abc import Mapping
from typing import Any

from agent.cli.layout import bad, doubtful, faint, good, joined
from agent.cli.words import count, span

Part = Mapping[str, Any]

_LINKS = {"connected": "monitor there", "disconnected": "no monitor"}


def screen_word(display: Part) -> str | None:
    """display on, off and since when, or unknown."""
    state = display.get("state")
    if state == "off":
        lasts = display.get("for_s")
        word = "display off" if lasts is None else f"display off for {span(lasts)}"
        return faint(f"{word} (closed)") if display.get("should_be_on") is False else bad(word)
    return None if state is None else f"display {state}"


def display_lines(display: Part) -> list[str]:
    """What is known, of what, and what follows."""
    state = display.get("state")
    if state is None:
        return []
    word = {"on": good, "off": bad}.get(str(state), faint)(str(state))
    lasts, left_out = display.get("for_s"), display.get("left_out") or 0
    lines = [
        joined(
            word,
            display.get("why"),
            None if lasts is None else f"for {span(lasts)}",
            "outside its hours" if display.get("should_be_on") is False else None,
        )
    ]
    lines += [_connector(each) for each in display.get("connectors") or []]
    television = display.get("television") or {}
    if television:
        trouble = television.get("trouble")
        said = f"television says {television['said']}" if television.get("said") else "television says nothing"
        lines.append(joined(said, doubtful(str(trouble)) if trouble else None))
        lines += [faint("→ ") + str(television["remedy"])] if television.get("remedy") else []
    if left_out:
        lines.append(f"left out: {count(left_out, 'play')} on a dark screen, told to no destination")
    return lines


def _connector(each: Part) -> str:
    link, enabled = str(each.get("link")), each.get("enabled")
    return joined(
        str(each.get("name") or "?"),
        _LINKS.get(link, "monitor unknown"),
        None if enabled is None else "in use" if enabled else "not in use",
        f"power {each.get('power') or 'unknown'}",
        f"driver {each['driver']}" if each.get("driver") else None,
    )
