"""One item's program: the content with its spots, and what of it comes next.

Contract: `Program` is what the carousel plays through. `queue` holds the spots that play now, one after the other, in
the content's place; when it is empty the content's turn has come, or, once that is over, the next item's. No commands.
Rules: a midroll comes when playback reaches its moment, once; all of one moment play one after the other. A seek passes
over it, as over a quartile, and may come back to it. An overlay stands while the playhead is in its stretch, once.
Reasons: decisions 2 and 15.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from agent.kernel import endings
from agent.kernel.endings import Finish, Ground
from agent.kernel.media import Role
from agent.player.grouping import AFTER, BEFORE
from agent.player.items import Item, Spot
from agent.player.turn import Turn

# Samples come every 0.25 to 1 s, times the rate; further apart (media s) is a seek.
STEP_S = 2.5


@dataclass(slots=True)
class Program:
    """`time`: where the content's playhead was last seen (media s). `overlay`: what is drawn over it."""

    item: Item
    queue: list[Spot] = field(default_factory=list)
    coming: list[Spot] = field(default_factory=list)
    time: float | None = None
    overlay: Spot | None = None
    content_over: bool = False

    def __post_init__(self) -> None:
        self.queue = self._of(BEFORE)
        self.coming = self._of({Role.MIDROLL, Role.OVERLAY})

    def reached(self, time: float) -> list[Spot]:
        """The content's playhead is at `time` (media s): the midrolls whose moment was reached by playing."""
        before = (self.item.media.start or 0.0) if self.time is None else self.time
        self.time = time
        if not 0.0 <= time - before <= STEP_S:
            return []
        return self._taken(
            spot for spot in self.coming if spot.item.media.role is Role.MIDROLL and before <= spot.at <= time
        )

    def overlay_due(self) -> Spot | None:
        """The overlay that should be seen where the playhead is; the latest begun of several."""
        if self.time is None:
            return None
        time, seen = self.time, [] if self.overlay is None else [self.overlay]
        overlays = [spot for spot in self.coming if spot.item.media.role is Role.OVERLAY] + seen
        now = [spot for spot in overlays if spot.at <= time < spot.at + spot.seconds]
        return max(now, key=lambda spot: spot.at, default=None)

    def show(self, overlay: Spot | None) -> None:
        """`overlay` is drawn, or what was is taken away."""
        self.overlay = overlay
        self._taken(spot for spot in self.coming if spot is overlay)

    def end_content(self, turn: Turn) -> list[Spot]:
        """The content is over: the spots whose moment it never came to. What follows it follows its end only."""
        self.content_over, self.overlay = True, None
        media, time = self.item.media, turn.time or 0.0
        ground = Ground(media, turn.length if turn.length > 0 and not media.live else None)
        if endings.judge(ground, time) is Finish.EARLY:
            return []
        self.queue = self._of(AFTER)
        return [spot for spot in self.coming if spot.at > time]

    def place(self, spot: Spot) -> int:
        """Which of the item's spots it is, from 1."""
        return next(place for place, each in enumerate(self.item.spots, 1) if each is spot)

    def _of(self, roles: Iterable[Role]) -> list[Spot]:
        wanted = frozenset(roles)
        return [spot for spot in self.item.spots if spot.item.media.role in wanted]

    def _taken(self, spots: Iterable[Spot]) -> list[Spot]:
        taken = sorted(spots, key=lambda spot: spot.at)
        self.coming = [spot for spot in self.coming if not any(spot is each for each in taken)]
        return taken
