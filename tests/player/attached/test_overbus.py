"""Following a VLC over a session bus that is a list of calls."""

from typing import Any

from agent.kernel import signals
from agent.player import wire
from agent.player.attached import mpris
from agent.player.attached.bus import Answered, BusDown, BusUp, Emitted
from agent.player.attached.mpris import Call
from agent.player.attached.observer import Told
from agent.player.attached.overbus import HANGS_S, POLL_S, OverBus
from agent.player.attached.roster import VLC
from agent.player.attached.source import Attachment
from agent.player.wire import MediumFound

SECOND = f"{VLC}.instance7"
BUS = "org.freedesktop.DBus"


def properties(status: str = "Playing", uri: str = "file:///a.mp4", **others: Any) -> dict[str, Any]:
    """What a VLC shows."""
    metadata = {"mpris:trackid": ("o", f"/at{uri[-5]}"), "xesam:url": ("s", uri), "mpris:length": ("x", 8000000)}
    return {"PlaybackStatus": ("s", status), "Metadata": ("a{sv}", metadata), **others}


class Stage:
    """An OverBus, the clock, and the bus that remembers each call."""

    def __init__(self, chosen: str | None = None) -> None:
        self.now = 100.0
        self.calls: list[tuple[int, str, Call]] = []
        self.used: list[object] = []
        self.told: list[Told] = []
        self._number = 0
        self.source = OverBus(self, chosen=chosen, user="kiosk")

    # What a Bus has.
    def use(self, connection: Any) -> None:
        self.used.append(connection)

    def watch(self) -> None:
        pass

    def names(self) -> int:
        return self.call(BUS, Call(BUS, "ListNames"))

    def owner(self, name: str) -> int:
        return self.call(BUS, Call(BUS, "GetNameOwner", "s", (name,)))

    def call(self, owner: str, call: Call) -> int:
        self._number += 1
        self.calls.append((self._number, owner, call))
        return self._number

    # What a test does.
    def take(self, heard: object) -> None:
        self.told += self.source.take(heard, self.now)

    def work(self, after: float = 0.0) -> None:
        self.now += after
        self.told += self.source.work(self.now)

    def answer(self, member: str, *body: Any, failed: bool = False) -> None:
        """Answer the oldest call of `member` that waits; "Item" is the Get of the item."""
        asked = next(each for each in self.calls if member == ("Item" if each[2] is mpris.GET_ITEM else each[2].member))
        self.calls.remove(asked)
        self.take(Answered(asked[0], None if failed else body))

    def meet(self, owner: str, name: str, shows: dict[str, Any]) -> None:
        """A player comes, and is asked what it shows."""
        self.take(Emitted(BUS, "NameOwnerChanged", (name, "", owner)))
        self.answer("GetAll", {"Fullscreen": ("b", False)})
        self.answer("GetAll", shows)

    def change(self, owner: str, **changed: Any) -> None:
        self.take(Emitted(owner, "PropertiesChanged", (mpris.PLAYER, changed, [])))

    def rise(self) -> None:
        """The bus is there, and nobody on it."""
        self.take(BusUp(None))  # type: ignore[arg-type]
        self.answer("ListNames", [BUS, ":1.0"])

    def asked(self, call: Call) -> list[str]:
        """Who was asked that, and has not answered."""
        return [owner for _, owner, each in self.calls if each is call]

    def polls(self) -> list[str]:
        """Who was asked for a position and has not answered."""
        return [owner for _, owner, call in self.calls if call is mpris.GET_POSITION]

    def uris(self) -> list[str]:
        return [each.uri for _, each in self.told if isinstance(each, MediumFound)]


def test_vlc_that_is_there_already_is_found_and_followed() -> None:
    """The kiosk starts its VLC, and us, in any order."""
    stage = Stage()
    stage.take(BusUp(None))  # type: ignore[arg-type]
    stage.answer("ListNames", [BUS, ":1.0", "org.mpris.MediaPlayer2.chromium.instance2", VLC])
    stage.answer("GetNameOwner", ":1.4")
    stage.answer("GetAll", {"Fullscreen": ("b", True)})
    stage.answer("GetAll", properties())
    assert Attachment("vlc") == stage.source.attachment
    assert ["file:///a.mp4"] == stage.uris()
    stage.work()
    stage.answer("Get", ("x", 1500000))
    assert (1, signals.Sampled(stage.now, 1.5, 1.0, True)) == stage.told[-1]
    assert (1, 1.5) == (stage.source.token, stage.source.position)


def test_position_is_asked_for_while_it_plays_and_never_twice_at_a_time() -> None:
    """A VLC that does nothing is left alone, and one that is slow is not heaped with questions."""
    stage = Stage()
    stage.rise()
    stage.meet(":1", VLC, properties("Paused"))
    stage.work(60.0)
    assert [] == stage.polls()
    stage.change(":1", PlaybackStatus=("s", "Playing"))
    stage.work()
    stage.work(POLL_S)
    assert [":1"] == stage.polls()
    stage.answer("Get", ("x", 500000))
    stage.work(0.01)
    assert [] == stage.polls()
    stage.work(POLL_S)
    assert [":1"] == stage.polls()
    stage.change(":1", PlaybackStatus=("s", "Stopped"))
    stage.answer("Get", failed=True)
    stage.work(60.0)
    assert [] == stage.polls()
    assert None is stage.source.due(stage.now)


def test_vlc_that_hangs_is_named() -> None:
    """Its picture stands, and the bus says nothing of it."""
    stage = Stage()
    stage.rise()
    stage.meet(":1", VLC, properties())
    stage.work()
    stage.work(HANGS_S + 1.0)
    assert "does not answer" in str(stage.source.attachment.problem)
    stage.answer("Get", ("x", 500000))
    stage.work(0.1)
    assert Attachment("vlc") == stage.source.attachment


