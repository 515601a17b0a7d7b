"""All 24 recorded scenarios of the reference player through our own tracker, sink and wire.

The recordings' facts become signals (tests/support/web_player.py), the tracker tells what they mean, and the sink sends
it to the analytics server's stand-in, whose clock is the scenario's. What was logged there is compared with what the
player sent. Each difference stands in `DIFFERENCES`, and in the table of the destination's page, with its reason.

A difference is a word: `-PAUSE` was sent by the player only, `+VIEW` by us only, `@SEEK` at another time, and
`VIEW.bufferTime` has another value.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest

from agent.kernel import codec
from agent.kernel.verdict import Delivered
from agent.sinks.http.client import Wire
from agent.sinks.kaltura.sessions import NoSession
from agent.sinks.track_event.kinds import Kind
from agent.sinks.track_event.player import MILESTONES
from agent.sinks.track_event.projection import Rules
from agent.sinks.track_event.sink import TrackEvent, TrackSettings
from tests.support.playback import scenarios, stored
from tests.support.web_player import BEGAN, told
from tests.support.wires import PATIENT
from tools.standin.analytics import Analytics

PAGE = Path(__file__).parents[3] / "agent" / "sinks" / "track_event" / "README.md"
TOLERANCE = 0.011
"""The milliseconds of the translation, and ten for the plugin's sums."""

FIELDS = frozenset(
    {
        "eventIndex",
        "position",
        "playbackType",
        "playbackSpeed",
        "playTimeSum",
        "bufferTime",
        "bufferTimeSum",
        "joinTime",
        "canPlay",
        "targetPosition",
        "caption",
        "soundMode",
        "screenMode",
        "errorCode",
        "errorPosition",
        "sessionStartTime",
    }
)
"""What the recordings hold (PLAYERS.md)."""

ALL = {line["id"] for line in scenarios()}
ENDED = {line["id"] for line in scenarios() if any(fact[1] == "ended" for fact in line["script"])}
REPLAYS = {"replay_after_end", "replay_without_seek_fact"}


@dataclass(frozen=True)
class Difference:
    """One row of the page's table: its first words, and what it means in each scenario that it names."""

    matter: str
    words: dict[str, str]


DIFFERENCES = [
    Difference(
        "IMPRESSION", dict.fromkeys(ALL, "@IMPRESSION") | {"stop_midway_new_media": "@IMPRESSION sessionStartTime"}
    ),
    Difference("pause at the natural end", dict.fromkeys(ENDED, "-PAUSE")),
    Difference(
        "moment of a SEEK",
        {
            "seek_forward_past_quartiles": "@SEEK PLAY_REACHED_25_PERCENT.position PLAY_REACHED_50_PERCENT.position",
            "seek_with_rebuffering": "@SEEK @PLAY_REACHED_25_PERCENT @PLAY_REACHED_50_PERCENT "
            "PLAY_REACHED_25_PERCENT.position PLAY_REACHED_50_PERCENT.position",
            "seek_back_recross": "@SEEK",
        },
    ),
    Difference(
        "scrubbing",
        {
            "seek_several_quick": "-SEEK @SEEK SEEK.position SEEK.targetPosition "
            "-VIEW +VIEW @VIEW VIEW.position VIEW.playTimeSum eventIndex"
        },
    ),
    Difference(
        "beginning of a REPLAY",
        {
            "replay_after_end": "-SEEK -BUFFER_START -BUFFER_END VIEW.bufferTime VIEW.bufferTimeSum eventIndex",
            "replay_without_seek_fact": "-BUFFER_START -BUFFER_END REPLAY.position +VIEW eventIndex",
        },
    ),
    Difference("wait for the first picture", {"initial_buffering": "@BUFFER_START"}),
    Difference(
        "stall",
        {
            "stall_mid": "@BUFFER_START BUFFER_START.position VIEW.bufferTime VIEW.bufferTimeSum",
            "stall_25s": "@BUFFER_START BUFFER_START.position VIEW.bufferTime VIEW.bufferTimeSum VIEW.position",
            "error_mid_stream": "@BUFFER_START BUFFER_START.position ERROR.position +VIEW -VIEW",
        },
    ),
    Difference("fatal error in a stall", {"error_mid_stream": "+BUFFER_END eventIndex"}),
    Difference("errorCode", {"error_mid_stream": "ERROR.errorCode", "error_before_play": "ERROR.errorCode"}),
    Difference(
        "PLAY_REQUEST of what cannot be played", {"error_before_play": "+PLAY_REQUEST eventIndex sessionStartTime"}
    ),
    Difference("caption", {"captions": "CAPTIONS.caption VIEW.caption PAUSE.caption"}),
    Difference("live", {"live_60s": "PLAY.joinTime VIEW.playTimeSum"}),
]


