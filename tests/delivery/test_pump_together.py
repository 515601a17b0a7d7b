"""Two destinations of one log on a clock that nobody sets: each has another service's time, and an event has one."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.delivery.patience import HOPELESS_AGE, HOPELESS_TRIES
from agent.kernel.verdict import ServerTime, Verdict
from agent.outbox.store import Outbox
from agent.sinks.capture import Capture
from tests.support.delivery import later, open_store, record
from tests.support.playback import NOW
from tests.support.pumping import BUSY, LOST, Batching, pump_of, run

UNSET = replace(NOW, wall=NOW.wall - 86_400.0, synced=False)
EARLY, LATE = NOW.wall - 0.6, NOW.wall + 0.4


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Outbox]:
    """A store that knows one of them."""
    outbox = open_store(tmp_path)
    outbox.register("capture")
    yield outbox
    outbox.close()


class Overtaken:
    """A store in which the other destination comes first, each time that this one is about to settle its times."""

    def __init__(self, store: Outbox, other: Callable[[], object]) -> None:
        self._store = store
        self._other = other

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def freeze(self, *positional: Any) -> Any:
        self._other()
        return self._store.freeze(*positional)


def other_of(store: Outbox, time: float) -> Capture:
    """The other destination, whose service tells `time`."""
    store.register("other")
    other = Capture(name="other")
    other.time = ServerTime(time)
    return other


def log(store: Outbox, *kinds: str) -> None:
    """Events of a clock that is not synchronised, a tenth of a second apart."""
    began = NOW.boottime - 60.0
    store.append([replace(record(kind), instant=UNSET.at(began + place / 10)) for place, kind in enumerate(kinds)])


def times(*sinks: Capture) -> dict[str, list[float]]:
    """With which times each event was sent, to whom and how often ever, in order of the events."""
    found: dict[str, set[float]] = defaultdict(set)
    for sink in sinks:
        for sent in sink.sent:
            found[sent.message.name].add(sent.message.time)
    return {name: sorted(found[name]) for name in sorted(found)}


@pytest.mark.parametrize("steps", [1, 2, 3, 50])
@pytest.mark.parametrize("answers", [[], [LOST], [BUSY, LOST, LOST]], ids=["heard", "lost", "worse"])
@pytest.mark.parametrize(("time", "others"), [(EARLY, LATE), (LATE, EARLY)], ids=["early", "late"])
@pytest.mark.parametrize("size", [1, 4])
def test_event_has_one_time_for_all_destinations_and_tries(
    store: Outbox, size: int, time: float, others: float, answers: list[Verdict], steps: int
) -> None:
    """Decision 6: else a resend is another message, which the one service counts twice, and the other refuses."""
    log(store, *"abcdefghij")
    sink, other = Batching(answers, limit=size), other_of(store, others)
    sink.time = ServerTime(time)
    beside = pump_of(store, other)
    run(pump_of(Overtaken(store, lambda: [beside.step(UNSET) for _ in range(steps)]), sink), now=UNSET)
    run(beside, now=UNSET)
    assert list("abcdefghij") == sorted(message.name for message in sink.accepted)
    assert list("abcdefghij") == [message.name for message in other.accepted]
    sent = times(sink, other)
    assert {name: each[:1] for name, each in sent.items()} == sent
    assert sorted(sent.values()) == list(sent.values()), "no story runs backwards"
    assert 10 == store.statistics().estimated


def test_message_that_is_weighed_against_a_hopeless_one_keeps_its_time_too(store: Outbox) -> None:
    """It is sent in another's stead, on the same terms."""
    log(store, "poison", "a")
    sink = Capture([BUSY] * HOPELESS_TRIES)
    sink.time = ServerTime(EARLY + HOPELESS_AGE)
    other = other_of(store, LATE + HOPELESS_AGE)
    now = replace(later(HOPELESS_AGE), synced=False)
    beside = pump_of(store, other)
    run(pump_of(Overtaken(store, lambda: run(beside, now=now)), sink), now=now)
    assert (["a"], ["poison", "a"]) == ([each.name for each in sink.accepted], [each.name for each in other.accepted])
    assert [1, 1] == [len(each) for each in times(sink, other).values()]
    assert {"capture": 1, "other": 0} == {each.name: sum(each.refused.values()) for each in store.statistics().sinks}
