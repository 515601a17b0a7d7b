"""Destinations whose connection changes while it is in use: each message goes one way, once."""

import gc
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.delivery.connection import Connection
from agent.delivery.status import SinkState
from agent.sinks.kaltura.login import Session
from agent.sinks.kaltura.sessions import SessionState
from tests.support.serving import (
    COLLECT,
    TRACK,
    Held,
    is_asked,
    numbers,
    serving,
    settings,
    tracking,
    wait_for,
)
from tests.support.sessions import app_token, secret_login
from tools.standin.faults import Hang, Late, http_error
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


def a_session(collector: Collector) -> str:
    """One that the service takes."""
    found = secret_login(collector)()
    assert isinstance(found, Session)
    return found.ks


def test_message_under_way_goes_to_the_old_address_and_the_rest_to_the_new_one(
    tmp_path: Path, old: Held, new: Collector
) -> None:
    """The answer counts, so it is not sent to the new one as well."""
    old.hold()
    with serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        kiosk.play(4)
        wait_for(lambda: is_asked(old))
        assert frozenset({COLLECT}) == kiosk.apply(settings(tmp_path, new.url))
        old.go_on()
        kiosk.drain()
        assert ([1], [2, 3, 4]) == (numbers(old.events), numbers(new.events))
        assert (4, 0) == (kiosk.account().delivered, kiosk.account().resent)


def test_second_change_before_the_first_took_effect_replaces_it(tmp_path: Path, old: Held, new: Collector) -> None:
    """What was published in between must never be spoken to."""
    old.hold()
    with serving(tmp_path, settings(tmp_path, old.url)) as kiosk, Collector() as between:
        kiosk.play(4)
        wait_for(lambda: is_asked(old))
        kiosk.apply(settings(tmp_path, between.url))
        kiosk.apply(settings(tmp_path, new.url))
        old.go_on()
        kiosk.drain()
        assert ([1], [2, 3, 4]) == (numbers(old.events), numbers(new.events))
        assert not is_asked(between)


@pytest.mark.parametrize("size", [1, 20])
def test_outage_ends_with_the_new_address_at_once(tmp_path: Path, old: Collector, new: Collector, size: int) -> None:
    """A held queue is tried slowly, and the operator who has just mended it looks at the screen."""
    old.fault(http_error(404))
    backlog = PACED.format(rate=0, size=size)
    with serving(tmp_path, settings(tmp_path, old.url, backlog)) as kiosk:
        kiosk.play(30)
        wait_for(lambda: kiosk.destinations.standings()[0].state is SinkState.HELD)
        kiosk.apply(settings(tmp_path, new.url, backlog))
        kiosk.drain()
        assert list(range(1, 31)) == numbers(new.events)
        assert [] == old.events


def test_lost_answer_is_a_resend_at_the_new_address(tmp_path: Path, old: Collector, new: Collector) -> None:
    """The old service may have counted it: the message keeps its identity and its time, and is counted (decision 8)."""
    old.fault(Hang())
    with serving(tmp_path, settings(tmp_path, old.url, timeout_s=1)) as kiosk:
        kiosk.play(2)
        wait_for(lambda: kiosk.destinations.standings()[0].state is SinkState.WAITING)
        kiosk.apply(settings(tmp_path, new.url))
        kiosk.drain()
        assert [1, 2] == numbers(new.events)
        assert kiosk.account().resent >= 1, "each try at the old address that time was left for"
        old.clear()


def test_backlog_that_changes_its_words_in_mid_batch_goes_once(tmp_path: Path, old: Collector) -> None:
    """While a batch is under way the next one is looked at already, by the old words: that look must be forgotten."""
    old.take_away()
    choices = itertools.cycle(
        [settings(tmp_path, old.url, kaltura='event_semantics = "player"'), settings(tmp_path, old.url)]
    )
    with serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        kiosk.play(600)
        wait_for(lambda: kiosk.destinations.standings()[0].state is SinkState.WAITING)
        old.bring_back()
        old.fault(Late(20.0))
        kiosk.destinations.kick()
        while kiosk.account().depth:
            done = kiosk.account().delivered
            assert frozenset() == kiosk.apply(next(choices))
            wait_for(lambda done=done: kiosk.account().delivered > done)  # type: ignore[misc]
        assert list(range(1, 601)) == numbers(old.events)
        assert 600 == kiosk.account().delivered


def test_session_that_is_being_started_is_not_waited_for(tmp_path: Path, old: Held) -> None:
    """A login may take a minute; the loop goes on, and the message goes by the new settings when it is over."""
    token = app_token("sha256")
    (tmp_path / "token").write_text(token.token)
    session = (
        f'[kaltura.session]\nmode = "app-token"\napp_token_id = "{token.ident}"\n'
        f'app_token_file = "{tmp_path / "token"}"\n'
    )
    old.hold()
    with serving(tmp_path, settings(tmp_path, old.url, session)) as kiosk:
        kiosk.play(2)
        wait_for(lambda: is_asked(old, "startWidgetSession"))
        replaced = kiosk.destinations._account
        assert frozenset({COLLECT}) == kiosk.apply(settings(tmp_path, old.url))
        assert SessionState.NONE is kiosk.destinations.session().state
        look = kiosk.destinations.watch()
        look(1.0)
        assert [replaced] == kiosk.destinations._replaced, "it is in use"
        old.go_on()
        kiosk.drain()
        look(2.0)
        assert [] == kiosk.destinations._replaced
        assert [1, 2] == numbers(old.events)
        assert 2 == kiosk.account().delivered


def test_file_of_a_new_session_is_watched(tmp_path: Path, old: Collector) -> None:
    """Who puts a session there waits for the queue to move, not six minutes."""
    (tmp_path / "ks").write_text("djJ8MTAyfOLDSESSION0123456789")
    session = '[kaltura.session]\nmode = "ks-file"\nks_file = "ks"\n'
    with serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        look = kiosk.destinations.watch()
        kiosk.apply(settings(tmp_path, old.url, session))
        kiosk.play(1)
        wait_for(lambda: kiosk.destinations.standings()[0].state is SinkState.HELD)
        look(10.0)
        kiosk.apply(settings(tmp_path, old.url, session))
        (tmp_path / "ks").write_text(a_session(old))
        look(20.0)
        kiosk.drain()
        assert [1] == numbers(old.events)


def test_many_changes_leave_nothing_behind(tmp_path: Path, old: Collector, new: Collector) -> None:
    """An operator with a script: neither threads nor connections may pile up on a machine that runs for years."""
    (tmp_path / "ks").write_text("djJ8MTAyfOLDSESSION0123456789")
    session = '[kaltura.session]\nmode = "ks-file"\nks_file = "ks"\n'
    choices = itertools.cycle(
        [
            settings(tmp_path, new.url, tracking(new.url)),
            settings(tmp_path, new.url, session),
            settings(tmp_path, old.url, kaltura="enabled = false"),
            settings(tmp_path, old.url, tracking(old.url)),
        ]
    )
    with serving(tmp_path, settings(tmp_path, old.url)) as kiosk:
        look = kiosk.destinations.watch()
        for moment in range(100):
            kiosk.apply(next(choices))
            look(float(moment))
        kiosk.apply(settings(tmp_path, old.url))
        kiosk.play(1)
        kiosk.drain()
        look(1000.0)
        gc.collect()
        assert [1, 1] == [len(kiosk.threads(name)) for name in (COLLECT, TRACK)]
        assert len([each for each in gc.get_objects() if type(each) is Connection]) <= 6
        assert [] == kiosk.destinations._replaced
