"""What a VLC is asked over the bus besides its position, and how often."""

from typing import Any

from agent.kernel import signals
from agent.player.attached import mpris
from agent.player.attached.bus import Emitted
from agent.player.attached.overbus import HANGS_S, POLL_S
from agent.player.attached.roster import VLC
from agent.player.attached.source import Attachment
from tests.player.attached.test_overbus import BUS, Stage, properties


def test_vlc_that_never_answers_is_named_and_not_heaped_with_questions() -> None:
    """It was stopped by its debugger, or hangs as it starts; each question would wait in the bus for ever."""
    stage = Stage()
    stage.rise()
    stage.take(Emitted(BUS, "NameOwnerChanged", (VLC, "", ":1")))
    assert Attachment(problem="vlc has just come, and has not said yet what it plays") == stage.source.attachment
    for _ in range(9):
        stage.work(HANGS_S)
    assert [":1"] == stage.asked(mpris.GET_PLAYER)
    assert Attachment(problem="vlc does not answer: it hangs, or is held") == stage.source.attachment
    stage.answer("GetAll", {})
    stage.answer("GetAll", properties())
    stage.work()
    assert Attachment("vlc") == stage.source.attachment


def lengthened(seconds: int, place: str = "/a.") -> tuple[str, dict[str, Any]]:
    """What VLC answers of its item."""
    shown = {"mpris:trackid": ("o", place), "xesam:url": ("s", "file:///a.mp4")}
    return "a{sv}", {**shown, "mpris:length": ("x", seconds * 1000000)}


def test_length_that_vlc_has_guessed_better_is_asked_for() -> None:
    """It pushes its first guess of an MP3 without a header alone: all quarters would come in the first seconds."""
    stage = Stage()
    stage.rise()
    stage.meet(":1", VLC, properties())
    place = properties()["Metadata"][1]["mpris:trackid"][1]
    asked = []
    for step in range(1, 240):
        stage.work(POLL_S)
        stage.answer("Get", ("x", step * 250000))
        if stage.asked(mpris.GET_ITEM):
            asked.append(step * POLL_S)
            stage.answer("Item", lengthened(60, place))
    assert [60.0] == [each.length for _, each in stage.told if isinstance(each, signals.LengthChanged)][1:]
    assert [0.75, 1.75, 3.75, 7.75, 15.75, 31.75, 47.75] == asked


def test_item_that_an_answer_is_ahead_with_is_left_to_what_is_pushed() -> None:
    """VLC pushes the stop between the two later: the next item would be told twice."""
    stage = Stage()
    stage.rise()
    stage.meet(":1", VLC, properties())
    for step in range(1, 4):
        stage.work(POLL_S)
        stage.answer("Get", ("x", step * 250000))
    stage.answer("Item", lengthened(60, "/another"))
    assert ["file:///a.mp4"] == stage.uris()
    assert [8.0] == [each.length for _, each in stage.told if isinstance(each, signals.LengthChanged)]


def test_names_without_end_fit_a_line() -> None:
    """They cost nothing on a bus, and the agent takes lines of 64 KiB."""
    stage = Stage()
    stage.rise()
    stage.meet(":1", VLC, properties())
    for number in range(500):
        stage.take(Emitted(BUS, "NameOwnerChanged", (f"{VLC}.instance{number}", "", f":9.{number}")))
    assert 0 < len(stage.source.attachment.others) < 20
