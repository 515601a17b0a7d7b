"""Which of several VLCs is followed."""

from hypothesis import given
from hypothesis import strategies as st

from agent.player.attached.roster import STOPPED_S, VLC, Roster, is_vlc
from agent.player.attached.state import State, Status

SECOND = f"{VLC}.instance123"
PLAYS, PAUSES, STOPS = State(Status.PLAYING), State(Status.PAUSED), State(Status.STOPPED)


def two(first: State, second: State, chosen: str | None = None) -> Roster:
    """Two players in their states, known in this order."""
    roster = Roster(chosen)
    roster.own(":1", VLC, 0.0)
    roster.own(":2", SECOND, 0.0)
    roster.know(":1", first, 0.0)
    roster.know(":2", second, 0.0)
    return roster


def test_names_of_vlc_are_told_from_those_of_other_players() -> None:
    """A browser has a name there, too."""
    names = [VLC, SECOND, f"{VLC}x", "org.mpris.MediaPlayer2.chromium.instance9", "org.freedesktop.DBus"]
    assert [True, True, False, False, False] == [is_vlc(name) for name in names]


def test_the_one_that_plays_is_followed() -> None:
    """The other one was left open, stopped."""
    roster = two(STOPS, PLAYS)
    assert (":2", "vlc.instance123", ("vlc",)) == (roster.followed, roster.name, roster.others)


def test_the_one_that_is_followed_stays_so_while_it_does_something() -> None:
    """Two that play at once must not make one story of two."""
    roster = two(PLAYS, PLAYS)
    assert ":1" == roster.followed
    roster.know(":1", PAUSES, 0.0)
    assert ":1" == roster.followed
    roster.know(":1", STOPS, 0.0)
    roster.look(STOPPED_S)
    assert ":2" == roster.followed
    roster.know(":1", PLAYS, 0.0)
    assert ":2" == roster.followed


def test_stop_between_two_items_leaves_no_player_for_another() -> None:
    """A list of films, and music beside it: what ends each few minutes is the film and not its player."""
    roster = two(PLAYS, PLAYS)
    roster.know(":1", STOPS, 10.0)
    assert (":1", 10.0 + STOPPED_S) == (roster.followed, roster.due)
    roster.look(10.0 + STOPPED_S / 2)
    roster.know(":1", PLAYS, 11.5)
    roster.look(60.0)
    assert (":1", None) == (roster.followed, roster.due)
    roster.know(":1", STOPS, 70.0)
    roster.know(":2", PAUSES, 71.0)
    roster.look(80.0)
    assert (":1", None) == (roster.followed, roster.due), "nobody else plays"
    roster.know(":2", PLAYS, 81.0)
    assert (":2", None) == (roster.followed, roster.due)


def test_chosen_name_that_passes_to_another_player_is_followed_there() -> None:
    """Names are the bus's to give."""
    roster = two(PLAYS, PLAYS, "vlc")
    roster.leave(":1", VLC, 0.0)
    assert None is roster.followed
    roster.own(":2", VLC, 0.0)
    assert ":2" == roster.followed


def test_player_that_never_said_anything_is_named_after_a_time() -> None:
    """It hangs: whoever looks for the reason shall not read that there is none."""
    roster = Roster()
    roster.own(":1", VLC, 5.0)
    assert ((), ("vlc",)) == (roster.mute(4.0), roster.mute(5.0))
    roster.know(":1", STOPS, 0.0)
    assert () == roster.mute(99.0)


def test_player_that_is_gone_leaves_its_place_to_another() -> None:
    """Or to nobody."""
    roster = two(PLAYS, PAUSES)
    roster.leave(":1", VLC, 0.0)
    assert (":2", ()) == (roster.followed, roster.others)
    roster.leave(":2", SECOND, 0.0)
    assert (None, None, ()) == (roster.followed, roster.name, roster.others)


def test_chosen_name_is_the_only_one_that_is_followed() -> None:
    """A kiosk with two screens has a host for each."""
    assert ":2" == two(PLAYS, STOPS, "vlc.instance123").followed
    assert ":1" == two(STOPS, PLAYS, "org.mpris.MediaPlayer2.vlc").followed
    roster = two(PLAYS, PLAYS, "vlc.instance9")
    assert (None, ("vlc", "vlc.instance123")) == (roster.followed, roster.others)


def test_two_names_of_one_process_are_one_player() -> None:
    """`--control dbus` gives VLC a second name."""
    roster = Roster()
    assert roster.own(":1", VLC, 0.0) is True
    assert roster.own(":1", SECOND, 0.0) is False
    roster.know(":1", PLAYS, 0.0)
    assert ("vlc", ()) == (roster.name, roster.others)
    roster.leave(":1", VLC, 0.0)
    assert "vlc.instance123" == roster.name


def test_player_that_has_said_nothing_is_not_followed() -> None:
    """A VLC that hangs as it starts would keep us from the other."""
    roster = Roster()
    roster.own(":1", VLC, 0.0)
    assert (None, ("vlc",), (":1",)) == (roster.followed, roster.others, roster.unknown)
    assert None is roster.change(":1", status=Status.PLAYING)
    roster.know(":9", PLAYS, 0.0)
    assert None is roster.followed


STEPS = st.lists(
    st.tuples(st.sampled_from(["own", "leave", "know", "clear"]), st.integers(1, 3), st.sampled_from(Status)),
    max_size=40,
)


@given(STEPS)
def test_whatever_comes_and_goes_one_that_plays_is_followed_if_there_is_one(
    steps: list[tuple[str, int, Status]],
) -> None:
    """And nobody who is not there."""
    roster, states = Roster(), dict[str, State]()
    names = set[str]()
    for step, number, status in steps:
        owner, name = f":{number}", f"{VLC}.instance{number}"
        if step == "own":
            roster.own(owner, name, 0.0)
            names.add(owner)
        elif step == "leave":
            roster.leave(owner, name, 0.0)
            names.discard(owner)
            states.pop(owner, None)
        elif step == "know":
            roster.know(owner, State(status), 0.0)
            if owner in names:
                states[owner] = State(status)
        else:
            roster.clear()
            names.clear()
            states.clear()
        roster.look(STOPPED_S)
        assert None is roster.due
        assert roster.followed is None or roster.followed in states
        followed = None if roster.followed is None else states[roster.followed].status
        if Status.PLAYING in {state.status for state in states.values()}:
            assert followed in (Status.PLAYING, Status.PAUSED)
