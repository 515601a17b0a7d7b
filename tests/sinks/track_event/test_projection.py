"""What is told, what is passed over, and why."""

from base64 import b64encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.activity import ButtonClicked, Custom, Deed, Engaged, PageViewed
from agent.kernel.attribution import session_id
from agent.kernel.events import (
    CaptionsChanged,
    Event,
    Loaded,
    Opened,
    PausedEvent,
    Playhead,
    Recovered,
    Stalled,
    Started,
    Watched,
)
from agent.kernel.media import Media
from agent.sinks.track_event.kinds import MaxAge
from agent.sinks.track_event.projection import NO_OPENING, NO_PLAYBACK, VIEWS_OFF, Rules
from tests.support.playback import GENERATION, MEDIA, WALL, owner
from tests.support.track_event import PLAYER, Telling

HEAD = Playhead(position=12.0, duration=60.0, played=12.0)
BEGUN: list[Event] = [
    Opened(1.0, 1, Playhead(), MEDIA),
    Loaded(1.2, 1, Playhead()),
    Started(1.5, 1, Playhead(position=0.0, duration=60.0), 0.3),
]


def test_a_player_event_has_the_common_fields_in_order() -> None:
    """kaltura.md section 3; the order is always the same, so that a resend is the same bytes."""
    who = replace(
        owner(), user_id="lobby", uiconf_id=23448255, client_version="kiosk-agent/0.1.0", context_id="visit-1"
    )
    rules = replace(PLAYER, application="lobby-screens")
    telling = Telling(rules=rules, who=who).tell(*BEGUN, PausedEvent(13.5, 1, HEAD))
    expected = [
        ("eventType", "33"),
        ("partnerId", "102"),
        ("entryId", "0_abcd1234"),
        ("sessionId", session_id(GENERATION, 1)),
        ("eventIndex", "4"),
        ("referrer", b64encode(b"kiosk://device-001").decode()),
        ("deliveryType", "url"),
        ("playbackType", "vod"),
        ("clientVer", "kiosk-agent/0.1.0"),
        ("uiConfId", "23448255"),
        ("position", "12"),
        ("playbackSpeed", "1"),
        ("playbackContext", "visit-1"),
        ("userId", "lobby"),
        ("application", "lobby-screens"),
    ]
    message = telling.messages[-1]
    assert expected == list(message.fields.items())
    assert (f"{GENERATION}-4-0", "PAUSE", WALL + 13.5) == (message.token, message.name, message.time)


def test_what_is_not_configured_is_not_sent() -> None:
    """No user, no visit, no application by default."""
    fields = Telling().tell(*BEGUN).messages[-1].fields
    assert not {"userId", "playbackContext", "application", "uiConfId", "customVar1", "playlistId"} & fields.keys()


def test_live_is_at_its_edge() -> None:
    """live_60s: position is the offset from the live edge, which VLC does not tell."""
    live = Opened(1.0, 1, Playhead(), Media("tv", "udp://239.0.0.1", "0_abcd1234", live=True))
    telling = Telling().tell(live, *BEGUN[1:], PausedEvent(13.5, 1, HEAD))
    assert ["live", "0"] == telling.last("playbackType", "position")


def test_without_player_events_only_the_application_is_told() -> None:
    """The default: stats.collect counts the same plays already."""
    telling = Telling(rules=Rules()).tell(*BEGUN, PageViewed(2.0), Engaged(3.0, Deed.SHARE_OPENED, HEAD))
    assert (["PAGE_LOAD"], []) == (telling.names, telling.passed)
    assert "" == telling.state


def test_application_events_leave_the_play_on_the_screen_alone() -> None:
    """A page view in mid-film must not disturb the film's counters."""
    telling = Telling().tell(*BEGUN)
    state = telling.state
    telling.tell(ButtonClicked(2.0), Custom(2.5, "quiz", 10_050))
    assert (["BUTTON_CLICKED", "quiz"], state) == (telling.names[3:], telling.state)
    assert "eventIndex" not in telling.messages[-1].fields


def test_a_custom_event_without_a_number_is_counted() -> None:
    """It may be meant for another destination; the number says that it did not go here."""
    assert ["no-number"] == Telling().tell(Custom(2.0, "quiz")).passed


@pytest.mark.parametrize(("expected", "age"), [("PAGE_LOAD", 3599.0), ("PAGE_LOAD", None), (None, 3601.0)])
def test_an_application_event_has_its_own_limit(expected: str | None, age: float | None) -> None:
    """The service dates it by arrival: yesterday's visitor would be today's."""
    telling = Telling(age=age).tell(PageViewed(2.0))
    assert ([expected] if expected else [], [] if expected else ["too-old-application"]) == (
        telling.names,
        telling.passed,
    )


def test_what_is_too_old_is_counted_by_kind_and_takes_no_index() -> None:
    """A kiosk that comes back in mid-film: the next events number on from what was really sent."""
    telling = Telling().tell(*BEGUN)
    telling.age = 301.0
    telling.tell(PausedEvent(13.5, 1, HEAD))
    telling.age = 3601.0
    telling.tell(replace(BEGUN[0], at=14.0, session=2))
    assert ["too-old-detail", "too-old-play"] == telling.passed
    telling.age = 0.0
    telling.tell(replace(BEGUN[1], session=2, at=15.0), replace(BEGUN[2], session=2, at=16.0))
    assert (["PLAY"], [1]) == (telling.names[3:], telling.indexes[3:])


