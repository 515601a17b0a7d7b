"""From facts to records: owner, times, and no secret in the log."""

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.attribution import session_id
from agent.kernel.codec import decode
from agent.kernel.events import Closed, Ending, Opened, Playhead, Resumed, SourceSelected
from agent.kernel.media import Media
from agent.runtime.recorder import Anchor, Recorder
from tests.support.loops import PROFILE
from tests.support.outbox import WALL, an_instant, an_owner
from tests.support.playback import GENERATION

SECRETS = ("hunter2", "djJ8MTAyfLsecret")
URI = f"https://kiosk:{SECRETS[0]}@cdn.example/p/102/playManifest/entryId/0_aaaa/a.m3u8?ks={SECRETS[1]}"
MEDIA = Media(key=URI, uri=URI, entry_id="0_aaaa")
HEAD = Playhead()


def opened(session: int = 1, *, at: float = 100.0, media: Media = MEDIA) -> Opened:
    return Opened(at, session, HEAD, media=media)


def test_events_of_a_session_share_its_owner() -> None:
    """One attribution row a session: what it was when it opened (decision 5)."""
    recorder = Recorder(GENERATION, PROFILE)
    first, last = recorder.records(
        [opened(), Closed(105.0, 1, HEAD, ending=Ending.COMPLETED)], an_instant(106.0, wall=WALL)
    )
    assert first.attribution is last.attribution
    assert (session_id(GENERATION, 1), 102, "0_aaaa", "kiosk://device-001") == (
        first.attribution.session_id,
        first.attribution.partner_id,
        first.attribution.entry_id,
        first.attribution.referrer,
    )


def test_event_is_dated_by_both_clocks_at_its_own_moment() -> None:
    """A step may be late; what happened six seconds ago happened six seconds ago on the wall too."""
    (record,) = Recorder(GENERATION, PROFILE).records([opened(at=100.0)], an_instant(106.0, wall=WALL))
    assert (100.0, WALL - 6.0) == (record.instant.boottime, record.instant.wall)


def test_clock_stepped_in_mid_play_does_not_tear_the_play_apart() -> None:
    """75 % an hour before 50 % is a lie; the play keeps the clock it began with (decision 7)."""
    recorder = Recorder(GENERATION, PROFILE)
    recorder.records([opened(at=100.0)], an_instant(100.0, wall=WALL))
    (later,) = recorder.records([Resumed(110.0, 1, HEAD)], an_instant(110.0, wall=WALL - 3590.0))
    assert (WALL + 10.0, True) == (later.instant.wall, later.instant.synced)
    (following,) = recorder.records([opened(2, at=120.0)], an_instant(120.0, wall=WALL - 3580.0))
    assert WALL - 3580.0 == following.instant.wall, "the next play has the clock as it is then"


def test_clock_set_in_mid_play_counts_from_then_on() -> None:
    """What happened before is dated again when it is sent; what happens now needs no guess."""
    recorder = Recorder(GENERATION, PROFILE)
    (first,) = recorder.records([opened(at=100.0)], an_instant(100.0, wall=0.0, synced=False))
    (later,) = recorder.records([Resumed(110.0, 1, HEAD)], an_instant(110.0, wall=WALL))
    assert (False, True, WALL) == (first.instant.synced, later.instant.synced, later.instant.wall)


def test_password_and_token_of_an_address_never_reach_the_log() -> None:
    """The queue is shown to people and sent to destinations; libvlc alone needs the secret."""
    recorder = Recorder(GENERATION, PROFILE)
    records = recorder.records([opened(), SourceSelected(101.0, 1, HEAD, uri=URI)], an_instant())
    text = "".join(str(asdict(record)) for record in records) + str(recorder.state(an_instant()))
    assert [] == [secret for secret in SECRETS if secret in text]
    assert "cdn.example" in text
    event = decode(records[0].kind, records[0].body)
    assert isinstance(event, Opened)
    assert "0_aaaa" == event.media.entry_id


def test_event_of_a_session_that_is_not_open_is_a_bug() -> None:
    """To give it to somebody else's session would be worse than to end."""
    with pytest.raises(AssertionError):
        Recorder(GENERATION, PROFILE).records([Closed(1.0, 7, HEAD, ending=Ending.SKIPPED)], an_instant())


def test_recovered_events_belong_to_whom_the_anchor_names() -> None:
    """New settings do not rewrite what an earlier process played."""
    anchor = Anchor(an_owner("old"), an_instant(500.0))
    recorder = Recorder(GENERATION, replace(PROFILE, referrer="kiosk://another", partner_id=999))
    (record,) = recorder.recovered([Closed(490.0, 3, HEAD, ending=Ending.INTERRUPTED)], anchor)
    assert an_owner("old") == record.attribution
    assert an_instant(490.0) == record.instant
    assert recorder.state(an_instant()) is None


def test_anchor_reads_what_it_wrote() -> None:
    """It carries a play's owner over a crash."""
    anchor = Anchor(an_owner(), an_instant())
    assert anchor == Anchor.read(anchor.text())


@given(st.text() | st.recursive(st.none() | st.integers(), lambda each: st.lists(each)).map(str))
def test_any_other_text_is_no_anchor(text: str) -> None:
    """A later version's or a broken card's anchor costs one Closed; a traceback would cost every start."""
    with pytest.raises(ValueError, match=r"."):
        Anchor.read(text)


def test_anchor_with_a_time_that_is_none_is_refused() -> None:
    """It would fail later, in the middle of the recovery."""
    text = Anchor(an_owner(), an_instant()).text().replace("100.0", '"late"')
    with pytest.raises(ValueError, match="anchor"):
        Anchor.read(text)


def test_session_that_is_left_out_has_no_entry_to_the_end() -> None:
    """What a destination could count is decided once, where the session opens; the medium itself keeps its entry."""
    answers = [True, False]
    asked: list[int] = []

    def leave_out() -> bool:
        asked.append(1)
        return answers.pop(0)

    recorder = Recorder(GENERATION, PROFILE, leave_out)
    nameless = replace(MEDIA, entry_id=None)
    records = recorder.records(
        [opened(1), Resumed(101.0, 1, HEAD), opened(2, at=102.0), opened(3, at=103.0, media=nameless)], an_instant()
    )
    assert [None, None, "0_aaaa", None] == [record.attribution.entry_id for record in records]
    event = decode(records[0].kind, records[0].body)
    assert isinstance(event, Opened)
    assert "0_aaaa" == event.media.entry_id
    assert 2 == len(asked), "a medium that nobody reports is not asked about, nor counted"


def test_replay_of_what_was_left_out_is_a_play_of_its_own() -> None:
    """A destination that was told nothing of the first one could not go on with it."""
    answers = [True, False, False]
    recorder = Recorder(GENERATION, PROFILE, lambda: answers.pop(0))
    again, once_more = replace(opened(2, at=101.0), replays=1), replace(opened(3, at=102.0), replays=2)
    records = recorder.records([opened(1), again, once_more], an_instant())
    found = [decode(record.kind, record.body) for record in records]
    assert [None, None, 2] == [each.replays for each in found if isinstance(each, Opened)]
