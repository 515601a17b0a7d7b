"""Troubles on the way to a Learning Record Store, through the real pump and the real wire. tests/e2e has a real one."""

import json
from pathlib import Path

import pytest

from agent.delivery.status import SinkState
from agent.sinks.xapi.authority import Nobody
from agent.sinks.xapi.sink import NAME, Xapi, XapiSettings
from tests.support.learned import TOLD, after, delivering, logged, play
from tests.support.lrs import Lrs
from tests.support.pumping import run
from tests.support.statements import rules
from tests.support.wires import wire

PLAYS = 5


def sink(lrs: Lrs) -> Xapi:
    return Xapi(XapiSettings(lrs.url, rules(), batch=50), wire(), Nobody())


@pytest.mark.parametrize("lost", [1, 3])
def test_answer_that_is_lost_costs_and_doubles_nothing(tmp_path: Path, lost: int) -> None:
    """The same ids go again, and the store says that it knows them."""
    with Lrs() as lrs, delivering(tmp_path, sink(lrs)) as kiosk:
        kiosk.store.append(logged(*(play(hour) for hour in range(1, PLAYS + 1))))
        lrs.lose(lost)
        run(kiosk.pumps[NAME], now=after(24))
        times = [each["timestamp"] for each in lrs.statements.values()]
        assert (PLAYS * TOLD, 0) == (kiosk.account(NAME).delivered, kiosk.account(NAME).dead_letters)
    assert (PLAYS * TOLD, sorted(times)) == (len(times), times)


def test_store_that_takes_small_requests_only_gets_small_ones(tmp_path: Path) -> None:
    """413: somebody's proxy has a limit of its own."""
    with Lrs(largest=3) as lrs, delivering(tmp_path, sink(lrs)) as kiosk:
        kiosk.store.append(logged(*(play(hour) for hour in range(1, PLAYS + 1))))
        run(kiosk.pumps[NAME], now=after(24))
        assert (PLAYS * TOLD, 0) == (len(lrs.statements), kiosk.account(NAME).dead_letters)


def test_store_that_asks_for_a_pause_gets_it(tmp_path: Path) -> None:
    """429 with Retry-After: no sooner, and then everything."""
    with Lrs() as lrs, delivering(tmp_path, sink(lrs)) as kiosk:
        kiosk.store.append(logged(play(1)))
        lrs.answer(429, Retry_After="600")
        began = after(24)
        kiosk.step(NAME, began)
        assert 1 == len(lrs.asked)
        kiosk.step(NAME, began.at(began.boottime + 590))
        assert 1 == len(lrs.asked)
        kiosk.step(NAME, began.at(began.boottime + 900))
        assert TOLD == len(lrs.statements)


def test_dead_letter_shows_its_statement_and_goes_again_as_it_was(tmp_path: Path) -> None:
    """Somebody mends the store, and says so."""
    with Lrs() as lrs, delivering(tmp_path, sink(lrs)) as kiosk:
        kiosk.store.append(logged(play(1)))
        lrs.answer(400, b'{"detail": "no"}', times=4)
        run(kiosk.pumps[NAME], now=after(24))
        letters = kiosk.store.dead_letters()
        assert letters
        shown = {letter.number: json.loads(letter.fields["statement"])["id"] for letter in letters}
        assert not set(shown.values()) & set(lrs.statements)
        for letter in letters:
            assert ("HTTP_400", True) == (letter.code, "no" in letter.answer)
        kiosk.store.retry(NAME, list(shown))
        run(kiosk.pumps[NAME], now=after(25))
        assert (TOLD, 0) == (len(lrs.statements), kiosk.account(NAME).dead_letters)
        assert set(shown.values()) <= set(lrs.statements)


def test_store_that_is_ill_is_tried_again_and_said_so(tmp_path: Path) -> None:
    """What `status` shows meanwhile."""
    with Lrs() as lrs, delivering(tmp_path, sink(lrs)) as kiosk:
        kiosk.store.append(logged(play(1)))
        lrs.answer(503, b"down")
        kiosk.pumps[NAME].step(after(24))
        found = kiosk.pumps[NAME].status()
        assert (NAME, SinkState.WAITING, True) == (found.sink, found.state, "503" in found.text)
