"""What the kiosk's application tells: whose it is, and when it is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from queue import SimpleQueue
from uuid import UUID

import pytest

from agent.intake.submission import NO_ROOM, VISITS_OFF, Answer, Kept, Misfit, Submission, VisitCommand
from agent.kernel.activity import Activity, ButtonClicked, Deed, Engaged, PageViewed
from agent.kernel.attribution import Attribution
from agent.kernel.codec import decode
from agent.kernel.events import Playhead
from agent.kernel.records import Record
from agent.kernel.visits import Visits
from agent.runtime.reception import TAKEN_AT_ONCE, VISITS, Reception
from tests.support.loops import PROFILE
from tests.support.outbox import WALL, an_instant, an_owner
from tests.support.playback import GENERATION

NOW = an_instant(100.0, wall=WALL)
HEAD = Playhead(position=12.5, duration=60.0)
PAGE = PageViewed(0.0, page_type="lobby")
SHARE = Engaged(0.0, Deed.SHARE_OPENED)


class Screen:
    """A screen with or without a play on it."""

    def __init__(self, attribution: Attribution | None = None, head: Playhead | None = None) -> None:
        self.attribution = attribution
        self._head = head

    def head(self, at: float) -> Playhead | None:
        return self._head


class Store:
    """Keeps what it is given, or has no room."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.states: dict[str, str] = {}
        self.calls: list[int] = []
        self.is_full = False

    def keep(self, records: Sequence[Record], states: Mapping[str, str]) -> int | None:
        self.calls.append(len(records))
        if self.is_full:
            return None
        first = len(self.records) + 1
        self.records += records
        self.states |= states
        return first

    @property
    def activities(self) -> list[object]:
        return [decode(record.kind, record.body) for record in self.records]


def visits(*, enabled: bool = False) -> Visits:
    return Visits(GENERATION, boot="boot", idle_s=90.0, enabled=enabled)


def told(
    reception: Reception, *said: Activity | VisitCommand, at: float = 100.0, entry: str | None = None
) -> list[Answer]:
    """The answers to what an application says in one step."""
    replies: list[SimpleQueue[Answer]] = [SimpleQueue() for _ in said]
    submissions = [Submission(what, reply, "test", entry) for what, reply in zip(said, replies, strict=True)]
    reception.take(submissions, NOW.at(at))
    return [reply.get_nowait() for reply in replies]


def reception(store: Store, *, screen: Screen | None = None, of: Visits | None = None) -> Reception:
    return Reception(GENERATION, PROFILE, of or visits(), screen=screen or Screen(), keep=store.keep)


def test_answer_names_the_identity_under_which_the_event_is_durable() -> None:
    """An application can write it down, and find it in the queue and at the server."""
    store = Store()
    assert [
        Kept(f"{GENERATION}-1-0", None, None),
        Kept(f"{GENERATION}-2-0", None, None),
    ] == told(reception(store), PAGE, ButtonClicked(0.0, button_name="register"))
    assert [replace(PAGE, at=100.0), ButtonClicked(100.0, button_name="register")] == store.activities
    assert [2] == store.calls, "one transaction"
    assert [NOW, NOW] == [record.instant for record in store.records]


def test_page_view_belongs_to_no_play_and_says_nothing_about_a_visitor() -> None:
    """The guide's page loads have no session, and privacy is the default."""
    store = Store()
    told(reception(store, screen=Screen(an_owner(), HEAD)), PAGE, entry="0_page0001")
    (owner,) = [record.attribution for record in store.records]
    assert ("", "0_page0001", None, None) == (owner.session_id, owner.entry_id, owner.context_id, owner.unique_viewer)
    assert (102, "kiosk://device-001", "device-001") == (owner.partner_id, owner.referrer, owner.device_id)


@pytest.mark.parametrize("entry", [None, "0_abcd1234"])
def test_share_belongs_to_the_play_on_the_screen(entry: str | None) -> None:
    """Reports then show at which point of the film people shared it."""
    store, playing = Store(), replace(an_owner("play"), entry_id="0_abcd1234")
    (answer,) = told(reception(store, screen=Screen(playing, HEAD)), SHARE, entry=entry)
    assert Kept(f"{GENERATION}-1-0", "play", None) == answer
    assert [playing] == [record.attribution for record in store.records]
    assert [Engaged(100.0, Deed.SHARE_OPENED, HEAD)] == store.activities


def test_share_of_another_entry_has_a_session_of_its_own() -> None:
    """It must not count for the film that happens to run behind the dialog."""
    store, playing = Store(), an_owner("play")
    desk = reception(store, screen=Screen(playing, HEAD))
    (first,), (second,) = told(desk, SHARE, entry="0_other001"), told(desk, SHARE, entry="0_other001", at=101.0)
    assert isinstance(first, Kept)
    assert isinstance(second, Kept)
    assert "play" != first.session != second.session
    assert [("0_other001", "")] * 2 == [(r.attribution.entry_id, r.attribution.media_uri) for r in store.records]
    assert all(UUID(record.attribution.session_id) for record in store.records)


