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
        doubt = _doubt(display)
        return bad(word) if doubt is None else faint(f"{word} ({doubt})")
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
            _hours(display),
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


def _doubt(display: Part) -> str | None:
    """Why a screen that is off may be so."""
    should = display.get("should_be_on", True)
    return "hours unknown" if should is None else None if should else "closed"


def _hours(display: Part) -> str | None:
    match _doubt(display):
        case "closed":
            return "outside its hours"
        case "hours unknown":
            return "whether it should be on is unknown: the clock is not synchronised"
        case _:
            return None


def _connector(each: Part) -> str:
    link, enabled = str(each.get("link")), each.get("enabled")
    return joined(
        str(each.get("name") or "?"),
        _LINKS.get(link, "monitor unknown"),
        None if enabled is None else "in use" if enabled else "not in use",
        f"power {each.get('power') or 'unknown'}",
        f"driver {each['driver']}" if each.get("driver") else None,
    )
