"""Events as text."""

import json
import typing
from dataclasses import fields
from enum import Enum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.activity import Activity
from agent.kernel.codec import KINDS, BadBodyError, UnknownKindError, decode, encode, priority
from agent.kernel.events import (
    Closed,
    Ending,
    Event,
    Failed,
    Fault,
    FullscreenChanged,
    Loaded,
    Playhead,
    Progressed,
    RateChanged,
    SourceSelected,
)
from agent.kernel.records import Priority
from tests.support.script import Script

WORDS = (
    "opened loaded playing progressed paused resumed seeked stalled recovered ended closed replayed rate volume"
    " captions audio-track source flavor fullscreen error watched spot-playing spot-progressed spot-ended engaged page"
    " button custom portal"
)
events: st.SearchStrategy[Event | Activity] = st.one_of(*[st.from_type(kind) for kind in KINDS])


@given(events)
@settings(deadline=None)
def test_an_event_comes_back_as_it_was(event: Event | Activity) -> None:
    """What is sent next month must be what happened today."""
    if not _finite(event):
        return
    assert event == decode(*encode(event))


def _finite(value: object) -> bool:
    if isinstance(value, float):
        return abs(value) < float("inf")
    if isinstance(value, tuple):
        return all(_finite(item) for item in value)
    if hasattr(value, "__dataclass_fields__") and not isinstance(value, Enum):
        return all(_finite(getattr(value, field.name)) for field in fields(value))  # type: ignore[arg-type]
    return True


def test_every_event_has_its_word() -> None:
    """Decision 1 names them; a queue on a device knows them for years."""
    assert {*typing.get_args(Event), *typing.get_args(Activity)} == set(KINDS)
    assert sorted(WORDS.split()) == sorted(KINDS.values())


def test_a_body_is_compact_and_complete() -> None:
    """Flash and queue are small; defaults are left out."""
    body = encode(Progressed(at=12.5, session=3, head=Playhead(position=2.0, duration=8.0), fraction=0.25))
    assert ("progressed", '{"at":12.5,"session":3,"head":{"position":2.0,"duration":8.0},"fraction":0.25}') == body


def test_a_whole_session_comes_back() -> None:
    """With everything that a real playback tells."""
    told = Script(owned=True).open(length=60.0).play(20.0).seek(40.0).play(59.8).end().told()
    assert told == [decode(*encode(event)) for event in told]


def test_keys_of_a_later_version_are_passed_over() -> None:
    """A queue survives a downgrade."""
    assert Loaded(1.0, 2, Playhead()) == decode("loaded", '{"at":1.0,"session":2,"head":{"mood":9},"colour":"red"}')


def test_an_unknown_kind_is_refused_by_name() -> None:
    """It must go to the dead letters, not vanish."""
    with pytest.raises(UnknownKindError):
        decode("danced", "{}")


@pytest.mark.parametrize("body", ["", "nonsense", "[]", "{}", '{"at":1.0,"session":1,"head":7}', '{"head":{}}'])
def test_a_damaged_body_is_refused_by_name(body: str) -> None:
    """A flipped bit on an SD card must not stop the queue."""
    with pytest.raises(BadBodyError):
        decode("progressed", body)


def test_a_play_outlives_its_details() -> None:
    """When the disk is full, what counts a play goes last (decision 29)."""
    head = Playhead()
    for event in (
        Progressed(1.0, 1, head, 0.25),
        FullscreenChanged(1.0, 1, head, True),
        Failed(1.0, 1, head, Fault.UNPLAYABLE, True),
        Closed(1.0, 1, head, Ending.STOPPED),
    ):
        assert Priority.PLAY is priority(event)
    assert Priority.DETAIL is priority(RateChanged(1.0, 1, head))
    assert Priority.DETAIL is priority(SourceSelected(1.0, 1, head, "u"))
    assert "error" == json.loads(json.dumps(encode(Failed(1.0, 1, head, Fault.CODEC, False))[0]))
