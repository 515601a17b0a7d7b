"""Ledgers in memory, and plays for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import strategies as st

from agent.kernel.display import Shown
from agent.kernel.events import Ending
from agent.kernel.plays import ChainFault, ChainHead, Delivered, Play, PlayFacts, Verified
from tests.support.outbox import WALL

SINKS = ("stats.collect", "trackEvent")


def a_play(number: int, began: float = WALL, **changes: object) -> Play:
    """A clip of half a minute that was played whole and delivered; `changes` of its facts, or of the line itself."""
    own = {name: changes.pop(name) for name in ("is_estimated", "delivered") if name in changes}
    facts = {
        "session": f"session-{number}",
        "item": "file:///srv/media/welcome.mp4",
        "entry_id": "0_welcome1",
        "boot_id": "boot",
        "began": 10.0,
        "ended": 40.0,
        "is_started": True,
        "played": 29.97,
        "duration": 30.0,
        "is_complete": True,
        "ending": Ending.COMPLETED,
        "shown": Shown.ON,
        "dark_s": 0.0,
        "is_left_out": False,
        "last": number * 7,
        **changes,
    }
    line = {"is_estimated": False, "delivered": (Delivered("stats.collect", began + 60),), **own}
    return Play(number, PlayFacts(**facts), began, began + 30.0, **line)  # type: ignore[arg-type]


@dataclass
class MemoryLedger:
    """What reports read of a store. `asked`: how often lines were read. `copied`: up to which they are another's."""

    lines: Sequence[Play] = ()
    generation: str = "6f1c8a52-0b0e-4f57-9a40-0d6c1f1f2a33"
    faults: tuple[ChainFault, ...] = ()
    asked: list[int] = field(default_factory=list)
    copied: int = 0

    def plays(self, after: int = 0, limit: int = 100) -> list[Play]:
        self.asked.append(limit)
        return [play for play in self.lines if play.number > after][:limit]

    def play_chain(self) -> ChainHead:
        last = self.lines[-1].number if self.lines else 0
        return ChainHead(last, f"{last:064x}", self.lines[0].number if self.lines else last + 1, self.copied)

    def verify_plays_slice(self, seen: Verified) -> Verified:
        """Two lines at a time."""
        reached = min(seen.number + 2, self.play_chain().number)
        found = tuple(fault for fault in self.faults if seen.number < fault.number <= reached)
        return Verified(reached, f"{reached:064x}", found, is_over=reached == self.play_chain().number)


plays = st.builds(
    lambda began, sinks, **facts: a_play(
        1,
        began,
        **facts,
        delivered=tuple(Delivered(sink, at) for sink, at in sinks.items()),
    ),
    st.floats(WALL, WALL + 6 * 86_400),
    st.dictionaries(st.sampled_from(SINKS), st.none() | st.just(WALL), max_size=2),
    entry_id=st.none() | st.sampled_from(["0_a", "0_b"]),
    item=st.sampled_from(["file:///a.mp4", "file:///b.mp4"]),
    is_started=st.booleans(),
    played=st.floats(0, 1e6),
    is_complete=st.booleans(),
    ending=st.sampled_from(Ending),
    shown=st.sampled_from(Shown),
    dark_s=st.floats(0, 1e4),
    is_left_out=st.booleans(),
    is_estimated=st.booleans(),
)
"""Any plays, within a week."""


def numbered(found: Sequence[Play], first: int = 1) -> list[Play]:
    """The same in the order of their times, with the numbers of a ledger."""
    ordered = sorted(found, key=lambda play: play.began)
    return [
        Play(number, play.facts, play.began, play.ended, play.is_estimated, play.delivered)
        for number, play in enumerate(ordered, first)
    ]
