"""Settings that change while delivery runs: without a gap, a loss or a double, and nobody waits for it."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from agent.config.model import Settings
from agent.outbox.errors import StoreFull
from tests.support.delivery import open_store
from tests.support.serving import (
    COLLECT,
    PATIENCE_S,
    TRACK,
    Held,
    Serving,
    is_asked,
    numbers,
    serving,
    settings,
    tracking,
    wait_for,
)
from tools.standin.analytics import Analytics
from tools.standin.server import Collector

PACED = "[kaltura.backlog]\nrate = {rate}\nbatch_size = {size}\n"


@pytest.fixture
def old() -> Iterator[Held]:
    with Held() as running:
        yield running


@pytest.fixture
def new() -> Iterator[Collector]:
    with Collector() as running:
        yield running


@pytest.fixture
def analytics() -> Iterator[Analytics]:
    with Analytics() as running:
        yield running


def passed(kiosk: Serving, name: str = COLLECT) -> int:
    """How many events the destination was passed over with while it was off."""
    return kiosk.account(name).passed.get("disabled", 0)


def test_same_settings_again_change_nothing(tmp_path: Path, old: Collector) -> None:
    """An operator publishes the document that is in force already; nothing may be cut off for it."""
    with serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        kiosk.play(1)
        kiosk.drain()
        before = kiosk.destinations.workers[0].in_force
        assert frozenset() == kiosk.apply(settings(tmp_path, old.url))
        kiosk.play(1)
        kiosk.drain()
        assert before is kiosk.destinations.workers[0].in_force
        assert [1, 2] == numbers(old.events)
        assert 1 == old.connections


def timeouts(found: Settings) -> Settings:
    return evolve(found, kaltura=evolve(found.kaltura, total_timeout_s=4.0))


@pytest.mark.parametrize(
    ("expected", "kaltura", "more"),
    [
        ({COLLECT}, 'request_style = "get-beacon"', ""),
        ({COLLECT, TRACK}, "", '[kaltura.session]\nmode = "ks-file"\nks_file = "ks"\n'),
        (set(), 'event_semantics = "player"', ""),
        (set(), "", PACED.format(rate=3, size=7)),
    ],
)
def test_connections_that_are_new_are_named(
    tmp_path: Path, old: Collector, analytics: Analytics, expected: set[str], kaltura: str, more: str
) -> None:
    """Only they go on trial: a change of pace must not be taken back because a proxy is down."""
    (tmp_path / "ks").write_text("djJ8MTAyfFRIEDSESSION")
    kiosk = Serving(tmp_path, settings(tmp_path, old.url, tracking(analytics.url)))
    found = settings(tmp_path, old.url, tracking(analytics.url) + more, kaltura=kaltura)
    assert frozenset(expected) == kiosk.apply(found)
    kiosk.close()


def test_address_is_one_destinations_and_a_timeout_everybodys(
    tmp_path: Path, old: Collector, new: Collector, analytics: Analytics
) -> None:
    """The other way round the trial of one would depend on the other's service."""
    track = tracking(analytics.url)
    kiosk = Serving(tmp_path, settings(tmp_path, old.url, track))
    found = settings(tmp_path, new.url, track)
    assert frozenset({COLLECT}) == kiosk.apply(found)
    assert frozenset({COLLECT, TRACK}) == kiosk.apply(timeouts(found))
    assert frozenset({COLLECT, TRACK}) == kiosk.apply(settings(tmp_path, old.url, track))
    kiosk.close()


def test_destination_that_is_switched_on_gets_what_the_others_still_wait_for(
    tmp_path: Path, old: Collector, analytics: Analytics
) -> None:
    """Decision 10: a new one starts at the head of the log; and on or off is no new connection."""
    old.take_away()
    with serving(tmp_path, settings(tmp_path, old.url, tracking(analytics.url, on=False))) as kiosk:
        kiosk.play(3)
        assert frozenset() == kiosk.apply(settings(tmp_path, old.url, tracking(analytics.url)))
        kiosk.play(1)
        kiosk.drain(TRACK)
        # All four, though they mean nothing here: it has not heard how these plays began.
        assert {"no-opening": 4} == kiosk.account(TRACK).passed
        assert 1 == len(kiosk.threads(TRACK))
        assert [COLLECT, TRACK] == [status.sink for status in kiosk.destinations.standings()]
        old.bring_back()
        kiosk.destinations.kick()
        kiosk.drain()


def test_destination_that_is_switched_off_is_passed_over_and_goes_on_where_it_was_switched_on(
    tmp_path: Path, old: Collector
) -> None:
    """What happens meanwhile is counted and never told; the thread waits, so that there is never a second one."""
    off = settings(tmp_path, old.url, kaltura="enabled = false")
    with serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        kiosk.play(2)
        kiosk.drain()
        kiosk.apply(off)
        wait_for(lambda: not kiosk.account().enabled)
        kiosk.play(3)
        assert () == kiosk.destinations.workers
        assert () == kiosk.destinations.standings()
        assert not kiosk.destinations.works(COLLECT)
        kiosk.apply(settings(tmp_path, old.url))
        kiosk.play(2)
        kiosk.drain()
        assert [1, 2, 6, 7] == numbers(old.events)
        assert 3 == passed(kiosk)
        assert 1 == len(kiosk.threads(COLLECT))


