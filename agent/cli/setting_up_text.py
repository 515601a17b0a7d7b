"""What setup says, in words.

Contract: pure functions, values in, lines out.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import assert_never

from agent.cli.layout import bad, doubtful, faint, good
from agent.cli.words import count, plain
from agent.runtime.checks.finding import Finding, Level
from agent.runtime.setup.arrival import Absent, Arrived, Waiting
from agent.runtime.setup.image import Stock
from agent.runtime.setup.questions import Question, Way

_STYLES = {Level.OK: good, Level.WARN: doubtful, Level.FAIL: bad}
_WIDTH = 15

INTRODUCTION = (
    "This sets the kiosk up, and shows that a first event arrives at Kaltura.",
    "Enter takes what stands in [brackets]; - leaves an answer empty. No setting is written before the end.",
    "",
)
_MEDIA_HELP = (
    "A file, a folder, an M3U list or a URL, one a line, with its Kaltura entry behind it, as in",
    "  /srv/media/welcome.mp4 0_abcd1234",
    "or: demo 0_abcd1234, which makes a picture to try it with. An empty line ends the list.",
)


def finding_lines(finding: Finding) -> list[str]:
    """One finding, as `doctor` shows it."""
    level = _STYLES[finding.level](f"{finding.level.value:<4}")
    lines = [f"{level}  {finding.subject:<{_WIDTH}}{plain(finding.text)}"]
    if finding.remedy:
        lines.append(f"      {'':<{_WIDTH}}{faint('→')} {plain(finding.remedy)}")
    return lines


def question_help(question: Question) -> list[str]:
    """What a person must know before answering."""
    if question.way is Way.LINES:
        return list(_MEDIA_HELP)
    return [faint(f"  one of: {', '.join(question.choices)}")] if question.choices else []


def missing_text(questions: Sequence[Question]) -> str:
    """What was to be said on the command line."""
    named = ", ".join(f"{each.option} ({each.text[:1].lower()}{each.text[1:]})" for each in questions)
    return f"Nobody can be asked here, so say: {named}."


def arrival_lines(found: Arrived | Waiting | Absent, waited_s: float) -> list[str]:
    """How the wait for the first event ended."""
    match found:
        case Arrived(sink, medium, entry):
            what = f" ({medium} plays" + (f", as entry {entry})" if entry else ")") if medium else ""
            return [good("The first event was delivered") + f" to {sink}{plain(what)}. This kiosk is set up."]
        case Waiting(why):
            return [bad(f"No event was delivered within {waited_s:.0f} s: ") + plain(why) + ". What doctor says:"]
        case Absent(why):
            return [bad("The agent does not answer: ") + plain(why) + ". What doctor says:"]
        case _:
            assert_never(found)


def replaced_lines(device_id: str, *, had_question: bool, state_dir: Path) -> list[str]:
    """What it means to take another device's place."""
    first = (
        f"This board is {device_id} from now on; the card's unsent events are delivered as its own."
        if had_question
        else f"This kiosk is {device_id} from now on, and counts its events anew (a generation of its own)."
    )
    return [
        first,
        f"The old board must not run as {device_id} again. What its card holds unsent can be carried over:",
        f"  kiosk-agent queue export, with --state-dir on the old card's {state_dir}; then queue import in the office.",
    ]


def stock_text(stock: Stock) -> str:
    """What would be lost with a store."""
    if stock.broken is not None:
        return f"nobody can say what it holds: {stock.broken}"
    parts = [count(stock.unsent, "unsent event")] if stock.unsent else []
    return " and ".join([*parts, *([count(stock.letters, "refused message")] if stock.letters else [])])
