"""A verification's course where the whole program need not run; tests/e2e/test_verify.py has every reason."""

from collections.abc import Iterator, Sequence

from agent.kernel.instants import Instant
from agent.kernel.verdict import ServerTime
from agent.runtime.verification.conclusion import Conclusion, Outcome
from agent.runtime.verification.course import (
    LONGEST_PAUSE_S,
    SENDING_S,
    News,
    Plan,
    Verification,
    window_at,
)
from agent.runtime.verification.inquiry import Inquiry, Reading, Unasked
from agent.runtime.verification.pending import Pending
from agent.sinks.base import Message
from agent.sinks.capture import Capture
from agent.sinks.kaltura.report import COUNTED, Window

NOTHING = dict.fromkeys(COUNTED, 0)
ALL = dict.fromkeys(COUNTED, 1)
PENDING = Pending("http://kaltura", 102, "0_a", "session", 1000.0, 0.0, Window(0, 3599), NOTHING)


class Told(Inquiry):
    """A report that answers as it is told, the last answer for ever."""

    def __init__(self, *answers: Reading | Unasked, others: bool | Unasked = True) -> None:
        self._answers: Iterator[Reading | Unasked] = iter(answers)
        self._last: Reading | Unasked = Unasked("nothing told", is_final=True)
        self._others = others
        self.asked: list[Window] = []

    def look(self, window: Window, entry_id: str) -> Reading | Unasked:
        self.asked.append(window)
        self._last = next(self._answers, self._last)
        return self._last

    def others(self, window: Window) -> bool | Unasked:
        return self._others


class Standing:
    """A clock that stands still: only pauses tell the time."""

    def __init__(self, wall: float = 1000.0, *, synced: bool = True) -> None:
        self._now = Instant("boot", 5.0, wall, synced)

    def now(self) -> Instant:
        return self._now


def followed(told: Told, wait_s: float = 2100.0) -> tuple[Conclusion, list[float], list[News]]:
    """The conclusion, the pauses, and what was shown."""
    pauses, news = list[float](), list[News]()
    found = Verification(told, Standing(), pauses.append).follow(PENDING, wait_s, news.append)
    return found, pauses, news


def test_window_holds_the_whole_play_in_whole_hours() -> None:
    """A row of an hourly report stands at its hour's beginning; a play may cross into the next."""
    for time in (0.0, 1800.0, 3599.0, 3600.0 - SENDING_S):
        window = window_at(time)
        assert window.start <= time
        assert window.end >= time + SENDING_S
        assert (0, 3599) == (window.start % 3600, window.end % 3600)
    assert Window(0, 3599) == window_at(1800.0)
    assert Window(0, 7199) == window_at(3599.0)


def test_pauses_grow_and_the_wait_ends_where_it_was_to() -> None:
    """Even where the service's Date never moves, as behind some proxies."""
    found, pauses, news = followed(Told(Reading(NOTHING, 1000.0)))
    assert Outcome.NOT_COUNTED is found.outcome
    assert 2100.0 == sum(pauses)
    assert sorted(pauses[:-1]) == pauses[:-1]
    assert max(pauses) <= LONGEST_PAUSE_S
    assert [each.next_s for each in news] == pauses


def test_wait_of_nothing_asks_once() -> None:
    """For scripts."""
    found, pauses, _ = followed(Told(Reading(NOTHING, 1000.0)), wait_s=0.0)
    assert (Outcome.INCONCLUSIVE, True, []) == (found.outcome, found.resumable, pauses)


def test_service_that_cannot_be_asked_for_a_while_is_asked_again() -> None:
    """And what it says then counts."""
    found, pauses, news = followed(Told(Unasked("no road", is_final=False), Reading(ALL, 1400.0)))
    assert (Outcome.COUNTED, 1, "no road") == (found.outcome, len(pauses), news[0].text)


def test_service_that_cannot_be_asked_to_the_end_is_no_answer() -> None:
    """Nor is one that breaks off at the last question."""
    for told in (
        Told(Unasked("no road", is_final=False)),
        Told(Reading(NOTHING, 9000.0), others=Unasked("no road", is_final=False)),
    ):
        found, _, _ = followed(told)
        assert (Outcome.INCONCLUSIVE, True) == (found.outcome, found.resumable)
        assert "no road" in found.why


def plan(sent: list[float]) -> Plan:
    def play(ended: float) -> Sequence[Message]:
        sent.append(ended)
        return [Message("1", "A", {}, ended)]

    return Plan("http://kaltura", 102, "0_a", "session", lambda ended: list(play(ended)))


def test_play_is_dated_as_delivery_would_date_it() -> None:
    """By our clock, or by the service's where ours is not synchronised."""
    for synced, dated in ((True, 1000.0), (False, 5000.0)):
        sent: list[float] = []
        sink = Capture()
        sink.time = ServerTime(5000.0)
        verification = Verification(Told(Reading(NOTHING, None)), Standing(synced=synced), lambda _: None)
        pending = verification.prepare(plan(sent), sink)
        assert isinstance(pending, Pending)
        assert (-4000.0, window_at(5000.0)) == (pending.skew, pending.window)
        assert isinstance(verification.play(plan(sent), sink, pending), Pending)
        assert [dated] == sent


def test_service_without_a_date_is_reckoned_by_our_clock() -> None:
    """Then nothing is known of a skew, and nothing is blamed on it."""
    pending = Verification(Told(Reading(NOTHING, None)), Standing(), lambda _: None).prepare(plan([]), Capture())
    assert isinstance(pending, Pending)
    assert (1000.0, None) == (pending.sent_at, pending.skew)


def test_nothing_is_sent_where_nothing_could_be_concluded() -> None:
    """Each test play stays in an account's reports for ever."""
    sink = Capture()
    for told in (Told(Unasked("no right", is_final=True)), Told(Reading({**NOTHING, "count_plays": 3}, None))):
        found = Verification(told, Standing(), lambda _: None).prepare(plan([]), sink)
        assert isinstance(found, Conclusion)
        assert (Outcome.INCONCLUSIVE, True) == (found.outcome, "nothing was sent" in found.why)
    assert [] == sink.sent
