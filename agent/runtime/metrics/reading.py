"""The metrics of one moment, taken from what `status` says.

Contract: `samples(status)` yields them; pure but for `process`, which reads /proc. Whatever is missing is left out.
Rules: `status` and the metrics never disagree, since one is made of the other. A mapping from outside (codes of a
server, reasons) gives at most `MOST_VALUES` label values; the rest is summed as "other".
"""

import os
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from agent.kernel.display import Display
from agent.kernel.release import VERSION
from agent.runtime.health.judgement import judge
from agent.runtime.health.reasons import Kind, Part, Verdict, number, part, parts, text
from agent.runtime.metrics import catalogue as of
from agent.service.exposition import Metric, Sample

MOST_VALUES: Final = 30
OTHER: Final = "other"
# As agent.kernel.codec calls the event (a test compares).
STALLED: Final = "stalled"
PLAYER_STATES: Final = (
    "starting",
    "opening",
    "loaded",
    "playing",
    "paused",
    "stalled",
    "ending",
    "idle",
    "waiting",
    "closed",
)
SINK_STATES: Final = ("idle", "sending", "waiting", "held", "off")
_IN_MEMORY: Final = "waiting-in-memory"
_FETCHED: Final = "bytes fetched"
# These of the counters come and go; they are problems, or figures of their own.
_NO_COUNTERS: Final = frozenset({_IN_MEMORY, "safe-mode", "last-good-configuration"})


def samples(status: Part) -> Iterator[Sample]:
    """All that the status says."""
    device, wall = part(status, "device"), number(part(status, "clock"), "wall")
    yield of.BUILD.of(1, text(status, "version") or VERSION, platform.python_version())
    yield of.DEVICE.of(1, *(text(device, name) or "" for name in ("id", "name", "site")))
    yield of.STARTED.of(number(status, "started_wall"))
    yield of.UPTIME.of(number(status, "uptime_s"))
    yield from _health(status)
    yield of.CLOCK_SYNCED.of(_flag(part(status, "clock"), "synced"))
    yield from _player(part(status, "player"), part(status, "events"))
    yield from _display(part(status, "display"))
    yield from _cache(part(status, "cache"))
    yield from _queue(status, wall)
    for sink in parts(status, "sinks"):
        yield from _sink(sink, text(sink, "name") or "?", wall)
    yield of.RENEWALS.of(number(part(status, "session"), "renewals"))
    yield of.BROKER_UP.of(_flag(part(status, "remote"), "online"))
    yield of.BROKER_CONNECTS.of(number(part(status, "remote"), "connects"))
    yield from _by(of.INTAKE, part(part(status, "intake"), "counters"))
    counters = part(status, "counters")
    yield of.IN_MEMORY.of(number(counters, _IN_MEMORY) or 0)
    yield from _by(of.FAULTS, {name: each for name, each in counters.items() if name not in _NO_COUNTERS})
    yield from _machine(part(status, "machine"))


def process(proc: Path = Path("/proc/self")) -> Iterator[Sample]:
    """This process; nothing where the kernel does not tell."""
    try:
        pages = int((proc / "statm").read_text(encoding="ascii").split()[1])
        threads = sum(1 for _ in (proc / "task").iterdir())
        descriptors = sum(1 for _ in (proc / "fd").iterdir())
    except (OSError, ValueError, IndexError):
        return
    yield of.MEMORY.of(pages * os.sysconf("SC_PAGE_SIZE"))
    yield of.DESCRIPTORS.of(descriptors)
    yield of.THREADS.of(threads)


def _health(status: Part) -> Iterator[Sample]:
    judgement = judge(status)
    kinds = {reason.kind for reason in judgement.reasons}
    yield from (of.HEALTH.of(verdict is judgement.verdict, verdict.value) for verdict in Verdict)
    yield from (of.PROBLEM.of(kind in kinds, kind.value) for kind in Kind)


def _player(player: Part, events: Part) -> Iterator[Sample]:
    host, state = part(player, "host"), text(player, "state")
    yield of.PLAYER_UP.of(_flag(host, "running"))
    if state is not None:
        states = PLAYER_STATES if state in PLAYER_STATES else (*PLAYER_STATES, OTHER)
        state = state if state in PLAYER_STATES else OTHER
        yield from (of.PLAYER_STATE.of(each == state, each) for each in states)
    yield of.PLAYER_RESTARTS.of(number(host, "restarts"))
    yield of.SESSIONS.of(number(player, "sessions"))
    yield of.STALLS.of(number(events, STALLED) or 0)
    yield from _by(of.SKIPPED, part(player, "skipped"))
    yield from _by(of.EVENTS, events)


