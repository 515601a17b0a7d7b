"""How long to wait before the next try.

Contract: `delay` is a function of what happened and of one number of chance from outside; it keeps no state.
Rules: first the pace's quick tries, exactly as given, then decorrelated jitter: between the base and three times the
delay before, never above the ceiling. `jitter` is a number from 0 up to, but not including, 1.
Reasons: the guide (11.3) asks for tries after 1, 2 and 4 s. After that, devices that lost the same server must not
come back in step, and doubling alone keeps them in step. Nothing is ever doubled without a bound: a week of doublings
overflows a float (house rule 8).
"""

from dataclasses import dataclass

GROWTH = 3.0
"""Decorrelated jitter's factor: the next delay is at most this many times the last one."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`quick`: the first delays in seconds, as they are. `base` and `ceiling`: bounds (s) of the delays after them."""

    quick: tuple[float, ...]
    base: float
    ceiling: float


SEND_PACE = Pace(quick=(1.0, 2.0, 4.0), base=4.0, ceiling=300.0)
"""For sending: the guide's three quick tries, then up to five minutes, so that a recovered server is soon noticed."""


def delay(pace: Pace, *, failures: int, previous: float, jitter: float) -> float:
    """Seconds to wait after the `failures`-th failure in a row (1 for the first); `previous`: the delay before it."""
    if failures <= len(pace.quick):
        return pace.quick[max(failures, 1) - 1]
    widest = min(max(previous * GROWTH, pace.base), pace.ceiling)
    return pace.base + (widest - pace.base) * jitter


def spread(seconds: float, *, part: float, jitter: float) -> float:
    """`seconds` give or take `part` of it (0.2: a fifth either way)."""
    return seconds * (1.0 + part * (2.0 * jitter - 1.0))
