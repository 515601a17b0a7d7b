"""Quartiles and replays as Kaltura's own players tell them."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.activity import Activity, Deed, Engaged
from agent.kernel.attribution import session_id
from agent.kernel.events import (
    Ended,
    Ending,
    Event,
    Loaded,
    Opened,
    Playhead,
    Progressed,
    Replayed,
    Seeked,
    SpotEnded,
    SpotProgressed,
    SpotStarted,
    Started,
)
from agent.kernel.media import Role
from agent.sinks.base import Message
from agent.sinks.kaltura.players import Memory, follow
from agent.sinks.kaltura.semantics import Semantics, milestones
from tests.support.collecting import GUIDE, PLAYER, kinds, projected, story, told
from tests.support.playback import GENERATION, MEDIA, owner, scenarios, stored

HEAD = Playhead(position=12.9, duration=60.4)
NEAR_ITS_END = Playhead(position=59.9, duration=60.0)


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


def test_a_jump_over_quartiles_by_the_players_fires_them_at_once_in_order() -> None:
    """kaltura.md section 4: v7, Android and iOS fire all passed ones at once."""
    messages = told(story("seek_forward_past_quartiles", PLAYER), PLAYER)
    assert kinds(messages) == [1, 2, 3, 17, 4, 5, 6, 7]
    assert [message.fields["currentPoint"] for message in messages[3:6]] == ["40000", "40000", "40000"]
    assert [f"{GENERATION}-4-{part}" for part in range(3)] == [message.token for message in messages[3:6]]


def test_a_replays_deeds_and_spots_go_under_the_first_sessions_id() -> None:
    """Whoever looks at one session of a player sees all that happened in it."""
    facts: list[Event | Activity] = [
        Opened(1.0, 1, HEAD, MEDIA),
        Opened(4.0, 2, HEAD, MEDIA, replays=1),
        SpotStarted(5.0, 2, HEAD, Role.PREROLL),
        SpotProgressed(5.0, 2, HEAD, Role.PREROLL, 0.5),
    ]
    messages = told(facts, PLAYER)
    assert [1, 24, 33] == kinds(messages)
    assert {session_id(GENERATION, 1)} == {message.fields["sessionId"] for message in messages}


def test_a_deed_of_another_session_goes_under_its_own_id() -> None:
    """A dialog is opened while nothing plays: it is nobody's play."""
    state = projected(Opened(1.0, 1, HEAD, MEDIA), PLAYER).state
    found = projected(Engaged(2.0, Deed.SHARE_OPENED), PLAYER, state=state, attribution=owner(7))
    assert [session_id(GENERATION, 7)] == [message.fields["sessionId"] for message in found.messages]
    assert state == found.state


def test_an_activity_before_any_playback_leaves_no_memory() -> None:
    """A memory of a session that never was would swallow the next one's quartiles."""
    assert "" == projected(Engaged(2.0, Deed.SHARE_OPENED), PLAYER).state
    assert Memory() == follow(Memory(), stored(Engaged(2.0, Deed.PUBLISHED)), Engaged(2.0, Deed.PUBLISHED)).memory


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


OPENED, LOADED = Opened(0.0, 1, Playhead(), MEDIA), Loaded(0.0, 1, Playhead(0.0, 60.0))
BEGINNING: list[Event] = [OPENED, LOADED, Started(1.0, 1, Playhead(0.0, 60.0), 0.1)]
COURSE: list[Event] = [
    *(Progressed(2.0, 1, Playhead(60.0 * part, 60.0), part) for part in milestones(PLAYER)),
    Ended(4.0, 1, Playhead(60.0, 60.0), complete=True),
]


@pytest.mark.parametrize("changed_after", range(1, 9))
@pytest.mark.parametrize(("before", "after", "scale"), [(GUIDE, PLAYER, 1), (PLAYER, GUIDE, 1000)])
def test_semantics_that_change_in_mid_session_leave_the_session_as_it_began(
    changed_after: int, before: Semantics, after: Semantics, scale: int
) -> None:
    """A document may change the setting at any moment: no number twice, none missing, no seconds after milliseconds."""
    state = ""
    messages: list[Message] = []
    for number, fact in enumerate([*BEGINNING, *COURSE]):
        semantics = before if number < changed_after else after
        found = projected(fact, semantics, state=state, sequence=number + 1)
        state = found.state
        messages += found.messages
    assert [1, 2, 3, 4, 5, 6, 7] == kinds(messages)
    assert scale * 30 == float(messages[4].fields["currentPoint"])


def test_next_session_goes_by_the_semantics_of_now() -> None:
    """Else a change would never count on a kiosk that plays one list for ever."""
    state = projected(OPENED, PLAYER).state
    after = projected(Opened(5.0, 2, Playhead(), MEDIA), GUIDE, state=state, attribution=owner(2))
    assert ("", [1]) == (after.state, kinds(list(after.messages)))
    replay = projected(Opened(5.0, 2, Playhead(), MEDIA, replays=1), PLAYER, attribution=owner(2))
    assert replay.state


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
    begun: list[Event | Activity] = [Opened(0.0, 1, Playhead(), MEDIA), *events]
    quartiles = [kind for kind in kinds(told(begun, PLAYER)) if 4 <= kind <= 7]
    assert quartiles == list(range(4, 4 + len(quartiles)))


BYSTANDERS = st.one_of(
    st.builds(SpotStarted, st.just(1.0), st.just(1), st.just(NEAR_ITS_END), st.sampled_from(Role)),
    st.builds(
        SpotProgressed,
        st.just(1.0),
        st.just(1),
        st.just(NEAR_ITS_END),
        st.sampled_from(Role),
        st.sampled_from([0.25, 0.5, 0.75]),
    ),
    st.builds(
        SpotEnded, st.just(1.0), st.just(1), st.just(NEAR_ITS_END), st.sampled_from(Role), st.sampled_from(Ending)
    ),
    st.builds(Engaged, st.just(1.0), st.sampled_from(Deed), st.just(NEAR_ITS_END)),
)


@settings(deadline=None)
@given(st.lists(st.one_of(EVENTS, BYSTANDERS), max_size=20), st.sampled_from([GUIDE, PLAYER]))
def test_spots_and_deeds_never_touch_the_contents_quartiles(facts: list[Event | Activity], semantics: Any) -> None:
    """An advertisement that stands at 99 % of the film is no film that was watched to 99 %."""
    begun: list[Event | Activity] = [Opened(0.0, 1, Playhead(), MEDIA), *facts]
    content = [fact for fact in begun if not isinstance(fact, SpotStarted | SpotProgressed | SpotEnded | Engaged)]
    wanted = [kind for kind in kinds(told(content, semantics)) if kind < 8]
    assert wanted == [kind for kind in kinds(told(begun, semantics)) if kind < 8]
