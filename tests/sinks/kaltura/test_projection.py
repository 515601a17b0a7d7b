"""Events as messages of stats.collect, by the guide and in general."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.activity import Deed, Engaged, PageViewed
from agent.kernel.attribution import session_id
from agent.kernel.events import Ended, Event, Loaded, Opened, PausedEvent, Playhead, Progressed, Seeked, SpotStarted
from agent.kernel.media import Role
from agent.sinks.kaltura.semantics import Semantics
from tests.support.collecting import GUIDE, PLAYER, kinds, projected, story, told
from tests.support.playback import GENERATION, MEDIA, owner

HEAD = Playhead(position=12.9, duration=60.4)


@pytest.mark.parametrize(
    ("passed", "of_medium", "entry_id"),
    [
        ("no-entry", None, None),
        ("dark-screen", "0_a", None),
        ("bad-entry-id", "http://x", "http://x"),
        (None, "0_a", "0_a"),
    ],
)
@pytest.mark.parametrize("semantics", [GUIDE, PLAYER])
def test_a_medium_without_a_usable_entry_is_passed_over_and_counted(
    passed: str | None, of_medium: str | None, entry_id: str | None, semantics: Semantics
) -> None:
    """It plays but cannot be reported, or nobody saw it: whoever wonders sees the number of such plays, by reason."""
    media = replace(MEDIA, entry_id=of_medium)
    opened = projected(Opened(1.0, 1, HEAD, media), semantics, attribution=owner(entry_id=entry_id))
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


def test_a_jump_over_quartiles_by_the_guide_never_fires_them() -> None:
    """The guide, 7.3: 0 to 40 of 60 s and watch on; 25 and 50 % were never reached by playing."""
    assert kinds(told(story("seek_forward_past_quartiles", GUIDE), GUIDE)) == [1, 2, 3, 17, 6, 7]


@pytest.mark.parametrize(("passed", "entry_id"), [("no-entry", None), ("bad-entry-id", "http://x")])
def test_a_deed_without_a_usable_entry_is_counted_and_a_spot_is_not(passed: str, entry_id: str | None) -> None:
    """Each deed is a thing of its own; a spot belongs to a play that was counted where it opened."""
    nobody = owner(entry_id=entry_id)
    deed = projected(Engaged(1.0, Deed.UPLOAD_OPENED), attribution=nobody)
    spot = projected(SpotStarted(1.0, 1, HEAD, Role.PREROLL), attribution=nobody)
    assert [(passed, ()), (None, ())] == [(found.passed, tuple(found.messages)) for found in (deed, spot)]


def test_a_deed_without_a_session_is_counted() -> None:
    """The guide's 5.2 requires one; an empty one would join strangers."""
    assert "no-session" == projected(Engaged(1.0, Deed.PUBLISHED), attribution=replace(owner(), session_id="")).passed


@pytest.mark.parametrize("semantics", [GUIDE, PLAYER])
def test_what_only_track_event_knows_is_silent_and_not_counted(semantics: Semantics) -> None:
    """It goes its own way; here it is missing to nobody, whatever entry it has."""
    for fact in (PageViewed(1.0), Engaged(1.0, Deed.RELATED_CLICKED)):
        found = projected(fact, semantics, attribution=owner(entry_id=None))
        assert ((), None) == (tuple(found.messages), found.passed)


FACTS = st.one_of(
    st.builds(
        Seeked,
        st.just(1.0),
        st.just(1),
        st.builds(Playhead, st.floats(0.0, 60.0), st.just(60.0)),
        st.just(0.0),
        st.floats(0.0, 60.0),
    ),
    st.builds(Progressed, st.just(1.0), st.just(1), st.just(HEAD), st.sampled_from([0.25, 0.5, 0.75])),
    st.builds(Ended, st.just(1.0), st.just(1), st.just(HEAD), st.booleans()),
)


@settings(deadline=None)
@given(st.lists(FACTS, max_size=10), st.sampled_from(list(Semantics)))
def test_the_same_state_and_event_give_the_same_messages(events: list[Event], semantics: Semantics) -> None:
    """After a crash between two parts of an event the rest must be what it was."""
    assert told(events, semantics) == told(events, semantics)
