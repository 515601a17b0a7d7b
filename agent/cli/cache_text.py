"""The copies of media from the network, for people.

Contract: `cache_lines` gives the lines of the part `cache` of the status; none where nothing is cached.
"""

from collections.abc import Mapping
from typing import Any

from agent.cli.layout import doubtful, joined
from agent.cli.words import size, tally


def cache_lines(cache: Mapping[str, Any]) -> list[str]:
    """How many of the copies that are wanted are there, and what went wrong last."""
    if not cache:
        return []
    wanted, whole = cache.get("wanted"), cache.get("cached")
    here = None if wanted is None else f"{whole} of {wanted} media are here"
    room = None if cache.get("bytes") is None else f"{size(cache['bytes'])} of {size(cache['max_bytes'])}"
    counters, error = tally(cache.get("counters") or {}), cache.get("last_error")
    return [
        line for line in (joined(here, room), counters, f"{doubtful('last error:')} {error}" if error else "") if line
    ]
