"""Events in stats.collect's words, by the guide and by Kaltura's own players."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.attribution import Attribution, session_id
from agent.kernel.events import (
    CaptionsChanged,
    Closed,
    Ended,
    Ending,
    Event,
    Failed,
    Fault,
    FullscreenChanged,
    Loaded,
    Opened,
    PausedEvent,
    Playhead,
    Progressed,
    RateChanged,
    Recovered,
    Replayed,
    Resumed,
    Seeked,
    Stalled,
    Started,
)
from agent.sinks.base import Message, Projection
from agent.sinks.kaltura.projection import PLAYER_END, Kind, Semantics, milestones, project
from tests.support.playback import GENERATION, MEDIA, WALL, Ideal, owner, scenarios, stored

GUIDE, PLAYER = Semantics.GUIDE, Semantics.PLAYER
HEAD = Playhead(position=12.9, duration=60.4)


def projected(
    event: Event, semantics: Semantics = GUIDE, *, state: str = "", attribution: Attribution | None = None
) -> Projection:
    """One event alone."""
    return project(state, stored(event, attribution=attribution), event, time=WALL + event.at, semantics=semantics)


def told(events: list[Event], semantics: Semantics) -> list[Message]:
    """All messages of a story."""
    state = ""
    messages: list[Message] = []
    for sequence, event in enumerate(events, start=1):
        found = project(state, stored(event, sequence), event, time=WALL + event.at, semantics=semantics)
        state = found.state
        messages += found.messages
    return messages


def kinds(messages: list[Message]) -> list[int]:
    """Their numbers."""
    return [int(message.fields["eventType"]) for message in messages]


def scenario(name: str) -> dict[str, Any]:
    """One recorded scenario."""
    (found,) = (line for line in scenarios() if line["id"] == name)
    return found


def story(name: str, semantics: Semantics) -> list[Event]:
    """The events of a recorded scenario."""
    line = scenario(name)
    return list(Ideal(milestones(semantics), line["media"]["duration_s"]).events(line["script"]))


@pytest.mark.parametrize(
    ("expected", "event"),
    [
        ([1], Opened(1.0, 1, HEAD, MEDIA)),
        ([2], Loaded(1.0, 1, HEAD)),
        ([3], Started(1.0, 1, HEAD, 0.3)),
        ([4], Progressed(1.0, 1, HEAD, 0.25)),
        ([5], Progressed(1.0, 1, HEAD, 0.5)),
        ([6], Progressed(1.0, 1, HEAD, 0.75)),
        ([], Progressed(1.0, 1, HEAD, 0.9)),
        ([7], Ended(1.0, 1, HEAD, True)),
        ([], Ended(1.0, 1, HEAD, False)),
        ([12], Stalled(1.0, 1, HEAD, False)),
        ([], Stalled(1.0, 1, HEAD, True)),
        ([13], Recovered(1.0, 1, HEAD, False, 2.0)),
        ([], Recovered(1.0, 1, HEAD, True, 2.0)),
        ([14], FullscreenChanged(1.0, 1, HEAD, True)),
        ([15], FullscreenChanged(1.0, 1, HEAD, False)),
        ([16], Replayed(1.0, 2, HEAD, 1)),
        ([17], Seeked(1.0, 1, HEAD, 3.0, 12.9)),
        ([], PausedEvent(1.0, 1, HEAD)),
        ([], Resumed(1.0, 1, HEAD)),
        ([], RateChanged(1.0, 1, HEAD)),
        ([], CaptionsChanged(1.0, 1, HEAD, None)),
        ([], Failed(1.0, 1, HEAD, Fault.CODEC, True)),
        ([], Closed(1.0, 1, HEAD, Ending.SKIPPED)),
    ],
)
def test_an_event_by_the_guide_has_its_number_or_is_silent(expected: list[int], event: Event) -> None:
    """The guide's table 5.1; a wrong number is a wrong statistic for ever."""
    found = projected(event)
    assert expected == kinds(list(found.messages))
    assert found.passed is None