def test_a_play_is_told_later_than_its_details() -> None:
    """Ten minutes late a play still counts; where somebody paused in it does not."""
    telling = Telling(age=600.0).tell(*BEGUN, PausedEvent(13.5, 1, HEAD))
    assert (["IMPRESSION", "PLAY_REQUEST", "PLAY"], ["too-old-detail"]) == (telling.names, telling.passed)


def test_the_limits_are_the_settings() -> None:
    """Whoever wants late events may have them."""
    generous = replace(PLAYER, max_age=MaxAge(detail=900.0))
    assert "PAUSE" in Telling(rules=generous, age=600.0).tell(*BEGUN, PausedEvent(13.5, 1, HEAD)).names


def test_half_a_pair_is_never_told_without_its_beginning() -> None:
    """BUFFER events come in pairs: one that has lost its first half is none."""
    telling = Telling().tell(*BEGUN)
    telling.age = 301.0
    telling.tell(Stalled(13.5, 1, HEAD, False))
    telling.age = 0.0
    telling.tell(Recovered(20.0, 1, HEAD, False, 6.5), PausedEvent(21.0, 1, HEAD))
    assert ["PAUSE"] == telling.names[3:]


def test_an_end_that_is_too_old_is_not_told_later_either() -> None:
    """Nor may it turn up with the next event, hours after."""
    telling = Telling().tell(*BEGUN, Stalled(13.5, 1, HEAD, False))
    telling.age = 301.0
    telling.tell(Recovered(20.0, 1, HEAD, False, 6.5))
    telling.age = 0.0
    telling.tell(PausedEvent(21.0, 1, HEAD))
    assert (["BUFFER_START", "PAUSE"], ["too-old-detail"]) == (telling.names[3:], telling.passed)


def test_a_view_that_was_too_old_leaves_its_buffering_to_the_next() -> None:
    """What no VIEW has told must not be taken for told."""
    telling = Telling().tell(*BEGUN, Stalled(5.0, 1, HEAD, False), Recovered(8.0, 1, HEAD, False, 3.0))
    telling.age = 301.0
    telling.tell(Watched(12.5, 1, HEAD))
    telling.age = 0.0
    telling.tell(Watched(22.5, 1, replace(HEAD, played=22.0)))
    assert ["3", "3"] == telling.last("bufferTime", "bufferTimeSum")


def test_views_that_the_service_does_not_want_are_counted_and_take_no_index() -> None:
    """views_disabled_by_reply: the numbers go on as if there had been none."""
    telling = Telling(views=False).tell(*BEGUN, Watched(12.5, 1, HEAD), PausedEvent(13.5, 1, HEAD))
    assert (["PLAY", "PAUSE"], [3, 4], [VIEWS_OFF]) == (telling.names[2:], telling.indexes[2:], telling.passed)


@pytest.mark.parametrize(
    ("expected", "of_medium", "entry_id"),
    [("no-entry", None, None), ("dark-screen", "0_a", None), ("bad-entry-id", "http://x", "http://x")],
)
def test_a_play_without_a_usable_entry_is_counted_once(
    expected: str, of_medium: str | None, entry_id: str | None
) -> None:
    """Whoever looks at the number wants to know how many plays are missing, not how many messages."""
    opened = replace(BEGUN[0], media=replace(MEDIA, entry_id=of_medium))  # type: ignore[arg-type]
    telling = Telling(who=owner(entry_id=entry_id)).tell(opened, *BEGUN[1:], PausedEvent(13.5, 1, HEAD))
    assert ([], [expected]) == (telling.names, telling.passed)


def test_a_play_whose_opening_was_never_seen_is_counted_once() -> None:
    """The destination was switched on in mid-film: its eventIndex would begin with a PAUSE."""
    telling = Telling().tell(PausedEvent(13.5, 1, HEAD), CaptionsChanged(14.0, 1, HEAD, 1))
    assert ([], [NO_OPENING]) == (telling.names, telling.passed)
    assert ["IMPRESSION", "PLAY_REQUEST"] == telling.tell(replace(BEGUN[0], session=2, at=20.0)).names


def test_a_deed_that_concerns_no_play_is_counted() -> None:
    """A share on a page without a player: this service has a number for it only in a play."""
    telling = Telling().tell(*BEGUN)
    telling.who = replace(owner(), session_id="")
    telling.tell(Engaged(3.0, Deed.SHARE_OPENED), Engaged(4.0, Deed.UPLOAD_OPENED))
    assert [NO_PLAYBACK] == telling.passed
    assert [NO_PLAYBACK] == Telling(who=telling.who).tell(Engaged(3.0, Deed.SHARE_OPENED)).passed


@given(st.booleans(), st.sampled_from([None, 0.0, 400.0, 4000.0]))
def test_the_same_state_and_event_give_the_same_messages(views: bool, age: float | None) -> None:
    """After a crash between two messages of an event the rest must be what it was."""
    telling = Telling(views=views, age=age).tell(*BEGUN)
    assert telling.one(Watched(12.5, 1, HEAD)) == telling.one(Watched(12.5, 1, HEAD))
