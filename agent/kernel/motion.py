"""How the playhead moves: what it should have covered, what it has covered, and where it stands.

Contract: `advance` is told the time, `take` each sample; the rest are questions. Boot-time and media times in seconds.
Rules: `ran` is the media time that playing should have covered: time on the clock without pauses, times the rate.
A sample belongs to the current stretch when it is not further ahead of its front than `ran` allows plus `LEAP`.
Otherwise the playhead jumped without saying why, and a new stretch begins. What the player reports backwards (HLS does,
by up to 4.2 s) does not move the front back.
Reasons: vlc.md R2 to R4 and section 3. The tolerances were found on recordings of one build of VLC with null outputs
and are to be checked again on hardware.
"""

from dataclasses import dataclass

from agent.kernel.segments import Segments, add

STILL = 0.005
"""A sample that is not more than this (s) beyond the last one is no progress: frozen HLS repeats its value (R3)."""

LEAP = 1.5
"""How far (s) a sample may be ahead of the clock: HLS steps by 1 s, an unknown rate of 4 by 1.25 s (R4)."""

GLIDE = 0.6
"""How far (s of clock) the position is carried on beyond the last sample: samples come every 0.25 to 0.5 s."""

BACK = 0.5
"""A sample further behind the front than this (s) begins a new stretch: about one sampling step."""

BACK_ADAPTIVE = 5.0
"""The same for HLS and DASH: jumps back of 4.2 s without a seek were recorded."""


@dataclass(slots=True)
class Motion:
    """The playhead of one session. Its fields are the checkpoint's; nothing else may set them.

    `clock`: until when `ran` has been counted. `time`: the last sample, taken when `ran` was `time_ran`. `moved_at`:
    when it last progressed. `start`, `front`: the current stretch. `watched`: the earlier ones.
    """

    rate: float = 1.0
    running: bool = False
    clock: float = 0.0
    ran: float = 0.0
    time: float | None = None
    time_ran: float = 0.0
    moved_at: float = 0.0
    start: float = 0.0
    front: float = 0.0
    front_ran: float = 0.0
    played: float = 0.0
    watched: Segments = ()

    def advance(self, now: float) -> None:
        """Count the time until `now`."""
        if self.running and now > self.clock:
            self.ran += (now - self.clock) * self.rate
        self.clock = max(self.clock, now)

    def position(self) -> float | None:
        """Where the playhead stands: the last sample, carried on a little while it runs."""
        if self.time is None:
            return None
        return self.time + min(self.ran - self.time_ran, GLIDE * self.rate)

    def expected(self) -> float:
        """Media seconds that should have passed since the last sample."""
        return self.ran - self.time_ran

    def begin(self, at: float, *, ran: float) -> None:
        """A stretch begins at the media time `at`, where the playhead was when `ran` had been counted."""
        self.start = self.front = self.time = at
        self.front_ran = self.time_ran = ran

    def take(self, time: float, *, adaptive: bool) -> bool:
        """A sample. True when it is progress."""
        progress = self.time is None or time > self.time + STILL
        ahead = time - self.front
        if ahead > self.ran - self.front_ran + LEAP or ahead < -(BACK_ADAPTIVE if adaptive else BACK):
            self.jump(time)
        elif ahead > 0:
            self._reach(time)
        self.time, self.time_ran = time, self.ran
        if progress:
            self.moved_at = self.clock
        return progress

    def jump(self, target: float) -> None:
        """The stretch is over; another begins at `target`."""
        self.watched = add(self.watched, self.start, self.front)
        self.begin(target, ran=self.ran)

    def finish(self, end: float) -> None:
        """Playback came to its natural end at `end`, which no sample ever reaches."""
        if end > self.front:
            self._reach(end)
        self.time, self.time_ran, self.running = end, self.ran, False

    def segments(self) -> Segments:
        """All stretches, the current one included."""
        return add(self.watched, self.start, self.front)

    def _reach(self, time: float) -> None:
        # A sum of steps, each a little ahead of the clock, must not add up to more than there was time for.
        self.played = min(self.played + time - self.front, self.ran + LEAP)
        self.front, self.front_ran = time, self.ran