def test_a_seek_by_the_guide_has_its_fields_in_order() -> None:
    """Seconds, rounded down; the order is part of the server's cache key."""
    full = replace(owner(), user_id="viewer", uiconf_id=23448255, client_version="kiosk-agent 0.1.0")
    head = replace(HEAD, seeked=True)
    (message,) = projected(Seeked(1.5, 1, head, 3.0, 12.9), attribution=full).messages
    expected = [
        ("partnerId", "102"),
        ("entryId", "0_abcd1234"),
        ("eventType", "17"),
        ("sessionId", session_id(GENERATION, 1)),
        ("eventTimestamp", "1795000001"),
        ("uiconfId", "23448255"),
        ("clientVer", "kiosk-agent 0.1.0"),
        ("referrer", "kiosk://device-001"),
        ("userId", "viewer"),
        ("currentPoint", "12"),
        ("duration", "60"),
        ("seek", "true"),
        ("newPoint", "12"),
    ]
    assert expected == list(message.fields.items())
    assert (f"{GENERATION}-1-0", "SEEK", WALL + 1.5) == (message.token, message.name, message.time)


def test_a_seek_by_the_players_is_in_milliseconds() -> None:
    """Kaltura's players send epoch milliseconds and a position in milliseconds; the duration stays in seconds."""
    fields = projected(Seeked(1.5, 1, HEAD, 3.0, 12.9), PLAYER).messages[0].fields
    wanted = ("eventTimestamp", "currentPoint", "newPoint", "duration")
    assert [fields[name] for name in wanted] == ["1795000001500", "12900", "12900", "60"]


def test_what_is_unknown_is_left_out_by_the_guide_and_zero_by_the_players() -> None:
    """The guide's optional fields; the recorded player sends zeros before the metadata and for live."""
    event = Opened(1.0, 1, Playhead(), MEDIA)
    assert not {"currentPoint", "duration"} & set(projected(event).messages[0].fields)
    fields = projected(event, PLAYER).messages[0].fields
    assert (fields["currentPoint"], fields["duration"]) == ("0", "0")


def test_texts_are_cleaned_and_empty_ones_left_out() -> None:
    """A comma in a configured name must not shift the columns of Kaltura's log."""
    dirty = replace(owner(), referrer="kiosk://a,b\n", user_id="\x00", client_version="v" * 99)
    fields = projected(Loaded(1.0, 1, HEAD), attribution=dirty).messages[0].fields
    assert (fields["referrer"], fields["clientVer"], "userId" in fields) == ("kiosk://ab", "v" * 31, False)


@pytest.mark.parametrize(("passed", "entry_id"), [("no-entry", None), ("bad-entry-id", "http://x"), (None, "0_a")])
@pytest.mark.parametrize("semantics", [GUIDE, PLAYER])
def test_a_medium_without_a_usable_entry_is_passed_over_and_counted(
    passed: str | None, entry_id: str | None, semantics: Semantics
) -> None:
    """It plays but cannot be reported: whoever wonders sees the number of such plays, by reason."""
    opened = projected(Opened(1.0, 1, HEAD, MEDIA), semantics, attribution=owner(entry_id=entry_id))
    assert passed == opened.passed
    loaded = projected(Loaded(1.0, 1, HEAD), semantics, attribution=owner(entry_id=entry_id))
    assert loaded.passed is None
    assert [passed is None] * 2 == [bool(opened.messages), bool(loaded.messages)]


def test_a_silent_event_of_a_medium_without_entry_is_not_counted() -> None:
    """What would not have been sent anyway was not passed over."""
    assert projected(PausedEvent(1.0, 1, HEAD), attribution=owner(entry_id=None)).passed is None


