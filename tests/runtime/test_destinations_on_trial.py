"""A connection that is new proves itself, with an event or without, and with nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.delivery.status import SinkState
from tests.support.serving import COLLECT, TRACK, Held, Serving, is_asked, serving, settings, tracking, wait_for
from tests.support.sessions import app_token
from tools.standin.analytics import Analytics
from tools.standin.faults import Fault, Page, http_error
from tools.standin.server import Collector

FOREVER = 1e9


@pytest.fixture
def old() -> Iterator[Collector]:
    with Collector() as running:
        yield running


@pytest.fixture
def new() -> Iterator[Collector]:
    with Collector() as running:
        yield running


def token_session(folder: Path, name: str) -> str:
    """A session table with the token that the recordings call so."""
    token = app_token(name)
    (folder / "token").write_text(token.token)
    return (
        f'[kaltura.session]\nmode = "app-token"\napp_token_id = "{token.ident}"\napp_token_file = "token"\n'
        f'app_token_hash = "{token.hash_type}"\n'
    )


def test_destination_that_never_tried_does_not_work_yet(tmp_path: Path, old: Collector) -> None:
    """Nobody can say that it worked before a change; nothing is returned for its sake."""
    with serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        assert not kiosk.destinations.works(COLLECT)
        assert not kiosk.destinations.up(COLLECT)
        assert not kiosk.destinations.up(TRACK)
        assert not kiosk.destinations.works("nobody")
        kiosk.destinations.probe("nobody", FOREVER)


def test_delivery_shows_that_a_destination_works_and_an_outage_that_it_does_not(tmp_path: Path, old: Collector) -> None:
    """What is asked before a change: did it work? Idle since the last answer counts."""
    with serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        kiosk.play(1)
        kiosk.drain()
        assert kiosk.destinations.works(COLLECT)
        old.take_away()
        kiosk.play(1)
        wait_for(lambda: not kiosk.destinations.works(COLLECT))
        assert kiosk.destinations.up(COLLECT)
        old.bring_back()
        kiosk.destinations.kick()
        wait_for(lambda: kiosk.destinations.works(COLLECT))


def test_silent_kiosk_proves_both_connections_by_asking(tmp_path: Path, old: Collector) -> None:
    """Nobody plays at night, and the change must be judged within minutes; nothing is counted for it."""
    with Analytics() as analytics, serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        kiosk.apply(settings(tmp_path, old.url, tracking(analytics.url)))
        for name in (COLLECT, TRACK):
            kiosk.destinations.probe(name, FOREVER)
        wait_for(lambda: kiosk.destinations.up(COLLECT) and kiosk.destinations.up(TRACK))
        assert kiosk.destinations.works(TRACK)
        assert ([], []) == (old.events, analytics.events)
        assert (1, 1) == (len(old.requests), len(analytics.requests))


@pytest.mark.parametrize("fault", [Page(), http_error(404), http_error(503)])
@pytest.mark.parametrize("plays", [0, 2])
def test_portal_and_a_wrong_address_prove_nothing_until_the_service_is_there(
    tmp_path: Path, old: Collector, new: Collector, fault: Fault, plays: int
) -> None:
    """Whether with events or without. What waited is sent with the first answer, however long it was to be held."""
    new.fault(fault)
    with serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        kiosk.play(1)
        kiosk.drain()
        kiosk.apply(settings(tmp_path, new.url))
        kiosk.destinations.probe(COLLECT, FOREVER)
        kiosk.play(plays)
        wait_for(lambda: len(new.requests) >= 2)
        assert not kiosk.destinations.up(COLLECT)
        assert not kiosk.destinations.works(COLLECT)
        new.clear()
        wait_for(lambda: kiosk.destinations.up(COLLECT))
        kiosk.drain()
        assert plays == len(new.events)


def test_trial_that_is_over_leaves_the_service_in_peace(tmp_path: Path, old: Collector, new: Collector) -> None:
    """The return to the old settings takes the questions back, too."""
    new.take_away()
    with serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        kiosk.apply(settings(tmp_path, new.url))
        kiosk.destinations.probe(COLLECT, kiosk.clock.now().boottime + 0.2)
        wait_for(lambda: kiosk.clock.now().boottime > 10_000.0 + 1.2)
        new.bring_back()
        kiosk.apply(settings(tmp_path, old.url))
        kiosk.play(1)
        kiosk.drain()
        assert not is_asked(new)


def test_answer_of_the_old_connection_does_not_prove_the_new_one(tmp_path: Path, new: Collector) -> None:
    """It was under way when the change came."""
    new.take_away()
    with Held() as old, serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        old.hold()
        kiosk.play(2)
        wait_for(lambda: is_asked(old))
        kiosk.apply(settings(tmp_path, new.url))
        old.go_on()
        wait_for(lambda: kiosk.destinations.standings()[0].state is SinkState.WAITING)
        assert 1 == kiosk.account().delivered
        assert not kiosk.destinations.up(COLLECT)


def test_change_of_pace_or_words_takes_no_proof_away(tmp_path: Path, old: Collector) -> None:
    """The road is the old one."""
    with serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        kiosk.play(1)
        kiosk.drain()
        kiosk.apply(settings(tmp_path, old.url, kaltura='event_semantics = "player"'))
        assert kiosk.destinations.up(COLLECT)
        kiosk.apply(settings(tmp_path, old.url, "[kaltura.backlog]\nrate = 5\n"))
        assert kiosk.destinations.works(COLLECT)


@pytest.mark.parametrize(("expected", "name"), [(True, "sha256"), (False, "deleted")])
@pytest.mark.parametrize("plays", [0, 1])
def test_session_must_be_had(tmp_path: Path, old: Collector, expected: bool, name: str, plays: int) -> None:
    """With wrong credentials every event would wait, though the service itself is there all the time."""
    with serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        kiosk.apply(settings(tmp_path, old.url, token_session(tmp_path, name)))
        kiosk.destinations.probe(COLLECT, FOREVER)
        kiosk.play(plays)
        wait_for(lambda: is_asked(old, "appToken/action/startSession"))
        wait_for(lambda: kiosk.destinations.up(COLLECT) or (not expected and _is_judged(kiosk)))
        assert expected == kiosk.destinations.up(COLLECT)


def _is_judged(kiosk: Serving) -> bool:
    return kiosk.destinations.session().text != ""
