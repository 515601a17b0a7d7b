"""Whole lives of a kiosk, made up at random: boots, nights, steps of the clock, time servers; and what is told."""

from dataclasses import dataclass, replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agent.delivery.dating import Dated, ServerClock, dated
from agent.kernel.boots import NO_BOOTS, Boots
from agent.kernel.events import Loaded, Playhead
from agent.kernel.instants import Instant
from agent.kernel.records import StoredEvent
from agent.kernel.release import BUILD_EPOCH
from tests.support.playback import WALL, stored

EVENT = stored(Loaded(50.0, 1, Playhead()))
NEVER = 1e12


@dataclass(frozen=True)
class Life:
    """One boot. `night`: seconds without power before it. `clock`: what it adds to the right time until it is set,
    None: it begins in 1970. `set_at`: the boot-time second at which a time server answers. `lapses`: seconds until the
    kernel forgets that. `moments`: boot-time seconds of events, rising. `length`: how long it lives."""

    night: float
    clock: float | None
    set_at: float
    lapses: float
    moments: tuple[float, ...]
    length: float


def lives() -> st.SearchStrategy[list[Life]]:
    """A few boots, most of which see the time at some moment."""
    seconds = st.floats(0.0, 40_000.0)
    return st.lists(
        st.builds(
            Life,
            night=seconds,
            clock=st.one_of(st.none(), st.sampled_from([0.0, -4e8, 2e9, -3_600.0, 86_400.0])),
            set_at=st.one_of(seconds, st.just(NEVER)),
            lapses=st.one_of(seconds, st.just(NEVER)),
            moments=st.lists(seconds, min_size=1, max_size=5).map(lambda found: tuple(sorted(found))),
            length=seconds,
        ).map(lambda life: replace(life, length=max(life.length, life.moments[-1]))),
        min_size=1,
        max_size=6,
    )


def instant(number: int, life: Life, began: float, boottime: float) -> Instant:
    """The two clocks at that second of that boot."""
    is_set = boottime >= life.set_at
    wrong = 0.0 if is_set else -began if life.clock is None else life.clock
    synced = is_set and boottime < life.set_at + life.lapses
    return Instant(str(number), boottime, began + boottime + wrong, synced)


def lived(story: list[Life]) -> tuple[list[tuple[float, StoredEvent, bool]], Boots, Instant, float]:
    """The events with their true times and whether their boot was seen to know the time; what is kept of the boots; the
    last moment by the device's clocks, and when that boot began."""
    events: list[tuple[float, Instant]] = []
    boots, began = NO_BOOTS, WALL
    now = Instant("?", 0.0, 0.0, synced=False)
    for number, life in enumerate(story):
        began += life.night
        looks = sorted({0.0, *life.moments, min(life.set_at, life.length), life.length})
        for second in looks:
            now = instant(number, life, began, second)
            boots = boots.seen(now).reached(now)
        events += [(began + second, instant(number, life, began, second)) for second in life.moments]
        end, began = began, began + life.length
    known = {boot.boot_id for boot in boots.boots if boot.began is not None}
    told = [
        (truth, replace(EVENT, frozen_time=own.wall if own.synced else None, instant=own), own.boot_id in known)
        for truth, own in events
    ]
    return told, boots, now, end


@given(lives())
def test_what_can_be_known_is_exact_and_the_rest_lies_in_order_before_the_present(story: list[Life]) -> None:
    """The promise of the whole: no neighbour is passed, no distance within a boot is changed, nothing is of 1970."""
    events, boots, now, began = lived(story)
    server = ServerClock(began)
    present = now.at(max(now.boottime, 120.0))
    told: list[tuple[float, float, str]] = []
    for truth, event, is_known in events:
        moment = dated(event, present, server, Boots.read(boots.text()))
        assert isinstance(moment, Dated)
        assert moment.time >= BUILD_EPOCH
        if is_known or event.instant.boot_id == present.boot_id:
            assert abs(moment.time - truth) < 1e-3
            assert not moment.estimated or event.instant.boot_id == present.boot_id
        else:
            assert moment.estimated
            assert moment.latest is not None
            assert max(moment.time, truth) <= moment.latest + 1e-3
        told.append((moment.time, truth, event.instant.boot_id))
    for (earlier, was, boot), (later, then, next_boot) in pairwise(told):
        if boot == next_boot:
            assert abs((later - earlier) - (then - was)) < 1e-3
    assert all(earlier <= later + 1e-3 for (earlier, _, _), (later, _, _) in pairwise(told))