def test_a_replay_by_the_guide_is_a_new_session() -> None:
    """Decision 12: 1, 2, 16, 3 with an id of its own, and quartiles again."""
    messages = told(story("replay_without_seek_fact", GUIDE), GUIDE)
    assert kinds(messages) == [1, 2, 3, 4, 5, 6, 7, 1, 2, 16, 3, 4, 5, 6, 7]
    assert [session_id(GENERATION, 1)] * 7 + [session_id(GENERATION, 2)] * 8 == [
        message.fields["sessionId"] for message in messages
    ]


def test_a_replay_by_the_players_stays_in_the_old_session() -> None:
    """The recorded player: the same id, 16, and nothing a second time."""
    messages = told(story("replay_without_seek_fact", PLAYER), PLAYER)
    assert kinds(messages) == [1, 2, 3, 4, 5, 6, 7, 16]
    assert {session_id(GENERATION, 1)} == {message.fields["sessionId"] for message in messages}


def test_a_replay_of_a_replay_by_the_players_stays_in_the_first_session() -> None:
    """However often it is repeated, the player's session is one."""
    first: list[Event] = [Opened(1.0, 1, HEAD, MEDIA), Started(2.0, 1, HEAD, 0.1), Progressed(3.0, 1, HEAD, 0.5)]
    again: list[Event] = [Opened(4.0, 2, HEAD, MEDIA, replays=1), Replayed(5.0, 2, HEAD, 1), Started(6.0, 2, HEAD, 0.1)]
    third: list[Event] = [
        Opened(7.0, 3, HEAD, MEDIA, replays=2),
        Replayed(8.0, 3, HEAD, 2),
        Progressed(9.0, 3, HEAD, 0.75),
    ]
    messages = told([*first, *again, *third], PLAYER)
    assert {session_id(GENERATION, 1)} == {message.fields["sessionId"] for message in messages}
    assert kinds(messages) == [1, 3, 4, 5, 16, 16]


def test_a_replay_whose_session_is_forgotten_keeps_its_id_and_sends_no_quartile() -> None:
    """The store was read from the middle: better a quartile too few than one twice."""
    messages = told([Opened(4.0, 2, HEAD, MEDIA, replays=1), Replayed(5.0, 2, HEAD, 1)], PLAYER)
    assert ([16], session_id(GENERATION, 1)) == (kinds(messages), messages[0].fields["sessionId"])


def test_a_jump_over_quartiles_by_the_guide_never_fires_them() -> None:
    """The guide, 7.3: 0 to 40 of 60 s and watch on; 25 and 50 % were never reached by playing."""
    assert kinds(told(story("seek_forward_past_quartiles", GUIDE), GUIDE)) == [1, 2, 3, 17, 6, 7]


def test_a_jump_over_quartiles_by_the_players_fires_them_at_once_in_order() -> None:
    """kaltura.md section 4: v7, Android and iOS fire all passed ones at once."""
    messages = told(story("seek_forward_past_quartiles", PLAYER), PLAYER)
    assert kinds(messages) == [1, 2, 3, 17, 4, 5, 6, 7]
    assert [message.fields["currentPoint"] for message in messages[3:6]] == ["40000", "40000", "40000"]
    assert [f"{GENERATION}-4-{part}" for part in range(3)] == [message.token for message in messages[3:6]]


DIFFERENCES: dict[str, tuple[list[int], str]] = {
    "seek_forward_past_quartiles": ([1, 2, 3, 17, 4, 5, 6, 7], "v2 sends one quartile a poll; all newer ones at once"),
    "seek_with_rebuffering": ([1, 2, 3, 12, 17, 4, 5, 13, 6, 7], "the passed quartiles come with the landing"),
    "seek_several_quick": ([1, 2, 3, 17, 17, 17, 17, 17, 17], "the tracker coalesces scrubbing, not the projection"),
    "replay_after_end": ([1, 2, 3, 4, 5, 6, 7, 16], "a browser restarts by a seek, VLC does not"),
    "replay_without_seek_fact": ([1, 2, 3, 4, 5, 6, 7, 16], "v2 reads the old playhead, we are at 0 already"),
    "initial_buffering": ([1, 2, 3, 4], "decision 13"),
    "error_before_play": ([1], "decision 11"),
    "stop_midway_new_media": ([1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7], "decision 11: every session starts with 1, 2"),
}