def _display(display: Part) -> Iterator[Sample]:
    state = text(display, "state")
    if state is not None:
        yield from (of.DISPLAY.of(each.value == state, each.value) for each in Display)
    yield of.SCREEN_HOURS.of(_flag(display, "should_be_on"))
    yield of.LEFT_OUT.of(number(display, "left_out"))


def _cache(cache: Part) -> Iterator[Sample]:
    counters = part(cache, "counters")
    yield of.CACHE_WANTED.of(number(cache, "wanted"))
    yield of.CACHE_HERE.of(number(cache, "cached"))
    yield of.CACHE_BYTES.of(number(cache, "bytes"))
    yield of.CACHE_BOUND.of(number(cache, "max_bytes"))
    yield of.CACHE_FETCHED.of(number(counters, _FETCHED))
    yield from _by(of.CACHE, {name: each for name, each in counters.items() if name != _FETCHED})


def _queue(status: Part, wall: float | None) -> Iterator[Sample]:
    queue = part(status, "queue")
    yield of.CREATED.of(number(queue, "ever"))
    yield of.WRITTEN_BYTES.of(number(queue, "written_bytes"))
    yield of.WRITTEN_EVENTS.of(number(queue, "written_events"))
    yield of.QUEUE_EVENTS.of(number(queue, "events"))
    yield of.QUEUE_BYTES.of(number(queue, "bytes"))
    yield of.QUEUE_BOUND.of(number(queue, "bound_bytes"))
    yield of.QUEUE_OLDEST.of(_age(queue, wall, waits=bool(number(queue, "events"))))
    yield from _by(of.QUEUE_DROPPED, part(queue, "dropped"))
    yield of.QUEUE_ESTIMATED.of(number(queue, "estimated_times"))
    yield of.BALANCED.of(_flag(queue, "balanced"))


def _sink(sink: Part, name: str, wall: float | None) -> Iterator[Sample]:
    state = text(sink, "state")
    yield from (of.SINK_STATE.of(each == state, name, each) for each in SINK_STATES if state is not None)
    yield of.SINK_EVENTS.of(number(sink, "depth"), name)
    yield of.SINK_OLDEST.of(_age(sink, wall, waits=bool(number(sink, "depth"))), name)
    yield of.SINK_LAST.of(number(sink, "last_delivery_wall"), name)
    for metric, key in _OF_SINK:
        yield metric.of(number(sink, key), name)
    for metric, key in ((of.SINK_REFUSED, "dead"), (of.SINK_DROPPED, "dropped"), (of.SINK_PASSED, "passed")):
        yield from _by(metric, part(sink, key), name)


_OF_SINK: Final = (
    (of.SINK_TRIES, "tries"),
    (of.SINK_DELIVERED, "delivered"),
    (of.SINK_RESENT, "resent"),
    (of.SINK_REPEATED, "perhaps_repeated"),
    (of.SINK_UNVERIFIED, "unverified"),
    (of.SINK_BATCHES, "batches"),
    (of.SINK_LETTERS, "dead_letters"),
)


def _machine(machine: Part) -> Iterator[Sample]:
    yield of.TEMPERATURE.of(number(machine, "temperature_c"))
    yield of.UNDER_VOLTAGE.of(_flag(machine, "under_voltage"))
    yield of.DISK_FREE.of(number(machine, "disk_free_bytes"))
    yield of.DISK_SIZE.of(number(machine, "disk_bytes"))


def _age(tree: Part, wall: float | None, *, waits: bool) -> float | None:
    """Nought where nothing waits: a series that comes and goes cannot be alerted on."""
    oldest = number(tree, "oldest_wall")
    if not waits:
        return 0.0
    return None if oldest is None or wall is None else max(wall - oldest, 0.0)


def _by(metric: Metric, numbers: Mapping[str, Any], *labels: str) -> Iterator[Sample]:
    """A sample a key; the largest, and the sum of the others."""
    known = sorted(((number(numbers, key) or 0.0, str(key)) for key in numbers), reverse=True)
    for value, key in sorted(known[:MOST_VALUES], key=lambda pair: pair[1]):
        yield metric.of(value, *labels, key)
    if len(known) > MOST_VALUES:
        yield metric.of(sum(value for value, _ in known[MOST_VALUES:]), *labels, OTHER)


def _flag(tree: Part, name: str) -> bool | None:
    found = tree.get(name)
    return found if isinstance(found, bool) else None
