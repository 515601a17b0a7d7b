"""The texts that are hashed."""

import json
from typing import Any

import pytest

from agent.kernel.boots import Boot
from agent.kernel.display import Shown
from agent.kernel.events import Ending
from agent.kernel.play_chain import ORIGIN, Clock, Gap, Note, linked, note_text, play_text, read_note
from tests.support.outbox import BOOT
from tests.support.plays import a_play

FIELDS: dict[str, Any] = {
    "session": "another",
    "item": "another",
    "entry_id": None,
    "boot_id": "another",
    "began": 1.0,
    "ended": 1.0,
    "is_started": False,
    "played": 1.0,
    "duration": None,
    "is_complete": False,
    "ending": Ending.STOPPED,
    "shown": Shown.OFF,
    "dark_s": 1.0,
    "is_left_out": True,
    "last": 9,
}


def test_text_of_a_play_is_as_it_was_released() -> None:
    """A hash that another version makes of the same line would call every kiosk a forger after its upgrade."""
    text = (
        '["play",7,"00000000-0000-0000-0000-000000000001","/srv/media/clip-1.mp4","0_entry001",'
        f'"{BOOT}",130000,160000,true,29960,30000,true,"completed","on",0,false,0]'
    )
    assert text == play_text(7, a_play())
    assert linked(ORIGIN, text) != linked(linked(ORIGIN, text), text)


@pytest.mark.parametrize("field", FIELDS)
def test_each_field_of_a_play_is_in_its_text(field: str) -> None:
    """What is not hashed can be changed."""
    changed = json.loads(play_text(7, a_play()))
    found = json.loads(play_text(7, a_play(**{field: FIELDS[field]})))
    assert 1 == sum(one != other for one, other in zip(changed, found, strict=True))


@pytest.mark.parametrize("note", [Clock("b", None, None, 1.5), Clock("b", 1.7e9, None, 0.0), Gap(3, 9, "damage")])
def test_note_comes_back_as_it_was(note: Note) -> None:
    """What was learnt of a boot dates all of its plays."""
    assert (5, 2, note) == read_note(note_text(5, 2, note))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "7", '["clock",1,1,"b",null,null]', '["gap",1,1,2,3,"x"] ', '["gap",true,1,2,3,"x"]', '["x",1,1]'],
)
def test_anything_else_is_no_note(text: str) -> None:
    """A line that reads in two ways could be changed unseen."""
    with pytest.raises(ValueError, match="not"):
        read_note(text)


def test_clock_is_a_boot_for_the_bounds() -> None:
    """Plays of a boot that never saw the time are dated between its neighbours."""
    assert Boot("b", None, 9.0, 5.0) == Clock("b", None, 5.0, 9.0).boot