@pytest.mark.parametrize("line", scenarios(), ids=lambda line: str(line["id"]))
def test_a_recorded_scenario_by_the_players_gives_what_v2_sent(line: dict[str, Any]) -> None:
    """The only player that speaks stats.collect, but for the differences that README.md lists."""
    messages = told(story(line["id"], PLAYER), PLAYER)
    if line["id"] in DIFFERENCES:
        assert DIFFERENCES[line["id"]][0] == kinds(messages)
        return
    recorded = [(row["eventType"], str(row["currentPoint"])) for row in line["legacy"]]
    assert recorded == [(int(message.fields["eventType"]), message.fields["currentPoint"]) for message in messages]
    durations = [str(row["duration"]) for row in line["legacy"]][1:]  # v2 knows the duration before loading
    assert durations == [message.fields["duration"] for message in messages][1:]


def test_semantics_that_change_in_mid_session_send_no_quartile_twice() -> None:
    """The guide's rules sent 25 and 50 % before the setting was changed and the agent restarted."""
    at_75, end = Progressed(3.0, 1, Playhead(45.0, 60.0), 0.75), Ended(4.0, 1, Playhead(60.0, 60.0), True)
    assert kinds(told([at_75, end], PLAYER)) == [6, 7]
    assert kinds(told([Seeked(2.0, 1, Playhead(40.0, 60.0), 0.0, 40.0), at_75, end], PLAYER)) == [17, 6, 7]
    assert kinds(told([end], PLAYER)) == [7]


def test_milestones_are_what_the_semantics_needs() -> None:
    """The tracker fires only what it was asked for; 98 % is the recorded player's end."""
    assert milestones(GUIDE) == (0.25, 0.5, 0.75)
    assert milestones(PLAYER) == (0.25, 0.5, 0.75, PLAYER_END)


POSITIONS = st.floats(0.0, 60.0)
EVENTS = st.one_of(
    st.builds(Loaded, st.just(1.0), st.just(1), st.just(HEAD)),
    st.builds(Started, st.just(1.0), st.just(1), st.builds(Playhead, POSITIONS, st.just(60.0)), st.just(0.1)),
    st.builds(Seeked, st.just(1.0), st.just(1), st.builds(Playhead, POSITIONS, st.just(60.0)), POSITIONS, POSITIONS),
    st.builds(
        Progressed,
        st.just(1.0),
        st.just(1),
        st.builds(Playhead, POSITIONS, st.just(60.0)),
        st.sampled_from(milestones(PLAYER)),
    ),
    st.builds(Ended, st.just(1.0), st.just(1), st.builds(Playhead, POSITIONS, st.just(60.0)), st.booleans()),
)


@settings(deadline=None)
@given(st.lists(EVENTS, max_size=20))
def test_any_session_by_the_players_has_each_quartile_once_in_order(events: list[Event]) -> None:
    """Whatever the order of seeks and marks, a statistic of quartiles must add up."""
    story = [Opened(0.0, 1, Playhead(), MEDIA), *events]
    quartiles = [kind for kind in kinds(told(story, PLAYER)) if 4 <= kind <= 7]
    assert quartiles == list(range(4, 4 + len(quartiles)))


@settings(deadline=None)
@given(st.lists(EVENTS, max_size=10), st.sampled_from(list(Semantics)))
def test_the_same_state_and_event_give_the_same_messages(events: list[Event], semantics: Semantics) -> None:
    """After a crash between two parts of an event the rest must be what it was."""
    assert told(events, semantics) == told(events, semantics)


def test_every_number_is_one_that_the_service_takes() -> None:
    """0, 41, 98 and 99 are INVALID_ENUM_VALUE."""
    assert all(1 <= kind <= 40 for kind in Kind)