@dataclass(frozen=True)
class Row:
    """One event: seconds of the scenario, number, and the recorded fields as text."""

    at: float
    kind: Kind
    fields: dict[str, str]


def recorded(line: dict[str, Any]) -> list[Row]:
    """What the player sent."""
    return [
        Row(row["t"], Kind(row["eventType"]), {k: str(v) for k, v in row["fields"].items() if v is not None})
        for row in line["kava"]
    ]


def sent(line: dict[str, Any]) -> list[Row]:
    """What we send."""
    now = [0.0]
    with Analytics(clock=lambda: now[0]) as analytics:
        analytics.want_views((line.get("reply") or {}).get("view_events_enabled", True))
        wire = Wire(user_agent="kiosk-agent/0", monotonic=time.monotonic, timeouts=PATIENT)
        sink = TrackEvent(TrackSettings(analytics.url, "k", Rules(player_events=True)), wire, session=NoSession())
        state = ""
        for sequence, event in enumerate(told(line, MILESTONES), start=1):
            now[0] = event.at - BEGAN
            kind, body = codec.encode(event)
            as_stored = replace(stored(event, sequence), kind=kind, body=body)
            part = 0
            while part < len((found := sink.project(state, as_stored, time=event.at, age=0.0)).messages):
                assert isinstance(sink.send(found.messages[part], attempt=0), Delivered)
                part += 1
            state = found.state
        sink.close()
        return [
            Row(each["received"], Kind(each["eventType"]), {k: v for k, v in each.items() if k in FIELDS})
            for each in analytics.events
        ]


def words(theirs: list[Row], ours: list[Row]) -> Iterator[str]:
    """The differences."""
    matcher = SequenceMatcher(a=[row.kind for row in theirs], b=[row.kind for row in ours], autojunk=False)
    for change, first, last, begin, end in matcher.get_opcodes():
        if change == "equal":
            for one, other in zip(theirs[first:last], ours[begin:end], strict=True):
                yield from _unlike(one, other)
        else:
            yield from (f"-{row.kind.name}" for row in theirs[first:last])
            yield from (f"+{row.kind.name}" for row in ours[begin:end])


def _unlike(one: Row, other: Row) -> Iterator[str]:
    if abs(one.at - other.at) > TOLERANCE:
        yield f"@{one.kind.name}"
    for name in sorted((one.fields.keys() | other.fields.keys()) & FIELDS):
        values = one.fields.get(name), other.fields.get(name)
        if not _near(*values):
            yield name if name in ("eventIndex", "sessionStartTime") else f"{one.kind.name}.{name}"


def _near(one: str | None, other: str | None) -> bool:
    try:
        return abs(float(one or "") - float(other or "")) <= TOLERANCE
    except ValueError:
        return one == other


@pytest.mark.parametrize("line", scenarios(), ids=lambda line: str(line["id"]))
def test_a_recorded_scenario_gives_what_the_player_sent_but_for_the_known_differences(line: dict[str, Any]) -> None:
    """Kaltura's reports are made for its own player; whoever compares the two must find nothing unexplained."""
    known = {word for each in DIFFERENCES for word in each.words.get(line["id"], "").split()}
    assert known == set(words(recorded(line), sent(line)))


def test_the_page_lists_the_same_differences_with_the_same_scenarios() -> None:
    """A reader of the page must be able to look each difference up in the recordings, and find no other."""
    section = PAGE.read_text(encoding="utf-8").split("## Differences", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| ([^|]+?) \|[^|]*\|[^|]*\| ([^|]+?) \|$", section, flags=re.MULTILINE)
    listed = {matter: set(re.findall(r"`(\w+)`", names)) or _group(names) for matter, names in rows[1:]}
    assert {each.matter: set(each.words) for each in DIFFERENCES} == {k: v for k, v in listed.items() if v}


def _group(names: str) -> set[str]:
    return {"all": ALL, "all that end": ENDED}.get(names, set())