def test_message_under_way_when_its_destination_is_switched_off_is_settled_before(tmp_path: Path, old: Held) -> None:
    """Settled afterwards it would be counted as passed over too, and its event might have left the log."""
    old.hold()
    with serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        kiosk.play(3)
        wait_for(lambda: is_asked(old))
        kiosk.apply(settings(tmp_path, old.url, kaltura="enabled = false"))
        assert kiosk.account().enabled
        old.go_on()
        wait_for(lambda: not kiosk.account().enabled)
        assert (1, 2, 0) == (kiosk.account().delivered, passed(kiosk), kiosk.account().resent)
        assert [1] == numbers(old.events)


@pytest.mark.parametrize("rounds", [1, 5])
def test_off_and_on_in_one_breath_are_nothing(tmp_path: Path, old: Held, rounds: int) -> None:
    """A slip of the hand, mended at once; the request that was under way meanwhile knows nothing of it."""
    old.hold()
    on, off = settings(tmp_path, old.url), settings(tmp_path, old.url, kaltura="enabled = false")
    with serving(tmp_path, on) as kiosk:
        kiosk.play(3)
        wait_for(lambda: is_asked(old))
        for _ in range(rounds):
            kiosk.apply(off)
            kiosk.apply(on)
        old.go_on()
        kiosk.drain()
        assert [1, 2, 3] == numbers(old.events)
        assert (3, 0) == (kiosk.account().delivered, passed(kiosk))
        assert 1 == len(kiosk.threads(COLLECT))


@pytest.mark.parametrize("rounds", [7, 8])
def test_switches_in_quick_succession_account_for_every_event(tmp_path: Path, old: Collector, rounds: int) -> None:
    """Whatever the thread saw of them: each event was told once or was passed over, and the last word holds."""
    choices = itertools.cycle(
        [settings(tmp_path, old.url, kaltura="enabled = false"), settings(tmp_path, old.url)],
    )
    with serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        for _ in range(rounds):
            kiosk.play(3)
            kiosk.apply(next(choices))
        is_on = rounds % 2 == 0
        wait_for(lambda: kiosk.account().enabled is is_on and (not is_on or kiosk.account().depth == 0))
        told = numbers(old.events)
        assert sorted(set(told)) == told
        assert rounds * 3 == kiosk.account().delivered + passed(kiosk)
        assert len(told) == kiosk.account().delivered


def test_pace_that_was_set_too_slow_is_not_waited_out(tmp_path: Path, old: Collector) -> None:
    """A message a second makes a pause of a minute behind a batch; mended, the rest goes at once, each message once."""
    with serving(tmp_path, settings(tmp_path, old.url, PACED.format(rate=1, size=100))) as kiosk:
        kiosk.play(150)
        wait_for(lambda: kiosk.account().delivered >= 100)
        assert kiosk.account().depth > 0
        assert frozenset() == kiosk.apply(settings(tmp_path, old.url, PACED.format(rate=0, size=20)))
        kiosk.drain()
        assert list(range(1, 151)) == numbers(old.events)
        assert 1 == old.connections


def test_full_disk_delays_a_switch_and_loses_nothing(
    tmp_path: Path, old: Collector, analytics: Analytics, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The main loop goes on; the thread registers its destination when there is room."""
    with serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        register, refusals = kiosk.store.register, iter(range(2))

        def full(sink: str, *, enabled: bool = True) -> None:
            if next(refusals, None) is not None:
                raise StoreFull("no room", remedy="make some")
            register(sink, enabled=enabled)

        monkeypatch.setattr(kiosk.store, "register", full)
        kiosk.apply(settings(tmp_path, old.url, tracking(analytics.url)))
        kiosk.destinations.wake()
        wait_for(lambda: len(kiosk.store.statistics().sinks) == 2)
        kiosk.play(1)
        kiosk.drain(TRACK)


def test_request_that_outlasts_the_end_touches_the_store_no_more(tmp_path: Path, old: Held) -> None:
    """The process has two seconds to end and the request a minute; a crash in the last breath would look like one."""
    old.hold()
    kiosk = Serving(tmp_path, settings(tmp_path, old.url))
    kiosk.start()
    kiosk.play(1)
    wait_for(lambda: is_asked(old))
    (thread,) = kiosk.threads(COLLECT)
    kiosk.destinations.stop()
    assert ["deliver stats.collect"] == kiosk.crew.join(0.01)
    kiosk.store.close()
    old.go_on()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    assert kiosk.crew.crash is None
    again = open_store(tmp_path / "state")
    assert 0 == again.statistics().sinks[0].delivered, "it is sent again, recognisable"
    again.close()
