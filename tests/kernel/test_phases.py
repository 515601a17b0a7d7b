"""The table of moves."""

import typing

from agent.kernel.events import (
    Closed,
    Ending,
    Event,
    Failed,
    Fault,
    Opened,
    Playhead,
    RateChanged,
    Started,
)
from agent.kernel.media import Media
from agent.kernel.phases import DETAILS, MOVES, RUNNING, SPOTS, Phase, follow

HEAD = Playhead()
OPENED = Opened(1.0, 1, HEAD, Media("A", "u"))


def test_every_event_can_come_somewhere() -> None:
    """An event that no phase allows would never be told."""
    possible = {kind for moves in MOVES.values() for kind in moves} | DETAILS | SPOTS
    assert set(typing.get_args(Event)) == possible


def test_every_phase_can_reach_the_end() -> None:
    """A session that cannot close would keep its play open for ever."""
    for phase in Phase:
        assert Phase.IDLE is phase or Closed in MOVES[phase]


def test_an_event_out_of_order_leads_nowhere() -> None:
    """Illegal moves change nothing; the tracker does not say them."""
    assert follow(Phase.IDLE, Started(1.0, 1, HEAD, 0.1)) is None
    assert follow(Phase.PLAYING, OPENED) is None
    assert follow(Phase.ENDING, RateChanged(1.0, 1, HEAD)) is None
    assert Phase.OPENING is follow(Phase.IDLE, OPENED)


def test_a_fault_ends_a_session_only_where_it_is_fatal() -> None:
    """Sound goes on where there is no display."""
    harmless = Failed(1.0, 1, HEAD, Fault.NO_DISPLAY, False)
    fatal = Failed(1.0, 1, HEAD, Fault.ENDED_EARLY, True)
    for phase in RUNNING:
        assert phase is follow(phase, harmless)
        assert Phase.ENDING is follow(phase, fatal)
    assert follow(Phase.OPENING, harmless) is None


def test_only_closed_follows_the_end() -> None:
    """Ended and a fatal fault are the last word but one."""
    assert [Closed] == list(MOVES[Phase.ENDING])
    assert Phase.IDLE is follow(Phase.ENDING, Closed(1.0, 1, HEAD, Ending.FAILED))