def test_share_of_nothing_is_the_applications_mistake() -> None:
    """stats.collect counts by entry; an event without one would be passed over in silence."""
    store = Store()
    (answer,) = told(reception(store, screen=Screen(an_owner(), None)), SHARE)
    assert isinstance(answer, Misfit)
    assert "entry_id" == answer.field
    assert [] == store.records


def test_everything_of_a_visit_shares_its_context() -> None:
    """The guide's 12.2: page views, clicks and plays of one visitor."""
    store = Store()
    desk = reception(store, of=visits(enabled=True))
    assert desk.context(99.0) is None
    (page,) = told(desk, PAGE)
    (share,) = told(desk, SHARE, at=110.0, entry="0_other001")
    (again,) = told(desk, SHARE, at=120.0, entry="0_other001")
    assert isinstance(page, Kept)
    assert isinstance(share, Kept)
    assert isinstance(again, Kept)
    assert page.visit == share.visit == desk.context(130.0) is not None
    assert share.session == again.session, "one session for a visit and an entry"
    assert VISITS in store.states
    (later,) = told(desk, PAGE, at=500.0)
    assert isinstance(later, Kept)
    assert later.visit != page.visit


def test_deed_belongs_to_the_visit_in_which_it_is_done() -> None:
    """The film may have begun before the visitor came: the session is the film's, the context is the visitor's."""
    store, playing = Store(), replace(an_owner("play"), entry_id="0_abcd1234")
    desk = reception(store, screen=Screen(playing, HEAD), of=visits(enabled=True))
    (first,) = told(desk, SHARE)
    (second,) = told(desk, SHARE, at=500.0)
    assert isinstance(first, Kept)
    assert isinstance(second, Kept)
    assert None is not first.visit != second.visit is not None
    assert [
        replace(playing, context_id=first.visit),
        replace(playing, context_id=second.visit),
    ] == [record.attribution for record in store.records]


def test_visit_is_durable_before_anything_is_told_about_it() -> None:
    """After a crash the same context must not be given to somebody else."""
    store = Store()
    (begun,) = told(reception(store, of=visits(enabled=True)), VisitCommand.START)
    assert isinstance(begun, Kept)
    restored = Visits.restore(store.states[VISITS], GENERATION, boot="another", idle_s=90.0, enabled=True)
    assert begun.visit != restored.start(1.0)


def test_visits_that_are_off_are_said_to_be_off() -> None:
    """An application that counts on contexts learns why it gets none."""
    store = Store()
    assert [VISITS_OFF] == told(reception(store), VisitCommand.START)
    assert [] == store.calls


def test_end_of_a_visit_leaves_no_context() -> None:
    """The next play is nobody's."""
    desk = reception(Store(), of=visits(enabled=True))
    told(desk, VisitCommand.START, PAGE)
    assert [Kept()] == told(desk, VisitCommand.END)
    assert desk.context(100.0) is None


def test_full_disk_is_the_answer_and_nothing_is_kept() -> None:
    """The application can try again, or go on; it must not believe what is not so."""
    store = Store()
    store.is_full = True
    desk = reception(store, of=visits(enabled=True))
    assert [NO_ROOM, NO_ROOM] == told(desk, PAGE, VisitCommand.START)
    store.is_full = False
    (kept,) = told(desk, PAGE)
    assert isinstance(kept, Kept)
    assert VISITS in store.states, "what could not be written then is written now"


def test_many_at_once_are_kept_in_bounded_transactions() -> None:
    """A burst must not need more room than the smallest store has."""
    store = Store()
    answers = told(reception(store), *([PAGE] * (TAKEN_AT_ONCE + 1)))
    assert [TAKEN_AT_ONCE, 1] == store.calls
    assert TAKEN_AT_ONCE + 1 == len({answer.id for answer in answers if isinstance(answer, Kept)})


def test_user_is_only_ever_the_one_whom_the_application_named() -> None:
    """Attribution to a person is the application's decision, event by event."""
    store = Store()
    reply: SimpleQueue[Answer] = SimpleQueue()
    desk = reception(store, screen=Screen(an_owner("play"), HEAD))
    desk.take([Submission(SHARE, reply, "test", user_id="member-7")], NOW)
    told(desk, SHARE)
    assert ["member-7", None] == [record.attribution.user_id for record in store.records]


def test_no_two_of_a_burst_share_a_session() -> None:
    """What concerns no playback stands for itself alone, in whichever transaction it is kept."""
    store = Store()
    answers = told(reception(store), *([SHARE] * (TAKEN_AT_ONCE + 1)), entry="0_other001")
    assert TAKEN_AT_ONCE + 1 == len({answer.session for answer in answers if isinstance(answer, Kept)})
