"""What the projection remembers of the playback on the screen: its state between two events.

Contract: `written` and `Memory.read` are inverse; the empty text is an empty memory. Only what differs from its
default is written, so a later version reads an earlier one's, and an unknown name is passed over.
Reasons: decision 1 (the state commits when an event settles, so a crash repeats nothing).
"""

import json
from dataclasses import dataclass, fields

from agent.kernel.heartbeat import IDLE, ticks


@dataclass(frozen=True, slots=True)
class Memory:
    """One viewing, as the reference player counts it. Times in boot-time seconds, sums in seconds.

    `own`: the session's id; `wire`: the one it is sent under, an earlier one's where it is a replay. `unseen`: its
    opening was never seen. `index`: the last eventIndex. `fired`: how many of the quartiles are behind it. `opened_at`,
    `can_play` (s), `began_at`: as far as it has come. `paused_at`: since when it is paused; `expired`: so long that the
    viewing counts as another one. `played`: media seconds of the session as last heard; playTimeSum is `played` less
    `base`, `viewed` the last one told. `buffered`: waits that are over; `told_buffered`: how much of them VIEWs have
    told. `stalled_at`: since when it waits; `in_pair`: BUFFER_START was told, its end was not.
    """

    own: str = ""
    wire: str = ""
    unseen: bool = False
    live: bool = False
    delivery: str = ""
    index: int = 0
    fired: int = 0
    opened_at: float = 0.0
    can_play: float | None = None
    began_at: float | None = None
    is_replay: bool = False
    paused_at: float | None = None
    expired: bool = False
    played: float = 0.0
    base: float = 0.0
    viewed: float | None = None
    buffered: float = 0.0
    told_buffered: float = 0.0
    stalled_at: float | None = None
    sought: float = -1.0
    in_pair: bool = False
    captions_off: bool = False
    fullscreen: bool | None = None

    @staticmethod
    def read(state: str) -> "Memory":
        """The memory that `written` wrote."""
        known = {field.name for field in fields(Memory)}
        return Memory(**{name: value for name, value in (json.loads(state) if state else {}).items() if name in known})

    def written(self) -> str:
        """This memory as text; "" where there is nothing to remember."""
        plain = {each.name: value for each in fields(self) if (value := getattr(self, each.name)) != each.default}
        return json.dumps(plain, separators=(",", ":")) if plain else ""

    @property
    def play_time(self) -> float:
        """playTimeSum."""
        return round(self.played - self.base, 3)

    def buffer_sum(self, at: float) -> float:
        """bufferTimeSum at the moment `at`."""
        waiting = 0.0 if self.stalled_at is None else max(at - self.stalled_at, 0.0)
        return round(self.buffered + waiting, 3)

    def buffer_time(self, at: float) -> float:
        """bufferTime at the moment `at`: what of the sum no VIEW has told yet."""
        return round(max(self.buffer_sum(at) - self.told_buffered, 0.0), 3)

    def idles(self, at: float) -> bool:
        """Whether the present pause has just lasted so long that the viewing counts as another one from now on."""
        if self.paused_at is None or self.expired:
            return False
        return ticks(self.began_at, at) - ticks(self.began_at, self.paused_at) >= IDLE
