"""Where events go: what is on, what is off, and what each of them asks of the tracker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.config.model import Settings
from agent.delivery.pace import Pace
from agent.outbox.store import Outbox
from agent.runtime.connections import paces
from agent.runtime.destinations import Destinations, destinations, milestones, wants_heartbeat
from agent.sinks.kaltura.sessions import SessionState
from agent.sinks.track_event.player import MILESTONES
from tests.support.configuration import SMALLEST, loaded
from tests.support.delivery import HandClock
from tests.support.outbox import an_instant, open_outbox

TRACK = "[track_event]\nenabled = true\n"
PLAYS = TRACK + "player_events = true\n"


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    found = open_outbox(tmp_path / "state")
    yield found
    found.close()


def settings(folder: Path, more: str = "", *, reporting: bool = True) -> Settings:
    """The smallest configuration, with `more`."""
    text = SMALLEST if reporting else SMALLEST.replace("[kaltura]", "[kaltura]\nenabled = false")
    return loaded(folder, text + more).settings


def made(folder: Path, outbox: Outbox, more: str = "", *, reporting: bool = True) -> Destinations:
    """The destinations of a configuration."""
    return destinations(settings(folder, more, reporting=reporting), outbox, HandClock(an_instant(1.0)))


def test_worker_is_named_after_its_destination(tmp_path: Path, outbox: Outbox) -> None:
    """Threads are found by name in a log and a debugger."""
    names = [worker.name for worker in made(tmp_path, outbox, TRACK).workers]
    assert ["deliver stats.collect", "deliver trackEvent"] == names


def test_destination_that_never_was_on_is_not_mentioned(tmp_path: Path, outbox: Outbox) -> None:
    """`status` speaks of what there is."""
    made(tmp_path, outbox)
    assert ["stats.collect"] == [sink.name for sink in outbox.statistics().sinks]


def test_destination_that_was_switched_off_is_shown_as_off(tmp_path: Path, outbox: Outbox) -> None:
    """What it missed is counted there."""
    made(tmp_path, outbox, TRACK)
    assert ["deliver stats.collect"] == [worker.name for worker in made(tmp_path, outbox).workers]
    assert {"stats.collect": True, "trackEvent": False} == {
        sink.name: sink.enabled for sink in outbox.statistics().sinks
    }


def test_plays_need_not_be_reported_for_applications_to_be(tmp_path: Path, outbox: Outbox) -> None:
    """An information kiosk may have pages and no films."""
    found = made(tmp_path, outbox, TRACK, reporting=False)
    assert ["deliver trackEvent"] == [worker.name for worker in found.workers]


def test_rate_of_a_backlog_holds_for_each_destination(tmp_path: Path) -> None:
    """Who slows a fleet down for a weak line means all that it sends."""
    found = paces(settings(tmp_path, "[kaltura.backlog]\nrate = 5\nbatch_size = 20\ncoalesce_s = 2\n"))
    assert {"stats.collect": Pace(20, 5.0, 2.0), "trackEvent": Pace(1, 5.0, 0.0), "xapi": Pace(50, 5.0, 0.0)} == found


def test_account_without_a_session_says_so(tmp_path: Path, outbox: Outbox) -> None:
    """The default: events go without, which stats.collect accepts."""
    found = made(tmp_path, outbox)
    assert SessionState.NONE is found.session().state
    assert ["idle"] == [standing.state.value for standing in found.standings()]
    found.watch()(1.0)


@pytest.mark.parametrize(
    ("heartbeat", "marks", "more"),
    [
        (False, (0.25, 0.5, 0.75), ""),
        (False, (0.25, 0.5, 0.75), TRACK),
        (True, tuple(sorted({0.25, 0.5, 0.75, *MILESTONES})), PLAYS),
    ],
)
def test_tracker_is_asked_for_what_destinations_need(
    tmp_path: Path, heartbeat: bool, marks: tuple[float, ...], more: str
) -> None:
    """A heartbeat nobody wants would write to the card every ten seconds."""
    found = settings(tmp_path, more)
    assert (heartbeat, marks) == (wants_heartbeat(found), milestones(found))
