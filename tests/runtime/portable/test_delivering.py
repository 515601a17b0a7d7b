"""An imported store is delivered as the kiosk itself would have done it."""

import threading
from pathlib import Path
from typing import Any

import pytest

from agent.delivery.dating import CLOCK_PATIENCE
from agent.outbox.store import Outbox
from agent.runtime.clock import SystemClock
from agent.runtime.portable.delivering import ImportClock, Outcome, UnwantedError, deliver, open_imported
from agent.runtime.portable.taking import Taken, take
from tests.support.carrying import SINK, handed_over
from tests.support.delivery import of_events
from tests.support.outbox import open_outbox
from tests.support.serving import play, settings, tracking
from tools.standin.faults import Lost
from tools.standin.server import Collector


def a_kiosk(folder: Path, plays: int, *sinks: str) -> Outbox:
    """A store in which so many plays wait."""
    outbox = open_outbox(folder)
    for sink in sinks or (SINK,):
        outbox.register(sink)
    outbox.append(of_events([play(number) for number in range(1, plays + 1)]))
    return outbox


def carried(folder: Path, outbox: Outbox) -> Taken:
    """What it has handed over, at the office. The last play is still going on, so it stays."""
    (folder / "stick").mkdir(exist_ok=True)
    path = handed_over(outbox, folder / "stick")
    assert path is not None
    return take(path, folder / "office", key=None, now=1.0)


def sent(folder: Path, taken: Taken, url: str, more: str = "", *, patience: float = 30.0, **kaltura: Any) -> Outcome:
    """Deliver it."""
    outbox = open_imported(taken.folder, taken.receipt.device)
    try:
        return deliver(
            outbox,
            settings(folder, url, more, **kaltura),
            SystemClock(),
            patience=patience,
            tell=lambda _: None,
            is_asked_to_stop=threading.Event(),
        )
    finally:
        outbox.close()


def test_everything_goes_out_as_the_kiosk_would_have_sent_it(tmp_path: Path) -> None:
    """Referrer, session, time and identity are the kiosk's; only the way is the office's."""
    outbox = a_kiosk(tmp_path / "kiosk", 40)
    waiting = outbox.peek(SINK, 100)
    taken = carried(tmp_path, outbox)
    with Collector() as collector:
        outcome = sent(tmp_path, taken, collector.url)
        events = collector.events
    assert outcome.is_done
    assert [event.identity.token(0) for event in waiting[:39]] == [event["_request"]["eventId"] for event in events]
    assert [event.attribution.session_id for event in waiting[:39]] == [event["sessionId"] for event in events]
    assert {waiting[0].attribution.referrer} == {event["referrer"] for event in events}
    assert 39 == outcome.sinks[0].delivered


def test_delivering_twice_sends_once(tmp_path: Path) -> None:
    """The command is run again because nobody knows whether it was."""
    taken = carried(tmp_path, a_kiosk(tmp_path / "kiosk", 5))
    with Collector() as collector:
        assert sent(tmp_path, taken, collector.url).is_done
        assert sent(tmp_path, taken, collector.url).is_done
        assert 4 == len(collector.events)


def test_service_that_is_away_is_given_up_and_gone_on_with(tmp_path: Path) -> None:
    """An import must end by itself, say why, and lose nothing."""
    taken = carried(tmp_path, a_kiosk(tmp_path / "kiosk", 5))
    outcome = sent(tmp_path, taken, "http://127.0.0.1:9", patience=0.5)
    assert (False, 4) == (outcome.is_done, outcome.sinks[0].depth)
    assert "refused" in outcome.why[SINK]
    with Collector() as collector:
        assert sent(tmp_path, taken, collector.url).is_done
        assert 4 == len(collector.events)


def test_lost_answer_is_sent_again_under_its_identity(tmp_path: Path) -> None:
    """So that the service's cache knows it, here as on the kiosk."""
    taken = carried(tmp_path, a_kiosk(tmp_path / "kiosk", 5))
    with Collector() as collector:
        collector.fault(Lost(), times=1)
        outcome = sent(tmp_path, taken, collector.url)
        assert outcome.is_done
        tokens = [event["_request"]["eventId"] for event in collector.events]
    assert 4 == len(set(tokens)) == len(tokens)
    assert 0 < outcome.sinks[0].resent


def test_destination_that_is_off_here_is_asked_for_before_anything_is_sent(tmp_path: Path) -> None:
    """One that is off is passed over, so its events would be lost without a word."""
    taken = carried(tmp_path, a_kiosk(tmp_path / "kiosk", 5, SINK, "analytics.trackEvent"))
    with Collector() as collector:
        with pytest.raises(UnwantedError, match="trackEvent"):
            sent(tmp_path, taken, collector.url)
        assert [] == collector.events


def test_destination_that_the_kiosk_did_not_have_gets_nothing(tmp_path: Path) -> None:
    """It was off on the kiosk, perhaps for a reason of privacy."""
    taken = carried(tmp_path, a_kiosk(tmp_path / "kiosk", 5))
    with Collector() as collector:
        assert sent(tmp_path, taken, collector.url, tracking(collector.url)).is_done
        assert 4 == len(collector.events)
        assert not any("trackEvent" in request.target for request in collector.requests)


def test_import_is_a_boot_of_its_own() -> None:
    """A computer that has been on for months must not pass for the boot after the kiosk's last one."""
    clock = SystemClock()
    now, here = ImportClock(clock).now(), clock.now()
    assert now.boot_id != here.boot_id
    assert CLOCK_PATIENCE <= now.boottime < CLOCK_PATIENCE + 60
    assert abs(now.wall - here.wall) < 60
