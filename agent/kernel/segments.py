"""The stretches of a medium that were watched.

Contract: `add` puts one stretch (from, to), in media seconds, to the others: merged, in the order in which they were
last watched, bounded in number.
Reasons: the xAPI video profile asks for played segments; a person who scrubs for an hour must not fill the database.
"""

Segments = tuple[tuple[float, float], ...]

MOST = 32
"""How many are kept, so that they stay below half a kilobyte in an event; beyond it the shortest is dropped."""

TOUCH = 0.5
"""Stretches closer than this (s) are one: a pause or a rebuffering leaves a gap of about the sampling step."""


def add(segments: Segments, start: float, end: float) -> Segments:
    """`segments` with (start, end) in it, which becomes the latest one. An empty stretch changes nothing."""
    if end <= start:
        return segments
    kept = []
    for low, high in segments:
        if low <= end + TOUCH and start <= high + TOUCH:
            start, end = min(start, low), max(end, high)
        else:
            kept.append((low, high))
    kept.append((start, end))
    if len(kept) > MOST:
        kept.remove(min(kept, key=lambda stretch: stretch[1] - stretch[0]))
    return tuple(kept)
