"""Questions to a real report, and what can come back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.kernel.verdict import Cause, Held, Later
from agent.runtime.verification.inquiry import Inquiry, Key, Reading, Unasked
from agent.sinks.kaltura.report import COUNTED, PLAYS, Window
from tests.support.verification import ENTRY, OTHER, Bench, MovedClock
from tests.support.wires import wire
from tools.standin.faults import Page, Refuse, http_error
from tools.standin.report import OLD_COLUMNS
from tools.standin.server import Collector

ASKED = {"action": "getTable"}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    clock = MovedClock()
    with Collector(clock=clock) as collector:
        yield Bench(tmp_path, collector, clock)


def inquiry(bench: Bench, key: Key | None = None) -> Inquiry:
    ks = bench.session()
    return Inquiry(wire(), bench.collector.url, client_tag="test", key=key or (lambda: ks))


def window(bench: Bench) -> Window:
    return Window(int(bench.clock.now) - 60, int(bench.clock.now) + 60)


def test_numbers_of_an_entry_come_with_the_services_time(bench: Bench) -> None:
    """By it the wait is reckoned."""
    bench.played(ENTRY)
    found = inquiry(bench).look(window(bench), ENTRY)
    assert Reading(dict.fromkeys(COUNTED, 1), found.time if isinstance(found, Reading) else None) == found
    assert isinstance(found, Reading) and found.time is not None
    assert abs(found.time - bench.clock.now) < 30


def test_each_question_is_asked_anew(bench: Bench) -> None:
    """The service's cache would answer for ten minutes with what was counted before."""
    asking = inquiry(bench)
    assert isinstance(asking.look(window(bench), ENTRY), Reading)
    bench.played(ENTRY)
    found = asking.look(window(bench), ENTRY)
    assert isinstance(found, Reading)
    assert 1 == found.counts[PLAYS]
    nonces = [request.body for request in bench.collector.requests if b"reportType" in request.body]
    assert len(nonces) == len(set(nonces))


def test_others_are_whoever_has_plays(bench: Bench) -> None:
    """A row without a play is no sign of life."""
    asking = inquiry(bench)
    assert asking.others(window(bench)) is False
    bench.played(OTHER)
    assert asking.others(window(bench)) is True


def test_quartiles_that_no_report_has_are_left_out(bench: Bench) -> None:
    """Plays alone are something; a transient failure is no reason to do without the rest."""
    bench.collector.reports.columns = OLD_COLUMNS
    bench.played(ENTRY)
    bench.collector.fault(Refuse("INVALID_ENUM_VALUE"), where={**ASKED, "reportType": "2"}, times=1)
    assert {PLAYS: 1} == getattr(inquiry(bench).look(window(bench), ENTRY), "counts", None)
    bench.collector.fault(http_error(503), where={**ASKED, "reportType": "2"}, times=1)
    found = inquiry(bench).look(window(bench), ENTRY)
    assert isinstance(found, Unasked) and not found.is_final


@pytest.mark.parametrize(
    ("fault", "is_final", "word"),
    [
        (Refuse("SERVICE_FORBIDDEN"), True, "no right"),
        (Refuse("INVALID_KS"), True, "refused"),
        (Refuse("INTERNAL_SERVERL_ERROR"), False, "INTERNAL_SERVERL_ERROR"),
        (Refuse("INVALID_ENUM_VALUE"), True, "INVALID_ENUM_VALUE"),
        (http_error(503), False, "503"),
        (Page(), False, "not Kaltura"),
        (http_error(404), True, "404"),
        (Page(body='{"objectType":"KalturaReportTotal"}', content_type="application/json"), True, "no table"),
        (
            Page(
                body=f'{{"objectType":"KalturaReportTable","header":"object_id|count_plays","data":"{ENTRY}|x"}}',
                content_type="application/json",
            ),
            True,
            "something else than numbers",
        ),
    ],
)
def test_what_is_no_answer_says_whether_to_ask_again(
    bench: Bench, fault: Refuse | Page, is_final: bool, word: str
) -> None:
    """Half an hour is long to wait for what will never come, and short enough for what will."""
    bench.collector.fault(fault, where=ASKED)
    found = inquiry(bench).look(window(bench), ENTRY)
    assert isinstance(found, Unasked)
    assert (is_final, True) == (found.is_final, word in found.why), found.why
    assert isinstance(inquiry(bench).others(window(bench)), Unasked) or "numbers" in word


@pytest.mark.parametrize(
    ("verdict", "is_final"),
    [
        (Held(Cause.SESSION, "no session: gone", answered=False), True),
        (Later(Cause.NETWORK, "no session: no road", answered=False), False),
    ],
)
def test_operator_without_a_session_asks_nothing(bench: Bench, verdict: Held | Later, is_final: bool) -> None:
    """What started no session says why."""
    found = inquiry(bench, key=lambda: verdict).look(window(bench), ENTRY)
    assert Unasked(verdict.text, is_final) == found