def test_answer_that_comes_late_counts_only_where_there_is_no_other() -> None:
    """It is of no certain time: the one after it would look like a seek."""
    stage = Stage()
    stage.rise()
    stage.meet(":1", VLC, properties())
    for late, position, counts in ((0.0, 1000000, True), (0.5, 1100000, False), (0.6, 1200000, True)):
        stage.work(POLL_S)
        stage.now += late
        told = len(stage.told)
        stage.answer("Get", ("x", position))
        assert counts == (len(stage.told) > told)


def test_vlc_that_dies_and_comes_back_is_followed_again() -> None:
    """The play that it interrupted is told as lost, and the next one is another."""
    stage = Stage()
    stage.rise()
    stage.meet(":1", VLC, properties())
    stage.take(Emitted(BUS, "NameOwnerChanged", (VLC, ":1", "")))
    assert isinstance(stage.told[-1][1], signals.PlayerLost)
    assert (None, True) == (stage.source.attachment.name, "no VLC" in str(stage.source.attachment.problem))
    stage.meet(":2", VLC, properties(uri="file:///b.mp4"))
    assert ["file:///a.mp4", "file:///b.mp4"] == stage.uris()
    assert 2 == stage.source.token


def test_second_vlc_is_followed_once_the_first_one_stops() -> None:
    """Each signal is of the one that was followed when it was said."""
    stage = Stage()
    stage.rise()
    stage.meet(":1", VLC, properties())
    stage.meet(":2", SECOND, properties(uri="file:///b.mp4"))
    assert Attachment("vlc", ("vlc.instance7",)) == stage.source.attachment
    stage.change(":2", Rate=("d", 2.0))
    stage.take(Emitted(":2", "Seeked", (7000000,)))
    assert ["file:///a.mp4"] == stage.uris()
    stage.change(":1", PlaybackStatus=("s", "Stopped"))
    assert ["file:///a.mp4"] == stage.uris(), "it may only be between two items"
    due = stage.source.due(stage.now)
    assert due is not None
    stage.work(due - stage.now)
    assert Attachment("vlc.instance7", ("vlc",)) == stage.source.attachment
    assert ["file:///a.mp4", "file:///b.mp4"] == stage.uris()
    assert [] == [each for _, each in stage.told if isinstance(each, signals.PlayerLost)], "it was stopped"


def test_bus_that_goes_away_loses_the_player_and_says_why() -> None:
    """The user logged out."""
    stage = Stage()
    stage.rise()
    stage.meet(":1", VLC, properties())
    stage.work()
    stage.take(BusDown("it has ended"))
    assert isinstance(stage.told[-1][1], signals.PlayerLost)
    assert Attachment(problem="it has ended") == stage.source.attachment
    assert None is stage.used[-1]
    stage.rise()
    stage.meet(":1", VLC, properties())
    assert 2 == stage.source.token


def test_false_seeked_is_passed_over_and_a_true_one_said_at_once() -> None:
    """VLC sends both: 0.4 s after the start, and when somebody seeks."""
    stage = Stage()
    stage.rise()
    stage.meet(":1", VLC, properties())
    told = len(stage.told)
    stage.now += 0.4
    stage.take(Emitted(":1", "Seeked", (400000,)))
    assert told == len(stage.told)
    stage.now += 3.0
    stage.take(Emitted(":1", "Seeked", (7000000,)))
    assert (1, signals.TimeChanged(stage.now, 7.0)) in stage.told


def test_chosen_player_that_is_not_there_is_named() -> None:
    """Somebody wrote another name than VLC has."""
    stage = Stage(chosen="vlc.instance9")
    stage.rise()
    stage.meet(":1", VLC, properties())
    problem = "no vlc.instance9 on the session bus of kiosk: start it, or correct --name of kiosk-attach"
    assert Attachment(None, ("vlc",), problem) == stage.source.attachment


def test_player_that_did_not_say_its_state_is_asked_again() -> None:
    """A VLC that is just starting has its name before its answers."""
    stage = Stage()
    stage.rise()
    stage.take(Emitted(BUS, "NameOwnerChanged", (VLC, "", ":1")))
    stage.answer("GetAll", failed=True)
    stage.answer("GetAll", failed=True)
    stage.work(10.0)
    stage.answer("GetAll", {})
    stage.answer("GetAll", properties())
    assert "vlc" == stage.source.attachment.name


def test_commands_go_to_the_one_that_is_followed() -> None:
    """And to nobody where there is none."""
    stage = Stage()
    stage.source.obey(wire.Pause())
    stage.rise()
    stage.meet(":1", VLC, properties())
    for command in (wire.Pause(), wire.Overlay(None), wire.Seek(2.0)):
        stage.source.obey(command)
    assert [(":1", "Pause"), (":1", "SetPosition")] == [(owner, call.member) for _, owner, call in stage.calls]


def test_words_that_make_no_sense_change_nothing() -> None:
    """Whoever is on the bus may say anything."""
    stage = Stage()
    stage.rise()
    stage.meet(":1", VLC, properties())
    told = len(stage.told)
    for heard in (
        Emitted(":1", "NameOwnerChanged", (VLC, ":1", "")),
        Emitted(":1", "PropertiesChanged", ()),
        Emitted(":1", "PropertiesChanged", (mpris.PLAYER, {"Rate": 3}, [])),
        Emitted(":1", "Seeked", ("far",)),
        Emitted(":9", "Seeked", (7000000,)),
        Emitted(":9", "PropertiesChanged", (mpris.PLAYER, {"Rate": ("d", 2.0)}, [])),
        Answered(999, ("x",)),
    ):
        stage.take(heard)
    assert told == len(stage.told)
    assert Attachment("vlc") == stage.source.attachment
